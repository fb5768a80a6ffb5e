"""The dask engine: its results are those of any other, whatever happens to its workers."""

from __future__ import annotations

import builtins
import contextlib
import json
import logging
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from experiments.library import Library
from experiments.sweep.engines import local
from experiments.sweep.engines.clusters import local_cluster
from experiments.sweep.plan import Plan
from experiments.sweep.planning import plan_of
from experiments.sweep.request import request_of
from experiments.sweep.store import missing, read
from sim.dataset import parquet_bytes
from sim.errors import ConfigError, StateError, StorageError

pytest.importorskip("distributed", reason="needs pip install 'concord-sim[cluster]'")

from experiments.sweep.engines import dask as engine

ROOT = Path(__file__).parents[2]
CHUNK = 3
# What is asked of libraries, not of ours: dask leaves its sockets to the garbage collector.
pytestmark = pytest.mark.filterwarnings("default::ResourceWarning")


@pytest.fixture(scope="module")
def asked() -> Any:
    kept = {"ANDEAN", "WTO"}
    drop = [f"~organisation.{code}" for code in Library.of().charters() if code not in kept]
    own = ["quarters=2", "parameters.trade_elasticity=3,5", "seeds=6", *drop]
    return request_of([*own, "launcher=dask", "launcher.workers=2"])


@pytest.fixture(scope="module")
def plan(asked: Any) -> Plan:
    return plan_of(asked)


@pytest.fixture(scope="module")
def chunks(plan: Plan) -> list[list[int]]:
    return [list(range(first, first + CHUNK)) for first in range(0, plan.runs, CHUNK)]


@pytest.fixture(scope="module")
def by_local(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The table as the local engine makes it, with chunks of another size."""
    folder = tmp_path_factory.mktemp("local")
    plan.write(folder)
    local.run(folder, [list(range(plan.runs))], {"jobs": 1}, lambda run: None)
    return table(plan, folder)


@pytest.fixture
def folder(plan: Plan, tmp_path: Path) -> Path:
    plan.write(tmp_path / "sweep")
    return tmp_path / "sweep"


def table(plan: Plan, folder: Path) -> bytes:
    assert missing(plan, folder) == []
    return parquet_bytes(read(plan, folder))


def children() -> list[int]:
    """The worker processes that this process has."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                parent = (entry / "stat").read_text().rsplit(")", 1)[1].split()[1]
                line = (entry / "cmdline").read_bytes()
            except (OSError, IndexError):
                continue
            if parent == str(os.getpid()) and b"spawn_main" in line:
                found.append(int(entry.name))
    return sorted(found)


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")


@needs_proc
def test_a_killed_worker_costs_nothing_but_time(
    asked: Any, plan: Plan, chunks: list[list[int]], folder: Path, by_local: bytes
) -> None:
    told: list[int] = []
    killed: list[int] = []

    def report(run: int) -> None:
        told.append(run)
        if not killed:
            killed.append(children()[0])
            os.kill(killed[0], signal.SIGKILL)

    engine.run(folder, chunks, asked.launcher, report)
    assert killed
    assert sorted(told) == list(range(plan.runs))  # each once, though some were run again
    assert table(plan, folder) == by_local
    assert children() == []


@needs_proc
def test_a_chunk_that_takes_its_workers_with_it_is_given_up(
    asked: Any, plan: Plan, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Out of memory, a broken library: the other chunks are done."""
    monkeypatch.setattr(engine, "_task", _deadly)
    options = {**asked.launcher, "deaths": 1}
    with pytest.raises(StateError) as caught:
        engine.run(folder, [[0], [3, 4, 5], [1], [2]], options, lambda run: None)
    assert caught.value.where == "runs 3-5"
    assert missing(plan, folder) == list(range(3, plan.runs))


def _deadly(folder: str, runs: list[int], token: str) -> None:
    from experiments.sweep.worker import work

    if 4 in runs:
        os.kill(os.getpid(), signal.SIGKILL)
    work(Path(folder), runs)


# ------------------------------------------------------------------ a scheduler that is there


@pytest.fixture(scope="module")
def cluster(asked: Any) -> Iterator[Any]:
    """Two workers that serve several sweeps."""
    with local_cluster(Path(), asked.launcher) as started:
        yield started


@pytest.fixture
def options(asked: Any, cluster: Any) -> dict[str, Any]:
    return {**asked.launcher, "address": cluster.scheduler_address}


def test_a_scheduler_that_is_there_is_used_and_left_alone(
    options: dict[str, Any], plan: Plan, chunks: list[list[int]], folder: Path, by_local: bytes,
    cluster: Any, tmp_path: Path,
) -> None:  # fmt: skip
    from distributed import Client

    engine.run(folder, chunks[1:], options, lambda run: None)
    assert missing(plan, folder) == chunks[0]
    file = tmp_path / "scheduler.json"
    file.write_text(json.dumps({"address": cluster.scheduler_address, "workers": {}}))
    engine.run(folder, chunks[:1], {**options, "address": str(file)}, lambda run: None)
    with Client(cluster.scheduler_address, set_as_default=False) as client:
        assert len(client.nthreads()) == 2
    assert table(plan, folder) == by_local


def test_interrupted_it_stores_what_is_done(
    options: dict[str, Any], plan: Plan, folder: Path, by_local: bytes
) -> None:
    told: list[int] = []

    def report(run: int) -> None:
        told.append(run)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine.run(folder, [list(range(plan.runs))], options, report)
    left = missing(plan, folder)
    assert 0 < len(left) < plan.runs
    assert not set(told) & set(left)
    engine.run(folder, [left], options, lambda run: None)
    assert table(plan, folder) == by_local


def test_what_a_worker_says_of_the_folder_ends_the_sweep(
    options: dict[str, Any], folder: Path
) -> None:
    (folder / "manifest.json").write_text("{}")
    with pytest.raises(StorageError, match="not a manifest"):
        engine.run(folder, [[0], [1]], options, lambda run: None)


def test_workers_that_cannot_do_it_are_told(
    options: dict[str, Any], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_task", _unable)
    with pytest.raises(StateError, match=r"cannot do runs 0-2: ModuleNotFoundError: .*all workers"):
        engine.run(folder, [[0, 1, 2]], options, lambda run: None)


def _unable(folder: str, runs: list[int], token: str) -> None:
    raise ModuleNotFoundError("No module named 'sim'")


# ------------------------------------------------------------------ what is missing


def test_no_dask_is_said(
    options: dict[str, Any], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.split(".", maxsplit=1)[0] in {"dask", "distributed", "dask_jobqueue"}:
            raise ImportError(name)
        return whole(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ConfigError, match=r"distributed is not installed.*concord-sim\[cluster\]"):
        engine.run(folder, [[0]], options, lambda run: None)


def test_the_engine_is_imported_without_dask() -> None:
    """The command line starts at once, and other engines work where dask is not installed."""
    code = (
        "import sys, experiments.sweep.engines.dask as e; "
        "sys.exit(any(m in sys.modules for m in ('dask', 'distributed', 'dask_jobqueue')))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    assert not subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"address": "tcp://127.0.0.1:9", "wait_seconds": 2}, "no dask scheduler answers"),
        ({"address": "nonsense://x", "wait_seconds": 2}, "no dask scheduler answers"),
        ({"cluster": "slum", "address": None}, "unknown cluster 'slum'"),
    ],
)
def test_no_scheduler_is_said(
    change: dict[str, Any], said: str, options: dict[str, Any], folder: Path
) -> None:
    began = time.monotonic()
    with pytest.raises(ConfigError, match=said):
        engine.run(folder, [[0]], {**options, **change}, lambda run: None)
    assert time.monotonic() - began < 20


@pytest.fixture
def listener() -> Iterator[tuple[str, list[bytes]]]:
    """An address where connections are taken and given a fixed answer, by default none."""
    answer: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        held = []

        def serve() -> None:
            with contextlib.suppress(OSError):  # the server is closed
                while True:
                    held.append(server.accept()[0])
                    held[-1].sendall(b"".join(answer))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}", answer
        server.shutdown(socket.SHUT_RDWR)
        thread.join(10)
        for one in held:
            one.close()


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_what_listens_and_is_no_scheduler_is_said(
    listener: tuple[str, list[bytes]], answer: bytes, asked: Any, folder: Path
) -> None:
    address, answers = listener
    answers.append(answer)
    options = {**asked.launcher, "address": address, "wait_seconds": 2}
    began = time.monotonic()
    with pytest.raises(ConfigError, match="no dask scheduler answers"):
        engine.run(folder, [[0]], options, lambda run: None)
    assert time.monotonic() - began < 20


def test_a_worker_is_no_scheduler(cluster: Any, asked: Any, folder: Path) -> None:
    address = next(iter(cluster.scheduler_info["workers"]))
    with pytest.raises(ConfigError, match="it is no scheduler"):
        engine.run(folder, [[0]], {**asked.launcher, "address": address}, lambda run: None)


def test_nobody_waits_longer_than_half_a_minute_unasked(asked: Any) -> None:
    assert asked.launcher["wait_seconds"] <= 30


def test_no_worker_is_said(
    asked: Any, folder: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed import LocalCluster

    caplog.set_level(logging.WARNING, "concord")
    logging.getLogger("concord").propagate = True
    with LocalCluster(n_workers=0, dashboard_address=":0", silence_logs=logging.CRITICAL) as empty:
        options = {**asked.launcher, "address": empty.scheduler_address, "wait_seconds": 1}
        done: list[int] = []
        warn: Callable[..., None] = engine._log.warning

        def then_a_worker(*args: Any) -> None:
            warn(*args)
            empty.scale(1)

        monkeypatch.setattr(engine._log, "warning", then_a_worker)
        engine.run(folder, [[0]], options, done.append)
    assert "there is no dask worker;" in caplog.text
    assert done == [0]


def test_errors_of_workers_arrive_as_they_are() -> None:
    """Words, place and expectation of an error survive the way to the driver."""
    error = StorageError("the disk is full", where="chunks", expected="free space")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.where, again.expected) == (str(error), "chunks", "free space")
