"""Civil conflict and coups, as processes of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.columns import COUNT, FLAG, NUMBER, WORD, Column, Measure, QuarterlyTable
from sim.events import EventKind
from sim.fields import Field
from sim.mechanism import Mechanism
from sim.mechanisms.civil.conflict import CIVIL
from sim.mechanisms.civil.coups import COUPS, CoupShock
from sim.mechanisms.civil.shocks import CivilConflictShock
from sim.security import PARAMETERS
from sim.switches import Switch

if TYPE_CHECKING:
    from sim.setting import Setting
    from sim.state import State

__all__ = ["CIVIL", "COUPS", "MECHANISM"]


def _of_facts(name: str) -> Any:
    return lambda setting: getattr(setting.world.security.facts, name)


def _memory(setting: Setting) -> Any:
    years = setting.world.security.facts.coup_memory
    return np.where(np.isfinite(years), years, -1.0)


def _rows(setting: Setting, state: State) -> Mapping[str, Any]:
    where = np.flatnonzero(state.civil_conflict)
    neighbours = setting.world.is_contiguous @ (state.civil_conflict > 0).astype(np.int64)
    return {
        "state": [setting.axes.states[row] for row in where],
        "region": [str(setting.world.region[row]) for row in where],
        "is_war": state.civil_conflict[where] == 2,
        "years": state.civil.age[where],
        "peacekeepers": state.peacekeepers[where],
        "neighbours_in_conflict": neighbours[where],
    }


def _level(_: Setting, state: State) -> Any:
    return state.civil_conflict


def _coups(_: Setting, state: State) -> Any:
    return (state.civil.coups > 0).astype(np.int64)


_LEVEL = "civil conflict: 0 none, 1 below war level, 2 at war level"

MECHANISM = Mechanism(
    name="civil",
    meaning="civil conflict and coups begin by hazards of states, and cost income",
    source="UCDP/PRIO, Cline Center 1990-2010; Collier 1999; Fortna 2004",
    fields=(
        Field("age", ("S",), "years", "years that civil conflict has lasted", low=0,
              initial=_of_facts("conflict_age")),
        Field("peace", ("S",), "years", "years since the last one", low=0,
              initial=_of_facts("peace")),
        Field("had", ("S",), "1", "whether there was one since 1946", np.bool_,
              initial=_of_facts("had_conflict")),
        Field("offered", ("S",), "1", "whether a third party has offered itself in the quarter",
              np.bool_),
        Field("income", ("S",), "% of annual income",
              "income lost by civil conflict, from the first day", low=-100,
              part_of="passing_income"),
        Field("since_coup", ("S",), "years", "years since the last coup attempt, -1 if none",
              low=-1, initial=_memory),
        Field("coups", ("S",), "outcome", "coup by chance in the quarter: 0 none, 1 failed, 2"
              " successful", np.int64, 0, 2, part_of="coup"),
    ),
    switches=(
        Switch("civil_conflict", "civil conflicts begin and end"),
        Switch("civil_costs", "civil conflict costs income"),
        Switch("coups", "coups are tried"),
    ),
    parameters=(
        *(f"civil_onset_{term}" for term in ("constant", "income", "population", "polyarchy",
            "polyarchy_squared", "peace", "neighbour")),
        *(f"civil_end_{term}" for term in ("constant", "income", "population", "polyarchy",
            "duration", "war", "troops", "factor_since_2011")),
        *(f"civil_recurrence_{term}" for term in ("force", "troops", "window")),
        *(f"civil_war_level_{term}" for term in ("constant", "troops", "war", "income",
            "population", "duration")),
        *(f"coup_{term}" for term in ("constant", "polyarchy", "polyarchy_squared", "income",
            "memory", "conflict", "years_if_never", "success")),
        "civil_mediated", "civil_mediation_years", "civil_end_mediated", "civil_agreement",
        *PARAMETERS, "crisis_agreement_mediated", "civil_quiet_years", "civil_starts_at_war",
        "civil_income_loss_minor", "civil_income_loss_war", "scrutiny_calms",
    ),
    columns={
        "states": (
            Measure("civil_conflict", COUNT, "level", _LEVEL, _level),
            Measure("coups", COUNT, "attempts", "coups tried in the quarter", _coups),
        ),
        "organisations": (
            Measure("civil_conflicts_within", COUNT, "states", "members in civil conflict",
                    lambda _, s: s.is_member @ (s.civil_conflict > 0).astype(np.int64)),
        ),
        "summary": (
            Measure("civil_conflicts", COUNT, "states", "states in civil conflict",
                    lambda _, s: int((s.civil_conflict > 0).sum())),
            Measure("civil_wars", COUNT, "states", "states at war level",
                    lambda _, s: int((s.civil_conflict == 2).sum())),
            Measure("coups", COUNT, "attempts", "coups tried in the quarter",
                    lambda _, s: int((s.civil.coups > 0).sum())),
        ),
    },
    tables=(
        QuarterlyTable(
            "conflicts",
            "state in civil conflict and quarter",
            (
                Column("state", WORD, "", "state"),
                Column("region", WORD, "", "its region"),
                Column("is_war", FLAG, "", "whether it is at war level"),
                Column("years", NUMBER, "years", "how long it has lasted"),
                Column("peacekeepers", NUMBER, "persons", "strength of missions there"),
                Column("neighbours_in_conflict", COUNT, "states", "land neighbours in conflict"),
            ),
            _rows,
        ),
    ),
    events=(
        EventKind("civil_conflict_began", "state", "a civil conflict began", "level, 2 is war"),
        EventKind("civil_conflict_changed", "state", "it rose to or fell from war", "level"),
        EventKind("civil_conflict_ended", "state", "it ended; reason: agreement, if by one",
                  "level, 0"),
        EventKind("coup", "state", "a coup was tried", "1 if it succeeded"),
    ),
    shocks=(CoupShock, CivilConflictShock),
    phases=(CIVIL, COUPS),
)  # fmt: skip
