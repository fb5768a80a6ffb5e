"""From the entries of tariffs and trade costs to counterfactual technologies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from sim.kernels.armington.counterfactuals import Batch, Entries, complaint
from sim.kernels.armington.technology import (
    _SLAB,
    Baseline,
    DenseTechnology,
    SparseTechnology,
    power_of,
)
from sim.types import Floats, Indices


def corrections(
    baseline: Baseline, batch: Batch, items: list[int], entries: list[Entries]
) -> SparseTechnology:
    """Return the technology of counterfactuals that change few entries.

    Parameters
    ----------
    items
        Which counterfactuals of the batch.
    entries
        What each of them changes.
    """
    size = len(baseline.output)
    row = np.repeat(np.arange(len(items)), [len(e.flat) for e in entries])
    flat = np.concatenate([e.flat for e in entries])
    exporter, importer = np.divmod(flat, size)
    net, shares, scaled, usual = (
        a.reshape(-1)[flat]
        for a in (baseline.net, baseline.shares, baseline.scaled, baseline.tariffs)
    )
    tariffs = _joined([e.tariffs for e in entries])
    costs = _joined([e.costs for e in entries])
    keep = 1.0 / (1.0 + (usual if tariffs is None else tariffs))
    base = keep.copy() if costs is None else keep / costs
    _check(batch, baseline, keep, base, np.asarray(items, dtype=np.intp)[row])
    gross = power_of(baseline.elasticity)(base, base) * scaled
    domestic = np.tile(baseline.net.diagonal(), (len(items), 1))
    home = exporter == importer
    domestic[row[home], exporter[home]] = (gross * keep)[home]
    change = (gross * keep - net, gross - shares)
    ends = (row * size + exporter, row * size + importer)
    return SparseTechnology(baseline, len(items), *ends, *change, domestic)


def _joined(parts: list[Floats | None]) -> Floats | None:
    """Return the parts one after the other; a batch gives them for all its items or for none."""
    given = [part for part in parts if part is not None]
    return np.concatenate(given) if given else None


def _check(batch: Batch, baseline: Baseline, keep: Floats, base: Floats, items: Indices) -> None:
    """Raise when a tariff or cost is impossible; infinities and NaN fail the comparison too."""
    wrong = ~((keep > 0.0) & (base > 0.0) & np.isfinite(keep) & np.isfinite(base))
    if wrong.any():
        raise complaint(batch, baseline, int(items[wrong][0]))


# Workspaces nobody uses at the moment, at most one per thread there ever was at a time.
_SPARE: list[Workspace] = []


@dataclass(frozen=True, eq=False)
class Workspace:
    """Memory for the matrices of a chunk, reused: fresh pages cost more than the arithmetic."""

    net: Floats
    gross: Floats
    items: list[int] = field(default_factory=list)

    @classmethod
    @contextmanager
    def borrowed(cls, rows: int, size: int) -> Iterator[Workspace]:
        """Lend a workspace to one thread; it is kept for the next one who asks."""
        try:
            space = _SPARE.pop()
        except IndexError:
            space = None
        if space is None or space.net.shape[0] != rows or space.net.shape[1] != size:
            space = cls(np.empty((rows, size, size)), np.empty((rows, size, size)))
        space.items.clear()
        yield space
        _SPARE.append(space)

    def add(self, baseline: Baseline, batch: Batch, item: int) -> bool:
        """Write the matrices of one counterfactual; True when there is no room for another."""
        tariffs, costs = batch.matrices(baseline, item)
        tariffs = baseline.tariffs if tariffs is None else tariffs
        row = len(self.items)
        if not _fill(baseline, tariffs, costs, self.net[row], self.gross[row]):
            raise complaint(batch, baseline, item)
        self.items.append(item)
        return len(self.items) == len(self.net)

    def take(self) -> tuple[Indices, DenseTechnology]:
        """Return the counterfactuals written so far and their technology, and start anew."""
        items = np.asarray(self.items)
        self.items.clear()
        net = self.net[: len(items)]
        domestic = net.diagonal(axis1=1, axis2=2).copy()
        return items, DenseTechnology(net, self.gross[: len(items)], domestic)


def _fill(
    baseline: Baseline, tariffs: Floats, costs: Floats | None, net: Floats, gross: Floats
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
