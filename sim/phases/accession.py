"""The door stays open: members that stayed out of an agreement may join it later."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import Agreement, Status
from sim.behaviour.taste import taste_of
from sim.behaviour.utility import standing_utility
from sim.forum import forum_of
from sim.issues import areas
from sim.kernels.choice import is_at_least
from sim.phase import Phase

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["ACCESSION"]

_OPEN = (Status.SIGNED, Status.RATIFIED, Status.IN_FORCE)


def run(setting: Setting, state: State, log: Log) -> None:
    """Once a year each outsider looks at the agreements open to it."""
    if not setting.is_on("open_accession"):
        return
    every = round(setting["accession_years"] * 4)
    moved = []
    for agreement in state.agreements:
        is_due = False
        is_open = agreement.status in _OPEN and not agreement.is_held.any()
        if is_open and agreement.signed is not None:
            age = state.step - setting.calendar.step_of(agreement.signed)
            is_due = age > 0 and age % every == 0
        moved.append(_admit(setting, state, log, agreement) if is_due else agreement)
    if any(now is not old for now, old in zip(moved, state.agreements, strict=True)):
        state.agreements = tuple(moved)  # a tuple that stays is what much is remembered under


def _admit(setting: Setting, state: State, log: Log, agreement: Agreement) -> Agreement:
    forum = forum_of(setting, state, agreement.organisation, agreement.area)
    outside = forum.members(setting, state) & ~agreement.signatories
    if not forum.rules.open_accession or not outside.any():
        return agreement
    value = areas()[agreement.area].joining(setting, state, agreement, outside)
    utility = standing_utility(setting, state, value)
    taste = taste_of(setting, forum, agreement.item)
    noise = taste.at(setting, f"{agreement.code}/accession", (state.step, 0), outside)
    joins = outside & is_at_least(utility + noise)
    if not joins.any():
        return agreement
    for column in np.flatnonzero(joins):
        log.event(
            state.step,
            setting.calendar.day_at(state.step, 1.0),
            "acceded",
            actor=setting.axes.states[column],
            organisation=agreement.organisation,
            agreement=agreement.code,
            value=float(value.gain[column]),
        )
    return replace(
        agreement,
        signatories=agreement.signatories | joins,
        acceded=agreement.acceded | joins,
        leaders=np.where(joins, state.orientation, agreement.leaders)
        if agreement.leaders.size
        else agreement.leaders,
    )


ACCESSION = Phase(
    name="accession",
    meaning="members that stayed out join agreements whose door is open",
    source="MODEL 4.4; ITA (1996), WTO services domestic regulation (2021)",
    reads=(
        "is_member",
        "has_no_vote",
        "orientation",
        "trust",
        "agreements",
        "forums",
        "assessments",
    ),
    writes=("agreements",),
    run=run,
)
