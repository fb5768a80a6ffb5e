"""Run a scenario: the one door through which everything outside `sim` enters."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from threadpoolctl import threadpool_limits

from sim.calendar import Calendar
from sim.checkpoint import Checkpoint
from sim.errors import ConfigError
from sim.load import setting_for
from sim.model import ConcordModel

if TYPE_CHECKING:
    from datetime import date

    from sim.log import Log
    from sim.scenario import Scenario

__all__ = ["checkpoint_at", "data_checksums", "open_model", "phase_seconds", "simulate", "timeline"]


def open_model(scenario: Scenario, seed: int, start_from: Checkpoint | None = None) -> ConcordModel:
    """A Mesa model on the first day of a scenario, or where a checkpoint left off.

    Parameters
    ----------
    scenario
        From `sim.load.scenario_from`.
    seed
        Root of all random streams, 0 or more.
    start_from
        A checkpoint of a run whose past this scenario shares.

    Raises
    ------
    ConfigError, DataError
        The scenario cannot be run, or its past is not that of the checkpoint; nothing has run yet.
    """
    if start_from is None:
        return ConcordModel(setting_for(scenario, seed))
    start_from.check(scenario, seed)
    setting = setting_for(scenario, seed)
    return ConcordModel(setting, *start_from.resume(setting))


def simulate(
    scenario: Scenario,
    seed: int,
    *,
    on_step: Callable[[int, int], None] | None = None,
    start_from: Checkpoint | None = None,
    remembers: bool = True,
) -> Log:
    """Run a scenario to its last quarter, from its first or from a checkpoint.

    Parameters
    ----------
    scenario, seed
        What to run; the same pair gives the same log, byte for byte, wherever it starts from.
    on_step
        Called after each quarter with (quarters done, quarters in all).
    start_from
        From `checkpoint_at`: the quarters that this scenario shares with another are not run again.
    remembers
        Whether results are remembered within the run; without, it takes longer and is the same.

    Returns
    -------
    Log
        ``log.tables()`` gives the tables of `docs/outputs.md`.

    Raises
    ------
    ConfigError, DataError
        The scenario cannot be run, or its past is not that of the checkpoint.
    ConvergenceError
        The trade equilibrium of a quarter was not found.
    """
    # One thread: runs are many, cores few, and results must not depend on the number of threads.
    with threadpool_limits(limits=1):
        model = open_model(scenario, seed, start_from)
        model.setting.memo.is_on = remembers
        _advance(model, scenario.quarters, on_step)
        # Model and agents point at each other: what they remember would wait for the collector,
        # and several runs of one process would pile up.
        model.setting.memo.clear()
    model.log.timeline = timeline(scenario)
    return model.log


def checkpoint_at(
    scenario: Scenario, seed: int, day: date, *, on_step: Callable[[int, int], None] | None = None
) -> Checkpoint:
    """Run a scenario up to the quarter in which a day lies, and stop before that quarter.

    Parameters
    ----------
    scenario, seed
        What to run.
    day
        A day of the run, in its second quarter or later.
    on_step
        As for `simulate`, with (quarters done, quarters up to the day).

    Raises
    ------
    ConfigError, DataError
        The day is not in the run; the scenario cannot be run.
    ConvergenceError
        The trade equilibrium of a quarter was not found.
    """
    calendar = Calendar(scenario.start, scenario.quarters)
    steps = calendar.step_of(day)
    if not 0 < steps < scenario.quarters:
        first, last = calendar.first_day(1), calendar.first_day(scenario.quarters - 1)
        raise ConfigError(
            f"{day} leaves nothing to run before it or after it", expected=f"{first} to {last}"
        )
    with threadpool_limits(limits=1):
        model = open_model(scenario, seed)
        _advance(model, steps, on_step)
    return Checkpoint.of(model.state, model.log)


def _advance(
    model: ConcordModel, quarters: int, on_step: Callable[[int, int], None] | None
) -> None:
    """Run the model until so many quarters are done."""
    for done in range(model.state.step + 2, quarters + 1):
        model.step()
        if on_step is not None:
            on_step(done, quarters)


def phase_seconds(scenario: Scenario, seed: int) -> dict[str, float]:
    """Run a scenario and tell the seconds that each phase took.

    Raises
    ------
    ConfigError, DataError, ConvergenceError
        As for `simulate`.
    """
    with threadpool_limits(limits=1):
        model = open_model(scenario, seed)
        _advance(model, scenario.quarters, None)
        model.setting.memo.clear()
    return dict(model.seconds)


def timeline(scenario: Scenario) -> list[dict[str, Any]]:
    """The dated shocks of a scenario in order, exits with the day on which they take effect.

    Returns
    -------
    list of dict
        ``date``, ``kind``, ``name``, ``text``, ``reference``.
    """
    setting = setting_for(scenario, 0)
    rows = [
        {
            "date": entry.date.isoformat(),
            "kind": entry.kind,
            "name": name,
            "text": entry.text,
            "reference": entry.reference,
        }
        for name, shock in scenario.dated
        for entry in shock.timeline(setting)
    ]
    return sorted(rows, key=lambda row: (row["date"], row["name"], row["kind"]))


def data_checksums(scenario: Scenario) -> dict[str, str]:
    """SHA-256 of every table that the scenario's world was read from."""
    return dict(setting_for(scenario, 0).world.checksums)
