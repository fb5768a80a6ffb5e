"""Sweeps as processes: killed workers, killed drivers, Ctrl-C, two drivers at once, full disks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from analysis.sweeps import load_sweep
from experiments.sweep.plan import Plan
from experiments.sweep.store import inventory, missing, publish

ROOT = Path(__file__).parents[2]

# The model is replaced in the program itself, so that worker processes, which run the program's
# top level anew, have the replacement too. Planning is done already: the request is not composed.
PROGRAM = """
import os, signal, sys, time
from pathlib import Path
import numpy as np
import pyarrow as pa
import sim.engine
import experiments.sweep.command as command
from experiments.cli import main
from experiments.sweep.plan import Plan

MODE, HERE = os.environ.get("FAKE", ""), Path(os.environ["HERE"])


def once(name):
    try:
        (HERE / name).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


class Log:
    def __init__(self, seed):
        self.seed = seed

    def tables(self):
        names = Plan.read(HERE / "sweeps" / "tiny").measures
        values = np.random.default_rng(self.seed).normal(size=(2, len(names)))
        columns = {name: values[:, n] for n, name in enumerate(names)}
        return {"summary": pa.table({"step": pa.array([0, 1], pa.int32()), **columns})}


def simulate(scenario, seed):
    plan = Plan.read(HERE / "sweeps" / "tiny")
    number = plan.seeds.index(seed)
    (HERE / f"began-{number}-{os.getpid()}").touch()
    if "slow" in MODE:
        time.sleep(0.15)
    if "stuck" in MODE and number == 5 and once("stuck"):
        time.sleep(60)
    if "held" in MODE and number == 5:
        while not (HERE / "go").exists():
            time.sleep(0.02)
    if "dies once" in MODE and number == 5 and once("died"):
        os.kill(os.getpid(), signal.SIGKILL)
    if "dies always" in MODE and number == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    if "is greedy" in MODE and number == 5:
        np.ones((40_000, 40_000))  # 13 GB
    if "refuses" in MODE and number == 5:
        from sim.errors import ConvergenceError
        raise ConvergenceError("no equilibrium", where="quarter 1")
    return Log(seed)


def full(path, data):
    path.write_bytes(data[:10])
    raise OSError(28, "No space left on device")


sim.engine.simulate = simulate
sim.engine.data_checksums = lambda scenario: {}
command.plan_of = lambda request, tell: Plan.read(HERE / "sweeps" / "tiny")
if "full" in MODE:
    import sim.atomic
    sim.atomic.flush_file = full
if "clock" in MODE:
    began = time.time()
    time.time = lambda: 2 * began - time.monotonic() * 100
if __name__ == "__main__":
    main()
"""


class Place:
    """A folder with the program and a planned sweep of twelve runs, one per seed."""

    def __init__(self, top: Path, plan: Plan) -> None:
        self.top, self.plan = top, plan
        self.processes: list[subprocess.Popen[str]] = []
        self.folder = top / "sweeps" / "tiny"
        (top / "program.py").write_text(PROGRAM)
        plan.write(self.folder)

    def start(self, mode: str = "", *args: str) -> subprocess.Popen[str]:
        line = [sys.executable, str(self.top / "program.py"), "sweep", "name=tiny", *args]
        line += [] if "--jobs" in args else ["--jobs", "2"]
        process = subprocess.Popen(
            line,
            cwd=self.top,
            env={**os.environ, "PYTHONPATH": str(ROOT), "FAKE": mode, "HERE": str(self.top)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def run(self, mode: str = "", *args: str) -> tuple[int, str]:
        process = self.start(mode, *args)
        out, err = process.communicate(timeout=60)
        return process.returncode, out + err

    def began(self) -> list[tuple[int, int]]:
        """Number of the run and of the process, of all runs that began."""
        names = [p.name.split("-") for p in self.top.glob("began-*")]
        return [(int(name[1]), int(name[2])) for name in names]

    def forget(self) -> None:
        for file in self.top.glob("began-*"):
            file.unlink()

    def missing(self) -> list[int]:
        return missing(self.plan, self.folder)

    def drafts(self) -> list[Path]:
        return [p for p in self.folder.rglob(".*") if p.name != ".driver"]


@pytest.fixture
def place(tmp_path: Path, plan_with: Any) -> Iterator[Place]:
    place = Place(tmp_path, plan_with(replicates=12))
    yield place
    for process in place.processes:
        if process.poll() is None:  # a test that failed leaves nobody behind
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory, plan_with: Any) -> bytes:
    """The table of an undisturbed sweep, chunk by chunk of five."""
    place = Place(tmp_path_factory.mktemp("undisturbed"), plan_with(replicates=12))
    code, said = place.run("", "--chunk", "5", "--jobs", "1")
    assert code == 0, said
    return table(place)


def table(place: Place) -> bytes:
    frame = load_sweep(place.folder, at=None)
    assert len(frame) == 24
    return b"".join(frame[c].to_numpy().tobytes() for c in ("run", "step", *place.plan.measures))


def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "nothing happens"
        time.sleep(0.02)


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_chunk_size_and_processes_do_not_matter(place: Place, expected: bytes) -> None:
    code, said = place.run("", "--chunk", "2")
    assert code == 0
    assert "12 runs" in said
    assert "12/12 runs  100 %" in said
    assert len({process for _, process in place.began()}) == 2
    assert table(place) == expected
    assert len(list((place.folder / "chunks").iterdir())) == 1, "packed"
    place.forget()
    code, said = place.run("")
    assert code == 0
    assert "Up to date" in said
    assert place.began() == []


def test_a_killed_worker_costs_nothing_but_time(place: Place, expected: bytes) -> None:
    code, said = place.run("dies once", "--chunk", "2")
    assert code == 0, said
    assert "the process of runs 4-5 ended unexpectedly (killed by SIGKILL)" in said
    assert table(place) == expected
    assert place.drafts() == []


def test_a_worker_killed_from_outside_is_replaced(place: Place, expected: bytes) -> None:
    process = place.start("stuck", "--chunk", "2")
    until((place.top / "stuck").exists)
    os.kill(next(pid for number, pid in place.began() if number == 5), signal.SIGKILL)
    _out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert table(place) == expected


def test_a_chunk_that_kills_is_given_up_and_the_rest_is_done(place: Place) -> None:
    code, said = place.run("dies always", "--chunk", "2")
    assert code == 1
    assert "runs 4-5: given up" in said
    assert "killed by SIGKILL" in said
    assert "--chunk 1" in said
    assert sum(number == 5 for number, _ in place.began()) == 3
    assert place.missing() == [4, 5]
    assert place.run("")[0] == 0


def test_a_killed_driver_loses_no_chunk_that_was_done(place: Place, expected: bytes) -> None:
    process = place.start("slow", "--chunk", "2")
    until(lambda: len(place.missing()) <= 8)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    workers = {pid for _, pid in place.began()}
    until(lambda: not any(map(is_running, workers)))
    done = inventory(place.plan, place.folder).done
    assert 4 <= len(done) < 12
    place.forget()
    code, said = place.run("", "--chunk", "3")
    assert code == 0, said
    assert sorted(number for number, _ in place.began()) == sorted(set(range(12)) - done)
    assert table(place) == expected


@pytest.mark.parametrize(("send", "code"), [(os.killpg, 130), (os.kill, 143)])
def test_ctrl_c_or_sigterm_loses_no_run_that_was_done(
    place: Place, expected: bytes, send: Callable[[int, int], None], code: int
) -> None:
    process = place.start("slow", "--chunk", "12", "--jobs", "1")
    until(lambda: len(place.began()) >= 4)
    send(process.pid, signal.SIGINT if code == 130 else signal.SIGTERM)
    _out, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert "the same command goes on" in err
    assert "Traceback" not in err
    done = inventory(place.plan, place.folder).done
    assert {0, 1, 2} <= done < set(range(12))
    assert not any(is_running(pid) for _, pid in place.began())
    assert place.run("")[0] == 0
    assert table(place) == expected
    assert place.drafts() == []


def test_two_drivers_at_once_do_the_work_once(place: Place, expected: bytes) -> None:
    one = place.start("held", "--chunk", "2")
    until(place.began)
    two = place.start("", "--chunk", "3")
    assert two.stderr is not None
    assert f"process {one.pid}" in two.stderr.readline()
    (place.top / "go").touch()
    ends = [process.communicate(timeout=60) for process in (one, two)]
    assert [one.returncode, two.returncode] == [0, 0], ends
    assert sorted(number for number, _ in place.began()) == list(range(12))
    assert table(place) == expected


def test_a_dead_driver_locks_nobody_out(place: Place, expected: bytes) -> None:
    process = place.start("held", "--chunk", "2")
    until(lambda: 5 in dict(place.began()))
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    held = dict(place.began())[5]  # its worker lives on, and ends with the run that it is at
    code, said = place.run("")
    assert code == 0
    assert "waiting" not in said
    (place.top / "go").touch()
    process.communicate(timeout=60)
    until(lambda: not is_running(held))
    assert table(place) == expected


def test_what_lies_about_does_no_harm(
    place: Place, expected: bytes, plan_with: Any, summary: Any, tmp_path: Path
) -> None:
    other = plan_with(root_seed=9, replicates=12)
    foreign = publish(tmp_path / "other", other, {run: summary(other, run) for run in range(6)})
    assert place.run("refuses", "--chunk", "12", "--accept-failed")[0] == 0
    whole = next((place.folder / "chunks").iterdir())
    half = whole.read_bytes()[:-100]
    whole.unlink()
    (place.folder / "chunks" / foreign.name).write_bytes(foreign.read_bytes())
    (place.folder / "chunks" / "0000000-0000001.abc.parquet").write_bytes(half)
    code, said = place.run("", "--retry-failed")
    assert code == 0, said
    assert "0000000-0000001.abc.parquet does not count" in said
    with pytest.warns(match="left out"):
        assert table(place) == expected


def test_a_failed_run_is_told_retried_or_accepted(place: Place, expected: bytes) -> None:
    code, said = place.run("refuses", "--chunk", "4")
    assert code == 1
    assert "run 5 failed: quarter 1: no equilibrium" in said
    assert "--retry-failed" in said
    assert inventory(place.plan, place.folder).done == set(range(12)) - {5}
    place.forget()
    assert place.run("refuses")[0] == 1
    assert place.began() == []  # it had its turn
    assert place.run("refuses", "--retry-failed")[0] == 1
    assert [number for number, _ in place.began()] == [5]
    code, said = place.run("refuses", "--accept-failed")
    assert code == 0
    assert "11 runs, 1 failed and accepted" in said
    assert place.run("", "--retry-failed")[0] == 0
    assert table(place) == expected


def test_a_run_that_wants_too_much_memory_fails_alone(place: Place) -> None:
    code, said = place.run("is greedy", "--chunk", "4", "launcher.memory_gb=2")
    assert code == 1
    assert "run 5 failed: out of memory" in said
    assert "ended unexpectedly" not in said
    assert place.missing() == []
    assert len(inventory(place.plan, place.folder).done) == 11


def test_a_full_disk_ends_the_sweep_with_a_word(place: Place, expected: bytes) -> None:
    code, said = place.run("full", "--chunk", "2")
    assert code == 2
    assert "the disk is full" in said
    assert "Traceback" not in said
    assert place.drafts() == []
    assert place.missing() == list(range(12))
    assert place.run("")[0] == 0
    assert table(place) == expected


def test_a_clock_that_goes_backwards_does_no_harm(place: Place, expected: bytes) -> None:
    for file in place.folder.rglob("*"):
        os.utime(file, (4e9, 4e9))
    assert place.run("clock", "--chunk", "5")[0] == 0
    for file in place.folder.rglob("*"):
        os.utime(file, (1, 1))
    code, said = place.run("clock")
    assert code == 0
    assert "Up to date" in said
    assert table(place) == expected
