"""Rules under which a majority binds everybody."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from sim.rules.ballot import Ballot, Decision
from sim.rules.decision.common import DECISION_RULES, count_needed, outcome, reaches

__all__ = [
    "double_majority",
    "majority_with_vetoes",
    "qualified_majority",
    "simple_majority",
    "weighted_majority",
]


@DECISION_RULES.register
def simple_majority(
    ballot: Ballot, *, quorum: Annotated[float, Field(ge=0, le=1)] = 0.0
) -> Decision:
    """More votes for than against; abstentions are not counted, and a tie fails.

    Blockers are all who do not accept: an acceptance by any of them would have helped. The quorum
    is one of approval. One of turnout would let a party block by staying away what it cannot block
    by voting against, so that a friendlier vote could undo a decision; a body's quorum of presence
    is always met here, where an abstaining party is present.

    Parameters
    ----------
    quorum
        Least share of all parties that must vote for, 0–1.

    Returns
    -------
    Decision
        Binds everybody.

    References
    ----------
    UN Charter, Art. 18(3); Rules of Procedure of the General Assembly (A/520/Rev.20), rules 85,
    86 (abstaining is not voting) and 95 (an equally divided vote is a rejection).

    Examples
    --------
    >>> simple_majority(Ballot.of([1, 0, 0])).is_adopted
    True
    >>> simple_majority(Ballot.of([1, -1])).is_adopted
    False
    """
    for_it = int(np.count_nonzero(ballot.accepts))
    against = int(np.count_nonzero(ballot.objects))
    is_carried = for_it > against and for_it >= count_needed(quorum, ballot.n)
    return outcome(ballot, is_carried, ~ballot.accepts)


@DECISION_RULES.register
def qualified_majority(
    ballot: Ballot,
    *,
    threshold: Annotated[float, Field(gt=0, le=1)] = 2 / 3,
    of: Literal["members", "voting"] = "members",
) -> Decision:
    """At least a share of the parties, or of those voting, vote for.

    Blockers are all who do not accept. With nobody voting it fails.

    Parameters
    ----------
    threshold
        Least share in favour, 0–1.
    of
        What it is a share of: "members" (an abstention works like a vote against) or "voting"
        (abstentions are left out).

    Returns
    -------
    Decision
        Binds everybody.

    References
    ----------
    Marrakesh Agreement Establishing the WTO (1994), Art. XII:2 (two thirds of the members); UN
    Charter, Art. 18(2) (two thirds of the members present and voting).

    Examples
    --------
    >>> ballot = Ballot.of([1, 1, 0, -1])
    >>> qualified_majority(ballot).is_adopted, qualified_majority(ballot, of="voting").is_adopted
    (False, True)
    """
    for_it = int(np.count_nonzero(ballot.accepts))
    base = ballot.n if of == "members" else int(np.count_nonzero(ballot.vote))
    is_carried = for_it >= max(1, count_needed(threshold, base))
    return outcome(ballot, is_carried, ~ballot.accepts)


@DECISION_RULES.register
def double_majority(
    ballot: Ballot,
    *,
    member_share: Annotated[float, Field(gt=0, le=1)] = 0.55,
    population_share: Annotated[float, Field(gt=0, le=1)] = 0.65,
    blocking_minority: Annotated[int, Field(ge=1)] = 4,
) -> Decision:
    """Majority of members and of people; too few members cannot block on population alone.

    Passes when `member_share` of the parties accept and either they have `population_share` of the
    people or those who do not accept are fewer than `blocking_minority`. The clause waives the
    population alone: in a body of three, two objectors still stop a proposal. Abstentions count
    with the votes against. Blockers are all who do not accept.

    Parameters
    ----------
    member_share
        Least share of the parties, 0–1 (0.72 when the Council acts without a Commission proposal,
        TFEU Art. 238(2)).
    population_share
        Least share of the population of all parties, 0–1.
    blocking_minority
        Least number of parties that can block on population.

    Returns
    -------
    Decision
        Binds everybody.

    References
    ----------
    Treaty on European Union (consolidated 2016), Art. 16(4); Treaty on the Functioning of the
    European Union, Art. 238(3). Its demand of fifteen members is met by 55 % of 27.

    Examples
    --------
    Three giants cannot stop what everybody else wants:

    >>> ballot = Ballot.of([-1, -1, -1, 1, 1, 1, 1], population=[80, 70, 60, 1, 1, 1, 1])
    >>> double_majority(ballot).is_adopted
    True
    """
    accepts = ballot.accepts
    for_it = int(np.count_nonzero(accepts))
    is_minority_too_small = ballot.n - for_it < blocking_minority
    is_carried = for_it >= max(1, count_needed(member_share, ballot.n)) and (
        is_minority_too_small or reaches(ballot.population, accepts, population_share)
    )
    return outcome(ballot, is_carried, ~accepts)


@DECISION_RULES.register
def weighted_majority(
    ballot: Ballot, *, threshold: Annotated[float, Field(gt=0, le=1)] = 0.85
) -> Decision:
    """Those who accept hold at least a share of all voting weights.

    Abstentions count with the votes against. Blockers are all who do not accept and have a weight;
    when all weights are zero only everybody together carries, and all others are named.

    Parameters
    ----------
    threshold
        Least share of the total voting weight, 0–1.

    Returns
    -------
    Decision
        Binds everybody.

    References
    ----------
    Articles of Agreement of the International Monetary Fund, Art. III, Section 2(c) (85 % of the
    total voting power to change quotas) and Art. XII, Section 5.

    Examples
    --------
    >>> weighted_majority(Ballot.of([-1, 1, 1, 1], weight=[16.5, 40, 30, 13.5])).blockers
    array([ True, False, False, False])
    """
    is_carried = reaches(ballot.weight, ballot.accepts, threshold)
    refusing = ~ballot.accepts
    weighty = refusing & (ballot.weight > 0)
    return outcome(ballot, is_carried, weighty if weighty.any() else refusing)


@DECISION_RULES.register
def majority_with_vetoes(
    ballot: Ballot,
    *,
    share: Annotated[float, Field(gt=0, le=1)] = 0.6,
    number: Annotated[int, Field(ge=0)] = 0,
) -> Decision:
    """At least a share or number of the parties accept, and no veto holder votes against.

    The abstention of a veto holder is not a veto, though not a vote for either. Blockers are the
    veto holders who object, who alone suffice; without any, all who do not accept.

    Parameters
    ----------
    share
        Least share of the parties, 0–1 (nine of fifteen).
    number
        Least number of parties, instead of the share; everybody in a smaller body; 0 for the share.

    Returns
    -------
    Decision
        Binds everybody.

    References
    ----------
    UN Charter, Art. 27(3); ICJ, Legal Consequences for States of the Continued Presence of South
    Africa in Namibia, Advisory Opinion of 21 June 1971, para. 22 (abstention is no veto).

    Examples
    --------
    >>> holds = [True, True, False, False]
    >>> majority_with_vetoes(Ballot.of([0, 1, 1, 1], has_veto=holds)).is_adopted
    True
    >>> majority_with_vetoes(Ballot.of([-1, 1, 1, -1], has_veto=holds)).blockers
    array([ True, False, False, False])
    """
    vetoes = ballot.objects & ballot.has_veto
    needed = min(number, ballot.n) or max(1, count_needed(share, ballot.n))
    for_it = int(np.count_nonzero(ballot.accepts))
    is_vetoed = bool(vetoes.any())
    return outcome(
        ballot, for_it >= needed and not is_vetoed, vetoes if is_vetoed else ~ballot.accepts
    )
