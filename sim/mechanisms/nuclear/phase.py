"""Nuclear status by rivals' status, and military spending."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.errors import ConfigError
from sim.hazards import nuclear_chances
from sim.kernels.conflict.arms import arms_growth, is_stable, rival_weights
from sim.kernels.conflict.nuclear import NuclearStatus, draw_status
from sim.memo import remembered
from sim.phase import Phase
from sim.security import hazard_shift
from sim.streams import stream
from sim.types import Floats

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["ARMS", "NUCLEAR", "STATUSES", "check"]

STATUSES = tuple(status.name.lower() for status in NuclearStatus)
QUARTER = 0.25


def run_status(setting: Setting, state: State, log: Log) -> None:
    """States begin, go on with, drop or finish programmes."""
    status = state.nuclear.status
    chance = _chances(setting, state)
    uniform = stream(setting.seed, "nuclear", state.step).random((2, status.size))
    if not setting.is_on("nuclear"):
        return
    new = draw_status(status, chance, uniform[0])
    for row in np.flatnonzero(new != status):
        day = setting.calendar.day_at(state.step, float(uniform[1, row]))
        log.event(
            state.step, day, "nuclear_status", actor=setting.axes.states[row],
            value=int(new[row]), reason=f"{STATUSES[status[row]]} to {STATUSES[new[row]]}",
        )  # fmt: skip
    status[:] = new


def _chances(setting: Setting, state: State) -> Floats:
    """(S, 4, 4) chances of each status after the quarter, by the rules and sanctions in force."""
    shift = np.diagonal(hazard_shift(setting, state, "nuclear"))
    return nuclear_chances(setting, state.nuclear.status, shift - state.sanction_pressure)


def run_arms(setting: Setting, state: State, log: Log) -> None:
    """Spending reacts to rivals', returns to its level and is moved by what else happens."""
    block = state.nuclear
    at_rest = np.diagonal(hazard_shift(setting, state, "arms"))
    normal = stream(setting.seed, "arms", state.step).standard_normal(block.arms.size)
    growth = arms_growth(
        block.arms,
        _weights(setting, None),
        reaction=setting["arms_reaction"],
        fatigue=setting["arms_fatigue"],
        grievance=setting["arms_fatigue"] * at_rest,
    )
    spread = setting["arms_spread"] * np.sqrt(QUARTER)
    if setting.is_on("arms"):
        block.arms[:] += QUARTER * growth + spread * normal


@remembered(keep=1)
def _weights(setting: Setting, _: None) -> Floats:
    world = setting.world
    return rival_weights(world.is_rival, np.nan_to_num(world.milex))


def check(setting: Setting) -> None:
    """Richardson's condition: spending comes to rest.

    Raises
    ------
    ConfigError
        The reaction to rivals is as strong as fatigue, so that spending would run away.
    """
    reaction, fatigue = setting["arms_reaction"], setting["arms_fatigue"]
    if setting.is_on("arms") and not is_stable(
        _weights(setting, None), reaction=reaction, fatigue=fatigue
    ):
        raise ConfigError(
            f"a reaction of {reaction:g} with a fatigue of {fatigue:g} lets military spending run"
            " away",
            where="parameters.arms_reaction",
            expected=f"less than arms_fatigue, {fatigue:g} (Richardson 1960)",
        )


NUCLEAR = Phase(
    name="nuclear",
    meaning="nuclear programmes begin, advance and end",
    source="Bleek 2017; Smith & Spaniel 2020; docs/security.md",
    reads=("agreements", "is_member", "sanction_pressure", "nuclear.status"),
    writes=("nuclear.status",),
    run=run_status,
)

ARMS = Phase(
    name="arms",
    meaning="military spending reacts to rivals and returns to its level",
    source="Richardson 1960; Correlates of War NMC 6",
    reads=("agreements", "is_member", "nuclear.arms"),
    writes=("nuclear.arms",),
    run=run_arms,
)
