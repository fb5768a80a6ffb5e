"""What a charter is: the rules, docket, secretariat and money of one organisation.

Types, ranges and spelling are checked here; names of states, organisations, matters and rules in
`sim.checks`, which knows the world.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, model_validator

from sim.belonging import Admission, KnownWithdrawal, Member, MemberDraw, Suspension, VoteLoss
from sim.checked import LONGEST_NOTICE, Day, Model, Names, Weight
from sim.clauses import (
    AdHocForum,
    Budget,
    DocketItem,
    EntryIntoForce,
    ForceGroup,
    ForumRules,
    RuleUse,
    Secretariat,
    Specification,
)
from sim.mandates import RightsMandate, SecurityMandate

__all__ = [
    "AdHocForum",
    "Admission",
    "Budget",
    "Charter",
    "DocketItem",
    "EntryIntoForce",
    "ForceGroup",
    "ForumRules",
    "KnownWithdrawal",
    "RightsMandate",
    "RuleUse",
    "Secretariat",
    "SecurityMandate",
    "Specification",
    "StandingAgreement",
    "Suspension",
    "Version",
    "VoteLoss",
]


Text: TypeAlias = Annotated[str, Field(min_length=3)]


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


class Version(Model):
    """What of a charter was, or will be, otherwise: from one day on, until another, or both.

    Any of the keys of a charter that may change; the rules in `decision` are added to, by area,
    and all else is replaced.
    """

    since: Day | None = None
    until: Day | None = None
    mandate: Names | None = None
    votes_as_bloc: Names | None = None
    decision: dict[str, RuleUse] | None = None
    agenda: RuleUse | None = None
    form: Literal["binding", "soft"] | None = None
    open_accession: bool | None = None
    protects_red_lines: bool | None = None
    entry_into_force: EntryIntoForce | None = None
    procedure_months: float | None = Field(default=None, ge=0, le=120)
    exit_notice_months: float | None = Field(default=None, ge=0, le=LONGEST_NOTICE)
    secretariat: Secretariat | None = None
    budget: Budget | None = None
    weights: Literal["equal", "population", "gdp"] | dict[str, Weight] | None = None
    vetoes: Names | None = None
    security: SecurityMandate | None = None
    rights: RightsMandate | None = None
    reference: str = Field(min_length=3)

    @model_validator(mode="after")
    def _says_when_and_what(self) -> Version:
        if self.since is None and self.until is None:
            raise ValueError("it has no dates; 'since', 'until' or both should be given")
        if self.since and self.until and self.until <= self.since:
            raise ValueError(f"'until' ({self.until}) must be later than 'since' ({self.since})")
        if not self.changes:
            raise ValueError("it changes nothing of the charter")
        return self

    @property
    def changes(self) -> dict[str, Any]:
        """The keys of the charter that it gives, with their values."""
        given = {name: getattr(self, name) for name in type(self).model_fields}
        dates = ("since", "until", "reference")
        return {name: one for name, one in given.items() if one is not None and name not in dates}

    def holds(self, day: date) -> bool:
        """Whether it holds on a day."""
        return (self.since is None or self.since <= day) and (
            self.until is None or day < self.until
        )

    def meets(self, other: Version) -> bool:
        """Whether there is a day on which both hold."""
        begin = max(one.since or date.min for one in (self, other))
        return begin < min(one.until or date.max for one in (self, other))


class Charter(ForumRules):
    """The rules of one organisation.

    Attributes
    ----------
    votes_as_bloc
        Areas in which members act as one party in other forums (customs unions: trade).
    decision
        Decision rule per area.
    agenda
        Who chairs and by what criterion the chair chooses.
    agreements
        What was agreed under its roof before the run.
    members
        Members of an organisation that the table of memberships does not have: a state, ``@CODE``
        for all that belong to an organisation of the table at the start, or a state with dates; or
        how many of whom are drawn at random.
    versions
        What was, or will be, otherwise at other times.
    exit_notice_months
        Notice between announcement and effect of a withdrawal.
    security
        What it may do about conflict; None for a body that does nothing.
    rights
        Whether it passes resolutions on human rights in a state; None where it does not.
    part_of
        Organisation whose organ it is: its members are not its own to admit or lose.
    admission
        Who may join, and who decides; None for a closed body.
    withdrawals
        Withdrawals of record.
    suspension
        That members are suspended after coups; None where the charter does not say so.
    vote_loss
        That arrears cost the vote; None where they do not.
    provisions
        What else readers ask for, each with its article: participation, interference, enforcement,
        residence of members' nationals.
    treaty_making
        By what its members negotiate trade with outsiders as one party when they choose to; empty
        where they do not (a customs union has no choice, see `votes_as_bloc`).
    links
        Other bodies and states with which it has agreements or meetings, with the document.
    """

    name: str
    founded: Day
    mandate: Names
    votes_as_bloc: Names = ()
    decision: dict[str, RuleUse]
    agenda: RuleUse
    exit_notice_months: float = Field(ge=0, le=LONGEST_NOTICE)
    exit_reference: str = ""
    secretariat: Secretariat
    budget: Budget = Budget()
    security: SecurityMandate | None = None
    rights: RightsMandate | None = None
    part_of: str = ""
    admission: Admission | None = None
    withdrawals: tuple[KnownWithdrawal, ...] = ()
    suspension: Suspension | None = None
    vote_loss: VoteLoss | None = None
    provisions: dict[Literal["participation", "interference", "enforcement", "residence"], Text] = (
        Field(default_factory=dict)
    )
    treaty_making: str = ""
    links: dict[str, Text] = Field(default_factory=dict)
    docket: dict[str, DocketItem] = Field(default_factory=dict)
    agreements: dict[str, StandingAgreement] = Field(default_factory=dict)
    members: tuple[Member, ...] | MemberDraw = ()
    versions: dict[str, Version] = Field(default_factory=dict)
    references: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _decides_what_it_negotiates(self) -> Charter:
        for place, charter in {"": self, **self._by_version()}.items():
            for area in charter.decision:
                if area not in charter.mandate:
                    raise ValueError(f"{place}decision: area {area!r} is not in the mandate")
            for area in charter.votes_as_bloc:
                if area not in charter.decision:
                    raise ValueError(f"{place}votes_as_bloc: no decision rule for area {area!r}")
            area = charter.security.area if charter.security else ""
            if charter.security and charter.security.instruments and area not in charter.decision:
                raise ValueError(f"{place}security: no decision rule for area {area!r}")
            if charter.rights and charter.rights.area not in charter.decision:
                raise ValueError(f"{place}rights: no decision rule for area 'rights'")
        for key, item in self.docket.items():
            if item.area not in self.mandate:
                raise ValueError(f"docket item {key!r}: area {item.area!r} is not in the mandate")
            if item.area not in self.decision:
                raise ValueError(f"docket item {key!r}: no decision rule for area {item.area!r}")
        return self

    @model_validator(mode="after")
    def _is_of_one_mind(self) -> Charter:
        """No day has two versions of the same thing."""
        known = list(self.versions.items())
        for n, (name, one) in enumerate(known):
            for other_name, other in known[:n]:
                shared = sorted(set(one.changes) & set(other.changes))
                if shared and one.meets(other):
                    raise ValueError(
                        f"versions {other_name!r} and {name!r} both give {shared[0]!r} on some "
                        "days; their dates should not overlap"
                    )
        return self

    def versions_on(self, day: date) -> tuple[str, ...]:
        """Names of the versions that hold on a day."""
        if not self.versions:
            return ()
        return tuple(name for name, one in self.versions.items() if one.holds(day))

    def on(self, day: date) -> Charter:
        """The charter as it stands on a day."""
        return self.with_versions(self.versions_on(day))

    def with_versions(self, names: tuple[str, ...]) -> Charter:
        """The charter with some of its versions."""
        if not names:
            return self
        changes: dict[str, Any] = {}
        for name in names:
            changes |= self.versions[name].changes
        if "decision" in changes:
            changes["decision"] = {**self.decision, **changes["decision"]}
        return self.model_copy(update=changes)

    def _by_version(self) -> dict[str, Charter]:
        return {f"versions.{name}: ": self.with_versions((name,)) for name in self.versions}
