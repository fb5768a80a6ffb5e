"""Disputes and ceasefires that a scenario names."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from sim.errors import ConfigError
from sim.hazards import NAMES, crisis_shares, durations
from sim.kernels.conflict.ladder import draw_duration
from sim.mechanisms.disputes.records import DAYS, OPEN, Dispute
from sim.shocks import Shock
from sim.streams import stream

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["CeasefireShock", "DisputeShock"]

_BLOCK = ("disputes.open",)


class _PairShock(Shock):
    state: str
    against: str

    reads: ClassVar[tuple[str, ...]] = _BLOCK
    writes: ClassVar[tuple[str, ...]] = _BLOCK

    def check(self, setting: Setting, where: str) -> None:
        """Two states that exist; disputes are on."""
        pair = [
            setting.axes.state(getattr(self, key), f"{where}.{key}") for key in ("state", "against")
        ]
        if pair[0] == pair[1]:
            raise ConfigError(
                f"a dispute of {self.state} with itself", where=where, expected="two states"
            )

    def rows(self, setting: Setting) -> tuple[int, int]:
        """Rows of the two states, the lower first."""
        i, j = sorted((setting.axes.state(self.state), setting.axes.state(self.against)))
        return i, j


class DisputeShock(_PairShock):
    """Two states fall into a dispute, or their open one goes further."""

    kind: Literal["dispute"]
    level: Literal["threat", "display", "force", "war"]
    months: float | None = Field(default=None, gt=0, le=1200)
    offered: bool = False

    def apply(self, setting: Setting, state: State, log: Log) -> None:
        """It begins as latent and rises as any other; without `months` its length is drawn.

        With `offered` a third party has offered itself: who, and whether it is accepted, is open.
        """
        if not setting.is_on("disputes"):
            return
        i, j = self.rows(setting)
        level = NAMES.index(self.level)
        drawn, acute = self._drawn(setting, state.step, level)
        length = self.months / 3.0 if self.months else drawn
        is_crisis = self.offered or acute < crisis_shares(setting)[level]
        old = next(
            (d for d in state.disputes.open if (d.i, d.j) == (i, j) and d.settlement == OPEN), None
        )
        new = Dispute(i, j, self.date, 0, level, length, is_crisis=is_crisis, offered=self.offered)
        if old is not None:
            lasts = max(old.duration, (self.date - old.began).days / DAYS + length)
            new = replace(
                old, highest=max(old.highest, level), duration=lasts,
                is_crisis=old.is_crisis or is_crisis, offered=old.offered or self.offered,
            )  # fmt: skip
        state.disputes.open = (*(d for d in state.disputes.open if d is not old), new)
        self.tell(state, log, "dispute_named", actor=self.state, target=self.against, value=level)

    def _drawn(self, setting: Setting, step: int, level: int) -> tuple[float, float]:
        """Length in quarters, as that of any dispute of its level, and an even number."""
        i, j = self.rows(setting)
        name = f"named_dispute/{setting.axes.states[i]}-{setting.axes.states[j]}"
        rng = stream(setting.seed, name, step)
        length = draw_duration(np.array([level]), rng.standard_normal(1), durations(setting))
        return float(length[0]), float(rng.random())


class CeasefireShock(_PairShock):
    """Two states stop: their dispute, if one is open, ends in the quarter by agreement."""

    kind: Literal["ceasefire"]

    def apply(self, setting: Setting, state: State, log: Log) -> None:
        """The dispute ends where it stands."""
        pair = self.rows(setting)
        state.disputes.open = tuple(
            replace(d, stopped_on=self.date, highest=d.stage)
            if (d.i, d.j) == pair and d.settlement == OPEN and d.stage
            else d
            for d in state.disputes.open
        )
        self.tell(state, log, "ceasefire", actor=self.state, target=self.against)
