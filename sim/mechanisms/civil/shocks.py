"""Civil conflict that a scenario names."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from sim.shocks import Shock

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["CivilConflictShock"]

LEVELS = ("minor", "war")
_TOUCHED = ("civil_conflict", "civil.age", "civil.peace", "civil.had", "civil.offered")


class CivilConflictShock(Shock):
    """A civil conflict begins in a state, or the one under way begins anew at a level."""

    kind: Literal["civil_conflict"]
    state: str
    level: Literal["minor", "war"] = "minor"
    years: float = Field(default=0.0, ge=0, le=200)
    offered: bool = False

    reads: ClassVar[tuple[str, ...]] = _TOUCHED
    writes: ClassVar[tuple[str, ...]] = _TOUCHED

    def check(self, setting: Setting, where: str) -> None:
        """The state exists."""
        setting.axes.state(self.state, f"{where}.state")

    def apply(self, setting: Setting, state: State, log: Log) -> None:
        """It is there from the quarter on, and ends as any other that has lasted for its `years`.

        With `offered` a third party has offered itself: who, and whether it is accepted, is open.
        """
        if not setting.is_on("civil_conflict"):
            return
        row, level = setting.axes.state(self.state), 1 + LEVELS.index(self.level)
        state.civil_conflict[row] = level
        state.civil.age[row], state.civil.peace[row] = self.years, 0.0
        state.civil.had[row] = True
        state.civil.offered[row] = self.offered
        self.tell(state, log, "civil_conflict_began", actor=self.state, value=level)
