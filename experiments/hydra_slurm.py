"""Hydra's launcher for Slurm, less what makes it wait for ever, break or do things twice."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.core.utils import JobReturn, JobStatus
from hydra_plugins.hydra_submitit_launcher import config as _  # noqa: F401  before ours is stored
from hydra_plugins.hydra_submitit_launcher.submitit_launcher import SlurmLauncher
from submitit.slurm.slurm import SlurmInfoWatcher, SlurmJob

from experiments.reading import read_yaml
from experiments.sweep.engines.squeue import check_commands, largest_array, trouble_with_sacct

__all__ = ["mended"]

_log = logging.getLogger("concord")

_WHERE = "hydra/launcher=submitit_slurm"
_SECONDS_BETWEEN_LOOKS = 10


@contextlib.contextmanager
def mended(home: Path, is_done: Callable[[Sequence[str]], bool]) -> Iterator[None]:
    """Have ``hydra/launcher=submitit_slurm`` mean the shipped configuration, and work.

    Hydra takes no launchers but those of its own namespace, and finds these on every start; so the
    one that is installed is changed for the time being instead of another being added.

    Parameters
    ----------
    home
        The folder of the shipped scenarios.
    is_done
        Whether the run of a job with these overrides is there already.
    """
    shipped = dict(read_yaml(home / "hydra" / "submitit_slurm.yaml"))
    store = ConfigStore.instance()
    store.store("submitit_slurm", shipped, group="hydra/launcher", provider="concord")
    launch, watcher = SlurmLauncher.launch, SlurmJob.watcher

    def careful(
        self: Any, job_overrides: Sequence[Sequence[str]], initial_job_idx: int
    ) -> Sequence[JobReturn]:
        given, first = job_overrides, initial_job_idx  # hydra passes these by name
        _prepare(self.params)
        left = [n for n, overrides in enumerate(given) if not is_done(overrides)]
        if len(left) < len(given):
            _log.info("%d of %d runs are there already", len(given) - len(left), len(given))
        returns = [JobReturn(overrides=one, status=JobStatus.COMPLETED) for one in given]
        size = largest_array()
        for place in range(0, len(left), size):
            which = left[place : place + size]
            done = launch(self, [given[n] for n in which], first + which[0])
            for n, returned in zip(which, done, strict=True):
                returns[n] = returned
        return returns

    SlurmLauncher.launch = careful
    try:
        yield
    finally:
        SlurmLauncher.launch, SlurmJob.watcher = launch, watcher


def _prepare(params: dict[str, Any]) -> None:
    """Check the cluster, and let tasks find this package."""
    check_commands(_WHERE)
    trouble = trouble_with_sacct()
    if trouble:
        _log.warning("warning: sacct cannot be used here (%s); squeue is asked instead", trouble)
        SlurmJob.watcher = _QueueWatcher(delay_s=_SECONDS_BETWEEN_LOOKS)
    root = Path(__file__).parents[1]
    path = f'export PYTHONPATH="{root}${{PYTHONPATH:+:$PYTHONPATH}}"'
    params["setup"] = [*(params.get("setup") or []), path]


class _QueueWatcher(SlurmInfoWatcher):  # type: ignore[misc]
    """How tasks do, by squeue: submitit's own asks sacct, and without it waits for ever."""

    def _make_command(self) -> list[str] | None:
        # All of the user's: asked for one that it has forgotten, squeue fails.
        line = ["squeue", "-r", "-t", "all", f"--user={os.getuid()}", "-o", "%i|%T|%N"]
        return line if self._registered - self._finished else None

    def read_info(self, string: bytes | str) -> dict[str, dict[str, str]]:
        """Id → what is known of it, under sacct's names; what Slurm has forgotten is over."""
        text = string.decode() if isinstance(string, bytes) else string
        rows: list[list[str]] = [line.strip().split("|") for line in text.splitlines()[1:]]
        found = {
            row[0]: dict(zip(("JobID", "State", "NodeList"), row, strict=True)) for row in rows
        }
        gone = self._registered - self._finished - set(found)
        return found | {job: {"JobID": job, "State": "GONE", "NodeList": ""} for job in gone}
