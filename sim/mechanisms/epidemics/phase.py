"""Outbreaks begin, are declared, strike, and cost income until they are over."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sim.kernels.epidemics import (
    AT_HOME,
    MARANI,
    UNTIL_VACCINES,
    deaths_where_struck,
    income_loss,
    reach,
    strike_chance,
)
from sim.mechanisms.epidemics.records import Outbreak
from sim.outbreaks import (
    PER_THOUSAND,
    PER_YEAR,
    READS,
    bodies_at_work,
    contacts,
    deaths_left,
    defence_now,
    origins,
    size_factor,
)
from sim.phase import Phase
from sim.streams import stream

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State
    from sim.types import Floats

__all__ = ["EPIDEMICS"]


def run(setting: Setting, state: State, log: Log) -> None:
    """What begins in the quarter, whom it strikes, what all that are under way cost."""
    block = state.epidemics
    chance = setting["epidemic_rate"] / PER_YEAR
    at_one, local = setting["epidemic_loss"], setting["epidemic_local"]
    uniform = stream(setting.seed, "epidemics", state.step).random(4 + block.deaths.size)
    if not setting.is_on("epidemics"):
        return
    defence = defence_now(setting, state)
    left = deaths_left(setting, defence)
    factor = size_factor(setting, defence.support)
    found = block.outbreaks
    if uniform[0] < chance:
        found = (*found, _drawn(setting, state, uniform[1:4]))
    found = tuple(
        _begin(setting, state, log, one, factor) if one.size < 0 else one for one in found
    )
    found = tuple(_spread(setting, one, local, uniform[4:], state.step) for one in found)
    for one in found:
        if one.is_over(state.step):
            day, actor = setting.calendar.first_day(state.step), setting.axes.states[one.origin]
            struck = float(one.struck.sum())
            log.event(state.step, day, "outbreak_over", actor=actor, value=struck)
    block.outbreaks = tuple(one for one in found if not one.is_over(state.step))
    _count(setting, state, left, (at_one, local))


def _drawn(setting: Setting, state: State, uniform: Floats) -> Outbreak:
    """An outbreak by chance: where, how severe, on which day."""
    share = np.cumsum(origins(setting, None).share)
    origin = int(min(np.searchsorted(share, uniform[0]), share.size - 1))
    severity = float(MARANI.quantile(uniform[1]))
    day = setting.calendar.day_at(state.step, float(uniform[2]))
    return Outbreak(origin, day, state.step, severity)


def _begin(setting: Setting, state: State, log: Log, one: Outbreak, factor: Floats) -> Outbreak:
    """It is found and declared: by the body of its origin that can do most, a global one first."""
    code, body = setting.axes.states[one.origin], _declares(setting, state, one.origin)
    struck = np.arange(factor.size) == one.origin
    size = float(one.severity * factor[one.origin])
    log.event(state.step, one.began, "outbreak", actor=code, organisation=body, value=size)
    if body in setting.axes.organisations:
        state.epidemics.n_declared[setting.axes.organisation(body)] += 1
    return replace(one, size=size, declared_by=body, struck=struck)


def _declares(setting: Setting, state: State, origin: int) -> str:
    def rank(code: str) -> tuple[bool, float]:
        row = setting.axes.organisation(code)
        return setting.charter(code).level == "global", float(state.capacity[row])

    bodies = [
        code
        for code in bodies_at_work(setting)
        if state.is_member[setting.axes.organisation(code), origin]
    ]
    return max(bodies, key=rank, default="")


def _spread(setting: Setting, one: Outbreak, local: float, uniform: Floats, step: int) -> Outbreak:
    """After a time at home it strikes others, those in closer contact likelier."""
    if one.age(step) != AT_HOME:
        return one
    share = reach(np.array(one.size), local)
    chance = strike_chance(share, contacts(setting, None)[one.origin])
    return replace(one, struck=one.struck | (uniform < chance))


def _count(setting: Setting, state: State, left: Floats, given: tuple[float, float]) -> None:
    """Deaths in the quarter, and the income that those struck lose."""
    block, (at_one, local) = state.epidemics, given
    block.deaths[:] = 0.0
    block.income[:] = 0.0
    for one in block.outbreaks:
        has_vaccines = one.age(state.step) >= UNTIL_VACCINES
        where = deaths_where_struck(np.array(one.size), local)
        dead = where * one.struck * left[int(has_vaccines)]
        block.deaths[:] += dead * setting.world.population / PER_THOUSAND / PER_YEAR
        block.income[:] -= income_loss(dead, at_one)
    if not setting.is_on("epidemic_costs"):
        block.income[:] = 0.0


EPIDEMICS = Phase(
    name="epidemics",
    meaning="outbreaks begin, are declared, strike other states and are over",
    source="Marani et al. 2021; WHO for emergencies declared; own kernel of contacts",
    reads=(*READS, "epidemics.outbreaks", "epidemics.n_declared"),
    writes=(
        "epidemics.outbreaks",
        "epidemics.income",
        "epidemics.deaths",
        "epidemics.n_declared",
    ),
    run=run,
)
