"""Time full runs of the model, each in a fresh process, and the start of the command line.

Run ``python -m experiments.benchmarks.simulation``; ``--json FILE`` also writes the figures. A run
is the whole of it: composing the scenario, reading the world, all quarters, the tables. Peak memory
is that of the process (as the system counts it), start-up and libraries included.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

RUN_BAR = 5.0  # seconds a full run may take on one core
MEMORY_BAR = 1.0  # GB it may need
HELP_BAR = 1.0  # seconds until `concord --help` has answered
ADDED_BAR = 0.6  # seconds of processor that conflict, or the life of institutions, may add to it
GROUPS = {
    "conflict": ("civil", "disputes", "missions", "nuclear", "sanctions", "third_parties"),
    "the life of institutions": ("discontent", "leaders", "membership", "vitality"),
}
"""Mechanisms of the baseline whose time is told together."""
WITHOUT = {f"baseline without {name}": those for name, those in GROUPS.items()}
USUAL = ("baseline", *WITHOUT, "us_withdrawal", "forum_choice")

_POOLS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "ARROW_NUM_THREADS")
_ONE_CORE = dict.fromkeys(_POOLS, "1")


def run_once(scenario: str, quarters: int, seed: int) -> dict[str, Any]:
    """Run a scenario in this process and tell what it took.

    Parameters
    ----------
    scenario
        Name, as in ``concord run scenario=NAME``.
    quarters
        Length of the run.
    seed
        Root of its random streams.

    Returns
    -------
    dict
        Seconds of composing, of the simulation (wall and processor) and of making the tables;
        peak memory of the process in GB; rows written.
    """
    from experiments.compose import compose
    from experiments.run import scenario_of
    from sim.engine import simulate

    began = time.perf_counter()
    ready = scenario_of(compose([*_overrides(scenario), f"quarters={quarters}"]))
    composed, processor = time.perf_counter(), time.process_time()
    log = simulate(ready, seed)
    simulated, worked = time.perf_counter(), time.process_time()
    tables = log.tables()
    ended = time.perf_counter()
    return {
        "compose": composed - began,
        "simulate": simulated - composed,
        "processor": worked - processor,
        "tables": ended - simulated,
        "memory": peak_memory(),
        "rows": sum(table.num_rows for table in tables.values()),
    }


def _overrides(scenario: str) -> list[str]:
    """What composes a scenario, or the baseline with some mechanisms off."""
    from sim.mechanism import mechanisms

    if scenario not in WITHOUT:
        return [f"scenario={scenario}"]
    switches = [one.name for name in WITHOUT[scenario] for one in mechanisms()[name].switches]
    return ["scenario=baseline", *(f"switches.{name}=false" for name in switches)]


def peak_memory() -> float:
    """Return the most memory this process has held, in GB."""
    unit = 1 if sys.platform == "darwin" else 1024  # bytes on macOS, KiB elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9


def in_fresh_process(scenario: str, quarters: int, seed: int) -> dict[str, Any]:
    """Do `run_once` in a process of its own, on one thread; `process` is its whole wall time."""
    command = [sys.executable, "-m", "experiments.benchmarks.simulation", "--once", scenario]
    command += ["--quarters", str(quarters), "--seed", str(seed)]
    began = time.perf_counter()
    done = subprocess.run(
        command, env=os.environ | _ONE_CORE, check=True, capture_output=True, text=True
    )
    whole = time.perf_counter() - began
    return {"scenario": scenario, **json.loads(done.stdout), "process": whole}


def time_help(repeat: int) -> float:
    """Return the shortest time that ``concord --help`` took, in seconds, Python included."""
    taken = []
    for _ in range(repeat):
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "experiments.cli", "--help"], check=True, capture_output=True
        )
        taken.append(time.perf_counter() - began)
    return min(taken)


def measure(scenarios: list[str], quarters: int, repeat: int) -> dict[str, Any]:
    """Return all figures: the best of several runs of each scenario, and the time of the help."""
    rows = []
    for scenario in scenarios:
        runs = [in_fresh_process(scenario, quarters, seed=1) for _ in range(repeat)]
        rows.append(min(runs, key=lambda run: run["simulate"]))
    return {
        "quarters": quarters,
        "processors": os.cpu_count(),
        "help": time_help(max(repeat, 3)),
        "rows": rows,
    }


def show(figures: dict[str, Any]) -> None:
    """Print the figures as a table."""
    units = {"compose": "s", "simulate": "s", "processor": "s", "tables": "s", "process": "s"}
    units |= {"memory": "GB"}
    table = Table(title=f"Full runs of {figures['quarters']} quarters, fresh process, one thread")
    columns = list(figures["rows"][0])
    for name in columns:
        heading = f"{name} ({units[name]})" if name in units else name
        table.add_column(heading, justify="left" if name == "scenario" else "right")
    for row in figures["rows"]:
        table.add_row(*(f"{v:.3g}" if isinstance(v, float) else str(v) for v in row.values()))
    console = Console(width=140)
    console.print(table)
    took = {row["scenario"]: row["processor"] for row in figures["rows"]}
    pairs = [(name, "baseline", without) for name, without in zip(GROUPS, WITHOUT, strict=True)]
    for name, more, less in (*pairs, ("the choice of forums", "forum_choice", "baseline")):
        if {more, less} <= set(took):
            added = took[more] - took[less]
            console.print(f"{name} adds {added:.2f} s of processor; bar {ADDED_BAR:g} s")
    console.print(
        f"concord --help {figures['help']:.2f} s; bars: simulate {RUN_BAR:.0f} s, "
        f"memory {MEMORY_BAR:.0f} GB, help {HELP_BAR:.0f} s"
    )


def main(arguments: list[str] | None = None) -> None:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(description="Time full runs of the model.")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--scenarios", nargs="+", default=USUAL)
    parser.add_argument("--quarters", type=int, default=64, help="length of the runs")
    parser.add_argument("--repeat", type=int, default=3, help="repetitions; the best counts")
    parser.add_argument("--seed", type=int, default=1, help="seed of the run")
    parser.add_argument("--once", metavar="SCENARIO", help="run once here, print figures as JSON")
    options = parser.parse_args(arguments)
    if options.once:
        sys.stdout.write(json.dumps(run_once(options.once, options.quarters, options.seed)))
        return
    figures = measure(options.scenarios, options.quarters, options.repeat)
    show(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
