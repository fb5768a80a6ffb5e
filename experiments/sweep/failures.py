"""Records of the runs of a sweep that failed: one small file each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.atomic import write_file

if TYPE_CHECKING:
    from experiments.sweep.plan import Plan
    from experiments.sweep.store import Inventory

__all__ = ["FAILED", "accept_failures", "failure_in", "forget_failure", "record_failure"]

FAILED = "failed"
"""The folder of the records, within that of the sweep."""


def record_failure(folder: Path, plan: Plan, run: int, error: str) -> None:
    """Write down that a run failed, and why.

    Raises
    ------
    StorageError
        It cannot be written.
    """
    spec = plan.run(run)
    record = {
        "plan": plan.fingerprint,
        "run": run,
        "scenario": spec.scenario,
        "variant": spec.variant,
        "seed": spec.seed,
        "overrides": spec.overrides,
        "error": error,
        "accepted": False,
    }
    _write_record(_failure(folder, run), record)


def accept_failures(folder: Path, found: Inventory) -> None:
    """Mark all failed runs as accepted: the sweep is complete without them."""
    for run in found.unaccepted:
        _write_record(_failure(folder, run), {**found.failed[run], "accepted": True})


def forget_failure(folder: Path, run: int) -> None:
    """Remove the record of a run that has a result by now, if there is one."""
    _failure(folder, run).unlink(missing_ok=True)


def failure_in(file: Path, plan: Plan) -> dict[str, Any] | None:
    """The record in a file; None when it is none of this sweep."""
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or record.get("plan") != plan.fingerprint:
        return None
    run = record.get("run")
    is_whole = (
        isinstance(run, int)
        and 0 <= run < plan.runs
        and _failure(file.parent, run).name == file.name
    )
    return record if is_whole and isinstance(record.get("error"), str) else None


def _failure(folder: Path, run: int) -> Path:
    return folder / FAILED / f"{run:07d}.json"


def _write_record(file: Path, record: Mapping[str, Any]) -> None:
    write_file(file, (json.dumps(record, indent=1, ensure_ascii=False) + "\n").encode())
