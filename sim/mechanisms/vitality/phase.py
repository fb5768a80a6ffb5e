"""Funding, capacity, vitality and death of organisations, at the end of a quarter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.kernels.vitality import activity, cohesion, death_chance, delivery, paid_share
from sim.phase import Phase
from sim.streams import stream
from sim.types import Bools, Floats

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["SIZES", "VITALITY", "is_zombie"]

SIZES = ("2_3", "4_6", "7_12", "13_25", "26_60", "61_more")
"""Groups of organisations by members, as rates of death are known."""


def run(setting: Setting, state: State, log: Log) -> None:
    """Update funding, capacity and vitality; then ask whom its members give up."""
    block = state.vitality
    _fund(setting, state)
    _equip(setting, state)
    if setting.is_on("vitality"):
        target = _target(setting, state)
        is_new = (block.level == 0) & (target > 0)
        speed = np.where(is_new, 1.0, setting["vitality_speed"])
        block.level[:] = np.where(target > 0, block.level + speed * (target - block.level), 0.0)
        block.first[is_new] = block.level[is_new]
    _dissolve(setting, state, log)


def is_zombie(setting: Setting, state: State) -> Bools:
    """(O,) organisations that exist without working."""
    alive = state.is_member.any(axis=1) & ~state.is_dissolved
    return np.asarray(
        alive & (state.vitality.level < setting["zombie_vitality"]) & setting.is_on("vitality")
    )


def _fund(setting: Setting, state: State) -> None:
    block = state.vitality
    for row, code in enumerate(setting.axes.organisations):
        block.funding[row] = paid_share(
            state.is_member[row],
            state.arrears[row],
            setting.dues(code, state.step),
        )


def _equip(setting: Setting, state: State) -> None:
    """What secretariats can work on: the charter's capacity describes the body of the first day."""
    block, vacancy = state.vitality, setting["vacancy_loss"]
    elasticity, decline = setting["funding_elasticity"], setting["vitality_elasticity"]
    for row, code in enumerate(setting.axes.organisations):
        full = setting.charter(code, state.step).secretariat.capacity
        paid = block.funding[row] ** elasticity
        left = 1.0
        if block.first[row] > 0:
            left = min(block.level[row] / block.first[row], 1.0) ** decline
        state.capacity[row] = full * paid * (1.0 - vacancy * state.is_vacant[row]) * left


def _target(setting: Setting, state: State) -> Floats:
    """(O,) mean of delivery, funding, capacity, meetings and cohesion."""
    offices = [setting.charter(c, state.step).secretariat for c in setting.axes.organisations]
    full = np.array([one.capacity for one in offices])
    meetings = np.array([one.meetings_per_year for one in offices])
    parts = np.stack(
        [
            delivery(state.n_agreed, state.n_lapsed),
            state.vitality.funding,
            state.capacity,
            activity(meetings * state.capacity / np.maximum(full, 1e-12)),
            np.array([cohesion(setting.world.ideal_point[mask]) for mask in state.is_member]),
        ]
    )
    alive = state.is_member.any(axis=1) & ~state.is_dissolved
    return np.where(alive, parts.mean(axis=0), 0.0)


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
    is_own = np.array([not setting.charter(code, state.step).part_of for code in codes])
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
        "n_agreed",
        "n_lapsed",
        "vitality.level",
        "vitality.first",
    ),
    writes=("capacity", "is_dissolved", "vitality.funding", "vitality.level", "vitality.first"),
    run=run,
)
