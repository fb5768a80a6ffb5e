"""Who governs, by a dated event."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from sim.shocks import Lasting

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["LeaderShock"]


class LeaderShock(Lasting):
    """A new leader: orientation in standard deviations towards nationalism.

    Before `until` nothing but a coup removes the leader; on that day a successor is drawn. Without
    it, the leader is exposed to chance like any other.
    """

    kind: Literal["leader_change"]
    state: str
    orientation: float = Field(ge=-5, le=5)

    reads: ClassVar[tuple[str, ...]] = ("orientation", "leaders.since", "leaders.secure_until")
    writes: ClassVar[tuple[str, ...]] = ("orientation", "leaders.since", "leaders.secure_until")

    @property
    def actor(self) -> str:
        """The state."""
        return self.state

    def check(self, setting: Setting, where: str) -> None:
        """The state exists."""
        setting.axes.state(self.state, f"{where}.state")

    def apply(self, setting: Setting, state: State, log: Log) -> None:
        """The leader takes office."""
        row = setting.axes.state(self.state)
        state.orientation[row] = self.orientation
        state.leaders.since[row] = state.step
        ends = -1 if self.until is None else setting.calendar.step_of(self.until)
        state.leaders.secure_until[row] = ends
        self.tell(state, log, "leader_change", actor=self.state, value=self.orientation)
