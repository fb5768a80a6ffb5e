"""Outbreaks as the mechanism draws them and as negotiators expect them: one place for both.

What a state has against outbreaks is its own capacity on the first day, and what bodies and
agreements add to it. How much it lacks by itself does not move its losses once it is struck: the
index of 2019 did not tell who lost by COVID-19. It moves where outbreaks begin, and how large they
grow before they are found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import HealthCapacity, accumulate
from sim.kernels.epidemics import (
    AT_HOME,
    QUARTERS,
    UNTIL_VACCINES,
    strike_chance,
    struck_weights,
)
from sim.memo import remembered
from sim.types import Floats

if TYPE_CHECKING:
    from sim.agreements import Commitment
    from sim.memo import Reading
    from sim.setting import Setting
    from sim.state import State

__all__ = [
    "READS",
    "Defence",
    "Expected",
    "Origins",
    "bodies_at_work",
    "contacts",
    "deaths_left",
    "defence_if_signed",
    "defence_now",
    "expected",
    "origins",
    "own_access",
    "size_factor",
]

READS = ("agreements", "is_member", "capacity")
"""What defence against outbreaks follows from."""

PER_YEAR = 4
PERCENT, PER_THOUSAND = 100.0, 1000.0
_ROOT = 0.5  # of deaths, with which income loss rises
_LEVELS = np.array([0.0, 0.003, 0.01, 0.03, 0.1, 0.3, 0.6, 0.9, 1.0])


@dataclass(frozen=True, eq=False)
class Defence:
    """What states have against outbreaks, (S,) each, 0 to 1.

    Attributes
    ----------
    support
        Surveillance and response that bodies and agreements add to a state's own.
    access
        Share of its people served with vaccines at once.
    """

    support: Floats
    access: Floats


@dataclass(frozen=True, eq=False)
class Origins:
    """Where outbreaks begin: (S,) own capacity, (S,) shares of outbreaks, their mean capacity."""

    capacity: Floats
    share: Floats
    mean: float


@remembered(keep=1)
def origins(setting: Setting, _: None) -> Origins:
    """Outbreaks begin in proportion to people and to what is lacking in capacity.

    States without an index have the mean of the others.
    """
    index = setting.world.health.index
    capacity = np.where(np.isnan(index), np.nanmean(index), index)
    weight = setting.world.population * (1.0 - capacity)
    share = weight / weight.sum()
    return Origins(capacity, share, float(share @ capacity))


@remembered(keep=1)
def own_access(setting: Setting, _: None) -> Floats:
    """(S,) place in the queue for vaccines: share of the world's people whose states spend less.

    By health spending per head; where that is unknown, by the mean share of income that others
    spend. Half of a state's own people are before it.
    """
    world = setting.world
    income = 1000.0 * world.gdp / world.population
    usual = np.nanmedian(world.health.spending / income)
    spending = np.where(np.isnan(world.health.spending), usual * income, world.health.spending)
    order = np.argsort(spending, kind="stable")
    people = world.population[order] / world.population.sum()
    place = np.zeros(order.size)
    place[order] = np.cumsum(people) - 0.5 * people
    return place


@remembered(keep=1)
def contacts(setting: Setting, _: None) -> Floats:
    """(S, S) contacts of people of i with origin o, [o, i], over their mean in the world.

    The mean of three kernels that count alike: trade per head, a common border, the same region
    (those that an origin has).
    """
    world = setting.world
    people = world.population / world.population.sum()
    trade = (world.flows + world.flows.T) / world.population
    region = world.region[:, None] == world.region[None, :]
    kernels = np.stack([trade, world.is_contiguous, region])
    kernels[:, np.arange(people.size), np.arange(people.size)] = 0.0
    mean = kernels @ people
    there = mean > 0
    kernels /= np.where(there, mean, 1.0)[..., None]
    return np.asarray(kernels.sum(axis=0) / np.maximum(there.sum(axis=0), 1)[:, None])


@remembered(keep=1)
def _chances(setting: Setting, _: None) -> Floats:
    """(R, S, S) chance that an outbreak of o strikes i, at each level of reach."""
    found = strike_chance(_LEVELS[:, None, None], contacts(setting, None)[None])
    found[:, np.arange(found.shape[1]), np.arange(found.shape[1])] = 1.0
    return found


def bodies_at_work(setting: Setting) -> tuple[str, ...]:
    """Organisations of the run that watch and help; regional ones where the switch lets them."""
    found = (one for one in setting.world.health.bodies if one in setting.axes.organisations)
    return tuple(one for one in found if _counts(setting, one))


def _counts(setting: Setting, code: str) -> bool:
    if setting.is_on("regional_health") or code not in setting.axes.organisations:
        return True
    return setting.charter(code).level != "regional"


def defence_now(setting: Setting, state: State) -> Defence:
    """By what is in force in the quarter."""
    bound = [
        one.current(state.step, 0.0)
        for one in state.agreements
        if one.area == "health" and _counts(setting, one.organisation)
    ]
    return _defence(setting, state, bound)


def defence_if_signed(setting: Setting, state: Reading, more: Sequence[Commitment] = ()) -> Defence:
    """By all that is signed, and more on top."""
    signed = [
        one.committed()
        for one in state.agreements
        if one.area == "health" and _counts(setting, one.organisation)
    ]
    return _defence(setting, state, [*signed, *more])


def _defence(setting: Setting, state: State | Reading, bound: Sequence[Commitment]) -> Defence:
    known = origins(setting, None).capacity
    effort, pooled = accumulate(HealthCapacity, bound, size=known.size)
    left, most = 1.0 - effort, setting["health_body_help"]
    for code in bodies_at_work(setting):
        row = setting.axes.organisation(code)
        left = left * (1.0 - most * state.capacity[row] * state.is_member[row])
    return Defence((1.0 - known) * (1.0 - left), np.maximum(own_access(setting, None), pooled))


def size_factor(setting: Setting, support: Floats) -> Floats:
    """(S,) size of an outbreak over its severity, by the state in which it begins.

    One where surveillance is what origins have by themselves on average: the law of severity is of
    a past without these bodies.
    """
    known = origins(setting, None)
    found = known.capacity + support - known.mean
    return np.asarray(np.exp(-setting["epidemic_surveillance"] * found))


def deaths_left(setting: Setting, defence: Defence) -> Floats:
    """(2, S) share of deaths that those struck do not avert: by response, and by vaccines too."""
    response = np.exp(-setting["epidemic_surveillance"] * defence.support)
    served = setting["epidemic_vaccines"] * defence.access
    return np.stack([response, response * (1.0 - served)])


@dataclass(frozen=True, eq=False)
class Expected:
    """What states would lose by outbreaks a year, of one kind: income, or lives.

    Attributes
    ----------
    early, late
        (S, S) percent of annual income that outbreaks of o take from i, [o, i], if nobody helped
        there: before there are vaccines, and from then on were nobody served.
    power
        Of deaths, with which it rises.
    """

    early: Floats
    late: Floats
    power: float

    def left(self, setting: Setting, access: Floats) -> Floats:
        """Share of what is lost late that vaccines leave, by the share served (any shape)."""
        return np.asarray((1.0 - setting["epidemic_vaccines"] * access) ** self.power)

    def spared(self, setting: Setting, support: Floats) -> Floats:
        """(S,) share that response leaves."""
        return np.asarray(np.exp(-self.power * setting["epidemic_surveillance"] * support))

    def lost(self, setting: Setting, access: Floats) -> Floats:
        """(S, S) all of it, by access to vaccines (S,)."""
        return np.asarray(self.early + self.late * self.left(setting, access))


@remembered(keep=8)
def expected(setting: Setting, _: None, origin: Floats) -> tuple[Expected, Expected]:
    """What states expect to lose without help, income and lives at what they count.

    Parameters
    ----------
    origin
        (S,) support where outbreaks begin.
    """
    rate = setting["epidemic_rate"] * origins(setting, None).share[:, None] / PER_YEAR
    life = PERCENT * setting["life_value"] / PER_THOUSAND
    factor, local = size_factor(setting, origin), setting["epidemic_local"]
    found = []
    for power, at_one in ((_ROOT, setting["epidemic_loss"]), (1.0, life)):
        weights, at_home = struck_weights(factor, local, _LEVELS, power)
        size = rate * at_one
        abroad = size * np.einsum("or,ros->os", weights, _chances(setting, None))
        early = (UNTIL_VACCINES - AT_HOME) * abroad + np.diag(AT_HOME * at_home * size[:, 0])
        found.append(Expected(early, (QUARTERS - UNTIL_VACCINES) * abroad, power))
    return found[0], found[1]
