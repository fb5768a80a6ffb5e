"""What a Slurm cluster says of itself and of our tasks, asked with its own commands."""

from __future__ import annotations

import logging
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from experiments.sweep.worker import parse_runs
from sim.errors import ConfigError, StateError

__all__ = [
    "Task",
    "check_commands",
    "largest_array",
    "stuck",
    "task_at",
    "tasks_of",
    "trouble_with_sacct",
]

_log = logging.getLogger("concord")

_SECONDS_TO_ANSWER = 60
_WHOLE = -1  # in place of an index: all tasks of the array that have no entry of their own
_OVER = {
    "BOOT_FAIL",
    "CANCELLED",
    "COMPLETED",
    "DEADLINE",
    "FAILED",
    "NODE_FAIL",
    "OUT_OF_MEMORY",
    "PREEMPTED",
    "REVOKED",
    "TIMEOUT",
}
# Why a task waits as a matter of course; any other reason is for the user to know.
_USUAL = {
    "BeginTime",
    "Cleaning",
    "JobArrayTaskLimit",
    "None",
    "Priority",
    "Prolog",
    "Resources",
}
Key = tuple[str, int]


@dataclass(frozen=True)
class Task:
    """One task of one of our arrays, as Slurm sees it.

    Attributes
    ----------
    job
        Its id, such as ``1234_5``.
    state
        Slurm's word for it, such as ``RUNNING``; ``GONE`` where Slurm has forgotten it.
    reason
        Why it waits, or how it ended.
    """

    job: str
    state: str
    reason: str = ""

    @property
    def is_over(self) -> bool:
        """Whether it neither runs nor waits.

        Examples
        --------
        >>> Task("1_0", "COMPLETING").is_over, Task("1_0", "CANCELLED").is_over
        (False, True)
        """
        return self.state in _OVER or self.state == "GONE"

    @property
    def is_stuck(self) -> bool:
        """Whether it waits for a reason that does not pass by itself.

        Examples
        --------
        >>> Task("1_0", "PENDING", "PartitionTimeLimit").is_stuck
        True
        >>> Task("1_0", "PENDING", "Priority").is_stuck
        False
        """
        return self.state == "PENDING" and self.reason not in _USUAL


def check_commands(where: str = "launcher=slurm") -> None:
    """See to it that jobs can be submitted from here.

    Parameters
    ----------
    where
        What asks for it.

    Raises
    ------
    ConfigError
        Slurm's commands or submitit are not there, or the controller does not answer.
    """
    lacking = [name for name in ("sbatch", "squeue", "scontrol") if not shutil.which(name)]
    if lacking:
        raise ConfigError(
            f"there is no {lacking[0]!r} on this machine",
            where=where,
            expected="a login node of a Slurm cluster, or launcher=local",
        )
    try:
        import submitit  # noqa: F401
    except ImportError:
        raise ConfigError(
            "submitit is not installed",
            where=where,
            expected="pip install 'concord-sim[cluster]'",
        ) from None
    _ask("sinfo", "-h")


def largest_array(configuration: str | None = None) -> int:
    r"""Tasks that one array may have: Slurm's MaxArraySize less one, and never over MaxJobCount.

    Parameters
    ----------
    configuration
        What ``scontrol show config`` prints; asked for where not given.

    Examples
    --------
    >>> largest_array("MaxArraySize            = 1001\nMaxJobCount = 10000")
    1000
    """
    text = _ask("scontrol", "show", "config") if configuration is None else configuration
    said = dict(re.findall(r"^(\w+)\s*=\s*(\d+)", text, re.MULTILINE))
    # The highest index is MaxArraySize - 1; with indices from 0 that would be one task more, but
    # some versions refuse it.
    return max(1, min(int(said.get("MaxArraySize", 1001)) - 1, int(said.get("MaxJobCount", 10000))))


def trouble_with_sacct() -> str:
    """Why ``sacct`` cannot be used here; empty where it can."""
    if not shutil.which("sacct"):
        return "there is no sacct on this machine"
    try:
        _ask("sacct", "-n", "-X", "-S", "now")
    except StateError as error:
        return error.found
    return ""


def tasks_of(names: Iterable[str], has_sacct: bool) -> dict[Key, Task]:
    """The tasks of the arrays with these job names, by name and index.

    Tasks that ended are known for as long as Slurm remembers them (MinJobAge), and with ``sacct``
    for longer. An array that was cancelled before any of it began is one task, as is a job that
    is no array; `task_at` finds these too.

    Raises
    ------
    StateError
        Slurm does not answer.
    """
    wanted = sorted(set(names))
    if not wanted:
        return {}
    found: dict[Key, Task] = {}
    if has_sacct:
        line = ["sacct", "-n", "-X", "-P", "-S", "now-14days", f"--name={','.join(wanted)}"]
        for name, job, state in _rows(_ask(*line, "-o", "JobName,JobID,State")):
            for index in _indices(job):
                # "CANCELLED by 1000"
                found[name, index] = Task(job, state.split(" ")[0], "")
        # What accounting takes to run is over once squeue has forgotten it; squeue decides.
        found = {key: task for key, task in found.items() if task.is_over}
    line = ["squeue", "-h", "-r", "-t", "all", f"--name={','.join(wanted)}"]
    for name, job, place, state, reason in _rows(_ask(*line, "-o", "%j|%i|%K|%T|%r")):
        found[name, int(place) if place.isdigit() else _WHOLE] = Task(job, state, reason)
    return found


def task_at(tasks: Mapping[Key, Task], key: Key) -> Task:
    """The task with this name and index; one in state ``GONE`` where Slurm knows of none.

    Examples
    --------
    >>> task_at({("sweep", -1): Task("12", "CANCELLED")}, ("sweep", 3)).state
    'CANCELLED'
    """
    return tasks.get(key) or tasks.get((key[0], _WHOLE)) or Task("", "GONE")


def _indices(job: str) -> list[int]:
    """Places in its array of what accounting calls by this id.

    Examples
    --------
    >>> _indices("12_[0,3-5%2]"), _indices("12_3"), _indices("12")
    ([0, 3, 4, 5], [3], [-1])
    """
    place = job.partition("_")[2].strip("[]").partition("%")[0]
    return parse_runs(place) if place else [_WHOLE]


def stuck(tasks: Mapping[Key, Task]) -> dict[str, list[Task]]:
    """Tasks that wait for what does not pass by itself, by reason."""
    by_reason: dict[str, list[Task]] = {}
    for task in tasks.values():
        if task.is_stuck:
            by_reason.setdefault(task.reason, []).append(task)
    return by_reason


def _rows(text: str) -> list[list[str]]:
    return [line.strip().split("|") for line in text.splitlines() if line.strip()]


def _ask(*command: str) -> str:
    """What a command of Slurm prints.

    Raises
    ------
    StateError
        It fails or does not answer.
    """
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_SECONDS_TO_ANSWER, check=False
        )
    except subprocess.TimeoutExpired:
        raise StateError(f"{command[0]} did not answer in {_SECONDS_TO_ANSWER} s") from None
    except OSError as error:
        raise StateError(f"{command[0]} cannot be run ({error.strerror})") from None
    if done.returncode:
        raise StateError(f"{command[0]}: {_last_line(done.stderr.splitlines())}")
    return done.stdout


def _last_line(lines: Sequence[str]) -> str:
    said = [line.strip() for line in lines if line.strip()]
    return said[-1] if said else "failed without a word"
