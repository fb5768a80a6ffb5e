"""Chunks of a sweep as arrays of tasks on a Slurm cluster.

Nothing is asked of the submitting process: each array is on record in the sweep's folder before it
is submitted, its tasks publish what they do, and what is missing is decided from what lies there.
So this process may end at any time; started again it waits for the tasks that are still queued and
submits what is neither there nor queued.

How tasks do is read from ``squeue`` and from the results, not from submitit's own watcher, which
believes only ``sacct`` and without it waits for ever for a task that was killed.
"""

from __future__ import annotations

import logging
import math
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.sweep.engines.arrays import Arrays, checked
from experiments.sweep.engines.squeue import (
    Key,
    Task,
    check_commands,
    largest_array,
    stuck,
    task_at,
    tasks_of,
    trouble_with_sacct,
)
from experiments.sweep.engines.task import complaint_in
from experiments.sweep.plan import Plan
from experiments.sweep.store import inventory
from experiments.sweep.worker import runs_text
from sim.errors import ConfigError, StateError

if TYPE_CHECKING:
    from experiments.sweep.store import Inventory

__all__ = ["run"]

_log = logging.getLogger("concord")

_FIRST_POLL_SECONDS, _SLOWER = 0.5, 1.5
_SILENT_SECONDS = 1800.0  # without an answer from Slurm


def run(
    folder: Path,
    chunks: Sequence[Sequence[int]],
    options: Mapping[str, Any],
    report: Callable[[int], None],
) -> None:
    """Do chunks of a sweep on a cluster, and wait for them.

    Parameters
    ----------
    folder
        The sweep's folder, on a disk that all nodes see.
    chunks
        Numbers of runs. Those that are queued already are waited for and not submitted again.
    options
        The keys of ``scenarios/launcher/slurm.yaml``.
    report
        Called with the number of each run that is over.

    Raises
    ------
    ConfigError
        There is no Slurm here, or it refuses an option.
    StateError
        Slurm does not answer, or runs are left that were cancelled or given up; all others are
        done.
    """
    given = checked(options)
    check_commands()
    folder = Path(folder).resolve()
    plan = Plan.read(folder)
    trouble = trouble_with_sacct()
    if trouble:
        _log.warning(
            "warning: sacct cannot be used here (%s). Sweeps do without it: squeue and the results "
            "are watched. But why a task ended is only known for some minutes afterwards "
            "(MinJobAge).",
            trouble,
        )
    arrays = Arrays(folder, plan, given, largest_array(), not trouble)
    watch = _Watch(arrays, report)
    try:
        watch.over(chunks)
    except KeyboardInterrupt:
        if watch.waiting:
            _log.warning(
                "%d tasks stay queued; the same command goes on with them, and this ends them: "
                "scancel --name=%s",
                len(watch.waiting),
                ",".join(sorted({name for name, _ in watch.waiting})),
            )
        raise


@dataclass
class _Watch:
    """Waits until all runs are over."""

    arrays: Arrays
    report: Callable[[int], None]
    waiting: dict[Key, list[int]] = field(default_factory=dict)
    backlog: list[list[int]] = field(default_factory=list)
    ended: dict[Key, float] = field(default_factory=dict)
    tries: Counter[int] = field(default_factory=Counter)
    told: set[str] = field(default_factory=set)
    left: dict[str, list[int]] = field(default_factory=dict)
    wanted: set[int] = field(default_factory=set)
    failed_before: set[int] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)
    size: int = 0  # of the next array; as large as may be where 0
    room: float = math.inf  # for tasks in Slurm's queue

    def over(self, chunks: Sequence[Sequence[int]]) -> None:
        """Submit what is not queued, and return when nothing is queued any more."""
        found = inventory(self.arrays.plan, self.arrays.folder)
        self.failed_before = set(found.failed)
        self.wanted = {run for runs in chunks for run in runs}
        for key, runs in self.arrays.queued(found.done).items():
            if self.wanted & set(runs):
                self.waiting[key] = runs
        queued = {run for runs in self.waiting.values() for run in runs}
        if self.waiting:
            _log.info("%d tasks of this sweep are queued already", len(self.waiting))
        rest = ([run for run in runs if run not in queued] for runs in chunks)
        self.backlog = [runs for runs in rest if runs]
        self._wait()
        self.arrays.queued(inventory(self.arrays.plan, self.arrays.folder).done)  # tidies up
        if self.left:
            raise StateError(
                "; ".join(f"runs {runs_text(runs)}: {why}" for why, runs in self.left.items()),
                where="launcher=slurm",
                expected="the same command again to go on with them; all others are done",
            )

    def _wait(self) -> None:
        longest, pause = float(self.arrays.options["poll_seconds"]), _FIRST_POLL_SECONDS
        heard = time.monotonic()
        while self.waiting or self.backlog:
            self._submit()
            time.sleep(min(pause, longest))
            pause *= _SLOWER
            try:
                tasks = tasks_of({name for name, _ in self.waiting}, self.arrays.has_sacct)
            except StateError as error:
                if time.monotonic() - heard > _SILENT_SECONDS:
                    raise
                self._tell(f"warning: {error}; waiting for Slurm to answer")
                continue
            heard = time.monotonic()
            self._look_at(tasks)

    def _submit(self) -> None:
        """Submit as much as Slurm takes: it may limit how many tasks are queued at a time."""
        largest = self.arrays.largest
        while self.backlog and len(self.waiting) < self.room:
            size = min(self.size or largest, len(self.backlog))
            try:
                self.waiting |= self.arrays.submit(self.backlog[:size])
            except ConfigError as error:
                if size == 1 and not self.waiting:
                    raise
                self.size = max(size // 2, 1)
                if self.waiting:
                    self._tell(f"{error.found}; the rest is submitted when tasks are over")
                    self.room = len(self.waiting)
            else:
                self.backlog = self.backlog[size:]
                self.size, self.room = min(2 * size, largest), math.inf

    def _look_at(self, tasks: Mapping[Key, Task]) -> None:
        for reason, which in stuck(tasks).items():
            self._tell(
                f"warning: {len(which)} tasks wait for {reason} and may do so for ever "
                f"(scontrol show job {which[0].job}; scancel them to go on)",
                about=reason,
            )
        over = {key: task for key in self.waiting if (task := task_at(tasks, key)).is_over}
        self.ended = {key: since for key, since in self.ended.items() if key in over}
        if over:
            self._judge(self._settle(over))
            for name in {name for name, _ in over} - {name for name, _ in self.waiting}:
                if name not in self.kept:
                    self.arrays.forget(name)

    def _settle(self, over: Mapping[Key, Task]) -> dict[Key, tuple[Task, list[int]]]:
        """Tick off what tasks that are over have done; return those that lost runs, and which."""
        found = inventory(self.arrays.plan, self.arrays.folder)
        now, patience = time.monotonic(), float(self.arrays.options["settle_seconds"])
        lost = {}
        for key, task in over.items():
            runs = self.waiting[key]
            left = self._unsettled(runs, task, found)
            if left and now - self.ended.setdefault(key, now) < patience:
                continue  # files may still be on their way from the node
            del self.waiting[key]
            for run in self.wanted & set(runs) - set(left):
                self.wanted.discard(run)
                self.report(run)
            if left:
                lost[key] = task, left
                if len(left) == len(runs) and task.state != "PREEMPTED":
                    self.tries.update(left)  # one that got somewhere may try as often as it takes
                self.kept.add(key[0])  # for its logs
        return lost

    def _unsettled(self, runs: Sequence[int], task: Task, found: Inventory) -> list[int]:
        """Runs with neither a result nor a failure that this task has put on record."""
        failed = set(found.failed)
        if task.state != "COMPLETED":
            failed -= self.failed_before
        return [run for run in runs if run not in found.done and run not in failed]

    def _judge(self, lost: Mapping[Key, tuple[Task, list[int]]]) -> None:
        """Submit anew what tasks have lost, unless somebody or something has decided otherwise."""
        for (name, index), (task, runs) in lost.items():
            # One that is cancelled while it waits may leave no trace.
            is_unseen = task.state == "GONE" and not self.arrays.has_begun((name, index))
            if task.state == "CANCELLED" or is_unseen:
                self._leave("cancelled", runs)
                continue
            log = self.arrays.log_of(name, task)
            complaint = complaint_in(log)
            most = int(self.arrays.options["retries"])
            again = [run for run in runs if self.tries[run] <= most]
            what = f"task {task.job or name} ended as {task.state}"
            if complaint or not again:
                self._leave(complaint or f"{what}, its output is in {log}", runs)
                continue
            _log.warning("%s; runs %s are submitted again", what, runs_text(again))
            self.backlog.append(again)

    def _leave(self, why: str, runs: Sequence[int]) -> None:
        if why not in self.left:
            _log.warning("runs %s: %s", runs_text(runs), why)
        self.left[why] = [*self.left.get(why, []), *runs]

    def _tell(self, text: str, about: str = "") -> None:
        """Say something once; of what it is about, the first word."""
        if (about or text) not in self.told:
            self.told.add(about or text)
            _log.warning("%s", text)
