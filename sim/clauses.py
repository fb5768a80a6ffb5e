"""What charters and forums outside charters are made of: rules, clauses, items, meetings."""

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

from sim.checked import Day, Model, Names, Share, Weight, distinct

__all__ = [
    "AdHocForum",
    "Budget",
    "DocketItem",
    "EntryIntoForce",
    "ForceGroup",
    "ForumRules",
    "Revision",
    "RevisionForum",
    "RuleUse",
    "Secretariat",
    "Specification",
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
    ratifies_soft
        Whether soft texts must be ratified too; False for resolutions and recommendations.
    reference
        Article of the treaty.
    """

    needs_ratification: bool = True
    ratifies_soft: bool = True
    ratifications: int = Field(default=0, ge=0)
    groups: tuple[ForceGroup, ...] = ()
    gdp_share: Share = 0.0
    delay_days: int = Field(default=60, ge=0, le=_LONGEST_DELAY)
    reference: str = ""

    def must_be_ratified(self, *, is_soft: bool) -> bool:
        """Whether a text must be ratified at home, by its form.

        Examples
        --------
        >>> EntryIntoForce(ratifies_soft=False).must_be_ratified(is_soft=True)
        False
        """
        return self.needs_ratification and (self.ratifies_soft or not is_soft)


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


class ForumRules(Model):
    """What any forum has, with a charter or without.

    Attributes
    ----------
    level
        ``global``, ``regional`` or ``interregional``.
    form
        What a binding or soft body can adopt.
    open_accession
        Whether members that stayed out of an agreement, or states admitted later, may join it.
    protects_red_lines
        Whether matters that a member protects may not be tabled at all.
    entry_into_force
        When what it adopts enters into force.
    procedure_months
        Months between the opening of an item and its first vote: proposal, consultation, readings.
    weights, vetoes
        Voting weights, and states whose no is enough, for rules that ask for them.
    """

    level: Literal["global", "regional", "interregional"]
    form: Literal["binding", "soft"] = "binding"
    open_accession: bool = False
    protects_red_lines: bool = False
    entry_into_force: EntryIntoForce = EntryIntoForce()
    procedure_months: float = Field(default=0.0, ge=0, le=120)
    weights: Literal["equal", "population", "gdp"] | dict[str, Weight] = "equal"
    vetoes: Names = ()

    @field_validator("weights")
    @classmethod
    def _weigh_something(cls, weights: Any) -> Any:
        if isinstance(weights, dict) and not sum(weights.values()) > 0:
            raise ValueError("no member has a weight above 0; one at least should")
        return weights


class Specification(Model):
    """What is negotiated: an item carries it, wherever it was opened.

    Attributes
    ----------
    area
        Issue area, which knows what levels mean.
    kind
        What the area offers: in trade ``preferential`` (among participants) or ``mfn``.
    every_quarters
        It is opened again so many quarters after its deadline, also when it was settled before;
        0 = once.
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
    def _offers_something(self) -> Specification:
        if not self.levels or not self.tariff_cuts:
            raise ValueError("levels and tariff_cuts need at least one entry each")
        return self


class DocketItem(Specification):
    """An item on the docket of an organisation, first taken up on the day `opens`."""

    opens: Day


class Revision(Model):
    """What talks on the revision of an agreement go back to.

    Attributes
    ----------
    agreement
        Code of the agreement.
    organisation, item
        Where it was made, and the name of its item there.
    without
        Who leaves it otherwise.
    """

    agreement: str
    organisation: str
    item: str
    without: Names


class AdHocForum(ForumRules):
    """A forum that no charter has set up: parties meet for negotiations of their own.

    Attributes
    ----------
    code
        Its name in the tables, where organisations have theirs.
    parties
        Who negotiates: a state, or an organisation that speaks with one voice by its own rule.
        What is agreed holds between parties; among the members of one it changes nothing.
    members_of
        Organisations whose members sit there each for themselves.
    decision, agenda
        The rule by which parties decide, and who chairs.
    meetings_per_year
        Meetings, shared by the items that are open there.
    reference
        Where these rules are from.
    """

    code: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
    level: Literal["global", "regional", "interregional"] = "interregional"
    parties: Names = ()
    members_of: Names = ()
    decision: RuleUse
    agenda: RuleUse
    meetings_per_year: float = Field(gt=0, le=24)
    reference: str = Field(min_length=3)

    @model_validator(mode="after")
    def _seats_two(self) -> AdHocForum:
        if len(self.parties) < 2 and not self.members_of:
            raise ValueError("it needs two parties at least, or 'members_of'")
        return self


class RevisionForum(AdHocForum):
    """A forum in which the parties of an agreement negotiate another in its place."""

    revision: Revision
