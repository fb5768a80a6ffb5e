"""Funding, capacity and vitality of organisations, at the end of a quarter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.kernels.vitality import cohesion, delivery, paid_share
from sim.phase import Phase
from sim.types import Floats

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["VITALITY"]


def run(setting: Setting, state: State, log: Log) -> None:
    """Update funding, capacity and vitality; at the first quarter vitality starts at its target."""
    block = state.vitality
    _fund(setting, state)
    for row, code in enumerate(setting.axes.organisations):
        vacancy = setting["vacancy_loss"] if state.is_vacant[row] else 0.0
        full = setting.charter(code, state.step).secretariat.capacity
        paid = block.funding[row] ** setting["funding_elasticity"]
        state.capacity[row] = full * paid * (1.0 - vacancy)
    if setting.is_on("vitality"):
        target = _target(setting, state)
        speed = 1.0 if state.step == 0 else setting["vitality_speed"]
        block.level[:] += speed * (target - block.level)


def _fund(setting: Setting, state: State) -> None:
    block = state.vitality
    for row, code in enumerate(setting.axes.organisations):
        block.funding[row] = paid_share(
            state.is_member[row],
            state.arrears[row],
            setting.dues(code, state.step),
        )


def _target(setting: Setting, state: State) -> Floats:
    """(O,) mean of delivery, funding, capacity relative to the charter's, and cohesion."""
    codes = setting.axes.organisations
    full = np.array([setting.charter(c, state.step).secretariat.capacity for c in codes])
    parts = np.stack(
        [
            delivery(state.n_agreed, state.n_lapsed),
            state.vitality.funding,
            state.capacity / np.maximum(full, 1e-12),
            np.array([cohesion(setting.world.ideal_point[mask]) for mask in state.is_member]),
        ]
    )
    alive = state.is_member.sum(axis=1) > 0
    return np.where(alive, parts.mean(axis=0), 0.0)


VITALITY = Phase(
    name="vitality",
    meaning="funding, capacity and vitality of organisations",
    source="Gray 2018; Debre & Dijkstra 2021",
    reads=(
        "is_member",
        "arrears",
        "is_vacant",
        "n_agreed",
        "n_lapsed",
        "vitality.level",
    ),
    writes=("capacity", "vitality.funding", "vitality.level"),
    run=run,
)
