"""Why votes fall as they do: what margins vary with, who objects and why, and which guards bind.

Each vote has its margin in parts (`part_…` of the table `votes`); with the aspiration taken off
they add up to it, so that its variance can be shared out among them without a rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.errors import AnalysisError, unknown
from analysis.frames import RUN, need

Frames = Mapping[str, pd.DataFrame]

PREFIX, WHY = "part_", "why_"
SOURCES: dict[str, str] = {
    "gain": "gains",
    "sectors": "sectors at home",
    "depth": "cost of depth",
    "history": "history of pairs",
    "red_lines": "red lines",
    "democracy": "democracy of partners",
    "leader": "the leader's orientation",
    "area": "what else the area has",
    "constant": "kind of item",
    "refusal": "refusals before",
    "aspiration": "what parties insist on",
    "bloc": "rules of customs unions",
    "state": "taste of the state",
    "lasting": "taste of state and item, lasting",
    "passing": "taste at the meeting",
}
"""Parts of a margin and what they are called; `aspiration` counts with a minus."""
TASTES = ("state", "lasting", "passing")
"""Those that are drawn."""
LEVELS = {"party": "party", "body": "organisation", "item": "item"}
"""By what objections can be told."""


def parts_of(votes: pd.DataFrame) -> pd.DataFrame:
    """Take the parts of the margins of those of whom an item asks something: logits by `SOURCES`.

    Raises
    ------
    AnalysisError
        Votes of a version that did not record them.

    Examples
    --------
    >>> parts_of(_example())["gain"].tolist()
    [1.0, -1.0, 1.0, -3.0]
    """
    need(votes, ["party", "margin", "aspiration"], "votes")
    missing = [name for name in SOURCES if name != "aspiration" and PREFIX + name not in votes]
    if missing:
        raise AnalysisError(
            f"no column {PREFIX + missing[0]!r}", where="votes", expected="runs of this version"
        )
    columns = {n: votes[PREFIX + n] for n in SOURCES if n != "aspiration"}
    found = pd.DataFrame(columns | {"aspiration": -votes["aspiration"]})[list(SOURCES)]
    return found[(found != 0).any(axis=1)]


def sources(votes: pd.DataFrame) -> pd.DataFrame:
    """Share the variance of margins out among their sources.

    Share of source k: cov(x_k, Σ x) / var(Σ x). The shares add up to one; one is below zero where a
    source makes up for others.

    Parameters
    ----------
    votes
        The table `votes` of one or many runs.

    Returns
    -------
    pandas.DataFrame
        Per source in the order of `SOURCES`: `source`, `meaning`, `mean` and `sd` (logits),
        `share` (% of the variance of margins).

    Examples
    --------
    >>> table = sources(_example()).set_index("source")
    >>> table.loc[["gain", "red_lines"], "share"].round(6).tolist()
    [100.0, 0.0]
    """
    parts = parts_of(votes)
    total = parts.sum(axis=1)
    variance = float(total.var(ddof=0)) if len(total) else 0.0
    centred = total - total.mean()
    rows = [
        {
            "source": name,
            "meaning": SOURCES[name],
            "mean": float(parts[name].mean()),
            "sd": float(parts[name].std(ddof=0)),
            "share": 100.0 * float((parts[name] * centred).mean()) / variance
            if variance
            else np.nan,
        }
        for name in SOURCES
    ]
    table = pd.DataFrame(rows)
    table.attrs["units"] = {"mean": "logits", "sd": "logits", "share": "% of the variance"}
    return table


def objections(votes: pd.DataFrame, by: str = "party") -> pd.DataFrame:
    """Tell who objects how often, by how much and why.

    The reason is what a party lacks beside the others: the parts of its objections less the mean
    over all votes of the same scenario, the lowest of them named.

    Parameters
    ----------
    votes
        The table `votes`.
    by
        ``party``, ``body`` or ``item`` (a docket's item, over all of its openings).

    Returns
    -------
    pandas.DataFrame
        Per scenario and `by`: `objections` (blocking votes per run), `share` (of its votes, %),
        `gain` (mean gain in these, % of income), `shortfall` (mean of −margin, logits), `reason`
        (the name in `SOURCES` of what it lacks most), `known` (the same but for taste), and
        `why_…`, each source's deviation in logits; the most objections first.

    Examples
    --------
    >>> objections(_example())[["party", "objections", "reason"]].values.tolist()
    [['USA', 1.0, 'gain'], ['IND', 1.0, 'red_lines']]
    """
    if by not in LEVELS:
        raise unknown("level", by, LEVELS)
    parts = parts_of(votes)
    asked = votes.loc[parts.index]
    asked = asked.assign(item=["/".join(str(code).split("/")[:2]) for code in asked["item"]])
    means = parts.groupby(asked["scenario"]).transform("mean")
    keys = ["scenario", LEVELS[by]]
    blocks = asked["is_blocking"].astype(bool)
    own = asked[blocks]
    deviation = (parts - means)[blocks].groupby([own[k] for k in keys]).mean()
    groups = own.groupby(keys)
    table = pd.DataFrame(
        {
            "objections": groups.size(),
            "share": 100.0 * groups.size() / asked.groupby(keys).size(),
            "gain": groups["gain"].mean(),
            "shortfall": -groups["margin"].mean(),
        }
    ).dropna(subset=["objections"])
    n_runs = votes.groupby("scenario")["seed"].nunique()
    table["objections"] /= n_runs.reindex(table.index.get_level_values("scenario")).to_numpy()
    table["reason"] = deviation.idxmin(axis=1)
    table["known"] = deviation.drop(columns=list(TASTES)).idxmin(axis=1)
    table = table.join(deviation.add_prefix(WHY)).reset_index()
    table.attrs["units"] = {"objections": "votes per run", "share": "%", "gain": "% of income"}
    return table.sort_values(
        ["scenario", "objections", "shortfall", LEVELS[by]],
        ascending=[True, False, False, True],
        ignore_index=True,
    )


def guards(frames: Frames) -> pd.DataFrame:
    """Count by body what limits held negotiations back or ended them.

    Parameters
    ----------
    frames
        The tables `events`, `rounds` and `agreements`.

    Returns
    -------
    pandas.DataFrame
        Per scenario and organisation, per run: `agreed` (items), `deepest` (of them those at the
        greatest level offered), `ceiling` (agreements that took a pair to the ceiling of trade-cost
        cuts), `nothing_left` (items closed because nothing on the menu changed anything any more),
        `not_tabled` (meetings at which each proposal touched a protected matter), `lapsed`.
    """
    events, rounds = frames["events"], frames["rounds"]
    n_runs = frames["summary"].groupby("scenario")["seed"].nunique()
    kinds = {
        "ceiling": "ceiling_reached",
        "nothing_left": "nothing_to_negotiate",
        "not_tabled": "not_tabled",
        "lapsed": "item_lapsed",
    }
    keys = ["scenario", "organisation"]
    agreed = rounds[rounds["outcome"] == "agreed"]
    is_deepest = agreed["level"] >= agreed["greatest_level"] * (1 - _ROUNDING)
    columns = {"agreed": agreed.groupby(keys).size()}
    columns["deepest"] = agreed[is_deepest].groupby(keys).size()
    columns |= {n: events[events["kind"] == k].groupby(keys).size() for n, k in kinds.items()}
    table = pd.DataFrame(columns).fillna(0.0)
    runs = n_runs.reindex(table.index.get_level_values("scenario")).to_numpy()
    return table.div(runs, axis=0).reset_index()


_ROUNDING = 1e-9


def select(
    votes: pd.DataFrame, organisations: Sequence[str] = (), parties: Sequence[str] = ()
) -> pd.DataFrame:
    """Keep the votes of some bodies and parties.

    Raises
    ------
    AnalysisError
        Nobody of that name voted.
    """
    for column, wanted in (("organisation", organisations), ("party", parties)):
        known = set(votes[column])
        for name in wanted:
            if name not in known:
                raise unknown(column, name, sorted(map(str, known)), "votes")
        if wanted:
            votes = votes[votes[column].isin(list(wanted))]
    return votes


def _example() -> pd.DataFrame:
    """Two parties at two meetings: one gains little, one has a red line."""
    base = dict.fromkeys((PREFIX + n for n in SOURCES if n != "aspiration"), 0.0)
    rows = [
        ("IND", 1.0, 0.0, False),
        ("USA", -1.0, 0.0, False),
        ("IND", 1.0, -2.0, True),
        ("USA", -3.0, 0.0, True),
    ]
    return pd.DataFrame(
        [
            dict(zip(RUN, ("a", 1), strict=True))
            | base
            | {"party": party, "part_gain": gain, "part_red_lines": red, "is_blocking": blocks}
            | {"organisation": "WTO", "item": "WTO/x/0", "gain": 0.1, "aspiration": 0.0}
            | {"margin": gain + red}
            for party, gain, red, blocks in rows
        ]
    )
