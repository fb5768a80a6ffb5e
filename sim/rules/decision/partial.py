"""Rules under which some parties may go ahead of the others."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from sim.kernels.choice import is_at_least
from sim.kernels.coalition import largest_stable_coalition
from sim.rules.ballot import Ballot, Decision
from sim.rules.decision.common import DECISION_RULES, count_needed, outcome, reaches

__all__ = ["enhanced_cooperation", "partial_adoption"]


@DECISION_RULES.register
def partial_adoption(
    ballot: Ballot,
    *,
    minimum_members: Annotated[int, Field(ge=1)] = 2,
    critical_mass_members: Annotated[float, Field(ge=0, le=1)] = 0.0,
    critical_mass_trade: Annotated[float, Field(ge=0, le=1)] = 0.0,
    withdrawal: Literal["worst", "all"] = "worst",
) -> Decision:
    """Those who are ready adopt now: the largest coalition in which nobody wants out.

    When the ballot can be reassessed, all parties are in at first, those who would rather be out
    given the others leave (`sim.kernels.coalition`), and the votes on the full text do not matter:
    a party may vote against an agreement and yet join one that goes ahead without it (Gruber
    2000). When it cannot, who accepts with a margin that is not negative is in: joining is a
    signature, and an abstention is none. The door stays open; external stability is not asked for.

    Blockers are the parties that want out even with everybody in (without reassessment: all who
    are not in). Those who leave after them, because of them, are not named.

    Parameters
    ----------
    minimum_members
        Least number of adopters; everybody in a body smaller than that.
    critical_mass_members
        Least share of the parties that must adopt, 0–1; 0 asks for none.
    critical_mass_trade
        Least share of the parties' total trade that the adopters must cover, 0–1; 0 asks for none.
        Of the *parties'* trade, not of the world's, which no club of small states could reach: for
        a share c of world trade, state c divided by the parties' share of world trade.
    withdrawal
        Who leaves in a round: the "worst" off first, or "all" with a negative margin.

    Returns
    -------
    Decision
        Binds the coalition alone.

    References
    ----------
    Future of Investment and Trade (FIT) Partnership (2025): initiatives adopted by those ready;
    WTO, Ministerial Declaration on Trade in Information Technology Products (1996), Annex, para. 4
    (about 90 % of trade); d'Aspremont et al. (1983) for internal stability; Gruber (2000), *Ruling
    the World*.

    Examples
    --------
    The third leaves, and so the second, who wanted in only together with the third:

    >>> together = lambda mask: np.array([0.5, -0.2 + 0.4 * mask[2], -0.1])
    >>> ballot = Ballot.of([1, 1, -1], margin=[0.5, 0.2, -0.1], reassess=together)
    >>> partial_adoption(ballot, minimum_members=1).adopters
    array([ True, False, False])
    >>> partial_adoption(ballot, minimum_members=2).blockers
    array([False, False,  True])
    """
    if ballot.reassess is None:
        members = ballot.accepts & is_at_least(ballot.margin)
        wants_out = ~members
    else:
        found = largest_stable_coalition(
            np.ones(ballot.n, dtype=np.bool_), ballot.reassess, withdrawal=withdrawal
        )
        members, wants_out = found.is_member, ~is_at_least(found.first_margin)
    size = int(np.count_nonzero(members))
    is_carried = (
        size >= max(1, min(minimum_members, ballot.n))
        and size >= count_needed(critical_mass_members, ballot.n)
        and reaches(ballot.trade_share, members, critical_mass_trade)
    )
    return outcome(ballot, is_carried, wants_out, adopters=members)


@DECISION_RULES.register
def enhanced_cooperation(
    ballot: Ballot,
    *,
    minimum_members: Annotated[int, Field(ge=2)] = 9,
    withdrawal: Literal["worst", "all"] = "worst",
) -> Decision:
    """All together if all accept; as a last resort those who accept, if they are enough.

    Before the last resort it works like unanimity. At the last resort the acceptors go ahead, less
    those who would rather be out given the others when the ballot can be reassessed. Blockers are
    all who do not accept; at the last resort also acceptors who then want out.

    Parameters
    ----------
    minimum_members
        Least number of participants.
    withdrawal
        As for `partial_adoption`.

    Returns
    -------
    Decision
        Binds everybody, or the participants alone.

    References
    ----------
    Treaty on European Union (consolidated 2016), Art. 20(2) and (4): as a last resort, at least
    nine Member States, binding participants only.

    Examples
    --------
    >>> votes = [1] * 9 + [-1] * 2
    >>> enhanced_cooperation(Ballot.of(votes)).is_adopted
    False
    >>> int(enhanced_cooperation(Ballot.of(votes, is_last_resort=True)).adopters.sum())
    9
    """
    accepts = ballot.accepts
    if accepts.all():
        return outcome(ballot, True, ~accepts)
    members = accepts
    may_go_ahead = ballot.is_last_resort and int(np.count_nonzero(accepts)) >= minimum_members
    if may_go_ahead and ballot.reassess is not None:
        members = largest_stable_coalition(
            accepts, ballot.reassess, withdrawal=withdrawal
        ).is_member
    is_carried = may_go_ahead and int(np.count_nonzero(members)) >= minimum_members
    return outcome(ballot, is_carried, ~members, adopters=members)
