"""Votes on human rights in a state: who is nearer to the sponsors than to the state they name.

A spatial model of roll calls: two places on a line, that of the state named and that of those who
table the draft, and a member votes for the nearer one (Poole & Rosenthal 1985; Bailey, Strezhnev &
Voeten 2017 for the line). What else is known to move such votes is added to it: how democratic the
member is, whether it is of the target's group, how grave the situation is (Lebovic & Voeten 2006;
Hug & Lukács 2014).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.kernels.bargaining import logistic
from sim.types import Bools, Floats

__all__ = ["AUTOCRACY", "CountryVote", "Situation", "expected_votes", "margins", "sponsors"]

AUTOCRACY = 0.5
"""Electoral democracy below which a state is an autocracy (Lührmann et al. 2018)."""


@dataclass(frozen=True)
class CountryVote:
    """What counts in a vote on a state, in logits.

    Attributes
    ----------
    distance
        Of a squared standard score of ideal points by which the sponsors are nearer.
    severity
        Of a step in gravity.
    democracy
        Of the member's electoral democracy, from 0 to 1.
    solidarity
        Lost when the member is of the target's group or its ally.
    abstention
        Loss up to which a member abstains instead of voting against.
    """

    distance: float
    severity: float
    democracy: float
    solidarity: float
    abstention: float


@dataclass(frozen=True, eq=False)
class Situation:
    """What a draft is about.

    Attributes
    ----------
    target
        Row of the state that is named.
    level
        How grave it is: 0 repression, 1 armed conflict or a coup, 2 war.
    stands_by
        (S,) who is of its group or its ally.
    """

    target: int
    level: int
    stands_by: Bools


def sponsors(ideal_point: Floats, target: float) -> float:
    """Where those stand who table a draft: the outer third of members far from the target.

    Parameters
    ----------
    ideal_point
        (P,) of the members; those that are not known are left out.
    target
        Of the state named.

    Examples
    --------
    A state on one side is named by the other.

    >>> line = np.array([-1.0, -0.8, -0.2, 0.0, 1.2, 1.4])
    >>> sponsors(line, -1.0) > 1 and sponsors(line, 1.4) < -0.8
    True
    """
    known = np.sort(ideal_point[np.isfinite(ideal_point)])
    if known.size == 0:
        return target
    third = max(known.size // 3, 1)
    low, high = float(known[:third].mean()), float(known[-third:].mean())
    return low if abs(low - target) > abs(high - target) else high


def margins(
    ideal_point: Floats, polyarchy: Floats, sits: Bools, what: Situation, model: CountryVote
) -> Floats:
    """Utility of a draft on a state, logits, without chance.

    Parameters
    ----------
    ideal_point, polyarchy
        (S,) of states; the place of one that is not known counts as midway.
    sits
        (S,) who votes, among whom the sponsors are.
    what
        The situation.
    model
        Coefficients.

    Returns
    -------
    (S,) utilities; the target's own is against, whatever else.

    Examples
    --------
    Of two members that differ in nothing else the nearer to the sponsors is readier.

    >>> model = CountryVote(0.5, 1.0, 2.0, 1.0, 1.5)
    >>> what = Situation(0, 2, np.zeros(3, dtype=bool))
    >>> at = np.array([-1.0, -0.5, 1.5])
    >>> found = margins(at, np.full(3, 0.6), np.ones(3, dtype=bool), what, model)
    >>> bool(found[2] > found[1] > found[0])
    True
    """
    place = ideal_point[what.target]
    place = float(place) if np.isfinite(place) else float(np.nanmean(ideal_point))
    tabled = sponsors(ideal_point[sits], place)
    nearer = np.nan_to_num((ideal_point - place) ** 2 - (ideal_point - tabled) ** 2)
    found = (
        model.distance * nearer
        + model.severity * what.level
        + model.democracy * (np.nan_to_num(polyarchy, nan=AUTOCRACY) - AUTOCRACY)
        - model.solidarity * what.stands_by
    )
    found[what.target] = -abs(found[what.target]) - model.abstention - 1.0
    return np.asarray(found)


def expected_votes(margin: Floats, abstention: float) -> tuple[float, float]:
    """Votes for and against that are to be expected where margins have logistic noise.

    Parameters
    ----------
    margin
        (P,) utilities of those who vote.
    abstention
        Loss up to which a member abstains.

    Examples
    --------
    Abstentions are taken from those against.

    >>> for_, against = expected_votes(np.zeros(10), 1.0)
    >>> float(for_), against < 5
    (5.0, True)
    """
    return float(logistic(margin).sum()), float(logistic(-margin - abstention).sum())
