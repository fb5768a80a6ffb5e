"""Whoever would leave an agreement asks for another in its place first."""

from __future__ import annotations

from sim.columns import COUNT, Measure
from sim.events import EventKind
from sim.mechanism import Mechanism
from sim.mechanisms.renegotiation.phase import RENEGOTIATION, REVISION, Demand
from sim.records import Record
from sim.switches import Switch

__all__ = ["MECHANISM", "RENEGOTIATION", "REVISION"]

MECHANISM = Mechanism(
    name="renegotiation",
    meaning="who would leave an agreement demands its revision; a new text takes its place",
    source="Vienna Convention on the Law of Treaties Art. 39, 40, 59; Hirschman 1970",
    records=(Record("demands", Demand, "demands that an agreement be revised"),),
    switches=(
        Switch("renegotiation", "who would leave an agreement first asks for its revision",
               default=False),
    ),
    parameters=("renegotiation_years", "renegotiation_meetings"),
    columns={
        "summary": (
            Measure("renegotiations", COUNT, "agreements", "agreements whose revision is asked for",
                    lambda _, s: sum(one.is_open for one in s.renegotiation.demands)),
        ),
    },
    events=(
        EventKind("renegotiation_demanded", "state", "a party asked for another text, or leaves"),
        EventKind("renegotiation_failed", "parties", "no other text came of it",
                  "years since the demand"),
        EventKind("revised", "parties", "another text took its place", "years since the demand"),
    ),
    phases=(REVISION, RENEGOTIATION),
)  # fmt: skip
