"""What the commands do, apart from how they are called (`experiments.cli`)."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.console import (
    note,
    progress,
    say,
    set_up_log,
    show_json,
    show_table,
    spinner,
    warn_of_few,
)
from sim.errors import ConfigError, unknown

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd

    from experiments.compare import Comparison
    from experiments.compose import Composed
    from experiments.run import Job

__all__ = ["branch", "compare", "dry_run", "listing", "run", "timeline"]

_NUMBERS = ("value", "shocks", "count", "GDP", "population")  # heads of columns of `concord list`


def run(
    overrides: Sequence[str],
    *,
    results: Path,
    config_dir: Path | None,
    force: bool,
    quiet: bool,
    jobs: int,
    seeds: int,
) -> None:
    """`concord run`."""
    from experiments.compose import compose
    from experiments.run import plan, tell_coverage
    from sim.world.loader import FACTS_DATE

    set_up_log(quiet)
    composed = compose(overrides, config_dir)
    numbers = range(composed.seed, composed.seed + seeds)
    planned = plan(composed, numbers, results, force)
    tell_coverage([planned[0].scenario], quiet)
    if planned[0].scenario.start <= FACTS_DATE and not quiet:
        note(f"A start before the facts' own day: {planned[0].identity['facts']}.")
    _do(planned, jobs, quiet)
    if quiet:
        return
    _show_summary([job.folder for job in planned])
    _say_where(f"{planned[0].folder.parent}/", all(job.is_done for job in planned))
    if next_step := _next_step(composed):
        say(f"Next: {next_step}")


def dry_run(overrides: Sequence[str], config_dir: Path | None) -> None:
    """`concord run --dry-run`: the checked configuration as YAML."""
    import yaml

    from experiments.compose import compose
    from experiments.run import scenario_of, tell_coverage
    from sim.load import setting_for

    set_up_log(False)
    composed = compose(overrides, config_dir)
    scenario = scenario_of(composed)
    setting_for(scenario, composed.seed)  # what the run would refuse: names, rules, the user's data
    tell_coverage([scenario], False)
    config = scenario.model_dump(mode="json", exclude_none=True)
    say(f"# {composed.label}, seed {composed.seed}")
    say(yaml.safe_dump(config, sort_keys=False, allow_unicode=True, width=100).rstrip())


def compare(
    treatment: str,
    control: str,
    *,
    seeds: int,
    first_seed: int,
    measures: str | None,
    output: Path | None,
    results: Path,
    config_dir: Path | None,
    force: bool,
    quiet: bool,
    jobs: int,
) -> None:
    """`concord compare`."""
    from experiments.compare import (
        check_output,
        effects_of,
        measures_of,
        prepare,
        write,
    )
    from experiments.run import tell_coverage
    from experiments.studies import say_files

    set_up_log(quiet)
    check_output(output)
    wanted = measures_of(measures)
    numbers = range(first_seed, first_seed + seeds)
    comparison = prepare((treatment, control), numbers, results, config_dir, force)
    tell_coverage([job.scenario for job in comparison.jobs], quiet)
    _do(comparison.jobs, jobs, quiet)
    with spinner("table and figure", quiet):
        frame, effects = effects_of(comparison, wanted)
        written = write(comparison, frame, effects, output or results / "compare" / comparison.name)
    if not quiet:
        _say_effects(comparison, effects, seeds, f"{frame['date'].max():%Y-%m}")
        say_files(written)
        first, second = (job.folder.parent for job in comparison.jobs[:2])
        say(f"{'Runs:':8}{first}/ and {second}/")


def _say_effects(comparison: Comparison, effects: pd.DataFrame, seeds: int, last: str) -> None:
    from experiments.compare import table_of

    labels = f"{comparison.treatment.label} against {comparison.control.label}"
    say(f"{labels}, {seeds} paired seed{'s' * (seeds > 1)}")
    say(f"at the end of the run ({last})")
    heads, rows = table_of(effects)
    show_table(heads, rows, right=heads[1:4])
    warn_of_few(seeds)


def branch(
    scenarios: Sequence[str],
    *,
    at: datetime | None,
    seeds: int,
    first_seed: int,
    results: Path,
    config_dir: Path | None,
    force: bool,
    quiet: bool,
    jobs: int,
) -> None:
    """`concord branch`."""
    from experiments.branch import continue_run, prepare, run_past
    from experiments.pool import run_all
    from experiments.run import tell_coverage

    set_up_log(quiet)
    day = at.date() if at else None
    numbers = range(first_seed, first_seed + seeds)
    found = prepare(scenarios, numbers, results, config_dir, at=day, force=force)
    tell_coverage([job.scenario for job in found.jobs], quiet)
    with progress("common past", [one.title for one in found.pasts], quiet) as tell:
        run_all(run_past, found.pasts, jobs, tell)
    with progress("branches", [one.title for one in found.continuations], quiet) as tell:
        run_all(continue_run, found.continuations, jobs, tell)
    if quiet:
        return
    say(f"Common past: {found.quarters} quarters, up to {found.day}")
    for folder in dict.fromkeys(job.folder.parent for job in found.jobs):
        was_there = all(job.is_done for job in found.jobs if job.folder.parent == folder)
        _say_where(f"{folder}/", was_there)


def listing(
    kind: str | None, config_dir: Path | None, as_json: bool, run: Path | None = None
) -> None:
    """`concord list`: of a kind, or of the kinds."""
    from experiments.listing import KINDS, entries, kinds

    set_up_log(False)
    if kind is not None and kind not in KINDS:
        raise unknown("list", kind, KINDS)
    if kind == "organisations" and run is not None:
        from experiments.activity import activity

        found = activity(run)
    else:
        found = entries(kind, config_dir) if kind else kinds(config_dir)
    if as_json:
        show_json(found)
        return
    if not found:
        raise ConfigError(f"there are no {kind}")
    rows = [[_cell(value) for value in entry.values()] for entry in found]
    show_table(list(found[0]), rows, right=_NUMBERS, is_data=True)


def timeline(overrides: Sequence[str], config_dir: Path | None, as_json: bool) -> None:
    """`concord timeline`."""
    from experiments.timeline import timeline_of

    set_up_log(False)
    entries = timeline_of(overrides, config_dir)
    if as_json:
        show_json(entries)
    elif entries:
        rows = [list(entry.values()) for entry in entries]
        show_table(list(entries[0]), rows, is_data=True)
    else:
        say("no dated shocks")


def _do(jobs: Sequence[Job], workers: int, is_quiet: bool) -> None:
    """Make the runs that are missing."""
    from experiments.pool import run_all
    from experiments.run import execute

    missing = [job for job in jobs if not job.is_done]
    with progress("running", [job.title for job in missing], is_quiet) as tell:
        run_all(execute, missing, workers, tell)


def _next_step(composed: Composed) -> str:
    """The comparison that suggests itself: with the baseline, in all other ways alike."""
    name = composed.label.split("+")[0]
    if name == "baseline" and not composed.overrides:
        return "concord compare us_withdrawal baseline --seeds 8"
    causes = ("response", "tariff", "shocks", "~shocks", "+shocks")
    alike = [text for text in composed.overrides if not text.startswith(causes)]
    sides = ["+".join([name, *composed.overrides]), "+".join(["baseline", *alike])]
    if sides[0] == sides[1]:
        return ""
    return f"concord compare {shlex.join(sides)} --seeds 8"


def _say_where(place: str, was_there: bool) -> None:
    say(f"{'Up to date' if was_there else 'Written'}: {place}")


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return " to ".join(f"{one:g}" for one in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _show_summary(folders: Sequence[Path]) -> None:
    """Headline measures at the end of the runs, with their spread over seeds."""
    from analysis.load import load, units
    from analysis.names import number, title

    frame = load(folders)
    last = frame[frame["step"] == frame["step"].max()]
    rows = []
    for measure in last.columns.difference(["scenario", "seed", "step", "date"], sort=False):
        values = last[measure].astype(float).round(9)  # what is left of rounding is no news
        spread = f"{number(values.min())} to {number(values.max())}" if len(values) > 1 else ""
        rows.append([title(measure), number(values.mean()), spread, units(frame, measure)])
    heads = ["measure", "value" if len(folders) == 1 else "mean", "range", "unit"]
    if len(folders) == 1:
        heads.remove("range")
        rows = [[name, value, unit] for name, value, _, unit in rows]
    say(f"{frame['scenario'].iloc[0]} at the end of the run ({frame['date'].max():%Y-%m})")
    show_table(heads, rows, right=("value", "mean"))
