"""Which parties stay in when everybody may leave: stable coalitions by iterated withdrawal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sim.errors import ConfigError
from sim.kernels.choice import TOLERANCE, is_at_least
from sim.types import Bools, Floats, Ints

__all__ = ["Coalition", "largest_stable_coalition"]

Reassess = Callable[[Bools], Floats]


@dataclass(frozen=True)
class Coalition:
    """Who is left when nobody who is in wants out.

    Attributes
    ----------
    is_member
        (P,) the coalition, possibly empty.
    left_in
        (P,) int: the round in which a party left, from 1; 0 for those who stay and those who were
        never in.
    first_margin
        (P,) logits: margins with everybody of the start in; what the parties think before anybody
        leaves. Parties with negative ones are where an unravelling begins.
    margin
        (P,) logits: margins in the final coalition; NaN when it is empty.
    asked
        How often margins were asked for.
    """

    is_member: Bools
    left_in: Ints
    first_margin: Floats
    margin: Floats
    asked: int


def largest_stable_coalition(
    start: Bools,
    reassess: Reassess,
    *,
    withdrawal: Literal["worst", "all"] = "worst",
) -> Coalition:
    """Let parties leave until nobody inside wants out, given the others (internal stability).

    Who leaves in a round is a choice. When a larger coalition makes being in more attractive for
    those who are in (market access, networks), the order does not matter: everybody who leaves in
    any order must leave in every order, and what remains is the largest of all stable coalitions
    (the greatest fixed point of a monotone map, Tarski 1955). When being in gets *better* as
    others leave (a crowded market, free riding), letting all leave at once overshoots: two parties
    may each want out only as long as the other is in. Hence the one worst off leaves first by
    default, and the rest are asked again. Equals leave together, so that the result does not
    depend on the order of the parties.

    External stability (nobody outside wants in) is not asked for: the door stays open, and a later
    accession is an event of its own.

    Parameters
    ----------
    start
        (P,) who is in at first: all who may be.
    reassess
        Margins (P,), logits, when the coalition in a mask (P,) goes ahead and each party compares
        being in with being out given the others. Only those of parties in the mask are used; a NaN
        is a party that does not know and leaves.
    withdrawal
        "worst" lets the worst off leave in each round (at most P + 1 questions), "all" everybody
        with a negative margin (few questions).

    Returns
    -------
    Coalition

    Raises
    ------
    ConfigError
        When `reassess` answers with an array of another shape.

    References
    ----------
    d'Aspremont, Jacquemin, Gabszewicz & Weymark (1983), Canadian Journal of Economics 16(1);
    Barrett (1994), Oxford Economic Papers 46.

    Examples
    --------
    Two parties crowd each other out; one of them can stay:

    >>> crowd = lambda mask: np.array([1.0, 1.1]) - 0.6 * mask.sum()
    >>> largest_stable_coalition(np.ones(2, bool), crowd).is_member
    array([False,  True])
    >>> largest_stable_coalition(np.ones(2, bool), crowd, withdrawal="all").is_member
    array([False, False])
    """
    members = np.array(start, dtype=np.bool_)
    left_in = np.zeros(members.size, dtype=np.int64)
    unknown = np.full(members.size, np.nan)
    first, margin, asked = unknown, unknown, 0
    while members.any():
        margin = _ask(reassess, members)
        asked += 1
        first = margin if asked == 1 else first
        leaving = members & ~is_at_least(margin)
        if not leaving.any():
            return Coalition(members, left_in, first, margin, asked)
        if withdrawal == "worst":
            standing = np.where(np.isnan(margin), -np.inf, margin)
            leaving &= standing <= standing[leaving].min() + TOLERANCE
        left_in[leaving] = asked
        members &= ~leaving
    return Coalition(members, left_in, first, unknown, asked)


def _ask(reassess: Reassess, members: Bools) -> Floats:
    # A copy goes out, so that a callback that keeps or changes its mask cannot change the result.
    margin = np.array(reassess(members.copy()), dtype=np.float64)
    if margin.shape != members.shape:
        raise ConfigError(
            f"reassess answered with shape {margin.shape} for a coalition",
            expected=f"one margin per party, shape {members.shape}",
        )
    return margin
