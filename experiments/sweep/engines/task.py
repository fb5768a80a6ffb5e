"""What runs on a node of a cluster: one chunk, in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.sweep.worker import PUBLISHED_WITH_FAILURES, THREADS, runs_text

__all__ = ["Chunk", "complaint_in"]

_SECONDS_TO_PUBLISH = 25.0
_COMPLAINT = "concord: error:"
_TERMINATED = (-signal.SIGTERM, 128 + signal.SIGTERM)


class Chunk:
    """The work of an array's task, as submitit wants it: callable, and able to be queued again.

    Parameters
    ----------
    folder
        The sweep's folder.
    patience
        Times in a row that it may be stopped before a run is done.
    stops
        Times in a row that it has been.
    """

    def __init__(self, folder: Path, patience: int, stops: int = 0) -> None:
        self.folder = folder
        self.patience, self.stops = patience, stops
        self._process: subprocess.Popen[bytes] | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Without the process, which belongs to this machine."""
        return {**self.__dict__, "_process": None}

    def __call__(self, runs: Sequence[int]) -> None:
        """Do the runs, less those that are there already when the task was queued again.

        Raises
        ------
        RuntimeError
            The worker ended without having published them.
        """
        runs = self._left(runs) if os.environ.get("SLURM_RESTART_COUNT", "0") != "0" else runs
        if not runs:
            return
        line = [sys.executable, "-m", "experiments.sweep.worker", str(self.folder)]
        self._process = subprocess.Popen(
            [*line, "--runs", runs_text(runs)],
            env={**os.environ, **dict.fromkeys(THREADS, "1")},
            # Slurm announces the end of time to all processes of a task; the worker is told to
            # stop by `checkpoint`, and would die at once of a signal that it does not know.
            preexec_fn=_deaf,  # noqa: PLW1509  no other threads here
        )
        code = self._process.wait()
        if code in _TERMINATED and _requeued():
            sys.exit(code)  # neither done nor failed
        if code not in (0, PUBLISHED_WITH_FAILURES):
            raise RuntimeError(f"the worker of runs {runs_text(runs)} ended with {code}")

    def checkpoint(self, runs: Sequence[int]) -> Any:
        """End the worker, which publishes what is done; what is left is for the next time.

        None when it has been stopped too often.
        """
        from submitit.helpers import DelayedSubmission

        if self._process is not None:
            _end(self._process.pid)
        left = self._left(runs)
        stops = self.stops + 1 if len(left) == len(runs) else 0
        if stops > self.patience:
            sys.stdout.write(
                f"{_COMPLAINT} stopped {stops} times in a row before one run was done; "
                "a longer launcher.timeout_min?\n"
            )
            return None
        return DelayedSubmission(Chunk(self.folder, self.patience, stops), left)

    def _left(self, runs: Sequence[int]) -> list[int]:
        from experiments.sweep.plan import Plan
        from experiments.sweep.store import missing

        left = set(missing(Plan.read(self.folder), self.folder, retry_failed=True))
        return [run for run in runs if run in left]


def _deaf() -> None:
    signal.signal(signal.SIGUSR2, signal.SIG_IGN)


def _requeued() -> bool:
    """Whether this task, told to end, is to be pre-empted and has been queued again.

    Slurm says nothing more than SIGTERM before it takes a processor away with a time of grace, and
    queues a task again only if it waits for the end of that time. One that was cancelled, which
    hears of it in the same way, stays so.
    """
    given = os.environ
    # The id alone is the whole array's for one of its tasks.
    job = given.get("SLURM_JOB_ID", "")
    if "SLURM_ARRAY_JOB_ID" in given:
        job = f"{given['SLURM_ARRAY_JOB_ID']}_{given['SLURM_ARRAY_TASK_ID']}"
    asked = ["squeue", "-h", "-j", job, "-o", "%T"]
    try:
        state = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=True).stdout
        if state.strip() != "RUNNING":
            return False
        subprocess.run(["scontrol", "requeue", job], timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def _end(process: int) -> None:
    """Have a child end, and wait for it without reaping it.

    This runs in a signal's handler, in the middle of `subprocess.Popen.wait`, whose lock is held.
    """
    until = time.monotonic() + _SECONDS_TO_PUBLISH
    try:
        os.kill(process, signal.SIGTERM)
        while os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            if time.monotonic() > until:
                os.kill(process, signal.SIGKILL)
            time.sleep(0.05)
    except (ProcessLookupError, ChildProcessError):
        return


def complaint_in(log: Path) -> str:
    """What is the user's to mend, by the output of a task, if anything is."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    said = [line.removeprefix(_COMPLAINT).strip() for line in lines if line.startswith(_COMPLAINT)]
    return said[-1] if said else ""
