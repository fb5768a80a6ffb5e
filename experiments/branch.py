"""Branches: scenarios with a common past, of which that past is run once."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.compare import compose_side
from experiments.run import Job, Outcome, plan, store
from sim.errors import ConcordError, ConfigError

if TYPE_CHECKING:
    from sim.scenario import Scenario

__all__ = ["Branching", "Continuation", "Past", "continue_run", "prepare", "run_past"]

_log = logging.getLogger("concord")


@dataclass(frozen=True)
class Past:
    """The quarters before a day, of one seed, and the file in which they are kept.

    Attributes
    ----------
    is_done
        Whether the file is there and can be used.
    """

    scenario: Scenario
    seed: int
    day: date
    file: Path
    is_done: bool

    @property
    def title(self) -> str:
        """Up to when, and the seed."""
        return f"up to {self.day} seed={self.seed}"


@dataclass(frozen=True)
class Continuation:
    """A run that goes on from a past."""

    job: Job
    past: Past

    @property
    def title(self) -> str:
        """Label and seed."""
        return self.job.title


@dataclass(frozen=True)
class Branching:
    """What there is to do.

    Attributes
    ----------
    day
        First day of the quarter in which the branches begin.
    quarters
        Quarters that they share.
    jobs
        All runs, scenario by scenario, those that are there already included.
    pasts, continuations
        What is missing; the pasts come first.
    """

    day: date
    quarters: int
    jobs: tuple[Job, ...]
    pasts: tuple[Past, ...]
    continuations: tuple[Continuation, ...]


def prepare(
    sides: Sequence[str],
    seeds: Sequence[int],
    results: Path,
    config_dir: Path | None = None,
    *,
    at: date | None = None,
    force: bool = False,
) -> Branching:
    """Compose all scenarios, find where they part, and see what is missing.

    Parameters
    ----------
    sides
        Scenarios, each with changes added by '+': ``us_withdrawal+response=retaliate``.
    seeds
        Seeds that each is run with.
    results, config_dir, force
        As for a run.
    at
        A day of the quarter in which the branches begin; the first in which they differ when None.

    Raises
    ------
    ConfigError
        A scenario that cannot be composed; fewer than two, or two that are the same; no past in
        common, or none up to the day, with the first difference.
    """
    composed = [compose_side(side, config_dir) for side in sides]
    labels = [one.label for one in composed]
    if len(set(labels)) < max(2, len(labels)):
        raise ConfigError(
            f"{', '.join(labels)}: not two scenarios or more that differ",
            where="branch",
            expected="such as 'baseline us_withdrawal us_withdrawal+response=retaliate'",
        )
    planned = [plan(one, seeds, results, force) for one in composed]
    scenarios = [jobs[0].scenario for jobs in planned]
    day, quarters = _parting(scenarios, labels, at)
    pasts = {
        job.seed: _past(job, day, quarters, results / "checkpoints", force) for job in planned[0]
    }
    missing = sorted(
        (Continuation(job, pasts[job.seed]) for jobs in planned for job in jobs if not job.is_done),
        key=lambda one: seeds.index(one.job.seed),
    )
    needed = {one.job.seed for one in missing}
    return Branching(
        day,
        quarters,
        tuple(job for jobs in planned for job in jobs),
        tuple(past for seed, past in pasts.items() if seed in needed and not past.is_done),
        tuple(missing),
    )


def _parting(
    scenarios: Sequence[Scenario], labels: Sequence[str], at: date | None
) -> tuple[date, int]:
    """The day on which the branches begin, and how many quarters they share."""
    from sim.calendar import Calendar
    from sim.checkpoint import check_past, first_difference, past_of

    first, *others = scenarios
    calendar = Calendar(first.start, min(one.quarters for one in scenarios))
    found = [step for one in others if (step := first_difference(first, one)) is not None]
    quarters = calendar.step_of(at) if at is not None else min(found, default=None)
    if quarters is None:
        raise ConfigError(
            f"{', '.join(labels)} do not differ in any quarter",
            where="branch",
            expected="--at with a day from which each goes on",
        )
    # What differs from the start is told by its name; a day outside the run by the days inside.
    is_inside = 0 < quarters < calendar.quarters
    past = past_of(first, max(quarters, 1))
    for one, label in zip(others, labels[1:], strict=True):
        if is_inside or at is None:
            check_past(past, one, max(quarters, 1), (label, labels[0]))
    if not is_inside:
        raise ConfigError(
            f"{at or calendar.first_day(quarters)} leaves nothing before or after it",
            where="--at",
            expected=f"{calendar.first_day(1)} to {calendar.first_day(calendar.quarters - 1)}",
        )
    return calendar.first_day(quarters), quarters


def _past(job: Job, day: date, quarters: int, folder: Path, force: bool) -> Past:
    """The past of one seed; its file is named by what it follows from."""
    from sim.checkpoint import Checkpoint, past_of
    from sim.provenance import canonical

    content = canonical({"past": past_of(job.scenario, quarters), "data": job.identity["data"]})
    digest = hashlib.sha256(content.encode()).hexdigest()[:12]
    file = folder / f"{day}-{digest}" / f"seed={job.seed}.checkpoint"
    is_done = False
    if file.exists() and not force:
        try:
            Checkpoint.load(file).check(job.scenario, job.seed)
            is_done = True
        except ConcordError as error:
            _log.info("%s; it will be replaced", error.found)
    return Past(job.scenario, job.seed, day, file, is_done)


def run_past(past: Past, on_step: Callable[[int, int], None] | None = None) -> None:
    """Run and store a past.

    Raises
    ------
    ConcordError
        It could not be run or stored; nothing is stored then.
    """
    from sim.engine import checkpoint_at

    checkpoint_at(past.scenario, past.seed, past.day, on_step=on_step).save(past.file)


def continue_run(one: Continuation, on_step: Callable[[int, int], None] | None = None) -> Outcome:
    """Go on from a past and store the whole run, as `experiments.run.execute` would.

    Raises
    ------
    ConcordError
        It could not be run or stored; nothing is stored then.
    """
    from sim.checkpoint import Checkpoint
    from sim.engine import simulate

    began = time.perf_counter()
    start = Checkpoint.load(one.past.file)
    log = simulate(one.job.scenario, one.job.seed, on_step=on_step, start_from=start)
    more: dict[str, Any] = {"branched_at": one.past.day.isoformat()}
    return store(one.job, log, began, **more)
