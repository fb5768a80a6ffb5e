"""Organisations come to their end on a day."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from sim.shocks.base import Shock

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["DissolutionShock"]


class DissolutionShock(Shock):
    """Organisations are dissolved: their agreements and the treaties of their members end.

    Parties of a treaty that no body keeps (two states, a bloc and a state) keep it.
    """

    kind: Literal["dissolution"]
    organisations: tuple[str, ...] = Field(min_length=1)

    reads: ClassVar[tuple[str, ...]] = ("is_dissolved",)
    writes: ClassVar[tuple[str, ...]] = ("is_dissolved",)

    def check(self, setting: Setting, where: str) -> None:
        """The organisations exist."""
        for code in self.organisations:
            setting.axes.organisation(code, f"{where}.organisations")

    def apply(self, setting: Setting, state: State, log: Log) -> None:
        """They have come to their end; the membership phase winds them up in the same quarter."""
        for code in self.organisations:
            row = setting.axes.organisation(code)
            if not state.is_dissolved[row]:
                state.is_dissolved[row] = True
                self.tell(state, log, "dissolved", organisation=code)
