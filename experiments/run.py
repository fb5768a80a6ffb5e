"""Runs: which are missing, and doing one of them."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import ConfigError

if TYPE_CHECKING:
    from experiments.compose import Composed
    from sim.config import Scenario
    from sim.log import Log

__all__ = ["Job", "Outcome", "coverage_of", "execute", "plan", "scenario_of", "store", "vintage_of"]

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
        return scenario_from(composed.mapping, parameters_from(composed.parameters))
    except ValidationError as error:  # what loading has no better words for
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ConfigError(str(first["msg"]), where=where) from None


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
    from sim.dataset import read_manifest
    from sim.engine import data_checksums

    scenario = scenario_of(composed)
    data = data_checksums(scenario)
    config = scenario.model_dump(mode="json")
    facts = vintage_of(scenario)
    jobs = []
    for seed in seeds:
        folder = results / composed.label / f"seed={seed}"
        fingerprint = provenance.fingerprint(config, seed, data)
        there = read_manifest(folder)
        is_done = not force and there is not None and there.get("fingerprint") == fingerprint
        if there is not None and there.get("fingerprint") != fingerprint:
            _log.info("%s: made by other code, data or settings; it will be replaced", folder)
        if not is_done:
            check_writable(folder)
        identity = {"fingerprint": fingerprint, "config": config, "data": data, "facts": facts}
        jobs.append(
            Job(scenario, seed, composed.label, composed.overrides, folder, identity, is_done)
        )
    return jobs


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
    manifest = {
        "scenario": job.scenario.name,
        "label": job.label,
        "seed": job.seed,
        "overrides": list(job.overrides),
        **job.identity,
        "timeline": log.timeline,
        **more,
        "versions": provenance.versions(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 3),
    }
    write_run(job.folder, tables, manifest)
    return Outcome(job.folder, seconds)


def coverage_of(scenario: Scenario) -> str:
    """What of the user's trade matrix was used, as text; empty without one."""
    if scenario.world.trade is None:
        return ""
    from sim.load import setting_for

    coverage = setting_for(scenario, 0).world.coverage
    return coverage.summary() if coverage is not None else ""


def vintage_of(scenario: Scenario) -> str:
    """Which years' figures stand behind the world of a scenario, as text."""
    from sim.load import setting_for
    from sim.world.vintage import vintage

    return vintage(setting_for(scenario, 0).world)
