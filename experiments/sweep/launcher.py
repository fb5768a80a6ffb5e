"""What the options of launchers may be, whichever engine will read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.errors import ConfigError

__all__ = ["check_launcher"]

_COUNTS = {  # option of a launcher → least and most; more would be a slip of the pen
    "jobs": (1, 1024),
    "chunk": (1, 100_000),
    "deaths": (1, 1000),
    "workers": (1, 10_000),
    "cpus_per_task": (1, 1024),
    "tasks_at_once": (1, 100_000),
    "timeout_min": (1, 525_600),  # minutes of a year
    "max_requeues": (0, 10_000),
    "retries": (0, 1000),
}
_AMOUNTS = {  # the most; none is 0
    "memory_gb": 1e5,
    "mem_gb": 1e5,
    "wait_seconds": 86_400.0,
    "poll_seconds": 86_400.0,
    "settle_seconds": 86_400.0,
}
_TEXTS = ("partition", "account", "qos", "constraint", "address", "interface")


def check_launcher(launcher: Mapping[str, Any]) -> None:
    """Refuse options of a launcher that its engine would stumble over, before anything is planned.

    Raises
    ------
    ConfigError
        The first of them.
    """
    given = {key: value for key, value in launcher.items() if value is not None}
    for key, value in given.items():
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        expected = ""
        if key in _COUNTS:
            least, most = _COUNTS[key]
            if not (is_number and isinstance(value, int) and least <= value <= most):
                expected = f"a whole number from {least} to {most}"
        elif key in _AMOUNTS and not (is_number and 0 < value <= _AMOUNTS[key]):
            expected = f"a number above 0, up to {_AMOUNTS[key]:g}"
        elif key in _TEXTS and not (isinstance(value, str) and value):
            expected = "a text"
        elif key == "cluster" and value not in {"local", "slurm"}:
            expected = "local or slurm"
        elif key == "setup" and not _is_lines(value):
            expected = "a list of shell lines"
        elif key == "sbatch" and not (isinstance(value, Mapping) or _is_lines(value)):
            expected = "options of sbatch"
        if expected:
            raise ConfigError(f"{value!r} will not do", where=f"launcher.{key}", expected=expected)


def _is_lines(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(line, str) for line in value)
