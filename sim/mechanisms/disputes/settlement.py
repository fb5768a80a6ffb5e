"""Disputes cost trade and income while they last, and end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from sim.kernels.conflict import ladder
from sim.kernels.conflict.costs import trade_cost_factor
from sim.kernels.conflict.disputes import Negotiated
from sim.mechanisms.disputes.records import DAYS, NAMES, Dispute
from sim.memo import remembered
from sim.phase import Phase
from sim.security import rates, traits
from sim.streams import stream
from sim.types import Floats

if TYPE_CHECKING:
    from datetime import date

    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State


__all__ = ["SETTLEMENT", "first_burden"]

YEARS_OF_CALM = 5.0
"""For which a mediator adds to quiet (ICB: no new crisis within five years)."""
LEAST = 1e-4
"""A rise of trade costs below which a pair has recovered."""


def run(setting: Setting, state: State, log: Log) -> None:
    """End what is over; then count what the quarter's disputes cost."""
    block = state.disputes
    burden, loss = _prices(setting)
    kept = 0.5 ** (0.25 / setting["conflict_trade_recovery"])
    at_level, imposed = (
        np.array([setting[f"dispute_{kind}_{name}"] for name in NAMES[1:]])
        for kind in ("negotiated_at", "imposed")
    )
    index = _index(setting) + state.mediation
    uniform = stream(setting.seed, "settlement", state.step).random(index.shape)
    if not setting.is_on("disputes"):
        return
    ended = []
    for one in block.open:
        at = np.array([one.highest if not one.is_stopped else one.stage])
        how = ladder.draw_settlement(
            index[one.i, one.j, None], at, uniform[one.i, one.j, None],
            at_level=at_level, imposed=imposed,
        )  # fmt: skip
        ended.append(_after(setting, state, log, one, int(how[0])))
    _count(setting, state, tuple(ended), (burden, loss, kept))
    block.open = tuple(ended)
    state.dispute_stage[:] = 0
    for one in block.open:
        if one.ended is None:
            state.dispute_stage[one.i, one.j] = state.dispute_stage[one.j, one.i] = one.stage
        elif state.mediation[one.i, one.j]:
            block.calm[one.i, one.j] = block.calm[one.j, one.i] = YEARS_OF_CALM
            state.mediation[one.i, one.j] = state.mediation[one.j, one.i] = 0.0


def _prices(setting: Setting) -> tuple[Floats, Floats]:
    """By stage (5,): rise of trade costs (fraction), and percent of annual income lost a year."""
    fall = np.array([0.0, *(setting[f"conflict_trade_fall_{name}"] for name in NAMES[1:])])
    loss = np.array([0.0, *(setting[f"conflict_income_loss_{name}"] for name in NAMES[1:])])
    return trade_cost_factor(fall, setting["trade_elasticity"]) - 1.0, loss


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


def _after(setting: Setting, state: State, log: Log, one: Dispute, how: int) -> Dispute:
    """The dispute a quarter later, settled if its time is over."""
    one = replace(one, elapsed=one.elapsed + 1.0)
    numbers = (np.array([n]) for n in (one.elapsed, one.duration, one.stage, one.highest))
    if one.is_stopped:
        how = int(ladder.Settlement.NEGOTIATED)
    elif not ladder.has_ended(*numbers)[0]:
        return one
    day = _last_day(setting, state, one)
    pair = setting.axes.states[one.i], setting.axes.states[one.j]
    log.event(
        state.step, day, "dispute_ended", actor=pair[0], target=pair[1],
        value=(day - one.began).days, reason=ladder.Settlement(how).name.lower(),
    )  # fmt: skip
    return replace(one, settlement=how, ended=day)


def _last_day(setting: Setting, state: State, one: Dispute) -> date:
    """Within the quarter, as near to the length drawn as the ladder lets it."""
    last = setting.calendar.first_day(state.step + 1) - timedelta(days=1)
    day = last
    if one.duration * DAYS < (last - one.began).days:
        day = one.began + timedelta(days=int(one.duration * DAYS))
    return max(day, setting.calendar.first_day(state.step), one.began)


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
    found, burden = np.zeros((size, size)), _prices(setting)[0]
    for one in setting.world.security.open:
        found[one.i, one.j] = found[one.j, one.i] = burden[one.level]
    return found


SETTLEMENT = Phase(
    name="settlement",
    meaning="disputes cost trade and income, and end",
    source="Glick & Taylor 2010; Martin, Mayer & Thoenig 2008; Correlates of War MID 5.0",
    reads=("mediation", "dispute_stage", "disputes.open", "disputes.burden", "disputes.calm"),
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
