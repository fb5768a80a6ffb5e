"""Mediation and peace missions in runs, as rates beside those counted."""

from __future__ import annotations

import pandas as pd

from analysis.security import LEVELS, QUARTERS, spells

__all__ = ["mediation_rates", "mission_rates"]


def mission_rates(missions: pd.DataFrame, years: float) -> dict[tuple[str, str, str], float]:
    """Peace missions of one run: how many are there on average, and how many begin a year.

    Parameters
    ----------
    missions
        The table `missions`.
    years
        Length of the run; missions of the first day do not count as begun.
    """
    running = missions.groupby("step").size()
    begun = missions.drop_duplicates("mission")
    later = pd.to_datetime(begun["since"]) >= pd.Timestamp(missions["date"].min())
    return {
        ("mission", "running", "mean"): float(running.sum() / (QUARTERS * years)),
        ("mission", "begun", "mean"): float(later.sum() / years),
    }


def mediation_rates(
    disputes: pd.DataFrame, third_parties: pd.DataFrame
) -> dict[tuple[str, str, str], float]:
    """Share of violent disputes that end by agreement and stay quiet, with a mediator and without.

    Those that came to force or war, beside the crises of ICB, which are fewer and harder.

    Parameters
    ----------
    disputes, third_parties
        The tables of one run.
    """
    own = spells(disputes).dropna(subset=["ended"])
    own = own[own["stage"].isin(LEVELS[2:])]
    helped = third_parties[
        (third_parties["instrument"] == "mediation") & (third_parties["outcome"] == "accepted")
    ]
    tried = own.merge(helped[["state", "against", "day"]], on=["state", "against"])
    days = pd.to_datetime(tried["day"])
    is_in = (days >= tried["began"]) & (days <= tried["ended"])
    mediated = own["dispute"].isin(tried.loc[is_in, "dispute"])
    found = {}
    for name, rows in (("mediated", own[mediated]), ("not mediated", own[~mediated])):
        agreed = (rows["settlement"] == "negotiated").mean()
        found["mediation", "agreement", name] = float(agreed)
        found["mediation", "no_new_crisis_5y", name] = float(1.0 - rows["again"].mean())
    return found
