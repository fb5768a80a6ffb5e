"""How rules spread from those that have them to those that are near, and how alike they become."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.types import Bools, Floats, Ints

__all__ = ["Spreading", "convergence", "coverage", "hazards", "take_up"]

QUARTER = 0.25


@dataclass(frozen=True)
class Spreading:
    """Coefficients of the hazard, per year, and the distance at which it has fallen to 1/e.

    Attributes
    ----------
    shared
        Hazard of a body all of whose members are bound by the rule elsewhere.
    linked
        Hazard of a body that a charter links with those who have the rule.
    alone
        Hazard of a body without any contact.
    distance
        Difference of levels, in the unit of the level.
    """

    shared: float
    linked: float
    alone: float
    distance: float


def hazards(shared: Floats, linked: Bools, gap: Floats, model: Spreading) -> Floats:
    """(V, B) yearly hazard that a body takes up a rule.

    Parameters
    ----------
    shared
        (V, B) share of a body's members that are bound by the version (0-1).
    linked
        (V, B) whether a charter links the body with the version's.
    gap
        (V, B) how far the version's level is above the body's own rule, 0 where it has none; NaN
        where there is nothing to take up.

    Notes
    -----
    Contact adds up and distance takes off (competing standards): (shared · s + linked · l) ·
    exp(−gap / distance), with `alone` in place of the bracket where there is no contact. The form
    is that of a hazard model with spatial heterogeneity (Strang & Tuma 1993, American Journal of
    Sociology 99).

    Examples
    --------
    Without contact nothing spreads, and a rule near one's own is taken up more easily:

    >>> model = Spreading(shared=0.4, linked=0.08, alone=0.0, distance=5.0)
    >>> shared = np.array([[0.0, 0.5, 0.5, 0.5]])
    >>> gap = np.array([[0.0, 0.0, 5.0, np.nan]])
    >>> hazards(shared, np.zeros((1, 4), dtype=bool), gap, model).round(3).tolist()
    [[0.0, 0.2, 0.074, 0.0]]
    """
    is_near = (shared > 0) | linked
    contact = np.where(is_near, model.shared * shared + model.linked * linked, model.alone)
    return np.asarray(np.where(np.isnan(gap), 0.0, contact * np.exp(-gap / model.distance)))


def take_up(hazard: Floats, uniform: Floats) -> Ints:
    """(B,) row of the version that each body takes up this quarter, -1 for none.

    A body looks at the version nearest at hand: chance 1 − exp(−h / 4) of the greatest hazard.

    Parameters
    ----------
    hazard
        (V, B) per year.
    uniform
        (B,) draws.

    Examples
    --------
    >>> take_up(np.array([[0.0, 40.0], [0.0, 1.0]]), np.array([0.0, 0.5])).tolist()
    [-1, 0]
    """
    if not len(hazard):
        return np.full(uniform.size, -1, dtype=np.int64)
    best = hazard.argmax(axis=0)
    chance = -np.expm1(-QUARTER * hazard.max(axis=0))
    return np.asarray(np.where(uniform < chance, best, -1))


def coverage(bound: Bools, members: Bools, trade: Floats) -> tuple[float, float]:
    """Share of a body's members that are bound, and their share in its members' trade (0-1).

    Examples
    --------
    >>> members = np.array([True, True, True, False])
    >>> bound = np.array([True, False, False, True])
    >>> coverage(bound, members, np.array([6.0, 2.0, 2.0, 9.0]))
    (0.3333333333333333, 0.6)
    """
    inside = bound & members
    total = float(trade[members].sum())
    if not members.any() or total <= 0:
        return 0.0, 0.0
    return float(inside.sum() / members.sum()), float(trade[inside].sum() / total)


def convergence(family: Ints) -> float:
    """Chance that two states bound by some rule are bound by the same one (0-1); NaN below two.

    Parameters
    ----------
    family
        (S,) rule by which each state is bound, -1 for none.

    Examples
    --------
    >>> convergence(np.array([0, 0, 1, 1, -1])), convergence(np.array([0, 0, 0, -1]))
    (0.3333333333333333, 1.0)
    """
    count = np.bincount(family[family >= 0]).astype(float)
    total = count.sum()
    if total < 2:
        return float("nan")
    return float((count * (count - 1.0)).sum() / (total * (total - 1.0)))
