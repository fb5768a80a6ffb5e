"""A run's quarters in one number: mean, trough, unsteadiness, integral; and groups of states."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.errors import unknown
from analysis.frames import RUN, keys_of, need, result_of
from analysis.measures import mean_over

_QUARTERS_PER_YEAR = 4

STATISTICS = {"mean": "", "least": "", "most": "", "variance": "squared", "integral": "years"}
"""What is made of the quarters of a span, and what that does to the unit."""


def over_span(
    frame: pd.DataFrame, measure: str, since: Any, until: Any, statistic: str = "mean"
) -> pd.DataFrame:
    """Sum a run's quarters up in one number, of those that begin in a span.

    Parameters
    ----------
    statistic
        ``mean`` as `mean_over`; ``least`` (the trough) min x(t); ``most`` max x(t); ``variance``
        Σ (x(t) − x̄)² / n over the quarters, a run's own unsteadiness and not that between seeds;
        ``integral`` Σ x(t) / 4, unit · years.

    Raises
    ------
    AnalysisError
        Unknown measure or statistic, several rows of one date, or no quarter in the span.

    Examples
    --------
    >>> dates = pd.date_range("2024-01-01", periods=4, freq="QS")
    >>> frame = pd.DataFrame({"scenario": "a", "seed": 1, "date": dates, "x": [1.0, 3.0, 1.0, 3.0]})
    >>> [over_span(frame, "x", dates[0], dates[3], s)["x"].item() for s in STATISTICS]
    [2.0, 1.0, 3.0, 1.0, 2.0]
    """
    if statistic not in STATISTICS:
        raise unknown("statistic", statistic, STATISTICS)
    if statistic == "mean":
        return mean_over(frame, measure, since, until)
    mean_over(frame, measure, since, until)  # refuses what cannot be summed up
    keys = keys_of(frame, measure, ())
    inside = frame[frame["date"].between(pd.Timestamp(since), pd.Timestamp(until))]
    groups = inside.groupby(keys)[measure]
    made = {
        "least": groups.min,
        "most": groups.max,
        "variance": lambda: groups.var(ddof=0),
        "integral": lambda: groups.sum(min_count=1) / _QUARTERS_PER_YEAR,
    }
    found = made[statistic]()
    unit = frame.attrs.get("units", {}).get(measure, "")
    return result_of(found.reset_index(), frame, measure, unit_of_statistic(statistic, unit))


def unit_of_statistic(statistic: str, unit: str) -> str:
    """Unit of a statistic over time.

    Examples
    --------
    >>> unit_of_statistic("variance", "%"), unit_of_statistic("integral", "%")
    ('% squared', '% · years')
    """
    then = STATISTICS[statistic]
    return f"{unit} · {then}" if then == "years" else f"{unit} {then}".strip()


def weighted_rows(frame: pd.DataFrame, measure: str, weight: str) -> pd.DataFrame:
    """Average the rows of one date: Σ w x / Σ w, such as welfare of states by their income.

    Unit: the measure's. Rows in which the measure is not defined do not count.

    Raises
    ------
    AnalysisError
        A column that is not there.

    Examples
    --------
    >>> frame = pd.DataFrame({"scenario": "a", "seed": 1, "date": pd.Timestamp("2024-01-01"),
    ...                       "welfare": [1.0, 4.0], "income": [2.0, 1.0]})
    >>> weighted_rows(frame, "welfare", "income")["welfare"].item()
    2.0
    """
    need(frame, ["date", measure, weight], "frame")
    rows = frame[frame[measure].notna()]
    keys = [*RUN, "date"]
    top = (rows[measure] * rows[weight]).groupby([rows[k] for k in keys]).sum()
    total = rows.groupby(keys)[weight].sum()
    return result_of((top / total).rename(measure).reset_index(), frame, measure)
