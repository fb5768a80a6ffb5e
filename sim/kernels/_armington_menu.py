"""Menus of counterfactuals: as whole matrices, or as lists of changed entries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.errors import DataError
from sim.kernels._armington_technology import Array, Baseline, Index

# Share of changed entries up to which corrections cost less than matrices of one's own.
FEW = 0.15


@dataclass(frozen=True, eq=False)
class Entries:
    """What one counterfactual changes: flat positions in an (N, N) matrix and new values, (E,)."""

    flat: Index
    tariffs: Array | None
    costs: Array | None


class Menu(Protocol):
    """B counterfactuals of tariffs and trade costs."""

    @property
    def count(self) -> int:
        """Number of counterfactuals."""
        ...

    def few(self, baseline: Baseline, item: int) -> Entries | None:
        """Entries that a counterfactual changes; None when they are many."""
        ...

    def matrices(self, baseline: Baseline, item: int) -> tuple[Array | None, Array | None]:
        """Tariffs and costs of one counterfactual, (N, N); None where unchanged."""
        ...


@dataclass(frozen=True, eq=False)
class FullMenu:
    """Counterfactuals as matrices: tariffs and costs, each (B, N, N) or None for unchanged."""

    count: int
    tariffs: Array | None
    costs: Array | None

    @classmethod
    def of(cls, baseline: Baseline, tariffs: ArrayLike | None, costs: ArrayLike | None) -> FullMenu:
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

    def few(self, baseline: Baseline, item: int) -> Entries | None:
        """Entries that a counterfactual changes; None when they are many."""
        size = len(baseline.output)
        different = np.zeros(baseline.net.shape, dtype=np.bool_)
        # Looking is mostly waiting for memory: stop when there are too many.
        for rows in (slice(0, size // 4), slice(size // 4, size)):
            if self.tariffs is not None:
                tariffs = self.tariffs[item, rows]
                np.not_equal(tariffs, baseline.tariffs[rows], out=different[rows])
            if self.costs is not None:
                different[rows] |= self.costs[item, rows] != 1.0
            if np.count_nonzero(different) > FEW * different.size:
                return None
        # Picked up now, while the matrices are still in the cache.
        flat = np.flatnonzero(different)
        new = [None if a is None else a[item].reshape(-1)[flat] for a in (self.tariffs, self.costs)]
        return Entries(flat, new[0], new[1])

    def matrices(self, baseline: Baseline, item: int) -> tuple[Array | None, Array | None]:
        """Tariffs and costs of one counterfactual, (N, N); None where unchanged."""
        tariffs, costs = (None if a is None else a[item] for a in (self.tariffs, self.costs))
        return tariffs, costs


@dataclass(frozen=True, eq=False)
class ListedMenu:
    """Counterfactuals as the entries they change, sorted: ``offsets`` (B + 1,) into the rest (E,).

    ``flat`` are positions in an (N, N) matrix.
    """

    offsets: Index
    flat: Index
    tariffs: Array | None
    costs: Array | None

    @classmethod
    def of(
        cls,
        size: int,
        where: tuple[ArrayLike, ...],
        values: tuple[ArrayLike | None, ...],
        count: int,
    ) -> ListedMenu:
        """Menu of entries ``where = (item, exporter, importer)``, after checking them."""
        item, exporter, importer = (np.asarray(a) for a in where)
        arrays = [None if v is None else np.asarray(v, dtype=np.float64) for v in values]
        _check_places(size, count, (item, exporter, importer), arrays)
        item, exporter, importer = (a.astype(np.intp) for a in (item, exporter, importer))
        key = (item * size + exporter) * size + importer
        order = np.argsort(key, kind="stable")
        key = key[order]
        if (key[1:] == key[:-1]).any():
            raise DataError(
                "an entry is changed twice in one counterfactual",
                where="solve_changes",
                expected="each (item, exporter, importer) once",
            )
        offsets = np.searchsorted(key, np.arange(count + 1) * size * size)
        tariffs, costs = (None if a is None else a[order] for a in arrays)
        return cls(offsets, key % (size * size), tariffs, costs)

    @property
    def count(self) -> int:
        """Number of counterfactuals."""
        return len(self.offsets) - 1

    def _slice(self, item: int) -> slice:
        return slice(int(self.offsets[item]), int(self.offsets[item + 1]))

    def few(self, baseline: Baseline, item: int) -> Entries | None:
        """Entries that a counterfactual changes; None when they are many."""
        mine = self._slice(item)
        if mine.stop - mine.start > FEW * baseline.net.size:
            return None
        tariffs, costs = (None if a is None else a[mine] for a in (self.tariffs, self.costs))
        return Entries(self.flat[mine], tariffs, costs)

    def matrices(self, baseline: Baseline, item: int) -> tuple[Array | None, Array | None]:
        """Tariffs and costs of one counterfactual, (N, N); None where unchanged."""
        mine = self._slice(item)
        full: list[Array | None] = []
        for values, usual in ((self.tariffs, baseline.tariffs), (self.costs, 1.0)):
            if values is None:
                full.append(None)
            else:
                matrix = np.broadcast_to(usual, baseline.net.shape).copy()
                matrix.reshape(-1)[self.flat[mine]] = values[mine]
                full.append(matrix)
        return full[0], full[1]


def _check_places(
    size: int, count: int, where: tuple[NDArray[Any], ...], arrays: list[Array | None]
) -> None:
    """Raise unless all arrays have one length and places exist."""
    item, exporter, importer = where
    shapes = {a.shape for a in (item, exporter, importer, *arrays) if a is not None}
    if len(shapes) != 1 or item.ndim != 1:
        raise DataError(
            f"shapes {sorted(shapes)}", where="solve_changes", expected="one length (E,)"
        )
    limits = (("item", item, count), ("exporter", exporter, size), ("importer", importer, size))
    for name, index, limit in limits:
        if not np.issubdtype(index.dtype, np.integer) and index.size:
            raise DataError(f"{index.dtype} numbers", where=name, expected="whole numbers")
        if index.size and not (index.min() >= 0 and index.max() < limit):
            raise DataError(
                f"{index.min()} to {index.max()}", where=name, expected=f"0 to {limit - 1}"
            )


def complaint(menu: Menu, baseline: Baseline, item: int) -> DataError:
    """Return the error that names the first impossible entry of a counterfactual."""
    tariffs, costs = menu.matrices(baseline, item)
    for name, array, low in (("tariffs", tariffs, -1.0), ("trade_costs", costs, 0.0)):
        if array is None:
            continue
        wrong = np.argwhere(~(np.isfinite(array) & (array > low)))
        if len(wrong):
            i, j = wrong[0]
            return DataError(
                f"{array[i, j]} from exporter {i} to importer {j}, counterfactual {item}",
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
