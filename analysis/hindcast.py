"""Cases of history played many times: what came of each run, beside what happened, and scores.

A *case* is a negotiation of the past; a run of it is one seed. Three things can come of it: it goes
ahead (something is agreed by the deadline), all sign, it enters into force by the end of the run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import AnalysisError

__all__ = ["EVENTS", "by_case", "by_party", "read_run", "scores", "who_holds_out"]

EVENTS = {
    "agrees": "goes ahead by the deadline",
    "all_sign": "all sign by the deadline",
    "in_force": "in force by the end",
}
"""What can come of a case: column and meaning."""

_RESAMPLES = 2000  # of the cases, for intervals of 95 %


def read_run(tables: Mapping[str, pd.DataFrame], organisation: str) -> dict[str, Any]:
    """What came of one run of a case.

    Parameters
    ----------
    tables
        `rounds`, `votes` and `agreements` of the run.
    organisation
        The body that negotiates; its first item counts.

    Returns
    -------
    dict
        The three events, months from opening to agreement, depth (% of trade costs, after
        exemptions and form), tariff cut (%), status, and for each party of the last vote whether it
        stayed out (or objected, when nothing was agreed) and its margin in logits.
    """
    own = {name: frame[frame["organisation"] == organisation] for name, frame in tables.items()}
    rounds, votes = own["rounds"], own["votes"]
    found: dict[str, Any] = {"agrees": False, "all_sign": False, "in_force": False, "parties": {}}
    found |= dict.fromkeys(("months", "depth", "tariff_cut"), None) | {"status": "not agreed"}
    if not len(rounds):
        return found
    last = rounds[rounds["item"] == rounds["item"].iloc[0]].iloc[-1]
    made = own["agreements"][own["agreements"]["agreement"] == last["item"]]
    mine = votes[(votes["item"] == last["item"]) & (votes["round"] == last["round"])]
    in_it = set(last["adopters"].split(";")) if last["outcome"] == "agreed" else None
    for row in mine.to_dict("records"):
        out = row["vote"] == "reject" if in_it is None else row["party"] not in in_it
        found["parties"][row["party"]] = [bool(out), round(float(row["margin"]), 6)]
    if len(made):
        one = made.iloc[0]
        found |= {
            "agrees": True,
            "all_sign": not any(out for out, _ in found["parties"].values()),
            "in_force": bool(pd.notna(one["in_force"])),
            "months": round(float(one["months_to_agreement"]), 3),
            "depth": round(float(one["depth"] * one["scale"]), 6),
            "tariff_cut": round(float(one["tariff_cut"] * one["scale"]), 6),
            "status": str(one["status"]),
        }
    return found


def by_case(runs: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    """A row per case: shares of the seeds beside what happened.

    Parameters
    ----------
    runs
        A row per case and seed: the columns that `read_run` gives, without `parties`.
    history
        A row per case, in the order to keep: `case` and the events as `was_agrees`, … (1, 0, or
        NaN when it is not known yet), and whatever else is to stand beside.

    Returns
    -------
    DataFrame
        The columns of `history`, then `seeds`, the events as shares, `months` with `months_low`
        and `months_high` (median, 10 and 90 % of the runs that agreed), `depth`, `tariff_cut`
        (medians), `lapsed` (share of all runs).
    """
    rows = []
    for case in history["case"]:
        own = runs[runs["case"] == case]
        months = own["months"].astype(float).dropna()
        quantiles = months.quantile([0.1, 0.5, 0.9]).to_numpy() if len(months) else [np.nan] * 3
        row = {"case": case, "seeds": len(own)}
        row |= {event: float(own[event].mean()) for event in EVENTS}
        row |= dict(zip(("months_low", "months", "months_high"), quantiles, strict=True))
        row |= {name: float(own[name].astype(float).median()) for name in ("depth", "tariff_cut")}
        rows.append(row | {"lapsed": float((own["status"] == "lapsed").mean())})
    return history.merge(pd.DataFrame(rows), on="case", how="left")


def by_party(parties: pd.DataFrame, named: Mapping[str, tuple[str, ...]]) -> pd.DataFrame:
    """A row per case and party: how often it stays out, and how often it is the least willing.

    Parameters
    ----------
    parties
        A row per case, seed and party: `is_out`, `margin`.
    named
        Case → the parties that history names as those who held out.

    Returns
    -------
    DataFrame
        `case`, `party`, `out`, `least_willing` (shares of the seeds), `rank` (mean over seeds of
        the share of the others that are less willing, 0 = always the least willing),
        `is_named`; the least willing of each case first.
    """
    if parties.empty:
        return pd.DataFrame(columns=["case", "party", "out", "least_willing", "rank", "is_named"])
    frame = parties.copy()
    groups = frame.groupby(["case", "seed"])["margin"]
    others = (groups.transform("size") - 1).clip(lower=1)
    frame["rank"] = (groups.rank(method="average") - 1) / others
    frame["least_willing"] = frame["margin"] == groups.transform("min")
    made = (
        frame.groupby(["case", "party"], sort=False)
        .agg(out=("is_out", "mean"), least_willing=("least_willing", "mean"), rank=("rank", "mean"))
        .reset_index()
    )
    made["is_named"] = [
        party in named.get(case, ())
        for case, party in zip(made["case"], made["party"], strict=True)
    ]
    return made.sort_values(["case", "rank", "party"], ignore_index=True)


def who_holds_out(parties: pd.DataFrame) -> dict[str, float]:
    """Measure whether the parties that history names are the less willing of their case.

    Parameters
    ----------
    parties
        From `by_party`.

    Returns
    -------
    dict
        `share`: of the pairs of a named and another party of one case, those in which the named one
        is less willing (ties count half; one half is chance), as a mean over the cases with such
        pairs; `low` and `high`, its interval of 95 % from resampling cases; `cases`.

    Examples
    --------
    >>> frame = pd.DataFrame({"case": "a", "party": ["IND", "JPN", "LAO"], "rank": [0.2, 0.6, 0.1],
    ...                       "is_named": [True, False, False]})
    >>> who_holds_out(frame)["share"]
    0.5
    """
    shares = []
    for _, own in parties.groupby("case"):
        named = own.loc[own["is_named"].astype(bool), "rank"].to_numpy(dtype=float)
        others = own.loc[~own["is_named"].astype(bool), "rank"].to_numpy(dtype=float)
        if named.size and others.size:
            less = (named[:, None] < others) + 0.5 * (named[:, None] == others)
            shares.append(float(less.mean()))
    if not shares:
        return {"cases": 0, "share": np.nan, "low": np.nan, "high": np.nan}
    draws = np.random.default_rng(0).integers(len(shares), size=(_RESAMPLES, len(shares)))
    low, high = np.quantile(np.array(shares)[draws].mean(axis=1), [0.025, 0.975])
    return {
        "cases": len(shares),
        "share": float(np.mean(shares)),
        "low": float(low),
        "high": float(high),
    }


def scores(cases: pd.DataFrame, event: str) -> pd.DataFrame:
    """Score the shares of the seeds as forecasts, against some that know nothing of the case.

    Parameters
    ----------
    cases
        From `by_case`; cases whose outcome is not known yet are left out.
    event
        One of `EVENTS`.

    Returns
    -------
    DataFrame
        `brier` (mean squared error), `log` (mean −ln of the chance given to what happened; shares
        are (k + ½) / (n + 1), so that it stays finite) and `accuracy` (share on the right side of
        one half), each for the model, for the constant (share of the *other* cases in which it
        happened), for one half each time, for "always" and, where the cases have it as
        ``base_<event>``, for a base rate from elsewhere; and how much better the model is, with
        the interval of 95 % from resampling cases (positive = better).

    Raises
    ------
    AnalysisError
        Fewer than two cases whose outcome is known.

    Examples
    --------
    >>> played = pd.DataFrame({"agrees": [0.9, 0.2], "was_agrees": [1.0, 0.0], "seeds": [10, 10]})
    >>> scores(played, "agrees").set_index("score").loc["brier", ["model", "constant"]].tolist()
    [0.025, 1.0]
    """
    known = cases[cases[f"was_{event}"].notna() & (cases["seeds"] > 0)]
    if len(known) < 2:
        raise AnalysisError(
            f"{len(known)} cases with a known outcome ({event}), where two are needed"
        )
    happened = known[f"was_{event}"].to_numpy(dtype=float)
    seeds = known["seeds"].to_numpy(dtype=float)
    others = (happened.sum() - happened) / (happened.size - 1)
    raw = {
        "model": (known[event].to_numpy(dtype=float), seeds),
        "constant": (others, np.full(happened.size, happened.size - 1.0)),
        "half": (np.full(happened.size, 0.5), np.full(happened.size, np.inf)),
        "always": (np.ones(happened.size), np.full(happened.size, np.inf)),
    }
    if f"base_{event}" in known:
        base = known[f"base_{event}"].to_numpy(dtype=float)
        raw["base"] = (base, np.full(happened.size, np.inf))
    losses = {name: _losses(p, n, happened) for name, (p, n) in raw.items()}
    draws = np.random.default_rng(0).integers(happened.size, size=(_RESAMPLES, happened.size))
    rows = []
    for score in ("brier", "log", "accuracy"):
        sign = 1.0 if score == "accuracy" else -1.0
        row: dict[str, Any] = {"event": event, "score": score, "cases": happened.size}
        row |= {name: float(loss[score].mean()) for name, loss in losses.items()}
        for rival in (name for name in raw if name != "model"):
            gain = sign * (losses["model"][score] - losses[rival][score])
            means = gain[draws].mean(axis=1)
            row[f"over_{rival}"] = float(gain.mean())
            finite = np.isfinite(means).all()
            low, high = np.quantile(means, [0.025, 0.975]) if finite else (np.nan, np.nan)
            row |= {f"over_{rival}_low": float(low), f"over_{rival}_high": float(high)}
        rows.append(row)
    return pd.DataFrame(rows)


def _losses(
    chance: np.ndarray[Any, Any], count: np.ndarray[Any, Any], happened: np.ndarray[Any, Any]
) -> dict[str, np.ndarray[Any, Any]]:
    """Loss of each case under the three scores, shape (C,) each."""
    # A forecast of infinitely many runs is what it says.
    weight = 1.0 / (count + 1.0)
    smooth = chance * (1.0 - weight) + 0.5 * weight
    given = np.where(happened == 1, smooth, 1.0 - smooth)
    with np.errstate(divide="ignore"):
        log = -np.log(given)
    # A chance of one half says neither.
    right = np.where(chance == 0.5, 0.5, (chance > 0.5) == (happened == 1))
    return {"brier": (chance - happened) ** 2, "log": log, "accuracy": right.astype(float)}
