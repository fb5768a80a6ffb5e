"""Where the workers of the dask engine are: on this machine, of a scheduler, or Slurm jobs."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import signal
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from experiments.sweep.engines.local import processors
from experiments.sweep.worker import THREADS
from sim.errors import ConfigError, unknown

__all__ = ["check", "client_of", "deaf", "local_cluster", "slurm_cluster"]

_CLUSTERS = ("local", "slurm")
_JOBS = 8


def check(options: Mapping[str, Any]) -> None:
    """See to it that what the options ask for is installed.

    Raises
    ------
    ConfigError
        It is not, or there is no such kind of cluster.
    """
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
def client_of(folder: Path, options: Mapping[str, Any]) -> Iterator[Any]:
    """A client of the workers, which are ended with it when they are ours.

    Raises
    ------
    ConfigError
        No scheduler answers.
    """
    from distributed import Client

    with contextlib.ExitStack() as stack:
        place: Any = options["address"]
        if place is None:
            make = local_cluster if options["cluster"] == "local" else slurm_cluster
            place = stack.enter_context(make(folder, options))
        else:
            place = _answering(str(place), float(options["wait_seconds"]))
        client = Client(place, timeout=options["wait_seconds"], set_as_default=False)
        yield stack.enter_context(client)


def _answering(place: str, seconds: float) -> str:
    """The address of a scheduler, which has answered within so many seconds.

    Asked by ourselves: a client waits for ever where a connection is taken and nothing is said, and
    believes what something else says that listens there.
    """
    try:
        if Path(place).is_file():
            place = str(json.loads(Path(place).read_text("utf-8"))["address"])
        asyncio.run(asyncio.wait_for(_ask(place, seconds), seconds))
    except (OSError, ValueError, KeyError, TypeError, MemoryError) as error:
        why = f"nothing in {seconds:g} s" if isinstance(error, TimeoutError) else str(error)
        raise ConfigError(
            f"no dask scheduler answers at {place} ({why})",
            where="launcher.address",
            expected="such as tcp://host:8786, or a scheduler file that is there; "
            "launcher.wait_seconds is how long to wait",
        ) from None
    return place


async def _ask(address: str, seconds: float) -> None:
    from distributed.comm import connect
    from distributed.security import Security

    how = Security().get_connection_args("client")
    comm = await connect(address, timeout=seconds, **how)
    try:
        await comm.write({"op": "identity", "reply": True})
        if (await comm.read()).get("type") != "Scheduler":
            raise ValueError("it is no scheduler")
    finally:
        comm.abort()


def local_cluster(_: Path, options: Mapping[str, Any]) -> Any:
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
def slurm_cluster(folder: Path, options: Mapping[str, Any]) -> Iterator[Any]:
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


def deaf() -> Any:
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
