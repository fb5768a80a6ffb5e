"""What happened, and the kinds of things that can."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sim.mechanism import Collected, unique

__all__ = ["EVENTS", "Event", "EventKind"]


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
        "tariff",
        "importer",
        "tariffs were added or changed",
        "percentage points, NaN for a schedule, the highest rate for a step of a dated path",
    ),
    EventKind("retaliation", "those who answer", "tariffs were answered", "share of what is faced"),
    EventKind("leader_change", "state", "a new leader", "orientation in standard deviations"),
    EventKind("funding_cut", "contributor", "dues are withheld", "share"),
    EventKind(
        "shock_ended",
        "importer or contributor, if one",
        "a shock with `until` ends on that day",
    ),
    EventKind("vacancy", "", "the secretariat lost its head"),
    EventKind("convened", "parties", "parties met in a forum that no charter has set up"),
    EventKind("ceiling_reached", "", "an agreement would cut trade costs beyond their ceiling"),
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
    EventKind("ratification_failed", "state", "those who must consent at home refused"),
    EventKind(
        "left_agreement",
        "state",
        "a leader left what a predecessor had signed",
        "utility in logits",
    ),
    EventKind("in_force", "those bound", "an agreement entered into force", "number of states"),
    EventKind("acceded", "state", "a state joined an agreement later", "gain in percent of income"),
    EventKind("agreement_lapsed", "", "a signed agreement was given up"),
    EventKind("agreement_ended", "", "an agreement has fewer than two parties, or no body"),
)

EVENTS: Collected[EventKind] = Collected(
    lambda found: unique(
        "kind of event",
        ((one.name, one) for one in _SHARED),
        ((one.name, one) for mechanism in found.values() for one in mechanism.events),
    )
)
"""All kinds of event by name; the log takes no other."""
