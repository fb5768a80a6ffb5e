"""One chunk of a sweep: its runs one after another, then one file.

Every engine does its work through `work`; ``python -m experiments.sweep.worker FOLDER --runs 0-9``
does it from a shell and exits with 0 (published), 3 (published, but runs failed) or 2 (error).
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import hashlib
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import ConcordError, ConfigError, StorageError

if TYPE_CHECKING:
    from experiments.sweep.plan import Plan
    from sim.scenario import Scenario

__all__ = ["main", "parse_runs", "runs_text", "work"]

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "ARROW_NUM_THREADS")
"""Variables that give numerical libraries their number of threads; one in workers."""

PUBLISHED_WITH_FAILURES = 3
"""Exit code when the chunk is stored, but runs of it failed."""


def work(
    folder: Path, runs: Sequence[int], on_run: Callable[[int], None] | None = None
) -> tuple[int, ...]:
    """Do runs of a sweep and publish them as one chunk.

    A run that fails is recorded and the others go on. Stopped on the way (Ctrl-C, SIGTERM turned
    into an exception), it publishes what is done.

    Parameters
    ----------
    folder
        The sweep's folder, with its manifest.
    runs
        Numbers of runs.
    on_run
        Called with the number of each run that is over.

    Returns
    -------
    tuple of int
        Runs that failed.

    Raises
    ------
    StorageError
        No such sweep, made by other code, or a folder that cannot be written.
    """
    from experiments.sweep.store import publish

    folder = Path(folder)
    plan = _plan_of(folder)
    _settle_memory()
    done: dict[int, Any] = {}
    failed = []
    try:
        for run in runs:
            table = _simulated(folder, plan, run)
            if table is None:
                failed.append(run)
            else:
                done[run] = table
            # A run's arrays hang in cycles of few objects, which by itself the collector leaves for
            # long: gigabytes of them.
            gc.collect()
            if on_run is not None:
                on_run(run)
    finally:
        if done:
            with _undisturbed():
                publish(folder, plan, done)
    return tuple(failed)


@lru_cache(maxsize=1)
def _settle_memory() -> None:
    """Set aside, once in a process, what stays for good, so that collecting after runs is quick."""
    gc.collect()
    gc.freeze()


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Hear of SIGTERM and Ctrl-C afterwards, so that they cannot cost what is being stored."""
    heard: list[int] = []
    before = {}
    with contextlib.suppress(ValueError):  # not the main thread, which alone hears signals
        for number in (signal.SIGTERM, signal.SIGINT):
            if signal.getsignal(number) not in (None, signal.SIG_IGN):
                before[number] = signal.signal(number, lambda number, frame: heard.append(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for one in heard:
            signal.raise_signal(one)


def _simulated(folder: Path, plan: Plan, run: int) -> Any:
    """The summary of a run, or None when it failed, which is then on record."""
    from experiments.sweep.store import record_failure
    from sim.engine import simulate

    try:
        scenario, seed = plan.scenario(run), plan.run(run).seed
        _check_data(plan, scenario)
        return simulate(scenario, seed).tables()["summary"]
    except StorageError:
        raise
    except ConcordError as error:
        record_failure(folder, plan, run, str(error))
    except MemoryError as error:
        record_failure(folder, plan, run, f"out of memory ({str(error) or 'no more to be had'})")
    except Exception:
        record_failure(folder, plan, run, traceback.format_exc())
    return None


def _check_data(plan: Plan, scenario: Scenario) -> None:
    """Refuse tables that are not those of the plan; the world is remembered for the run."""
    from sim.engine import data_checksums

    planned = set(plan.content["data"].values())
    for name, checksum in data_checksums(scenario).items():
        if checksum not in planned:
            raise StorageError(
                f"the table {name} is not that of the sweep",
                where=plan.name,
                expected="the file as it was when the sweep was planned, or a new sweep",
            )


def _plan_of(folder: Path) -> Plan:
    """The folder's plan, read anew when its manifest is another."""
    try:
        manifest = (folder / "manifest.json").read_bytes()
    except OSError:
        manifest = b""  # reading says what is wrong
    return _plan(folder.resolve(), hashlib.sha256(manifest).hexdigest())


@lru_cache(maxsize=1)
def _plan(folder: Path, _manifest: str) -> Plan:
    from experiments.sweep.plan import Plan
    from sim.provenance import code_hash

    plan = Plan.read(folder)
    if plan.content["code"] != code_hash():
        raise StorageError(
            "the model's code is not that of the sweep",
            where=str(folder),
            expected="the version that the sweep was planned with, or a new sweep",
        )
    return plan


def parse_runs(text: str) -> list[int]:
    """Numbers of runs from text.

    Raises
    ------
    ConfigError
        It cannot be read.

    Examples
    --------
    >>> parse_runs("0-3,7")
    [0, 1, 2, 3, 7]
    """
    runs: list[int] = []
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        if not first.isdecimal() or not (last.isdecimal() or last == ""):
            raise ConfigError(f"{part!r} is no run", where="--runs", expected="such as 0-15,20")
        runs += range(int(first), int(last or first) + 1)
    return runs


def runs_text(runs: Sequence[int]) -> str:
    """Numbers of runs as text that `parse_runs` reads.

    Examples
    --------
    >>> runs_text([0, 1, 2, 7])
    '0-2,7'
    """
    spans: list[list[int]] = []
    for run in sorted(runs):
        if spans and run == spans[-1][1] + 1:
            spans[-1][1] = run
        else:
            spans.append([run, run])
    return ",".join(f"{a}-{b}" if a < b else f"{a}" for a, b in spans)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do one chunk from the command line."""
    for name in THREADS:
        os.environ[name] = "1"
    parser = argparse.ArgumentParser(description="Do runs of a sweep and store them.")
    parser.add_argument("folder", type=Path, help="the sweep's folder")
    parser.add_argument("--runs", required=True, help="such as 0-15,20")
    options = parser.parse_args(arguments)
    # Ended by an exception, so that what is done is published on the way out.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        failed = work(options.folder, parse_runs(options.runs))
    except ConcordError as error:
        sys.stderr.write(f"concord: error: {error}\n")
        return error.exit_code
    if failed:
        sys.stderr.write(f"concord: {len(failed)} runs failed: {runs_text(failed)}\n")
    return PUBLISHED_WITH_FAILURES if failed else 0


if __name__ == "__main__":
    sys.exit(main())
