"""Rules under which a single party can stop a proposal, and their softened forms."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from sim.rules.ballot import REJECT, Ballot, Decision
from sim.rules.decision.common import DECISION_RULES, outcome, reaches

__all__ = [
    "asean_way",
    "conference_consensus",
    "consensus",
    "consensus_minus",
    "single_undertaking",
    "unanimity",
]


@DECISION_RULES.register
def unanimity(ballot: Ballot) -> Decision:
    """Every party must vote for; an abstention is not consent.

    Blockers are all who do not accept. Where a treaty lets unanimity stand beside abstentions, as
    TFEU Art. 238(4) does, the rule to name is `consensus`.

    Returns
    -------
    Decision
        Binds everybody.

    References
    ----------
    Vienna Convention on the Law of Treaties (1969), Art. 9(1): adoption of a text by the consent
    of all the states participating.

    Examples
    --------
    >>> unanimity(Ballot.of([1, 1, 0])).blockers
    array([False, False,  True])
    """
    return outcome(ballot, bool(ballot.accepts.all()), ~ballot.accepts)


@DECISION_RULES.register
def consensus(ballot: Ballot) -> Decision:
    """Silence is assent: only an objection blocks.

    Blockers are those who object.

    Returns
    -------
    Decision
        Binds everybody, those who kept silent included.

    References
    ----------
    Marrakesh Agreement Establishing the WTO (1994), Art. IX:1, footnote 1: consensus if no member
    present formally objects.

    Examples
    --------
    >>> consensus(Ballot.of([1, 0, 0])).is_adopted, consensus(Ballot.of([1, 1, -1])).is_adopted
    (True, False)
    """
    return outcome(ballot, not ballot.objects.any(), ballot.objects)


@DECISION_RULES.register
def asean_way(ballot: Ballot, *, tolerance: Annotated[float, Field(ge=0, le=10)] = 0.0) -> Decision:
    """Consensus in which small losses are swallowed, and the outcome is soft.

    An objection counts only when the objector's margin is below -`tolerance`; blockers are those
    whose objection counts. Something that every party objects to is nobody's consensus and fails
    however small the losses; all are then named. Whatever passes is a soft agreement, and when
    nothing passes by the deadline the chair's statement remains.

    Parameters
    ----------
    tolerance
        Loss that a party does not object to in public, logits; 0 is plain consensus with a soft
        outcome. Not estimated: a scenario states it.

    Returns
    -------
    Decision
        Binds everybody, softly; fallback "statement".

    References
    ----------
    ASEAN Charter (2007), Art. 20(1): consultation and consensus; Acharya (2001), *Constructing a
    Security Community in Southeast Asia*: consensus without unanimity, as long as basic interests
    are not hurt.

    Examples
    --------
    >>> ballot = Ballot.of([1, 1, -1], margin=[1.0, 2.0, -0.4])
    >>> asean_way(ballot, tolerance=0.5).is_adopted, asean_way(ballot, tolerance=0.3).is_adopted
    (True, False)
    """
    objects = ballot.objects
    hurt = objects if objects.all() else objects & ~(ballot.margin >= -tolerance)
    return outcome(ballot, not hurt.any(), hurt, is_soft=True, fallback="statement")


@DECISION_RULES.register
def consensus_minus(
    ballot: Ballot,
    *,
    x: Annotated[int, Field(ge=0)] = 1,
    are_objectors_bound: bool = False,
) -> Decision:
    """Consensus in which up to `x` objectors are overridden.

    Blockers are those who object, when more than `x` do or when every party does.

    Parameters
    ----------
    x
        Number of objectors that do not suffice to block; 0 is consensus.
    are_objectors_bound
        Whether the overridden are bound all the same; otherwise they stay outside.

    Returns
    -------
    Decision
        Binds all who do not object, or everybody.

    References
    ----------
    CSCE, Prague Document on Further Development of CSCE Institutions and Structures (1992), IV.16
    (consensus minus one); ASEAN Charter (2007), Art. 21(2) (ASEAN minus X: objectors stay out).

    Examples
    --------
    >>> consensus_minus(Ballot.of([1, 1, -1])).adopters
    array([ True,  True, False])
    """
    objects = ballot.objects
    is_carried = int(np.count_nonzero(objects)) <= x and not objects.all()
    adopters = None if are_objectors_bound else ~objects
    return outcome(ballot, is_carried, objects, adopters=adopters)


@DECISION_RULES.register
def conference_consensus(
    ballot: Ballot,
    *,
    objectors: Annotated[int, Field(ge=0)] = 3,
    trade_share: Annotated[float, Field(ge=0, le=1)] = 0.035,
) -> Decision:
    """Consensus of a large conference: its chair goes over a few small objectors.

    An objection stands when more than `objectors` object, or when those who do have more than
    `trade_share` of the parties' trade, or when every party does; blockers are then all who object.
    With either parameter at zero it is plain consensus, save for objectors without trade.

    Parameters
    ----------
    objectors
        Number of objectors that the chair may still go over.
    trade_share
        Share of the parties' trade that these may have at most, 0–1. It stands for the weight of
        the objectors; a ballot does not know emissions.

    Returns
    -------
    Decision
        Binds everybody, those gavelled over included.

    References
    ----------
    Steinberg (2002), *International Organization* 56 (invisible weighting). The defaults are the
    largest objection gone over on record (recalled): three states, some 3.5 % of world trade in
    goods (Russia, Belarus, Ukraine), at Doha on 8 December 2012; Bolivia alone at Cancún on 11
    December 2010.

    Examples
    --------
    >>> votes = [1] * 9 + [-1]
    >>> small, large = ([1.0] * 9 + [weight] for weight in (0.1, 1.0))
    >>> conference_consensus(Ballot.of(votes, trade_share=small)).is_adopted
    True
    >>> conference_consensus(Ballot.of(votes, trade_share=large)).is_adopted
    False
    """
    against = ballot.objects
    is_few = int(np.count_nonzero(against)) <= objectors and not against.all()
    is_carried = not against.any() or (
        is_few and reaches(ballot.trade_share, ~against, 1.0 - trade_share)
    )
    return outcome(ballot, is_carried, against)


@DECISION_RULES.register
def single_undertaking(ballot: Ballot) -> Decision:
    """Consensus on every part of a package: nothing is agreed until everything is agreed.

    An objection to any part, or to the whole, blocks all of it; blockers are all who object to
    something. A package of one part is plain consensus.

    Returns
    -------
    Decision
        Binds everybody to the whole package.

    References
    ----------
    WTO, Ministerial Declaration of Doha (2001), WT/MIN(01)/DEC/1, para. 47: the conduct,
    conclusion and entry into force of the negotiations are parts of a single undertaking.

    Examples
    --------
    >>> single_undertaking(Ballot.of([1, 1, 1], parts=[[1, 1, 1], [1, 0, -1]])).blockers
    array([False, False,  True])
    """
    objects = ballot.objects
    if ballot.parts is not None:
        objects = objects | (np.asarray(ballot.parts) == REJECT).any(axis=0)
    return outcome(ballot, not objects.any(), objects)
