"""Human rights in states before bodies: country resolutions, mandates, and what they cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.columns import COUNT, DAY, FLAG, WORD, Column, Measure, QuarterlyTable
from sim.events import EventKind
from sim.fields import Field
from sim.mechanism import Mechanism
from sim.mechanisms.scrutiny.phase import SCRUTINY, WORDS
from sim.mechanisms.scrutiny.records import CountryMandate, Draft, condemned, first_mandates
from sim.records import Record
from sim.security.verdicts import DECISION_COLUMNS, decision_cells
from sim.switches import Switch

if TYPE_CHECKING:
    from sim.setting import Setting
    from sim.state import State

__all__ = ["MECHANISM", "SCRUTINY"]


def _rows(setting: Setting, state: State) -> Mapping[str, Any]:
    drafts = state.scrutiny.drafts
    return {
        "day": [one.day for one in drafts],
        "area": ["rights"] * len(drafts),
        "state": [setting.axes.states[one.state] for one in drafts],
        "situation": [WORDS[one.level] for one in drafts],
        "has_consent": [one.has_consent for one in drafts],
        "is_renewal": [one.is_renewal for one in drafts],
        **decision_cells([one.verdict for one in drafts]),
    }


def _at_start(setting: Setting) -> Any:
    return condemned(first_mandates(setting), len(setting.axes.states))


def _by_state(_: Setting, state: State) -> Any:
    rows = [one.state for one in state.scrutiny.mandates]
    return np.bincount(np.array(rows, dtype=np.int64), minlength=state.coup.size)


def _by_body(setting: Setting, state: State) -> Any:
    codes = [one.body for one in state.scrutiny.mandates]
    return np.array([codes.count(code) for code in setting.axes.organisations], dtype=np.int64)


MECHANISM = Mechanism(
    name="scrutiny",
    meaning="bodies vote on human rights in states, and name those that do not agree to it",
    source="A/RES/60/251; Lebovic & Voeten 2006, 2009; Hug & Lukács 2014; sizes assumed",
    fields=(
        Field("condemns", ("S",), "1", "whether a body has a mandate on it without its consent",
              np.bool_, initial=_at_start, part_of="is_condemned"),
        Field("income", ("S",), "% of annual income",
              "income lost since the first day by lending that falls after a resolution",
              low=-100, part_of="passing_income"),
        Field("n_adopted", ("O",), "resolutions", "resolutions that a body adopted so far",
              np.int64, 0, part_of="n_done"),
        Field("n_refused", ("O",), "resolutions", "resolutions that a body refused so far",
              np.int64, 0, part_of="n_failed"),
    ),
    records=(
        Record("mandates", CountryMandate, "country mandates in force", first_mandates),
        Record("drafts", Draft, "drafts put to the vote in the quarter"),
    ),
    switches=(
        Switch("scrutiny", "bodies vote on human rights in states"),
    ),
    parameters=(
        *(f"scrutiny_{term}" for term in (
            "distance", "severity", "democracy", "solidarity", "abstention", "tabled",
            "aid_loss")),
        "council_consent", "council_seat_population",
    ),
    columns={
        "states": (
            Measure("country_mandates", COUNT, "mandates", "mandates on human rights in it",
                    _by_state),
        ),
        "organisations": (
            Measure("country_mandates", COUNT, "mandates", "its mandates on human rights in states",
                    _by_body),
        ),
        "summary": (
            Measure("country_mandates", COUNT, "mandates", "mandates on human rights in states",
                    lambda _, s: len(s.scrutiny.mandates)),
            Measure("states_condemned", COUNT, "states", "states under one that they have not"
                    " agreed to", lambda _, s: int(s.is_condemned.sum())),
        ),
    },
    tables=(
        QuarterlyTable(
            "resolutions",
            "vote on human rights in a state",
            (
                Column("day", DAY, "", "day of the vote"),
                Column("area", WORD, "", "issue area: rights"),
                Column("state", WORD, "", "state that is named"),
                Column("situation", WORD, "", "repression, armed conflict or a coup, or war"),
                Column("has_consent", FLAG, "", "whether the state agreed to it"),
                Column("is_renewal", FLAG, "", "whether there was a mandate already"),
                *DECISION_COLUMNS,
            ),
            _rows,
        ),
    ),
    events=(
        EventKind("resolution_adopted", "state", "a body adopted a resolution on human rights"
                  " there", "votes for"),
        EventKind("resolution_refused", "state", "it was voted down; reason: blockers",
                  "votes for"),
        EventKind("resolution_lapsed", "state", "a mandate was not put to the vote again"),
    ),
    phases=(SCRUTINY,),
)  # fmt: skip
