"""Time what sweeps add to their runs: planning, doing them in chunks, storing, reading back.

Run ``python -m experiments.benchmarks.sweep``; ``--json FILE`` also writes the figures. Overhead is
what a worker's chunk takes beyond `simulate`, and what the command takes to start beyond a bare
loop of it. Stored and read back are made-up figures: random walks, which compress worse than
results.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pyarrow as pa
from rich.console import Console
from rich.table import Table

OVERHEAD_BAR = 5.0  # % over a bare loop
PLAN_BAR = 10.0  # seconds to plan 10,000 runs
SIZE_BAR = 150.0  # MB for 10,000 runs of 64 quarters and 40 measures
READ_BAR = 1.0  # seconds to aggregate them

RUNS, QUARTERS, MEASURES, CHUNK = 10_000, 64, 40, 16


def overhead(runs: int, quarters: int) -> float:
    """Return by how many % a worker's chunk takes longer than its calls of `simulate`.

    Both are timed in one go: two loops after one another differ by more, on a machine that others
    use, than what is to be measured.

    Parameters
    ----------
    runs, quarters
        How many runs, and how long.
    """
    import sim.engine
    from experiments.sweep.planning import plan_of
    from experiments.sweep.request import request_of
    from experiments.sweep.worker import work

    plan = plan_of(request_of(_sweep_of(runs, quarters)))
    simulate, spent = sim.engine.simulate, 0.0
    simulate(plan.scenario(0), 0)

    def timed(*given: Any) -> Any:
        nonlocal spent
        began = time.perf_counter()
        try:
            return simulate(*given)
        finally:
            spent += time.perf_counter() - began

    with tempfile.TemporaryDirectory() as folder, mock.patch("sim.engine.simulate", timed):
        plan.write(Path(folder))
        began = time.perf_counter()
        work(Path(folder), range(runs))
        taken = time.perf_counter() - began
    return 100 * (taken / spent - 1)


_BARE = """
import sys
from experiments.sweep.planning import plan_of
from experiments.sweep.request import request_of
from sim.engine import simulate
plan = plan_of(request_of(sys.argv[1:]))
for run in range(plan.runs):
    simulate(plan.scenario(run), plan.run(run).seed)
"""


def start(rounds: int) -> float:
    """Return the seconds that `concord sweep` takes longer than a bare loop, whatever its runs.

    In seconds of processors, over two short runs; the median of rounds.
    """
    options = _sweep_of(2, 4)
    longer = []
    for _ in range(rounds):
        bare = _spent("-c", _BARE, *options)
        with tempfile.TemporaryDirectory() as folder:
            own = ["--jobs", "1", "--results", folder, "--quiet"]
            longer.append(_spent("-m", "experiments.cli", "sweep", *options, *own) - bare)
    return float(np.median(longer))


def _sweep_of(runs: int, quarters: int) -> list[str]:
    return ["scenario=us_withdrawal", f"quarters={quarters}", "sweep=lhs", f"sweep.samples={runs}"]


def _spent(*line: str) -> float:
    """Seconds of processors that a program and the processes that it starts take."""
    from experiments.sweep.worker import THREADS

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    one_thread = dict.fromkeys(THREADS, "1")
    subprocess.run([sys.executable, *line], env={**os.environ, **one_thread}, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def planning() -> float:
    """Return the seconds from a command line to 10,000 checked runs, written and cut in chunks."""
    from experiments.sweep.drive import chunks_of
    from experiments.sweep.planning import plan_of
    from experiments.sweep.request import request_of
    from experiments.sweep.store import inventory, left_of

    with tempfile.TemporaryDirectory() as top:
        folder = Path(top) / "sweep"
        began = time.perf_counter()
        request = request_of(["scenario=us_withdrawal", "sweep=lhs", f"sweep.samples={RUNS}"])
        plan = plan_of(request)
        plan.write(folder)
        chunks_of(left_of(plan, inventory(plan, folder), False), request.launcher)
        return time.perf_counter() - began


# Not `getrusage`: its figure is never below what the parent had when it started the process.
_MOST = """
import re, sys
from pathlib import Path
from experiments.sweep.worker import main
assert main(sys.argv[1:]) == 0
print(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""


def memory(runs: int) -> float:
    """Return the most memory, in GB, that a worker's process had over some full runs."""
    from experiments.sweep.planning import plan_of
    from experiments.sweep.request import request_of

    plan = plan_of(request_of(["scenario=us_withdrawal", "sweep=lhs", f"sweep.samples={runs}"]))
    with tempfile.TemporaryDirectory() as folder:
        plan.write(Path(folder))
        line = [sys.executable, "-c", _MOST, folder, "--runs", f"0-{runs - 1}"]
        said = subprocess.run(line, check=True, capture_output=True, text=True).stdout
    return float(said) * 1024 / 1e9


def storage(folder: Path) -> dict[str, float]:
    """Store made-up results and return MB, and the seconds of writing and of aggregating them."""
    from analysis.sweeps import load_sweep
    from experiments.sweep.store import inventory, pack, publish

    plan = _made_up_plan()
    plan.write(folder)
    random = np.random.default_rng(1)
    began = time.perf_counter()
    for first in range(0, RUNS, CHUNK):
        publish(folder, plan, {run: _walk(random) for run in range(first, first + CHUNK)})
    written = time.perf_counter() - began
    names = plan.measures

    def mean(by: str, at: str | None) -> Any:
        return load_sweep(folder, at=at).groupby(by)[names].mean()

    in_chunks = _timed(lambda: mean("variant", "final"))
    began = time.perf_counter()
    pack(plan, folder, inventory(plan, folder))
    packed = time.perf_counter() - began
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
    return {
        "size": size,
        "write": written,
        "pack": packed,
        "final_in_chunks": in_chunks,
        "final": _timed(lambda: mean("variant", "final")),
        "series": _timed(lambda: mean("step", None)),
    }


def _timed(act: Callable[[], Any]) -> float:
    """The best of three: the first also reads the disk."""
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        act()
        taken.append(time.perf_counter() - began)
    return min(taken)


def _made_up_plan() -> Any:
    from experiments.sweep.manifest import FORMAT
    from experiments.sweep.plan import Plan, seed_of

    return Plan(
        {
            "format": FORMAT,
            "name": "made-up",
            "design": {"design": "list"},
            "root_seed": 1,
            "replicates": 4,
            "seeds": [seed_of(1, k) for k in range(4)],
            "scenarios": [{"label": "baseline", "config": {"start": "2024-01-01"}}],
            "variants": [{f"parameters.p{n}": float(v + n) for n in range(8)} for v in range(2500)],
            "parameters": {},
            "measures": [f"m{n}" for n in range(MEASURES)],
            "columns": {},
            "data": {},
            "code": "none",
        }
    )


def _walk(random: np.random.Generator) -> pa.Table:
    values = 100 + random.normal(size=(QUARTERS, MEASURES)).cumsum(axis=0)
    columns = {f"m{n}": values[:, n] for n in range(MEASURES)}
    return pa.table({"step": np.arange(QUARTERS, dtype=np.int32), **columns})


def measure(quick: bool) -> dict[str, Any]:
    """Return all figures."""
    with tempfile.TemporaryDirectory() as folder:
        stored = storage(Path(folder))
    chunk = overhead(*((4, 4) if quick else (16, 64)))
    first = start(1 if quick else 5)
    used = memory(1 if quick else 6)
    return {
        "overhead": chunk,
        "start": first,
        "memory": used,
        "plan": planning(),
        "storage": stored,
    }


def show(figures: dict[str, Any]) -> None:
    """Print the figures as a table."""
    stored = figures["storage"]
    rows = [
        ("a chunk against its runs", f"{figures['overhead']:+.1f} %", f"{OVERHEAD_BAR:.0f} %"),
        ("start of a sweep against a bare loop", f"{figures['start']:+.1f} s", ""),
        ("memory of a worker, over full runs", f"{figures['memory']:.2f} GB", ""),
        (f"planning {RUNS:,} runs", f"{figures['plan']:.1f} s", f"{PLAN_BAR:.0f} s"),
        (
            f"{RUNS:,} runs × {QUARTERS} × {MEASURES} on the disk",
            f"{stored['size']:.0f} MB",
            f"{SIZE_BAR:.0f} MB",
        ),
        ("writing them in chunks", f"{stored['write']:.1f} s", ""),
        ("packing them", f"{stored['pack']:.1f} s", ""),
        (
            "mean of the last quarter by variant, before packing",
            f"{stored['final_in_chunks']:.2f} s",
            "",
        ),
        ("mean of the last quarter by variant", f"{stored['final']:.2f} s", f"{READ_BAR:.0f} s"),
        ("mean by quarter", f"{stored['series']:.2f} s", f"{READ_BAR:.0f} s"),
    ]
    table = Table("", "measured", "bar", title="Sweeps")
    for row in rows:
        table.add_row(*row)
    Console(width=100).print(table)


def main(arguments: list[str] | None = None) -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(description="Time what sweeps add to their runs.")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--quick", action="store_true", help="few and short runs")
    options = parser.parse_args(arguments)
    figures = measure(options.quick)
    show(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
