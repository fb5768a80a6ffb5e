"""Talks on climate of the past: who is least willing in the model, beside who refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.hindcast import who_holds_out

__all__ = ["COLUMNS", "known_margins", "refusals", "refusals_of_all"]

COLUMNS = ("model", "income_per_head", "democracy")
"""What parties are ranked by: the model, and two traits that know nothing of talks."""
DRAWN = ("part_state", "part_lasting", "part_passing", "part_bloc")
"""Parts of a vote that are drawn, or follow from what is drawn for members of a bloc."""


def known_margins(votes: pd.DataFrame, organisation: str) -> dict[str, float]:
    """How willing each party is at the last vote of a body, but for what was drawn.

    Parameters
    ----------
    votes
        Of the run, with a column for each part of a vote in logits.

    Returns
    -------
    dict
        Party → utility less the parts that are drawn, logits; nobody where there was no vote.

    Examples
    --------
    >>> votes = pd.DataFrame({"organisation": "X", "item": "X/a/0", "round": [0, 1],
    ...                       "party": "SAU", "utility": [0.5, -1.0], "part_state": 0.25,
    ...                       "part_lasting": 0.25, "part_passing": 0.0, "part_bloc": 0.0})
    >>> known_margins(votes, "X")
    {'SAU': -1.5}
    """
    own = votes[votes["organisation"] == organisation]
    if not len(own):
        return {}
    own = own[own["item"] == own["item"].iloc[0]]
    last = own[own["round"] == own["round"].max()]
    known = last["utility"] - last[list(DRAWN)].sum(axis=1)
    return {party: round(float(v), 6) for party, v in zip(last["party"], known, strict=True)}


def refusals(parties: pd.DataFrame, traits: Mapping[str, tuple[float, float]]) -> pd.DataFrame:
    """A row per party and case: how willing it is by the model, and by its traits alone.

    Parameters
    ----------
    parties
        A row per case, seed and party: `margin` and `known` (without what is drawn) in logits,
        `is_named` where history has it refuse.
    traits
        Party → income per head (any unit) and democracy (0-1).

    Returns
    -------
    DataFrame
        `case`, `party`, `is_named`, `model` (mean over seeds of the rank of `known`, 0 = least
        willing), `against` (share of the seeds in which its margin is below zero), and the traits.
    """
    frame = parties.assign(against=parties["margin"] < 0)
    groups = frame.groupby(["case", "seed"])["known"]
    others = (groups.transform("size") - 1).clip(lower=1)
    frame["model"] = (groups.rank(method="average") - 1) / others
    wanted = {"is_named": "first", "model": "mean", "against": "mean"}
    made = frame.groupby(["case", "party"], sort=False).agg(wanted).reset_index()
    for position, name in enumerate(COLUMNS[1:]):
        made[name] = [traits[party][position] for party in made["party"]]
    return made


def refusals_of_all(made: pd.DataFrame, cases: Sequence[str]) -> pd.DataFrame:
    """A row per case, and one for all: how well each ranking finds those who refused.

    Parameters
    ----------
    made
        From `refusals`.
    cases
        In the order to keep.

    Returns
    -------
    DataFrame
        `case`, `parties`, `refused` (number), `was_in` and `in` (share that did not refuse, in
        history and by the model), and for each of `COLUMNS` the share of pairs of one that refused
        and one that did not in which the former ranks lower (area under the curve; one half is what
        identical parties have). In the last row, ``all``, means over cases, and for `in` the
        correlation of ranks with `was_in`; intervals as `_low` and `_high`.

    Examples
    --------
    >>> frame = pd.DataFrame({"case": "a", "party": ["SAU", "NOR", "FJI"], "against": [1, 0, 0],
    ...                       "is_named": [True, False, False], "model": [0.1, 0.5, 0.9],
    ...                       "income_per_head": [30, 90, 5], "democracy": [0.0, 0.9, 0.4]})
    >>> refusals_of_all(frame, ["a"])[list(COLUMNS)].to_numpy().tolist()[0]
    [1.0, 0.5, 1.0]
    """
    groups = dict(iter(made.groupby("case")))
    own = [groups[case] for case in cases if case in groups]
    rows = [{**_of_case(one), "case": one["case"].iloc[0]} for one in own]
    found = pd.DataFrame(rows, columns=["case", "parties", "refused", "was_in", "in", *COLUMNS])
    total: dict[str, object] = {"case": "all", "parties": int(found["parties"].sum())}
    total |= {"refused": int(found["refused"].sum()), "was_in": found["was_in"].mean()}
    total["in"] = found["in"].corr(found["was_in"], method="spearman") if len(found) > 2 else np.nan
    for name in COLUMNS:
        held = who_holds_out(made.assign(rank=made[name]))
        total |= {name: held["share"], f"{name}_low": held["low"], f"{name}_high": held["high"]}
    return pd.concat([found, pd.DataFrame([total])], ignore_index=True)


def _of_case(own: pd.DataFrame) -> dict[str, float]:
    named = own["is_named"].astype(bool)
    found: dict[str, float] = {"parties": len(own), "refused": int(named.sum())}
    found |= {"was_in": 1.0 - float(named.mean()), "in": 1.0 - float(own["against"].mean())}
    return found | {n: who_holds_out(own.assign(rank=own[n]))["share"] for n in COLUMNS}
