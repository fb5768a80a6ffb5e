"""Reading what is known of emissions: CO2 of each state, and what parties have pledged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

import numpy as np

from sim.errors import DataError, nearest
from sim.types import Bools, Floats, Ints
from sim.world.tables import Row, Table

__all__ = ["COLUMNS", "DATA_YEAR", "KINDS", "TREND_SINCE", "ClimateFacts", "Pledge", "read_climate"]

COLUMNS = {
    "emissions": "iso3 co2_2021 change_since_2005 annex",
    "climate_pledges": "party since until kind base_year base growth low high",
}
"""Columns read of each table."""
KINDS = ("absolute", "intensity", "relative", "none")
DATA_YEAR, TREND_SINCE = 2021, 2005

Group: TypeAlias = Callable[[str], Bools | None]


@dataclass(frozen=True, eq=False)
class Pledge:
    """What a state, or a group of states together, has pledged.

    Attributes
    ----------
    states
        (S,) whom it is of.
    since, until
        Year in which it was made, year that it is for.
    kind
        ``absolute``: against the emissions of a year; ``intensity``: the same by unit of output;
        ``relative``: against business as usual.
    share
        Cut against that, the least that is promised (0–1).
    base
        Million tonnes that it is measured against, grown with output where it is by unit of
        output; NaN where against business as usual.
    """

    states: Bools
    since: int
    until: int
    kind: str
    share: float
    base: float

    def cut(self, baseline: Floats) -> float:
        """Share (0–1) that it takes from the baseline (S,), million tonnes, of the year it is for.

        Examples
        --------
        >>> half_of_1990 = Pledge(np.array([True]), 2020, 2030, "absolute", 0.5, 100.0)
        >>> half_of_1990.cut(np.array([80.0])), half_of_1990.cut(np.array([40.0]))
        (0.375, 0.0)
        """
        if self.kind == "relative":
            return self.share
        total = float(baseline[self.states].sum())
        return max(1.0 - (1.0 - self.share) * self.base / total, 0.0) if total > 0 else 0.0


@dataclass(frozen=True, eq=False)
class ClimateFacts:
    """Emissions and pledges.

    Attributes
    ----------
    emissions
        (S,) million tonnes of fossil CO2 in `DATA_YEAR`; 0 where unknown.
    trend
        (S,) their growth from `TREND_SINCE` to `DATA_YEAR`, logs a year; 0 where unknown.
    pledges
        Those made by the day of the start, in the order of the table.
    annex
        (S,) 2: listed in Annex II of the Convention, whose parties pay; 1: in Annex I alone; 0.
    """

    emissions: Floats = field(default_factory=lambda: np.zeros(0))
    trend: Floats = field(default_factory=lambda: np.zeros(0))
    pledges: tuple[Pledge, ...] = ()
    annex: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


def read_climate(
    found: Mapping[str, Table], index: Mapping[str, int], start: date, group: Group
) -> ClimateFacts:
    """Read both tables.

    Parameters
    ----------
    found
        Tables by name.
    index
        State → its row.
    start
        First day of the run: pledges of later years are not yet made.
    group
        Members (S,) of an organisation, None where it is not known.

    Raises
    ------
    DataError
        An unknown party or kind, or a pledge that lacks what it is measured against.
    """
    now, trend = np.zeros(len(index)), np.zeros(len(index))
    annex = np.zeros(len(index), dtype=np.int64)
    for row in found["emissions"]:
        place = row.state("iso3", index)
        now[place] = row.number_or("co2_2021", 0.0)
        annex[place] = int(row.number_or("annex", 0.0))
        change = 1.0 + row.number_or("change_since_2005", 0.0) / 100.0
        trend[place] = np.log(change) / (DATA_YEAR - TREND_SINCE)
    before = now * np.exp(-trend * (DATA_YEAR - TREND_SINCE))
    pledges = (_pledge(row, index, group, before) for row in found["climate_pledges"])
    made = tuple(one for one in pledges if one is not None and one.since <= start.year)
    return ClimateFacts(now, trend, made, annex)


def _pledge(row: Row, index: Mapping[str, int], group: Group, in_2005: Floats) -> Pledge | None:
    """A line of the table; None where it holds nothing that fossil CO2 can be held to."""
    kind = row.word("kind", KINDS)
    if kind == "none":
        return None
    states = _whose(row, index, group)
    base = np.nan
    if kind != "relative":
        is_2005 = row.number("base_year") == TREND_SINCE
        base = float(in_2005[states].sum()) if is_2005 else row.number("base")
        base *= row.number("growth") if kind == "intensity" else 1.0
    since, until = (int(row.number(name)) for name in ("since", "until"))
    return Pledge(states, since, until, kind, row.number("low") / 100.0, base)


def _whose(row: Row, index: Mapping[str, int], group: Group) -> Bools:
    code = row.text("party")
    states = np.zeros(len(index), dtype=bool)
    if code in index:
        states[index[code]] = True
        return states
    members = group(code)
    if members is None:
        raise DataError(f"unknown party {code!r}", where=row.where, expected=nearest(code, index))
    return members
