"""Where cooperation goes on: members, items, cases and agreements by level and region of forums."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from analysis.errors import unknown
from analysis.frames import RUN, need, split

__all__ = [
    "KINDS",
    "LEVELS",
    "OUTSIDE",
    "SEVERAL",
    "TABLES",
    "forums",
    "region_of",
    "shares",
    "work",
]

TABLES = ("summary", "events", "organisations", "agreements", "third_parties", "mandates", "states")
"""What `work` needs of runs."""

OUTSIDE = "outside bodies"
LEVELS = ("global", "interregional", "regional", "plurilateral", "bilateral", OUTSIDE)
"""Levels of forums: those of charters; outside charters by the number of parties, where events name
them; the last are third states and persons who mediate, and forums of which nothing is told."""

KINDS = {
    "memberships": ("Memberships", "memberships"),
    "items": ("Items opened", "items a year"),
    "cases": ("Conflicts brought to third parties", "cases a year"),
    "agreements": ("Agreements in force", "agreements"),
}
"""Kinds of work → title and unit. The first and the last are stocks."""

SEVERAL = "several regions"
_MOST = 0.75  # of the parties in one region: a body of that region
_REGIONS = {
    "Africa": "Africa",
    "Asia": "Asia",
    "Europe": "Europe",
    "America": "Americas",
    "Caribbean": "Americas",
}
_YEAR = 4  # quarters
_MEETINGS = ("convened", "item_brought", "rule_taken_up")  # events that name a forum's parties

Frames = Mapping[str, pd.DataFrame]


def region_of(places: Iterable[str]) -> str:
    """Region in which at least three quarters of the parties lie, by their UN M49 sub-regions.

    Examples
    --------
    >>> region_of(["South America", "Caribbean", "Central America"])
    'Americas'
    >>> region_of(["Polynesia"]), region_of(["Western Asia", "Northern Africa"]), region_of([])
    ('Oceania', 'several regions', 'several regions')
    """
    found = [_REGIONS.get(place.split()[-1], "Oceania") for place in places]
    most = max(sorted(set(found)), key=found.count, default=SEVERAL)
    return most if found and found.count(most) >= _MOST * len(found) else SEVERAL


def forums(frames: Frames) -> pd.DataFrame:
    """Say of each forum of each run its level and region.

    Parameters
    ----------
    frames
        The tables `organisations`, `states` and `events`.

    Returns
    -------
    pandas.DataFrame
        `scenario`, `seed`, `organisation`, `level` (one of `LEVELS`), `region` (that of at least
        three quarters of its first members, or `SEVERAL`). Forums outside charters are bilateral
        with two parties, plurilateral with more, and `OUTSIDE` where no event names their parties.

    Examples
    --------
    >>> forums(_example())[["organisation", "level", "region"]].values.tolist()
    [['ANDEAN', 'regional', 'Americas'], ['TALKS', 'bilateral', 'several regions']]
    """
    organisations = frames["organisations"]
    need(organisations, ["organisation", "level", "members"], "organisations")
    where = _places(frames["states"])
    seated = organisations[organisations["members"] != ""]
    first = seated.drop_duplicates([*RUN, "organisation"])[[*RUN, "organisation", "members"]]
    every = organisations.drop_duplicates([*RUN, "organisation"])
    known = every[[*RUN, "organisation", "level"]].merge(first, how="left")
    outside = _outside(frames["events"], known)
    table = pd.concat([known, outside], ignore_index=True) if len(outside) else known
    table["region"] = [_region(codes, where) for codes in table["members"]]
    return table.drop(columns="members")


def _outside(events: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Forums that no charter has set up: their parties are those of the event that names them."""
    keys = [*RUN, "organisation"]
    told = events[events["kind"].isin([*_MEETINGS, "item_opened"])]
    told = told.merge(known[keys], on=keys, how="left", indicator="is_known")
    told = told[told["is_known"] == "left_only"]
    # A rule is taken up by one body from another, which is that of the agreement.
    source = told["agreement"].str.split("/").str[0].where(told["kind"] == "rule_taken_up", "")
    sides = told["actor"].str.cat([told["target"], source], sep=";")
    parties = sides.str.replace(";+", ";", regex=True).str.strip(";")
    told = told.assign(members=parties.where(told["kind"].isin(_MEETINGS), ""))
    told = told.sort_values("members", ascending=False, kind="stable").drop_duplicates(keys)
    n_parties = told["members"].map(lambda codes: len(split(codes)))
    level = np.select([n_parties == 2, n_parties > 2], ["bilateral", "plurilateral"], OUTSIDE)
    return told.assign(level=level)[[*keys, "level", "members"]]


def _places(states: pd.DataFrame) -> dict[str, str]:
    need(states, ["state", "region"], "states")
    known = states.drop_duplicates("state")
    return dict(zip(known["state"], known["region"], strict=True))


def _region(codes: object, where: Mapping[str, str]) -> str:
    """Region of parties; blocs among them have none of their own."""
    parties = split(codes)
    return region_of([where[code] for code in parties] if set(parties) <= where.keys() else [])


def work(frames: Frames) -> pd.DataFrame:
    """Count what goes on in forums, quarter by quarter.

    Parameters
    ----------
    frames
        The tables `TABLES` of one or many runs.

    Returns
    -------
    pandas.DataFrame
        `scenario`, `seed`, `date`, `kind` (of `KINDS`), `level`, `region`, `value`: memberships and
        agreements of the run in force at the end of the quarter; items opened, and disputes and
        missions brought to third parties, in the four quarters up to it (fewer in the first three).
        Zero where there is nothing.

    Examples
    --------
    >>> table = work(_example())
    >>> table[table["date"] == "2024-04-01"].groupby("kind")["value"].sum().to_dict()
    {'agreements': 1.0, 'items': 2.0, 'memberships': 2.0}
    """
    known = forums(frames)
    dates = frames["summary"][[*RUN, "date"]].drop_duplicates()
    members = frames["organisations"][[*RUN, "organisation", "date", "n_members"]]
    opened = _events(frames["events"], "item_opened")
    parts = {
        "memberships": members.rename(columns={"n_members": "value"}),
        "items": _flow(opened, dates),
        "cases": _flow(_cases(frames), dates),
        "agreements": _in_force(frames["agreements"], dates),
    }
    keys = [*RUN, "date", "kind", "level", "region"]
    rows = [
        part.merge(known, how="left")
        .fillna({"level": OUTSIDE, "region": SEVERAL})
        .assign(kind=kind)
        .groupby(keys)["value"]
        .sum()
        for kind, part in parts.items()
        if len(part)
    ]
    table = _filled(pd.concat(rows).astype(float), dates)
    kept = ("timeline", "made_by")
    table.attrs = {
        key: frames["summary"].attrs[key] for key in kept if key in frames["summary"].attrs
    }
    return table


def _events(events: pd.DataFrame, kind: str) -> pd.DataFrame:
    return events.loc[events["kind"] == kind, [*RUN, "organisation", "date"]]


def _cases(frames: Frames) -> pd.DataFrame:
    """Disputes and missions that a body was to decide on."""
    found = [frames[name][[*RUN, "organisation", "date"]] for name in ("third_parties", "mandates")]
    table = pd.concat([one for one in found if len(one)] or found[:1])
    return table[table["organisation"] != ""]


def _flow(found: pd.DataFrame, dates: pd.DataFrame) -> pd.DataFrame:
    """Count by forum what happened in the four quarters up to each."""
    empty = pd.DataFrame(columns=[*RUN, "organisation", "date", "value"])
    if found.empty:
        return empty
    quarter = found["date"].dt.to_period("Q").dt.start_time
    counts = found.assign(date=quarter).groupby([*RUN, "organisation", "date"]).size()
    tables = []
    for run, own in dates.groupby(RUN):
        if run in counts.index.droplevel(["organisation", "date"]):
            wide = counts.loc[run].unstack("organisation", fill_value=0)
            wide = wide.reindex(own["date"].sort_values(), fill_value=0)
            year = wide.rolling(_YEAR, min_periods=1).sum()
            long = year.stack().rename("value").reset_index()
            tables.append(long.assign(**dict(zip(RUN, run, strict=True))))
    return pd.concat(tables, ignore_index=True) if tables else empty


def _in_force(agreements: pd.DataFrame, dates: pd.DataFrame) -> pd.DataFrame:
    """A row for each agreement of the run and quarter at whose last day it is in force."""
    if "is_initial" in agreements:
        agreements = agreements[~agreements["is_initial"].astype(bool)]
    own = agreements[[*RUN, "organisation", "in_force", "ended"]].merge(dates, on=RUN)
    following = own["date"] + pd.DateOffset(months=3)
    ended = pd.to_datetime(own["ended"])
    is_there = (own["in_force"] < following) & (ended.isna() | (ended >= following))
    return own[is_there].assign(value=1)[[*RUN, "organisation", "date", "value"]]


def _filled(values: pd.Series, dates: pd.DataFrame) -> pd.DataFrame:
    """Zero for every kind, level and region that is there at all, in every quarter of every run."""
    series = values.index.droplevel([*RUN, "date"]).unique().to_frame(index=False)
    every = dates.merge(series, how="cross")
    return every.merge(values.reset_index(), how="left").fillna({"value": 0.0})


def shares(table: pd.DataFrame, kind: str, by: str = "level") -> pd.DataFrame:
    """Share of each level or region in a kind of work: value / Σ value, in %.

    Parameters
    ----------
    table
        As `work` gives it.
    kind
        One of `KINDS`.
    by
        ``level`` or ``region``.

    Returns
    -------
    pandas.DataFrame
        `scenario`, `seed`, `date` and a column for each; NaN in quarters without any.

    Raises
    ------
    AnalysisError
        Another kind.

    Examples
    --------
    >>> shares(work(_example()), "items")[["bilateral", "regional"]].iloc[-1].tolist()
    [50.0, 50.0]
    """
    if kind not in KINDS:
        raise unknown("kind of work", kind, KINDS)
    own = table[table["kind"] == kind]
    wide = own.pivot_table(index=[*RUN, "date"], columns=by, values="value", aggfunc="sum")
    total = wide.sum(axis=1)
    found = 100.0 * wide.div(total.where(total > 0), axis=0)
    result = found.rename_axis(columns=None).reset_index()
    result.attrs["units"] = dict.fromkeys(map(str, wide.columns), f"% of {KINDS[kind][1]}")
    return result


def _example() -> dict[str, pd.DataFrame]:
    """A body of two states, and two others that talk outside it."""
    run = {"scenario": "a", "seed": 1}
    day = pd.to_datetime(["2024-01-01", "2024-04-01"])
    quarters = pd.DataFrame(run | {"date": day})
    body = {"organisation": "ANDEAN", "level": "regional", "members": "COL;PER", "n_members": 2}
    event = {"kind": ["convened", "item_opened", "item_opened"], "actor": ["EU;CHL", "", ""]}
    event |= {"organisation": ["TALKS", "TALKS", "ANDEAN"], "date": day[[0, 0, 0]], "target": ""}
    event |= {"agreement": ""}
    force = {"organisation": ["TALKS"], "in_force": day[1:], "ended": [None]}
    places = {"state": ["COL", "PER"], "region": "South America"}
    empty = pd.DataFrame(columns=[*RUN, "organisation", "date"])
    return {
        "summary": quarters,
        "organisations": quarters.assign(**body),
        "events": pd.DataFrame(run | event).assign(item="x/y/0"),
        "agreements": pd.DataFrame(run | force),
        "states": pd.DataFrame(run | places),
        "third_parties": empty,
        "mandates": empty,
    }
