"""Sanctions: voted by bodies as their charters let them, at the cost of trade."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.columns import COUNT, DAY, FLAG, NUMBER, WORD, Column, Measure, QuarterlyTable
from sim.events import EventKind
from sim.fields import Field
from sim.mechanism import Mechanism
from sim.mechanisms.sanctions.clauses import check
from sim.mechanisms.sanctions.phase import SANCTIONS
from sim.mechanisms.sanctions.records import (
    Motion,
    Occasion,
    Sanction,
    first_occasions,
    first_sanctions,
)
from sim.mechanisms.sanctions.shocks import SanctionShock
from sim.records import Record
from sim.security.verdicts import DECISION_COLUMNS, decision_cells
from sim.switches import Switch

if TYPE_CHECKING:
    from sim.setting import Setting
    from sim.state import State

__all__ = ["MECHANISM", "SANCTIONS"]


def _there(setting: Setting, state: State) -> tuple[Sanction, ...]:
    """Those in force on a day of the quarter."""
    after = setting.calendar.first_day(state.step + 1)
    return tuple(one for one in state.sanctions.running if one.since < after)


def _on(setting: Setting, state: State) -> tuple[Sanction, ...]:
    """Those in force on the last day of the quarter."""
    last = setting.calendar.day_at(state.step, 1.0)
    return tuple(one for one in state.sanctions.running if one.is_in_force(last))


def _rows(setting: Setting, state: State) -> Mapping[str, Any]:
    there, names = _there(setting, state), setting.axes.states
    return {
        "body": [one.body for one in there],
        "target": [names[one.target] for one in there],
        "region": [str(setting.world.region[one.target]) for one in there],
        "occasion": [one.occasion for one in there],
        "scope": [one.scope for one in there],
        "is_dated": [one.is_dated for one in there],
        "since": [one.since for one in there],
        "until": [one.until for one in there],
        "how": [one.how for one in there],
    }


def _votes(setting: Setting, state: State) -> Mapping[str, Any]:
    motions = state.sanctions.motions
    return {
        "day": [one.day for one in motions],
        "area": ["security"] * len(motions),
        "target": [setting.axes.states[one.target] for one in motions],
        "occasion": [one.occasion for one in motions],
        "scope": [one.scope for one in motions],
        "keeps": [one.keeps for one in motions],
        **decision_cells([one.verdict for one in motions]),
    }


def _of_state(setting: Setting, state: State) -> Any:
    count = np.zeros(len(setting.axes.states), dtype=np.int64)
    for one in _on(setting, state):
        count[one.target] += 1
    return count


def _of_body(setting: Setting, state: State) -> Any:
    bodies = [one.body for one in _on(setting, state)]
    return np.array([bodies.count(code) for code in setting.axes.organisations], dtype=np.int64)


def _imposed(_: Setting, state: State) -> int:
    return sum(one.verdict.is_adopted and not one.keeps for one in state.sanctions.motions)


def _voted(_: Setting, state: State) -> int:
    return sum(not one.keeps for one in state.sanctions.motions)


def _cost(setting: Setting, state: State) -> float:
    """Mean over the trade of the first day."""
    flows = setting.economy.flows * (1 - np.eye(len(setting.axes.states)))
    return float(100.0 * (flows * state.sanctions.trade_cost).sum() / flows.sum())


MECHANISM = Mechanism(
    name="sanctions",
    meaning="bodies vote on sanctions, which cost trade and press for an end of what they answer",
    source="charters; Felbermayr et al. 2020; Hufbauer et al. 2007; Pape 1997; own record",
    fields=(
        Field(
            "trade_cost", ("S", "S"), "fraction",
            "what sanctions add to trade costs, relative to the first day",
            low=-1, part_of="passing_trade_cost",
        ),
    ),
    records=(
        Record("running", Sanction, "sanctions in force, and those to come", first_sanctions),
        Record("occasions", Occasion, "what states may be sanctioned for", first_occasions),
        Record("motions", Motion, "sanctions put to the vote in the quarter"),
    ),
    switches=(Switch("sanctions", "bodies vote on sanctions, and those of the record count"),),
    parameters=(
        "sanction_tabled", "sanction_readiness", "sanction_ties", "sanction_trade_fall",
        "sanction_end", "sanction_targeted_end", "sanction_years_after", "council_readiness",
        "council_income", "council_alignment", "council_resistance", "council_seat_population",
        "objection_cost", "conflict_neutral_trade_fall", "security_rival_arsenal_loss",
        "trade_elasticity",
    ),
    columns={
        "states": (
            Measure("sanctions", COUNT, "sanctions", "sanctions on it at the end of the quarter",
                    _of_state),
        ),
        "organisations": (
            Measure("sanctions", COUNT, "sanctions", "sanctions of it at the end of the quarter",
                    _of_body),
        ),
        "summary": (
            Measure("sanctions", COUNT, "sanctions", "sanctions at the end of the quarter",
                    lambda setting, s: len(_on(setting, s))),
            Measure("sanctions_voted", COUNT, "votes", "votes on new sanctions", _voted),
            Measure("sanctions_imposed", COUNT, "sanctions", "sanctions imposed by a vote",
                    _imposed),
            Measure("sanction_trade_cost", NUMBER, "%",
                    "what sanctions add to trade costs since the first day, mean by trade", _cost),
        ),
    },
    tables=(
        QuarterlyTable(
            "sanctions",
            "sanctions and quarter",
            (
                Column("body", WORD, "", "body, or state alone, that sanctions"),
                Column("target", WORD, "", "state under sanctions"),
                Column("region", WORD, "", "its region"),
                Column("occasion", WORD, "", "war, force, civil, coup, nuclear, or other"),
                Column("scope", WORD, "", "trade or targeted"),
                Column("is_dated", FLAG, "", "of the record or of a scenario, not by a vote"),
                Column("since", DAY, "", "first day"),
                Column("until", DAY, "", "first day no longer in force, empty while none is set"),
                Column("how", WORD, "", "how they end: over (what they answer), lapsed, widened,"
                       " dated; empty while there is no end"),
            ),
            _rows,
        ),
        QuarterlyTable(
            "sanction_votes",
            "vote on sanctions",
            (
                Column("day", DAY, "", "day of the vote"),
                Column("area", WORD, "", "issue area: security"),
                Column("target", WORD, "", "state"),
                Column("occasion", WORD, "", "war, force, civil, coup or nuclear"),
                Column("scope", WORD, "", "trade or targeted"),
                Column("keeps", FLAG, "", "whether to renew those in force"),
                *DECISION_COLUMNS,
            ),
            _votes,
        ),
    ),
    events=(
        EventKind("sanctions_imposed", "target", "sanctions began; reason: scope", "votes for"),
        EventKind("sanctions_refused", "target", "they were voted down; reason: blockers",
                  "votes for"),
        EventKind("sanctions_ended", "target", "they ended; reason: how"),
    ),
    shocks=(SanctionShock,),
    phases=(SANCTIONS,),
    check=check,
)  # fmt: skip
