"""What is read off a run of a case, and the scores, against figures worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.errors import AnalysisError
from analysis.hindcast import by_case, by_party, read_run, scores, who_holds_out


def cases(*rows: tuple[float, float], seeds: int = 9) -> pd.DataFrame:
    return pd.DataFrame(
        [{"agrees": share, "was_agrees": happened, "seeds": seeds} for share, happened in rows]
    )


def test_scores_are_those_worked_out_by_hand() -> None:
    found = scores(cases((1.0, 1.0), (0.6, 1.0), (0.2, 0.0)), "agrees").set_index("score")
    assert found.loc["brier", "model"] == pytest.approx((0.0 + 0.16 + 0.04) / 3)
    # The share of the other cases in which it happened: 1/2, 1/2, 1.
    assert found.loc["brier", "constant"] == pytest.approx((0.25 + 0.25 + 1.0) / 3)
    assert found.loc["brier", "always"] == pytest.approx(1 / 3)
    assert found.loc["accuracy", "model"] == 1.0
    # One half is half right.
    assert found.loc["accuracy", "constant"] == pytest.approx((0.5 + 0.5 + 0.0) / 3)
    assert found.loc["accuracy", "always"] == pytest.approx(2 / 3)
    # Shares of nine runs: (9 + 1/2) / 10, (5.4 + 1/2) / 10, 1 - (1.8 + 1/2) / 10.
    logs = [-math.log(0.95), -math.log(0.59), -math.log(0.77)]
    assert found.loc["log", "model"] == pytest.approx(sum(logs) / 3)
    # The constant rests on two other cases: (1 + 1/2) / 3 twice, then 1 - (2 + 1/2) / 3.
    logs = [-math.log(0.5), -math.log(0.5), -math.log(1 / 6)]
    assert found.loc["log", "constant"] == pytest.approx(sum(logs) / 3)
    assert found.loc["log", "always"] == math.inf
    assert found.loc["brier", "over_always"] == pytest.approx(1 / 3 - 0.2 / 3)


def test_a_base_rate_from_elsewhere_is_a_rival_where_the_cases_have_one() -> None:
    table = cases((1.0, 1.0), (0.6, 1.0), (0.2, 0.0))
    assert "base" not in scores(table, "agrees")
    found = scores(table.assign(base_agrees=[0.5, 0.5, 0.1]), "agrees").set_index("score")
    assert found.loc["brier", "base"] == pytest.approx((0.25 + 0.25 + 0.01) / 3)
    assert found.loc["brier", "over_base"] == pytest.approx(0.51 / 3 - 0.2 / 3)


def test_intervals_hold_the_difference_and_are_the_same_every_time() -> None:
    table = cases((0.9, 1.0), (0.4, 0.0), (0.7, 1.0), (0.8, 0.0), (0.3, 0.0), (0.6, 1.0))
    one, two = scores(table, "agrees"), scores(table, "agrees")
    pd.testing.assert_frame_equal(one, two)
    row = one.set_index("score").loc["brier"]
    assert row["over_constant_low"] < row["over_constant"] < row["over_constant_high"]


def test_what_is_not_known_yet_is_not_scored() -> None:
    table = cases((0.9, 1.0), (0.4, 0.0), (0.0, float("nan")))
    assert set(scores(table, "agrees")["cases"]) == {2}
    with pytest.raises(AnalysisError, match="1 cases"):
        scores(table.iloc[1:], "agrees")


def tables(outcome: str, adopters: str) -> dict[str, pd.DataFrame]:
    rounds = [
        {"organisation": "T", "item": "T/a/0", "round": 0, "outcome": "failed", "adopters": ""},
        {
            "organisation": "T",
            "item": "T/a/0",
            "round": 1,
            "outcome": outcome,
            "adopters": adopters,
        },
    ]
    votes = [
        {"organisation": "T", "item": "T/a/0", "round": n, "party": party, "vote": vote}
        | {"margin": margin}
        for n in (0, 1)
        for party, vote, margin in (("IND", "reject", -2.0), ("JPN", "accept", 1.0))
    ]
    made: dict[str, Any] = {"organisation": "T", "depth": 5.0, "tariff_cut": 50.0, "scale": 0.8}
    made |= {"months_to_agreement": 7.5, "in_force": None, "status": "signed"}
    standing = {**made, "agreement": "T/older", "depth": 9.0, "in_force": "1990-01-01"}
    agreements = pd.DataFrame([standing, {**made, "agreement": "T/a/0"}])
    return {
        "rounds": pd.DataFrame(rounds),
        "votes": pd.DataFrame(votes),
        "agreements": agreements if outcome == "agreed" else agreements.iloc[:1],
    }


def test_a_run_that_goes_ahead_without_some() -> None:
    found = read_run(tables("agreed", "JPN"), "T")
    assert found["agrees"]
    assert not found["all_sign"]
    assert not found["in_force"]
    assert found["parties"] == {"IND": [True, -2.0], "JPN": [False, 1.0]}
    assert (found["months"], found["depth"], found["tariff_cut"]) == (7.5, 4.0, 40.0)


def test_a_run_that_comes_to_nothing_names_who_objected() -> None:
    found = read_run(tables("failed", ""), "T")
    assert not found["agrees"]
    assert found["months"] is None
    assert found["parties"]["IND"][0]
    assert not found["parties"]["JPN"][0]


def test_a_body_that_never_met_leaves_nothing() -> None:
    empty = {name: frame.iloc[:0] for name, frame in tables("failed", "").items()}
    assert read_run(empty, "T")["parties"] == {}


def test_cases_have_shares_and_medians_of_the_runs_that_agreed() -> None:
    base = {"case": "a", "all_sign": False, "in_force": False, "tariff_cut": 100.0}
    runs = pd.DataFrame(
        [
            {**base, "agrees": True, "months": m, "depth": 5.0, "status": "lapsed"}
            for m in (10.0, 20.0, 30.0)
        ]
        + [{**base, "agrees": False, "months": None, "depth": None, "status": "not agreed"}]
    )
    found = by_case(runs, pd.DataFrame([{"case": "a", "was_agrees": 1.0}])).iloc[0]
    assert (found["agrees"], found["lapsed"], found["months"]) == (0.75, 0.75, 20.0)
    assert (found["months_low"], found["months_high"]) == (12.0, 28.0)


def test_who_is_the_least_willing() -> None:
    rows = [
        {"case": "a", "seed": seed, "party": party, "is_out": margin < 0, "margin": margin}
        for seed, margins in ((1, (-1.0, 0.5, 2.0)), (2, (1.0, 0.5, 2.0)))
        for party, margin in zip(("IND", "JPN", "LAO"), margins, strict=True)
    ]
    found = by_party(pd.DataFrame(rows), {"a": ("IND",)}).set_index("party")
    assert found.loc["IND", ["out", "least_willing", "rank"]].tolist() == [0.5, 0.5, 0.25]
    assert found.loc["LAO", "rank"] == 1.0
    assert found["is_named"].tolist() == [code == "IND" for code in found.index]
    # JPN has the same mean rank as IND: half a point, and LAO is more willing.
    assert who_holds_out(found.reset_index())["share"] == 0.75


def test_without_named_parties_nothing_is_said_of_them() -> None:
    frame = pd.DataFrame({"case": ["a"], "party": ["IND"], "rank": [0.0], "is_named": [False]})
    assert who_holds_out(frame)["cases"] == 0
    assert np.isnan(who_holds_out(frame)["share"])
