"""Records: what happened, what is being negotiated, and the life of an agreement."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from sim.errors import StateError
from sim.mechanism import Collected, unique

__all__ = [
    "EVENTS",
    "TRANSITIONS",
    "Agreement",
    "Event",
    "EventKind",
    "Item",
    "Proposal",
    "Status",
]

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened on a day, with who did it and why."""

    step: int
    date: date
    kind: str
    actor: str = ""
    target: str = ""
    organisation: str = ""
    agreement: str = ""
    item: str = ""
    value: float = float("nan")
    reason: str = ""


@dataclass(frozen=True)
class EventKind:
    """A kind of event.

    Attributes
    ----------
    actor
        Who does it: "" when nobody is named.
    meaning
        What happened.
    value
        What the size of the event is, with its unit; "" when it has none.
    """

    name: str
    actor: str
    meaning: str
    value: str = ""


_SHARED = (
    EventKind("exit_announced", "state", "a state announced that it leaves an organisation"),
    EventKind("exit", "state", "a state is out of an organisation"),
    EventKind("join", "state", "a state joined an organisation"),
    EventKind(
        "tariff", "importer", "tariffs were added", "percentage points, NaN for a schedule of rates"
    ),
    EventKind("retaliation", "those who answer", "tariffs were answered", "share of what is faced"),
    EventKind("leader_change", "state", "a new leader", "orientation in standard deviations"),
    EventKind("funding_cut", "contributor", "dues are withheld", "share"),
    EventKind("vacancy", "", "the secretariat lost its head"),
    EventKind("item_opened", "", "an item was taken up"),
    EventKind(
        "nothing_to_negotiate",
        "",
        "an item offers nobody anything new (any more) and waits for its next date",
    ),
    EventKind(
        "not_tabled", "", "every proposal on the menu touches a matter that a member protects"
    ),
    EventKind("agreed", "adopters", "a proposal passed", "number of states"),
    EventKind("signed", "adopters", "it was signed, on the same day", "number of states"),
    EventKind("item_lapsed", "", "the deadline passed", "rounds held"),
    EventKind(
        "statement",
        "",
        "the deadline passed and the rule leaves a chair's statement",
        "rounds held",
    ),
    EventKind("ratified", "state", "a signatory ratified"),
    EventKind("in_force", "those bound", "an agreement entered into force", "number of states"),
    EventKind("acceded", "state", "a state joined an agreement later", "gain in percent of income"),
    EventKind("agreement_lapsed", "", "a signed agreement was given up"),
    EventKind("agreement_ended", "", "fewer than two parties were left to an agreement"),
)

EVENTS: Collected[EventKind] = Collected(
    lambda found: unique(
        "kind of event",
        ((one.name, one) for one in _SHARED),
        ((one.name, one) for mechanism in found.values() for one in mechanism.events),
    )
)
"""All kinds of event by name; the log takes no other."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a chair can table.

    Attributes
    ----------
    depth
        Trade-cost cut among participants (fraction).
    tariff_cut
        Share of the applied tariff that goes (fraction).
    is_soft
        Whether the form is a soft agreement.
    exemptions
        Matters left out, sorted.
    """

    depth: float
    tariff_cut: float
    is_soft: bool = False
    exemptions: tuple[str, ...] = ()

    @property
    def form(self) -> str:
        """``binding`` or ``soft``."""
        return "soft" if self.is_soft else "binding"


class Status(StrEnum):
    """Stages in the life of an agreement."""

    PROPOSED = "proposed"
    TABLED = "tabled"
    AGREED = "agreed"
    SIGNED = "signed"
    RATIFIED = "ratified"
    IN_FORCE = "in_force"
    REVISED = "revised"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.PROPOSED: frozenset({Status.TABLED, Status.LAPSED, Status.WITHDRAWN}),
    Status.TABLED: frozenset({Status.AGREED, Status.LAPSED, Status.WITHDRAWN}),
    Status.AGREED: frozenset({Status.SIGNED, Status.LAPSED, Status.WITHDRAWN}),
    Status.SIGNED: frozenset({Status.RATIFIED, Status.LAPSED, Status.WITHDRAWN}),
    Status.RATIFIED: frozenset({Status.IN_FORCE, Status.LAPSED, Status.WITHDRAWN}),
    Status.IN_FORCE: frozenset({Status.REVISED, Status.SUSPENDED, Status.WITHDRAWN}),
    Status.REVISED: frozenset({Status.IN_FORCE, Status.WITHDRAWN}),
    Status.SUSPENDED: frozenset({Status.IN_FORCE, Status.WITHDRAWN}),
    Status.WITHDRAWN: frozenset(),
    Status.LAPSED: frozenset(),
}
"""From each stage, the stages that may follow; nothing follows an end."""


@dataclass(frozen=True)
class Agreement:
    """An agreement and the dates of its life.

    Attributes
    ----------
    code
        ``<organisation>/<item>/<opening>``.
    kind
        What the area offers, as in the docket item (``preferential``, ``mfn``).
    scale
        Share of the level that takes effect, after exemptions and form (0–1).
    signatories, ratified, acceded
        (S,) masks; `acceded` are signatories that came later.
    bound_at
        (S,) quarter from which a state is bound, -1 before.
    """

    code: str
    organisation: str
    item: str
    area: str
    kind: str
    proposal: Proposal
    scale: float
    opened: date
    signatories: Bools
    ratified: Bools
    acceded: Bools
    bound_at: NDArray[np.int64]
    status: Status = Status.PROPOSED
    agreed: date | None = None
    signed: date | None = None
    in_force: date | None = None
    ended: date | None = None
    due: date | None = None

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
    def is_bound(self) -> Bools:
        """(S,) who is bound by it now."""
        if self.status not in {Status.IN_FORCE, Status.REVISED}:
            return np.zeros_like(self.signatories)
        return self.bound_at >= 0

    @property
    def is_committed(self) -> Bools:
        """(S,) who has signed and is expected to be bound."""
        if self.status in {Status.SIGNED, Status.RATIFIED, Status.IN_FORCE, Status.REVISED}:
            return self.signatories
        return np.zeros_like(self.signatories)


@dataclass(frozen=True)
class Item:
    """An item on an organisation's docket, with the state of its negotiation.

    Attributes
    ----------
    opening
        How often it has been opened so far (0 first).
    opened_at
        Quarter in which it was opened; -1 while it waits.
    opens_at
        Quarter in which it opens (next).
    round
        Rounds held.
    tabled
        The last proposal tabled.
    belief
        (S,) what the chair has learned of each state's taste, in logits.
    """

    organisation: str
    name: str
    opens_at: int
    opening: int = 0
    opened_at: int = -1
    round: int = 0
    tabled: Proposal | None = None
    belief: Floats = field(default_factory=lambda: np.zeros(0))

    @property
    def code(self) -> str:
        """``<organisation>/<item>/<opening>``."""
        return f"{self.organisation}/{self.name}/{self.opening}"

    @property
    def is_open(self) -> bool:
        """Whether it is under negotiation."""
        return self.opened_at >= 0
