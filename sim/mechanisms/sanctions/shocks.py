"""Sanctions that a scenario names."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from sim.errors import ConfigError, unknown
from sim.mechanisms.sanctions.records import NOBODY, Sanction, answers
from sim.shocks import Lasting

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["SanctionShock"]

_BLOCK = ("sanctions.running", "sanctions.occasions")


class SanctionShock(Lasting):
    """A body, or a state alone, sanctions a state, whether or not its members would."""

    kind: Literal["sanction"]
    body: str
    target: str
    scope: Literal["trade", "targeted"] = "trade"
    occasion: Literal["war", "force", "civil", "coup", "nuclear", "other"] = "other"

    reads: ClassVar[tuple[str, ...]] = _BLOCK
    writes: ClassVar[tuple[str, ...]] = ("sanctions.running",)

    @property
    def actor(self) -> str:
        """The state under sanctions."""
        return self.target

    def check(self, setting: Setting, where: str) -> None:
        """Body and target exist, are not the same, and the body's charter has sanctions."""
        setting.axes.state(self.target, f"{where}.target")
        if self.body == self.target:
            raise ConfigError(
                f"{self.body} sanctions itself", where=where, expected="a body or another state"
            )
        if self.body in setting.axes.states:
            return
        bodies = setting.axes.organisations
        if self.body not in bodies:
            known = (*bodies, *setting.axes.states)
            raise unknown("body", self.body, known, f"{where}.body")
        step = setting.calendar.step_of(self.date)
        able = [code for code in bodies if _may(setting, code, step)]
        if self.body not in able:
            raise ConfigError(
                f"the charter of {self.body} has no instrument 'sanctions' on {self.date}",
                where=f"{where}.body",
                expected=f"a state, or one of: {', '.join(able) or 'no body'}",
            )

    def apply(self, setting: Setting, state: State, log: Log) -> None:
        """They are in force from the day on."""
        if not setting.is_on("sanctions"):
            return
        row, other = setting.axes.state(self.target), NOBODY
        if self.occasion != "other":
            other = answers(state.sanctions.occasions, self.occasion, row)[0]
        how = "dated" if self.until else ""
        new = Sanction(
            self.body, row, other, self.occasion, self.scope, self.date, self.until, how,
            is_dated=True,
        )  # fmt: skip
        state.sanctions.running = (*state.sanctions.running, new)


def _may(setting: Setting, code: str, step: int) -> bool:
    mandate = setting.charter(code, step).security
    return mandate is not None and mandate.sanctions is not None
