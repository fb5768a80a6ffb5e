"""Tariffs outside agreements, and answers to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from sim.checked import Day, States
from sim.errors import unknown
from sim.shocks.base import Entry, Lasting
from sim.world.path_tables import milestones

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State
    from sim.world.path_tables import Milestone

__all__ = ["RetaliationShock", "TariffPathShock", "TariffShock"]


class TariffShock(Lasting):
    """An importer adds tariffs, by a table of rates or one rate, on some or all exporters.

    `rate` is in percentage points; `schedule` names an embedded table. `until` ends it.
    """

    kind: Literal["tariff"]
    importer: str
    exporters: States = "all"
    rate: float | None = Field(default=None, gt=-100, le=1000)
    schedule: str | None = None

    holds: ClassVar[tuple[str, ...]] = ("shock_tariff",)

    @model_validator(mode="after")
    def _one_rate(self) -> TariffShock:
        if (self.rate is None) == (self.schedule is None):
            raise ValueError("give either 'rate' (percentage points) or 'schedule' (a table)")
        if isinstance(self.exporters, tuple):
            _refuse_self(self.importer, self.exporters, "exporters")
        return self

    @property
    def actor(self) -> str:
        """The importer."""
        return self.importer

    def check(self, setting: Setting, where: str) -> None:
        """States and schedule exist."""
        setting.axes.state(self.importer, f"{where}.importer")
        if isinstance(self.exporters, tuple):
            setting.axes.mask(self.exporters, f"{where}.exporters")
        known = setting.world.schedules
        if self.schedule and self.schedule not in known:
            raise unknown("tariff schedule", self.schedule, known, f"{where}.schedule")

    def apply(self, setting: Setting, state: State, log: Log) -> None:
        """The tariffs are told."""
        self.tell(
            state,
            log,
            "tariff",
            actor=self.importer,
            target="all" if isinstance(self.exporters, str) else ";".join(self.exporters),
            value=float("nan") if self.rate is None else self.rate,
            reason=self.text or (f"schedule {self.schedule}" if self.schedule else ""),
        )

    def keep_in_force(self, setting: Setting, state: State) -> None:
        """They are charged on top of what others add."""
        j = setting.axes.state(self.importer)
        if self.schedule:
            rates = setting.world.schedule(self.schedule)
        else:
            rates = np.full(len(setting.axes.states), (self.rate or 0.0) / 100.0)
        if not isinstance(self.exporters, str):
            rates = np.where(setting.axes.mask(self.exporters), rates, 0.0)
        state.shock_tariff[:, j] += rates
        state.shock_tariff[j, j] = 0.0


def _refuse_self(state: str, others: tuple[str, ...], name: str) -> None:
    if not others:
        raise ValueError(f"{name} is empty; it should name states, or be left out")
    if state in others:
        raise ValueError(f"{state} is among the {name}; it trades with others, not with itself")


class TariffPathShock(Lasting):
    """Tariffs follow an embedded table of dated rates; each quarter has the mean of its days.

    `path` names the table. Nothing of it is charged before `date`, nor from `until` on.
    """

    kind: Literal["tariff_path"]
    path: str

    holds: ClassVar[tuple[str, ...]] = ("shock_tariff",)

    @property
    def steps(self) -> tuple[Milestone, ...]:
        """The dated steps of the table while it is in force."""
        return tuple(
            step
            for step in milestones(self.path)
            if self.date <= step.date and (self.until is None or step.date < self.until)
        )

    def check(self, setting: Setting, where: str) -> None:
        """The table exists."""
        if self.path not in setting.world.paths:
            raise unknown("tariff path", self.path, setting.world.paths, f"{where}.path")

    def days(self) -> tuple[Day, ...]:
        """The days on which rates change."""
        return tuple(step.date for step in self.steps)

    def apply(self, setting: Setting, state: State, log: Log) -> None:
        """The changes of the quarter are told."""
        for step in self.steps:
            if setting.calendar.step_of(step.date) == state.step:
                log.event(
                    state.step,
                    step.date,
                    "tariff",
                    actor=step.importer,
                    target=";".join(step.exporters),
                    value=step.rate,
                    reason=step.text,
                )

    def is_in_force(self, setting: Setting, step: int) -> bool:
        """Whether any day of the quarter counts, those of the last one too."""
        first = setting.calendar.first_day(step)
        has_begun = setting.calendar.step_of(self.date) <= step
        return has_begun and (self.until is None or first < self.until)

    def keep_in_force(self, setting: Setting, state: State) -> None:
        """The mean of the quarter's days is charged on top of what others add."""
        first, after = (setting.calendar.first_day(state.step + k) for k in (0, 1))
        start, end = max(first, self.date), min(after, self.until or after)
        path = setting.world.paths[self.path]
        share = (end - start).days / (after - first).days
        state.shock_tariff[:] += share * path.mean(start, end, setting.world.tariffs)

    def timeline(self, setting: Setting) -> Iterable[Entry]:
        """The steps of the table, and when it ends."""
        told = [Entry(one.date, self.kind_name(), one.text, one.source) for one in self.steps]
        yield from told or [next(iter(super().timeline(setting)))]
        yield from list(super().timeline(setting))[1:]


class RetaliationShock(Lasting):
    """Targets of an importer's added tariffs answer in kind, by a share of what they face."""

    kind: Literal["retaliation"]
    against: str
    states: States = "targets"
    proportion: float = Field(default=1.0, ge=0, le=5)

    reads: ClassVar[tuple[str, ...]] = ("extra_tariff",)
    holds: ClassVar[tuple[str, ...]] = ("shock_tariff",)
    is_answer: ClassVar[bool] = True

    @model_validator(mode="after")
    def _is_against_another(self) -> RetaliationShock:
        if isinstance(self.states, tuple):
            _refuse_self(self.against, self.states, "states")
        return self

    def check(self, setting: Setting, where: str) -> None:
        """States exist."""
        setting.axes.state(self.against, f"{where}.against")
        if isinstance(self.states, tuple):
            setting.axes.mask(self.states, f"{where}.states")

    def apply(self, setting: Setting, state: State, log: Log) -> None:
        """The answer is told."""
        who = self.states if isinstance(self.states, str) else ";".join(self.states)
        self.tell(state, log, "retaliation", actor=who, target=self.against, value=self.proportion)

    def keep_in_force(self, setting: Setting, state: State) -> None:
        """All that is faced is answered, what others than the scenario have added too."""
        j = setting.axes.state(self.against)
        faced = state.total("extra_tariff")[:, j]
        answer = self.proportion * np.maximum(faced, 0.0)
        if not isinstance(self.states, str):
            answer = np.where(setting.axes.mask(self.states), answer, 0.0)
        answer[j] = 0.0
        state.shock_tariff[j, :] += answer
