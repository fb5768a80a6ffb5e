"""Who governs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from sim.shocks.base import Shock

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["LeaderShock"]


class LeaderShock(Shock):
    """A new leader: orientation in standard deviations towards nationalism."""

    kind: Literal["leader_change"]
    state: str
    orientation: float = Field(ge=-5, le=5)

    reads: ClassVar[tuple[str, ...]] = ("orientation",)
    writes: ClassVar[tuple[str, ...]] = ("orientation",)

    def check(self, setting: Setting, where: str) -> None:
        """The state exists."""
        setting.axes.state(self.state, f"{where}.state")

    def apply(self, setting: Setting, state: State, log: Log) -> None:
        """The leader stays until the next."""
        state.orientation[setting.axes.state(self.state)] = self.orientation
        self.tell(state, log, "leader_change", actor=self.state, value=self.orientation)
