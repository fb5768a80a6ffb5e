"""Measures on tidy frames: a formula, a unit, one row per run.

Every measure returns a frame with the columns `scenario`, `seed`, those of `by`, and the measure's
own, so that `analysis.compare.paired(..., at=None)` can compare it. Units are in `attrs["units"]`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import AnalysisError
from analysis.frames import RUN, as_list, keys_of, need, result_of, split


def final(frame: pd.DataFrame, measure: str, by: str | Sequence[str] = ()) -> pd.DataFrame:
    """Take the value at the last date: x(T), in the measure's unit.

    Parameters
    ----------
    frame
        Tidy frame with `scenario`, `seed`, `date` and the measure.
    measure
        Column to measure.
    by
        Further columns that tell rows of one date apart, such as `"state"`.

    Raises
    ------
    AnalysisError
        Unknown measure, or several rows per run and date that `by` does not tell apart.

    Examples
    --------
    >>> dates = pd.to_datetime(["2024-01-01", "2024-04-01"])
    >>> frame = pd.DataFrame({"scenario": "a", "seed": 1, "date": dates, "x": [1.0, 3.0]})
    >>> final(frame, "x")["x"].item()
    3.0
    """
    keys = keys_of(frame, measure, by)
    rows = frame.sort_values("date", kind="stable")
    last = rows["date"] == rows.groupby(keys)["date"].transform("max")
    return result_of(rows.loc[last, [*keys, measure]].sort_values(keys), frame, measure)


def mean_over(
    frame: pd.DataFrame, measure: str, since: Any, until: Any, by: str | Sequence[str] = ()
) -> pd.DataFrame:
    """Average the quarters that begin in a span: Σ x(t) / n, since ≤ t ≤ until.

    Unit: the measure's. Quarters in which the measure is not defined (NaN) do not count.

    Raises
    ------
    AnalysisError
        Unknown measure, rows that `by` does not tell apart, or no quarter in the span.

    Examples
    --------
    >>> dates = pd.to_datetime(["2024-01-01", "2024-04-01", "2024-07-01"])
    >>> frame = pd.DataFrame({"scenario": "a", "seed": 1, "date": dates, "x": [1.0, 3.0, 5.0]})
    >>> mean_over(frame, "x", "2024-04-01", "2024-12-31")["x"].item()
    4.0
    """
    keys = keys_of(frame, measure, by)
    inside = frame["date"].between(pd.Timestamp(since), pd.Timestamp(until))
    if not inside.any():
        raise AnalysisError(
            f"no quarter begins between {since} and {until}",
            expected=f"dates from {frame['date'].min():%Y-%m-%d} to {frame['date'].max():%Y-%m-%d}",
        )
    means = frame[inside].groupby(keys, as_index=False)[measure].mean()
    return result_of(means, frame, measure)


def change_since(
    frame: pd.DataFrame, measure: str, date: Any, by: str | Sequence[str] = ()
) -> pd.DataFrame:
    """Take the change from the last quarter before a date to the end: x(T) − x(t₀), t₀ < date.

    Strictly before, so that the quarter of a shock is not its own reference. Unit: the measure's.

    Raises
    ------
    AnalysisError
        Unknown measure, rows that `by` does not tell apart, or nothing before the date.

    Examples
    --------
    >>> dates = pd.to_datetime(["2024-01-01", "2024-04-01", "2024-07-01"])
    >>> frame = pd.DataFrame({"scenario": "a", "seed": 1, "date": dates, "x": [1.0, 3.0, 7.0]})
    >>> change_since(frame, "x", "2024-04-01")["x"].item()
    6.0
    """
    keys = keys_of(frame, measure, by)
    before = frame[frame["date"] < pd.Timestamp(date)]
    if before.empty:
        raise AnalysisError(
            f"nothing before {date}", expected=f"a date after {frame['date'].min():%Y-%m-%d}"
        )
    end = final(frame, measure, by).set_index(keys)[measure]
    start = final(before, measure, by).set_index(keys)[measure]
    return result_of((end - start).reset_index(), frame, measure)


def months_to_agreement(frame: pd.DataFrame, by: str | Sequence[str] = ()) -> pd.DataFrame:
    """Average the time from the opening of an item to its agreement, in months.

    Formula: Σ (agreed − opened) / number of items agreed. Items that lapsed or are still open do
    not count, so a rule that agrees on little can look fast: read it beside `items_agreed`.

    Parameters
    ----------
    frame
        The table `agreements`, or `rounds` (then: from the first round to the one that agreed).
    by
        Further columns to keep apart, such as `"organisation"`.

    Returns
    -------
    pandas.DataFrame
        `months_to_agreement` per run; NaN where nothing was agreed.

    Examples
    --------
    >>> dates = pd.to_datetime(["2024-01-01", "2024-07-01"])
    >>> rounds = pd.DataFrame({"scenario": "a", "seed": 1, "organisation": "WTO", "item": "x",
    ...                        "date": dates, "outcome": ["failed", "agreed"]})
    >>> round(months_to_agreement(rounds)["months_to_agreement"].item(), 1)
    6.0
    """
    if "months_to_agreement" not in frame:
        frame = _months_by_item(frame)
    keys = keys_of(frame, "months_to_agreement", by, unique=False)
    means = frame.groupby(keys, as_index=False)["months_to_agreement"].mean()
    return result_of(means, frame, "months_to_agreement", "months")


def _months_by_item(rounds: pd.DataFrame) -> pd.DataFrame:
    """Make one row per item: months from its first round to the one that agreed."""
    need(rounds, ["item", "organisation", "date", "outcome"], "rounds")
    items = rounds.groupby([*RUN, "organisation", "item"])["date"].min().rename("opened")
    is_agreed = rounds["outcome"] == "agreed"
    agreed = rounds[is_agreed].groupby([*RUN, "organisation", "item"])["date"].min()
    frame = items.to_frame().join(agreed.rename("agreed")).reset_index()
    # The mean Gregorian month; dates are days, and months have no fixed length.
    months = (frame["agreed"] - frame["opened"]).dt.days / (365.2425 / 12)
    return frame.assign(months_to_agreement=months)


def vetoes_per_item(rounds: pd.DataFrame, by: str | Sequence[str] = ()) -> pd.DataFrame:
    """Count blocking votes per item negotiated: Σ over rounds of blockers / number of items.

    Unit: votes per item. A party that blocks the same item in three rounds counts three times.

    Examples
    --------
    >>> rounds = pd.DataFrame({"scenario": "a", "seed": 1, "organisation": "WTO",
    ...                        "item": ["x", "x", "y"], "blockers": ["IND;USA", "IND", ""]})
    >>> vetoes_per_item(rounds)["vetoes_per_item"].item()
    1.5
    """
    need(rounds, ["organisation", "item", "blockers"], "rounds")
    keys = [*RUN, *as_list(by)]
    blocks = rounds["blockers"].fillna("").map(lambda codes: len(split(codes)))
    frame = rounds.assign(_blocks=blocks)
    items = frame.drop_duplicates([*RUN, "organisation", "item"]).groupby(keys).size()
    ratio = frame.groupby(keys)["_blocks"].sum() / items
    result = ratio.rename("vetoes_per_item").reset_index()
    return result_of(result, rounds, "vetoes_per_item", "votes per item")


def blockers(votes: pd.DataFrame) -> pd.DataFrame:
    """Rank who blocked how often and by how much, the most frequent first.

    Parameters
    ----------
    votes
        The table `votes`.

    Returns
    -------
    pandas.DataFrame
        Per scenario and party with at least one blocking vote: `blocks_per_run` (blocking votes,
        mean over seeds), `share` (of the party's votes that blocked, 0–1), `n_items` (different
        items blocked in some run), `shortfall` (how far acceptance was, max(0, −margin), mean over
        the blocking votes, logits; zero where a party likes the whole and blocks a part of it, as
        a single undertaking lets it) and `largest_shortfall` (logits).

    Examples
    --------
    >>> votes = pd.DataFrame({"scenario": "a", "seed": [1, 1, 2, 2], "organisation": "WTO",
    ...     "item": "x", "round": [1, 2, 1, 1], "party": ["IND", "IND", "IND", "USA"],
    ...     "is_blocking": [True, True, False, True], "margin": [-2.0, -1.0, 0.5, -0.5]})
    >>> blockers(votes)[["party", "blocks_per_run", "share", "shortfall"]].values.tolist()
    [['IND', 1.0, 0.6666666666666666, 1.5], ['USA', 0.5, 1.0, 0.5]]
    """
    need(votes, ["organisation", "item", "party", "is_blocking", "margin"], "votes")
    keys = ["scenario", "party"]
    n_runs = votes.groupby("scenario")["seed"].nunique()
    n_votes = votes.groupby(keys).size().rename("n_votes")
    blocking = votes[votes["is_blocking"].astype(bool)]
    blocking = blocking.assign(
        _matter=blocking["organisation"].astype(str) + "/" + blocking["item"].astype(str),
        _shortfall=(-blocking["margin"]).clip(lower=0.0),
    )
    table = blocking.groupby(keys).agg(
        n_blocks=("_shortfall", "size"),
        n_items=("_matter", "nunique"),
        shortfall=("_shortfall", "mean"),
        largest_shortfall=("_shortfall", "max"),
    )
    table = table.join(n_votes).reset_index()
    table["blocks_per_run"] = table["n_blocks"] / table["scenario"].map(n_runs)
    table["share"] = table["n_blocks"] / table["n_votes"]
    order = table.sort_values(
        ["scenario", "blocks_per_run", "party"], ascending=[True, False, True], ignore_index=True
    )
    columns = ["blocks_per_run", "share", "n_items", "shortfall", "largest_shortfall"]
    result = order[[*keys, *columns]]
    logits = {"shortfall": "logits", "largest_shortfall": "logits"}
    result.attrs["units"] = {"blocks_per_run": "votes per run", "share": "1"} | logits
    return result


def agreements_in_force(
    agreements: pd.DataFrame, date: Any, runs: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Count the agreements that had entered into force by a date: #{a : in_force(a) ≤ date}.

    Unit: agreements. Later withdrawals are not taken off; `summary.agreements_in_force` does.

    Parameters
    ----------
    agreements
        The table `agreements`.
    date
        The day up to which to count, inclusive.
    runs
        Frame with `scenario` and `seed` of the runs to count (as from `analysis.load.runs`). Give
        it when a run may have no agreement at all: without it such a run is absent, not zero.

    Examples
    --------
    >>> days = pd.to_datetime(["2025-01-01", "2027-01-01", None])
    >>> frame = pd.DataFrame({"scenario": "a", "seed": 1, "in_force": days})
    >>> agreements_in_force(frame, "2026-01-01")["agreements_in_force"].item()
    1
    """
    need(agreements, ["in_force"], "agreements")
    is_in_force = agreements["in_force"] <= pd.Timestamp(date)
    counts = is_in_force.groupby([agreements[key] for key in RUN]).sum()
    if runs is not None:
        counts = counts.reindex(
            pd.MultiIndex.from_frame(runs[RUN].drop_duplicates()), fill_value=0
        ).sort_index()
    result = counts.astype(np.int64).rename("agreements_in_force").reset_index()
    return result_of(result, agreements, "agreements_in_force", "agreements")
