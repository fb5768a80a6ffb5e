"""Organisations as a network of the members that they share, and the agreements made in each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.frames import need, split

__all__ = ["TABLES", "nodes", "places", "shared", "table_of", "years_of"]

TABLES = ("organisations", "agreements")
"""What the network of a run is made of."""

Frames = Mapping[str, pd.DataFrame]


def years_of(organisations: pd.DataFrame, n_years: int = 6) -> list[int]:
    """Choose years of a run, evenly spread, with the first and the last.

    Examples
    --------
    >>> dates = pd.date_range("2024-01-01", "2039-10-01", freq="QS")
    >>> years_of(pd.DataFrame({"date": dates}), 4)
    [2024, 2029, 2034, 2039]
    """
    years = sorted(organisations["date"].dt.year.unique())
    chosen = np.linspace(0, len(years) - 1, min(n_years, len(years))).round().astype(int)
    return [int(years[k]) for k in dict.fromkeys(chosen.tolist())]


def nodes(frames: Frames, year: int) -> pd.DataFrame:
    """Say of each organisation how it stands at the end of a year.

    Parameters
    ----------
    frames
        The tables `organisations` and `agreements` of one run.
    year
        Of the run.

    Returns
    -------
    pandas.DataFrame
        Per `organisation` with members: `level`, `members` (a set), `n_agreements` (in force in the
        last quarter), `is_zombie`.

    Examples
    --------
    >>> nodes(_example(), 2024)["n_agreements"].tolist()
    [1, 0, 0]
    """
    table, agreements = frames["organisations"], frames["agreements"]
    need(table, ["organisation", "level", "members", "condition"], "organisations")
    own = table[(table["date"].dt.year == year) & (table["members"] != "")]
    own = own[own["date"] == own["date"].max()].set_index("organisation").sort_index()
    end = pd.Timestamp(year + 1, 1, 1)
    ended = pd.to_datetime(agreements["ended"])
    lives = (agreements["in_force"] < end) & (ended.isna() | (ended >= end))
    counts = agreements[lives].groupby("organisation").size()
    return pd.DataFrame(
        {
            "level": own["level"],
            "members": [frozenset(split(codes)) for codes in own["members"]],
            "n_agreements": counts.reindex(own.index, fill_value=0),
            "is_zombie": own["condition"] == "zombie",
        }
    )


def shared(table: pd.DataFrame) -> pd.DataFrame:
    """Overlap of each pair of organisations: |A ∩ B| / |A ∪ B| (Jaccard), 0 to 1.

    Parameters
    ----------
    table
        As `nodes` gives it.

    Examples
    --------
    >>> shared(nodes(_example(), 2024)).loc["ANDEAN", "MERCOSUR"]
    np.float64(0.25)
    """
    sets, n = table["members"].tolist(), len(table)
    overlap = np.ones((n, n))
    for i in range(n):
        for j in range(i):
            overlap[i, j] = overlap[j, i] = len(sets[i] & sets[j]) / len(sets[i] | sets[j])
    return pd.DataFrame(overlap, index=table.index, columns=table.index)


def places(overlaps: Sequence[pd.DataFrame], apart: float = 0.35) -> dict[str, tuple[float, float]]:
    """Lay organisations out so that they lie the nearer the more members they share.

    One layout for all years, by the mean overlap of the years in which both are there, so that what
    moves between two panels is not the layout. Kamada & Kawai (1989), from a circle in alphabetical
    order: nothing is drawn by chance. To whole millionths: a solver's digits may differ below.

    Parameters
    ----------
    overlaps
        As `shared` gives them, one a year.
    apart
        Distance of two organisations with the same members, where that of two that share none is
        one more.

    Examples
    --------
    >>> found = places([shared(nodes(_example(), 2024))])
    >>> sorted(found) == ["ANDEAN", "MERCOSUR", "SAARC"] and found == places(
    ...     [shared(nodes(_example(), 2024))])
    True
    """
    import networkx as nx  # not with the other figures, which do without

    every = sorted({str(code) for one in overlaps for code in one.index})
    stacked = np.stack([one.reindex(index=every, columns=every).to_numpy() for one in overlaps])
    seen = np.isfinite(stacked)
    mean = np.where(seen, stacked, 0.0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    distance = apart + 1.0 - mean
    graph = nx.complete_graph(len(every))
    table = {i: {j: float(distance[i, j]) for j in graph} for i in graph}
    start = nx.circular_layout(graph)
    found = nx.kamada_kawai_layout(graph, dist=table, pos=start) if len(every) > 1 else start
    return {code: tuple(np.round(found[k], 6).tolist()) for k, code in enumerate(every)}


def table_of(frames: Frames, years: Sequence[int]) -> pd.DataFrame:
    """What the figure of the network shows, as a table.

    Returns
    -------
    pandas.DataFrame
        `year`, `organisation`, `level`, `n_members`, `n_agreements`, `is_zombie`, `nearest` (the
        body with which it shares most, the first of several) and `overlap` with that (0 to 1).

    Examples
    --------
    >>> table_of(_example(), [2024])[["organisation", "nearest", "overlap"]].values.tolist()[:2]
    [['ANDEAN', 'MERCOSUR', 0.25], ['MERCOSUR', 'ANDEAN', 0.25]]
    """
    tables = []
    for year in years:
        own = nodes(frames, year)
        others = shared(own).where(~np.eye(len(own), dtype=bool), -1.0)
        found = own.assign(
            year=year,
            n_members=own["members"].map(len),
            nearest=others.idxmax(axis=1),
            overlap=others.max(axis=1).clip(lower=0.0),
        )
        tables.append(found.reset_index().drop(columns="members"))
    first = ["year", "organisation", "level", "n_members"]
    table = pd.concat(tables, ignore_index=True)
    return table[[*first, *(name for name in table if name not in first)]]


def _example() -> dict[str, pd.DataFrame]:
    """Two bodies that share a member of four, and one apart."""
    bodies = {
        "organisation": ["ANDEAN", "MERCOSUR", "SAARC"],
        "members": ["BOL;PER", "ARG;BOL;BRA", "IND;PAK"],
        "level": "regional",
        "condition": "active",
    }
    run = {"scenario": "a", "seed": 1}
    made = {"organisation": "ANDEAN", "in_force": pd.to_datetime(["2024-03-01"]), "ended": [None]}
    return {
        "organisations": pd.DataFrame(run | bodies | {"date": pd.Timestamp("2024-10-01")}),
        "agreements": pd.DataFrame(run | made),
    }
