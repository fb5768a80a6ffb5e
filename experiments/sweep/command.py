"""`concord sweep` and `concord sweep status`: what they say, and their exit codes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments.console import note, say, set_up_log, show_json, show_table, spinner
from experiments.run import tell_coverage
from experiments.sweep.drive import chunks_of, engine_of, estimate, is_complete, settle
from experiments.sweep.lock import only_driver
from experiments.sweep.manifest import MANIFEST
from experiments.sweep.plan import Plan
from experiments.sweep.planning import plan_of
from experiments.sweep.progress import duration, planning, sweep_progress
from experiments.sweep.request import SweepRequest, request_of
from experiments.sweep.store import Inventory, inventory, left_of
from experiments.sweep.worker import runs_text
from sim.errors import ConfigError, StorageError, nearest

__all__ = ["status", "sweep"]

_INCOMPLETE = 1
_SHOWN = 3


def sweep(
    overrides: Sequence[str],
    *,
    results: Path,
    config_dir: Path | None,
    dry_run: bool,
    retry_failed: bool,
    accept_failed: bool,
    chunk: int | None,
    jobs: int | None,
    quiet: bool,
) -> int:
    """`concord sweep`; returns the exit code."""
    set_up_log(quiet)
    request = request_of(overrides, config_dir)
    _set_jobs(request, jobs)
    with planning(quiet) as tell:
        plan = plan_of(request, tell)
    tell_coverage(plan.checked.values(), quiet)
    folder = results / request.name
    if dry_run:
        _show_plan(plan, folder, request, chunk, retry_failed)
        return 0
    engine = engine_of(request.launcher)
    with only_driver(folder, lambda who: note(f"concord: waiting for another driver ({who})")):
        plan.write(folder)
        found = inventory(plan, folder)
        _warn_of(found)
        left = left_of(plan, found, retry_failed)
        if left and not quiet:
            note(f"{plan.name}: {len(left)} of {plan.runs} runs to do")
        chunks = chunks_of(left, request.launcher, chunk)
        try:
            with sweep_progress(plan.runs, plan.runs - len(left), quiet) as tell:
                if chunks:
                    engine(folder, chunks, request.launcher, tell)
        except KeyboardInterrupt as cause:
            cause.args = ("what is done is stored, and the same command goes on",)
            raise
        found = settle(plan, folder, accept_failed)
    return _conclude(plan, folder, found, bool(left), quiet)


def _set_jobs(request: SweepRequest, jobs: int | None) -> None:
    if jobs is None:
        return
    if "jobs" not in request.launcher:
        engine = request.launcher["engine"]
        raise ConfigError("has no jobs", where=f"launcher={engine} --jobs {jobs}")
    request.launcher["jobs"] = jobs


def status(names: Sequence[str], results: Path, as_json: bool) -> int:
    """`concord sweep status`: of one sweep, or of all in the folder."""
    set_up_log(False)
    if len(names) > 1:
        raise ConfigError(f"{len(names)} names", where="sweep status", expected="one, or none")
    if names:
        folder = _folder(names[0], results)
        plan = Plan.read(folder)
        found = inventory(plan, folder)
        if as_json:
            more = {"missing": left_of(plan, found, True), "errors": _errors(found)}
            show_json(_row(plan, folder, found) | more)
        else:
            _show_status(plan, folder, found)
        return 0 if is_complete(plan, found) else _INCOMPLETE
    return _show_all(results, as_json)


def _show_all(results: Path, as_json: bool) -> int:
    """A line for each sweep; what cannot be read is said, and does not hide the others."""
    rows = []
    code = 0
    for file in sorted(results.glob(f"*/{MANIFEST}")):
        try:
            plan = Plan.read(file.parent)
        except StorageError as error:
            note(f"concord: warning: {error}")
            code = _INCOMPLETE
            continue
        found = inventory(plan, file.parent)
        rows.append(_row(plan, file.parent, found))
        code = code if is_complete(plan, found) else _INCOMPLETE
    if as_json:
        show_json(rows)
    elif rows:
        cells = [[str(cell) for cell in row.values()] for row in rows]
        show_table(list(rows[0]), cells, right=("runs", "done", "failed", "to do"), is_data=True)
    elif not code:
        raise StorageError("no sweeps here", where=str(results), expected="--results DIR")
    return code


def _row(plan: Plan, folder: Path, found: Inventory) -> dict[str, Any]:
    rest = plan.runs - len(found.done) - len(found.failed)
    return {
        "sweep": plan.name,
        "design": plan.content["design"]["design"],
        "runs": plan.runs,
        "done": len(found.done),
        "failed": len(found.failed),
        "to do": rest,
        "folder": str(folder),
    }


def _folder(name: str, results: Path) -> Path:
    for folder in (Path(name), results / name):
        if (folder / MANIFEST).is_file():
            return folder
    known = [file.parent.name for file in results.glob(f"*/{MANIFEST}")]
    expected = nearest(name, known) if known else "a folder made by 'concord sweep'"
    raise StorageError(f"no sweep {name!r}", where=str(results), expected=expected)


def _show_plan(
    plan: Plan, folder: Path, request: SweepRequest, chunk: int | None, retry_failed: bool
) -> None:
    """What would be done, and what it would take."""
    launcher = request.launcher
    left = list(range(plan.runs))
    there = ""
    if (folder / MANIFEST).is_file():
        plan.check_same(folder)
        found = inventory(plan, folder)
        left = left_of(plan, found, retry_failed)
        there = f", {len(found.done)} done, {len(found.failed)} failed"
    chunks = chunks_of(left, launcher, chunk)
    with spinner("timing a few quarters"):
        cost = estimate(plan, len(chunks))
    say(f"sweep      {plan.name}  ({folder}/)")
    say(f"scenarios  {', '.join(plan.labels)}")
    say(f"design     {plan.content['design']['design']}, {_counted(len(plan.variants), 'variant')}")
    say(f"seeds      {plan.replicates} from root seed {plan.root_seed}")
    say(f"runs       {plan.runs}{there}; to do {len(left)} in {_counted(len(chunks), 'chunk')}")
    say(f"time       {_time(cost.seconds_per_run, len(left), len(chunks), launcher)}")
    say(f"size       about {cost.bytes / 1e6:.2g} MB")
    shown = plan.variants[:_SHOWN]
    for number, variant in enumerate(shown):
        text = ", ".join(f"{key}={_cell(value)}" for key, value in variant.items())
        say(f"variant {number}  {text[:200] or '(as it is)'}{'…' if len(text) > 200 else ''}")
    if len(plan.variants) > len(shown):
        say(f"… and {len(plan.variants) - len(shown)} more")


def _time(seconds_per_run: float, runs: int, chunks: int, launcher: Mapping[str, Any]) -> str:
    """How long it will take, in words."""
    from analysis.names import number
    from experiments.sweep.engines.local import processors

    seconds = seconds_per_run * runs
    if math.isnan(seconds):
        return "not known: the first variant cannot be run (the sweep will record why)"
    each = f"({number(seconds_per_run)} s a run, measured here)"
    if launcher["engine"] == "local":
        jobs = min(int(launcher.get("jobs") or processors()), max(chunks, 1))
        return f"about {duration(seconds / jobs)} with {jobs} at a time {each}"
    return f"about {duration(seconds)} of one processor {each}"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def _cell(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _show_status(plan: Plan, folder: Path, found: Inventory) -> None:
    row = _row(plan, folder, found)
    say(f"sweep   {plan.name}  ({folder}/)")
    say(f"runs    {plan.runs}: {row['done']} done, {row['failed']} failed, {row['to do']} to do")
    if row["to do"]:
        left = left_of(plan, found, False)
        text = runs_text(left)
        say(f"to do   {text[:100]}{'…' if len(text) > 100 else ''}")
    _warn_of(found)
    _show_failures(found)


def _errors(found: Inventory) -> dict[int, str]:
    """Run → the last line of what went wrong in it."""
    return {
        n: (str(one["error"]).strip() or "?").splitlines()[-1] for n, one in found.failed.items()
    }


def _warn_of(found: Inventory) -> None:
    for file, why in list(found.ignored.items())[:_SHOWN]:
        note(f"concord: warning: {file} does not count: {why}")
    if len(found.ignored) > _SHOWN:
        note(f"concord: warning: … and {len(found.ignored) - _SHOWN} files more")


def _show_failures(found: Inventory) -> None:
    for run, last in list(_errors(found).items())[:_SHOWN]:
        accepted = " (accepted)" if found.failed[run].get("accepted") else ""
        note(f"concord: run {run} failed{accepted}: {last}")
    if len(found.failed) > _SHOWN:
        note(f"concord: … and {len(found.failed) - _SHOWN} more (failed/ has them all)")


def _conclude(plan: Plan, folder: Path, found: Inventory, was_work: bool, quiet: bool) -> int:
    is_whole = is_complete(plan, found)
    if found.failed and (not is_whole or not quiet):
        _show_failures(found)
    if not is_whole:
        rest = plan.runs - len(found.done) - len(found.failed)
        said = [f"{len(found.done)} of {plan.runs} runs are done"]
        if found.unaccepted:
            said.append(
                f"{len(found.unaccepted)} failed (--retry-failed tries them again, "
                "--accept-failed goes without them)"
            )
        if rest:
            said.append(f"{rest} are still to be done (the same command goes on)")
        note(f"concord: {folder}: {'; '.join(said)}")
        return _INCOMPLETE
    if not quiet:
        failed = f", {len(found.failed)} failed and accepted" if found.failed else ""
        say(f"{len(found.done)} runs{failed}")
        say(f"{'Written' if was_work else 'Up to date'}: {folder}/")
        say(f"Next: analysis.sweeps.load_sweep({str(folder)!r})")
    return 0
