"""Mechanisms that a scenario can turn off to measure what they do."""

from __future__ import annotations

from dataclasses import dataclass

from sim.mechanism import Collected, unique

__all__ = ["SWITCHES", "Switch"]


@dataclass(frozen=True)
class Switch:
    """A switch: what is at work when it is on, and whether a scenario has it on by default."""

    name: str
    meaning: str
    default: bool = True


_SHARED = (
    Switch(
        "interests", "gains and all else that is known of states move votes (off: chance alone)"
    ),
    Switch("red_lines", "matters a government will not concede weigh on its vote"),
    Switch(
        "sectors",
        "governments weigh what their sectors lose in protection and gain in exports",
        default=False,
    ),
    Switch("exemptions", "chairs may exempt matters from a proposal"),
    Switch("soft_forms", "chairs may table a soft form instead of a binding one"),
    Switch("aspirations", "parties hold out early and concede towards the deadline"),
    Switch("persistent_taste", "nearly all of the noise stays with state and item"),
    Switch("history", "that a pair has no agreement so far says something of its two sides"),
    Switch("bounded_texts", "a text moves by a bounded step from one meeting to the next"),
    Switch("procedures", "a body prepares an item before its first vote"),
    Switch("ratification_votes", "parliaments may refuse what governments have signed"),
    Switch("departures", "leaders may leave what their predecessors signed"),
    Switch("learning", "chairs learn from votes whom they misjudged"),
    Switch("orientation", "leaders' orientation moves their votes"),
    Switch("blocs_vote_as_one", "customs unions act as one party by their own rule"),
    Switch("ratification_delay", "signatures must be ratified (off: bound at once)"),
    Switch("phase_in", "cuts phase in over years (off: at once)"),
    Switch("open_accession", "those that stayed out may join an agreement later"),
    Switch("state_effects", "what a state makes of all items of an area is drawn once a run"),
    Switch(
        "security_talks",
        "bodies negotiate the rules on security on their dockets, beside what they have on trade",
        default=False,
    ),
    Switch("health_talks", "bodies negotiate what is on their dockets on health"),
    Switch(
        "estimated_state_effects",
        "it is drawn around what opened negotiations say of the state",
        default=False,
    ),
)

SWITCHES: Collected[Switch] = Collected(
    lambda found: unique(
        "switch",
        ((one.name, one) for one in _SHARED),
        ((one.name, one) for mechanism in found.values() for one in mechanism.switches),
    )
)
"""All switches by name."""
