"""Sanctions are voted, raise trade costs, press for an end, and are lifted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from sim.mechanisms.sanctions.motions import (
    SCOPES,
    Effects,
    bodies_that_may,
    effects_of,
    mandate_of,
    put,
)
from sim.mechanisms.sanctions.records import (
    Motion,
    Occasion,
    Sanction,
    occasions,
    strength,
)
from sim.memo import remembered
from sim.phase import Phase
from sim.streams import stream
from sim.types import Bools, Floats

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["SANCTIONS", "senders"]

QUARTER = 0.25
MONTHS = 3


def run(setting: Setting, state: State, log: Log) -> None:
    """End what is over or not renewed, put new occasions to the vote, and count the costs."""
    block, size = state.sanctions, len(setting.axes.states)
    rng = stream(setting.seed, "sanctions", state.step)
    uniform, ends = rng.random((2, size)), rng.random((len(setting.axes.organisations) + 1, size))
    begins = rng.random((size, size))
    by = effects_of(setting)
    if not setting.is_on("sanctions"):
        return
    before = {one.key: one.level for one in block.occasions}
    now = occasions(state, block.occasions, begins < strength(setting))
    block.motions = ()
    day = setting.calendar.first_day(state.step)
    kept = [one for one in block.running if one.until is None or one.until >= day]
    block.running = tuple(_after(setting, state, log, one, (now, by, ends)) for one in kept)
    for one in now:
        if one.level > before.get(one.key, -1):
            when = setting.calendar.day_at(state.step, float(uniform[0, one.target]))
            is_urgent = bool(uniform[1, one.target] < by.tabled)
            _table(setting, state, log, one, (when, by, is_urgent))
    block.occasions = now
    _count(setting, state, by)


def _after(
    setting: Setting,
    state: State,
    log: Log,
    one: Sanction,
    terms: tuple[tuple[Occasion, ...], Effects, Floats],
) -> Sanction:
    """Sanctions a quarter later: told if they begin or end by the record, ended if over."""
    now, by, ends = terms
    step_of = setting.calendar.step_of
    last = setting.calendar.day_at(state.step, 1.0)
    if one.is_dated and step_of(one.since) == state.step:
        _tell(setting, state, log, one, ("sanctions_imposed", one.since, one.scope))
    if one.until is not None:
        if step_of(one.until) == state.step:
            _tell(setting, state, log, one, ("sanctions_ended", one.until, one.how))
        return one
    if one.occasion == "other" or one.since > last:
        return one
    answered = next((what for what in now if what.key == one.key), None)
    if answered is None:
        bodies = setting.axes.organisations
        row = bodies.index(one.body) if one.body in bodies else -1
        chance = -np.expm1(-QUARTER / by.after) if by.after > 0 else 1.0
        is_lifted = ends[row, one.target] < chance
        one = replace(one, is_over=True)
        how = "over" if is_lifted else ""
    else:
        how = "" if _is_kept(setting, state, one, (answered, by)) else "lapsed"
    if how:
        one = replace(one, until=last, how=how)
        _tell(setting, state, log, one, ("sanctions_ended", last, how))
    return one


def _is_kept(
    setting: Setting, state: State, one: Sanction, terms: tuple[Occasion, Effects]
) -> bool:
    """Whether those that lapse unless renewed are renewed; others stay as they are."""
    what, by = terms
    if one.is_dated:
        return True
    allowed = mandate_of(setting, one.body, state.step)
    if allowed is None or allowed.review_months is None:
        return True
    began = setting.calendar.step_of(one.since)
    passed = state.step - began
    if passed == 0 or passed % max(allowed.review_months // MONTHS, 1):
        return True
    verdict = put(setting, state, (one.body, what, one.scope), by, drawn_at=began)
    day = setting.calendar.day_at(state.step, 1.0)
    motion = Motion(one.target, one.occasion, one.scope, day, keeps=True, verdict=verdict)
    state.sanctions.motions = (*state.sanctions.motions, motion)
    return verdict.is_adopted


def _table(
    setting: Setting, state: State, log: Log, what: Occasion, terms: tuple[date, Effects, bool]
) -> None:
    """Put sanctions to the vote of each body that may, those on trade first."""
    day, by, is_urgent = terms
    block = state.sanctions
    for body in bodies_that_may(setting, state, what, beyond_members=is_urgent):
        mine = [
            one
            for one in block.running
            if one.body == body and one.key == what.key and one.is_in_force(day)
        ]
        for scope in SCOPES:
            if any(one.scope == scope for one in mine):
                break
            new = Sanction(body, what.target, what.other, what.kind, scope, day)
            if _is_adopted(setting, state, log, (new, what), by):
                rest = (
                    replace(one, until=day, how="widened") if one in mine else one
                    for one in block.running
                )
                block.running = (*rest, new)
                break


def _is_adopted(
    setting: Setting, state: State, log: Log, tabled: tuple[Sanction, Occasion], by: Effects
) -> bool:
    """Whether the members of the body vote for new sanctions, which is told."""
    new, what = tabled
    verdict = put(setting, state, (new.body, what, new.scope), by)
    motion = Motion(new.target, what.kind, new.scope, new.since, keeps=False, verdict=verdict)
    state.sanctions.motions = (*state.sanctions.motions, motion)
    kind, why = "sanctions_refused", ";".join(verdict.blockers)
    if verdict.is_adopted:
        kind, why = "sanctions_imposed", new.scope
    _tell(setting, state, log, new, (kind, new.since, why), verdict.n_accept)
    return verdict.is_adopted


def _tell(
    setting: Setting,
    state: State,
    log: Log,
    one: Sanction,
    what: tuple[str, date, str],
    value: float = float("nan"),
) -> None:
    kind, day, reason = what
    log.event(
        state.step, day, kind, actor=setting.axes.states[one.target],
        organisation=one.body, value=value, reason=reason,
    )  # fmt: skip


def senders(setting: Setting, state: State, one: Sanction) -> Bools:
    """(S,) who carries sanctions out: a state alone, or the members of the body."""
    if one.body in setting.axes.organisations:
        found = state.is_member[setting.axes.organisation(one.body)].copy()
        found[one.target] = False
        return np.asarray(found)
    return _first_senders(setting, one.body, one.target)


def _first_senders(setting: Setting, body: str, target: int) -> Bools:
    if body in setting.axes.states:
        found = setting.axes.mask((body,))
    else:
        found = setting.world.members(body, setting.scenario.start).copy()
    found[target] = False
    return np.asarray(found)


def _count(setting: Setting, state: State, by: Effects) -> None:
    """What sanctions of the quarter add to trade costs, and how they press.

    The data of the start have in them what was in force then, so that only the difference counts;
    of several sanctions on one state the strongest counts.
    """
    block = state.sanctions
    first, after = (setting.calendar.first_day(state.step + n) for n in (0, 1))
    rise = tuple(by.rise(fall) for fall in by.fall)
    now = np.zeros(block.trade_cost.shape)
    state.sanction_pressure[:] = 0.0
    for one in block.running:
        n, t = SCOPES.index(one.scope), one.target
        who = senders(setting, state, one)
        days = (min(one.until or after, after) - max(one.since, first)).days
        share = max(days, 0) / (after - first).days
        now[who, t] = now[t, who] = np.maximum(now[who, t], rise[n] * share)
        if one.until is None and one.since > setting.scenario.start and not one.is_over:
            state.sanction_pressure[t] = max(state.sanction_pressure[t], by.end[n])
    start = _at_start(setting, None, rise)
    block.trade_cost[:] = (1.0 + now) / (1.0 + start) - 1.0


@remembered(keep=1)
def _at_start(setting: Setting, _: None, rise: tuple[float, ...]) -> Floats:
    """(S, S) rise of trade costs by the sanctions of the first day."""
    day, size = setting.scenario.start, len(setting.axes.states)
    found = np.zeros((size, size))
    for known in setting.world.security.sanctions:
        if known.since > day:
            continue
        who, t = _first_senders(setting, known.body, known.target), known.target
        worst = np.maximum(found[who, t], rise[SCOPES.index(known.scope)])
        found[who, t] = found[t, who] = worst
    return found


SANCTIONS = Phase(
    name="sanctions",
    meaning="sanctions are voted by bodies, cost trade, press for an end and are lifted",
    source="charters; Felbermayr et al. 2020; Hufbauer et al. 2007; Pape 1997",
    reads=(
        "is_member",
        "has_no_vote",
        "dispute_stage",
        "civil_conflict",
        "coup",
        "order_returns",
        "nuclear.status",
        "sanctions.running",
        "sanctions.occasions",
        "sanctions.motions",
    ),
    writes=(
        "sanction_pressure",
        "sanctions.running",
        "sanctions.occasions",
        "sanctions.motions",
        "sanctions.trade_cost",
    ),
    run=run,
)
