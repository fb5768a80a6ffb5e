"""States leave and join organisations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from sim.calendar import add_months
from sim.checked import LONGEST_NOTICE, Day
from sim.errors import ConfigError, nearest
from sim.shocks.base import Entry, Shock

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["ExitShock", "JoinShock", "Rolls"]


@dataclass
class Rolls:
    """Who belongs to what as the dated shocks of a scenario go by."""

    setting: Setting
    members: dict[str, set[str]] = field(default_factory=dict)
    pending: list[tuple[Day, str, str]] = field(default_factory=list)
    turned: dict[tuple[Day, str, str], str] = field(default_factory=dict)

    def of(self, organisation: str) -> set[str]:
        """Members of an organisation so far."""
        if organisation not in self.members:
            mask = self.setting.world.members(organisation, self.setting.scenario.start)
            self.members[organisation] = set(self.setting.axes.names(mask))
        return self.members[organisation]

    def turn(self, shock: ExitShock | JoinShock, state: str, where: str) -> None:
        """Refuse a state that joins and leaves on one day: nothing says what comes first."""
        key = (shock.date, shock.organisation, state)
        if self.turned.setdefault(key, shock.kind) != shock.kind:
            raise ConfigError(
                f"{state} joins and leaves {shock.organisation} on one day",
                where=where,
                expected="two days, or one of the two",
            )

    def advance(self, day: Day) -> None:
        """Carry out the exits that are due by a day."""
        for one in [one for one in self.pending if one[0] <= day]:
            self.of(one[1]).discard(one[2])
            self.pending.remove(one)


class ExitShock(Shock):
    """A state announces that it leaves; it is out after the charter's notice."""

    kind: Literal["exit"]
    state: str
    organisation: str
    notice_months: float | None = Field(default=None, ge=0, le=LONGEST_NOTICE)

    reads: ClassVar[tuple[str, ...]] = ("leaves_at",)
    writes: ClassVar[tuple[str, ...]] = ("leaves_at",)

    def effective(self, setting: Setting) -> Day:
        """The day on which the state is out: after the shock's notice, or the charter's."""
        months = self.notice_months
        if months is None:
            months = setting.charter(self.organisation).exit_notice_months
        return add_months(self.date, months)

    def check(self, setting: Setting, where: str) -> None:
        """State and organisation exist."""
        setting.axes.state(self.state, f"{where}.state")
        setting.axes.organisation(self.organisation, f"{where}.organisation")

    def enter(self, rolls: Rolls, where: str) -> None:
        """The state belongs there, and has not announced its exit."""
        rolls.turn(self, self.state, where)
        members = rolls.of(self.organisation)
        if self.state not in members:
            known = nearest(self.state, members) if members else "an organisation with members"
            raise ConfigError(
                f"{self.state} is not a member of {self.organisation} on {self.date}",
                where=f"{where}.state",
                expected=known,
            )
        if any(one[1:] == (self.organisation, self.state) for one in rolls.pending):
            raise ConfigError(
                f"{self.state} has announced its exit from {self.organisation} already",
                where=where,
                expected="one exit, or a date after the notice has run out and the state is back",
            )
        rolls.pending.append((self.effective(rolls.setting), self.organisation, self.state))

    def apply(self, setting: Setting, state: State, log: Log) -> None:
        """The exit is announced; the membership phase carries it out."""
        row = setting.axes.organisation(self.organisation)
        column = setting.axes.state(self.state)
        day = self.effective(setting)
        state.leaves_at[row, column] = max(setting.calendar.step_of(day), state.step)
        self.tell(
            state,
            log,
            "exit_announced",
            actor=self.state,
            organisation=self.organisation,
            reason=self.text or f"effective {day.isoformat()}",
        )

    def timeline(self, setting: Setting) -> Iterable[Entry]:
        """The announcement, and the day on which the state is out."""
        yield from super().timeline(setting)
        text = f"{self.state} is out of {self.organisation}"
        yield Entry(self.effective(setting), "exit_effective", text, self.reference)


class JoinShock(Shock):
    """States join an organisation on the day."""

    kind: Literal["join"]
    states: tuple[str, ...] = Field(min_length=1)
    organisation: str

    reads: ClassVar[tuple[str, ...]] = ("is_member",)
    writes: ClassVar[tuple[str, ...]] = ("is_member",)

    def check(self, setting: Setting, where: str) -> None:
        """States and organisation exist."""
        setting.axes.mask(self.states, f"{where}.states")
        setting.axes.organisation(self.organisation, f"{where}.organisation")

    def enter(self, rolls: Rolls, where: str) -> None:
        """None of them belongs there yet."""
        members = rolls.of(self.organisation)
        for state in self.states:
            if state in members:
                raise ConfigError(
                    f"{state} is a member of {self.organisation} already",
                    where=f"{where}.states",
                    expected="states that are not members on that day, each named once",
                )
            members.add(state)
        for state in self.states:
            rolls.turn(self, state, where)

    def apply(self, setting: Setting, state: State, log: Log) -> None:
        """They are members from now on."""
        row = setting.axes.organisation(self.organisation)
        for code in self.states:
            state.is_member[row, setting.axes.state(code)] = True
            self.tell(state, log, "join", actor=code, organisation=self.organisation)
