"""Clauses of a charter about who belongs: members, admission, suspension, votes lost by debt."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from sim.checked import Day, Model, Names
from sim.clauses import RuleUse

__all__ = [
    "ANYBODY",
    "Admission",
    "Applicant",
    "KnownWithdrawal",
    "Member",
    "MemberDraw",
    "Suspension",
    "SuspensionSpell",
    "VoteLoss",
]

ANYBODY = "any"
"""Stands among those eligible for all states."""


class Member(Model):
    """A spell of membership: from the day `joined` until the day before `left`.

    A code alone is a member throughout; ``@CODE`` stands for all that belong to an organisation of
    the table at the start.
    """

    state: str
    joined: Day | None = None
    left: Day | None = None

    @model_validator(mode="before")
    @classmethod
    def _may_be_a_code(cls, given: Any) -> Any:
        return {"state": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Member:
        if self.joined and self.left and self.left <= self.joined:
            raise ValueError(f"left on {self.left}, joined on {self.joined}")
        return self


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


class Applicant(Model):
    """A state that has asked to be let in.

    Attributes
    ----------
    state
        Who asks.
    applied
        Day of the application.
    accedes
        Day on which it becomes a member, where that is known.
    reference
        Where that is from.
    """

    state: str
    applied: Day
    accedes: Day | None = None
    reference: str = Field(min_length=3)

    @model_validator(mode="after")
    def _asks_first(self) -> Applicant:
        if self.accedes and self.accedes < self.applied:
            raise ValueError(f"accedes on {self.accedes}, before it applied on {self.applied}")
        return self


class KnownWithdrawal(Model):
    """A withdrawal of record.

    Attributes
    ----------
    state
        Who leaves.
    announced
        Day on which it said so.
    leaves
        First day outside, as in the table of memberships.
    keeps_trade
        Whether the body goes on treating it as a member in trade.
    reference
        Where that is from.
    """

    state: str
    announced: Day
    leaves: Day
    keeps_trade: bool = False
    reference: str = Field(min_length=3)

    @model_validator(mode="after")
    def _says_so_first(self) -> KnownWithdrawal:
        if self.leaves < self.announced:
            raise ValueError(f"leaves on {self.leaves}, before it said so on {self.announced}")
        return self


class Admission(Model):
    """Who may join, who decides on it, and who waits.

    Attributes
    ----------
    eligible
        States, sub-regions, ``@CODE`` for the members of an organisation at the start, or ``any``.
    rule
        Decision rule by which members admit; None where a deposit is enough.
    years
        Mean wait for the members' vote: time waited by all applicants over those let in.
    applicants
        Applications of record.
    reference
        Article of the treaty, and where the years are from.
    """

    eligible: Names = Field(min_length=1)
    rule: RuleUse | None = None
    years: Annotated[float, Field(gt=0, le=50)]
    applicants: tuple[Applicant, ...] = ()
    reference: str = Field(min_length=3)

    @model_validator(mode="after")
    def _each_applies_once(self) -> Admission:
        states = [one.state for one in self.applicants]
        twice = sorted({code for code in states if states.count(code) > 1})
        if twice:
            raise ValueError(f"{twice[0]} applies twice; each applicant should stand there once")
        return self


class SuspensionSpell(Model):
    """A suspension of record: from the day `since` until the day before `until`."""

    state: str
    since: Day
    until: Day | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> SuspensionSpell:
        if self.until and self.until <= self.since:
            raise ValueError(f"'until' ({self.until}) must be later than 'since' ({self.since})")
        return self


class Suspension(Model):
    """That a member whose government is overthrown is suspended.

    Attributes
    ----------
    spells
        Suspensions of record; those that last on the first day of a run hold then.
    reference
        Article.
    """

    spells: tuple[SuspensionSpell, ...] = ()
    reference: str = Field(min_length=3)


class VoteLoss(Model):
    """That a member in arrears loses its vote.

    Attributes
    ----------
    years
        Years of unpaid dues from which it has no vote.
    reference
        Article.
    """

    years: Annotated[float, Field(gt=0, le=20)]
    reference: str = Field(min_length=3)
