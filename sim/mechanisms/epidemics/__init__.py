"""Outbreaks of international concern, what they cost, and who helps against them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.columns import COUNT, DAY, NUMBER, WORD, Column, Measure, QuarterlyTable
from sim.events import EventKind
from sim.fields import Field
from sim.kernels.public_goods import POWERS, provision
from sim.mechanism import Mechanism
from sim.mechanisms.epidemics.phase import EPIDEMICS
from sim.mechanisms.epidemics.records import Outbreak
from sim.mechanisms.epidemics.shocks import OutbreakShock
from sim.outbreaks import defence_now, origins
from sim.records import Record
from sim.switches import Switch

if TYPE_CHECKING:
    from sim.setting import Setting
    from sim.state import State

__all__ = ["EPIDEMICS", "MECHANISM"]


def _rows(setting: Setting, state: State) -> Mapping[str, Any]:
    found, world = state.epidemics.outbreaks, setting.world
    people = world.population / world.population.sum()
    return {
        "origin": [setting.axes.states[one.origin] for one in found],
        "region": [str(world.region[one.origin]) for one in found],
        "began": [one.began for one in found],
        "quarter": [1 + one.age(state.step) for one in found],
        "severity": [one.severity for one in found],
        "size": [one.size for one in found],
        "declared_by": [one.declared_by for one in found],
        "states_struck": [int(one.struck.sum()) for one in found],
        "people_reached": [float(people @ one.struck) for one in found],
    }


def _loss(_: Setting, state: State) -> Any:
    return -state.epidemics.income


def _world_loss(setting: Setting, state: State) -> float:
    return float(-state.epidemics.income @ setting.income / setting.income.sum())


def _surveillance(setting: Setting, state: State) -> float:
    known = origins(setting, None)
    level = known.capacity + defence_now(setting, state).support
    return float(provision(level, known.share, POWERS["weaker_link"]))


MECHANISM = Mechanism(
    name="epidemics",
    meaning="outbreaks begin, spread by contacts, cost income; bodies and agreements help",
    source="Marani et al. 2021; WHO; Global Health Security Index 2019; sizes of help assumed",
    fields=(
        Field("income", ("S",), "% of annual income", "income lost by outbreaks", low=-100, high=0,
              part_of="passing_income"),
        Field("deaths", ("S",), "million", "deaths by outbreaks in the quarter", low=0),
        Field("n_declared", ("O",), "outbreaks", "outbreaks that a body declared so far", np.int64,
              0, part_of="n_done"),
    ),
    records=(Record("outbreaks", Outbreak, "outbreaks under way"),),
    switches=(
        Switch("epidemics", "outbreaks of international concern begin and spread"),
        Switch("epidemic_costs", "outbreaks cost income"),
        Switch("regional_health", "regional bodies and their agreements help against outbreaks"),
    ),
    parameters=(
        "epidemic_rate", "epidemic_local", "epidemic_loss", "epidemic_surveillance",
        "epidemic_vaccines", "health_body_help",
    ),
    columns={
        "states": (
            Measure("epidemic_loss", NUMBER, "% of annual income",
                    "income lost by outbreaks, at the rate of the quarter", _loss),
        ),
        "summary": (
            Measure("epidemics", COUNT, "outbreaks", "outbreaks under way",
                    lambda _, state: len(state.epidemics.outbreaks)),
            Measure("epidemic_loss", NUMBER, "%", "world income of the quarter lost by outbreaks",
                    _world_loss),
            Measure("epidemic_deaths", NUMBER, "million", "deaths by outbreaks in the quarter",
                    lambda _, state: float(state.epidemics.deaths.sum())),
            Measure("surveillance", NUMBER, "share",
                    "surveillance where outbreaks begin, weaker links counting more",
                    _surveillance),
        ),
    },
    tables=(
        QuarterlyTable(
            "epidemics",
            "outbreak and quarter",
            (
                Column("origin", WORD, "", "state in which it began"),
                Column("region", WORD, "", "its region"),
                Column("began", DAY, "", "its first day"),
                Column("quarter", COUNT, "quarters", "which of its quarters it is, from 1"),
                Column("severity", NUMBER, "deaths per 1000 and year",
                       "how severe it is in the world, without anybody's help"),
                Column("size", NUMBER, "deaths per 1000 and year",
                       "the same by the surveillance that it met with"),
                Column("declared_by", WORD, "", "organisation that declared it"),
                Column("states_struck", COUNT, "states", "states struck so far"),
                Column("people_reached", NUMBER, "share", "share of the world's people there"),
            ),
            _rows,
        ),
    ),
    events=(
        EventKind("outbreak", "state", "an outbreak began; organisation: who declared it",
                  "size, deaths a year per thousand people"),
        EventKind("outbreak_named", "state", "a scenario named it", "severity, the same"),
        EventKind("outbreak_over", "state", "it is over", "states struck"),
    ),
    shocks=(OutbreakShock,),
    phases=(EPIDEMICS,),
)  # fmt: skip
