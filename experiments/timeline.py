"""The dated shocks of a scenario, before it is run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.compose import compose
from experiments.run import scenario_of

__all__ = ["timeline_of"]


def timeline_of(overrides: Sequence[str], config_dir: Path | None = None) -> list[dict[str, Any]]:
    """Dated shocks in order, exits also on the day they take effect.

    Parameters
    ----------
    overrides
        ``scenario=NAME`` and whatever else is to be changed.
    config_dir
        A folder of the user's own.

    Returns
    -------
    list of dict
        ``date``, ``kind``, ``text``, ``reference``.
    """
    from sim.engine import timeline

    scenario = scenario_of(compose(overrides, config_dir))
    return [
        {key: str(entry.get(key, "")) for key in ("date", "kind", "text", "reference")}
        for entry in timeline(scenario)
    ]
