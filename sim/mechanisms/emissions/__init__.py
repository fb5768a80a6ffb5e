"""Emissions of states, and the pledges that lower them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.columns import NUMBER, Measure
from sim.events import EventKind
from sim.fields import Field
from sim.mechanism import Mechanism
from sim.mechanisms.emissions.phase import EMISSIONS, due, promised
from sim.mitigation import PARAMETERS
from sim.switches import Switch

if TYPE_CHECKING:
    from sim.setting import Setting
    from sim.state import State
    from sim.types import Floats

__all__ = ["EMISSIONS", "MECHANISM"]

MILLIONS_PER_BILLION = 1000.0


def _total(_: Setting, state: State) -> float:
    return float(state.emissions.level.sum()) / MILLIONS_PER_BILLION


def _pledged(setting: Setting, state: State) -> float:
    return 100.0 * _share_of_world(state, promised(setting, state))


def _shortfall(setting: Setting, state: State) -> float:
    missed = due(setting, state) - state.emissions.policy - state.emissions.agreed
    return float(state.emissions.without @ missed) / MILLIONS_PER_BILLION


def _share_of_world(state: State, cut: Floats) -> float:
    total = float(state.emissions.without.sum())
    return float(state.emissions.without @ cut) / total if total > 0 else 0.0


def _of_world(setting: Setting, percent: Floats) -> float:
    return float(percent @ setting.income / setting.income.sum())


_COST = "what cuts of emissions beyond those of the first day cost; welfare leaves it out"
_AVOIDED = (
    "damage that cuts beyond those of the first day spare, in present value, and gains at home;"
    " welfare leaves it out"
)

MECHANISM = Mechanism(
    name="emissions",
    meaning="states emit along a trend, and carry out pledges as far as that pays themselves",
    source="Global Carbon Project; nationally determined contributions; Barrett 1994",
    fields=(
        Field("level", ("S",), "Mt CO2 a year", "fossil CO2 emitted", low=0),
        Field("without", ("S",), "Mt CO2 a year", "the same without pledges or agreements", low=0),
        Field("pledge", ("S",), "share", "of that, what the state's pledge takes off", low=0,
              high=1),
        Field("policy", ("S",), "share", "of that, what policy under the pledge takes off so far",
              low=0, high=1),
        Field("start", ("S",), "share", "of that, what it took off on the first day", low=0,
              high=1),
        Field("agreed", ("S",), "share", "of that, what agreements take off so far", low=0, high=1),
        Field("cost", ("S",), "% of annual income", "what cuts beyond those of the first day cost"),
        Field("avoided", ("S",), "% of annual income", "damage that these spare, now and later"),
    ),
    switches=(
        Switch("climate_pledges", "states carry out pledges to cut emissions, as far as it pays"),
        Switch("climate_talks", "bodies negotiate cuts of emissions on their dockets"),
    ),
    parameters=(*PARAMETERS, "phase_in_years"),
    columns={
        "states": (
            Measure("emissions", NUMBER, "Mt CO2 a year", "fossil CO2 emitted",
                    lambda _, state: state.emissions.level),
            Measure("abatement_cost", NUMBER, "% of annual income", _COST,
                    lambda _, state: state.emissions.cost),
            Measure("damage_avoided", NUMBER, "% of annual income", _AVOIDED,
                    lambda _, state: state.emissions.avoided),
        ),
        "summary": (
            Measure("emissions", NUMBER, "Gt CO2 a year", "fossil CO2 emitted", _total),
            Measure("pledged_cut", NUMBER, "% of emissions", "cut that pledges in hand and what is"
                    " signed promise, of emissions without them", _pledged),
            Measure("mitigation_shortfall", NUMBER, "Gt CO2 a year", "emitted beyond what pledges"
                    " of the first day leave, as they fall due in equal steps; below zero where"
                    " more is done", _shortfall),
            Measure("abatement_cost", NUMBER, "% of world income", _COST,
                    lambda setting, state: _of_world(setting, state.emissions.cost)),
            Measure("damage_avoided", NUMBER, "% of world income", _AVOIDED,
                    lambda setting, state: _of_world(setting, state.emissions.avoided)),
        ),
    },
    events=(
        EventKind("pledge_dropped", "state", "a pledge to cut emissions went with the agreement"
                  " that it was made under", "share of emissions"),
    ),
    phases=(EMISSIONS,),
)  # fmt: skip
