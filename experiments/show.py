"""The model as it stands: the plan of a step, with what each phase reads and writes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.console import progress, say, set_up_log, show_json, show_table
from sim.errors import ConfigError

__all__ = ["phases", "plan_of_a_step"]


def phases(
    overrides: Sequence[str], config_dir: Path | None, *, is_timed: bool, as_json: bool
) -> None:
    """`concord show phases`."""
    if overrides and not is_timed:
        raise ConfigError(
            f"{overrides[0]!r} changes no phase", expected="--time, which times a run with it"
        )
    set_up_log(as_json)
    plan = plan_of_a_step()
    if is_timed:
        label, seconds = _seconds(overrides, config_dir, as_json)
        total = sum(seconds.values())
        for row in plan:
            taken = seconds[row["phase"]]
            row |= {"seconds": round(taken, 3), "percent": round(100.0 * taken / total)}
    if as_json:
        show_json(plan)
        return
    rows = [
        [", ".join(cell) if isinstance(cell, list) else str(cell) for cell in row.values()]
        for row in plan
    ]
    show_table(list(plan[0]), rows, right=("seconds", "percent"))
    if is_timed:
        say(f"{total:.2f} s in the phases of {label}")


def plan_of_a_step() -> list[dict[str, Any]]:
    """The phases of a quarter in their order.

    Returns
    -------
    list of dict
        ``n``, ``phase``, ``what happens``, ``reads``, ``writes``.

    Examples
    --------
    >>> [row["phase"] for row in plan_of_a_step()][-1]
    'record'
    """
    from sim.phase import EVERYTHING
    from sim.phases import PHASES

    return [
        {
            "n": n,
            "phase": phase.name,
            "what happens": phase.meaning,
            "reads": ["everything" if name == EVERYTHING else name for name in phase.reads],
            "writes": list(phase.writes),
        }
        for n, phase in enumerate(PHASES, 1)
    ]


def _seconds(
    overrides: Sequence[str], config_dir: Path | None, is_quiet: bool
) -> tuple[str, dict[str, float]]:
    """Label of a run, and the seconds that it spent in each phase."""
    from experiments.compose import compose
    from experiments.run import scenario_of
    from sim.engine import phase_seconds

    composed = compose(overrides, config_dir)
    with progress("running", [composed.label], is_quiet):
        return composed.label, phase_seconds(scenario_of(composed), composed.seed)
