"""Items of negotiation, one row each, and what a run's items amount to.

Whoever compares how fast bodies agree has to say what an item counts that was never agreed. The
time until agreement among the agreed ones leaves it out, so that a rule under which little is
agreed looks fast; here an item without agreement counts with the time it was open (restricted mean
survival time: Royston & Parmar 2013, BMC Medical Research Methodology 13:152).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.frames import RUN, need, split

_DAYS_PER_YEAR = 365.2425
_DAYS_PER_MONTH = _DAYS_PER_YEAR / 12  # the mean Gregorian month
_END = ("item_lapsed", "statement", "nothing_to_negotiate")

Frames = Mapping[str, pd.DataFrame]


def items(frames: Frames) -> pd.DataFrame:
    """Make one row per item that was opened.

    Parameters
    ----------
    frames
        The tables `events`, `rounds`, `agreements` and `summary` of one or many runs.

    Returns
    -------
    pandas.DataFrame
        `scenario`, `seed`, `organisation`, `code` (`<organisation>/<item>/<opening>`), `item`,
        `opened`, `agreed` (NaT where it was not), `left` (agreed, given up, or end of the run),
        `is_agreed`, `is_settled` (agreed or given up), `n_votes` and `n_blocks` (votes cast, and
        those that blocked, in all rounds), `n_signatories` and `n_acceded` (states bound,
        and those of them that came later), `waited` (a list: years until each of these came),
        `in_force` and `ended` (of what was agreed), `depth` (%).

    Examples
    --------
    >>> frames = _example()
    >>> items(frames)[["code", "is_agreed", "n_blocks"]].values.tolist()
    [['WTO/x/0', True, 2], ['WTO/y/0', False, 0]]
    """
    events = frames["events"]
    need(events, ["kind", "item", "organisation", "date"], "events")
    keys = [*RUN, "code"]
    events = events.rename(columns={"item": "code"})
    opened = events[events["kind"] == "item_opened"][[*RUN, "organisation", "code", "date"]]
    table = opened.rename(columns={"date": "opened"}).set_index(keys)
    table["agreed"] = _first(events, ("agreed",), keys)
    given_up = _first(events, _END, keys)
    # Three months on: the last row of `summary` is dated on the first day of the last quarter.
    last = frames["summary"].groupby(RUN)["date"].max() + pd.DateOffset(months=3)
    table["left"] = table["agreed"].fillna(given_up.reindex(table.index))
    table["is_agreed"] = table["agreed"].notna()
    table["is_settled"] = table["left"].notna()
    ends = last.reindex(pd.MultiIndex.from_arrays([table.index.get_level_values(k) for k in RUN]))
    table["left"] = table["left"].fillna(pd.Series(ends.to_numpy(), index=table.index))
    votes = _votes(frames["rounds"]).reindex(table.index).fillna(0).astype(int)
    table[["n_votes", "n_blocks"]] = votes
    table = table.join(_agreements(frames["agreements"], keys))
    table["waited"] = _waits(events, table["agreed"], keys).reindex(table.index)
    table = table.reset_index()
    return table.assign(item=[_docket_name(code) for code in table["code"]])


def _docket_name(code: str) -> str:
    """Take the item's name on the docket, the same at each of its openings."""
    parts = code.split("/")
    return parts[1] if len(parts) > 1 else code


def _first(events: pd.DataFrame, kinds: tuple[str, ...], keys: list[str]) -> pd.Series:
    return events[events["kind"].isin(kinds)].groupby(keys)["date"].min()


def _votes(rounds: pd.DataFrame) -> pd.DataFrame:
    counts = pd.DataFrame(
        {
            "n_votes": rounds["n_parties"].astype(float),
            "n_blocks": rounds["blockers"].fillna("").map(lambda codes: len(split(codes))),
        }
    )
    return counts.groupby([rounds[k] for k in RUN] + [rounds["item"].rename("code")]).sum()


def _agreements(agreements: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    table = agreements.rename(columns={"agreement": "code"}).set_index(keys)
    columns = table[["in_force", "ended", "depth"]].copy()
    columns["ended"] = pd.to_datetime(columns["ended"])
    columns["n_acceded"] = [len(split(codes)) for codes in table["acceded"]]
    columns["n_signatories"] = [len(split(codes)) for codes in table["signatories"]]
    return columns


def _waits(events: pd.DataFrame, agreed: pd.Series, keys: list[str]) -> pd.Series:
    """Years from agreement to each accession, as a list per item."""
    came = events[events["kind"] == "acceded"].drop(columns="code")
    came = came.rename(columns={"agreement": "code"}).set_index(keys)
    days = (came["date"] - agreed.reindex(came.index)).dt.days
    return (days / _DAYS_PER_YEAR).groupby(level=keys).agg(list)


def joiners(frames: Frames) -> pd.DataFrame:
    """Say who makes agreements, and who joins them how much later.

    Parameters
    ----------
    frames
        The tables `events` and `agreements` of runs of one scenario.

    Returns
    -------
    pandas.DataFrame
        Per state: `n_made` and `n_joined` (agreements of the run per seed that it made, and joined
        later), `share_first` (of these, %), `years_to_accession` (mean of those joined later; NaN
        without any); who makes most first.

    Examples
    --------
    >>> joiners(_example())[["state", "share_first"]].values.tolist()
    [['PER', 100.0], ['CHL', 0.0]]
    """
    agreements, events = frames["agreements"], frames["events"]
    if "is_initial" in agreements:
        agreements = agreements[~agreements["is_initial"].astype(bool)]
    keys = [*RUN, "agreement"]
    came = events[events["kind"] == "acceded"].set_index(keys)["date"]
    actors = events[events["kind"] == "acceded"].set_index(keys)["actor"]
    dates = dict(zip(zip(came.index, actors, strict=True), came, strict=True))
    rows = []
    for one in agreements.to_dict("records"):
        late = set(split(one["acceded"]))
        for state in split(one["signatories"]):
            day = dates.get(((one["scenario"], one["seed"], one["agreement"]), state), pd.NaT)
            years = (day - pd.Timestamp(one["agreed"])).days / _DAYS_PER_YEAR if late else np.nan
            rows.append({"state": state, "made": state not in late, "years": years})
    table = pd.DataFrame(rows, columns=["state", "made", "years"])
    n_runs = max(len(agreements[RUN].drop_duplicates()), 1)
    found = table.groupby("state").agg(
        n_made=("made", lambda m: float(m.sum()) / n_runs),
        n_joined=("made", lambda m: float((~m.astype(bool)).sum()) / n_runs),
        share_first=("made", lambda m: 100.0 * float(m.mean())),
        years_to_accession=("years", "mean"),
    )
    return found.reset_index().sort_values(
        ["n_made", "n_joined", "state"], ascending=[False, False, True], ignore_index=True
    )


def _months(since: pd.Series, until: pd.Series) -> pd.Series:
    return (until - since).dt.days / _DAYS_PER_MONTH


def _months_to_agreement(table: pd.DataFrame) -> float:
    agreed = table[table["is_agreed"]]
    return float(_months(agreed["opened"], agreed["agreed"]).mean())


def _months_open(table: pd.DataFrame) -> float:
    return float(_months(table["opened"], table["left"]).mean())


def _months_to_first(table: pd.DataFrame) -> float:
    if table.empty:
        return float("nan")
    first = table["agreed"].min() if table["is_agreed"].any() else table["left"].max()
    return float((first - table["opened"].min()).days / _DAYS_PER_MONTH)


def _share_agreed(table: pd.DataFrame) -> float:
    settled = table[table["is_settled"]]
    return float(100.0 * settled["is_agreed"].mean()) if len(settled) else float("nan")


def _share(part: float, whole: float) -> float:
    return float(100.0 * part / whole) if whole else float("nan")


def _years_to_accession(table: pd.DataFrame) -> float:
    waited = [years for each in table["waited"].dropna() for years in each]
    return float(np.mean(waited)) if waited else float("nan")


def _in_force(table: pd.DataFrame) -> float:
    return float((table["in_force"].notna() & table["ended"].isna()).sum())


@dataclass(frozen=True)
class ItemMeasure:
    """A number that a run's items amount to."""

    function: Callable[[pd.DataFrame], float]
    unit: str
    meaning: str


ITEM_MEASURES: dict[str, ItemMeasure] = {
    "months_to_agreement": ItemMeasure(
        _months_to_agreement, "months", "mean from opening to agreement, of items agreed"
    ),
    "months_open": ItemMeasure(
        _months_open,
        "months",
        "mean from opening until agreed, given up, or the run ends, of all items",
    ),
    "months_to_first_agreement": ItemMeasure(
        _months_to_first,
        "months",
        "from the first opening to the first agreement, or to the last day at the table",
    ),
    "blocks_per_item": ItemMeasure(
        lambda table: float(table["n_blocks"].mean()), "votes per item", "blocking votes per item"
    ),
    "blocking_share": ItemMeasure(
        lambda table: _share(table["n_blocks"].sum(), table["n_votes"].sum()),
        "% of votes",
        "votes that blocked, of those cast",
    ),
    "share_agreed": ItemMeasure(
        _share_agreed, "% of settled items", "items agreed, of those agreed or given up"
    ),
    "items_agreed": ItemMeasure(
        lambda table: float(table["is_agreed"].sum()), "items", "items agreed"
    ),
    "agreements_in_force": ItemMeasure(
        _in_force, "agreements", "agreements in force when the run ends"
    ),
    "later_accessions": ItemMeasure(
        lambda table: float(np.nansum(table["n_acceded"])),
        "states",
        "states that joined agreements after they were made",
    ),
    "first_movers": ItemMeasure(
        lambda table: float((table["n_signatories"] - table["n_acceded"]).mean()),
        "states per agreement",
        "states that made an agreement, mean over agreements",
    ),
    "years_to_accession": ItemMeasure(
        _years_to_accession, "years", "mean from agreement to accession, of those that came later"
    ),
    "depth_agreed": ItemMeasure(
        lambda table: float(table["depth"].mean()), "%", "mean trade-cost cut agreed"
    ),
}
"""Measures over the rows of `items`, by name."""


def _example() -> dict[str, pd.DataFrame]:
    """Two items of one run, one agreed after being blocked, one not."""
    run = {"scenario": "a", "seed": 1}
    day = pd.to_datetime(["2024-01-01", "2024-01-01", "2024-05-16"])
    event = {"kind": ["item_opened", "item_opened", "agreed"], "organisation": "WTO"}
    agreed = {"agreement": "WTO/x/0", "agreed": day[2], "in_force": pd.NaT, "ended": None}
    agreed |= {"depth": 5.0, "signatories": "CHL;PER"}
    return {
        "events": pd.DataFrame(
            run | event | {"item": ["WTO/x/0", "WTO/y/0", "WTO/x/0"], "agreement": "", "actor": ""}
        ).assign(date=day),
        "rounds": pd.DataFrame(
            run | {"item": ["WTO/x/0"] * 2, "n_parties": 3} | {"blockers": ["IND;USA", ""]}
        ),
        "agreements": pd.DataFrame([run | agreed | {"acceded": "CHL"}]),
        "summary": pd.DataFrame(run | {"date": day[:1]}),
    }
