"""Run a scenario: the one door through which everything outside `sim` enters."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from threadpoolctl import threadpool_limits

from sim.load import setting_for
from sim.model import ConcordModel

if TYPE_CHECKING:
    from datetime import date

    from sim.config import Scenario
    from sim.log import Log

__all__ = ["data_checksums", "open_model", "simulate", "timeline"]


def open_model(scenario: Scenario, seed: int) -> ConcordModel:
    """A Mesa model on the first day of a scenario.

    Parameters
    ----------
    scenario
        From `sim.load.scenario_from`.
    seed
        Root of all random streams, 0 or more.

    Raises
    ------
    ConfigError, DataError
        The scenario cannot be run; nothing has run yet.
    """
    return ConcordModel(setting_for(scenario, seed))


def simulate(
    scenario: Scenario, seed: int, *, on_step: Callable[[int, int], None] | None = None
) -> Log:
    """Run a scenario from its first quarter to its last.

    Parameters
    ----------
    scenario, seed
        What to run; the same pair gives the same log, byte for byte.
    on_step
        Called after each quarter with (quarters done, quarters in all).

    Returns
    -------
    Log
        ``log.tables()`` gives the tables of `docs/outputs.md`.

    Raises
    ------
    ConfigError, DataError
        The scenario cannot be run.
    ConvergenceError
        The trade equilibrium of a quarter was not found.
    """
    # One thread: runs are many, cores few, and results must not depend on the number of threads.
    with threadpool_limits(limits=1):
        model = open_model(scenario, seed)
        for done in range(1, scenario.quarters + 1):
            model.step()
            if on_step is not None:
                on_step(done, scenario.quarters)
        # Model and agents point at each other: what they remember would wait for the collector,
        # and several runs of one process would pile up.
        model.setting.memo.clear()
    model.log.timeline = timeline(scenario)
    return model.log


def timeline(scenario: Scenario) -> list[dict[str, Any]]:
    """The dated shocks of a scenario in order, exits with the day on which they take effect.

    Returns
    -------
    list of dict
        ``date``, ``kind``, ``name``, ``text``, ``reference``.
    """
    setting = setting_for(scenario, 0)
    rows = []
    for name, shock in scenario.dated:
        rows.append(_row(shock.date, shock.kind, name, shock.text or _said(shock), shock.reference))
        if shock.kind == "exit":
            day = setting.exit_date(shock)
            text = f"{shock.state} is out of {shock.organisation}"
            rows.append(_row(day, "exit_effective", name, text, shock.reference))
        until = getattr(shock, "until", None)
        if until is not None:
            text = f"end of: {shock.text or _said(shock)}"
            rows.append(_row(until, f"{shock.kind}_ends", name, text, shock.reference))
    return sorted(rows, key=lambda row: (row["date"], row["name"], row["kind"]))


def _row(day: date, kind: str, name: str, text: str, reference: str) -> dict[str, Any]:
    return {
        "date": day.isoformat(),
        "kind": kind,
        "name": name,
        "text": text,
        "reference": reference,
    }


def _said(shock: Any) -> str:
    """A shock in words, when the scenario gives none."""
    given = shock.model_dump(exclude_none=True, exclude={"kind", "date", "text", "reference"})
    parts = []
    for key, value in given.items():
        shown = ", ".join(value) if isinstance(value, tuple) else str(value)
        parts.append(f"{key} {shown}")
    return "; ".join(parts)


def data_checksums(scenario: Scenario) -> dict[str, str]:
    """SHA-256 of every table that the scenario's world was read from."""
    return dict(setting_for(scenario, 0).world.checksums)
