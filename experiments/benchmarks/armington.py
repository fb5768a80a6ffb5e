"""Time the trade equilibrium against the two matrix-vector products that are its floor.

Run ``python -m experiments.benchmarks.armington``; ``--json FILE`` also writes the figures.
All timings are the best of several repetitions in one process, and every row says how many times
the floor it took, which is comparable between machines where microseconds are not.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from sim.kernels.armington import Changes, Economy

Array = NDArray[np.float64]
Case = tuple[Array | None, Array | None]

SINGLE_BAR = 1000.0  # microseconds a single solution may take
BATCH_BAR = 100.0  # microseconds a counterfactual of a batch may take


def synthetic_world(size: int, seed: int = 0) -> tuple[Array, Array]:
    """Return flows and tariffs of an invented world with the shape of the real one.

    Log-normal sizes over six orders of magnitude, gravity in distance, about a tenth of the flows
    zero, domestic sales with a floor that binds for entrepots.

    Parameters
    ----------
    size
        Number of countries N.
    seed
        Seed of the draw.

    Returns
    -------
    tuple
        Flows at producer prices (N, N), arbitrary unit, and tariffs (N, N), fractions.
    """
    draw = np.random.default_rng(seed)
    income = np.exp(draw.normal(0.0, 2.2, size))
    income = np.maximum(income, 1e-6 * income.sum())
    place = draw.random((size, 2))
    distance = np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1)) + 0.05
    flows = 0.05 * np.outer(income, income) / income.sum() * distance**-1.1
    flows *= np.exp(draw.normal(0.0, 0.6, (size, size))) * (draw.random((size, size)) > 0.1)
    np.fill_diagonal(flows, 0.0)
    exports = flows.sum(axis=1)
    np.fill_diagonal(flows, np.maximum(income - exports, 0.1 * exports))
    tariffs = np.maximum(draw.normal(0.06, 0.05, (size, size)), 0.0)
    np.fill_diagonal(tariffs, 0.0)
    return flows, tariffs


def cases(economy: Economy, count: int, seed: int = 1) -> dict[str, Case]:
    """Return the kinds of counterfactual that the model asks for, `count` of each."""
    draw = np.random.default_rng(seed)
    base = economy.baseline_tariffs
    size = len(base)
    abroad = 1.0 - np.eye(size)
    every = np.maximum(base + draw.uniform(-0.1, 0.1, (count, size, size)), 0.0) * abroad
    costs = 1.0 + draw.uniform(-0.05, 0.05, (count, size, size)) * abroad
    pact, easier, wall = (np.repeat(a[None], count, axis=0) for a in (base, abroad * 0 + 1, base))
    for item in range(count):
        members = draw.permutation(size)[:16]
        pairs = np.ix_(members, members)
        pact[item][pairs] = 0.0
        easier[item][pairs] = 0.95
        easier[item][members, members] = 1.0
        importer = draw.integers(size)
        wall[item, :, importer] += draw.uniform(0.3, 1.0)
        wall[item, importer, importer] = 0.0
    return {
        "pact of 16, tariffs and costs": (pact, easier),
        "pact of 16, tariffs": (pact, None),
        "one importer +30 to +100 points": (wall, None),
        "all tariffs +-10 points": (every, None),
        "all tariffs and costs": (every, costs),
    }


def best(call: Callable[[], object], repeat: int) -> float:
    """Return the shortest of several runs, in microseconds."""
    taken = []
    for _ in range(repeat):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return 1e6 * min(taken)


def floor(size: int) -> float:
    """Return the time of two matrix-vector products, in microseconds."""
    matrix = np.random.default_rng(0).random((size, size))
    vector, out = np.ones(size), np.empty(size)

    def products() -> None:
        for _ in range(100):
            np.dot(vector, matrix, out=out)
            np.dot(matrix, vector, out=out)

    with threadpool_limits(limits=1, user_api="blas"):
        return best(products, 20) / 100


def time_case(economy: Economy, name: str, case: Case, repeat: int) -> dict[str, Any]:
    """Return the timings of one kind of counterfactual, microseconds each, and the floor beside."""
    duties, costs = case
    count = len(duties if duties is not None else costs)  # type: ignore[arg-type]
    changed = np.zeros((count, *economy.flows.shape), dtype=bool)
    if duties is not None:
        changed |= duties != economy.baseline_tariffs
    if costs is not None:
        changed |= costs != 1.0
    listed = []
    for item, mask in enumerate(changed):
        i, j = np.nonzero(mask)
        listed.append(Changes(i, j, *(None if a is None else a[item, i, j] for a in case)))
    few = changed.mean() < 0.15
    many = economy.solve_batch(duties, costs)

    def singles() -> None:
        for item in range(8):
            economy.solve(*(None if a is None else a[item] for a in case))

    base = floor(len(economy.flows))
    batch = best(lambda: economy.solve_batch(duties, costs), repeat) / count
    return {
        "case": name,
        "floor": base,
        "single": best(singles, repeat) / 8,
        "batch": batch,
        "batch, listed": best(lambda: economy.solve_changes(listed), repeat) / count
        if few
        else float("nan"),
        "batch over floor": batch / base,
        "evaluations": float(np.mean(many.iterations)),
        "residual": float(np.max(many.residual)),
    }


def measure(size: int, count: int, repeat: int) -> dict[str, Any]:
    """Return all figures: settings, floor and one row per kind of counterfactual."""
    flows, tariffs = synthetic_world(size)
    economy = Economy(flows, tariffs)
    kinds = cases(economy, count).items()
    return {
        "countries": size,
        "batch": count,
        "processors": os.cpu_count(),
        "construction": best(lambda: Economy(flows, tariffs), 3),
        "rows": [time_case(economy, name, case, repeat) for name, case in kinds],
    }


def show(figures: dict[str, Any]) -> None:
    """Print the figures as a table."""
    table = Table(title=f"Trade equilibrium, N={figures['countries']}, B={figures['batch']} (us)")
    columns = list(figures["rows"][0])
    for name in columns:
        table.add_column(name, justify="left" if name == "case" else "right")
    for row in figures["rows"]:
        table.add_row(*(f"{v:.3g}" if isinstance(v, float) else str(v) for v in row.values()))
    console = Console(width=140)
    console.print(table)
    console.print(
        f"construction {figures['construction'] / 1000:.1f} ms; bars: single {SINGLE_BAR:.0f} us, "
        f"batch {BATCH_BAR:.0f} us per counterfactual"
    )


def main(arguments: list[str] | None = None) -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(description="Time the trade equilibrium.")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--size", type=int, default=194, help="countries")
    parser.add_argument("--batch", type=int, default=512, help="counterfactuals in a batch")
    parser.add_argument("--repeat", type=int, default=7, help="repetitions; the best counts")
    options = parser.parse_args(arguments)
    figures = measure(options.size, options.batch, options.repeat)
    show(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
