"""Arrays of tasks on a Slurm cluster, and the record of them in a sweep's folder."""

from __future__ import annotations

import contextlib
import io
import json
import re
import secrets
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.reading import read_yaml
from experiments.sweep.engines.squeue import Key, Task, task_at, tasks_of
from experiments.sweep.engines.task import Chunk
from experiments.sweep.plan import Plan
from experiments.sweep.worker import THREADS
from sim.atomic import write_file
from sim.errors import ConfigError

__all__ = ["Arrays", "checked"]

_RECORDS = "slurm"
_SHORTEST_MINUTES = 5
# Times that submitit queues again what it takes for a time-out, pre-emption often among them.
_NO_LIMIT = 10**6


def checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """Options as in ``scenarios/launcher/slurm.yaml``; what is not given is as it is there.

    Raises
    ------
    ConfigError
        A value that Slurm cannot do with.
    """
    import scenarios

    home = Path(scenarios.__file__).parent
    options = {**read_yaml(home / "launcher" / "slurm.yaml"), **given}
    least = {"timeout_min": _SHORTEST_MINUTES, "cpus_per_task": 1, "tasks_at_once": 1}
    for key in (*least, "max_requeues", "retries"):
        value, lowest = options[key], least.get(key, 0)
        if isinstance(value, bool) or not isinstance(value, int) or value < lowest:
            # Slurm may give notice of the end of time a minute early, which leaves nothing of
            # a task's first two or three.
            raise ConfigError(
                f"{value!r} will not do",
                where=f"launcher.{key}",
                expected=f"a whole number, {lowest} or more",
            )
    return options


@dataclass
class Arrays:
    """Submits arrays and keeps a record of them in the sweep's folder."""

    folder: Path
    plan: Plan
    options: dict[str, Any]
    largest: int
    has_sacct: bool

    def queued(self, done: Collection[int]) -> dict[Key, list[int]]:
        """Tasks on record, of this driver or one before it, that are not over → their runs.

        Parameters
        ----------
        done
            Runs that are there. Arrays whose runs are all there and whose tasks are over are
            forgotten.
        """
        arrays = {}
        for file in sorted((self.folder / _RECORDS).glob("[!.]*.json")):
            try:
                record = json.loads(file.read_text(encoding="utf-8"))
            except (OSError, ValueError):
                continue
            if record.get("plan") == self.plan.fingerprint:
                arrays[file.stem] = record["chunks"]
        tasks = tasks_of(arrays, has_sacct=False)
        queued = {
            (name, index): runs
            for name, chunks in arrays.items()
            for index, runs in enumerate(chunks)
            if not task_at(tasks, (name, index)).is_over
        }
        for name in set(arrays) - {name for name, _ in queued}:
            if all(run in done for runs in arrays[name] for run in runs):
                self.forget(name)
        return queued

    def submit(self, chunks: Sequence[Sequence[int]]) -> dict[Key, list[int]]:
        """Submit one array.

        Raises
        ------
        ConfigError
            Slurm refuses it.
        """
        from submitit.core.utils import FailedJobError, FailedSubmissionError

        stem = re.sub(r"[^A-Za-z0-9._-]", "-", self.plan.name)
        name = f"concord-{stem}-{secrets.token_hex(4)}"
        place = self.folder / _RECORDS / name
        record = {"plan": self.plan.fingerprint, "chunks": [list(runs) for runs in chunks]}
        # Before sbatch, so that no task is ever queued that a later driver does not know of.
        write_file(place.with_suffix(".json"), json.dumps(record).encode())
        try:
            executor = self._executor(place, name)
            with contextlib.redirect_stderr(io.StringIO()):  # sbatch's words come with the error
                executor.map_array(
                    Chunk(self.folder, int(self.options["max_requeues"])), record["chunks"]
                )
        except (FailedJobError, FailedSubmissionError) as error:
            self.forget(name)
            lines = [line for line in str(error).splitlines() if "sbatch: error" in line]
            said = "; ".join(line.split("error: ", 1)[1] for line in lines) or str(error)
            raise ConfigError(
                f"Slurm refuses the array: {said}",
                where="launcher=slurm",
                expected="options that fit this cluster (sinfo; concord sweep … launcher.KEY=…)",
            ) from None
        return {(name, index): list(runs) for index, runs in enumerate(chunks)}

    def _executor(self, place: Path, name: str) -> Any:
        from submitit.slurm.slurm import SlurmExecutor

        given = self.options
        executor = SlurmExecutor(place, max_num_timeout=_NO_LIMIT)
        root = Path(__file__).parents[3]
        passed = {key: given[key] for key in ("partition", "account", "qos", "constraint")}
        executor.update_parameters(
            job_name=name,
            time=int(given["timeout_min"]),
            mem=f"{int(float(given['mem_gb']) * 1024)}M",
            cpus_per_task=int(given["cpus_per_task"]),
            array_parallelism=int(given["tasks_at_once"]),
            # Time to end the run at hand: it is given up, and those before it are published.
            signal_delay_s=_notice(int(given["timeout_min"])),
            stderr_to_stdout=True,
            setup=[
                *given["setup"],
                f'export PYTHONPATH="{root}${{PYTHONPATH:+:$PYTHONPATH}}"',
                *(f"export {one}=1" for one in THREADS),
            ],
            additional_parameters={"requeue": True, **given["sbatch"]},
            **{key: value for key, value in passed.items() if value is not None},
        )
        return executor

    def forget(self, name: str) -> None:
        """Remove the record and the logs of an array."""
        shutil.rmtree(self.folder / _RECORDS / name, ignore_errors=True)
        (self.folder / _RECORDS / f"{name}.json").unlink(missing_ok=True)

    def has_begun(self, key: Key) -> bool:
        """Whether a task that Slurm has forgotten has written anything."""
        name, index = key
        files = [file.name for file in (self.folder / _RECORDS / name).glob("*.out")]
        return any(re.fullmatch(rf"\d+(_{index})?_0_log\.out", file) for file in files)

    def log_of(self, name: str, task: Task) -> Path:
        """Where a task's output is."""
        return self.folder / _RECORDS / name / f"{task.job}_0_log.out"


def _notice(minutes: int) -> int:
    """Seconds between the signal and the end of a task's time.

    Examples
    --------
    >>> _notice(1), _notice(60)
    (30, 120)
    """
    return min(120, minutes * 30)
