"""Third parties to disputes: mediation by bodies under their own rules, courts by consent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.columns import COUNT, DAY, WORD, Column, Measure, QuarterlyTable
from sim.events import EventKind
from sim.fields import Field
from sim.mechanism import Mechanism
from sim.mechanisms.third_parties.attempts import NOBODY, Attempt
from sim.mechanisms.third_parties.civil import CIVIL_MEDIATION
from sim.mechanisms.third_parties.phase import THIRD_PARTIES
from sim.records import Record
from sim.security import PARAMETERS
from sim.security.seats import check_councils
from sim.security.verdicts import VOTE_COLUMNS, vote_cells
from sim.switches import Switch

if TYPE_CHECKING:
    from sim.setting import Setting
    from sim.state import State

__all__ = ["CIVIL_MEDIATION", "MECHANISM", "THIRD_PARTIES"]


def _rows(setting: Setting, state: State) -> Mapping[str, Any]:
    block, names = state.third_parties, setting.axes.states
    tried = (*block.civil_attempts, *block.attempts)
    return {
        "day": [one.day for one in tried],
        "area": ["security"] * len(tried),
        "state": [names[one.i] for one in tried],
        "against": ["" if one.j == NOBODY else names[one.j] for one in tried],
        "instrument": [one.instrument for one in tried],
        "organisation": [one.body for one in tried],
        "outcome": [one.outcome for one in tried],
        **vote_cells(tried),
    }


def _count(outcomes: tuple[str, ...]) -> Any:
    return lambda _, state: sum(one.outcome in outcomes for one in state.third_parties.attempts)


MECHANISM = Mechanism(
    name="third_parties",
    meaning="bodies mediate and courts judge, as charters and members let them; so do outsiders",
    source="International Crisis Behavior 13; Fearon 1995; Regan, Frank & Aydin 2009",
    fields=(
        Field("civil_years", ("S",), "years", "years for which a mediator of a civil conflict still"
              " stays", low=0),
        Field("n_taken_up", ("O",), "conflicts", "conflicts that a body took up so far", np.int64,
              0, part_of="n_done"),
        Field("n_declined", ("O",), "conflicts", "conflicts that a body declined so far", np.int64,
              0, part_of="n_failed"),
    ),
    records=(
        Record("attempts", Attempt, "who was to take up a dispute in the quarter"),
        Record("civil_attempts", Attempt, "who was to mediate in a civil conflict in the quarter"),
    ),
    switches=(
        Switch("mediation", "bodies, third states and persons mediate disputes"),
        Switch("civil_mediation", "they mediate in civil conflicts"),
        Switch("arbitration", "courts judge disputes by consent of both"),
    ),
    parameters=(
        *(f"crisis_mediated_{term}" for term in (
            "constant", "clashes", "serious", "protracted", "actors", "war")),
        *(f"mediation_{style}" for style in ("facilitation", "formulation", "manipulation")),
        *(f"conflict_trade_fall_{level}" for level in ("threat", "display", "force", "war")),
        *PARAMETERS, "mediator_outside", "mediation_accepted", "civil_mediated",
        "civil_mediator_outside", "civil_mediation_years", "civil_end_mediated",
        "civil_income_loss_war", "crisis_agreement_mediated", "conflict_neutral_trade_fall",
        "trade_elasticity", "objection_cost", "crisis_actors",
        *(f"council_{what}" for what in ("resistance", "party_readiness", "readiness", "income",
            "alignment", "consent", "seat_population")),
        *(f"arbitration_{what}" for what in ("cost", "offer", "hold_out", "optimism", "effect")),
    ),
    columns={
        "summary": (
            Measure("mediation_attempts", COUNT, "attempts",
                    "votes and askings of third parties in the quarter",
                    _count(("accepted", "refused"))),
            Measure("mediation_accepted", COUNT, "attempts", "those of them that were accepted",
                    _count(("accepted",))),
            Measure("civil_mediations", COUNT, "states", "states in civil conflict with a mediator",
                    lambda _, state: int((state.third_parties.civil_years > 0).sum())),
        ),
    },
    tables=(
        QuarterlyTable(
            "third_parties",
            "conflict and body that was to take it up",
            (
                Column("day", DAY, "", "day of the vote"),
                Column("area", WORD, "", "issue area: security"),
                Column("state", WORD, "", "first state in the dispute, or that in civil conflict"),
                Column("against", WORD, "", "second state, empty in a civil conflict"),
                Column("instrument", WORD, "", "mediation, good_offices or arbitration"),
                Column("organisation", WORD, "", "body; outside for a third state or a person;"
                       " empty when none may act"),
                Column("outcome", WORD, "", "accepted, refused or no_body"),
                *VOTE_COLUMNS,
            ),
            _rows,
        ),
    ),
    events=(
        EventKind("mediation_accepted", "state", "a third party took a conflict up", "votes for"),
        EventKind("mediation_refused", "state", "a body did not take it up; reason: blockers",
                  "votes for"),
        EventKind("arbitration_accepted", "state", "both states went to a court", "consents"),
        EventKind("arbitration_refused", "state", "one would not; reason: who", "consents"),
    ),
    phases=(CIVIL_MEDIATION, THIRD_PARTIES),
    check=check_councils,
)  # fmt: skip
