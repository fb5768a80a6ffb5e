"""Running a menu of counterfactuals in chunks, each with a result of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from sim.errors import ConvergenceError
from sim.kernels._armington_build import Workspace, corrections
from sim.kernels._armington_menu import Entries, Menu
from sim.kernels._armington_solver import TOLERANCE, Market, Wages, clear_markets
from sim.kernels._armington_technology import Array, Baseline, Index, Technology

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
class Outcome:
    """Solutions of a menu: arrays (B, N), and (B,) for ``residual`` and ``iterations``.

    ``budget`` is spending at producer prices and ``expenditure`` with tariffs, as shares of world
    output; ``index`` is the sum Phi whose power gives the price index.
    """

    log_wages: Array
    index: Array
    budget: Array
    expenditure: Array
    residual: Array
    iterations: NDArray[np.intp]

    @classmethod
    def of_size(cls, count: int, size: int) -> Outcome:
        """Return an outcome to be filled in."""
        a, b, c, d = (np.empty((count, size)) for _ in range(4))
        return cls(a, b, c, d, np.empty(count), np.empty(count, dtype=np.intp))

    def record(
        self, items: Index, baseline: Baseline, technology: Technology, wages: Wages
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


def run(market: Market, menu: Menu, start: Array | None) -> Outcome:
    """Solve a menu.

    Parameters
    ----------
    market
        The economy.
    menu
        Its counterfactuals, B of them.
    start
        Log wages to start from, (B, N); None for unchanged wages.

    Raises
    ------
    ConvergenceError
        For the first counterfactual that has no solution within reach.
    """
    size = len(market.baseline.output)
    outcome = Outcome.of_size(menu.count, size)
    chunks = [range(b, min(b + _CHUNK, menu.count)) for b in range(0, menu.count, _CHUNK)]
    start = np.zeros((menu.count, size)) if start is None else start
    # Impossible input is reported by name, not as a warning of the arithmetic.
    with (
        one_blas_thread(),
        Workspace.borrowed(_DENSE_CHUNK, size) as memory,
        np.errstate(all="ignore"),
    ):
        for chunk in chunks:
            _solve_chunk(market, menu, start, chunk, (memory, outcome))
    _require_solved(outcome)
    return outcome


def _solve_chunk(
    market: Market, menu: Menu, start: Array, chunk: range, into: tuple[Workspace, Outcome]
) -> None:
    """Sort a chunk by how much is changed and solve the two kinds."""
    memory, outcome = into
    baseline = market.baseline
    few: list[int] = []
    entries: list[Entries] = []

    def add(item: int) -> None:
        if memory.add(baseline, menu, item):
            _solve(market, *memory.take(), start, outcome)

    for item in chunk:
        changed = menu.few(baseline, item)
        if changed is None:
            add(item)
        else:
            few.append(item)
            entries.append(changed)
    if few:
        sparse = corrections(baseline, menu, few, entries)
        cancels = sparse.cancels()
        for row in np.flatnonzero(cancels):
            add(few[row])
        kept = np.flatnonzero(~cancels)
        if len(kept):
            technology = sparse if len(kept) == len(few) else sparse.take(kept)
            _solve(market, np.asarray(few)[kept], technology, start, outcome)
    if memory.items:
        _solve(market, *memory.take(), start, outcome)


def _solve(
    market: Market, items: Index, technology: Technology, start: Array, outcome: Outcome
) -> None:
    """Solve some counterfactuals and fill in their outcome."""
    wages = clear_markets(market, technology, start[items])
    outcome.record(items, market.baseline, technology, wages)


def _require_solved(outcome: Outcome) -> None:
    """Raise for the first counterfactual whose markets do not clear."""
    failed = np.flatnonzero(~(outcome.residual <= TOLERANCE))
    if len(failed):
        first = int(failed[0])
        raise ConvergenceError(
            f"no wages were found that clear all markets: relative residual "
            f"{outcome.residual[first]:.1e} after {outcome.iterations[first]} evaluations, "
            f"{len(failed)} of {len(outcome.residual)} counterfactuals",
            where=f"counterfactual {first}",
            expected=(
                f"a residual below {TOLERANCE:.0e}; try smaller changes in several steps with "
                "start=, a larger floor on domestic sales, or deficits='balanced' "
                "(a fixed deficit or surplus can exceed what a country earns)"
            ),
        )
