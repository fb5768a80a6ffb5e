"""Nuclear status and military spending."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.columns import COUNT, FLAG, NUMBER, WORD, Column, Measure, QuarterlyTable
from sim.events import EventKind
from sim.fields import Field
from sim.mechanism import Mechanism
from sim.mechanisms.nuclear.phase import ARMS, NUCLEAR, STATUSES, check
from sim.restraints import watched
from sim.security import PARAMETERS
from sim.switches import Switch

if TYPE_CHECKING:
    from sim.setting import Setting
    from sim.state import State

__all__ = ["ARMS", "MECHANISM", "NUCLEAR"]


def _first(setting: Setting) -> Any:
    return setting.world.security.facts.nuclear_status


def _rows(setting: Setting, state: State) -> Mapping[str, Any]:
    status, facts = state.nuclear.status, setting.world.security.facts
    where = np.flatnonzero(status)
    rivals = setting.world.is_rival @ (status >= STATUSES.index("pursue"))
    return {
        "state": [setting.axes.states[row] for row in where],
        "region": [str(setting.world.region[row]) for row in where],
        "status": [STATUSES[status[row]] for row in where],
        "has_nuclear_rival": rivals[where] > 0,
        "in_zone": facts.in_zone[where],
    }


def _status(_: Setting, state: State) -> Any:
    return state.nuclear.status


def _spending(_: Setting, state: State) -> Any:
    return 100.0 * np.expm1(state.nuclear.arms)


MECHANISM = Mechanism(
    name="nuclear",
    meaning="nuclear programmes by rivals' status, and military spending",
    source="Bleek 2017; Richardson 1960",
    fields=(
        Field("status", ("S",), "status", "0 none, 1 consider, 2 pursue, 3 weapons",
              np.int64, 0, 3, _first),
        Field("arms", ("S",), "log points", "military spending relative to the first day"),
    ),
    switches=(
        Switch("nuclear", "nuclear programmes begin, advance and end"),
        Switch("arms", "military spending moves"),
    ),
    parameters=(
        *(f"nuclear_{term}" for term in ("start", "start_rival", "pursue", "acquire", "drop",
            "step_back", "abandon", "disarm", "proficiency", "umbrella")),
        *PARAMETERS,
        "arms_reaction", "arms_fatigue", "arms_spread",
    ),
    columns={
        "states": (
            Measure("nuclear_status", COUNT, "status",
                    "0 none, 1 consider, 2 pursue, 3 weapons", _status),
            Measure("military_spending", NUMBER, "%", "change since the first day", _spending),
        ),
        "organisations": (
            Measure("n_inspected", COUNT, "states", "states that inspect each other under it",
                    lambda setting, state: watched(setting, state, "inspection")),
            Measure("n_in_zone", COUNT, "states", "states in a nuclear-weapon-free zone under it",
                    lambda setting, state: watched(setting, state, "zone")),
        ),
        "summary": (
            Measure("nuclear_programmes", COUNT, "states", "states that consider or pursue",
                    lambda _, s: int(np.isin(s.nuclear.status, (1, 2)).sum())),
            Measure("nuclear_states", COUNT, "states", "states with nuclear weapons",
                    lambda _, s: int((s.nuclear.status == 3).sum())),
        ),
    },
    tables=(
        QuarterlyTable(
            "nuclear",
            "state with a nuclear status and quarter",
            (
                Column("state", WORD, "", "state"),
                Column("region", WORD, "", "its region"),
                Column("status", WORD, "", "consider, pursue or weapons"),
                Column("has_nuclear_rival", FLAG, "", "whether a rival has or pursues weapons"),
                Column("in_zone", FLAG, "", "party to a nuclear-weapon-free zone"),
            ),
            _rows,
        ),
    ),
    events=(
        EventKind("nuclear_status", "state", "a nuclear status changed", "0 none to 3 weapons"),
    ),
    phases=(NUCLEAR, ARMS),
    check=check,
)  # fmt: skip
