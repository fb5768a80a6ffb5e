"""Commands as processes: several workers, signals, pipes, start-up time, the installed package."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# The model is replaced in the program itself, so that worker processes, which run the program's
# top level anew, have the replacement too.
PROGRAM = """
import os, sys, time
import pyarrow as pa
import sim.engine
from experiments.cli import main

MODE = os.environ["FAKE"]


class Log:
    timeline = []

    def __init__(self, seed):
        self.seed = seed

    def tables(self):
        metadata = {b"unit": b"%"}
        fields = [pa.field("step", pa.int32()), pa.field("date", pa.date32())]
        fields += [pa.field("world_trade", pa.float64(), metadata=metadata)]
        columns = [[0], [0], [float(self.seed)]]
        return {"summary": pa.table([pa.array(c, f.type) for c, f in zip(columns, fields)],
                                    schema=pa.schema(fields))}


def simulate(scenario, seed, *, on_step):
    on_step(1, 2)
    open(f"began-{seed}-{os.getpid()}", "w").close()
    if MODE == "endless" or (MODE == "one refuses" and seed == 1):
        time.sleep(60)
    if MODE == "slow":
        time.sleep(0.3)
    if MODE == "dies" and seed == 2:
        os._exit(9)
    if MODE == "one refuses" and seed == 2:
        from sim.errors import ConvergenceError
        raise ConvergenceError("no equilibrium", where="quarter 3", expected="a smaller tariff")
    return Log(seed)


sim.engine.simulate = simulate
sim.engine.data_checksums = lambda scenario: {}
if __name__ == "__main__":
    main()
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    file = tmp_path / "program.py"
    file.write_text(PROGRAM)
    (tmp_path / "work").mkdir()
    return file


def start(program: Path, mode: str, *args: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(program), *args],
        cwd=program.parent / "work",
        env={**os.environ, "PYTHONPATH": str(ROOT), "FAKE": mode, "COLUMNS": "100"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def began(program: Path) -> list[int]:
    """Numbers of the processes that began to simulate."""
    return [int(p.name.split("-")[2]) for p in (program.parent / "work").glob("began-*")]


def wait_until_all_began(program: Path, count: int) -> list[int]:
    deadline = time.monotonic() + 60
    while len(began(program)) < count:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return began(program)


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def results(program: Path) -> list[str]:
    work = program.parent / "work"
    return sorted(str(p.relative_to(work)) for p in work.rglob("*") if "began" not in p.name)


def test_workers_share_the_runs(program: Path) -> None:
    process = start(program, "quick", "run", "--seeds", "3", "--jobs", "2")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert len(set(began(program))) == 2
    assert len(began(program)) == 3
    assert "1 to 3" in out
    assert [line.split()[0] for line in err.splitlines()] == ["1/3", "2/3", "3/3"]
    assert "results/baseline/seed=3/manifest.json" in results(program)


@pytest.mark.parametrize(("send", "code"), [(os.killpg, 130), (os.kill, 143)])
@pytest.mark.parametrize("seeds", ["1", "2"])
def test_ctrl_c_or_sigterm_ends_all_and_leaves_nothing(
    program: Path, seeds: str, send: Callable[[int, int], None], code: int
) -> None:
    process = start(program, "endless", "run", "--seeds", seeds, "--jobs", "2")
    workers = wait_until_all_began(program, int(seeds))
    # Ctrl-C goes to parent and workers alike, as a terminal does it; SIGTERM to the parent alone.
    send(process.pid, signal.SIGINT if code == 130 else signal.SIGTERM)
    out, err = process.communicate(timeout=20)
    assert process.returncode == code
    assert out == ""
    assert err.splitlines() == ["concord: interrupted; what was not complete is not there"]
    assert not any(map(is_running, workers))
    assert results(program) == []


def test_an_error_in_a_worker_is_told_as_one_and_ends_the_others(program: Path) -> None:
    process = start(program, "one refuses", "run", "--seeds", "2", "--jobs", "2", "-q")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    expected = "concord: error: quarter 3: no equilibrium. Expected a smaller tariff."
    assert err.splitlines() == [expected]
    assert not any(map(is_running, began(program)))
    assert results(program) == []


def test_a_worker_that_dies_is_noticed(program: Path) -> None:
    process = start(program, "dies", "run", "--seeds", "2", "--jobs", "2", "-q")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "ended unexpectedly (exit code 9)" in err
    assert "Traceback" not in err


def test_workers_end_when_their_parent_is_killed(program: Path) -> None:
    process = start(program, "slow", "run", "--seeds", "50", "--jobs", "2", "-q")
    workers = set(wait_until_all_began(program, 4))
    process.kill()
    process.communicate()
    deadline = time.monotonic() + 20
    while any(map(is_running, workers)):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = [sys.executable, "-m", "experiments.cli", "list", "parameters", "--json"]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(1)
    process.stdout.close()
    with process.stderr as stream:
        assert stream.read() == ""
    assert process.wait(20) in {0, 141}


def test_help_is_quick_because_nothing_heavy_is_imported() -> None:
    program = (
        "import sys; sys.argv = ['concord', '--help']\n"
        "from experiments.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'hydra', 'numpy', 'pandas', 'matplotlib', 'rich', 'pydantic', 'mesa', 'scipy'}\n"
        "print(heavy & set(sys.modules), file=sys.stderr)"
    )
    began_at = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "set()"
    assert time.monotonic() - began_at < 1.0


def test_the_wheel_has_everything_that_a_run_reads(tmp_path: Path) -> None:
    build = [
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--quiet",
        "--disable-pip-version-check",
    ]
    command = [sys.executable, "-m", *build, "--wheel-dir", str(tmp_path), str(ROOT)]
    subprocess.run(command, check=True, cwd=tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    data = [
        file.relative_to(ROOT).as_posix()
        for folder, pattern in (
            ("scenarios", "*.yaml"),
            ("sim/world/tables", "*.csv"),
            ("analysis", "*.mplstyle"),
            ("sim", "py.typed"),
            ("sim", "*.py"),
            ("experiments", "*.py"),
            ("analysis", "*.py"),
        )
        for file in (ROOT / folder).rglob(pattern)
    ]
    assert sum(name.endswith(".mplstyle") for name in data) >= 1
    assert sum(name.startswith("scenarios/organisation/") for name in data) >= 20
    assert set(data) - inside == set()
    assert not {name for name in inside if name.startswith("tests") or ".ipynb_" in name}
