"""Leaders leave, by what is known and by chance, and others follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.kernels.leaders import EXITS, exits, successor
from sim.mechanisms.leaders.facts import chance_from, regimes
from sim.phase import Phase
from sim.streams import stream
from sim.types import Bools, Ints

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["LEADERS"]

QUARTER = 0.25
REGULAR, IRREGULAR = EXITS.index("regular"), EXITS.index("irregular")


def run(setting: Setting, state: State, log: Log) -> None:
    """Who leaves, and where the successor stands."""
    block, size = state.leaders, state.orientation.size
    generator = stream(setting.seed, "leaders", state.step)
    uniform, normal = generator.random((4, size)), generator.standard_normal(size)
    block.left[:] = 0
    new_by_event = block.since == state.step
    how = np.where(new_by_event, 0, _known(setting, state, _by_chance(setting, state, uniform)))
    leaves = how > 0
    follows = successor(
        state.orientation,
        setting["leader_discontent"] * state.public_discontent,
        normal,
        setting["leader_persistence"],
        setting["leader_spread"],
    )
    if not setting.is_on("leaders"):
        return
    state.orientation[leaves] = follows[leaves]
    block.left[:] = how
    block.secure_until[leaves] = -1
    block.tenure[:] = np.where(leaves | new_by_event, 0.0, block.tenure + QUARTER)
    for row in np.flatnonzero(leaves):
        log.event(
            state.step,
            setting.calendar.day_at(state.step, float(uniform[2, row])),
            "leader_change",
            actor=setting.axes.states[row],
            value=float(state.orientation[row]),
            reason=f"{EXITS[how[row]]} exit",
        )


def _by_chance(setting: Setting, state: State, uniform: np.ndarray) -> Ints:
    """(S,) exits by hazards, and by coups where those are a process of their own."""
    block = state.leaders
    how = exits(
        block.tenure,
        regimes(setting),
        uniform[:2],
        setting.world.politics.exits,
        setting["leader_exit_factor"],
    )
    by_coup = (how == IRREGULAR) & (uniform[3] < setting["leader_irregular_by_coup"])
    if setting.is_on("coups"):
        # most irregular exits are coups, which the model draws elsewhere
        how = np.where(by_coup, 0, how)
    how = np.where(_is_exposed(setting, state), how, 0)
    return np.where(state.coup == 2, IRREGULAR, how)


def _is_exposed(setting: Setting, state: State) -> Bools:
    """(S,) who may leave by chance: not before the end of what is known or given."""
    after = chance_from(setting) <= state.step
    exposed: Bools = after & (state.leaders.secure_until <= state.step)
    return exposed


def _known(setting: Setting, state: State, how: Ints) -> Ints:
    """(S,) the same with the changes of the quarter that are known or given by the scenario."""
    given = state.leaders.secure_until
    how = np.where(given == state.step, REGULAR, how)
    for one in setting.world.politics.leaders:
        if setting.calendar.step_of(one.day) == state.step and given[one.state] <= state.step:
            how[one.state] = one.how
    return how


LEADERS = Phase(
    name="leaders",
    meaning="leaders leave by regime and years in office; successors differ",
    source="Archigos 4.1, 1960-2000 (Goemans, Gleditsch & Chiozza 2009); known changes to 2025",
    reads=(
        "orientation", "coup", "public_discontent", "leaders.tenure", "leaders.since",
        "leaders.secure_until",
    ),
    writes=("orientation", "leaders.tenure", "leaders.secure_until", "leaders.left"),
    run=run,
)  # fmt: skip
