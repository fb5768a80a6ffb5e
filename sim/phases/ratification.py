"""Signatures become obligations: ratification at home, entry into force as the treaty asks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.agreements import Agreement, Status
from sim.behaviour.parties import seat_parties
from sim.behaviour.worth import worth_today, would_leave
from sim.forum import forum_of
from sim.kernels.ratification import ratification_rate, vote_chance, waiting_time
from sim.phase import Phase
from sim.streams import stream

if TYPE_CHECKING:
    from datetime import date

    from sim.behaviour.parties import Parties
    from sim.forum import Forum
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["RATIFICATION"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


_LIVING = frozenset({Status.SIGNED, Status.RATIFIED, Status.IN_FORCE})


def run(setting: Setting, state: State, log: Log) -> None:
    """Move every living agreement on by a quarter."""
    moved = []
    for agreement in state.agreements:
        now = agreement
        if now.status in _LIVING:
            now = _leave(setting, state, log, now)
        if now.status in _LIVING:
            for move in (_ratify, _enter_into_force, _lapse):
                now = move(setting, state, log, now)
        moved.append(now)
    if any(now is not old for now, old in zip(moved, state.agreements, strict=True)):
        state.agreements = tuple(moved)


def _forum(setting: Setting, state: State, agreement: Agreement) -> Forum:
    return forum_of(setting, state, agreement.organisation, agreement.area)


def _ratify(setting: Setting, state: State, log: Log, agreement: Agreement) -> Agreement:
    pending = agreement.signatories & ~agreement.ratified
    if not pending.any():
        return agreement
    first = setting.calendar.step_of(agreement.signed) == state.step if agreement.signed else False
    clause = _forum(setting, state, agreement).rules.entry_into_force
    asks = clause.must_be_ratified(is_soft=agreement.proposal.is_soft)
    if not asks or not setting.is_on("ratification_delay"):
        return _deposit(setting, state, log, agreement, pending, np.zeros(pending.size))
    if first:
        return agreement  # parliaments see it from the next quarter on
    parties = _parties(setting, state, agreement)
    wait = _waiting_times(setting, state, agreement, parties)
    due = pending & (wait < 1.0)
    if not due.any():
        return agreement
    passes = _votes(setting, state, agreement, parties)
    for row in np.flatnonzero(due & ~passes):
        log.event(
            state.step,
            setting.calendar.day_at(state.step, float(wait[row])),
            "ratification_failed",
            actor=setting.axes.states[row],
            organisation=agreement.organisation,
            agreement=agreement.code,
        )
    done = due & passes
    return _deposit(setting, state, log, agreement, done, wait) if done.any() else agreement


def _parties(setting: Setting, state: State, agreement: Agreement) -> Parties:
    """Its signatories as they act: those of a bloc together."""
    forum = _forum(setting, state, agreement)
    return seat_parties(setting, state, forum, agreement.signatories.copy())


def _waiting_times(
    setting: Setting, state: State, agreement: Agreement, parties: Parties
) -> Floats:
    """(S,) quarters until the question is decided at home; the states of a bloc decide together."""
    rate = ratification_rate(
        setting.world.hurdle,
        rate=setting["ratification_rate"],
        hurdle_slope=setting["ratification_hurdle_slope"],
    )
    draws = 1.0 - stream(setting.seed, f"ratification/{agreement.code}", state.step).random(
        rate.size
    )
    wait = waiting_time(draws, rate)
    for rows in parties.states[parties.states.sum(axis=1) > 1]:
        wait[rows] = waiting_time(draws[rows][:1], rate[rows].mean(keepdims=True))[0]
    return wait


def _votes(setting: Setting, state: State, agreement: Agreement, parties: Parties) -> Bools:
    """(S,) whether those who must consent at home would do so today.

    What separates them from their government is drawn once for an agreement: whoever has refused
    accepts only when leaders or gains have changed.
    """
    size = agreement.signatories.size
    draws = stream(setting.seed, f"consent/{agreement.code}").random(size)
    if not setting.is_on("ratification_votes"):
        return np.ones(size, dtype=bool)
    utility, hurdle = worth_today(setting, state, agreement), setting.world.hurdle.copy()
    for rows in parties.states[parties.states.sum(axis=1) > 1]:
        weight = setting.income[rows] / setting.income[rows].sum()
        utility[rows], hurdle[rows] = utility[rows] @ weight, hurdle[rows] @ weight
        draws[rows] = draws[rows][0]
    chance = vote_chance(utility, hurdle, support=setting["ratification_support"])
    return np.asarray(draws < chance)


def _leave(setting: Setting, state: State, log: Log, agreement: Agreement) -> Agreement:
    """Leaders more nationalist than those who signed leave what is worth too little to them.

    Not while talks on its revision are under way.
    """
    goes, utility = would_leave(setting, state, agreement)
    if agreement.is_held.size:
        goes = goes & ~agreement.is_held
    if not goes.any():
        return agreement
    day = setting.calendar.day_at(state.step, 0.5)
    common = {"organisation": agreement.organisation, "agreement": agreement.code}
    for row in np.flatnonzero(goes):
        state_code, value = setting.axes.states[row], float(utility[row])
        log.event(state.step, day, "left_agreement", actor=state_code, value=value, **common)
        agreement = agreement.without(int(row))
    if agreement.signatories.sum() >= 2:
        return agreement
    reason = "fewer than two parties are left"
    log.event(state.step, day, "agreement_ended", reason=reason, **common)
    return agreement.advance(Status.WITHDRAWN, ended=day)


def _deposit(
    setting: Setting, state: State, log: Log, agreement: Agreement, done: Bools, wait: Floats
) -> Agreement:
    for row in np.flatnonzero(done):
        day = setting.calendar.day_at(state.step, float(wait[row]))
        log.event(
            state.step,
            max(day, agreement.signed or day),  # what binds once adopted binds on that day
            "ratified",
            actor=setting.axes.states[row],
            organisation=agreement.organisation,
            agreement=agreement.code,
        )
    bound = agreement.bound_at
    if agreement.status is Status.IN_FORCE:
        bound = np.where(done, state.step + 1, bound)
    return replace(agreement, ratified=agreement.ratified | done, bound_at=bound)


def _enter_into_force(setting: Setting, state: State, log: Log, agreement: Agreement) -> Agreement:
    day = setting.calendar.day_at(state.step, 1.0)
    clause = _forum(setting, state, agreement).rules.entry_into_force
    if agreement.status is Status.SIGNED and is_clause_met(setting, state, agreement):
        agreement = agreement.advance(Status.RATIFIED, due=day + timedelta(days=clause.delay_days))
    if agreement.status is Status.RATIFIED and agreement.due is not None:
        in_force: date = max(agreement.due, setting.calendar.first_day(state.step + 1))
        if setting.calendar.step_of(in_force) == state.step + 1 < setting.calendar.quarters:
            log.event(
                state.step + 1,
                in_force,
                "in_force",
                actor=";".join(setting.axes.names(agreement.ratified)),
                organisation=agreement.organisation,
                agreement=agreement.code,
                value=float(agreement.ratified.sum()),
            )
            bound = np.where(agreement.ratified, state.step + 1, -1)
            return agreement.advance(Status.IN_FORCE, in_force=in_force, bound_at=bound)
    return agreement


def is_clause_met(setting: Setting, state: State, agreement: Agreement) -> bool:
    """Whether the entry-into-force clause of the charter is met."""
    clause = _forum(setting, state, agreement).rules.entry_into_force
    signed, done = agreement.signatories, agreement.ratified
    needed = min(clause.ratifications, int(signed.sum()))
    if clause.groups:
        named = np.zeros(signed.size, dtype=bool)
        for group in clause.groups:
            if group.members_of:
                named |= state.is_member[setting.axes.organisation(group.members_of)]
        for group in clause.groups:
            inside = (
                state.is_member[setting.axes.organisation(group.members_of)]
                if group.members_of
                else ~named
            )
            if (done & inside).sum() < min(group.count, int((signed & inside).sum())):
                return False
    elif not clause.ratifications:
        needed = int(signed.sum())
    if done.sum() < needed:
        return False
    gdp = setting.world.gdp
    return bool(gdp[done].sum() >= clause.gdp_share * gdp[signed].sum()) and bool(done.sum() >= 2)


def _lapse(setting: Setting, state: State, log: Log, agreement: Agreement) -> Agreement:
    if agreement.status not in {Status.SIGNED, Status.RATIFIED} or agreement.signed is None:
        return agreement
    age = state.step - setting.calendar.step_of(agreement.signed)
    if age < setting["lapse_after_years"] * 4:
        return agreement
    day = setting.calendar.day_at(state.step, 1.0)
    log.event(
        state.step,
        day,
        "agreement_lapsed",
        organisation=agreement.organisation,
        agreement=agreement.code,
        reason="never met its entry-into-force clause",
    )
    return agreement.advance(Status.LAPSED, ended=day)


RATIFICATION = Phase(
    name="ratification",
    meaning="signatories ratify, agreements enter into force or lapse",
    source="Simmons 2009; durations of 649 ratifications (HUGGO)",
    reads=(
        "is_member",
        "orientation",
        "trust",
        "agreements",
        "forums",
        "assessments",
    ),
    writes=("agreements",),
    run=run,
)
