"""Doing a sweep: what is missing is cut into chunks and given to an engine."""

from __future__ import annotations

import importlib
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.sweep.failures import accept_failures
from experiments.sweep.plan import Plan
from experiments.sweep.store import Inventory, inventory, pack
from sim.errors import ConcordError, ConfigError

__all__ = [
    "Estimate",
    "chunks_of",
    "engine_of",
    "estimate",
    "is_complete",
    "settle",
]

_CHUNK = 16
_CHUNKS_PER_JOB = 4  # so that processes end at about the same time
_PROBE_QUARTERS = 4
_BYTES_PER_VALUE = 2.0  # of 4, after compression; measured on full runs (benchmarks/sweep.py)
_BYTES_PER_CHUNK = 8000  # footer


def engine_of(launcher: Mapping[str, Any]) -> Any:
    """The `run` function of a launcher's engine.

    Raises
    ------
    ConfigError
        There is no such engine, or it lacks a package.
    """
    name = str(launcher["engine"])
    try:
        return importlib.import_module(f"experiments.sweep.engines.{name}").run
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if missing.startswith("experiments."):
            raise ConfigError(f"there is no engine {name!r}", where="launcher=") from None
        raise ConfigError(
            f"the package {missing!r} is missing",
            where=f"launcher={name}",
            expected=f"pip install 'concord-sim[{name}]'",
        ) from None


def chunks_of(
    runs: list[int], launcher: Mapping[str, Any], size: int | None = None
) -> list[list[int]]:
    """Runs in groups that are done and stored together.

    Parameters
    ----------
    runs
        What is to be done.
    launcher
        The engine's options; `chunk` says how large groups may be.
    size
        How large they are to be, whatever the options say.
    """
    if size is None:
        size = int(launcher.get("chunk") or _CHUNK)
        if launcher["engine"] == "local":
            from experiments.sweep.engines.local import processors

            jobs = int(launcher.get("jobs") or processors())
            size = min(size, max(math.ceil(len(runs) / (jobs * _CHUNKS_PER_JOB)), 1))
    return [runs[n : n + size] for n in range(0, len(runs), size)]


def settle(plan: Plan, folder: Path, accept_failed: bool) -> Inventory:
    """What there is after the work: failures accepted if asked for, chunks packed if complete."""
    found = inventory(plan, folder)
    if accept_failed and found.unaccepted:
        accept_failures(folder, found)
        found = inventory(plan, folder)
    if is_complete(plan, found) and pack(plan, folder, found):
        found = inventory(plan, folder)
    return found


def is_complete(plan: Plan, found: Inventory) -> bool:
    """Whether every run is done, or failed and accepted as such."""
    return not found.unaccepted and len(found.done) + len(found.failed) == plan.runs


@dataclass(frozen=True)
class Estimate:
    """What a sweep will take.

    Attributes
    ----------
    seconds_per_run
        On one processor, as measured here; NaN when it could not be.
    bytes
        On the disk.
    """

    seconds_per_run: float
    bytes: float


def estimate(plan: Plan, n_chunks: int) -> Estimate:
    """Time a few quarters of the first variant and reckon with the rest.

    Parameters
    ----------
    plan
        What is to be done.
    n_chunks
        Files it will be stored in.
    """
    from sim.engine import simulate

    group = len(plan.labels) * plan.replicates
    stride = max(len(plan.variants) // 100, 1) * group  # a hundred variants tell the mean length
    lengths = [plan.scenario(run).quarters for run in range(0, plan.runs, stride)]
    quarters = sum(lengths) / len(lengths)
    scenario = plan.scenario(0)
    try:
        began = time.perf_counter()
        simulate(scenario.model_copy(update={"quarters": 1}), plan.seeds[0])
        world = time.perf_counter() - began
        short = scenario.model_copy(update={"quarters": min(_PROBE_QUARTERS, scenario.quarters)})
        began = time.perf_counter()
        simulate(short, plan.seeds[0])
        per_quarter = (time.perf_counter() - began) / short.quarters
    except ConcordError:
        world = per_quarter = math.nan
    seconds = quarters * per_quarter + max(world - per_quarter, 0.0) / group
    size = plan.runs * quarters * len(plan.measures) * _BYTES_PER_VALUE
    return Estimate(seconds, size + n_chunks * _BYTES_PER_CHUNK)
