"""One driver to a folder: however the first one ends, and whatever the system lacks."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import filelock
import pytest

from experiments.sweep.lock import LOCK, only_driver
from sim.errors import StorageError

ROOT = Path(__file__).parents[2]
HOLDER = """
import sys, time
from pathlib import Path
from experiments.sweep.lock import only_driver
with only_driver(Path(sys.argv[1]), lambda who: print("waits for", who, flush=True)):
    print("has it", flush=True)
    sys.stdin.readline()
"""


def start(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def ended(process: subprocess.Popen[str]) -> int:
    process.communicate("\n", timeout=30)
    return process.returncode


@pytest.fixture
def holder(folder: Path) -> Iterator[subprocess.Popen[str]]:
    process = start(folder)
    assert said(process) == "has it"
    yield process
    process.kill()
    process.communicate()


def test_a_second_driver_waits_and_says_for_whom(
    folder: Path, holder: subprocess.Popen[str]
) -> None:
    second = start(folder)
    assert said(second).endswith(f"process {holder.pid}")
    assert ended(holder) == 0
    assert said(second) == "has it"
    assert ended(second) == 0


def test_a_driver_that_is_killed_while_another_waits_lets_go(
    folder: Path, holder: subprocess.Popen[str]
) -> None:
    second = start(folder)
    said(second)
    holder.kill()
    assert said(second) == "has it"
    assert ended(second) == 0


def test_what_a_killed_driver_leaves_locks_nobody_out(
    folder: Path, holder: subprocess.Popen[str]
) -> None:
    holder.kill()
    holder.wait()
    assert (folder / LOCK).exists()
    waits: list[str] = []
    with only_driver(folder, waits.append):
        assert waits == []


def test_it_can_be_had_again_and_leaves_no_name(folder: Path) -> None:
    waits: list[str] = []
    for _ in range(3):
        with only_driver(folder, waits.append):
            assert any(file.name.startswith(LOCK) for file in folder.iterdir())
    assert waits == []
    assert [file.name for file in folder.iterdir()] == [LOCK]


def test_a_file_system_without_locks_is_no_obstacle(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without(self: object, *_: object, **__: object) -> None:
        raise NotImplementedError

    monkeypatch.setattr(filelock.FileLock, "acquire", without)
    began = time.monotonic()
    with only_driver(folder, pytest.fail):
        assert time.monotonic() - began < 5


def test_it_needs_nothing_that_windows_lacks(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pwrite", "pread", "fork", "getuid", "sched_getaffinity"):
        monkeypatch.delattr(os, name, raising=False)
    with only_driver(folder, pytest.fail):
        assert (folder / LOCK).exists()


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(StorageError, match="through a file"),
        only_driver(tmp_path / "file" / "sweep", pytest.fail),
    ):
        pass
