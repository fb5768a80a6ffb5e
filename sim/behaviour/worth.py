"""What an agreement that stands is worth to its parties today."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.behaviour.parties import seat_parties
from sim.behaviour.taste import taste_of
from sim.behaviour.utility import standing_utility
from sim.forum import forum_of
from sim.issues import areas

if TYPE_CHECKING:
    from sim.agreements import Agreement
    from sim.setting import Setting
    from sim.state import State
    from sim.types import Bools, Floats

__all__ = ["worth_today", "would_leave"]


def worth_today(setting: Setting, state: State, agreement: Agreement) -> Floats:
    """(S,) logits: what an agreement is worth to its signatories today, lasting taste included.

    Positive for who would accept it again, in the world as last assessed and by today's leaders.
    """
    value = areas()[agreement.area].standing(setting, state, agreement)
    forum = forum_of(setting, state, agreement.organisation, agreement.area)
    taste = taste_of(setting, forum, agreement.item)
    return standing_utility(setting, state, value) + taste.lasting


def would_leave(setting: Setting, state: State, agreement: Agreement) -> tuple[Bools, Floats]:
    """(S,) whose leader would leave what a predecessor signed, and (S,) logits of its worth.

    Leaders more nationalist than those who signed, to whom it is worth less than
    ``-departure_cost``; the states of a bloc together. Worth is 0 where nobody is asked.
    """
    nobody = np.zeros(agreement.signatories.size, dtype=bool)
    if not agreement.leaders.size or not setting.is_on("departures"):
        return nobody, np.zeros(nobody.size)
    forum = forum_of(setting, state, agreement.organisation, agreement.area)
    clause = forum.rules.entry_into_force
    successors = agreement.signatories & (state.orientation > agreement.leaders)
    if not successors.any() or not clause.must_be_ratified(is_soft=agreement.proposal.is_soft):
        return nobody, np.zeros(nobody.size)
    parties = seat_parties(setting, state, forum, agreement.signatories.copy())
    utility = worth_today(setting, state, agreement)
    mean = parties.mean(utility, setting.income)
    goes = (mean < -setting["departure_cost"]) & (parties.states & successors).any(axis=1)
    return np.asarray(parties.states[goes].any(axis=0)), utility
