"""What is emitted in a quarter, and how far policy has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import AbatementCost, AvoidedDamage, EmissionCut, accumulate
from sim.kernels.abatement import abatement_cost, percent_of_income
from sim.mitigation import (
    AIM_YEAR,
    baseline,
    carried_out,
    damage_avoided,
    first_pledges,
    pledges_kept,
    slope,
)
from sim.phase import Phase
from sim.types import Floats
from sim.world.climate import DATA_YEAR

if TYPE_CHECKING:
    from sim.agreements import Commitment
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["EMISSIONS", "due", "promised"]

QUARTERS = 4


def run(setting: Setting, state: State, log: Log) -> None:
    """Move policy on towards what is carried out of pledges; emit what is left."""
    block = state.emissions
    _pledge(setting, state, log)
    _enact(setting, state)
    length = setting["phase_in_years"] * QUARTERS if setting.is_on("phase_in") else 0.0
    bound = [one.current(state.step, length) for one in state.agreements]
    agreed = accumulate(EmissionCut, bound, size=block.agreed.size)
    block.agreed[:] = np.minimum(agreed, 1.0 - block.policy)
    block.without[:] = baseline(setting, None, _year(setting, state.step))
    block.level[:] = block.without * (1.0 - block.policy - block.agreed)
    _account(setting, state, bound)


def _account(setting: Setting, state: State, bound: list[Commitment]) -> None:
    """What cuts beyond those of the first day cost, and what they spare."""
    block, steep, size = state.emissions, slope(setting), state.emissions.cost.size
    emitted = baseline(setting, None, float(AIM_YEAR))
    spent = abatement_cost(block.policy, steep) - abatement_cost(block.start, steep)
    of_pledges = percent_of_income(emitted * spent, setting.income)
    block.cost[:] = of_pledges - accumulate(AbatementCost, bound, size=size)
    by_pledges = damage_avoided(setting, emitted * (block.policy - block.start))
    block.avoided[:] = by_pledges + accumulate(AvoidedDamage, bound, size=size)


def _pledge(setting: Setting, state: State, log: Log) -> None:
    """Pledges go with the agreement that they were made under."""
    block, now = state.emissions, pledges_kept(setting, state)
    for row in np.flatnonzero((block.pledge > 0) & (now == 0)):
        day, value = setting.calendar.first_day(state.step), float(block.pledge[row])
        log.event(state.step, day, "pledge_dropped", actor=setting.axes.states[row], value=value)
    block.pledge[:] = now


def _enact(setting: Setting, state: State) -> None:
    """Policy moves by equal steps from the year of the data to that of the pledges.

    It is taken back by the same steps.
    """
    block, aim = state.emissions, carried_out(setting, state)
    if state.step == 0:
        block.policy[:] = block.start[:] = aim * _passed(setting, 0)
        return
    pace = first_pledges(setting, None) / (QUARTERS * (AIM_YEAR - DATA_YEAR))
    block.policy[:] += np.clip(aim - block.policy, -pace, pace)


def _year(setting: Setting, step: int) -> float:
    """The year in which a quarter begins, with its fraction."""
    day = setting.calendar.first_day(step)
    return day.year + (day.month - 1) / 12.0


def _passed(setting: Setting, step: int) -> float:
    """Share of the time from the year of the data to that of the pledges that has passed."""
    passed = (_year(setting, step) - DATA_YEAR) / (AIM_YEAR - DATA_YEAR)
    return float(np.clip(passed, 0.0, 1.0))


def due(setting: Setting, state: State) -> Floats:
    """(S,) share of emissions that pledges of the first day take off by now, in equal steps."""
    return np.asarray(first_pledges(setting, None) * _passed(setting, state.step))


def promised(setting: Setting, state: State) -> Floats:
    """(S,) share of emissions that pledges in hand and what is signed promise to take off."""
    signed = [one.committed() for one in state.agreements]
    beyond = accumulate(EmissionCut, signed, size=state.emissions.pledge.size)
    carried = carried_out(setting, state) + beyond
    return np.asarray(np.minimum(np.maximum(state.emissions.pledge, carried), 1.0))


EMISSIONS = Phase(
    name="emissions",
    meaning="states carry out pledges and agreements on climate, and emit what is left",
    source="Global Carbon Project; nationally determined contributions; Barrett 1994",
    reads=(
        "agreements",
        "is_member",
        "emissions.pledge",
        "emissions.policy",
        "emissions.start",
        "emissions.agreed",
        "emissions.without",
    ),
    writes=(
        "emissions.level",
        "emissions.without",
        "emissions.pledge",
        "emissions.policy",
        "emissions.start",
        "emissions.agreed",
        "emissions.cost",
        "emissions.avoided",
    ),
    run=run,
)
