"""A complete sweep is packed into few files; every run is in a whole file at any moment."""

from __future__ import annotations

import errno
import os
import random
import socket
from pathlib import Path
from typing import Any

import pytest

import sim.atomic
from analysis import sweeps
from analysis.sweeps import load_sweep
from experiments.sweep import store
from experiments.sweep.drive import settle
from experiments.sweep.failures import record_failure
from experiments.sweep.plan import Plan
from experiments.sweep.store import inventory, pack, publish
from sim.errors import StorageError


@pytest.fixture
def plan(plan_with: Any, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """Twelve runs, to be packed by fives."""
    monkeypatch.setattr(store, "_PACKED", 5)
    plan: Plan = plan_with(variants=[{}, {"quarters": 3}], replicates=6)
    return plan


@pytest.fixture
def put(plan: Plan, summary: Any) -> Any:
    """``put(folder, size, but=())``: publish made-up results of all runs, by `size`, shuffled."""

    def publish_all(folder: Path, size: int, but: tuple[int, ...] = ()) -> None:
        plan.write(folder)
        chunks = [range(n, min(n + size, plan.runs)) for n in range(0, plan.runs, size)]
        random.Random(size).shuffle(chunks)
        for chunk in chunks:
            runs = {run: summary(plan, run) for run in chunk if run not in but}
            publish(folder, plan, runs)

    return publish_all


def contents(folder: Path) -> dict[str, bytes]:
    """Name → bytes of all that lies among the chunks."""
    return {file.name: file.read_bytes() for file in sorted((folder / "chunks").iterdir())}


def rows(folder: Path) -> bytes:
    frame = load_sweep(folder, at=None)
    return frame.to_csv(float_format="%.9g").encode()


def test_files_are_the_same_whoever_made_which_chunk(plan: Plan, put: Any, tmp_path: Path) -> None:
    found = []
    for size in (1, 5, 7, 12):
        folder = tmp_path / f"by{size}"
        put(folder, size)
        before = rows(folder)
        settle(plan, folder, False)
        assert rows(folder) == before
        found.append(contents(folder))
        assert inventory(plan, folder).done == set(range(12))
    assert len(found[0]) == 3
    assert all(one == found[0] for one in found)


def test_what_is_packed_is_left_alone(plan: Plan, put: Any, tmp_path: Path) -> None:
    put(tmp_path, 2)
    assert pack(plan, tmp_path, inventory(plan, tmp_path))
    written = {file: file.stat().st_mtime_ns for file in (tmp_path / "chunks").iterdir()}
    assert not pack(plan, tmp_path, inventory(plan, tmp_path))
    assert {file: file.stat().st_mtime_ns for file in (tmp_path / "chunks").iterdir()} == written


def test_what_is_not_complete_is_not_packed(plan: Plan, put: Any, tmp_path: Path) -> None:
    put(tmp_path, 2, but=(3,))
    before = contents(tmp_path)
    settle(plan, tmp_path, False)
    assert contents(tmp_path) == before


def test_a_run_that_succeeds_after_all_is_packed_with_its_neighbours(
    plan: Plan, put: Any, tmp_path: Path, summary: Any
) -> None:
    put(tmp_path / "late", 2, but=(3,))
    record_failure(tmp_path / "late", plan, 3, "no equilibrium")
    assert settle(plan, tmp_path / "late", True).done == set(range(12)) - {3}
    assert len(contents(tmp_path / "late")) == 3
    publish(tmp_path / "late", plan, {3: summary(plan, 3)})
    settle(plan, tmp_path / "late", False)
    put(tmp_path / "once", 2)
    settle(plan, tmp_path / "once", False)
    assert contents(tmp_path / "late") == contents(tmp_path / "once")


@pytest.mark.parametrize("written", [0, 1, 2])
def test_a_full_disk_loses_nothing(
    plan: Plan, put: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    put(tmp_path, 3)
    before, table = contents(tmp_path), rows(tmp_path)
    flush, done = sim.atomic.flush_file, []

    def full(path: Path, data: bytes) -> None:
        if len(done) == written:
            raise OSError(errno.ENOSPC, "No space left on device")
        done.append(path)
        flush(path, data)

    monkeypatch.setattr(sim.atomic, "flush_file", full)
    with pytest.raises(StorageError, match="disk is full"):
        settle(plan, tmp_path, False)
    assert before.items() <= contents(tmp_path).items()
    assert rows(tmp_path) == table
    monkeypatch.undo()
    monkeypatch.setattr(store, "_PACKED", 5)
    settle(plan, tmp_path, False)
    assert len(contents(tmp_path)) == 3
    assert rows(tmp_path) == table


def test_ended_between_writing_and_taking_away_nothing_is_doubled(
    plan: Plan, put: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, 3)
    table = rows(tmp_path)

    def end(file: Path, missing_ok: bool = False) -> None:
        if file.suffix == ".parquet":
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", end)
        with pytest.raises(KeyboardInterrupt):
            settle(plan, tmp_path, False)
    assert len(contents(tmp_path)) == 7
    assert rows(tmp_path) == table
    settle(plan, tmp_path, False)
    assert len(contents(tmp_path)) == 3
    assert rows(tmp_path) == table


def test_readers_may_read_while_it_is_packed(
    plan: Plan, put: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, 3)
    table = rows(tmp_path)
    open_file, opened = sweeps.pq.ParquetFile, []

    def open_later(file: Path, *args: Any, **kwargs: Any) -> Any:
        opened.append(file)
        if len(opened) == 3:
            pack(plan, tmp_path, store._inventory(plan, tmp_path))
        return open_file(file, *args, **kwargs)

    monkeypatch.setattr(sweeps.pq, "ParquetFile", open_later)
    assert rows(tmp_path) == table  # without a warning, which would be an error here
    put(tmp_path, 3)
    opened.clear()
    assert inventory(plan, tmp_path).done == set(range(12))
    assert inventory(plan, tmp_path).ignored == {}


def test_drafts_of_dead_processes_are_taken_away(plan: Plan, put: Any, tmp_path: Path) -> None:
    put(tmp_path, 3)
    host = socket.gethostname().replace(".", "-")
    dead = tmp_path / "chunks" / f".a.parquet.{host}.4194305.0badcafe.tmp"
    other = tmp_path / "chunks" / f".a.parquet.{host}.{os.getppid()}.0badcafe.tmp"
    for draft in (dead, other):
        draft.write_bytes(b"half")
    settle(plan, tmp_path, False)
    assert not dead.exists()
    assert other.exists()
