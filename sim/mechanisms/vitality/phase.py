"""Funding, capacity, vitality and death of organisations, at the end of a quarter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from sim.kernels.vitality import activity, cohesion, death_chance, delivery, paid_share
from sim.memo import remembered
from sim.phase import Phase
from sim.streams import stream
from sim.types import Bools, Floats

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["SIZES", "VITALITY", "is_zombie", "parts"]

QUARTER = 0.25
_RECORD = ("vitality.done", "vitality.failed", "vitality.done_at", "vitality.failed_at")
SIZES = ("2_3", "4_6", "7_12", "13_25", "26_60", "61_more")
"""Groups of organisations by members, as rates of death are known."""


def run(setting: Setting, state: State, log: Log) -> None:
    """Update funding, capacity and vitality; then ask whom its members give up."""
    block = state.vitality
    _fund(setting, state)
    _equip(setting, state)
    _look(state)
    if setting.is_on("vitality"):
        target = _target(setting, state)
        is_new = (block.level == 0) & (target > 0)
        speed = np.where(is_new, 1.0, setting["vitality_speed"])
        block.level[:] = np.where(target > 0, block.level + speed * (target - block.level), 0.0)
        block.first[is_new] = block.level[is_new]
    _dissolve(setting, state, log)


def is_zombie(setting: Setting, state: State) -> Bools:
    """(O,) organisations that exist without any progress on their mandate (Gray 2018).

    Either they hardly meet, or what came before them has come to nothing for years. A body before
    which nothing came is not one: that the model has no work for it says nothing of it.
    """
    block = state.vitality
    alive = state.is_member.any(axis=1) & ~state.is_dissolved
    idle = (state.step - block.done_at) * QUARTER >= setting["zombie_years"]
    stuck = idle & (block.failed_at > block.done_at)
    in_name = _meetings(setting, state) < setting["zombie_meetings"]
    return np.asarray(alive & (stuck | in_name) & setting.is_on("vitality"))


@dataclass(frozen=True, eq=False)
class _Means:
    """(O, S) dues, (O,) capacity and (O,) meetings a year, by the charters."""

    dues: Floats
    capacity: Floats
    meetings: Floats


def _means(setting: Setting, step: int) -> _Means:
    """What charters provide for in a quarter: the same until the next version begins or ends."""
    today = setting.calendar.first_day(step)
    return _means_of(setting, None, max(day for day in _turns(setting, None) if day <= today))


@remembered(keep=1)
def _turns(setting: Setting, _: None) -> tuple[date, ...]:
    """First days of quarters in which charters may be others than before."""
    calendar, found = setting.calendar, {0}
    for charter in setting.scenario.organisation.values():
        for version in charter.versions.values():
            days = [day for day in (version.since, version.until) if day is not None]
            # a version of a day within a quarter holds from the next on
            found |= {max(calendar.step_of(day) + late, 0) for day in days for late in (0, 1)}
    return tuple(calendar.first_day(step) for step in sorted(found))


@remembered(keep=1)
def _means_of(setting: Setting, _: None, day: date) -> _Means:
    step = setting.calendar.step_of(day)
    codes = setting.axes.organisations
    offices = [setting.charter(code, step).secretariat for code in codes]
    return _Means(
        np.array([setting.dues(code, step) for code in codes]),
        np.array([one.capacity for one in offices]),
        np.array([one.meetings_per_year for one in offices]),
    )


def _fund(setting: Setting, state: State) -> None:
    block, dues = state.vitality, _means(setting, state.step).dues
    for row in range(len(setting.axes.organisations)):
        block.funding[row] = paid_share(state.is_member[row], state.arrears[row], dues[row])


def _equip(setting: Setting, state: State) -> None:
    """What secretariats can work on: the charter's capacity describes the body of the first day."""
    block, vacancy = state.vitality, setting["vacancy_loss"]
    elasticity, decline = setting["funding_elasticity"], setting["vitality_elasticity"]
    seen = np.where(block.first > 0, block.first, 1.0)
    left = np.where(block.first > 0, np.minimum(block.level / seen, 1.0), 1.0) ** decline
    state.capacity[:] = (
        _means(setting, state.step).capacity
        * block.funding**elasticity
        * (1.0 - vacancy * state.is_vacant)
        * left
    )


def parts(setting: Setting, state: State) -> dict[str, Floats]:
    """(O,) delivery, funding, office, meetings and cohesion, each 0 to 1: vitality is their mean.

    Of a body without members they say nothing.
    """
    return {
        "delivery": delivery(state.n_done, state.n_failed),
        "funding": state.vitality.funding,
        "office": state.capacity,
        "meetings": _meetings(setting, state),
        "cohesion": _cohesion(setting, state),
    }


def _meetings(setting: Setting, state: State) -> Floats:
    """(O,) chance of at least one meeting within a year."""
    means = _means(setting, state.step)
    return activity(means.meetings * state.capacity / np.maximum(means.capacity, 1e-12))


@remembered(reads=("is_member",), keep=1)
def _cohesion(setting: Setting, state: State) -> Floats:
    return np.array([cohesion(setting.world.ideal_point[mask]) for mask in state.is_member])


def _look(state: State) -> None:
    """Keep when bodies last got somewhere, and when something last came to nothing."""
    block = state.vitality
    moved = (state.n_done > block.done) | ~state.is_member.any(axis=1)
    block.done_at[moved] = state.step
    block.failed_at[state.n_failed > block.failed] = state.step
    block.done[:], block.failed[:] = state.n_done, state.n_failed


def _target(setting: Setting, state: State) -> Floats:
    """(O,) mean of the parts; nothing for a body that is no more."""
    alive = state.is_member.any(axis=1) & ~state.is_dissolved
    mean = np.stack(list(parts(setting, state).values())).mean(axis=0)
    return np.where(alive, mean, 0.0)


def _dissolve(setting: Setting, state: State, log: Log) -> None:
    """Draw whom its members give up; membership carries it out in the next quarter."""
    uniform = stream(setting.seed, "deaths", state.step).random((2, state.is_dissolved.size))
    rates = np.array([setting[f"death_rate_{size}"] for size in SIZES])
    ratio, share = setting["zombie_death_ratio"], setting["zombie_share"]
    if not setting.is_on("deaths"):
        return
    members = np.where(state.is_dissolved, 0, state.is_member.sum(axis=1))
    chance = death_chance(members, is_zombie(setting, state), rates, ratio, share)
    codes = setting.axes.organisations
    is_own = np.array([not setting.scenario.organisation[code].part_of for code in codes])
    for row in np.flatnonzero(is_own & (uniform[0] < chance)):
        state.is_dissolved[row] = True
        day = setting.calendar.day_at(state.step, float(uniform[1, row]))
        log.event(
            state.step,
            day,
            "dissolved",
            organisation=codes[row],
            value=float(state.vitality.level[row]),
        )


VITALITY = Phase(
    name="vitality",
    meaning="funding, capacity and vitality of organisations, and their end",
    source="Gray 2018; Debre & Dijkstra 2021; Correlates of War IGO 3.0",
    reads=(
        "is_member",
        "is_dissolved",
        "arrears",
        "is_vacant",
        "n_done",
        "n_failed",
        "vitality.level",
        "vitality.first",
        *_RECORD,
    ),
    writes=(
        "capacity",
        "is_dissolved",
        "vitality.funding",
        "vitality.level",
        "vitality.first",
        *_RECORD,
    ),
    run=run,
)
