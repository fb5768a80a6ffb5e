"""Disputes cost trade and income while they last, and end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sim.hazards import NAMES, YEARS_OF_CALM, crisis_shares, prices
from sim.kernels.conflict import ladder
from sim.kernels.conflict.disputes import Negotiated
from sim.kernels.conflict.third_parties import Agreement, Crisis, Mediated, rest_of
from sim.mechanisms.disputes.records import DAYS, Dispute
from sim.memo import remembered
from sim.phase import Phase
from sim.security import rates, traits
from sim.streams import stream
from sim.types import Floats, Ints

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State


__all__ = ["SETTLEMENT", "first_burden"]

LEAST = 1e-4
"""A rise of trade costs below which a pair has recovered."""


def run(setting: Setting, state: State, log: Log) -> None:
    """End what is over; then count what the quarter's disputes cost."""
    block = state.disputes
    burden, loss = prices(setting)
    kept = 0.5 ** (0.25 / setting["conflict_trade_recovery"])
    how = _settlements(setting, state)
    if not setting.is_on("disputes"):
        return
    after = tuple(
        _after(setting, state, log, _pressed(setting, state, one), int(kind))
        for one, kind in zip(block.open, how, strict=True)
    )
    _count(setting, state, after, (burden, loss, kept))
    block.open = after
    state.dispute_stage[:] = 0
    for one in after:
        at = [one.i, one.j], [one.j, one.i]
        if one.ended is None:
            state.dispute_stage[at] = one.stage
        elif state.mediation[one.i, one.j]:
            block.calm[at] = YEARS_OF_CALM
            state.mediation[at] = 0.0


def _settlements(setting: Setting, state: State) -> Ints:
    """(D,) how each open dispute is settled, if it ends in the quarter."""
    at_level, imposed = (
        np.array([setting[f"dispute_{kind}_{name}"] for name in NAMES[1:]])
        for kind in ("negotiated_at", "imposed")
    )
    index, model = _index(setting), rates(setting, Agreement)
    mediated, crises = rates(setting, Mediated), crisis_shares(setting)
    uniform = stream(setting.seed, "settlement", state.step).random(index.shape)
    i, j, stage, is_crisis = (
        np.array([getattr(one, name) for one in state.disputes.open], dtype=np.int64)
        for name in ("i", "j", "stage", "is_crisis")
    )
    crisis = Crisis(
        clashes=(stage == ladder.Stage.FORCE) * 1.0,
        serious=(stage == ladder.Stage.WAR) * 1.0,
        protracted=setting.world.is_rival[i, j].astype(float),
        actors=np.full(i.size, setting["crisis_actors"]),
        war=(stage == ladder.Stage.WAR) * 1.0,
    )
    level = at_level[stage - 1]
    share = mediated.chance(crisis)
    without, with_one = (
        model.chance(crisis, np.full(i.size, is_there)) for is_there in (False, True)
    )
    agreed = (1.0 - share) * without + share * with_one
    other = rest_of(index[i, j] + level, agreed, crises[stage])
    alone = np.where(is_crisis == 1, model.index(crisis), other)
    return ladder.draw_settlement(
        alone - level + state.mediation[i, j],
        stage,
        uniform[i, j],
        at_level=at_level,
        imposed=imposed,
    )


def _index(setting: Setting) -> Floats:
    """(S, S) logits of a negotiated settlement; those of no trait at all for remote pairs."""
    return _index_of(setting, None, rates(setting, Negotiated))


@remembered(keep=1)
def _index_of(setting: Setting, _: None, model: Negotiated) -> Floats:
    pairs = traits(setting, None)
    size = len(setting.axes.states)
    index = np.full((size, size), model.constant)
    index[pairs.i, pairs.j] = index[pairs.j, pairs.i] = model.index(pairs)
    return index


def _pressed(setting: Setting, state: State, one: Dispute) -> Dispute:
    """A dispute at force or war whose time runs faster while a side is under sanctions.

    It lasts the quarter, or as long in it as it would have, since it may have risen in it.
    """
    logs = max(state.sanction_pressure[one.i], state.sanction_pressure[one.j])
    if logs <= 0 or one.stage < ladder.Stage.FORCE:
        return one
    past = (setting.calendar.first_day(state.step + 1) - one.began).days / DAYS
    least = min(one.duration, past)
    return replace(one, duration=max(one.duration - float(np.expm1(logs)), least))


def _after(setting: Setting, state: State, log: Log, one: Dispute, how: int) -> Dispute:
    """The dispute a quarter later, settled if its time is over."""
    after = setting.calendar.first_day(state.step + 1)
    numbers = ((after - one.began).days / DAYS, one.duration, one.stage, one.highest)
    if one.stopped_on is not None:
        how = int(ladder.Settlement.NEGOTIATED)
    elif not ladder.has_ended(*(np.array([n]) for n in numbers))[0]:
        return one
    start, day = one.days(setting.calendar, state.step)
    if one.stopped_on is not None:
        day = max(one.stopped_on, start)
    pair = setting.axes.states[one.i], setting.axes.states[one.j]
    log.event(
        state.step, day, "dispute_ended", actor=pair[0], target=pair[1],
        value=(day - one.began).days, reason=ladder.Settlement(how).name.lower(),
    )  # fmt: skip
    return replace(one, settlement=how, ended=day)


def _count(
    setting: Setting,
    state: State,
    spells: tuple[Dispute, ...],
    prices: tuple[Floats, Floats, float],
) -> None:
    """What disputes cost in the quarter, by the days of it in which they were open.

    The data of the start have in them what was under way then, so that only the difference counts.
    Trade costs take the larger of today's and of what is left of the past: nothing compounds.
    """
    burden, loss, kept = prices
    block = state.disputes
    block.income[:] = 0.0
    now = np.where(block.burden * kept < LEAST, 0.0, block.burden * kept)
    first = setting.calendar.first_day(state.step)
    after = setting.calendar.first_day(state.step + 1)
    for one in spells:
        days = ((one.ended or after) - max(one.began, first)).days
        share = min(max(days, 1) / (after - first).days, 1.0)
        cost = max(now[one.i, one.j], burden[one.stage] * share)
        now[one.i, one.j] = now[one.j, one.i] = cost
        block.income[[one.i, one.j]] -= loss[one.stage] * share
    block.burden[:] = now
    start = first_burden(setting)
    block.trade_cost[:] = (1.0 + now) / (1.0 + start) - 1.0
    for known in setting.world.security.open:
        block.income[[known.i, known.j]] += loss[known.level]
    if not setting.is_on("dispute_costs"):
        block.trade_cost[:] = 0.0
        block.income[:] = 0.0


def first_burden(setting: Setting) -> Floats:
    """(S, S) rise of trade costs by disputes of the first day, which data have in them."""
    size = len(setting.axes.states)
    found, burden = np.zeros((size, size)), prices(setting)[0]
    for one in setting.world.security.open:
        found[one.i, one.j] = found[one.j, one.i] = burden[one.level]
    return found


SETTLEMENT = Phase(
    name="settlement",
    meaning="disputes cost trade and income, and end",
    source="Glick & Taylor 2010; Martin, Mayer & Thoenig 2008; Correlates of War MID 5.0",
    reads=(
        "mediation",
        "dispute_stage",
        "sanction_pressure",
        "disputes.open",
        "disputes.burden",
        "disputes.calm",
    ),
    writes=(
        "mediation",
        "dispute_stage",
        "disputes.open",
        "disputes.burden",
        "disputes.trade_cost",
        "disputes.income",
        "disputes.calm",
    ),
    run=run,
)
