"""The life of institutions in runs: how often leaders go, members come and leave, bodies end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import TypeAlias

import numpy as np
import pandas as pd

__all__ = ["Key", "institution_rates", "lone_withdrawals"]

Key = tuple[str, str, str]
"""Process, measure, and group of states, bodies or treaties."""

Day: TypeAlias = date | pd.Timestamp

NEAR = timedelta(days=1096)  # within which withdrawals from a body are of one wave
QUARTERS = 4
GIVEN_TO = 2025  # last year of which leaders and exits are partly given


def institution_rates(
    tables: Mapping[str, pd.DataFrame],
    states: Mapping[str, Sequence[str]],
    bodies: Mapping[str, Sequence[str]],
) -> dict[Key, float]:
    """Base rates of one run.

    Parameters
    ----------
    tables
        `states`, `organisations`, `events` and `agreements` of the run.
    states, bodies
        Name of a group → codes. Leaders are counted by groups of states; accessions and lone
        withdrawals in the bodies of ``own``, zombies in ``regional economic organisations``,
        suspensions in each body of ``suspending``.

    Returns
    -------
    dict
        Rates by (process, measure, group); NaN where a run has no case.
    """
    events = tables["events"].assign(date=pd.to_datetime(tables["events"]["date"]))
    organisations = tables["organisations"]
    return (
        _leaders(tables["states"], states)
        | _members(events, organisations, bodies)
        | _bodies(events, organisations, bodies["regional economic organisations"])
        | _ratification(events, tables["agreements"])
    )


def _leaders(states: pd.DataFrame, groups: Mapping[str, Sequence[str]]) -> dict[Key, float]:
    """Share of leaders in office on 1 January who left within the year, once chance decides."""
    year = pd.to_datetime(states["date"]).dt.year
    free = states[year > GIVEN_TO].assign(year=year)
    left = (free["leader_exit"] != "none").groupby([free["year"], free["state"]]).max()
    by_state = left.unstack()
    return {
        ("leader", "left_in_year", name): float(by_state[list(codes)].to_numpy().mean())
        for name, codes in groups.items()
    }


def _members(
    events: pd.DataFrame, organisations: pd.DataFrame, bodies: Mapping[str, Sequence[str]]
) -> dict[Key, float]:
    own = events[events["organisation"].isin(bodies["own"])]
    inside = organisations[organisations["organisation"].isin(bodies["own"])]
    free = inside[pd.to_datetime(inside["date"]).dt.year > GIVEN_TO]
    exits = own[(own["kind"] == "exit_announced") & (own["date"].dt.year > GIVEN_TO)]
    years = inside["step"].nunique() / QUARTERS
    spent = free["n_members"].sum() / QUARTERS
    lone = sum(lone_withdrawals(days) for _, days in exits.groupby("organisation")["date"])
    found = {
        ("membership", "lone_withdrawals", "own"): lone / spent if spent else np.nan,
        ("membership", "withdrawals", "own"): len(exits) / spent if spent else np.nan,
        ("membership", "accessions", "own"): float((own["kind"] == "join").sum()) / years,
    }
    for code in bodies["suspending"]:
        begun = (events["kind"] == "suspended") & (events["organisation"] == code)
        found["membership", "suspensions", code] = float(begun.sum()) / years
    return found


def lone_withdrawals(days: Iterable[Day]) -> int:
    """Withdrawals from one body but for waves: no more than two within three years of each other.

    Parameters
    ----------
    days
        When each member left or said so: dates or timestamps.

    Examples
    --------
    >>> lone_withdrawals([date(2020, 1, 1), date(2020, 2, 1), date(2020, 3, 1), date(2030, 1, 1)])
    1
    """
    every = list(days)
    return sum(sum(abs(day - other) <= NEAR for other in every) <= 2 for day in every)


def _bodies(
    events: pd.DataFrame, organisations: pd.DataFrame, economic: Sequence[str]
) -> dict[Key, float]:
    alive = organisations[organisations["n_members"] > 0]
    ends = events[events["kind"] == "dissolved"][["organisation", "step"]].merge(
        organisations[["organisation", "step", "n_members"]], on=["organisation", "step"]
    )
    found: dict[Key, float] = {}
    for name, low, high in (("up to 25 members", 1, 25), ("26 members or more", 26, 10**6)):
        years = alive["n_members"].between(low, high).sum() / QUARTERS
        dead = ends["n_members"].between(low, high).sum()
        found["organisation", "dissolved", name] = float(dead / years) if years else np.nan
    # at the end: who is stuck can only be seen after some years
    last = alive[(alive["step"] == alive["step"].max()) & alive["organisation"].isin(economic)]
    is_zombie = (last["condition"] == "zombie").mean()
    return found | {("organisation", "zombies", "regional economic organisations"): is_zombie}


def _ratification(events: pd.DataFrame, agreements: pd.DataFrame) -> dict[Key, float]:
    """Days to ratification of trade treaties, and those of the first half never in force."""
    agreements = agreements[agreements["area"] == "trade"]
    events = events[events["agreement"].isin(agreements["agreement"]) | (events["agreement"] == "")]
    first = events[events["kind"] == "signed"].drop_duplicates("agreement")
    done = events[events["kind"] == "ratified"].merge(
        first, on="agreement", suffixes=("", "_signed")
    )
    days = (done["date"] - done["date_signed"]).dt.days
    days = days[days > 0]  # what binds at once is not ratified
    quartiles = days.quantile([0.25, 0.5, 0.75]) if len(days) else [np.nan] * 3
    names = ("days_first_quartile", "days_median", "days_third_quartile")
    group = "trade treaties of several states"
    # the others may still be in force one day
    half = events["date"].min() + (events["date"].max() - events["date"].min()) / 2
    ours = agreements[~agreements["is_initial"] & (pd.to_datetime(agreements["signed"]) < half)]
    never = ours["in_force"].isna()
    return {
        **{("ratification", n, group): float(q) for n, q in zip(names, quartiles, strict=True)},
        ("ratification", "never_in_force", "trade treaties"): float(never.mean()),
    }
