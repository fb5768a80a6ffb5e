"""Several runs at once, each in a process of its own, ended cleanly whatever happens.

Not `concurrent.futures`: its workers outlive a killed parent, print tracebacks on Ctrl-C and give
no word while they work. Here each worker has a pipe to the parent: jobs go in, progress and results
come out, and when the pipe breaks the worker ends.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from typing import Any, TypeVar, cast

from sim.errors import ConcordError, StateError

if sys.platform == "win32":
    from multiprocessing.connection import PipeConnection as Pipe
else:
    from multiprocessing.connection import Connection as Pipe

__all__ = ["Pipe", "ended", "run_all", "started"]

J = TypeVar("J")
R = TypeVar("R")
Work = Callable[[J, Callable[[int, int], None]], R]
OnProgress = Callable[[int, float], None]

_SECONDS_BETWEEN_WORDS = 0.1
_SECONDS_TO_END = 3.0
_UNSTORED = 0.99  # share done when the last step is, and the result is not stored yet


def run_all(
    work: Work[J, R], jobs: Sequence[J], workers: int, on_progress: OnProgress | None = None
) -> list[R]:
    """Do all jobs, in the order given as far as workers are free.

    Parameters
    ----------
    work
        Function of the job and of a callback (steps done, steps in all); importable by name.
    jobs
        What to do.
    workers
        Processes at most; with one, or one job, the work is done in this process.
    on_progress
        Called with the position of a job and the share of it that is done (0–1).

    Returns
    -------
    list
        Results in the order of the jobs.

    Raises
    ------
    ConcordError
        The first that a job raised; the other workers are ended.
    """
    told = on_progress or (lambda position, share: None)
    if workers <= 1 or len(jobs) <= 1:
        return [_here(work, job, position, told) for position, job in enumerate(jobs)]
    results: dict[int, R] = {}
    waiting = list(enumerate(jobs))[::-1]
    with _processes(work, min(workers, len(jobs))) as processes:
        busy: dict[Pipe, int] = {}
        for pipe in processes:
            _hand_out(pipe, waiting, busy)
        while busy:
            for pipe in cast("list[Pipe]", wait(list(busy))):
                word, content = _hear(pipe, processes[pipe])
                if word == "step":
                    told(busy[pipe], content)
                    continue
                results[busy[pipe]] = content
                told(busy.pop(pipe), 1.0)
                _hand_out(pipe, waiting, busy)
    return [results[position] for position in range(len(jobs))]


def _here(work: Work[J, R], job: J, position: int, told: OnProgress) -> R:
    result = work(job, lambda done, total: told(position, _UNSTORED * done / total))
    told(position, 1.0)
    return result


def _hand_out(pipe: Pipe, waiting: list[tuple[int, Any]], busy: dict[Any, int]) -> None:
    if waiting:
        position, job = waiting.pop()
        with contextlib.suppress(OSError):  # a dead worker is found out when it is heard
            pipe.send(job)
        busy[pipe] = position


def _hear(pipe: Pipe, process: SpawnProcess) -> tuple[str, Any]:
    try:
        word, content = pipe.recv()
    except (EOFError, OSError):
        process.join()
        raise StateError(
            f"a worker process ended unexpectedly (exit code {process.exitcode})",
            expected="enough memory for all workers; try --jobs 1",
        ) from None
    if word == "error":
        raise content
    if word == "fault":
        raise RuntimeError(f"in a worker process:\n{content}")
    return word, content


@contextlib.contextmanager
def _processes(work: Work[J, R], count: int) -> Iterator[dict[Pipe, SpawnProcess]]:
    """Start workers, and see to it that none is left."""
    running: dict[Pipe, SpawnProcess] = {}
    try:
        for _ in range(count):
            pipe, process = started(_worker, work)
            running[pipe] = process
        yield running
    finally:
        ended(running)


def started(main: Callable[..., None], *args: Any) -> tuple[Pipe, SpawnProcess]:
    """Start a process with a pipe to it.

    Parameters
    ----------
    main
        Called in the process with its end of the pipe and `args`; importable by name.

    Returns
    -------
    tuple
        Our end of the pipe, and the process, which does not hear Ctrl-C.
    """
    context = multiprocessing.get_context("spawn")  # fork would copy threads of numerical libraries
    ours, theirs = context.Pipe()
    with _without_ctrl_c():
        process = context.Process(target=main, args=(theirs, *args), daemon=True)
        process.start()
    theirs.close()
    return ours, process


def ended(running: dict[Pipe, SpawnProcess], patience: float = _SECONDS_TO_END) -> None:
    """End processes: first with a word (SIGTERM), after some seconds without."""
    for process in running.values():
        process.terminate()
    deadline = time.monotonic() + patience
    for process in running.values():
        process.join(max(0.0, deadline - time.monotonic()))
        if process.is_alive():
            process.kill()
            process.join()
    for pipe in running:
        pipe.close()


@contextlib.contextmanager
def _without_ctrl_c() -> Iterator[None]:
    """Processes started in here never hear Ctrl-C: the parent does, and ends them."""
    try:
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    except ValueError:  # not the main thread, which alone hears signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _worker(pipe: Pipe, work: Work[Any, Any]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Ended by an exception, so that drafts on the disk are taken away on the way out.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    with contextlib.suppress(EOFError, OSError):
        while True:
            job = pipe.recv()
            pipe.send(_answer(pipe, work, job))
    # Nothing is left to clean up: a signal that comes during the shutdown may end it at once.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _answer(pipe: Pipe, work: Work[Any, Any], job: Any) -> tuple[str, Any]:
    last = 0.0

    def on_step(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last > _SECONDS_BETWEEN_WORDS:
            last = now
            pipe.send(("step", _UNSTORED * done / total))

    try:
        return "done", work(job, on_step)
    except ConcordError as error:
        return "error", error
    except Exception:
        return "fault", traceback.format_exc()
