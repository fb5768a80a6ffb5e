"""What sectors lose in protection by a trade agreement, and gain in exports."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sim.economy import outlook
from sim.issues.trade.surface import grid_of, largest, on_surface
from sim.kernels.scaling import NODES
from sim.kernels.sectors import Protected, revealed_weight
from sim.memo import remembered
from sim.types import Bools, Floats
from sim.world.sectors import SECTORS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.agreements import Commitment
    from sim.economy import Outlook, Terms
    from sim.issues.base import Offered
    from sim.issues.menu import Deal
    from sim.kernels.armington import Changes
    from sim.setting import Setting

__all__ = ["sector_gains"]

_LONG = len(NODES) ** 2
"""Proposals from which on a menu is interpolated, as gains are."""
_LEAST_HOME = 0.05  # of spending: below, what a sector's tariff reveals is lost in rounding


def sector_gains(setting: Setting, deal: Deal, offered: Offered) -> Floats:
    """(M, S) what governments make of their sectors' sales, percent of annual income.

    Sales won and lost count by what the sector's tariff reveals of its weight. A sector that a
    proposal leaves out is left as it is. One that joins what others have signed counts what its
    joining does.
    """
    proposals, changes = offered
    found = _sectors(setting, None, deal.terms)
    kept = np.array([[name not in p.exemptions for name in SECTORS] for p in proposals])
    by_sector = found.of_menu(changes)
    joiners = np.flatnonzero(deal.partners.any(axis=1) & ~_inside(changes))
    for row in joiners:
        alone = np.arange(found.income.size) == row
        joined = [replace(change, inside=change.inside | alone) for change in changes]
        by_sector[:, :, row] = found.worth(joined)[:, :, row] - by_sector[:, :, row]
    return np.asarray((by_sector * kept[:, :, None]).sum(axis=1))


def _inside(changes: Sequence[Commitment]) -> Bools:
    return np.asarray(np.any([change.inside for change in changes], axis=0))


@dataclass(frozen=True, eq=False)
class _Sectors:
    """Sectors under some terms.

    Attributes
    ----------
    per_point
        (K, S) tariff of a sector over the mean tariff of its state.
    income
        (S,) billion USD.
    """

    outlook: Outlook
    protected: Protected
    per_point: Floats
    income: Floats

    def of_menu(self, changes: Sequence[Commitment]) -> Floats:
        """(M, K, S) percent of annual income by sector, of cuts that differ in size alone."""
        most = largest(changes)
        shape = (len(changes), *self.per_point.shape)
        is_long = len(changes) >= _LONG and not self.outlook.terms.hits_ceiling(most)
        grid = grid_of(self._flat, most) if is_long else None
        return on_surface(self._flat, changes, most, grid).reshape(shape).copy()

    def worth(self, changes: Sequence[Commitment]) -> Floats:
        """(M, K, S) percent of annual income by sector, each worked out."""
        rows = [self._one(option) for option in self.outlook.after(changes)]
        return np.array(rows).reshape(len(changes), *self.per_point.shape)

    def _flat(self, changes: Sequence[Commitment]) -> Floats:
        return self.worth(changes).reshape(len(changes), -1)

    def _one(self, change: Changes) -> Floats:
        i, j = np.asarray(change.exporter, dtype=int), np.asarray(change.importer, dtype=int)
        if not i.size:
            return np.zeros(self.per_point.shape)
        added = self.outlook.terms.extra[i, j]
        tariffs = (np.asarray(change.tariffs) - added) * self.per_point[:, j] + added
        sales = self.protected.change(i, j, tariffs, np.asarray(change.trade_costs))
        return np.asarray(100.0 * sales / self.income)


@remembered()
def _sectors(setting: Setting, _: None, terms: Terms) -> _Sectors:
    base, per_point = outlook(setting, terms), _per_point(setting)
    tariffs = terms.base * terms.keep * per_point[:, None, :] + terms.extra
    # Home sales of goods move with those of the whole economy since the first day.
    since = base.economy.flows.diagonal() / setting.world.flows.diagonal()
    protected = Protected(
        _flows(setting, base.economy.flows, since),
        _abroad(tariffs),
        _weights(setting, None),
        setting["trade_elasticity"],
    )
    return _Sectors(base, protected, per_point, setting.income)


@remembered(keep=1)
def _weights(setting: Setting, _: None) -> Floats:
    """(K, S) what tariffs of the first day reveal."""
    world, theta = setting.world, setting["trade_elasticity"]
    flows = _flows(setting, world.flows, np.ones(world.gdp.size))
    tariffs = _abroad(world.tariffs * _per_point(setting)[:, None, :])
    home = Protected(flows, tariffs, world.sectors.tariff, theta).home
    return revealed_weight(world.sectors.tariff, np.maximum(home, _LEAST_HOME), theta)


def _per_point(setting: Setting) -> Floats:
    world = setting.world
    taxed = world.mfn > 0
    return np.where(taxed, world.sectors.tariff / np.where(taxed, world.mfn, 1.0), 0.0)


def _flows(setting: Setting, flows: Floats, since: Floats) -> Floats:
    """(K, S, S) sales of i to j by sector; at home those of the table, times `since` (S,)."""
    world, rows = setting.world, np.arange(len(flows))
    found = _shares(setting, None) * flows
    found[:, rows, rows] = world.sectors.home * world.gdp * since
    return found


def _abroad(tariffs: Floats) -> Floats:
    rows = np.arange(tariffs.shape[-1])
    tariffs[:, rows, rows] = 0.0
    return tariffs


@remembered(keep=1)
def _shares(setting: Setting, _: None) -> Floats:
    """(K, S, S) share of each sector in what i sells to j."""
    return setting.world.sectors.shares(setting.world.flows)
