"""Sweeps on a real Slurm of one node, which `tools/slurm/up.sh` brings up for these tests."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from experiments.sweep.engines import local, slurm
from experiments.sweep.engines.arrays import checked
from experiments.sweep.engines.squeue import Task, largest_array, tasks_of, trouble_with_sacct
from experiments.sweep.engines.task import Chunk, complaint_in
from experiments.sweep.plan import Plan
from experiments.sweep.planning import plan_of
from experiments.sweep.request import request_of
from experiments.sweep.store import inventory, missing, read
from experiments.sweep.worker import work
from sim.errors import ConfigError, StateError

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / "tools" / "slurm"
CHARTERS = ROOT / "scenarios" / "organisation"
LARGEST = 3  # tasks in an array here
FAST = {"poll_seconds": 0.5, "settle_seconds": 1.0, "mem_gb": 0.25}
LONG = 40  # quarters of runs that are to be interrupted; more than half a second
START_SECONDS = 2.0  # of a worker, before its first run
PARTITIONS = """
EnforcePartLimits=NO
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
PartitionName=graced Nodes=ALL PriorityTier=1 GraceTime=60 State=UP
PartitionName=urgent Nodes=ALL PriorityTier=9 PreemptMode=OFF State=UP
PartitionName=brief Nodes=ALL MaxTime=3 State=UP
"""

PlanOf = Callable[..., tuple[Plan, Path]]


def _skip(why: str) -> None:
    pytest.skip(f"no Slurm to test with ({why}); as root on Debian: tools/slurm/up.sh --install")


def _cluster(**given: str) -> Iterator[Path]:
    """A Slurm with four processors; its folder."""
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    for program in ("slurmctld", "slurmd", "munged", "sbatch"):
        if not shutil.which(program, path=path):
            _skip(f"there is no {program}")
    folder = Path(tempfile.mkdtemp(prefix="slurm-"))
    up = subprocess.run(
        [TOOLS / "up.sh", folder],
        env={**os.environ, "CPUS": "4", "WAIT": "20", "HOLD": "5", **given},
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        if up.returncode:
            _skip(up.stderr.strip())
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SLURM_CONF", str(folder / "slurm.conf"))
            patch.setenv("PYTHONPATH", str(ROOT))
            yield folder
    finally:
        subprocess.run([TOOLS / "down.sh", folder], check=False)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Path]:
    """A Slurm without accounting, with a small MaxArraySize."""
    yield from _cluster(MAXARRAY=str(LARGEST + 1), EXTRA=PARTITIONS)


@pytest.fixture
def strict_cluster(cluster: Path) -> Iterator[Path]:
    """A Slurm with accounting, which takes two tasks of a user at a time."""
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    for program in ("slurmdbd", "mariadbd"):
        if not shutil.which(program, path=path):
            pytest.skip(f"no accounting to test with (there is no {program})")
    extra = "AccountingStorageEnforce=associations,limits"
    for folder in _cluster(ACCOUNTING="1", EXTRA=extra):
        user = getpass.getuser()
        for line in ("account lab", f"user {user} account=lab"):
            subprocess.run(
                ["sacctmgr", "-i", "add", *line.split()], check=True, capture_output=True
            )
        line = ["sacctmgr", "-i", "modify", "user", user, "set", "MaxSubmitJobs=2"]
        subprocess.run(line, check=True, capture_output=True)
        yield folder


@pytest.fixture(scope="module")
def overrides() -> tuple[str, ...]:
    """Two organisations only, and few variants."""
    codes = {file.stem for file in CHARTERS.glob("*.yaml")} - {"FITP", "UNFCCC"}
    return tuple(f"~organisation.{code}" for code in sorted(codes))


@pytest.fixture
def plan_in(tmp_path: Path, overrides: tuple[str, ...]) -> PlanOf:
    """``plan_in("name", "quarters=2", "seeds=2")``: a frozen plan and its folder."""

    def make(name: str, *given: str) -> tuple[Plan, Path]:
        plan = plan_of(request_of([f"name={name}", *given, *overrides]))
        plan.write(tmp_path / name)
        return plan, tmp_path / name

    return make


def _done(plan: Plan, folder: Path, size: int, **options: Any) -> list[int]:
    """Do what is missing on the cluster; the runs that were reported as over."""
    left, over = missing(plan, folder), []
    chunks = [left[n : n + size] for n in range(0, len(left), size)]
    slurm.run(folder, chunks, {**FAST, **options}, over.append)
    return over


def _table(plan: Plan, folder: Path) -> bytes:
    sink = pa.BufferOutputStream()
    table = read(plan, folder)
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue())


@dataclass(frozen=True)
class _Reference:
    """The table of a sweep as one process makes it in one chunk, and processor time for it."""

    table: bytes
    seconds: float


def _alone(plan: Plan, folder: Path) -> _Reference:
    plan.write(folder)
    began = time.process_time()
    work(folder, range(plan.runs))
    return _Reference(_table(plan, folder), time.process_time() - began)


@pytest.fixture
def long_sweep(plan_in: PlanOf) -> tuple[Plan, Path]:
    """Six runs long enough to be interrupted."""
    return plan_in("long", f"quarters={LONG}", "seeds=6")


@pytest.fixture(scope="module")
def reference(overrides: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> _Reference:
    """Of the long sweep."""
    plan = plan_of(request_of(["name=long", f"quarters={LONG}", "seeds=6", *overrides]))
    return _alone(plan, tmp_path_factory.mktemp("alone"))


def _shown(job: str) -> list[str]:
    line = ["scontrol", "show", "job", job]
    return subprocess.run(line, capture_output=True, text=True, check=True).stdout.split()


def _processor_seconds(process: int) -> float:
    """Processor time used so far, which does not depend on what else the machine does."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _until(is_so: Callable[[], Any], seconds: float = 30.0) -> Any:
    end = time.monotonic() + seconds
    while not (found := is_so()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
    return found


def _workers(folder: Path) -> list[int]:
    """Processes that work on a sweep."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = file.read_bytes().decode().split("\0")
        except OSError:
            continue
        if "experiments.sweep.worker" in words and str(folder) in words:
            found.append(int(file.parent.name))
    return found


def _running(folder: Path) -> dict[str, Task]:
    names = [file.stem for file in (folder / "slurm").glob("*.json")]
    tasks = tasks_of(names, has_sacct=False).values()
    return {task.job: task for task in tasks if task.state == "RUNNING"}


class _Driver:
    """An engine at work in a process of its own, which can be killed."""

    def __init__(self, folder: Path, size: int, **options: Any) -> None:
        code = (
            "import sys; from pathlib import Path; from experiments.sweep.engines import slurm\n"
            "from experiments.sweep.plan import Plan; from experiments.sweep.store import missing\n"
            f"folder = Path({str(folder)!r}); left = missing(Plan.read(folder), folder)\n"
            f"chunks = [left[n : n + {size}] for n in range(0, len(left), {size})]\n"
            f"slurm.run(folder, chunks, {FAST | options!r}, lambda run: None)\n"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", code], stderr=subprocess.PIPE, text=True, cwd=ROOT
        )

    def says(self, what: str) -> None:
        """Wait until it has said this."""
        assert self.process.stderr is not None
        while what not in (line := self.process.stderr.readline()):
            assert line, f"ended without a word of {what!r}"

    def end(self) -> str:
        """Wait for it; what it said."""
        _, said = self.process.communicate(timeout=60)
        return said


def test_table_is_that_of_one_process_over_several_arrays(
    cluster: Path, plan_in: PlanOf, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    plan, folder = plan_in("plain", "quarters=2", "seeds=3", "parameters.trade_elasticity=3,4,5,6")
    over = _done(plan, folder, 2)
    assert sorted(over) == list(range(12))
    assert _table(plan, folder) == _alone(plan, tmp_path / "alone").table
    listed = subprocess.run(
        ["squeue", "-h", "-r", "-t", "all", "-o", "%j %F %K"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    ours = [line.split() for line in listed if line.startswith("concord-plain-")]
    assert len(ours) == 6, "six chunks, six tasks"
    assert len({job for _, job, _ in ours}) == 2, "more than one array may hold"
    assert not list((folder / "slurm").iterdir()), "nothing is left that nobody needs"
    assert "sacct cannot be used here" in caplog.text


def test_cancelled_task_is_reported_and_resumed(
    cluster: Path, long_sweep: tuple[Plan, Path], reference: _Reference
) -> None:
    plan, folder = long_sweep
    driver = _Driver(folder, 3)
    _until(lambda: len(_workers(folder)) == 2)
    job = sorted(_running(folder))[-1]
    subprocess.run(["scancel", job], check=True)
    said = driver.end()
    assert driver.process.returncode
    assert "cancelled" in said
    left = missing(plan, folder)
    assert left
    assert set(left) <= {3, 4, 5}, "the other task went on"
    assert sorted(_done(plan, folder, 3)) == left
    assert _table(plan, folder) == reference.table


def test_killed_worker_is_submitted_again(
    cluster: Path, long_sweep: tuple[Plan, Path], reference: _Reference
) -> None:
    plan, folder = long_sweep
    driver = _Driver(folder, 2)
    victim = _until(lambda: _workers(folder))[0]
    os.kill(victim, signal.SIGKILL)
    assert "are submitted again" in driver.end()
    assert driver.process.returncode == 0
    assert _table(plan, folder) == reference.table


def test_driver_killed_and_started_again_goes_on_with_what_is_queued(
    cluster: Path, long_sweep: tuple[Plan, Path], reference: _Reference
) -> None:
    plan, folder = long_sweep
    driver = _Driver(folder, 2)
    _until(lambda: _workers(folder))
    driver.process.kill()
    driver.end()
    assert list((folder / "slurm").glob("*.json"))
    assert inventory(plan, folder).done != set(range(6))
    again = _Driver(folder, 1)  # in other chunks
    said = again.end()
    assert again.process.returncode == 0, said
    files = inventory(plan, folder).files
    assert sorted(map(len, files.values())) == [2, 2, 2], "only what the first had queued"
    assert _table(plan, folder) == reference.table


@pytest.mark.parametrize("is_announced", [True, False])
def test_task_that_is_stopped_is_queued_again_with_what_is_left(
    cluster: Path, long_sweep: tuple[Plan, Path], reference: _Reference, is_announced: bool
) -> None:
    plan, folder = long_sweep
    driver = _Driver(folder, 6)
    worker = _until(lambda: _workers(folder))[0]
    _until(lambda: _processor_seconds(worker) > START_SECONDS + reference.seconds / 3)
    (job,) = _running(folder)
    # As at the end of a task's time, and as for a more urgent task without a time of grace.
    stop = ["scancel", "--signal=USR2"] if is_announced else ["scontrol", "requeue"]
    subprocess.run([*stop, job], check=True)
    _until(lambda: {"Restarts=1", "JobState=PENDING"} <= set(_shown(job)))
    kept = inventory(plan, folder).done
    said = driver.end()
    assert driver.process.returncode == 0, said
    assert "submitted again" not in said, f"by Slurm, not by the driver: {said}"
    assert kept or not is_announced, "what was done before the announced end was kept"
    assert sum(map(len, inventory(plan, folder).files.values())) == 6, "nothing was done twice"
    assert _table(plan, folder) == reference.table


def test_pre_empted_task_is_queued_again_and_goes_on(
    cluster: Path, long_sweep: tuple[Plan, Path], reference: _Reference
) -> None:
    plan, folder = long_sweep
    driver = _Driver(folder, 6, partition="graced", timeout_min=5)
    worker = _until(lambda: _workers(folder))[0]
    _until(lambda: _processor_seconds(worker) > START_SECONDS + reference.seconds / 3)
    (job,) = _running(folder)
    urgent = ["sbatch", "--partition=urgent", "-c4", "--output=/dev/null", "--wrap=sleep 1"]
    subprocess.run(urgent, check=True, capture_output=True)
    _until(lambda: {"Restarts=1", "JobState=PENDING"} <= set(_shown(job)))
    said = driver.end()
    assert driver.process.returncode == 0, said
    assert "submitted again" not in said, f"by Slurm, not by the driver: {said}"
    assert sum(map(len, inventory(plan, folder).files.values())) == 6, "nothing was done twice"
    assert _table(plan, folder) == reference.table


def test_tasks_that_cannot_start_are_told_of_and_stay_cancelled(
    cluster: Path, plan_in: PlanOf
) -> None:
    plan, folder = plan_in("stuck", "quarters=2", "seeds=3")
    driver = _Driver(folder, 1, partition="brief", timeout_min=5)

    def waiting() -> list[str]:
        names = [file.stem for file in (folder / "slurm").glob("*.json")]
        tasks = tasks_of(names, has_sacct=False).values()
        return sorted(task.job for task in tasks if task.reason == "PartitionTimeLimit")

    driver.says("3 tasks wait for PartitionTimeLimit")
    jobs = waiting()
    subprocess.run(["scancel", jobs[1]], check=True)  # of this Slurm keeps no trace,
    _until(lambda: waiting() == [jobs[0], jobs[2]])
    subprocess.run(["scancel", jobs[0].partition("_")[0]], check=True)  # of these a single one
    said = driver.end()
    assert "runs 0-2: cancelled" in said
    assert "PartitionTimeLimit" not in said, "once is enough"
    assert missing(plan, folder) == [0, 1, 2]


def test_array_cancelled_as_a_whole_before_it_began_is_not_submitted_again(
    cluster: Path, plan_in: PlanOf
) -> None:
    _, folder = plan_in("whole", "quarters=2", "seeds=3")
    driver = _Driver(folder, 1, partition="brief", timeout_min=5)
    (record,) = _until(lambda: list((folder / "slurm").glob("[!.]*.json")))
    _until(lambda: len(tasks_of([record.stem], has_sacct=False)) == 3)
    subprocess.run(["scancel", f"--name={record.stem}"], check=True)
    assert "runs 0-2: cancelled" in driver.end()


def test_controller_that_is_away_is_waited_for(
    cluster: Path, long_sweep: tuple[Plan, Path], reference: _Reference
) -> None:
    plan, folder = long_sweep
    driver = _Driver(folder, 2)
    _until(lambda: len(_workers(folder)) == 3)
    controller = int((cluster / "slurmctld.pid").read_text())
    os.kill(controller, signal.SIGTERM)
    _until(lambda: not Path(f"/proc/{controller}").exists())
    driver.says("waiting for Slurm to answer")
    subprocess.run([TOOLS / "up.sh", cluster], check=True, capture_output=True)
    said = driver.end()
    assert driver.process.returncode == 0, said
    assert "submitted again" not in said
    assert _table(plan, folder) == reference.table


def test_other_engine_may_go_on_while_tasks_are_queued(
    cluster: Path, long_sweep: tuple[Plan, Path], reference: _Reference
) -> None:
    plan, folder = long_sweep
    driver = _Driver(folder, 2)
    _until(lambda: len(_workers(folder)) == 3)
    driver.process.kill()
    driver.end()
    local.run(folder, [missing(plan, folder)], {"jobs": 1}, lambda run: None)
    names = [file.stem for file in (folder / "slurm").glob("[!.]*.json")]
    _until(lambda: all(task.is_over for task in tasks_of(names, has_sacct=False).values()))
    stored = sum(map(len, inventory(plan, folder).files.values()))
    assert stored > 6, "some were done twice"
    assert _table(plan, folder) == reference.table


def test_what_slurm_does_not_take_at_once_is_submitted_bit_by_bit(
    strict_cluster: Path, plan_in: PlanOf, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert trouble_with_sacct() == ""
    plan, folder = plan_in("many", "quarters=2", "seeds=5")
    assert sorted(_done(plan, folder, 1)) == list(range(5))
    assert "AssocMaxSubmitJobLimit" in caplog.text
    assert "the rest is submitted when tasks are over" in caplog.text
    assert "sacct cannot be used" not in caplog.text
    assert _table(plan, folder) == _alone(plan, tmp_path / "alone").table


def test_task_that_gets_nowhere_is_not_queued_again_for_ever(
    plan_in: PlanOf, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    _, folder = plan_in("slow", "quarters=2", "seeds=2")
    again = Chunk(folder, patience=1).checkpoint([0, 1])
    assert again.args == ([0, 1],)
    assert again.function.checkpoint(*again.args) is None
    (tmp_path / "log").write_text(capsys.readouterr().out)
    assert "stopped 2 times in a row" in complaint_in(tmp_path / "log")
    work(folder, [0])
    got_somewhere = again.function.checkpoint([0, 1])
    assert got_somewhere.args == ([1],)
    assert got_somewhere.function.checkpoint([1]) is not None


def test_what_slurm_refuses_is_told_in_its_words(cluster: Path, plan_in: PlanOf) -> None:
    plan, folder = plan_in("refused", "quarters=2")
    with pytest.raises(ConfigError, match="invalid partition"):
        _done(plan, folder, 1, partition="nowhere")
    assert not list((folder / "slurm").iterdir())


def test_error_of_the_user_is_not_tried_again(cluster: Path, plan_in: PlanOf) -> None:
    plan, folder = plan_in("code", "quarters=2")
    plan.content["code"] = "another"
    del plan.__dict__["fingerprint"]
    (folder / "manifest.json").unlink()
    plan.write(folder)
    with pytest.raises(StateError, match="code is not that of the sweep"):
        _done(plan, folder, 1)
    assert missing(plan, folder) == [0]


def _multirun(results: Path, *given: str) -> subprocess.Popen[str]:
    words = ["run", "-m", "hydra/launcher=submitit_slurm", "hydra.launcher.mem_gb=1", *given]
    line = [sys.executable, "-m", "experiments.cli", *words, "--results", str(results)]
    return subprocess.Popen(line, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)


def test_hydra_does_only_what_is_not_there(
    cluster: Path, overrides: tuple[str, ...], tmp_path: Path
) -> None:
    given = ["quarters=2", "seed=1,2", *overrides]
    _, said = (first := _multirun(tmp_path, *given)).communicate(timeout=90)
    assert first.returncode == 0, said
    tables = sorted(tmp_path.glob("*/summary/seed=*.parquet"))
    assert [file.stem for file in tables] == ["seed=1", "seed=2"]
    before = {file: file.stat().st_mtime_ns for file in tables}
    kept, lost = tables
    content = lost.read_bytes()
    lost.unlink()
    _, said = (again := _multirun(tmp_path, *given)).communicate(timeout=90)
    assert again.returncode == 0, said
    assert "1 of 2 runs are there already" in said
    assert kept.stat().st_mtime_ns == before[kept]
    assert lost.read_bytes() == content
    hydras = [folder.name for folder in (tmp_path / "multirun").iterdir() if folder.is_dir()]
    assert len([name for name in hydras if not name.startswith(".")]) == 2, "one for each run"


def test_hydra_does_not_wait_for_ever_for_a_task_that_was_killed(
    cluster: Path, overrides: tuple[str, ...], tmp_path: Path
) -> None:
    driver = _multirun(tmp_path, "quarters=200", *overrides)
    place = str(tmp_path / "multirun" / ".submitit")

    def tasks() -> list[int]:
        found = []
        for file in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = file.read_bytes().decode()
            except OSError:
                continue
            if "submitit.core._submit" in words and place in words and "srun" not in words:
                found.append(int(file.parent.name))
        return found

    os.kill(_until(tasks)[0], signal.SIGKILL)
    _, said = driver.communicate(timeout=90)
    assert driver.returncode == 1
    assert "did not end well" in said


def test_without_slurm_there_is_a_word_on_what_to_do(
    plan_in: PlanOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, folder = plan_in("nowhere", "quarters=2")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match=r"no 'sbatch' on this machine.*launcher=local"):
        _done(plan, folder, 1)


@pytest.mark.parametrize("given", [{"timeout_min": 1}, {"retries": "two"}, {"cpus_per_task": 0}])
def test_options_that_cannot_work_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=rf"launcher\.{next(iter(given))}: .*whole number"):
        checked(given)


def test_options_of_ones_own_are_completed_from_the_shipped_ones() -> None:
    assert checked({"partition": "short"})["timeout_min"] == checked({})["timeout_min"]


@pytest.mark.parametrize(
    ("said", "tasks"),
    [
        ("MaxArraySize = 1001\nMaxJobCount = 10000", 1000),
        ("MaxArraySize = 20001\nMaxJobCount = 5000", 5000),
        ("MaxArraySize = 1", 1),
        ("", 1000),
    ],
)
def test_arrays_fit_the_cluster(said: str, tasks: int) -> None:
    assert largest_array(said) == tasks
