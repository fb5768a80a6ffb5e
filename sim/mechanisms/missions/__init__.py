"""Peace missions: mandates by vote, strength by funds, protection of the peace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.columns import COUNT, DAY, FLAG, NUMBER, WORD, Column, Measure, QuarterlyTable
from sim.events import EventKind
from sim.fields import Field
from sim.mechanism import Mechanism
from sim.mechanisms.missions.phase import MISSIONS, funded
from sim.mechanisms.missions.records import Motion, PeaceMission, first_missions
from sim.mechanisms.missions.shocks import (
    MissionEndShock,
    MissionFundingShock,
    MissionStartShock,
)
from sim.records import Record
from sim.security.verdicts import DECISION_COLUMNS, decision_cells
from sim.switches import Switch

if TYPE_CHECKING:
    from sim.setting import Setting
    from sim.state import State

__all__ = ["MECHANISM", "MISSIONS"]


def _there(setting: Setting, state: State) -> tuple[PeaceMission, ...]:
    day = setting.calendar.first_day(state.step)
    return tuple(one for one in state.missions.running if one.is_there(day))


def _rows(setting: Setting, state: State) -> Mapping[str, Any]:
    there = _there(setting, state)
    elasticity = setting["mission_funding_elasticity"]
    withheld = state.missions.withheld
    paid = [funded(setting, state, one.body) * (1.0 - withheld[one.host]) for one in there]
    force = [
        one.mandate * funded(setting, state, one.body) ** elasticity * (1.0 - withheld[one.host])
        for one in there
    ]
    return {
        "mission": [one.name for one in there],
        "organisation": [one.body for one in there],
        "host": [setting.axes.states[one.host] for one in there],
        "region": [str(setting.world.region[one.host]) for one in there],
        "kind": [one.kind for one in there],
        "since": [one.since for one in there],
        "mandate": [one.mandate for one in there],
        "funding": [float(share) for share in paid],
        "strength": [float(persons) for persons in force],
    }


def _votes(setting: Setting, state: State) -> Mapping[str, Any]:
    motions = state.missions.motions
    return {
        "day": [one.day for one in motions],
        "area": ["security"] * len(motions),
        "host": [setting.axes.states[one.host] for one in motions],
        "is_asked": [one.is_asked for one in motions],
        **decision_cells([one.verdict for one in motions]),
    }


MECHANISM = Mechanism(
    name="missions",
    meaning="peace missions are mandated by votes, paid by dues, and shorten civil conflict",
    source="Fortna 2004; mandates of the United Nations, the African Union and others",
    fields=(
        Field("withheld", ("S",), "share", "share of the money for missions there that dated"
              " events withhold", low=0, high=1),
        Field("n_sent", ("O",), "missions", "missions that a body mandated so far", np.int64, 0,
              part_of="n_done"),
        Field("n_declined", ("O",), "missions", "missions that a body declined so far", np.int64, 0,
              part_of="n_failed"),
    ),
    records=(
        Record("running", PeaceMission, "missions there, and those to come", first_missions),
        Record("motions", Motion, "missions put to the vote in the quarter"),
    ),
    switches=(
        Switch("missions", "peace missions are there and follow their funds"),
        Switch("mandates", "bodies vote on new missions"),
    ),
    parameters=(
        "mission_start", "mission_end", "mission_troops", "mission_cost",
        "mission_funding_elasticity", "council_consent", "council_readiness", "council_income",
        "council_alignment", "council_seat_population", "objection_cost", "civil_income_loss_war",
        "conflict_neutral_trade_fall", "trade_elasticity",
    ),
    columns={
        "states": (
            Measure("peacekeepers", NUMBER, "persons", "strength of missions there",
                    lambda _, s: s.peacekeepers),
        ),
        "summary": (
            Measure("missions", COUNT, "missions", "peace missions",
                    lambda setting, s: len(_there(setting, s))),
            Measure("peacekeepers", NUMBER, "persons", "strength of all missions",
                    lambda _, s: float(s.peacekeepers.sum())),
        ),
    },
    tables=(
        QuarterlyTable(
            "missions",
            "mission and quarter",
            (
                Column("mission", WORD, "", "mission"),
                Column("organisation", WORD, "", "body that mandates it"),
                Column("host", WORD, "", "state"),
                Column("region", WORD, "", "its region"),
                Column("kind", WORD, "", "observers, peacekeeping, enforcement and the like"),
                Column("since", DAY, "", "first day"),
                Column("mandate", NUMBER, "persons", "strength it is to have"),
                Column("funding", NUMBER, "share", "share of its money that is paid"),
                Column("strength", NUMBER, "persons", "strength it has"),
            ),
            _rows,
        ),
        QuarterlyTable(
            "mandates",
            "vote on a mission",
            (
                Column("day", DAY, "", "day of the vote"),
                Column("area", WORD, "", "issue area: security"),
                Column("host", WORD, "", "state"),
                Column("is_asked", FLAG, "", "whether its government asked for the mission"),
                *DECISION_COLUMNS,
            ),
            _votes,
        ),
    ),
    events=(
        EventKind("mandate_adopted", "host", "a body decided on a mission", "votes for"),
        EventKind("mandate_refused", "host", "a mission was voted down; reason: blockers",
                  "votes for"),
        EventKind("mission_began", "host", "a mission began", "persons"),
        EventKind("mission_ended", "host", "a mission ended", "persons"),
        EventKind("mission_funding_cut", "host", "money for missions is withheld", "share"),
    ),
    shocks=(MissionStartShock, MissionEndShock, MissionFundingShock),
    phases=(MISSIONS,),
)  # fmt: skip
