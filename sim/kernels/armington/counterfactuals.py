"""Batches of counterfactuals: as whole matrices, or as lists of changed entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.errors import DataError
from sim.kernels.armington.technology import Baseline
from sim.types import Floats, Indices

# Share of changed entries up to which corrections cost less than matrices of one's own.
FEW = 0.15


@dataclass(frozen=True, eq=False)
class Entries:
    """What one counterfactual changes: flat positions in an (N, N) matrix and new values, (E,)."""

    flat: Indices
    tariffs: Floats | None
    costs: Floats | None


class Batch(Protocol):
    """B counterfactuals of tariffs and trade costs."""

    @property
    def count(self) -> int:
        """Number of counterfactuals."""
        ...

    def few(self, baseline: Baseline, item: int) -> Entries | None:
        """Entries that a counterfactual changes; None when they are many."""
        ...

    def matrices(self, baseline: Baseline, item: int) -> tuple[Floats | None, Floats | None]:
        """Tariffs and costs of one counterfactual, (N, N); None where unchanged."""
        ...


@dataclass(frozen=True, eq=False)
class MatrixBatch:
    """Counterfactuals as matrices: tariffs and costs, each (B, N, N) or None for unchanged."""

    count: int
    tariffs: Floats | None
    costs: Floats | None

    @classmethod
    def of(
        cls, baseline: Baseline, tariffs: ArrayLike | None, costs: ArrayLike | None
    ) -> MatrixBatch:
        """Batch of what a caller gave, (N, N) or (B, N, N) each, after checking shapes."""
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

    def matrices(self, baseline: Baseline, item: int) -> tuple[Floats | None, Floats | None]:
        """Tariffs and costs of one counterfactual, (N, N); None where unchanged."""
        tariffs, costs = (None if a is None else a[item] for a in (self.tariffs, self.costs))
        return tariffs, costs


class Changes(NamedTuple):
    """Pairs to which a counterfactual gives other tariffs or trade costs, (E,) each.

    ``tariffs`` or ``trade_costs`` may be None, for unchanged.
    """

    exporter: ArrayLike
    importer: ArrayLike
    tariffs: ArrayLike | None = None
    trade_costs: ArrayLike | None = None


@dataclass(frozen=True, eq=False)
class ListedBatch:
    """Counterfactuals as the entries that each changes."""

    entries: tuple[Entries, ...]

    @classmethod
    def of(cls, size: int, changes: Sequence[Changes]) -> ListedBatch:
        """Batch of changes to N countries, after checking them."""
        return cls(tuple(_entries(size, item, change) for item, change in enumerate(changes)))

    @property
    def count(self) -> int:
        """Number of counterfactuals."""
        return len(self.entries)

    def few(self, baseline: Baseline, item: int) -> Entries | None:
        """Entries that a counterfactual changes; None when they are many."""
        mine = self.entries[item]
        return None if mine.flat.size > FEW * baseline.net.size else mine

    def matrices(self, baseline: Baseline, item: int) -> tuple[Floats | None, Floats | None]:
        """Tariffs and costs of one counterfactual, (N, N); None where unchanged."""
        mine = self.entries[item]
        full: list[Floats | None] = []
        for values, usual in ((mine.tariffs, baseline.tariffs), (mine.costs, 1.0)):
            if values is None:
                full.append(None)
            else:
                matrix = np.broadcast_to(usual, baseline.net.shape).copy()
                matrix.reshape(-1)[mine.flat] = values
                full.append(matrix)
        return full[0], full[1]


def _entries(size: int, item: int, change: Changes) -> Entries:
    """The entries of one counterfactual in the order of the matrix, after checking them."""
    exporter, importer = np.asarray(change.exporter), np.asarray(change.importer)
    values = [None if v is None else np.asarray(v, dtype=np.float64) for v in change[2:]]
    shapes = {a.shape for a in (exporter, importer, *values) if a is not None}
    if len(shapes) != 1 or exporter.ndim != 1:
        raise DataError(
            f"shapes {sorted(shapes)}", where=f"change {item}", expected="one length (E,)"
        )
    for name, index in (("exporter", exporter), ("importer", importer)):
        _check_index(index, name, size)
    flat = exporter.astype(np.intp) * size + importer.astype(np.intp)
    steps = np.diff(flat)
    if (steps <= 0).any():
        order = np.argsort(flat, kind="stable")
        flat, values = flat[order], [None if v is None else v[order] for v in values]
        if (np.diff(flat) == 0).any():
            raise DataError(
                "an entry is changed twice",
                where=f"change {item}",
                expected="each pair of exporter and importer once",
            )
    return Entries(flat, values[0], values[1])


def _check_index(index: NDArray[Any], name: str, size: int) -> None:
    """Raise unless countries exist."""
    if not index.size:
        return
    if index.dtype.kind not in "iu":
        raise DataError(f"{index.dtype} numbers", where=name, expected="whole numbers")
    if not (index.min() >= 0 and index.max() < size):
        raise DataError(f"{index.min()} to {index.max()}", where=name, expected=f"0 to {size - 1}")


def complaint(batch: Batch, baseline: Baseline, item: int) -> DataError:
    """Return the error that names the first impossible entry of a counterfactual."""
    tariffs, costs = batch.matrices(baseline, item)
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


def _checked(name: str, value: ArrayLike | None, size: int) -> Floats | None:
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
