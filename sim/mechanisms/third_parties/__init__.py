"""Third parties to disputes: mediation by bodies under their own rules, courts by consent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sim.columns import COUNT, DAY, WORD, Column, Measure, QuarterlyTable
from sim.events import EventKind
from sim.mechanism import Mechanism
from sim.mechanisms.third_parties.phase import THIRD_PARTIES, Attempt
from sim.records import Record
from sim.security.councils import VOTE_COLUMNS, vote_cells
from sim.switches import Switch

if TYPE_CHECKING:
    from sim.setting import Setting
    from sim.state import State

__all__ = ["MECHANISM", "THIRD_PARTIES"]


def _rows(setting: Setting, state: State) -> Mapping[str, Any]:
    tried, names = state.third_parties.attempts, setting.axes.states
    return {
        "day": [one.day for one in tried],
        "area": ["security"] * len(tried),
        "state": [names[one.i] for one in tried],
        "against": [names[one.j] for one in tried],
        "instrument": [one.instrument for one in tried],
        "organisation": [one.body for one in tried],
        "outcome": [one.outcome for one in tried],
        **vote_cells(tried),
    }


def _count(outcomes: tuple[str, ...]) -> Any:
    return lambda _, state: sum(one.outcome in outcomes for one in state.third_parties.attempts)


MECHANISM = Mechanism(
    name="third_parties",
    meaning="bodies mediate and courts judge disputes, as charters and members let them",
    source="International Crisis Behavior 13; Fearon 1995",
    records=(Record("attempts", Attempt, "who was to take up a dispute in the quarter"),),
    switches=(
        Switch("mediation", "bodies mediate disputes"),
        Switch("arbitration", "courts judge disputes by consent of both"),
    ),
    parameters=(
        *(f"crisis_mediated_{term}" for term in (
            "constant", "clashes", "serious", "protracted", "actors")),
        *(f"mediation_{style}" for style in ("facilitation", "formulation", "manipulation")),
        *(f"conflict_trade_fall_{level}" for level in ("threat", "display", "force", "war")),
        "crisis_agreement_mediated", "conflict_neutral_trade_fall", "trade_elasticity",
        "council_resistance", "council_readiness", "council_income", "council_alignment",
        "objection_cost", "arbitration_cost", "arbitration_offer", "arbitration_hold_out",
        "arbitration_optimism", "arbitration_effect",
    ),
    columns={
        "summary": (
            Measure("mediation_attempts", COUNT, "attempts",
                    "votes and askings of third parties in the quarter",
                    _count(("accepted", "refused"))),
            Measure("mediation_accepted", COUNT, "attempts", "those of them that were accepted",
                    _count(("accepted",))),
        ),
    },
    tables=(
        QuarterlyTable(
            "third_parties",
            "dispute and body that was to take it up",
            (
                Column("day", DAY, "", "day of the vote"),
                Column("area", WORD, "", "issue area: security"),
                Column("state", WORD, "", "first state in the dispute"),
                Column("against", WORD, "", "second state"),
                Column("instrument", WORD, "", "mediation or arbitration"),
                Column("organisation", WORD, "", "body, empty when none may act"),
                Column("outcome", WORD, "", "accepted, refused or no_body"),
                *VOTE_COLUMNS,
            ),
            _rows,
        ),
    ),
    events=(
        EventKind("mediation_accepted", "state", "a body took up a dispute", "votes for"),
        EventKind("mediation_refused", "state", "a body did not take it up; reason: blockers",
                  "votes for"),
        EventKind("arbitration_accepted", "state", "both states went to a court", "consents"),
        EventKind("arbitration_refused", "state", "one would not; reason: who", "consents"),
    ),
    phases=(THIRD_PARTIES,),
)  # fmt: skip
