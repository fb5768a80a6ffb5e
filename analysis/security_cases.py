"""Conflicts of history played many times: what came of each run, who acted, beside what happened.

A *case* is a dispute of two states or a civil conflict; a run of it is one seed. Two things can
come of it within the years given: it is *settled*, and it is over and *quiet* for five years.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["OUTCOMES", "by_case", "read_case", "who_acts"]

OUTCOMES = {
    "settled": "settled within ten years",
    "quiet": "over within ten years, then quiet for five",
}
"""What can come of a case: column and meaning."""

_QUIET = pd.DateOffset(years=5)
_RESAMPLES = 2000


def read_case(
    tables: Mapping[str, pd.DataFrame], parties: Sequence[str], opened: Any, deadline: Any
) -> dict[str, Any]:
    """What came of one run of a case.

    Parameters
    ----------
    tables
        `events` and `third_parties` of the run; `disputes` as well for a pair.
    parties
        Two states in dispute, or the one in civil conflict.
    opened, deadline
        First day of the case, and the day by which it must be over.

    Returns
    -------
    dict
        `settled`: what was opened, a crisis of the pair that followed or a civil conflict of the
        state ended by agreement or judgment in time. `quiet`: what was opened ended in time, and
        for five years no crisis, dispute with force or civil conflict followed. `months` from the
        opening to the settlement (NaN-free: None without one), `over` months to the first end,
        `by` the bodies that acted before it was settled, in their order, `acted` all that acted
        in time, `refused` those asked in vain, `blockers`.
    """
    limits = pd.Timestamp(opened), pd.Timestamp(deadline)
    spells = (_disputes if len(parties) == 2 else _conflicts)(tables, parties, limits[0])
    tried = _asked(tables, parties, limits)
    if len(parties) == 1:
        tried = pd.concat([tried, _mandates(tables, parties, limits)])
        tried = tried.sort_values("day", kind="stable", ignore_index=True)
    acted = tried[tried["accepted"]]
    over = spells["ended"].iloc[0] if len(spells) else pd.NaT
    ends = spells.loc[spells["settled"] & (spells["ended"] < limits[1]), "ended"]
    settled = ends.iloc[0] if len(ends) else None
    again = spells["began"].iloc[1:]
    is_quiet = bool(over < limits[1]) and not (again <= over + _QUIET).any()
    before = acted[acted["day"] <= settled] if settled is not None else acted.iloc[:0]
    blockers = tried.loc[~tried["accepted"], "blockers"].str.split(";").explode()
    return {
        "settled": settled is not None,
        "quiet": is_quiet,
        "months": _months(limits[0], settled),
        "over": _months(limits[0], over),
        "by": list(dict.fromkeys(before["body"])),
        "acted": list(dict.fromkeys(acted["body"])),
        "refused": list(dict.fromkeys(tried.loc[~tried["accepted"], "body"])),
        "blockers": list(blockers[blockers.fillna("") != ""].value_counts().index[:3]),
    }


def _months(start: pd.Timestamp, day: Any) -> float | None:
    return None if day is None or pd.isna(day) else round((day - start).days / 30.4375, 2)


def _disputes(
    tables: Mapping[str, pd.DataFrame], parties: Sequence[str], opened: pd.Timestamp
) -> pd.DataFrame:
    """`began`, `ended` (NaT while open), `settled` of the pair's disputes from a day on.

    Of those that follow on the first only crises and disputes with force: an incident settled (a
    boat released) does not settle the matter, and history does not count it as a relapse.
    """
    one, other = sorted(parties)
    own = tables["disputes"]
    own = own[(own["state"] == one) & (own["against"] == other)]
    last = own.groupby("dispute", sort=False).tail(1)
    found = pd.DataFrame(
        {
            "began": pd.to_datetime(last["began"]),
            "ended": pd.to_datetime(last["ended"]),
            "settled": last["settlement"] == "negotiated",
            "is_crisis": last["is_crisis"].astype(bool),
            "has_force": last["stage"].isin(["force", "war"]),
        }
    )
    is_later = found["ended"].isna() | (found["ended"] >= opened)
    found = found[is_later].sort_values("began", ignore_index=True)
    is_first = found.index == 0
    found["settled"] &= is_first | found["is_crisis"]
    counts = is_first | found["is_crisis"] | found["has_force"]
    return found.loc[counts, ["began", "ended", "settled"]].reset_index(drop=True)


def _conflicts(
    tables: Mapping[str, pd.DataFrame], parties: Sequence[str], opened: pd.Timestamp
) -> pd.DataFrame:
    """The same of the state's civil conflicts, from events."""
    events = tables["events"]
    own = events[events["actor"] == parties[0]]
    days = {
        what: pd.to_datetime(own.loc[own["kind"] == f"civil_conflict_{what}", "date"])
        for what in ("began", "ended")
    }
    is_agreed = (own["kind"] == "civil_conflict_ended") & (own["reason"] == "agreement")
    agreed = set(pd.to_datetime(own.loc[is_agreed, "date"]))
    rows, ends = [], [day for day in days["ended"].sort_values() if day >= opened]
    for began in days["began"].sort_values():
        ended = next((day for day in ends if day >= began), pd.NaT)
        if not rows or (pd.notna(rows[-1]["ended"]) and began > rows[-1]["ended"]):
            rows.append({"began": began, "ended": ended, "settled": ended in agreed})
    return pd.DataFrame(rows, columns=["began", "ended", "settled"])


def _asked(
    tables: Mapping[str, pd.DataFrame],
    parties: Sequence[str],
    limits: tuple[pd.Timestamp, pd.Timestamp],
) -> pd.DataFrame:
    """`day`, `body`, `accepted`, `blockers` of those asked to take the dispute up."""
    one, other = sorted(parties) if len(parties) == 2 else (parties[0], "")
    rows = tables["third_parties"]
    rows = rows[(rows["state"] == one) & (rows["against"] == other) & (rows["organisation"] != "")]
    return _within(rows["day"], rows["organisation"], rows["outcome"] == "accepted",
                   rows["blockers"], limits)  # fmt: skip


def _mandates(
    tables: Mapping[str, pd.DataFrame],
    parties: Sequence[str],
    limits: tuple[pd.Timestamp, pd.Timestamp],
) -> pd.DataFrame:
    """The same of those asked for a mission."""
    events = tables["events"]
    rows = events[(events["actor"] == parties[0]) & events["kind"].str.startswith("mandate_")]
    return _within(rows["date"], rows["organisation"], rows["kind"] == "mandate_adopted",
                   rows["reason"], limits)  # fmt: skip


def _within(
    day: Any, body: Any, accepted: Any, blockers: Any, limits: tuple[pd.Timestamp, pd.Timestamp]
) -> pd.DataFrame:
    found = pd.DataFrame(
        {"day": pd.to_datetime(day), "body": body, "accepted": accepted, "blockers": blockers}
    )
    found = found.astype({"accepted": bool, "body": str, "blockers": str})
    return found[found["day"].between(*limits)].sort_values("day", kind="stable")


def by_case(runs: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    """A row per case: shares of the seeds beside what happened.

    Parameters
    ----------
    runs
        A row per case and seed: what `read_case` gives, lists joined by ``;``.
    history
        A row per case, in the order to keep: `case`, `was_settled` and `was_quiet` (1, 0, or NaN
        when it is not known yet), `was_by`, and whatever else is to stand beside.

    Returns
    -------
    DataFrame
        The columns of `history`, then `seeds`, the outcomes as shares, `months` with `months_low`
        and `months_high` (median, 10 and 90 % of the runs that settled), `over` (median months to
        the first end), `acted_share` (share of the runs in which anybody acted), `body` (who acted
        most often) with `body_share`, `refuser` and `blocker` (most often).
    """
    rows = []
    for case in history["case"]:
        own = runs[runs["case"] == case]
        months = own["months"].astype(float).dropna()
        quantiles = months.quantile([0.1, 0.5, 0.9]).to_numpy() if len(months) else [np.nan] * 3
        row = {"case": case, "seeds": len(own)}
        row |= {name: float(own[name].mean()) for name in OUTCOMES}
        row |= dict(zip(("months_low", "months", "months_high"), quantiles, strict=True))
        row["over"] = float(own["over"].astype(float).median())
        row["acted_share"] = float((own["acted"] != "").mean())
        row["body"], row["body_share"] = _most(own["acted"])
        row["refuser"], row["refuser_share"] = _most(own["refused"])
        row["blocker"], row["blocker_share"] = _most(own["blockers"])
        rows.append(row)
    return history.merge(pd.DataFrame(rows), on="case", how="left")


def _most(joined: pd.Series) -> tuple[str, float]:
    """Who stands in most of the lists, and in which share of them."""
    names = joined.str.split(";").explode()
    counts = names[names != ""].value_counts()
    if not len(counts):
        return "", 0.0
    name = min(counts[counts == counts.iloc[0]].index)
    return str(name), float(counts.iloc[0] / len(joined))


def who_acts(cases: pd.DataFrame, bodies: Sequence[str]) -> dict[str, float]:
    """Measure how often the body that acts most in runs is one that acted in history.

    Parameters
    ----------
    cases
        From `by_case`.
    bodies
        Those of the model: cases in which history names none of them do not count.

    Returns
    -------
    dict
        `cases`, `share` of them, `low` and `high`: its interval of 95 % from resampling cases.

    Examples
    --------
    >>> frame = pd.DataFrame({"was_by": ["OAS;USA", "UN", "Holy See"], "body": ["OAS", "AU", "UN"]})
    >>> who_acts(frame, ["OAS", "UN", "AU"])["share"]
    0.5
    """
    named = [set(text.split(";")) & set(bodies) for text in cases["was_by"].fillna("")]
    hits = np.array([body in own for body, own in zip(cases["body"], named, strict=True) if own],
                    dtype=float)  # fmt: skip
    if not hits.size:
        return {"cases": 0, "share": np.nan, "low": np.nan, "high": np.nan}
    draws = np.random.default_rng(0).integers(hits.size, size=(_RESAMPLES, hits.size))
    low, high = np.quantile(hits[draws].mean(axis=1), [0.025, 0.975])
    return {"cases": hits.size, "share": float(hits.mean()), "low": float(low), "high": float(high)}
