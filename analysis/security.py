"""Conflict in runs: rates by class and region, and who acted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

__all__ = [
    "LEVELS",
    "QUARTERS",
    "by_body",
    "by_region",
    "compared",
    "dispute_rates",
    "spells",
    "state_rates",
]

LEVELS = ("threat", "display", "force", "war")
YEAR = 365.25
QUARTERS = 4


def spells(disputes: pd.DataFrame) -> pd.DataFrame:
    """One row for each dispute that began in the run, as it stood last.

    Parameters
    ----------
    disputes
        The table `disputes` of one run.

    Returns
    -------
    DataFrame
        With `days` (NaN while it is open) and `again`: whether the pair has a new dispute within
        five years of the end, NaN where the run is too short to tell.
    """
    first, last = disputes["date"].min(), disputes["date"].max()
    found = disputes.groupby("dispute", sort=False).tail(1).copy()
    for column in ("began", "ended", "date"):
        found[column] = pd.to_datetime(found[column])
    found = found[found["began"] >= pd.Timestamp(first)].sort_values("began")
    found["days"] = (found["ended"] - found["began"]).dt.days
    following = found.groupby(["state", "against"])["began"].shift(-1)
    five = pd.Timedelta(days=5 * YEAR)
    is_seen = found["ended"] + five <= pd.Timestamp(last)
    found["again"] = ((following - found["ended"]) <= five).astype(float).where(is_seen)
    return found


def dispute_rates(
    disputes: pd.DataFrame, pairs: pd.DataFrame, years: float
) -> dict[tuple[str, str, str], float]:
    """Rates of one run by (process, measure, class of pairs).

    Parameters
    ----------
    disputes
        The table `disputes`.
    pairs
        Politically relevant pairs: `state`, `against`, and a truth value for each class.
    years
        Length of the run.
    """
    own = spells(disputes).merge(pairs, on=["state", "against"])
    own["year"] = own["began"].dt.year
    found = {}
    for group in [name for name in pairs.columns if name not in {"state", "against"}]:
        here, size = own[own[group]], int(pairs[group].sum())
        over = here.dropna(subset=["ended"])
        begun = here.drop_duplicates(["state", "against", "year"])
        measures = {
            "onset": len(begun) / (size * years) if size else np.nan,
            **{f"share_{level}": (here["stage"] == level).mean() for level in LEVELS},
            "share_force_or_war": here["stage"].isin(LEVELS[2:]).mean(),
            "share_negotiated": (over["settlement"] == "negotiated").mean(),
            "share_imposed": (over["settlement"] == "imposed").mean(),
            "duration_mean": over["days"].mean(),
            "duration_median": over["days"].median(),
            "recurrence_5y": here["again"].mean(),
        }
        found |= {("dispute", name, group): float(value) for name, value in measures.items()}
    return found


def state_rates(
    tables: Mapping[str, pd.DataFrame], groups: Mapping[str, Sequence[str]]
) -> dict[tuple[str, str, str], float]:
    """Rates of civil conflict and coups of one run by (process, measure, group of states).

    Parameters
    ----------
    tables
        `states` of one run.
    groups
        Name → codes of states.
    """
    states = tables["states"]
    level = states.pivot_table(index="step", columns="state", values="civil_conflict")
    coups = states.pivot_table(index="step", columns="state", values="coups")
    busy, before = level > 0, level.shift(1).fillna(level.iloc[0]) > 0
    quiet = (~busy).rolling(8, min_periods=1).min().shift(1).fillna(1) > 0
    at_risk = quiet & ~before
    begins, ends = busy & ~before, ~busy & before
    per_year = (level.index // QUARTERS).to_numpy()
    found: dict[tuple[str, str, str], float] = {}
    for name, codes in groups.items():
        own = [code for code in codes if code in level.columns]
        risk, spent = at_risk[own].to_numpy().sum(), before[own].to_numpy().sum()
        onset, end = begins[own].to_numpy().sum(), ends[own].to_numpy().sum()
        tried = coups[own].to_numpy().sum()
        found["civil_conflict", "onset", name] = QUARTERS * onset / risk if risk else np.nan
        found["civil_conflict", "end", name] = QUARTERS * end / spent if spent else np.nan
        found["coup", "attempt", name] = QUARTERS * tried / coups[own].size
    for what, count in (("conflict", busy), ("war", level > 1)):
        by_year = count.groupby(per_year).max().sum(axis=1)
        found["civil_conflict", f"states_in_{what}", "mean"] = float(by_year.mean())
    found["coup", "attempts", "mean"] = float(coups.groupby(per_year).sum().sum(axis=1).mean())
    return found


def compared(
    runs: Sequence[Mapping[tuple[str, str, str], float]], observed: pd.DataFrame
) -> pd.DataFrame:
    """Simulated rates beside those counted, with the middle 95 % of the runs.

    Parameters
    ----------
    runs
        Rates of each run.
    observed
        `process`, `measure`, `group`, `value`, `years`.

    Returns
    -------
    DataFrame
        With `observed`, `simulated`, `low`, `high` and whether the count lies within.
    """
    counted = observed.set_index(["process", "measure", "group"])
    rows = []
    for key in runs[0]:
        values = np.array([run[key] for run in runs])
        values = values[np.isfinite(values)]
        if key not in counted.index or not values.size:
            continue
        seen, (low, high) = counted.loc[key], np.percentile(values, [2.5, 97.5])
        rows.append(
            {
                **dict(zip(("process", "measure", "group"), key, strict=True)),
                "years": seen["years"],
                "observed": float(seen["value"]),
                "simulated": float(values.mean()),
                "low": low,
                "high": high,
                "is_within": bool(low <= float(seen["value"]) <= high),
            }
        )
    return pd.DataFrame(rows)


def by_region(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """What conflict there was by region over a run, in counts.

    Parameters
    ----------
    tables
        `disputes`, `conflicts`, `missions` and `nuclear` of one run.

    Returns
    -------
    DataFrame
        A row for each region: disputes begun, escalations to force or war, years of states in civil
        conflict and at war level, mission-years, states with a programme or weapons at the end. A
        dispute across regions counts in both.
    """
    begun = spells(tables["disputes"])
    begun = begun.assign(region=begun["region"].str.split(";")).explode("region")
    conflicts, missions, nuclear = (tables[name] for name in ("conflicts", "missions", "nuclear"))
    last = nuclear[nuclear["step"] == nuclear["step"].max()]
    columns = {
        "disputes": begun.groupby("region").size(),
        "escalations": begun[begun["stage"].isin(LEVELS[2:])].groupby("region").size(),
        "conflict_years": conflicts.groupby("region").size() / QUARTERS,
        "war_years": conflicts[conflicts["is_war"]].groupby("region").size() / QUARTERS,
        "mission_years": missions.groupby("region").size() / QUARTERS,
        "nuclear_programmes": last[last["status"] != "weapons"].groupby("region").size(),
        "nuclear_states": last[last["status"] == "weapons"].groupby("region").size(),
    }
    return pd.DataFrame(columns).fillna(0.0).rename_axis("region").reset_index()


def by_body(third_parties: pd.DataFrame) -> pd.DataFrame:
    """How often each body was asked to act, accepted, and who blocked it most.

    Parameters
    ----------
    third_parties
        The table of one run.
    """
    asked = third_parties[third_parties["organisation"] != ""]
    rows = []
    for (body, instrument), own in asked.groupby(["organisation", "instrument"]):
        blockers = own["blockers"].str.split(";").explode()
        counts = blockers[blockers != ""].value_counts()
        rows.append(
            {
                "organisation": body,
                "instrument": instrument,
                "attempts": len(own),
                "accepted": int((own["outcome"] == "accepted").sum()),
                "first_blocker": counts.index[0] if len(counts) else "",
            }
        )
    return pd.DataFrame(rows)
