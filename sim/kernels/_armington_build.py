"""From tariffs and trade costs to counterfactual technologies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sim.errors import DataError
from sim.kernels._armington_technology import (
    _FEW,
    _SLAB,
    Array,
    Baseline,
    DenseTechnology,
    Index,
    SparseTechnology,
    power_of,
)


@dataclass(frozen=True, eq=False)
class Menu:
    """Counterfactuals to be solved: tariffs and trade-cost changes, each (B, N, N) or unchanged."""

    count: int
    tariffs: Array | None
    costs: Array | None

    @classmethod
    def of(cls, baseline: Baseline, tariffs: ArrayLike | None, costs: ArrayLike | None) -> Menu:
        """Menu of what a caller gave, (N, N) or (B, N, N) each, after checking shapes."""
        size = len(baseline.output)
        given = {"tariffs": tariffs, "trade_costs": costs}
        arrays = {name: _checked(name, value, size) for name, value in given.items()}
        counts = {len(a) for a in arrays.values() if a is not None and a.ndim == 3}
        if len(counts) > 1:
            raise DataError(
                "tariffs and trade_costs have different numbers of counterfactuals: "
                + " and ".join(map(str, sorted(counts))),
                where="solve_batch",
                expected="the same leading axis, or (N, N) for what all share",
            )
        count = counts.pop() if counts else 1
        shape = (count, size, size)
        full = [None if a is None else np.broadcast_to(a, shape) for a in arrays.values()]
        return cls(count, full[0], full[1])

    def changed(self, baseline: Baseline, item: int) -> Index | None:
        """Flat positions of the entries a counterfactual changes; None when they are many."""
        size = len(baseline.output)
        different = np.zeros(baseline.net.shape, dtype=np.bool_)
        # A few rows tell whether looking at the rest, which is mostly waiting for memory, pays.
        for rows in (slice(0, size // 16), slice(size // 16, size)):
            if self.tariffs is not None:
                tariffs = self.tariffs[item, rows]
                np.not_equal(tariffs, baseline.tariffs[rows], out=different[rows])
            if self.costs is not None:
                different[rows] |= self.costs[item, rows] != 1.0
            limit = 0.5 * different[rows].size if rows.start == 0 else _FEW * different.size
            if np.count_nonzero(different) > limit:
                return None
        return np.flatnonzero(different)

    def complain(self, item: int) -> DataError:
        """Return the error that names the first impossible entry of a counterfactual."""
        for name, array, low in (("tariffs", self.tariffs, -1.0), ("trade_costs", self.costs, 0.0)):
            if array is None:
                continue
            wrong = np.argwhere(~(np.isfinite(array[item]) & (array[item] > low)))
            if len(wrong):
                i, j = wrong[0]
                return DataError(
                    f"{array[item, i, j]} from exporter {i} to importer {j}, counterfactual {item}",
                    where=name,
                    expected=f"finite numbers above {low:g}",
                )
        return DataError(
            f"counterfactual {item} leaves numbers too small or too large to compute with",
            where="tariffs or trade_costs",
            expected="changes within a few orders of magnitude",
        )


def _checked(name: str, value: ArrayLike | None, size: int) -> Array | None:
    """Return the array as floats, (N, N) or (B, N, N)."""
    if value is None:
        return None
    array = np.asarray(value, dtype=np.float64)
    if array.ndim not in (2, 3) or array.shape[-2:] != (size, size):
        raise DataError(
            f"shape {array.shape}",
            where=name,
            expected=f"({size}, {size}), or (B, {size}, {size}) for a batch",
        )
    return array


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
    tariffs = _entries(menu.tariffs, items, positions)
    costs = _entries(menu.costs, items, positions)
    keep = 1.0 / (1.0 + (baseline.tariffs[here] if tariffs is None else tariffs))
    base = keep.copy() if costs is None else keep / costs
    _check(menu, keep, base, np.repeat(np.asarray(items, dtype=np.intp), lengths))
    gross = power_of(baseline.elasticity)(base) * baseline.scaled[here]
    net = gross * keep
    domestic = np.tile(baseline.net.diagonal(), (len(items), 1))
    home = exporter == importer
    domestic[row[home], exporter[home]] = net[home]
    change = (net - baseline.net[here], gross - baseline.shares[here])
    ends = (row * size + exporter, row * size + importer)
    return SparseTechnology(baseline, len(items), *ends, *change, domestic)


def _entries(array: Array | None, items: list[int], positions: list[Index]) -> Array | None:
    """Entries at flat positions of some counterfactuals, one after the other, (E,)."""
    if array is None:
        return None
    pairs = zip(items, positions, strict=True)
    return np.concatenate([array[item].reshape(-1)[p] for item, p in pairs])


def _check(menu: Menu, keep: Array, base: Array, items: Index) -> None:
    """Raise when a tariff or cost is impossible; infinities and NaN fail the comparison too."""
    wrong = ~((keep > 0.0) & (base > 0.0) & np.isfinite(keep) & np.isfinite(base))
    if wrong.any():
        raise menu.complain(int(items[wrong][0]))


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
            tariffs = baseline.tariffs if menu.tariffs is None else menu.tariffs[item]
            costs = None if menu.costs is None else menu.costs[item]
            if not _fill(baseline, tariffs, costs, self.net[row], self.gross[row]):
                raise menu.complain(item)
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
            np.copyto(base, keep)
        else:
            np.divide(keep, costs[slab], out=base)
            fine = fine and bool(base.min() > 0.0)
        fine = fine and bool(keep.min() > 0.0)
        power(base)
        np.multiply(base, baseline.scaled[slab], out=base)
        np.multiply(base, keep, out=keep)
    # Infinities of a tariff of -1 or a cost of zero show in any sum.
    return fine and bool(np.isfinite(net.sum(axis=0)).all())
