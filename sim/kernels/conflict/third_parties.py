"""Mediation, and arbitration by the consent of both sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.kernels.bargaining import logistic
from sim.types import Bools, Floats

__all__ = [
    "Agreement",
    "ArbitrationTerms",
    "Crisis",
    "Mediated",
    "Quiet",
    "accept_arbitration",
    "net_of_mediation",
    "rest_of",
]


_LEAST = 1e-4  # of a chance, so that its logit is finite
_HALVINGS = 40  # of a distance of a few logits: to about 1e-12


@dataclass(frozen=True)
class Crisis:
    """What the chances in a crisis depend on; all (D,).

    Attributes
    ----------
    clashes, serious, protracted
        Minor clashes; serious clashes or war; part of a protracted conflict; 0 or 1.
    actors
        Number of states involved in the crisis, whether or not they are parties to it.
    war
        Full-scale war, which is serious as well.
    """

    clashes: Floats
    serious: Floats
    protracted: Floats
    actors: Floats
    war: Floats | float = 0.0


@dataclass(frozen=True)
class _CrisisModel:
    constant: float
    clashes: float
    serious: float
    protracted: float
    actors: float

    def index(self, crisis: Crisis) -> Floats:
        """Linear index of each crisis without a mediator, shape (D,), logits."""
        return (
            self.constant
            + self.clashes * crisis.clashes
            + self.serious * crisis.serious
            + self.protracted * crisis.protracted
            + self.actors * crisis.actors
        )


@dataclass(frozen=True)
class Mediated(_CrisisModel):
    """Coefficients of a crisis finding a mediator, logits.

    Examples
    --------
    >>> crisis = Crisis(np.zeros(2), np.array([0.0, 1.0]), np.zeros(2), np.full(2, 2.0))
    >>> model = Mediated(-1.7, 0.4, 0.7, 0.1, 0.1, 0.9)
    >>> bool(np.diff(model.chance(crisis))[0] > 0)
    True
    """

    prefix: ClassVar[str] = "crisis_mediated"
    war: float

    def index(self, crisis: Crisis) -> Floats:
        """Linear index of each crisis, shape (D,), logits."""
        return super().index(crisis) + self.war * crisis.war

    def chance(self, crisis: Crisis) -> Floats:
        """Chance of each crisis, shape (D,)."""
        return logistic(self.index(crisis))


@dataclass(frozen=True)
class _Mediation(_CrisisModel):
    mediated: float

    def chance(self, crisis: Crisis, is_mediated: Bools, style: Floats | float = 0.0) -> Floats:
        """Chance of each crisis.

        Parameters
        ----------
        crisis
            The crises.
        is_mediated
            (D,) whether somebody mediates.
        style
            Logits that the mediator's style adds to the mean of all styles; (D,) or one number.

        Returns
        -------
        (D,) chances.
        """
        return logistic(self.index(crisis) + is_mediated * (self.mediated + style))


@dataclass(frozen=True)
class Agreement(_Mediation):
    """Coefficients of a formal or semi-formal agreement, logits.

    Examples
    --------
    Mediated crises end in agreement more often, and more so where the mediator has leverage.

    >>> crisis = Crisis(np.zeros(3), np.zeros(3), np.zeros(3), np.full(3, 4.0))
    >>> model = Agreement(-1.5, 0.6, 0.3, -0.06, -0.045, 2.06)
    >>> style = np.array([0.0, -1.2, 0.7])  # without a mediator, facilitation, manipulation
    >>> model.chance(crisis, np.array([False, True, True]), style).round(2).tolist()
    [0.16, 0.31, 0.75]
    """

    prefix: ClassVar[str] = "crisis_agreement"


@dataclass(frozen=True)
class Quiet(_Mediation):
    """Coefficients of no new crisis between the same adversaries within five years, logits."""

    prefix: ClassVar[str] = "crisis_quiet"


@dataclass(frozen=True)
class ArbitrationTerms:
    """What going to a court costs a side, as a share of what is at stake."""

    prefix: ClassVar[str] = "arbitration"
    cost: float


def net_of_mediation(index: Floats, share: Floats | float, effect: float) -> Floats:
    """Logits of a settlement without a mediator, from those over all cases, mediated or not.

    Parameters
    ----------
    index
        (D,) logits over all cases.
    share
        (D,) share of cases that are mediated, or one for all.
    effect
        Logits that a mediator adds, not negative.

    Returns
    -------
    (D,) ``x`` with ``(1 − share) Λ(x) + share Λ(x + effect) = Λ(index)``, by bisection.

    Examples
    --------
    >>> x = net_of_mediation(np.array([-1.85]), np.array([0.3]), 2.0)
    >>> bool(np.isclose(0.7 * logistic(x) + 0.3 * logistic(x + 2.0), logistic(-1.85)))
    True
    """
    low, high = index - effect, np.array(index, dtype=float)
    wanted = logistic(index)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        is_above = (1.0 - share) * logistic(middle) + share * logistic(middle + effect) > wanted
        low, high = np.where(is_above, low, middle), np.where(is_above, middle, high)
    return np.asarray(0.5 * (low + high))


def rest_of(index: Floats, chance: Floats, share: Floats) -> Floats:
    """Logits of a settlement of disputes that are no crises, from those of all and of crises.

    Parameters
    ----------
    index
        (D,) logits over all disputes.
    chance
        (D,) chance of a settlement of those that are crises.
    share
        (D,) share of disputes that are crises; where it is 1 the result counts for nothing.

    Returns
    -------
    (D,) ``x`` with ``share · chance + (1 − share) Λ(x) = Λ(index)``; about −9 where crises alone
    have as many settlements as all disputes, or more.

    Examples
    --------
    Of all disputes .14 are settled; with a fifth of them crises, settled in .35, the others are
    settled in .08.

    >>> x = rest_of(np.array([-1.85]), np.array([0.35]), np.array([0.2]))
    >>> logistic(x).round(2).tolist()
    [0.08]
    """
    left = np.maximum(1.0 - share, _LEAST)
    rest = np.clip((logistic(index) - share * chance) / left, _LEAST, 1.0 - _LEAST)
    return np.asarray(np.log(rest / (1.0 - rest)))


def accept_arbitration(
    award: Floats, strength: Floats, cost: Floats, terms: ArbitrationTerms
) -> Bools:
    """Whether both sides would rather go to a court than hold out.

    Parameters
    ----------
    award
        (D, 2) share of the stake that each side expects the court to give it.
    strength
        (D, 2) share that each side expects from holding out.
    cost
        (D, 2) what holding out costs each side, in shares of the stake.
    terms
        What the court costs.

    Returns
    -------
    (D,) True where for both ``award − cost of the court ≥ strength − cost``.

    Notes
    -----
    After Fearon (1995): shares that the two expect need not add up to 1; where both expect to gain
    by holding out, by private beliefs, the court is refused.

    Examples
    --------
    With common beliefs, and a court that is cheaper than holding out, both accept; a side that
    expects to lose in court and to win outside does not.

    >>> common = np.array([[0.5, 0.5], [0.2, 0.8]])
    >>> strength = np.array([[0.5, 0.5], [0.6, 0.4]])
    >>> accept_arbitration(common, strength, np.full((2, 2), 0.1), ArbitrationTerms(0.01)).tolist()
    [True, False]
    """
    return np.asarray((award - terms.cost >= strength - cost).all(axis=-1))
