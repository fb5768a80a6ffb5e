"""The world of a year as negotiators saw it, with the European Union as one unit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from experiments.compose import compose
from sim.kernels.armington import Economy
from sim.kernels.sectors import Protected, revealed_weight
from sim.world.loader import load_world
from sim.world.world import World

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

EU = "EU"
_BATCH = 96  # counterfactuals solved at a time


@cache
def parameters() -> dict[str, float]:
    """Values in use, by name."""
    return dict(compose(["scenario=baseline"]).mapping["parameters"])


@dataclass(frozen=True)
class Year:
    """Trade, tariffs and agreements of the first day of a year, over U units.

    Attributes
    ----------
    codes
        ISO 3166-1 alpha-3 codes, `EU` for the 27 members of today.
    economy
        The trade economy of the day.
    stock
        (U, U) pairs with an agreement in force.
    mfn
        (U,) most-favoured-nation tariff, fraction.
    democracy, income_per_head, pact
        (U,) 0–1, (U,) thousand USD, (U, U) share of the pair under a defence pact.
    member
        (U, S) which states a unit is.
    """

    day: date
    world: World
    codes: tuple[str, ...]
    economy: Economy
    stock: Bools
    mfn: Floats
    democracy: Floats
    income_per_head: Floats
    pact: Floats
    member: Bools

    @classmethod
    def of(cls, day: date) -> Year:
        """The world on a day."""
        world = load_world(day, None, parameters())
        member = _units(world)
        weight = member * world.gdp
        weight = weight / weight.sum(axis=1, keepdims=True)
        into = member.astype(float)
        flows = into @ world.flows @ into.T
        tariffs = weight @ world.tariffs @ weight.T
        np.fill_diagonal(tariffs, 0.0)
        rows = [int(np.argmax(m)) for m in member]
        return cls(
            day=day,
            world=world,
            codes=tuple(
                EU if m.sum() > 1 else world.iso3[r] for m, r in zip(member, rows, strict=True)
            ),
            economy=Economy(
                flows, tariffs, elasticity=parameters()["trade_elasticity"], deficits="balanced"
            ),
            stock=world.has_agreement[np.ix_(rows, rows)],
            mfn=weight @ world.mfn,
            democracy=weight @ world.polyarchy,
            income_per_head=(into @ world.gdp) / (into @ world.population),
            pact=weight @ world.has_defence_pact @ weight.T,
            member=member,
        )

    def rows(self, codes: Iterable[str]) -> list[int]:
        """Units of some codes; those that the world does not have are left out."""
        return sorted({self.codes.index(code) for code in codes if code in self.codes})

    def new_pairs(self, units: Sequence[int]) -> Bools:
        """(U, U) pairs among units that have no agreement yet."""
        inside = np.zeros(len(self.codes), dtype=bool)
        inside[list(units)] = True
        pairs = np.outer(inside, inside) & ~self.stock
        np.fill_diagonal(pairs, False)
        return pairs

    def gains(self, pairs: Bools, depth: float) -> tuple[Floats, Floats]:
        """Gain, and home sales displaced, of no tariffs and lower trade cost in pairs (U, U).

        Returns
        -------
        tuple
            (U,) percent of annual income; (U,) fall of the domestic share of spending in points.
        """
        tariffs = np.where(pairs, 0.0, self.economy.baseline_tariffs)
        after = self.economy.solve(tariffs=tariffs, trade_costs=np.where(pairs, 1.0 - depth, 1.0))
        home = [e.flows.diagonal() / e.expenditure for e in (self.economy, after)]
        return 100.0 * (after.welfare - 1.0), 100.0 * (home[0] - home[1])

    @cached_property
    def sectors(self) -> tuple[Protected, Floats]:
        """Sectors of units at today's tariffs, and (U,) GDP."""
        world, theta, into = self.world, parameters()["trade_elasticity"], self.member.astype(float)
        flows = world.sectors.shares(world.flows) * world.flows
        rows = np.arange(len(world.gdp))
        flows[:, rows, rows] = world.sectors.home * world.gdp
        weight = into * world.gdp / (into @ world.gdp)[:, None]
        mfn = weight @ world.mfn
        of_sector = world.sectors.tariff @ weight.T
        per_point = np.where(mfn > 0, of_sector / np.where(mfn > 0, mfn, 1.0), 0.0)
        tariffs = self.economy.baseline_tariffs * per_point[:, None, :]
        within = into @ flows @ into.T
        home = Protected(within, tariffs, of_sector, theta).home
        weights = revealed_weight(of_sector, np.maximum(home, 0.05), theta)
        return Protected(within, tariffs, weights, theta), into @ world.gdp

    def sector_gains(self, pairs: Bools, depth: float) -> Floats:
        """(K, U) what governments make of their sectors in such a deal, percent of GDP."""
        i, j = np.nonzero(pairs)
        protected, gdp = self.sectors
        free = np.zeros((len(self.world.sectors.tariff), i.size))
        return 100.0 * protected.change(i, j, free, np.full(i.size, 1.0 - depth)) / gdp

    def pair_gains(self, depth: float) -> Floats:
        """(U, U) gain of i from an agreement with j alone, over none, percent of income."""
        first, second = np.triu_indices(len(self.codes), 1)
        gain = np.zeros((len(self.codes), len(self.codes)))
        for at in range(0, first.size, _BATCH):
            i, j = first[at : at + _BATCH], second[at : at + _BATCH]
            welfare, n = self._alone(i, j, depth), np.arange(i.size)
            sign = np.where(self.stock[i, j], -1.0, 1.0)
            gain[i, j], gain[j, i] = sign * welfare[n, i], sign * welfare[n, j]
        return gain

    def _alone(self, i: NDArray[np.intp], j: NDArray[np.intp], depth: float) -> Floats:
        """(B, U) percent: each pair (i, j) with an agreement, or without the one it has."""
        n, size = np.arange(i.size), len(self.codes)
        tariffs = np.repeat(self.economy.baseline_tariffs[None], i.size, axis=0)
        cost = np.ones((i.size, size, size))
        has = self.stock[i, j]
        for a, b in ((i, j), (j, i)):
            tariffs[n, a, b] = np.where(has, self.mfn[b], 0.0)
            cost[n, a, b] = np.where(has, 1.0 / (1.0 - depth), 1.0 - depth)
        solved = self.economy.solve_batch(tariffs=tariffs, trade_costs=cost)
        return 100.0 * (np.asarray(solved.welfare) - 1.0)

    def lines(self, units: Sequence[int], day: date) -> Floats:
        """(U,) strength of the red lines that units hold on a day; the EU those of all members."""
        held = np.zeros(len(self.codes))
        for line in self.world.red_lines:
            if line.is_held(day):
                states = np.zeros(self.member.shape[1], dtype=bool)
                states[list(line.states)] = True
                held += line.strength * (~self.member | states).all(axis=1)
        chosen = np.isin(np.arange(held.size), units)
        return np.where(chosen, held, 0.0)


def _units(world: World) -> Bools:
    """(U, S) each state alone, the members of the European Union as one, at the first of them."""
    inside = world.members(EU, date(2023, 1, 1))
    rows = []
    for n in range(inside.size):
        if not inside[n]:
            rows.append(np.arange(inside.size) == n)
        elif not inside[:n].any():
            rows.append(inside.copy())
    return np.array(rows)
