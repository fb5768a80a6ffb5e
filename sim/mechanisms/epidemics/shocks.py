"""An outbreak that a scenario names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from sim.mechanisms.epidemics.records import Outbreak
from sim.shocks import Shock

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["OutbreakShock"]


class OutbreakShock(Shock):
    """An outbreak begins in a state.

    Its `severity` is in deaths a year per thousand people of the world.
    """

    kind: Literal["outbreak"]
    state: str
    severity: Annotated[float, Field(gt=0, le=100)]

    reads: ClassVar[tuple[str, ...]] = ("epidemics.outbreaks",)
    writes: ClassVar[tuple[str, ...]] = ("epidemics.outbreaks",)

    def check(self, setting: Setting, where: str) -> None:
        """The state exists."""
        setting.axes.state(self.state, f"{where}.state")

    def apply(self, setting: Setting, state: State, log: Log) -> None:
        """It is there from the quarter on, and goes on as any other."""
        if not setting.is_on("epidemics"):
            return
        origin, block = setting.axes.state(self.state), state.epidemics
        new = Outbreak(origin, self.date, state.step, self.severity)
        block.outbreaks = (*block.outbreaks, new)
        self.tell(state, log, "outbreak_named", actor=self.state, value=self.severity)
