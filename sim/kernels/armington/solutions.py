"""Running a batch of counterfactuals in chunks, each with a result of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import numpy as np
from threadpoolctl import ThreadpoolController

from sim.errors import ConvergenceError
from sim.kernels.armington.assembly import Workspace, corrections
from sim.kernels.armington.counterfactuals import Batch, Entries
from sim.kernels.armington.solver import TOLERANCE, Market, Wages, clear_markets
from sim.kernels.armington.technology import Baseline, Technology
from sim.types import Floats, Indices

# Counterfactuals handled together: with few changed entries, with many. Chosen by timing.
_CHUNK = 64
_DENSE_CHUNK = 16


@cache
def _controller() -> ThreadpoolController:
    """Look up the loaded BLAS once; that takes longer than a solution."""
    return ThreadpoolController()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Keep the BLAS to one thread, so that sums keep their order."""
    with _controller().limit(limits=1):
        yield


@dataclass(frozen=True, eq=False)
class Solutions:
    """Solutions of a batch: arrays (B, N), and (B,) for ``residual`` and ``iterations``.

    ``budget`` is spending at producer prices and ``expenditure`` with tariffs, as shares of world
    output; ``index`` is the sum Phi whose power gives the price index.
    """

    log_wages: Floats
    index: Floats
    budget: Floats
    expenditure: Floats
    residual: Floats
    iterations: Indices

    @classmethod
    def of_size(cls, count: int, size: int) -> Solutions:
        """Return solutions to be filled in."""
        a, b, c, d = (np.empty((count, size)) for _ in range(4))
        return cls(a, b, c, d, np.empty(count), np.empty(count, dtype=np.intp))

    def record(
        self, items: Indices, baseline: Baseline, technology: Technology, wages: Wages
    ) -> None:
        """Fill in what was found for some counterfactuals and what follows from it."""
        x = wages.log_wages
        index = technology.index(np.exp(-baseline.elasticity * x))
        budget = np.exp(x) * baseline.output + baseline.deficits
        self.log_wages[items] = x
        self.index[items] = index
        self.budget[items] = budget
        self.expenditure[items] = budget * (index / wages.spending)
        self.residual[items] = wages.residual
        self.iterations[items] = wages.iterations


def solve(market: Market, batch: Batch, start: Floats | None) -> Solutions:
    """Solve a batch.

    Parameters
    ----------
    market
        The economy.
    batch
        Its counterfactuals, B of them.
    start
        Log wages to start from, (B, N); None for unchanged wages.

    Raises
    ------
    ConvergenceError
        For the first counterfactual that has no solution within reach.
    """
    size = len(market.baseline.output)
    solutions = Solutions.of_size(batch.count, size)
    chunks = [range(b, min(b + _CHUNK, batch.count)) for b in range(0, batch.count, _CHUNK)]
    start = np.zeros((batch.count, size)) if start is None else start
    # Impossible input is reported by name, not as a warning of the arithmetic.
    with (
        one_blas_thread(),
        Workspace.borrowed(_DENSE_CHUNK, size) as memory,
        np.errstate(all="ignore"),
    ):
        for chunk in chunks:
            _solve_chunk(market, batch, start, chunk, (memory, solutions))
    _require_solved(solutions)
    return solutions


def _solve_chunk(
    market: Market, batch: Batch, start: Floats, chunk: range, into: tuple[Workspace, Solutions]
) -> None:
    """Sort a chunk by how much is changed and solve the two kinds."""
    memory, solutions = into
    baseline = market.baseline
    few: list[int] = []
    entries: list[Entries] = []

    def add(item: int) -> None:
        if memory.add(baseline, batch, item):
            _solve_alike(market, *memory.take(), start, solutions)

    for item in chunk:
        changed = batch.few(baseline, item)
        if changed is None:
            add(item)
        else:
            few.append(item)
            entries.append(changed)
    if few:
        sparse = corrections(baseline, batch, few, entries)
        cancels = sparse.cancels()
        for row in np.flatnonzero(cancels):
            add(few[row])
        kept = np.flatnonzero(~cancels)
        if len(kept):
            technology = sparse if len(kept) == len(few) else sparse.take(kept)
            _solve_alike(market, np.asarray(few)[kept], technology, start, solutions)
    if memory.items:
        _solve_alike(market, *memory.take(), start, solutions)


def _solve_alike(
    market: Market, items: Indices, technology: Technology, start: Floats, solutions: Solutions
) -> None:
    """Solve some counterfactuals and fill in their solutions."""
    wages = clear_markets(market, technology, start[items])
    solutions.record(items, market.baseline, technology, wages)


def _require_solved(solutions: Solutions) -> None:
    """Raise for the first counterfactual whose markets do not clear."""
    failed = np.flatnonzero(~(solutions.residual <= TOLERANCE))
    if len(failed):
        first = int(failed[0])
        raise ConvergenceError(
            f"no wages were found that clear all markets: relative residual "
            f"{solutions.residual[first]:.1e} after {solutions.iterations[first]} evaluations, "
            f"{len(failed)} of {len(solutions.residual)} counterfactuals",
            where=f"counterfactual {first}",
            expected=(
                f"a residual below {TOLERANCE:.0e}; try smaller changes in several steps with "
                "start=, a larger floor on domestic sales, or deficits='balanced' "
                "(a fixed deficit or surplus can exceed what a country earns)"
            ),
        )
