"""The results of a sweep on disk: chunks of whole runs, and records of runs that failed.

What is done follows from what lies there: a chunk (`experiments.sweep.chunks`) names the plan that
it belongs to and its runs; a file that does not is reported and not counted. When all is done the
chunks are packed into fewer files, which are the same whoever made which chunk.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.sweep.chunks import CHANGED, CHUNKS, file_of, rows_of, runs_of, schema, write
from experiments.sweep.failures import FAILED, failure_in, forget_failure
from sim.atomic import remove_drafts, storage_errors

if TYPE_CHECKING:
    import pyarrow as pa

    from experiments.sweep.plan import Plan

__all__ = [
    "Inventory",
    "inventory",
    "left_of",
    "missing",
    "pack",
    "publish",
    "read",
]

_PACKED = 512  # runs to a file: 10,000 runs are read in 0.2 s, against 0.7 in files of 16
_TRIES = 10  # to see all files while another process packs them


@dataclass(frozen=True)
class Inventory:
    """What there is of a sweep.

    Attributes
    ----------
    files
        Valid chunk files by name → the runs in them.
    failed
        Run → the record of its failure, unless it was done after all.
    ignored
        Files that do not count → why.
    """

    files: dict[Path, tuple[int, ...]]
    failed: dict[int, dict[str, Any]]
    ignored: dict[Path, str] = field(default_factory=dict)

    @property
    def done(self) -> set[int]:
        """Runs with results."""
        return {run for runs in self.files.values() for run in runs}

    @property
    def unaccepted(self) -> list[int]:
        """Failed runs that nobody has accepted as such."""
        return sorted(run for run, record in self.failed.items() if not record.get("accepted"))


def publish(folder: Path, plan: Plan, tables: Mapping[int, pa.Table]) -> Path:
    """Store the summary tables of whole runs as one chunk, completely or not at all.

    Parameters
    ----------
    folder
        The sweep's folder.
    plan
        Its plan.
    tables
        Run → its table `summary`. The same runs always go to the same file.

    Raises
    ------
    StorageError
        It cannot be written; nothing is left of it.
    """
    import pyarrow as pa

    runs = sorted(tables)
    columns = ["step", *plan.measures]
    parts = []
    for run in runs:
        part = tables[run].select(columns)
        part = part.add_column(0, "run", pa.array([run] * part.num_rows, pa.int32()))
        parts.append(part.cast(schema(plan.measures)))
    file = write(folder, plan, runs, pa.concat_tables(parts))
    for run in runs:
        with storage_errors(folder):
            forget_failure(folder, run)
    return file


def pack(plan: Plan, folder: Path, found: Inventory) -> bool:
    """Bring the runs that are done into few files, which are quicker to read.

    The files depend on which runs are done, and not on the chunks in which they were. At every
    moment each run is in a file that is complete.

    Parameters
    ----------
    plan, folder
        The sweep; nobody else drives it.
    found
        What there is of it.

    Returns
    -------
    bool
        Whether there was anything to do.

    Raises
    ------
    StorageError
        A file cannot be written or taken away; nothing is lost.
    """
    blocks: dict[int, list[int]] = {}
    for run in sorted(found.done):
        blocks.setdefault(run // _PACKED, []).append(run)
    packed = {file_of(folder, plan, runs): runs for runs in blocks.values()}
    for file, runs in packed.items():
        if file not in found.files:
            wanted = set(runs)
            parts = {f: those for f, those in found.files.items() if not wanted.isdisjoint(those)}
            with storage_errors(file):
                table = rows_of(parts, plan.measures, wanted)
            write(folder, plan, runs, table)
    rest = [file for file in found.files if file not in packed]
    rest += [file for file, why in found.ignored.items() if why == CHANGED and file not in packed]
    for file in rest:
        with storage_errors(file):
            file.unlink(missing_ok=True)
    remove_drafts(folder / CHUNKS)
    return bool(rest)


def inventory(plan: Plan, folder: Path) -> Inventory:
    """What of a plan is there, by the footers of the chunks and the records of failures."""
    for _ in range(_TRIES):
        # Files that go away meanwhile were packed: what was in them is in another by now.
        with contextlib.suppress(FileNotFoundError):
            return _inventory(plan, folder)
    return _inventory(plan, folder)


def _inventory(plan: Plan, folder: Path) -> Inventory:
    files: dict[Path, tuple[int, ...]] = {}
    ignored: dict[Path, str] = {}
    for file in sorted((folder / CHUNKS).glob("[!.]*.parquet")):
        runs, fault = runs_of(file, plan)
        if fault:
            ignored[file] = fault
        else:
            files[file] = runs
    done = {run for runs in files.values() for run in runs}
    failed = {}
    for file in sorted((folder / FAILED).glob("[!.]*.json")):
        record = failure_in(file, plan)
        if record is None:
            ignored[file] = "not a record of a failed run of this sweep"
        elif record["run"] not in done:
            failed[int(record["run"])] = record
    return Inventory(files, failed, ignored)


def missing(plan: Plan, folder: Path, retry_failed: bool = False) -> list[int]:
    """Runs that are still to be done, in order.

    Parameters
    ----------
    plan, folder
        The sweep.
    retry_failed
        Count runs that failed among them; else they have had their turn.
    """
    return left_of(plan, inventory(plan, folder), retry_failed)


def left_of(plan: Plan, found: Inventory, retry_failed: bool) -> list[int]:
    """Runs to be done: those without a result, failed ones when they are to be tried again."""
    over = found.done if retry_failed else found.done | set(found.failed)
    return [run for run in range(plan.runs) if run not in over]


def read(plan: Plan, folder: Path, columns: Iterable[str] | None = None) -> pa.Table:
    """All results, each run once, by run and step; the same bytes whoever made which chunk.

    Parameters
    ----------
    plan, folder
        The sweep.
    columns
        Measures to read; None reads all.
    """
    measures = plan.measures if columns is None else list(columns)
    return rows_of(inventory(plan, folder).files, measures)
