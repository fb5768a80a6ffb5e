"""Episodes: negotiations of the past as files.

One YAML file in ``scenarios/episode/`` (or in ``episode/`` of a user's own folder) is one case;
`docs/hindcasts.md` says what its keys mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from sim.calendar import Calendar
from sim.checked import Day, Model
from sim.errors import as_yaml

if TYPE_CHECKING:
    import pandas as pd

    from experiments.compose import Composed
    from sim.scenario import Scenario

__all__ = ["Episode", "History", "Leader"]

_YEARS_TO_FORCE = 6
"""Years that a run goes on after the deadline: nine in ten of the treaties that enter into force do
so within 1,074 days of signature (HUGGO), and the end of those signed last is to be seen."""
_LONGEST = 400 - 4 * _YEARS_TO_FORCE
"""Quarters of talks at most: a run has 400 or less."""


class Leader(Model):
    """A change of leader while the talks lasted; orientation in sd towards nationalism."""

    state: str
    date: Day
    orientation: float = Field(ge=-5, le=5)
    text: str = Field(min_length=3)
    reference: str = Field(min_length=3)


class History(Model):
    """What happened.

    Attributes
    ----------
    agreed, signed, in_force
        Dates; empty = it did not happen.
    ended
        Day on which it was given up for good: nothing of it can come about later.
    objectors
        Parties (states or blocs) that held out longest, whether or not it came about.
    stayed_out
        Parties that did not sign when it was concluded.
    depth_index
        DESTA depth index (0–7) where it is coded.
    text
        In a sentence.
    recorded_until
        Day up to which this is known.
    """

    agreed: Day | None = None
    signed: Day | None = None
    in_force: Day | None = None
    ended: Day | None = None
    objectors: tuple[str, ...] = ()
    stayed_out: tuple[str, ...] = ()
    depth_index: float | None = Field(default=None, ge=0, le=7)
    text: str = Field(min_length=10)
    recorded_until: Day = date(2025, 12, 31)

    @model_validator(mode="after")
    def _runs_forward(self) -> History:
        days = [day for day in (self.agreed, self.signed, self.in_force) if day is not None]
        if days != sorted(days):
            raise ValueError("agreed, signed and in_force do not follow each other")
        if self.in_force is not None and self.signed is None:
            raise ValueError("in_force without signed")
        if self.signed is not None and self.agreed is None:
            raise ValueError("signed without agreed")
        return self


class Episode(Model):
    """A negotiation of the past.

    Attributes
    ----------
    name
        The file's.
    use
        ``calibrate``: may be looked at when a model is fitted; ``test``: may not.
    in_estimate
        Whether the outcome is among those on which the acceptance utility was estimated.
    opened
        Day on which talks opened; the run begins with its quarter.
    parties
        States, or ``@CODE`` for all members of an organisation on that day.
    organisation
        An organisation of the model in which it was negotiated, instead of `parties`.
    decision, agenda, entry_into_force, level, meetings_per_year
        As in a charter; where they are empty, an `organisation` has its own.
    rule_reason
        Why this rule stands for how it was decided.
    item
        What is on offer: keys of a docket item, without `opens`.
    replaces
        Treaties of the table (names of its rows) that end unless another text takes their place:
        what is tabled is weighed against a world without them.
    leaders
        Dated changes known from history.
    sources
        Where all this is documented.
    """

    folder: ClassVar[str] = "episode"

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: str = Field(min_length=3)
    use: Literal["calibrate", "test"]
    in_estimate: bool = False
    opened: Day
    parties: tuple[str, ...] = ()
    organisation: str = ""
    decision: dict[str, Any] = Field(default_factory=dict)
    rule_reason: str = Field(min_length=10)
    agenda: dict[str, Any] = Field(default_factory=dict)
    level: Literal["global", "regional", "interregional"] = "interregional"
    meetings_per_year: float | None = Field(default=None, gt=0, le=24)
    entry_into_force: dict[str, Any] = Field(default_factory=dict)
    item: dict[str, Any] = Field(min_length=1)
    replaces: tuple[str, ...] = ()
    leaders: tuple[Leader, ...] = ()
    history: History
    sources: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _can_be_played(self) -> Episode:
        if bool(self.parties) == bool(self.organisation):
            raise ValueError("give either 'parties' or 'organisation'")
        if self.parties and not self.decision:
            raise ValueError("'decision' is missing: the rule by which the parties decide")
        if "opens" in self.item:
            raise ValueError("item: 'opens' is the day on which the talks were opened")
        length = self.item.get("deadline_quarters", 1)
        if not isinstance(length, int) or isinstance(length, bool) or not 1 <= length <= _LONGEST:
            raise ValueError(
                f"item.deadline_quarters: {as_yaml(length)} will not do, where a whole number from "
                f"1 to {_LONGEST} should be"
            )
        for name in ("agreed", "signed", "in_force", "ended", "recorded_until"):
            day = getattr(self.history, name)
            if day is not None and day < self.opened:
                raise ValueError(f"opened on {self.opened}, after {name} ({day})")
        for leader in self.leaders:
            if not self.start <= leader.date < self.end:
                raise ValueError(
                    f"the change of leader in {leader.state} on {leader.date} is outside the run "
                    f"({self.start} to {self.end})"
                )
        return self

    @property
    def body(self) -> str:
        """Code of the body that negotiates."""
        return self.organisation or f"{self.name.upper()}_TALKS"

    @property
    def start(self) -> date:
        """First day of the quarter in which talks opened."""
        return date(self.opened.year, (self.opened.month - 1) // 3 * 3 + 1, 1)

    @property
    def quarters(self) -> int:
        """Length of the run: up to the deadline, and some years to enter into force."""
        return int(self.item.get("deadline_quarters", 1)) + 4 * _YEARS_TO_FORCE

    @property
    def deadline(self) -> date:
        """The day after the last quarter of the talks."""
        return Calendar(self.start, self.quarters).first_day(self.quarters - 4 * _YEARS_TO_FORCE)

    @property
    def end(self) -> date:
        """The day after the last quarter of the run."""
        return Calendar(self.start, self.quarters).end

    def outcome(self) -> dict[str, float]:
        """What happened as events of a run: 1, 0, or NaN where it is not known yet."""
        told = self.history
        known = date.max if told.ended else told.recorded_until
        agrees = _by(told.agreed, self.deadline, known)
        signs = agrees if agrees != 1.0 else float(not told.stayed_out)
        force = _by(told.in_force, self.end, known)
        return {"agrees": agrees, "all_sign": signs, "in_force": force}

    @property
    def read_from(self) -> tuple[str, ...]:
        """Tables of a run that `read` looks at."""
        return "rounds", "votes", "agreements"

    def scenario(self, composed: Composed) -> Scenario:
        """What is run: the body of the talks, and the customs unions that sit there as one."""
        from experiments.episode_scenario import scenario_of_episode

        return scenario_of_episode(self, composed)

    def read(self, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
        """What came of a run (`analysis.hindcast.read_run`)."""
        from analysis.hindcast import read_run

        return read_run(tables, self.body)


def _by(day: date | None, limit: date, known: date) -> float:
    """Whether something happened before a day, as far as that is known."""
    if day is not None and day < limit:
        return 1.0
    return 0.0 if known >= limit else float("nan")
