"""Runs: which are missing, and doing one of them."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.console import note
from experiments.naming import folder_name
from sim.calendar import Calendar
from sim.errors import ConfigError

if TYPE_CHECKING:
    from experiments.compose import Composed
    from sim.log import Log
    from sim.scenario import Scenario
    from sim.world.adapters import Coverage

__all__ = [
    "Job",
    "Outcome",
    "coverage_of",
    "execute",
    "plan",
    "scenario_of",
    "store",
    "tell_coverage",
    "vintage_of",
]

_log = logging.getLogger("concord")


@dataclass(frozen=True)
class Job:
    """One run that is asked for.

    Attributes
    ----------
    scenario, seed
        What decides the outcome.
    label, overrides
        How it is called.
    folder
        Where it is stored.
    identity
        Entries of the manifest that follow from the above: fingerprint, config, data, and in
        words which years' figures stand behind it (`facts`).
    is_done
        Whether a complete run with this fingerprint is in the folder.
    """

    scenario: Scenario
    seed: int
    label: str
    overrides: tuple[str, ...]
    folder: Path
    identity: dict[str, Any]
    is_done: bool

    @property
    def title(self) -> str:
        """Label and seed."""
        return f"{self.label} seed={self.seed}"


@dataclass(frozen=True)
class Outcome:
    """What came of a run: where it is and how long it took."""

    folder: Path
    seconds: float


def scenario_of(composed: Composed) -> Scenario:
    """The checked scenario.

    Raises
    ------
    ConfigError
        A fault in it.
    """
    from pydantic import ValidationError

    from sim.load import parameters_from, scenario_from

    try:
        scenario = scenario_from(composed.mapping, parameters_from(composed.parameters))
    except ValidationError as error:  # what loading has no better words for
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ConfigError(str(first["msg"]), where=where) from None
    _check_reach(scenario, composed.overrides)
    return scenario


def _check_reach(scenario: Scenario, overrides: Sequence[str]) -> None:
    """Refuse shocks after the end of the run; say so only where the run was cut short.

    Raises
    ------
    ConfigError
        A shock that the command line names, or that the scenario's own length leaves out.
    """
    end = Calendar(scenario.start, scenario.quarters).end
    late = [(name, shock.date) for name, shock in scenario.dated if shock.date >= end]
    if not late:
        return
    keys = [text.partition("=")[0].lstrip("+") for text in overrides]
    named = [(name, day) for name, day in late if any(f".{name}." in f".{k}." for k in keys)]
    is_cut = any(key in {"quarters", "start"} for key in keys)
    for name, day in named if is_cut else late:
        raise ConfigError(
            f"{day} is after the end of the run",
            where=f"shocks.{name}.date",
            expected=f"a day before {end}, or more quarters",
        )
    names = ", ".join(name for name, _ in late)
    _log.info("after the end of the run (%s), so without effect: %s", end, names)


def plan(composed: Composed, seeds: Iterable[int], results: Path, force: bool = False) -> list[Job]:
    """One job per seed, each knowing whether its run is there already.

    Parameters
    ----------
    composed
        The scenario.
    seeds
        Which seeds.
    results
        The results folder.
    force
        Do runs again that are there.

    Raises
    ------
    ConfigError, DataError
        The scenario cannot be run.
    StorageError
        The results cannot be written.
    """
    from sim import provenance
    from sim.atomic import check_writable
    from sim.engine import data_checksums

    scenario = scenario_of(composed)
    data = data_checksums(scenario)
    config = scenario.model_dump(mode="json")
    facts = vintage_of(scenario)
    jobs = []
    for seed in seeds:
        folder = results / folder_name(composed.label) / f"seed={seed}"
        fingerprint = provenance.fingerprint(config, seed, data)
        is_done = not force and _is_there(folder, fingerprint)
        if not is_done:
            check_writable(folder)
        identity = {"fingerprint": fingerprint, "config": config, "data": data, "facts": facts}
        jobs.append(
            Job(scenario, seed, composed.label, composed.overrides, folder, identity, is_done)
        )
    return jobs


def _is_there(folder: Path, fingerprint: str) -> bool:
    """Whether a folder has the run, whole and as it was written; what it has instead is said."""
    from sim.dataset import damage, read_manifest

    there = read_manifest(folder)
    if there is None:
        if (folder / "manifest.json").exists():
            _log.info("%s: not complete, or its manifest is damaged; it will be replaced", folder)
        return False
    if there.get("fingerprint") != fingerprint:
        _log.info("%s: made by other code, data or settings; it will be replaced", folder)
        return False
    if changed := damage(folder, there):
        _log.info("%s: %s was changed after it was written; made anew", folder, changed)
        return False
    return True


def execute(job: Job, on_step: Callable[[int, int], None] | None = None) -> Outcome:
    """Simulate and store one run.

    Raises
    ------
    ConcordError
        It could not be run or stored; nothing is stored then.
    """
    from sim.engine import simulate

    began = time.perf_counter()
    log = simulate(job.scenario, job.seed, on_step=on_step)
    return store(job, log, began)


def store(job: Job, log: Log, began: float, **more: Any) -> Outcome:
    """Write the tables and the manifest of a run.

    Parameters
    ----------
    job, log
        What was run, and what it left behind.
    began
        When, by `time.perf_counter`.
    more
        Further entries of the manifest.

    Raises
    ------
    StorageError
        It cannot be stored; nothing is.
    """
    from sim import provenance
    from sim.dataset import write_run

    tables = log.tables()
    seconds = time.perf_counter() - began
    coverage = coverage_of(job.scenario)
    manifest = {
        "scenario": job.scenario.name,
        "label": job.label,
        "seed": job.seed,
        "overrides": list(job.overrides),
        **job.identity,
        **({"coverage": coverage.record()} if coverage else {}),
        "timeline": log.timeline,
        **more,
        "versions": provenance.versions(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 3),
    }
    write_run(job.folder, tables, manifest)
    return Outcome(job.folder, seconds)


def coverage_of(scenario: Scenario) -> Coverage | None:
    """What of the user's trade file was used; None in the embedded world."""
    if scenario.world.trade is None:
        return None
    from sim.load import setting_for

    return setting_for(scenario, 0).world.coverage


def tell_coverage(scenarios: Iterable[Scenario], quiet: bool) -> None:
    """Say on the error stream what of users' trade files was used, each file once.

    Parameters
    ----------
    scenarios
        What is to run.
    quiet
        Say only what speaks against a file.
    """
    told: list[Coverage] = []
    for scenario in scenarios:
        coverage = coverage_of(scenario)
        if coverage is None or coverage in told:
            continue
        told.append(coverage)
        text = "\n".join(coverage.cautions()) if quiet else coverage.summary()
        if text:
            note(text)


def vintage_of(scenario: Scenario) -> str:
    """Which years' figures stand behind the world of a scenario, as text."""
    from sim.load import world_for
    from sim.world.vintage import vintage

    return vintage(world_for(scenario))
