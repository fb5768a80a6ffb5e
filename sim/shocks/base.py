"""What a dated event of a scenario is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, get_args

from pydantic import model_validator

from sim.checked import Day, Model

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.shocks.membership import Rolls
    from sim.state import State

__all__ = ["Entry", "Lasting", "Shock"]


@dataclass(frozen=True)
class Entry:
    """A line of the timeline: what happens on a day, in words."""

    date: Day
    kind: str
    text: str
    reference: str


class Shock(Model):
    """A dated event: its data, the names in it, and what it does.

    A kind is a class with ``kind: Literal["name"]``. It declares what of the state its effect
    `reads` and `writes`, and which fields it `holds`: those are emptied each quarter before the
    shocks in force fill them again, so nobody else may write to them.
    """

    date: Day
    text: str = ""
    reference: str = ""

    reads: ClassVar[tuple[str, ...]] = ()
    writes: ClassVar[tuple[str, ...]] = ()
    holds: ClassVar[tuple[str, ...]] = ()
    is_answer: ClassVar[bool] = False
    """Whether it follows from what other shocks hold in force, and so comes after them."""

    @classmethod
    def kind_name(cls) -> str:
        """Its name in YAML."""
        return str(get_args(cls.model_fields["kind"].annotation)[0])

    @property
    def bodies(self) -> frozenset[str]:
        """Codes of the organisations that it names."""
        one, several = getattr(self, "organisation", None), getattr(self, "organisations", ())
        return frozenset(() if one is None else (str(one),)) | frozenset(several)

    def check(self, setting: Setting, where: str) -> None:
        """Make sure that the names exist.

        Raises
        ------
        ConfigError
            With the place and the nearest name.
        """

    def enter(self, rolls: Rolls, where: str) -> None:
        """Make sure that it can happen to those who are members on its day, and move them."""

    def days(self) -> tuple[Day, ...]:
        """The days on which something happens: its date, unless a kind says otherwise."""
        return (self.date,)

    def apply(self, setting: Setting, state: State, log: Log) -> None:
        """What happens in the quarter of its day."""

    def end(self, setting: Setting, state: State, log: Log) -> None:
        """What happens in the quarter of its last day: only kinds that last have one."""

    def is_in_force(self, setting: Setting, step: int) -> bool:
        """Whether it holds in a quarter: only kinds that last hold at all."""
        return False

    def keep_in_force(self, setting: Setting, state: State) -> None:
        """Fill what it holds, in every quarter in which it is in force."""

    def tell(self, state: State, log: Log, kind: str, **details: Any) -> None:
        """Record an event of its day, with its text as the reason."""
        log.event(state.step, self.date, kind, **{"reason": self.text, **details})

    def timeline(self, setting: Setting) -> Iterable[Entry]:
        """What is to happen, in words."""
        yield Entry(self.date, self.kind_name(), self.words, self.reference)

    @property
    def words(self) -> str:
        """Its text, or its data when the scenario gives none."""
        if self.text:
            return self.text
        given = self.model_dump(exclude_none=True, exclude={"kind", "date", "text", "reference"})
        parts = []
        for key, value in given.items():
            shown = ", ".join(value) if isinstance(value, tuple) else str(value)
            parts.append(f"{key} {shown}")
        return "; ".join(parts)


class Lasting(Shock):
    """A shock that holds from `date` on, until the day `until` when one is given."""

    until: Day | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Lasting:
        if self.until is not None and self.until <= self.date:
            raise ValueError(f"'until' ({self.until}) must be later than 'date' ({self.date})")
        return self

    @property
    def actor(self) -> str:
        """Who acts; empty where the shock names nobody, or many."""
        return ""

    def end(self, setting: Setting, state: State, log: Log) -> None:
        """Its end is told in the quarter in which it comes."""
        if self.until is not None and setting.calendar.step_of(self.until) == state.step:
            kind = self.kind_name()
            what = f"{kind}: {self.text}" if self.text else kind
            log.event(state.step, self.until, "shock_ended", actor=self.actor, reason=what)

    def is_in_force(self, setting: Setting, step: int) -> bool:
        """Whether it has begun by the quarter, and does not end in it or before."""
        step_of = setting.calendar.step_of
        return step_of(self.date) <= step and (self.until is None or step_of(self.until) > step)

    def timeline(self, setting: Setting) -> Iterable[Entry]:
        """What is to happen, and when it ends."""
        yield from super().timeline(setting)
        if self.until is not None:
            text = f"end of: {self.words}"
            yield Entry(self.until, f"{self.kind_name()}_ends", text, self.reference)
