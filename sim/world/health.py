"""Reading what is known of health on the first day: capacities of states, bodies at work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from sim.errors import DataError
from sim.types import Floats
from sim.world.tables import Table

__all__ = ["HEALTH_COLUMNS", "HealthRecord", "read_health"]

HEALTH_COLUMNS = {
    "health_states": "iso3 health_security_index health_spending",
    "health_bodies": "organisation instrument since",
}
"""Columns read of each table."""


@dataclass(frozen=True, eq=False)
class HealthRecord:
    """Capacities against outbreaks by themselves, and bodies that add to them.

    Attributes
    ----------
    index
        (S,) Global Health Security Index of 2019, 0 to 1, NaN where unknown.
    spending
        (S,) health spending per head, USD, NaN where unknown.
    bodies
        Codes of organisations that watch for outbreaks and help against them, on the first day.
    """

    index: Floats = field(default_factory=lambda: np.zeros(0))
    spending: Floats = field(default_factory=lambda: np.zeros(0))
    bodies: tuple[str, ...] = ()


def read_health(found: Mapping[str, Table], index: Mapping[str, int], start: date) -> HealthRecord:
    """The tables of health as they stand on the first day.

    Raises
    ------
    DataError
        A state is missing or unknown, a body has no first day.
    """
    rows = {row.state("iso3", index): row for row in found["health_states"]}
    missing = [code for code, i in index.items() if i not in rows]
    if missing:
        raise DataError(f"no row for {', '.join(missing[:5])}", where="health_states.csv",
                        expected="a row for each state")  # fmt: skip
    ordered = [rows[i] for i in range(len(index))]
    bodies = []
    for row in found["health_bodies"]:
        since = row.day("since")
        if since is None:
            raise DataError("a body without a first day", where=row.where, expected="a day")
        if since <= start:
            bodies.append(row.text("organisation"))
    score = np.array([row.number_or("health_security_index", np.nan) for row in ordered])
    spending = np.array([row.number_or("health_spending", np.nan) for row in ordered])
    return HealthRecord(score / 100.0, spending, tuple(bodies))
