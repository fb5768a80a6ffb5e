"""Parts of a charter that a forum outside charters has as well: rules, clauses, money, people."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from sim.checked import Model, Names, Share, Weight

__all__ = [
    "Budget",
    "EntryIntoForce",
    "ForceGroup",
    "ForumRules",
    "RuleUse",
    "Secretariat",
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
    weights, vetoes
        Voting weights, and states whose no is enough, for rules that ask for them.
    """

    level: Literal["global", "regional", "interregional"]
    form: Literal["binding", "soft"] = "binding"
    open_accession: bool = False
    protects_red_lines: bool = False
    entry_into_force: EntryIntoForce = EntryIntoForce()
    weights: Literal["equal", "population", "gdp"] | dict[str, Weight] = "equal"
    vetoes: Names = ()

    @field_validator("weights")
    @classmethod
    def _weigh_something(cls, weights: Any) -> Any:
        if isinstance(weights, dict) and not sum(weights.values()) > 0:
            raise ValueError("no member has a weight above 0; one at least should")
        return weights
