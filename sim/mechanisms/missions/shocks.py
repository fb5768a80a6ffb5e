"""Missions that a scenario names: their start, their end, their money."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from sim.checked import Share
from sim.errors import ConfigError, unknown
from sim.mechanisms.missions.records import PeaceMission
from sim.shocks import Lasting, Shock
from sim.world.security import MISSIONS as KINDS

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["MissionEndShock", "MissionFundingShock", "MissionStartShock"]


class MissionStartShock(Shock):
    """A body sends a mission to a state."""

    kind: Literal["mission_start"]
    mission: str = Field(min_length=1)
    organisation: str
    host: str
    personnel: float = Field(gt=0, le=500_000)
    mission_kind: str = "peacekeeping"

    reads: ClassVar[tuple[str, ...]] = ("missions.running",)
    writes: ClassVar[tuple[str, ...]] = ("missions.running",)

    def check(self, setting: Setting, where: str) -> None:
        """Host, body and kind exist; nobody else has the name."""
        setting.axes.state(self.host, f"{where}.host")
        if self.organisation not in setting.world.organisations:
            raise unknown(
                "organisation", self.organisation, setting.world.organisations,
                f"{where}.organisation",
            )  # fmt: skip
        if self.mission_kind not in KINDS:
            raise unknown("kind of mission", self.mission_kind, KINDS, f"{where}.mission_kind")
        if self.mission in {one.name for one in setting.world.security.missions}:
            raise ConfigError(
                f"there is a mission {self.mission!r} already", where=f"{where}.mission",
                expected="a name of its own",
            )  # fmt: skip

    def apply(self, setting: Setting, state: State, log: Log) -> None:
        """It is there from the day on."""
        if setting.is_on("missions"):
            host = setting.axes.state(self.host)
            new = PeaceMission(
                self.mission, self.organisation, host, self.date, None, self.personnel,
                self.mission_kind,
            )  # fmt: skip
            state.missions.running = (*state.missions.running, new)


class MissionEndShock(Shock):
    """A mission leaves."""

    kind: Literal["mission_end"]
    mission: str

    reads: ClassVar[tuple[str, ...]] = ("missions.running",)
    writes: ClassVar[tuple[str, ...]] = ("missions.running",)

    def check(self, setting: Setting, where: str) -> None:
        """There is such a mission, in the table or by another shock."""
        sent = (one for _, one in setting.scenario.dated if isinstance(one, MissionStartShock))
        known = [one.name for one in setting.world.security.missions] + [m.mission for m in sent]
        if self.mission not in known:
            raise unknown("mission", self.mission, known, f"{where}.mission")

    def apply(self, setting: Setting, state: State, log: Log) -> None:
        """It has its end on the day, if it is still there."""
        state.missions.running = tuple(
            replace(one, until=self.date)
            if one.name == self.mission and (one.until is None or one.until > self.date)
            else one
            for one in state.missions.running
        )


class MissionFundingShock(Lasting):
    """Money for the missions in a state is withheld."""

    kind: Literal["mission_funding_cut"]
    host: str
    share: Share = 1.0

    holds: ClassVar[tuple[str, ...]] = ("missions.withheld",)

    @property
    def actor(self) -> str:
        """The state in which the missions are."""
        return self.host

    def check(self, setting: Setting, where: str) -> None:
        """The host exists."""
        setting.axes.state(self.host, f"{where}.host")

    def apply(self, setting: Setting, state: State, log: Log) -> None:
        """The cut is told."""
        self.tell(state, log, "mission_funding_cut", actor=self.host, value=self.share)

    def keep_in_force(self, setting: Setting, state: State) -> None:
        """Of several cuts the largest counts."""
        row = setting.axes.state(self.host)
        withheld = state.missions.withheld
        withheld[row] = max(float(withheld[row]), self.share)
