"""From the entries of tariffs and trade costs to counterfactual technologies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from sim.kernels._armington_menu import Menu, complaint
from sim.kernels._armington_technology import (
    _SLAB,
    Array,
    Baseline,
    DenseTechnology,
    Index,
    SparseTechnology,
    power_of,
)


def corrections(
    baseline: Baseline, menu: Menu, items: list[int], positions: list[Index]
) -> SparseTechnology:
    """Return the technology of counterfactuals that change few entries.

    Parameters
    ----------
    items
        Which counterfactuals of the menu.
    positions
        Flat positions of the entries each of them changes.
    """
    size = len(baseline.output)
    lengths = [len(p) for p in positions]
    row = np.repeat(np.arange(len(items)), lengths)
    flat = np.concatenate(positions)
    exporter, importer = np.divmod(flat, size)
    here = (exporter, importer)
    tariffs, costs = menu.entries(items, positions)
    keep = 1.0 / (1.0 + (baseline.tariffs[here] if tariffs is None else tariffs))
    base = keep.copy() if costs is None else keep / costs
    _check(menu, baseline, keep, base, np.repeat(np.asarray(items, dtype=np.intp), lengths))
    gross = power_of(baseline.elasticity)(base, base) * baseline.scaled[here]
    net = gross * keep
    domestic = np.tile(baseline.net.diagonal(), (len(items), 1))
    home = exporter == importer
    domestic[row[home], exporter[home]] = net[home]
    change = (net - baseline.net[here], gross - baseline.shares[here])
    ends = (row * size + exporter, row * size + importer)
    return SparseTechnology(baseline, len(items), *ends, *change, domestic)


def _check(menu: Menu, baseline: Baseline, keep: Array, base: Array, items: Index) -> None:
    """Raise when a tariff or cost is impossible; infinities and NaN fail the comparison too."""
    wrong = ~((keep > 0.0) & (base > 0.0) & np.isfinite(keep) & np.isfinite(base))
    if wrong.any():
        raise complaint(menu, baseline, int(items[wrong][0]))


# Workspaces nobody uses at the moment, at most one per thread there ever was at a time.
_SPARE: list[Workspace] = []


@dataclass(frozen=True, eq=False)
class Workspace:
    """Memory for the matrices of a chunk, reused: fresh pages cost more than the arithmetic."""

    net: Array
    gross: Array

    @classmethod
    @contextmanager
    def borrowed(cls, rows: int, size: int) -> Iterator[Workspace]:
        """Lend a workspace to one thread; it is kept for the next one who asks."""
        try:
            space = _SPARE.pop()
        except IndexError:
            space = None
        if space is None or space.net.shape[0] < rows or space.net.shape[1] != size:
            space = cls(np.empty((rows, size, size)), np.empty((rows, size, size)))
        yield space
        _SPARE.append(space)

    def technology(self, baseline: Baseline, menu: Menu, items: list[int]) -> DenseTechnology:
        """Return the technology of counterfactuals that change many entries."""
        for row, item in enumerate(items):
            tariffs, costs = menu.matrices(baseline, item)
            tariffs = baseline.tariffs if tariffs is None else tariffs
            if not _fill(baseline, tariffs, costs, self.net[row], self.gross[row]):
                raise complaint(menu, baseline, item)
        count = len(items)
        domestic = self.net[:count].diagonal(axis1=1, axis2=2).copy()
        return DenseTechnology(self.net[:count], self.gross[:count], domestic)


def _fill(
    baseline: Baseline, tariffs: Array, costs: Array | None, net: Array, gross: Array
) -> bool:
    """Write K and G of one counterfactual, in slabs that stay in the cache; False if impossible."""
    power = power_of(baseline.elasticity)
    size = len(net)
    height = max(1, _SLAB // (8 * size))
    fine = True
    for top in range(0, size, height):
        slab = slice(top, top + height)
        keep, base = net[slab], gross[slab]
        np.add(tariffs[slab], 1.0, out=keep)
        np.divide(1.0, keep, out=keep)
        if costs is None:
            power(keep, base)
        else:
            np.divide(keep, costs[slab], out=base)
            fine = fine and bool(base.min() > 0.0)
            power(base, base)
        fine = fine and bool(keep.min() > 0.0)
        np.multiply(base, baseline.scaled[slab], out=base)
        np.multiply(base, keep, out=keep)
    # Infinities of a tariff of -1 or a cost of zero show in any sum.
    return fine and bool(np.isfinite(np.ones(size) @ net).all())
