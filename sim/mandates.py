"""What a charter lets a body do about conflict and rights, and who sits on its council."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator

from sim.checked import FIRST_YEAR, LAST_YEAR, Model, Names, distinct
from sim.clauses import RuleUse

__all__ = [
    "OCCASIONS",
    "Council",
    "CouncilGroup",
    "RightsMandate",
    "SanctionMandate",
    "SecurityMandate",
]

OCCASIONS = ("war", "force", "civil", "coup", "nuclear")
"""For what: a war, force short of it, a civil conflict, a coup, a nuclear programme."""

LONGEST_TERM = 10

Seats = Annotated[int, Field(ge=0, le=50)]
Year = Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)]


class CouncilGroup(Model):
    """States that have seats among themselves.

    Attributes
    ----------
    of
        States and sub-regions; a state named in one group is not in another by its sub-region.
    seats
        Elected for a term that begins in a year, by the rest of the year over the term: with terms
        of two years in an even year, and in an odd one.
    """

    of: Names = Field(min_length=1)
    seats: tuple[Seats, ...] = Field(min_length=1, max_length=LONGEST_TERM)


class Council(Model):
    """A few members who decide for all; those who leave wait for as long as a term lasts.

    Attributes
    ----------
    term
        Years for which a member is elected.
    terms
        Terms in a row after which a member leaves.
    permanent
        Who always sits there.
    groups
        Group → who belongs to it, and its seats.
    elected
        Year in which a term begins → who was elected. Other years are of the table of memberships,
        where a body is its council, or drawn by group.
    reference
        Article of the charter, and where the elections are from.
    """

    term: Annotated[int, Field(ge=1, le=LONGEST_TERM)] = 2
    terms: Annotated[int, Field(ge=1, le=5)] = 1
    permanent: Names = ()
    groups: dict[str, CouncilGroup] = Field(min_length=1)
    elected: dict[Year, Names] = Field(default_factory=dict)
    reference: str = Field(min_length=3)

    @model_validator(mode="after")
    def _seats_whom_it_may(self) -> Council:
        for name, group in self.groups.items():
            if len(group.seats) != self.term:
                raise ValueError(
                    f"{name}: seats for {len(group.seats)} years; a term of {self.term} years asks "
                    f"for {self.term}"
                )
        for year, names in self.elected.items():
            seats = sum(group.seats[year % self.term] for group in self.groups.values())
            if len(names) != seats:
                raise ValueError(f"elected in {year}: {len(names)} states for {seats} seats")
        return self


class SanctionMandate(Model):
    """Whom a body may sanction, for what, and who decides.

    Attributes
    ----------
    occasions
        For what: any of `OCCASIONS`.
    target
        Whom: a ``member``, an ``outsider``, or ``any`` state.
    target_votes
        Whether a member that is to be sanctioned has its vote, and its veto if it has one.
    rule
        By which rule, where it is not that for security.
    review_months
        After how long they lapse unless members decide again; None for those that last until
        what they answer is over.
    reference
        Article of the charter.
    """

    occasions: Annotated[
        tuple[Literal["war", "force", "civil", "coup", "nuclear"], ...], AfterValidator(distinct)
    ] = Field(min_length=1)
    target: Literal["member", "outsider", "any"] = "member"
    target_votes: bool = False
    rule: RuleUse | None = None
    review_months: Annotated[int, Field(ge=3, le=120)] | None = None
    reference: str = Field(min_length=3)


class SecurityMandate(Model):
    """What a body may do about conflict.

    Attributes
    ----------
    instruments
        ``mediation`` and ``arbitration`` of disputes, ``good_offices`` of the chair if both sides
        ask for them, ``mission`` in civil conflict, ``inspection`` of nuclear programmes,
        ``sanctions``; none for a body whose charter keeps such matters out.
    style
        How it mediates: by facilitation, formulation or manipulation (ICB).
    interferes
        Whether it may act in a civil conflict that the state concerned has not asked it into.
    consent
        Whether the body mediates a dispute only if both sides ask it to.
    reluctance
        State → logits by which it is less ready to let the body act.
    sanctions
        On whom, for what, and how decided; given with the instrument.
    council
        Who decides for the members; None where all of them do.
    reference
        Article of the charter.
    """

    instruments: Annotated[
        tuple[
            Literal[
                "mediation", "good_offices", "arbitration", "mission", "inspection", "sanctions"
            ],
            ...,
        ],
        AfterValidator(distinct),
    ] = ()
    style: Literal["facilitation", "formulation", "manipulation"] = "facilitation"
    interferes: bool = False
    consent: bool = False
    council: Council | None = None
    sanctions: SanctionMandate | None = None
    reluctance: dict[str, Annotated[float, Field(ge=-10, le=10)]] = Field(default_factory=dict)
    reference: str = Field(min_length=3)

    @model_validator(mode="after")
    def _says_whom_it_sanctions(self) -> SecurityMandate:
        if ("sanctions" in self.instruments) != (self.sanctions is not None):
            raise ValueError(
                "the instrument 'sanctions' and the key 'sanctions', which says on whom and for"
                " what, should be given together"
            )
        return self

    @property
    def area(self) -> str:
        """The area of the rule by which it decides: security, or nuclear if it only inspects."""
        return "nuclear" if set(self.instruments) == {"inspection"} else "security"


class RightsMandate(Model):
    """That a body may pass resolutions on human rights in a state, with a mandate to look into it.

    Attributes
    ----------
    interferes
        Whether it may do so against the will of the state concerned.
    council
        Who decides for the members; None where all of them do.
    reference
        Article of the charter.
    """

    interferes: bool = False
    council: Council | None = None
    reference: str = Field(min_length=3)

    area: ClassVar[str] = "rights"
    """The area of the rule by which it decides."""
