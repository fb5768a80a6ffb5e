"""What a charter is: the rules, docket, secretariat and money of one organisation.

Types, ranges and spelling are checked here; names of states, organisations, matters and rules in
`sim.checks`, which knows the world.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from sim.checked import LONGEST_NOTICE, Day, Model, Names, Share, Weight, distinct

__all__ = [
    "Budget",
    "Charter",
    "DocketItem",
    "EntryIntoForce",
    "ForceGroup",
    "MemberDraw",
    "RuleUse",
    "Secretariat",
    "SecurityMandate",
    "StandingAgreement",
]

_LONGEST_DELAY = 36525  # days: a century, as long as the longest run


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


class MemberDraw(Model):
    """Members drawn at random, anew for each seed, for as long as the run.

    Attributes
    ----------
    draw
        How many.
    pool
        Of whom: states, or ``@CODE`` for the members of an organisation at the start.
    outside
        States, or members of organisations, that are not drawn.
    redraw
        Another number is another draw of the same seed.
    """

    draw: int = Field(ge=2)
    pool: Names = Field(min_length=1)
    outside: Names = ()
    redraw: int = Field(default=0, ge=0)


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
    levels: Annotated[tuple[Annotated[float, Field(ge=0)], ...], AfterValidator(distinct)] = (
        0.0,
        5.0,
        10.0,
    )
    tariff_cuts: Annotated[
        tuple[Annotated[float, Field(ge=0, le=100)], ...], AfterValidator(distinct)
    ] = (50.0, 100.0)
    terms: dict[str, tuple[Annotated[float, Field(ge=0)], ...]] = Field(default_factory=dict)
    reference: str = ""

    @model_validator(mode="after")
    def _offers_something(self) -> DocketItem:
        if not self.levels or not self.tariff_cuts:
            raise ValueError("levels and tariff_cuts need at least one entry each")
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


class SecurityMandate(Model):
    """What a body may do about conflict.

    Attributes
    ----------
    instruments
        ``mediation`` and ``arbitration`` of disputes, ``mission`` in civil conflict.
    style
        How it mediates: by facilitation, formulation or manipulation (ICB).
    interferes
        Whether it may act in a civil conflict that the state concerned has not asked it into.
    reference
        Article of the charter.
    """

    instruments: Annotated[
        tuple[Literal["mediation", "arbitration", "mission"], ...], AfterValidator(distinct)
    ] = Field(min_length=1)
    style: Literal["facilitation", "formulation", "manipulation"] = "facilitation"
    interferes: bool = False
    reference: str = Field(min_length=3)


class Charter(Model):
    """The rules of one organisation.

    Attributes
    ----------
    level
        ``global``, ``regional`` or ``interregional``.
    members
        Members throughout, for a body that the table of memberships does not have: states, or
        ``@CODE`` for all that belong to an organisation of the table at the start; or how many of
        whom are drawn at random.
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
    security
        What it may do about conflict; None for a body that does nothing.
    """

    name: str
    founded: Day
    level: Literal["global", "regional", "interregional"]
    mandate: Names
    members: Names | MemberDraw = ()
    votes_as_bloc: Names = ()
    decision: dict[str, RuleUse]
    agenda: RuleUse
    form: Literal["binding", "soft"] = "binding"
    open_accession: bool = False
    protects_red_lines: bool = False
    entry_into_force: EntryIntoForce = EntryIntoForce()
    exit_notice_months: float = Field(ge=0, le=LONGEST_NOTICE)
    exit_reference: str = ""
    secretariat: Secretariat
    budget: Budget = Budget()
    weights: Literal["equal", "population", "gdp"] | dict[str, Weight] = "equal"
    vetoes: Names = ()
    security: SecurityMandate | None = None
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
        if self.security and "security" not in self.decision:
            raise ValueError("security: no decision rule for area 'security'")
        for area in self.votes_as_bloc:
            if area not in self.decision:
                raise ValueError(f"votes_as_bloc: no decision rule for area {area!r}")
        return self
