"""What a scenario is: frozen models that refuse what they do not know.

YAML becomes a plain mapping, the mapping becomes a `Scenario`. Types, ranges and spelling are
checked here; names of states, organisations, matters and rules are checked in `sim.load`, which
knows the world.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from sim.errors import as_yaml

__all__ = [
    "Budget",
    "Charter",
    "DocketItem",
    "EntryIntoForce",
    "ForceGroup",
    "RuleUse",
    "Scenario",
    "Secretariat",
    "Shock",
    "StandingAgreement",
    "TradeColumns",
    "WorldOptions",
]

Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
Weight: TypeAlias = Annotated[float, Field(ge=0)]
Code: TypeAlias = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
Iso3: TypeAlias = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
FIRST_YEAR, LAST_YEAR = 1900, 2200
"""Years in which a run may start; charters and their dockets may be some older."""

_OLDEST = 1800  # founding of the oldest organisations: the Rhine commission, 1815
_LONGEST_NOTICE = 1200.0  # months: a century, as long as the longest run
_LONGEST_DELAY = 36525  # days: the same


def _day(value: Any) -> Any:
    """A day as it is written, and no number of seconds or time of day that could be read as one."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    is_written = isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value)
    try:
        day = date.fromisoformat(str(value)) if is_written else None
    except ValueError:
        day = None
    if day is None:
        raise ValueError(f"{as_yaml(value)} is no day of the calendar, such as '2025-01-20'")
    return day


def _in_reach(day: date) -> date:
    if not _OLDEST <= day.year <= LAST_YEAR + 100:
        raise ValueError(f"{day} is out of reach, {_OLDEST} to {LAST_YEAR + 100}")
    return day


def _distinct(values: Any) -> Any:
    """Refuse an entry that a list has twice: one of the two was meant to be another."""
    seen: set[Hashable] = set()
    for value in values if isinstance(values, tuple) else ():
        if value in seen:
            raise ValueError(f"{value!r} comes twice, where each should come once")
        seen.add(value)
    return values


Day: TypeAlias = Annotated[date, BeforeValidator(_day), AfterValidator(_in_reach)]
Names: TypeAlias = Annotated[tuple[str, ...], AfterValidator(_distinct)]
States: TypeAlias = Annotated[
    tuple[str, ...] | Literal["all", "targets"], AfterValidator(_distinct)
]


class Model(BaseModel):
    """Base of all configuration: frozen, numbers finite, and nothing unknown passes."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _true_is_no_number(cls, given: Any) -> Any:
        """Python takes True for 1; who writes ``quarters: true`` means neither."""
        if isinstance(given, Mapping):
            for name, field in cls.model_fields.items():
                kind = repr(field.annotation)
                if ("int" in kind or "float" in kind) and "bool" not in kind:
                    _refuse_true(name, given.get(name))
        return given


def _refuse_true(name: str, value: Any) -> None:
    parts = {name: value}
    if isinstance(value, Mapping):
        parts = {f"{name}.{key}": one for key, one in value.items()}
    elif isinstance(value, list | tuple):
        parts = {f"{name}.{n}": one for n, one in enumerate(value)}
    for place, one in parts.items():
        if isinstance(one, bool):
            raise ValueError(f"{place}: {as_yaml(one)} will not do, where a number should be")


class RuleUse(BaseModel):
    """The name of a rule and its parameters, as a charter gives them."""

    model_config = ConfigDict(frozen=True, extra="allow")
    rule: str

    @property
    def parameters(self) -> dict[str, Any]:
        """Everything but the name."""
        return dict(self.model_extra or {})


class ForceGroup(Model):
    """A number of ratifications asked of one group of signatories (empty = of all others)."""

    members_of: str = ""
    count: int = Field(ge=1)


class EntryIntoForce(Model):
    """When an agreement enters into force; all conditions must hold.

    Attributes
    ----------
    ratifications
        Least number of ratifications; 0 = all signatories.
    groups
        Ratifications asked of groups (RCEP: six of ASEAN and three others).
    gdp_share
        Least share of the signatories' joint GDP among those that ratified.
    delay_days
        Days between the condition and entry into force.
    needs_ratification
        Whether signatories must ratify at home; False for acts that bind once adopted
        (EU regulations, TFEU Art. 288).
    reference
        Article of the treaty.
    """

    needs_ratification: bool = True
    ratifications: int = Field(default=0, ge=0)
    groups: tuple[ForceGroup, ...] = ()
    gdp_share: Share = 0.0
    delay_days: int = Field(default=60, ge=0, le=_LONGEST_DELAY)
    reference: str = ""


class Secretariat(Model):
    """How much an organisation can work on."""

    capacity: Share
    meetings_per_year: float = Field(gt=0, le=24)
    reference: str = ""


class Budget(Model):
    """Who pays: total in million USD a year, and the contributors' shares (the rest is even)."""

    total: float = Field(default=0.0, ge=0)
    shares: dict[str, Share] = Field(default_factory=dict)
    reference: str = ""

    @field_validator("shares")
    @classmethod
    def _is_one_budget(cls, shares: dict[str, float]) -> dict[str, float]:
        if sum(shares.values()) > 1.0 + 1e-9:
            raise ValueError(f"the shares add up to {sum(shares.values()):g}, more than 1")
        return shares


class DocketItem(Model):
    """Something an organisation negotiates.

    Attributes
    ----------
    area
        Issue area, which knows what levels mean.
    kind
        What the area offers: in trade ``preferential`` (among participants) or ``mfn``.
    opens
        Date on which it is first taken up.
    every_quarters
        It is opened again so many quarters after it was settled or lapsed; 0 = once.
    deadline_quarters
        It dies when not settled by then.
    levels
        Levels offered, in the unit of the area's first term: in trade, trade-cost cuts in percent.
    tariff_cuts
        Tariff cuts offered in trade, in percent of the applied tariff.
    terms
        Values offered of an area's further terms by name, in their units.
    """

    area: str = "trade"
    kind: str = "preferential"
    opens: Day
    every_quarters: int = Field(default=0, ge=0, le=400)
    deadline_quarters: int = Field(ge=1, le=400)
    levels: Annotated[tuple[Annotated[float, Field(ge=0)], ...], AfterValidator(_distinct)] = (
        0.0,
        5.0,
        10.0,
    )
    tariff_cuts: Annotated[
        tuple[Annotated[float, Field(ge=0, le=100)], ...], AfterValidator(_distinct)
    ] = (50.0, 100.0)
    terms: dict[str, tuple[Annotated[float, Field(ge=0)], ...]] = Field(default_factory=dict)
    reference: str = ""

    @model_validator(mode="after")
    def _offers_something(self) -> DocketItem:
        if not self.levels or not self.tariff_cuts:
            raise ValueError("levels and tariff_cuts need at least one entry each")
        if max(self.levels) == 0 and not any(map(sum, self.terms.values())):
            raise ValueError("the item offers nothing: its levels are zero; one should be above")
        return self


class StandingAgreement(Model):
    """An agreement made before the run, in force on its first day.

    Attributes
    ----------
    area, kind
        As of a docket item.
    terms
        Value of each of the area's terms, in its unit.
    signed
        Day of signature.
    parties
        State → day from which it is bound; those bound after the start of the run are left out.
    """

    area: str
    kind: str
    form: Literal["binding", "soft"] = "binding"
    terms: dict[str, float]
    exemptions: Names = ()
    signed: Day
    parties: dict[str, Day] = Field(min_length=2)
    reference: str = Field(min_length=3)


class Charter(Model):
    """The rules of one organisation.

    Attributes
    ----------
    level
        ``global``, ``regional`` or ``interregional``.
    votes_as_bloc
        Areas in which members act as one party in other forums (customs unions: trade).
    decision
        Decision rule per area.
    agenda
        Who chairs and by what criterion the chair chooses.
    form
        What a binding or soft body can adopt.
    open_accession
        Whether members that stayed out of an agreement, or states admitted later, may join it.
    agreements
        What was agreed under its roof before the run.
    protects_red_lines
        Whether matters that a member protects may not be tabled at all.
    exit_notice_months
        Notice between announcement and effect of a withdrawal.
    """

    name: str
    founded: Day
    level: Literal["global", "regional", "interregional"]
    mandate: Names
    votes_as_bloc: Names = ()
    decision: dict[str, RuleUse]
    agenda: RuleUse
    form: Literal["binding", "soft"] = "binding"
    open_accession: bool = False
    protects_red_lines: bool = False
    entry_into_force: EntryIntoForce = EntryIntoForce()
    exit_notice_months: float = Field(ge=0, le=_LONGEST_NOTICE)
    exit_reference: str = ""
    secretariat: Secretariat
    budget: Budget = Budget()
    weights: Literal["equal", "population", "gdp"] | dict[str, Weight] = "equal"
    vetoes: Names = ()
    docket: dict[str, DocketItem] = Field(default_factory=dict)
    agreements: dict[str, StandingAgreement] = Field(default_factory=dict)
    references: tuple[str, ...] = Field(min_length=1)

    @field_validator("weights")
    @classmethod
    def _weigh_something(cls, weights: Any) -> Any:
        if isinstance(weights, dict) and not sum(weights.values()) > 0:
            raise ValueError("no member has a weight above 0; one at least should")
        return weights

    @model_validator(mode="after")
    def _decides_what_it_negotiates(self) -> Charter:
        for key, item in self.docket.items():
            if item.area not in self.mandate:
                raise ValueError(f"docket item {key!r}: area {item.area!r} is not in the mandate")
            if item.area not in self.decision:
                raise ValueError(f"docket item {key!r}: no decision rule for area {item.area!r}")
        for area in self.decision:
            if area not in self.mandate:
                raise ValueError(f"decision: area {area!r} is not in the mandate")
        for area in self.votes_as_bloc:
            if area not in self.decision:
                raise ValueError(f"votes_as_bloc: no decision rule for area {area!r}")
        return self


class _Shock(Model):
    date: Day
    text: str = ""
    reference: str = ""

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> _Shock:
        until = getattr(self, "until", None)
        if until is not None and until <= self.date:
            raise ValueError(f"'until' ({until}) must be later than 'date' ({self.date})")
        return self


class ExitShock(_Shock):
    """A state announces that it leaves; it is out after the charter's notice."""

    kind: Literal["exit"]
    state: str
    organisation: str
    notice_months: float | None = Field(default=None, ge=0, le=_LONGEST_NOTICE)


class JoinShock(_Shock):
    """States join an organisation on the day."""

    kind: Literal["join"]
    states: tuple[str, ...] = Field(min_length=1)
    organisation: str


class TariffShock(_Shock):
    """An importer adds tariffs, by a table of rates or one rate, on some or all exporters.

    `rate` is in percentage points; `schedule` names an embedded table. `until` ends it.
    """

    kind: Literal["tariff"]
    importer: str
    exporters: States = "all"
    rate: float | None = Field(default=None, gt=-100, le=1000)
    schedule: str | None = None
    until: Day | None = None

    @model_validator(mode="after")
    def _one_rate(self) -> TariffShock:
        if (self.rate is None) == (self.schedule is None):
            raise ValueError("give either 'rate' (percentage points) or 'schedule' (a table)")
        if isinstance(self.exporters, tuple):
            _refuse_self(self.importer, self.exporters, "exporters")
        return self


class TariffPathShock(_Shock):
    """Tariffs follow an embedded table of dated rates; each quarter has the mean of its days.

    `path` names the table. Nothing of it is charged before `date`, nor from `until` on.
    """

    kind: Literal["tariff_path"]
    path: str
    until: Day | None = None

    def covers(self, day: Day) -> bool:
        """Whether it is in force on a day."""
        return self.date <= day and (self.until is None or day < self.until)


def _refuse_self(state: str, others: tuple[str, ...], name: str) -> None:
    if not others:
        raise ValueError(f"{name} is empty; it should name states, or be left out")
    if state in others:
        raise ValueError(f"{state} is among the {name}; it trades with others, not with itself")


class RetaliationShock(_Shock):
    """Targets of an importer's added tariffs answer in kind, by a share of what they face."""

    kind: Literal["retaliation"]
    against: str
    states: States = "targets"
    proportion: float = Field(default=1.0, ge=0, le=5)
    until: Day | None = None

    @model_validator(mode="after")
    def _is_against_another(self) -> RetaliationShock:
        if isinstance(self.states, tuple):
            _refuse_self(self.against, self.states, "states")
        return self


class LeaderShock(_Shock):
    """A new leader: orientation in standard deviations towards nationalism."""

    kind: Literal["leader_change"]
    state: str
    orientation: float = Field(ge=-5, le=5)


class FundingShock(_Shock):
    """A contributor stops paying a share of its dues."""

    kind: Literal["funding_cut"]
    organisation: str
    contributor: str
    share: Share = 1.0
    until: Day | None = None


class VacancyShock(_Shock):
    """The secretariat's head is missing from `date` until `until`."""

    kind: Literal["vacancy"]
    organisation: str
    until: Day | None = None


Shock: TypeAlias = Annotated[
    ExitShock
    | JoinShock
    | TariffShock
    | TariffPathShock
    | RetaliationShock
    | LeaderShock
    | FundingShock
    | VacancyShock,
    Field(discriminator="kind"),
]


class TradeColumns(Model):
    """Names of columns of a user's trade file, where they are not to be found by themselves.

    Attributes
    ----------
    exporter, importer, value
        The two states (with a flow: reporter and partner) and the value.
    year, product, flow
        "none" says that no column has it.
    """

    exporter: str | None = None
    importer: str | None = None
    value: str | None = None
    year: str | None = None
    product: str | None = None
    flow: str | None = None


class WorldOptions(Model):
    """Which world: the embedded one, or a user's trade matrix.

    Attributes
    ----------
    trade
        The file; None is the embedded world.
    trade_year, trade_unit
        The year to take from it, and the unit of its values.
    columns
        Its columns.
    complete
        What pairs without trade in the user's file trade: nothing, or what they trade in the
        embedded world.
    deficits
        Whether trade deficits are removed before the start, or held fixed as shares of world
        output throughout.
    """

    trade: str | None = None
    trade_year: int | None = None
    trade_unit: str | None = None
    columns: TradeColumns = TradeColumns()
    complete: Literal["zero", "estimate"] = "zero"
    deficits: Literal["balanced", "fixed"] = "balanced"

    @field_validator("trade")
    @classmethod
    def _is_named(cls, trade: str | None) -> str | None:
        if trade is not None and not trade.strip():
            raise ValueError(
                "no file is named (is a variable of the shell not set?). Expected "
                "world.trade=FILE, or world.trade=null for the embedded world"
            )
        return trade

    @model_validator(mode="after")
    def _has_a_file(self) -> WorldOptions:
        told: dict[str, Any] = {"trade_year": self.trade_year, "trade_unit": self.trade_unit}
        told["complete"] = None if self.complete == "zero" else self.complete
        told |= {f"columns.{role}": name for role, name in self.columns}
        set_ = [name for name, value in told.items() if value is not None]
        if self.trade is None and set_:
            raise ValueError(
                f"{set_[0]} has no effect without a file. Expected world.trade=FILE as well"
            )
        return self


class Scenario(Model):
    """Everything a run needs but its seed.

    Attributes
    ----------
    start, quarters
        First quarter (its first day) and how many to simulate.
    shocks
        Dated events by name; a scenario that inherits adds or replaces by name.
    tariff_variants
        Which tariffs may be charged: name → shocks that it adds, or puts in the place of others.
    tariffs
        The tariffs chosen; ``announced`` leaves the shocks as they are.
    responses
        How others may respond: name of the response → shocks that it adds.
    response
        The response chosen; ``none`` adds nothing.
    parameters
        Model parameters, values only (units, ranges and references are in the parameter files).
    organisation
        Charters by code.
    switches
        Mechanisms that can be turned off to measure their effect.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: str
    description: str = ""
    start: Day
    quarters: int = Field(ge=1, le=400)
    shocks: dict[str, Shock] = Field(default_factory=dict)
    tariff_variants: dict[str, dict[str, Shock]] = Field(default_factory=dict)
    tariffs: str = "announced"
    responses: dict[str, dict[str, Shock]] = Field(default_factory=dict)
    response: str = "none"
    switches: dict[str, bool] = Field(default_factory=dict)
    world: WorldOptions = WorldOptions()
    parameters: dict[str, float]
    organisation: dict[str, Charter]

    @field_validator("start")
    @classmethod
    def _is_start_of_a_quarter(cls, start: date) -> date:
        if not FIRST_YEAR <= start.year <= LAST_YEAR:
            raise ValueError(f"{start} is out of reach, {FIRST_YEAR} to {LAST_YEAR}")
        if start.day != 1 or start.month not in {1, 4, 7, 10}:
            raise ValueError(f"{start} is not the first day of a quarter, such as 2024-01-01")
        return start

    @property
    def choices(self) -> dict[str, tuple[str, dict[str, dict[str, Any]], str]]:
        """Choice → where its options stand, the options, and the one that changes nothing."""
        return {
            "tariffs": ("tariff_variants", self.tariff_variants, "announced"),
            "response": ("responses", self.responses, "none"),
        }

    @property
    def placed(self) -> dict[str, tuple[str, Any]]:
        """Name → (where it is written, shock) of all in force; what is chosen goes first."""
        found = {name: (f"shocks.{name}", shock) for name, shock in self.shocks.items()}
        for choice, (place, options, _) in self.choices.items():
            chosen = getattr(self, choice)
            for name, shock in options.get(chosen, {}).items():
                found[name] = (f"{place}.{chosen}.{name}", shock)
        return found

    @property
    def dated(self) -> tuple[tuple[str, Any], ...]:
        """All shocks in force, those of the chosen options included, by date and name."""
        pairs = [(name, shock) for name, (_, shock) in self.placed.items()]
        return tuple(sorted(pairs, key=lambda pair: (pair[1].date, pair[0])))
