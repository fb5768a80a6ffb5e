"""Chunks of a sweep as tasks of dask workers: on this machine, of a scheduler, or as Slurm jobs.

Dask may do a task again when it has lost the worker that did it. That is harmless: a chunk's file
has the same name and the same bytes whoever writes it. Results never travel; workers publish them.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import secrets
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from experiments.sweep.engines.local import processors
from experiments.sweep.worker import THREADS, runs_text
from sim.errors import ConcordError, ConfigError, StateError, unknown

__all__ = ["run"]

_log = logging.getLogger("concord")

_CLUSTERS = ("local", "slurm")
_JOBS = 8
_SECONDS_TO_PUBLISH = 30.0
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
    _check(options)
    from dask import config

    place = Path(folder).resolve()
    settings = {
        "distributed.scheduler.allowed-failures": max(int(options["deaths"]) - 1, 0),
        # A worker has the chunk that it does and no other, so that its death counts for one.
        "distributed.scheduler.worker-saturation": 1.0,
    }
    with config.set(settings), _client(place, options) as client:
        _Driver(client, place, dict(options), report).over(chunks)


def _check(options: Mapping[str, Any]) -> None:
    needed = ["distributed"]
    if options["address"] is None and options["cluster"] not in _CLUSTERS:
        raise unknown("cluster", str(options["cluster"]), _CLUSTERS, "launcher.cluster")
    if options["address"] is None and options["cluster"] == "slurm":
        needed.append("dask_jobqueue")
    for module in needed:
        try:
            __import__(module)
        except ImportError:
            raise ConfigError(
                f"{module.replace('_', '-')} is not installed",
                where="launcher=dask",
                expected="pip install 'concord-sim[cluster]'",
            ) from None


@contextlib.contextmanager
def _client(folder: Path, options: Mapping[str, Any]) -> Iterator[Any]:
    """A client of the workers, which are ended with it when they are ours."""
    from distributed import Client

    with contextlib.ExitStack() as stack:
        place: Any = options["address"]
        if place is None:
            make = _local if options["cluster"] == "local" else _slurm
            place = stack.enter_context(make(folder, options))
        elif Path(str(place)).is_file():
            place = {"scheduler_file": str(place)}
        how = place if isinstance(place, dict) else {"address": place}
        try:
            client = Client(**how, timeout=options["wait_seconds"], set_as_default=False)
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"no dask scheduler answers at {options['address']} ({error})",
                where="launcher.address",
                expected="such as tcp://host:8786, or a scheduler file that is there",
            ) from None
        yield stack.enter_context(client)


def _local(_: Path, options: Mapping[str, Any]) -> Any:
    """Processes on this machine, started anew when they die."""
    from distributed import LocalCluster

    return LocalCluster(
        n_workers=int(options["workers"] or processors()),
        threads_per_worker=1,
        processes=True,
        memory_limit=_bytes(options),
        dashboard_address=":0",
        silence_logs=logging.CRITICAL,
        env=dict.fromkeys(THREADS, "1"),
    )


@contextlib.contextmanager
def _slurm(folder: Path, options: Mapping[str, Any]) -> Iterator[Any]:
    """Jobs on a Slurm cluster, one worker each; a job that ends is replaced."""
    from dask_jobqueue import SLURMCluster

    root, minutes = Path(__file__).parents[3], int(options["timeout_min"])
    with SLURMCluster(
        queue=options["partition"],
        account=options["account"],
        interface=options["interface"],
        cores=1,
        processes=1,
        memory=f"{options['memory_gb']} GB",
        walltime=f"{minutes // 60:02d}:{minutes % 60:02d}:00",
        job_name="concord-dask",
        job_extra_directives=[str(line) for line in options["sbatch"]],
        job_script_prologue=[
            *map(str, options["setup"]),
            f'export PYTHONPATH="{root}${{PYTHONPATH:+:$PYTHONPATH}}"',
            *(f"export {name}=1" for name in THREADS),
        ],
        # Leave before the time is up, with the chunk at hand done.
        worker_extra_args=["--lifetime", f"{max(minutes * 50, 30)}s"],
        log_directory=str(folder / "dask"),
        python=sys.executable,
        scheduler_options={"dashboard_address": ":0"},
        silence_logs=logging.CRITICAL,
    ) as cluster:
        jobs = int(options["workers"] or _JOBS)
        cluster.adapt(minimum_jobs=jobs, maximum_jobs=jobs)
        yield cluster


def _bytes(options: Mapping[str, Any]) -> int:
    return int(float(options["memory_gb"]) * 2**30)


@dataclass
class _Driver:
    """Hands out chunks and listens until all of them are over."""

    client: Any
    folder: Path
    options: dict[str, Any]
    report: Callable[[int], None]
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    told: set[int] = field(default_factory=set)
    lost: list[int] = field(default_factory=list)

    def over(self, chunks: Sequence[Sequence[int]]) -> None:
        """Have all chunks done; stopped by an error or Ctrl-C, have what is done published."""
        # Words of runs come from the client's thread, those of chunks from one of its own.
        words: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        topic = f"concord-{self.token}"
        self.client.subscribe_topic(topic, lambda event: words.put(("run", event[1])))
        if self.options["address"] is None and self.options["cluster"] == "local":
            self.client.register_plugin(_deaf())
        left: dict[str, tuple[Any, list[int]]] = {}
        for number, runs in enumerate(chunks):
            given = (str(self.folder), list(runs), self.token)
            # The order of the plan: of two tasks that wait, dask does that of higher priority.
            future = self.client.submit(
                _task, *given, key=f"{topic}-{number}", pure=False, priority=-number
            )
            left[future.key] = future, list(runs)
            future.add_done_callback(lambda one: words.put(("chunk", one.key)))
        try:
            self._listen(words, left)
        except BaseException:
            self._stop([future for future, _ in left.values()])
            raise
        if self.lost:
            raise StateError(
                "given up after workers died on them again and again; all else that was done is "
                "stored",
                where=f"runs {runs_text(self.lost)}",
                expected="more memory for each worker (launcher.memory_gb), or smaller chunks "
                "(launcher.chunk=1), which tell which run it is",
            )

    def _listen(self, words: Any, left: dict[str, tuple[Any, list[int]]]) -> None:
        pause = float(self.options["wait_seconds"])
        heard, was_told = time.monotonic(), False
        while left:
            try:
                word, content = words.get(timeout=min(pause, 5.0))
            except queue.Empty:
                is_late = time.monotonic() - heard > pause and not was_told
                if is_late and not self.client.nthreads():
                    was_told = True
                    _log.warning("warning: there is no dask worker yet; the sweep waits for one")
                continue
            heard = time.monotonic()
            if word == "run":
                self._tell([content])
                continue
            future, runs = left.pop(content)
            if future.status == "finished":
                self._tell(runs)
            else:
                self._judge(future, runs)
            future.release()  # else dask does it again when its worker is lost

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

    def _stop(self, futures: Sequence[Any]) -> None:
        """Have workers publish what they have done and leave the rest."""
        from distributed import wait

        if not futures:
            return
        _log.warning("stopping; runs that are under way are completed and stored")
        with contextlib.suppress(Exception):  # there is nobody to tell any more
            self.client.run(_stop_here, self.token, on_error="ignore")
            with self.client.as_current():
                wait(futures, timeout=_SECONDS_TO_PUBLISH)
        with contextlib.suppress(Exception):
            self.client.cancel(list(futures))


def _task(folder: str, runs: list[int], token: str) -> None:
    """Do a chunk, in a worker."""
    from distributed import get_worker

    from experiments.sweep.worker import work

    worker = get_worker()

    def on_run(one: int) -> None:
        worker.log_event(f"concord-{token}", one)
        if token in _STOPPED:
            raise _Stopped

    if token not in _STOPPED:
        with contextlib.suppress(_Stopped):
            work(Path(folder), runs, on_run)


def _stop_here(token: str) -> None:
    """Have this worker do no more runs of a sweep."""
    _STOPPED.add(token)


def _deaf() -> Any:
    """A plugin for workers on this machine: they never hear Ctrl-C, which the driver does."""
    from distributed import WorkerPlugin

    class Deaf(WorkerPlugin):
        name = "concord-deaf"
        idempotent = True

        def setup(self, worker: Any) -> None:
            del worker
            with contextlib.suppress(ValueError):  # only the main thread may, and it alone hears
                signal.signal(signal.SIGINT, signal.SIG_IGN)

    return Deaf()
