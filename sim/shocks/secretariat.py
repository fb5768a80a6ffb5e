"""Money and heads of secretariats."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from sim.checked import Share
from sim.errors import ConfigError
from sim.shocks.base import Lasting

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["FundingShock", "VacancyShock"]


class FundingShock(Lasting):
    """A contributor stops paying a share of its dues."""

    kind: Literal["funding_cut"]
    organisation: str
    contributor: str
    share: Share = 1.0

    holds: ClassVar[tuple[str, ...]] = ("shock_arrears",)

    @property
    def actor(self) -> str:
        """The contributor."""
        return self.contributor

    def check(self, setting: Setting, where: str) -> None:
        """State and organisation exist, and the state has dues."""
        column = setting.axes.state(self.contributor, f"{where}.contributor")
        setting.axes.organisation(self.organisation, f"{where}.organisation")
        if not setting.dues[self.organisation][column] > 0:
            raise ConfigError(
                f"{self.contributor} pays nothing to {self.organisation}",
                where=f"{where}.contributor",
                expected="a member that has dues",
            )

    def apply(self, setting: Setting, state: State, log: Log) -> None:
        """The cut is told."""
        self.tell(
            state,
            log,
            "funding_cut",
            actor=self.contributor,
            organisation=self.organisation,
            value=self.share,
        )

    def keep_in_force(self, setting: Setting, state: State) -> None:
        """Of several cuts the largest counts."""
        row = setting.axes.organisation(self.organisation)
        column = setting.axes.state(self.contributor)
        state.shock_arrears[row, column] = max(float(state.shock_arrears[row, column]), self.share)


class VacancyShock(Lasting):
    """The secretariat's head is missing from `date` until `until`."""

    kind: Literal["vacancy"]
    organisation: str

    holds: ClassVar[tuple[str, ...]] = ("shock_vacancy",)

    def check(self, setting: Setting, where: str) -> None:
        """The organisation exists."""
        setting.axes.organisation(self.organisation, f"{where}.organisation")

    def apply(self, setting: Setting, state: State, log: Log) -> None:
        """The vacancy is told."""
        self.tell(state, log, "vacancy", organisation=self.organisation)

    def keep_in_force(self, setting: Setting, state: State) -> None:
        """There is nobody."""
        state.shock_vacancy[setting.axes.organisation(self.organisation)] = True
