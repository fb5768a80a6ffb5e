"""Proposals, agreements and the items on which they are negotiated."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from sim.agreements.effects import Commitment, Effect
from sim.clauses import AdHocForum, Specification
from sim.errors import StateError, unknown
from sim.types import Bools, Floats, Ints

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["TRANSITIONS", "Agreement", "Convened", "Item", "Proposal", "Status", "replaced"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a chair can table.

    Attributes
    ----------
    area
        Issue area, which knows what the terms mean.
    terms
        Names and values of the area's terms, in the area's order; the first is the level.
    is_soft
        Whether the form is a soft agreement.
    exemptions
        Matters left out, sorted.

    Examples
    --------
    >>> cut = Proposal("trade", (("depth", 0.05), ("tariff_cut", 1.0)))
    >>> cut["tariff_cut"], cut.level, cut.form
    (1.0, 0.05, 'binding')
    """

    area: str
    terms: tuple[tuple[str, float], ...]
    is_soft: bool = False
    exemptions: tuple[str, ...] = ()

    @property
    def form(self) -> str:
        """``binding`` or ``soft``."""
        return "soft" if self.is_soft else "binding"

    @property
    def level(self) -> float:
        """Value of the area's first term."""
        return self.terms[0][1]

    def __getitem__(self, term: str) -> float:
        for name, value in self.terms:
            if name == term:
                return value
        raise unknown("term", term, [name for name, _ in self.terms], self.area)

    def get(self, term: str) -> float:
        """Value of a term, NaN when the area has none of that name."""
        return next((value for name, value in self.terms if name == term), float("nan"))


class Status(StrEnum):
    """Stages in the life of an agreement."""

    PROPOSED = "proposed"
    TABLED = "tabled"
    AGREED = "agreed"
    SIGNED = "signed"
    RATIFIED = "ratified"
    IN_FORCE = "in_force"
    SUSPENDED = "suspended"
    REVISED = "revised"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.PROPOSED: frozenset({Status.TABLED, Status.LAPSED, Status.WITHDRAWN}),
    Status.TABLED: frozenset({Status.AGREED, Status.LAPSED, Status.WITHDRAWN}),
    Status.AGREED: frozenset({Status.SIGNED, Status.LAPSED, Status.WITHDRAWN}),
    Status.SIGNED: frozenset({Status.RATIFIED, Status.LAPSED, Status.WITHDRAWN}),
    Status.RATIFIED: frozenset({Status.IN_FORCE, Status.LAPSED, Status.WITHDRAWN}),
    Status.IN_FORCE: frozenset({Status.SUSPENDED, Status.REVISED, Status.WITHDRAWN}),
    Status.SUSPENDED: frozenset({Status.IN_FORCE, Status.REVISED, Status.WITHDRAWN}),
    Status.REVISED: frozenset(),
    Status.WITHDRAWN: frozenset(),
    Status.LAPSED: frozenset(),
}
"""From each stage, the stages that may follow; nothing follows an end."""

_COMMITTED = frozenset({Status.SIGNED, Status.RATIFIED, Status.IN_FORCE})


@dataclass(frozen=True)
class Agreement:
    """An agreement, what it does and the dates of its life.

    Attributes
    ----------
    code
        ``<organisation>/<item>/<opening>``; of one made before the run, ``…/start``.
    organisation
        Code of the organisation, or of the forum outside charters, in which it was made; where
        that of the agreement that it takes the place of was made.
    kind
        What the area offers, as in the docket item (in trade ``preferential``, ``mfn``).
    scale
        Share of the level that takes effect, after exemptions and form (0–1).
    effects
        What it does among those bound, set when it is adopted.
    signatories, ratified, acceded
        (S,) masks; `acceded` are signatories that came later.
    bound_at
        (S,) quarter from which a state is bound, -1 before.
    at_start
        (S,) who was bound on the first day of the run; empty for an agreement of the run.
    leaders
        (S,) orientation of those who signed it; empty for an agreement made before the run.
    sides
        (S,) side of each state, -1 for none: among states of one side it changes nothing. Empty
        when there are no sides.
    revises
        Code of the agreement that it takes the place of, empty for none.
    phased_from
        (S,) quarter from which it is phased in, -1 for `bound_at`: a text that takes the place
        of another goes on from there. Empty for all others.
    is_held
        (S,) who waits for talks on its revision before leaving it; empty while there are none.
    """

    code: str
    organisation: str
    item: str
    area: str
    kind: str
    proposal: Proposal
    scale: float
    effects: tuple[Effect, ...]
    opened: date
    signatories: Bools
    ratified: Bools
    acceded: Bools
    bound_at: Ints
    status: Status = Status.PROPOSED
    agreed: date | None = None
    signed: date | None = None
    in_force: date | None = None
    ended: date | None = None
    due: date | None = None
    at_start: Bools = field(default_factory=lambda: np.zeros(0, dtype=bool))
    leaders: Floats = field(default_factory=lambda: np.zeros(0))
    sides: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    revises: str = ""
    phased_from: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    is_held: Bools = field(default_factory=lambda: np.zeros(0, dtype=bool))

    def advance(self, to: Status, **changes: object) -> Agreement:
        """The agreement at its next stage.

        Raises
        ------
        StateError
            The stage cannot follow the present one.
        """
        if to not in TRANSITIONS[self.status]:
            allowed = ", ".join(sorted(TRANSITIONS[self.status])) or "nothing: it has ended"
            found = f"agreement {self.code!r} cannot go from {self.status} to {to}"
            raise StateError(found, expected=allowed)
        return replace(self, status=to, **changes)  # type: ignore[arg-type]

    def in_place_of(self, other: Agreement) -> Agreement:
        """The agreement as one that takes the place of another, among those who had it.

        It belongs where the other was made, is weighed by the same taste, and goes on where the
        other's phasing-in has come to.
        """
        since = other.phased_from if other.phased_from.size else np.full_like(other.bound_at, -1)
        since = np.where(since == -1, other.bound_at, since)
        return replace(
            self,
            organisation=other.organisation,
            item=other.item,
            revises=other.code,
            phased_from=since,
        )

    def without(self, state: int) -> Agreement:
        """The agreement after one state has left it."""
        others = np.arange(self.signatories.size) != state
        return replace(
            self,
            signatories=self.signatories & others,
            ratified=self.ratified & others,
            acceded=self.acceded & others,
            bound_at=np.where(others, self.bound_at, -1),
        )

    @property
    def is_of_the_run(self) -> bool:
        """Whether it was made during the run."""
        return not self.at_start.size

    @property
    def is_bound(self) -> Bools:
        """(S,) who is bound by it now."""
        if self.status is not Status.IN_FORCE:
            return np.zeros_like(self.signatories)
        return self.bound_at >= 0

    @property
    def is_committed(self) -> Bools:
        """(S,) who has signed and is expected to be bound."""
        if self.status in _COMMITTED:
            return self.signatories
        return np.zeros_like(self.signatories)

    def current(self, step: int, length: float) -> Commitment:
        """What binds in a quarter, as far as it is phased in.

        Parameters
        ----------
        length
            Quarters that it takes to phase in; those bound from the start are long done.
        """
        inside = self.is_bound & (self.bound_at <= step)
        if not length:
            return Commitment(self.effects, inside, None, self.sides)
        since = self.bound_at
        if self.phased_from.size:
            since = np.where(self.phased_from == -1, since, self.phased_from)
        done = np.clip((step - since + 1.0) / length, 0.0, 1.0)
        return Commitment(self.effects, inside, np.where(self._is_old, 1.0, done), self.sides)

    def committed(self) -> Commitment:
        """What binds once all that is signed is bound and phased in."""
        return self.among(self.is_committed)

    def initial(self) -> Commitment:
        """What bound on the first day of the run."""
        return self.among(self._is_old)

    def among(self, inside: Bools) -> Commitment:
        """What would bind if these (S,) were its parties."""
        return Commitment(self.effects, inside, None, self.sides)

    @property
    def _is_old(self) -> Bools:
        return self.at_start if self.at_start.size else np.zeros_like(self.signatories)


def replaced(agreements: Iterable[Agreement]) -> frozenset[str]:
    """Codes of agreements that another, signed since, is to take the place of."""
    return frozenset(one.revises for one in agreements if one.revises and one.is_committed.any())


@dataclass(frozen=True)
class Item:
    """Something under negotiation, or waiting for it, and how far it has come.

    Attributes
    ----------
    organisation
        Code of the organisation, or of the forum outside charters, that negotiates it.
    opens_at
        Quarter in which it opens (next).
    specification
        What is negotiated.
    opening
        How often it has been opened so far (0 first).
    opened_at
        Quarter in which it was opened; -1 while it waits.
    round
        Rounds held.
    met_at
        When it was last met on, in quarters since the start; -1 when it has not been.
    tabled
        The last proposal tabled.
    belief
        (S,) what the chair has learned of each state's taste, in logits.
    objected
        (S,) who blocked it in the last round.
    refused
        (S,) on whose objection it failed at an earlier opening.
    """

    organisation: str
    name: str
    opens_at: int
    specification: Specification
    opening: int = 0
    opened_at: int = -1
    round: int = 0
    met_at: float = -1.0
    tabled: Proposal | None = None
    belief: Floats = field(default_factory=lambda: np.zeros(0))
    objected: Bools = field(default_factory=lambda: np.zeros(1, dtype=bool))
    refused: Bools = field(default_factory=lambda: np.zeros(1, dtype=bool))

    @property
    def code(self) -> str:
        """``<organisation>/<item>/<opening>``."""
        return f"{self.organisation}/{self.name}/{self.opening}"

    @property
    def is_open(self) -> bool:
        """Whether it is under negotiation."""
        return self.opened_at >= 0


@dataclass(frozen=True)
class Convened:
    """A forum outside charters that has met, with what an organisation has in arrays.

    Attributes
    ----------
    meetings_due
        Meetings earned and not yet held.
    n_agreed, n_lapsed, n_statements, n_vetoes
        Items settled, items that died at their deadline, items on which a statement was all that
        came, blocking votes so far.
    """

    rules: AdHocForum
    meetings_due: float = 0.0
    n_agreed: int = 0
    n_lapsed: int = 0
    n_statements: int = 0
    n_vetoes: int = 0

    @property
    def code(self) -> str:
        """Its name in the tables, where organisations have theirs."""
        return self.rules.code
