"""Militarised disputes between states: onset, ladder, settlement, what they cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.columns import COUNT, DAY, FLAG, WORD, Column, Measure, QuarterlyTable
from sim.events import EventKind
from sim.fields import Field
from sim.hazards import NAMES
from sim.kernels.conflict.ladder import Settlement, Stage
from sim.mechanism import Mechanism
from sim.mechanisms.disputes.onset import ONSET
from sim.mechanisms.disputes.records import OPEN, Dispute, first_disputes, first_years
from sim.mechanisms.disputes.settlement import SETTLEMENT, first_burden
from sim.mechanisms.disputes.shocks import CeasefireShock, DisputeShock
from sim.records import Record
from sim.security import PARAMETERS
from sim.switches import Switch

if TYPE_CHECKING:
    from sim.setting import Setting
    from sim.state import State

__all__ = ["MECHANISM", "ONSET", "SETTLEMENT"]


def _rows(setting: Setting, state: State) -> Mapping[str, Any]:
    spells, states = state.disputes.open, setting.axes.states
    region = setting.world.region
    return {
        "dispute": [one.code(states) for one in spells],
        "state": [states[one.i] for one in spells],
        "against": [states[one.j] for one in spells],
        "region": [_shared(str(region[one.i]), str(region[one.j])) for one in spells],
        "began": [one.began for one in spells],
        "ended": [one.ended for one in spells],
        "stage": [NAMES[one.stage] for one in spells],
        "is_crisis": [one.is_crisis for one in spells],
        "settlement": [
            "" if one.settlement == OPEN else Settlement(one.settlement).name.lower()
            for one in spells
        ],
    }  # fmt: skip


def _shared(one: str, other: str) -> str:
    return one if one == other else f"{min(one, other)};{max(one, other)}"


def _begun(setting: Setting, state: State) -> int:
    first = setting.calendar.first_day(state.step)
    return sum(one.began >= first for one in state.disputes.open)


def _escalated(_: Setting, state: State) -> int:
    return sum(_has_escalated(one, state.step) for one in state.disputes.open)


def _at(least: Stage) -> Any:
    return lambda _, state: sum(one.stage >= least for one in state.disputes.open)


def _of_state(setting: Setting, state: State) -> Any:
    count = np.zeros(len(setting.axes.states), dtype=np.int64)
    for one in state.disputes.open:
        count[[one.i, one.j]] += 1
    return count


def _worst(setting: Setting, state: State) -> Any:
    worst = np.zeros(len(setting.axes.states), dtype=np.int64)
    for one in state.disputes.open:
        worst[[one.i, one.j]] = np.maximum(worst[[one.i, one.j]], one.stage)
    return worst


def _within(counts: Callable[[Dispute, int], bool]) -> Any:
    """Of each organisation: disputes of two of its members."""

    def count(_: Setting, state: State) -> Any:
        found = np.zeros(len(state.is_member), dtype=np.int64)
        for one in state.disputes.open:
            if counts(one, state.step):
                found += state.is_member[:, one.i] & state.is_member[:, one.j]
        return found

    return count


def _has_escalated(one: Dispute, step: int) -> bool:
    return one.stage >= Stage.FORCE and one.risen_at == step


_LEVELS = ("threat", "display", "force", "war")

MECHANISM = Mechanism(
    name="disputes",
    meaning="pairs of states fall into militarised disputes that rise by stages, cost and end",
    source="Correlates of War MID 5.0; Glick & Taylor 2010; Martin, Mayer & Thoenig 2008",
    fields=(
        Field(
            "years_since", ("S", "S"), "years", "years since the pair's last dispute, -1 if none",
            low=-1, initial=first_years,
        ),
        Field("calm", ("S", "S"), "years", "years for which a mediator's work still holds", low=0),
        Field(
            "burden", ("S", "S"), "fraction", "rise of trade costs by disputes, now or past",
            low=0, initial=first_burden,
        ),
        Field(
            "trade_cost", ("S", "S"), "fraction", "the same relative to the first day",
            low=-1, part_of="passing_trade_cost",
        ),
        Field(
            "income", ("S",), "% of annual income", "income lost by disputes, from the first day",
            low=-100, part_of="passing_income",
        ),
    ),
    records=(Record("open", Dispute, "disputes open in the quarter", first_disputes),),
    switches=(
        Switch("disputes", "states fall into disputes"),
        Switch("dispute_costs", "disputes cost trade and income"),
    ),
    parameters=(
        *(f"dispute_onset_{term}" for term in (
            "constant", "land", "sea", "major_power", "rivalry", "pact", "lower_polyarchy",
            "capability_ratio", "memory")),
        *(f"dispute_{model}_{term}" for model in ("force", "negotiated") for term in (
            "constant", "land", "major_power", "rivalry", "pact", "lower_polyarchy",
            "capability_ratio")),
        *(f"dispute_{what}_{level}" for level in _LEVELS for what in (
            "duration_median", "duration_mean", "negotiated_at", "imposed")),
        *(f"conflict_{what}_{level}" for level in _LEVELS for what in (
            "trade_fall", "income_loss")),
        *PARAMETERS, "dispute_threat_below_force", "dispute_war_of_force",
        "dispute_stages_per_quarter",
        "dispute_crisis_below_force", "dispute_crisis_force",
        "conflict_trade_recovery", "crisis_quiet_mediated", "crisis_agreement_mediated",
        "crisis_mediated_war", "crisis_actors",
        *(f"crisis_{what}_{term}" for what in ("mediated", "agreement") for term in (
            "constant", "clashes", "serious", "protracted", "actors")),
        "trade_elasticity",
    ),
    columns={
        "states": (
            Measure("disputes", COUNT, "disputes", "disputes open in the quarter", _of_state),
            Measure("dispute_stage", COUNT, "stage", "highest stage of them, 0 to 4", _worst),
        ),
        "organisations": (
            Measure("disputes_within", COUNT, "disputes", "disputes of two of its members",
                    _within(lambda one, _: one.stage > Stage.LATENT)),
            Measure("escalations_within", COUNT, "disputes",
                    "those of them that came to force or war in the quarter",
                    _within(_has_escalated)),
        ),
        "summary": (
            Measure("disputes", COUNT, "disputes", "disputes in the quarter", _at(Stage.LATENT)),
            Measure("disputes_begun", COUNT, "disputes", "disputes begun in the quarter", _begun),
            Measure(
                "escalations", COUNT, "disputes", "disputes that came to force or war", _escalated
            ),
            Measure("wars", COUNT, "disputes", "disputes at war", _at(Stage.WAR)),
        ),
    },
    tables=(
        QuarterlyTable(
            "disputes",
            "dispute and quarter",
            (
                Column("dispute", WORD, "", "dispute, <state>-<state>/<first day>"),
                Column("state", WORD, "", "alphabetically first state"),
                Column("against", WORD, "", "second state"),
                Column("region", WORD, "", "region of the two, both where they differ"),
                Column("began", DAY, "", "first day"),
                Column("ended", DAY, "", "last day, empty while it is open"),
                Column("stage", WORD, "", "stage reached: threat, display, force, war"),
                Column("is_crisis", FLAG, "", "whether it is a crisis, which may find a mediator"),
                Column("settlement", WORD, "", "none, negotiated or imposed; empty while open"),
            ),
            _rows,
        ),
    ),
    events=(
        EventKind("dispute_named", "state", "a dated event brought or widened a dispute", "stage"),
        EventKind("ceasefire", "state", "a dated event stops a dispute, if one is open"),
        EventKind("dispute_began", "state", "a militarised dispute began", "stage"),
        EventKind("dispute_rose", "state", "it rose by a stage", "stage"),
        EventKind("dispute_ended", "state", "it ended", "days since its first"),
    ),
    shocks=(DisputeShock, CeasefireShock),
    phases=(ONSET, SETTLEMENT),
)  # fmt: skip
