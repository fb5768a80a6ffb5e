"""Chunks of a sweep in processes on this machine; a process that dies costs its chunk's time."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, cast

from experiments.pool import Pipe, ended, started
from experiments.sweep.worker import THREADS, runs_text, work
from sim.errors import ConcordError, StateError

__all__ = ["processors", "run"]

_log = logging.getLogger("concord")

_SECONDS_TO_PUBLISH = 10.0
_CHUNKS_PER_PROCESS = 256  # then a new one: what libraries never give back stays bounded
_LOST_IN_A_ROW = 3  # chunks given up, none done in between: it is not the chunks


def run(
    folder: Path,
    chunks: Sequence[Sequence[int]],
    options: Mapping[str, Any],
    report: Callable[[int], None],
) -> None:
    """Do chunks of a sweep here, several at a time.

    Parameters
    ----------
    folder
        The sweep's folder.
    chunks
        Numbers of runs.
    options
        ``jobs`` (processes; None takes all processors), ``deaths`` (times that a chunk may lose
        its process before it is given up), ``memory_gb`` (of one process; a run that needs more
        fails; None for no bound).
    report
        Called with the number of each run that is over.

    Raises
    ------
    StorageError
        Nothing can be stored, or the code has changed.
    StateError
        Chunks were given up; all others are done.
    """
    most = options.get("memory_gb")
    bound = None if most is None else int(float(most) * 1e9)
    crew = _Crew(Path(folder), bound, int(options.get("deaths") or 3), report)
    crew.waiting = [list(chunk) for chunk in reversed(chunks)]
    jobs = int(options.get("jobs") or processors())
    try:
        for _ in range(min(jobs, len(chunks))):
            crew.engage()
        while crew.busy:
            for pipe in cast("list[Pipe]", wait(list(crew.busy))):
                crew.hear(pipe)
    finally:
        ended(crew.processes, _SECONDS_TO_PUBLISH)
    if crew.lost:
        raise _given_up(crew.lost)


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):  # a batch system may give us fewer than there are
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass
class _Crew:
    """Processes, and what each is at."""

    folder: Path
    most_bytes: int | None
    most_deaths: int
    report: Callable[[int], None]
    waiting: list[list[int]] = field(default_factory=list)
    processes: dict[Pipe, SpawnProcess] = field(default_factory=dict)
    busy: dict[Pipe, list[int]] = field(default_factory=dict)
    over: set[int] = field(default_factory=set)
    chunks_done: Counter[Pipe] = field(default_factory=Counter)
    deaths: Counter[tuple[int, ...]] = field(default_factory=Counter)
    lost: dict[tuple[int, ...], int | None] = field(default_factory=dict)
    lost_in_a_row: int = 0

    def engage(self) -> None:
        """Start a process and give it something to do."""
        pipe, process = started(_serve, str(self.folder), self.most_bytes)
        self.processes[pipe] = process
        self.hand_out(pipe)

    def hand_out(self, pipe: Pipe) -> None:
        """Give a process the next chunk, if there is one."""
        if not self.waiting:
            return
        chunk = self.waiting.pop()
        with contextlib.suppress(OSError):  # a dead process is found out when it is heard
            pipe.send(chunk)
        self.busy[pipe] = chunk

    def hear(self, pipe: Pipe) -> None:
        """Take a word from a process, or its silence."""
        try:
            word, content = pipe.recv()
        except (EOFError, OSError):
            self.bury(pipe)
            return
        if word == "error":
            raise content
        if word == "fault":
            raise RuntimeError(f"in a worker process:\n{content}")
        if word == "run":
            if content not in self.over:
                self.over.add(content)
                self.report(content)
            return
        del self.busy[pipe]
        self.lost_in_a_row = 0
        self.chunks_done[pipe] += 1
        if self.chunks_done[pipe] < _CHUNKS_PER_PROCESS:
            self.hand_out(pipe)
        elif self.waiting:
            ended({pipe: self.processes.pop(pipe)})
            self.engage()

    def bury(self, pipe: Pipe) -> None:
        """Put the chunk of a dead process back, or give it up; start another process."""
        process, chunk = self.processes.pop(pipe), self.busy.pop(pipe)
        process.join()
        pipe.close()
        key = tuple(chunk)
        self.deaths[key] += 1
        _log.warning(
            "warning: the process of runs %s ended unexpectedly (%s)",
            runs_text(chunk),
            _cause(process.exitcode),
        )
        if self.deaths[key] < self.most_deaths:
            self.waiting.append(chunk)
        else:
            self.lost[key] = process.exitcode
            self.lost_in_a_row += 1
            if self.lost_in_a_row >= _LOST_IN_A_ROW:
                raise _given_up(self.lost)
        if self.waiting:
            self.engage()


def _given_up(lost: Mapping[tuple[int, ...], int | None]) -> StateError:
    runs = sorted(run for chunk in lost for run in chunk)
    cause = _cause(next(iter(lost.values())))
    return StateError(
        f"given up after processes died on them again and again ({cause}); all else that was done "
        "is stored",
        where=f"runs {runs_text(runs)}",
        expected="enough memory for all processes (fewer: --jobs 1), or smaller chunks "
        "(--chunk 1), which tell which run it is",
    )


def _cause(code: int | None) -> str:
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"


def _serve(pipe: Pipe, folder: str, most_bytes: int | None) -> None:
    """Do chunks as they come until the pipe breaks."""
    if most_bytes is not None:
        _bound_memory(most_bytes)
    os.environ.update(dict.fromkeys(THREADS, "1"))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Ended by an exception, so that what is done is published on the way out.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    with contextlib.suppress(EOFError, OSError):
        while True:
            pipe.send(_answer(pipe, Path(folder), pipe.recv()))


def _bound_memory(most_bytes: int) -> None:
    """Have a run that wants more fail, instead of the machine running out of memory."""
    if sys.platform == "win32":
        return  # it knows no such bounds
    import resource

    with contextlib.suppress(ValueError, OSError):  # the system will not have it
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        if most != resource.RLIM_INFINITY:
            most_bytes = min(most_bytes, most)
        resource.setrlimit(resource.RLIMIT_DATA, (most_bytes, most))


def _answer(pipe: Pipe, folder: Path, chunk: list[int]) -> tuple[str, Any]:
    try:
        # When the driver is gone, its end of the pipe is, too, and the chunk ends with this run.
        return "done", work(folder, chunk, lambda number: pipe.send(("run", number)))
    except ConcordError as error:
        return "error", error
    except Exception:
        return "fault", traceback.format_exc()
