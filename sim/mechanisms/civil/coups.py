"""Attempts to take power by force from within the state."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from sim.kernels.conflict.coups import Coup, coup_attempt
from sim.phase import Phase
from sim.security import rates, society
from sim.shocks import Shock
from sim.streams import stream

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["COUPS", "CoupShock"]

QUARTER = 0.25


def run(setting: Setting, state: State, log: Log) -> None:
    """Draw who tries, and who succeeds; an attempt calls for the next."""
    since = state.civil.since_coup
    model = rates(setting, Coup)
    years = np.where(since < 0, np.inf, since)
    chance = coup_attempt(society(setting, None), years, state.civil_conflict > 0, model)
    uniform = stream(setting.seed, "coups", state.step).random((3, since.size))
    succeeds = uniform[1] < setting["coup_success"]
    if not setting.is_on("coups"):
        return
    since[since >= 0] += QUARTER
    tries = uniform[0] < chance
    since[tries] = QUARTER
    state.civil.coups[:] = np.where(tries, 1 + succeeds, 0)
    for row in np.flatnonzero(tries):
        day = setting.calendar.day_at(state.step, float(uniform[2, row]))
        success = int(succeeds[row])
        log.event(state.step, day, "coup", actor=setting.axes.states[row], value=success)


class CoupShock(Shock):
    """An attempt to take power, which calls for the next."""

    kind: Literal["coup"]
    state: str
    succeeds: bool = True

    holds: ClassVar[tuple[str, ...]] = ("shock_coup",)
    writes: ClassVar[tuple[str, ...]] = ("civil.since_coup",)
    reads: ClassVar[tuple[str, ...]] = ("civil.since_coup",)

    def check(self, setting: Setting, where: str) -> None:
        """The state exists."""
        setting.axes.state(self.state, f"{where}.state")

    def apply(self, setting: Setting, state: State, log: Log) -> None:
        """The last attempt is of this quarter."""
        state.civil.since_coup[setting.axes.state(self.state)] = 0.0
        self.tell(state, log, "coup", actor=self.state, value=int(self.succeeds))

    def is_in_force(self, setting: Setting, step: int) -> bool:
        """In the quarter of its day."""
        return setting.calendar.step_of(self.date) == step

    def keep_in_force(self, setting: Setting, state: State) -> None:
        """Who looks for coups in the quarter finds it."""
        column = setting.axes.state(self.state)
        state.shock_coup[column] = max(int(state.shock_coup[column]), 1 + self.succeeds)


COUPS = Phase(
    name="coups",
    meaning="the military or the palace tries to take power",
    source="Cline Center 1990-2010, estimates of docs/security.md",
    reads=("civil_conflict", "civil.since_coup"),
    writes=("civil.since_coup", "civil.coups"),
    run=run,
)
