"""Missions are mandated by votes, are as strong as they are paid for, and are closed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sim.kernels.conflict.rates import per_quarter
from sim.kernels.vitality import paid_share
from sim.mechanisms.missions.records import Motion, PeaceMission
from sim.phase import Phase
from sim.security.councils import Case, Manner, bodies_for, exposure, manner, vote
from sim.streams import stream
from sim.types import Floats

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State


__all__ = ["MISSIONS", "funded", "strength"]

NEW = "peacekeeping"
PERSONS = 1000.0


def run(setting: Setting, state: State, log: Log) -> None:
    """Close missions, put new ones to the vote, and see how many troops are paid for."""
    block, size = state.missions, len(setting.axes.states)
    uniform = stream(setting.seed, "missions", state.step).random((5, size))
    start, end = (
        float(per_quarter(np.array(setting[f"mission_{what}"]))) for what in ("start", "end")
    )
    troops, cost, consent = (
        setting["mission_troops"], setting["mission_cost"], setting["council_consent"],
    )  # fmt: skip
    elasticity, by = setting["mission_funding_elasticity"], manner(setting)
    loss = setting["civil_income_loss_war"]
    gain = setting["conflict_neutral_trade_fall"] / setting["trade_elasticity"]
    if not setting.is_on("missions"):
        return
    day = setting.calendar.first_day(state.step)
    block.running = tuple(_still(setting, state, log, end, uniform[:2]))
    block.motions = ()
    guarded = {m.host for m in block.running if m.is_there(day) and m.kind in _FORCES}
    if setting.is_on("mandates"):
        due = (uniform[2] < start) & (state.civil_conflict > 0)
        for row in (int(n) for n in np.flatnonzero(due) if n not in guarded):
            asks = bool(uniform[3, row] < consent)
            when = setting.calendar.day_at(state.step, float(uniform[4, row]))
            new = _mandated(setting, state, log, (row, when, asks), (troops, cost, gain, loss, by))
            block.running = (*block.running, *new)
    state.peacekeepers[:] = strength(setting, state, elasticity)


_FORCES = ("peacekeeping", "enforcement")


def _still(
    setting: Setting, state: State, log: Log, chance: float, uniform: Floats
) -> Iterator[PeaceMission]:
    """Those that go on into the quarter; each that begins or ends in it is told."""
    step_of, first = setting.calendar.step_of, setting.calendar.first_day(state.step)
    for one in state.missions.running:
        if one.until is not None and one.until <= first:
            continue
        if one.until is None and one.since < first and uniform[0, one.host] < chance:
            day = setting.calendar.day_at(state.step, float(uniform[1, one.host]))
            one = replace(one, until=day)  # noqa: PLW2901  it goes on as one with an end
        if step_of(one.since) == state.step:
            _tell(setting, state, log, one, "mission_began", one.since)
        if one.until is not None and step_of(one.until) == state.step:
            _tell(setting, state, log, one, "mission_ended", one.until)
        yield one


def _mandated(
    setting: Setting,
    state: State,
    log: Log,
    where: tuple[int, date, bool],
    terms: tuple[float, float, float, float, Manner],
) -> tuple[PeaceMission, ...]:
    """A new mission, if a body may act and its members vote for it."""
    host, day, asks = where
    troops, cost, spill, loss, by = terms
    names = setting.axes.states
    income = np.maximum(setting.income, 1e-12)
    for body in bodies_for(setting, state, "mission", (host,)):
        mandate = setting.charter(body, state.step).security
        if not asks and not (mandate and mandate.interferes):
            continue  # non-interference: the state concerned has to ask
        paid = 100.0 * setting.dues(body, state.step) * cost * troops / PERSONS / income
        gain = spill * exposure(setting, (host,)) - paid
        case = Case(
            f"mission/{names[host]}",
            f"a mission of {troops:.0f}, {'asked for' if asks else 'unasked'}",
            (host,),
            (-loss if asks else loss,),
            gain,
        )
        verdict = vote(setting, state, body, case, by)
        state.missions.motions = (*state.missions.motions, Motion(host, day, asks, verdict))
        counts = state.missions.n_sent if verdict.is_adopted else state.missions.n_declined
        counts[setting.axes.organisation(body)] += 1
        kind = "mandate_adopted" if verdict.is_adopted else "mandate_refused"
        log.event(
            state.step, day, kind, actor=names[host], organisation=body,
            value=verdict.n_accept, reason=";".join(verdict.blockers),
        )  # fmt: skip
        if verdict.is_adopted:
            name = f"{body}_{names[host]}_{day}"
            new = PeaceMission(name, body, host, day, None, troops, NEW)
            _tell(setting, state, log, new, "mission_began", day)
            return (new,)
    return ()


def _tell(
    setting: Setting, state: State, log: Log, one: PeaceMission, kind: str, day: date
) -> None:
    log.event(
        state.step, day, kind, actor=setting.axes.states[one.host],
        organisation=one.body, value=one.mandate, reason=one.name,
    )  # fmt: skip


def funded(setting: Setting, state: State, body: str) -> float:
    """Share of a body's dues that is paid; 1 for bodies without a charter in the run."""
    if body not in setting.axes.organisations:
        return 1.0
    row = setting.axes.organisation(body)
    return paid_share(state.is_member[row], state.arrears[row], setting.dues(body, state.step))


def strength(setting: Setting, state: State, elasticity: float) -> Floats:
    """(S,) persons that missions have in each state."""
    day = setting.calendar.first_day(state.step)
    found = np.zeros(len(setting.axes.states))
    for one in state.missions.running:
        if one.is_there(day):
            paid = funded(setting, state, one.body) ** elasticity
            found[one.host] += one.mandate * paid * (1.0 - state.missions.withheld[one.host])
    return found


MISSIONS = Phase(
    name="missions",
    meaning="peace missions are mandated, paid for and closed",
    source="mandates; Fortna 2004; own list of missions",
    reads=(
        "is_member",
        "has_no_vote",
        "arrears",
        "civil_conflict",
        "missions.running",
        "missions.motions",
        "missions.withheld",
        "missions.n_sent",
        "missions.n_declined",
    ),
    writes=(
        "missions.running",
        "missions.motions",
        "missions.n_sent",
        "missions.n_declined",
        "peacekeepers",
    ),
    run=run,
)
