"""One number per run and measure, from the run's tables: what contrasts and indices start from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.errors import AnalysisError, unknown
from analysis.items import ITEM_MEASURES, items
from analysis.measures import final
from analysis.spans import over_span, unit_of_statistic, weighted_rows

ITEM_TABLES = ("events", "rounds", "agreements", "summary")


@dataclass(frozen=True)
class Outcome:
    """What to read off a run.

    Attributes
    ----------
    name
        A column of `table`; with the table ``items``, a name in `analysis.items.ITEM_MEASURES`.
    table
        A table of the run, or ``items`` (one row per item, made of several tables).
    where
        Column → values to keep, such as ``{"organisation": ["FITP"]}``.
    at
        ``final`` (the last quarter) or (since, until): the quarters that begin in it. Has no
        meaning for items.
    over
        What is made of those quarters: ``mean``, ``least``, ``most``, ``variance``, ``integral``.
    weight
        Column by which the rows of one date are averaged first; none when empty.
    drop
        Column → values to leave out.
    label
        What tells it apart from others of that name, where `where` and `drop` would be long.
    """

    name: str
    table: str = "summary"
    where: Mapping[str, Sequence[str]] | None = None
    at: str | tuple[str, str] = "final"
    over: str = "mean"
    weight: str = ""
    drop: Mapping[str, Sequence[str]] | None = None
    label: str = ""

    @property
    def key(self) -> str:
        """The name with what tells it apart from others of that name."""
        kept = [value for values in (self.where or {}).values() for value in values]
        kept += [part for part in (self.label, self.over) if part not in {"", "mean"}]
        span = "" if isinstance(self.at, str) else f"{self.at[0]}–{self.at[1]}"
        inside = ", ".join([*kept, span] if span else kept)
        return f"{self.name} ({inside})" if inside else self.name


def values_of(
    outcomes: Sequence[Outcome], table: Callable[[str], pd.DataFrame]
) -> dict[str, float]:
    """Read all outcomes off one run.

    Parameters
    ----------
    outcomes
        What to read.
    table
        Function from a table's name to its frame, all of one run.

    Returns
    -------
    dict
        Outcome's key → value; NaN where it is not defined (no item agreed, say).

    Raises
    ------
    AnalysisError
        A column that is not there, or rows of one date that `where` does not tell apart.

    Examples
    --------
    >>> dates = pd.to_datetime(["2024-01-01", "2024-04-01"])
    >>> frame = pd.DataFrame({"scenario": "a", "seed": 1, "date": dates, "x": [1.0, 3.0]})
    >>> values_of([Outcome("x")], lambda name: frame)
    {'x': 3.0}
    """
    made: dict[str, pd.DataFrame] = {}

    def get(name: str) -> pd.DataFrame:
        if name not in made:
            is_items = name == "items"
            made[name] = items({n: get(n) for n in ITEM_TABLES}) if is_items else table(name)
        return made[name]

    return {one.key: _value(one, get(one.table)) for one in outcomes}


def unit_of(outcome: Outcome, units: Mapping[str, str]) -> str:
    """The unit of an outcome; `units` are those of its table's columns."""
    if outcome.table == "items":
        return _item_measure(outcome.name).unit
    unit = units.get(outcome.name, "")
    return unit if isinstance(outcome.at, str) else unit_of_statistic(outcome.over, unit)


def _item_measure(name: str) -> Any:
    if name not in ITEM_MEASURES:
        raise unknown("measure", name, ITEM_MEASURES, "items")
    return ITEM_MEASURES[name]


def _value(outcome: Outcome, frame: pd.DataFrame) -> float:
    rows = frame
    for column, kept in (outcome.where or {}).items():
        if column not in rows:
            raise unknown("column", column, map(str, rows.columns), outcome.table)
        rows = rows[rows[column].isin(list(kept))]
    for column, dropped in (outcome.drop or {}).items():
        rows = rows[~rows[column].isin(list(dropped))]
    if outcome.table == "items":
        return float(_item_measure(outcome.name).function(rows))
    if rows.empty:
        raise AnalysisError(
            f"no rows where {dict(outcome.where or {})}",
            where=outcome.table,
            expected="values that the column has",
        )
    if outcome.weight:
        rows = weighted_rows(rows, outcome.name, outcome.weight)
    if isinstance(outcome.at, str):
        if outcome.at != "final":
            raise AnalysisError(f"at={outcome.at!r}", expected="'final' or [since, until]")
        return float(final(rows, outcome.name)[outcome.name].iloc[0])
    found = over_span(rows, outcome.name, *outcome.at, outcome.over)
    return float(found[outcome.name].iloc[0])
