"""Chunks of a sweep as tasks of dask workers: on this machine, of a scheduler, or as Slurm jobs.

Dask may do a task again when it has lost the worker that did it. That is harmless: a chunk's file
has the same name and the same bytes whoever writes it. Results never travel; workers publish them.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from experiments.sweep.engines.clusters import check, client_of, deaf
from experiments.sweep.worker import runs_text
from sim.errors import ConcordError, StateError

__all__ = ["run"]

_log = logging.getLogger("concord")

_SECONDS_TO_PUBLISH = 30.0
_SECONDS_BETWEEN_LOOKS = 2.0
_STOPPED: set[str] = set()  # sweeps that this worker is to leave alone, by their token


class _Stopped(Exception):  # noqa: N818  not an error
    """The sweep was interrupted; what is done is published."""


def run(
    folder: Path,
    chunks: Sequence[Sequence[int]],
    options: Mapping[str, Any],
    report: Callable[[int], None],
) -> None:
    """Do chunks of a sweep with dask workers, and wait for them.

    Parameters
    ----------
    folder
        The sweep's folder, on a disk that all workers see.
    chunks
        Numbers of runs.
    options
        The keys of ``scenarios/launcher/dask.yaml``.
    report
        Called with the number of each run that is over.

    Raises
    ------
    ConfigError
        Dask is not installed, the scheduler does not answer, or an option will not do.
    StorageError
        What a worker says of the folder.
    StateError
        Chunks were given up, all others being done; or the workers cannot do the work at all,
        such as when Concord is not installed there.
    """
    check(options)
    from dask import config

    place = Path(folder).resolve()
    settings = {"distributed.scheduler.allowed-failures": max(int(options["deaths"]) - 1, 0)}
    with config.set(settings), client_of(place, options) as client:
        _Driver(client, place, dict(options), report).over(chunks)


@dataclass
class _Driver:
    """Hands out chunks and listens until all of them are over.

    No more of them are with dask than its workers have threads: of a worker that dies, all chunks
    that it was given count as suspects, and those that it did not do are innocent.
    """

    client: Any
    folder: Path
    options: dict[str, Any]
    report: Callable[[int], None]
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    waiting: list[list[int]] = field(default_factory=list)
    busy: dict[str, tuple[Any, list[int]]] = field(default_factory=dict)
    told: set[int] = field(default_factory=set)
    lost: list[int] = field(default_factory=list)
    # Words of runs come from the client's thread, those of chunks from one of its own.
    words: queue.SimpleQueue[tuple[str, Any]] = field(default_factory=queue.SimpleQueue)

    def over(self, chunks: Sequence[Sequence[int]]) -> None:
        """Have all chunks done; stopped by an error or Ctrl-C, have what is done published."""
        self.waiting = [list(runs) for runs in reversed(chunks)]
        put = self.words.put
        self.client.subscribe_topic(_topic(self.token), lambda event: put(("run", event[1])))
        if self.options["address"] is None and self.options["cluster"] == "local":
            self.client.register_plugin(deaf())
        try:
            self._listen()
        except BaseException:
            self._stop()
            raise
        if self.lost:
            raise StateError(
                "given up after workers died on them again and again; all else that was done is "
                "stored",
                where=f"runs {runs_text(self.lost)}",
                expected="more memory for each worker (launcher.memory_gb), or smaller chunks "
                "(launcher.chunk=1), which tell which run it is",
            )

    def _listen(self) -> None:
        patience, heard = float(self.options["wait_seconds"]), time.monotonic()
        while self.waiting or self.busy:
            threads = self._hand_out()
            try:
                word, content = self.words.get(timeout=min(patience, _SECONDS_BETWEEN_LOOKS))
            except queue.Empty:
                if not threads and time.monotonic() - heard > patience:
                    _log.warning("warning: there is no dask worker; the sweep waits for one")
                    patience = float("inf")  # said once
                continue
            heard = time.monotonic()
            if word == "run":
                self._tell([content])
                continue
            future, runs = self.busy.pop(content)
            if future.status == "finished":
                self._tell(runs)
            else:
                self._judge(future, runs)
            future.release()  # else dask does it again when its worker is lost

    def _hand_out(self) -> int:
        """Give chunks to workers that have none; return how many threads there are."""
        threads = int(sum(self.client.nthreads().values()))
        while self.waiting and len(self.busy) < max(threads, 1):
            runs = self.waiting.pop()
            key = f"{_topic(self.token)}-{runs[0]}"
            future = self.client.submit(
                _task, str(self.folder), runs, self.token, key=key, pure=False
            )
            self.busy[key] = future, runs
            future.add_done_callback(lambda one: self.words.put(("chunk", one.key)))
        return threads

    def _tell(self, runs: Sequence[int]) -> None:
        for one in runs:
            if one not in self.told:  # a task that is done again tells of its runs again
                self.told.add(one)
                self.report(one)

    def _judge(self, future: Any, runs: Sequence[int]) -> None:
        """Go on without a chunk that takes its workers with it; any other error ends the sweep."""
        from distributed.scheduler import KilledWorker

        if future.status == "cancelled":
            raise StateError("the dask scheduler was closed", where="launcher=dask")
        error = future.exception()
        if isinstance(error, KilledWorker):
            _log.warning("warning: workers died of runs %s, which are given up", runs_text(runs))
            self.lost += runs
        elif isinstance(error, ConcordError):
            raise error
        else:
            raise StateError(
                f"a dask worker cannot do runs {runs_text(runs)}: {type(error).__name__}: {error}",
                where="launcher=dask",
                expected="this version of Concord and its libraries on all workers",
            )

    def _stop(self) -> None:
        """Have workers publish what they have done and leave the rest."""
        from distributed import wait

        if not self.busy:
            return
        futures = [future for future, _ in self.busy.values()]
        _log.warning("stopping; runs that are under way are completed and stored")
        with contextlib.suppress(Exception):  # there is nobody to tell any more
            self.client.run(_stop_here, self.token, on_error="ignore")
            with self.client.as_current():
                wait(futures, timeout=_SECONDS_TO_PUBLISH)
        with contextlib.suppress(Exception):
            self.client.cancel(futures)


def _topic(token: str) -> str:
    return f"concord-{token}"


def _task(folder: str, runs: list[int], token: str) -> None:
    """Do a chunk, in a worker."""
    from distributed import get_worker

    from experiments.sweep.worker import work

    worker = get_worker()

    def on_run(one: int) -> None:
        worker.log_event(_topic(token), one)
        if token in _STOPPED:
            raise _Stopped

    if token not in _STOPPED:
        with contextlib.suppress(_Stopped):
            work(Path(folder), runs, on_run)


def _stop_here(token: str) -> None:
    """Have this worker do no more runs of a sweep."""
    _STOPPED.add(token)
