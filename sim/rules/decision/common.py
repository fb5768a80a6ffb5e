"""The registry of decision rules and the few lines that all of them share."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from sim.registry import Registry
from sim.rules.ballot import Ballot, Decision
from sim.types import Bools, Floats

__all__ = ["DECISION_RULES", "count_needed", "outcome", "reaches"]

DECISION_RULES: Registry[Callable[..., Decision]] = Registry("decision rule")

# Thresholds are decimal fractions in the treaties (55 %, two thirds) and binary ones here: 55 %
# of 100 members is 55, though 0.55 * 100 > 55 in floating point. Orders of magnitude below the
# smallest difference between two real sums of votes, and above rounding.
_SLACK = 1e-9


def count_needed(share: float, members: int) -> int:
    """Count the members needed to be at least a share of them.

    Parameters
    ----------
    share
        Threshold, 0–1.
    members
        Number of members it is a share of.

    Returns
    -------
    int
        From 0 to `members`.

    Examples
    --------
    >>> count_needed(0.55, 27), count_needed(0.55, 100), count_needed(2 / 3, 15)
    (15, 55, 10)
    """
    return math.ceil(share * members - _SLACK)


def reaches(amount: Floats, is_for: Bools, share: float) -> bool:
    """Whether those in the mask hold at least a share of something.

    Everybody together always does, also when the sum is zero or unknown, and a share of zero asks
    for nothing; otherwise holders of nothing never do.

    Parameters
    ----------
    amount
        (P,) what is summed: weights, people, trade (any unit, not negative).
    is_for
        (P,) the mask.
    share
        Threshold, 0–1.

    Returns
    -------
    bool

    Examples
    --------
    >>> reaches(np.array([50.0, 49.0, 1.0]), np.array([True, False, True]), 0.51)
    True
    """
    if share == 0 or is_for.all():
        return True
    held = float(amount[is_for].sum())
    return held > 0 and held >= share * float(amount.sum()) * (1 - _SLACK)


def outcome(
    ballot: Ballot,
    is_carried: bool,
    blockers: Bools,
    *,
    adopters: Bools | None = None,
    is_soft: bool = False,
    fallback: str = "",
) -> Decision:
    """Make the decision, with the invariants that hold for every rule.

    It passes with adopters (all parties unless told otherwise) and no blockers, or fails with
    blockers and no adopters; a ballot without parties fails with neither.

    Parameters
    ----------
    ballot
        The ballot decided on.
    is_carried
        Whether the rule's condition is met.
    blockers
        (P,) who is named if it is not.
    adopters
        (P,) who is bound if it is; everybody when None.
    is_soft, fallback
        As in `Decision`.

    Returns
    -------
    Decision

    Examples
    --------
    >>> outcome(Ballot.of([]), True, np.zeros(0, bool)).is_adopted
    False
    """
    is_adopted = is_carried and ballot.n > 0
    nobody = np.zeros(ballot.n, dtype=np.bool_)
    if not is_adopted:
        return Decision(False, nobody, blockers.copy(), is_soft, fallback)
    bound = np.ones(ballot.n, dtype=np.bool_) if adopters is None else adopters.copy()
    return Decision(True, bound, nobody, is_soft, fallback)
