"""Rates, scores and figures of conflict from tables."""

from __future__ import annotations

from datetime import date

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from analysis.dispute_forecasts import calibration, pair_scores
from analysis.errors import AnalysisError
from analysis.plots import plot_dispute
from analysis.security import (
    by_body,
    by_region,
    compared,
    dispute_rates,
    spells,
    state_rates,
)


def _rows(*disputes):
    """Each dispute over its quarters: pair, began, ended, stage, settlement."""
    last = date(2039, 10, 1)
    rows = []
    for (one, other), began, ended, stage, how in disputes:
        rows.append([f"{one}-{other}/{began}", one, other, "Here", began, ended, stage, how, last])
    rows.append(["AAA-BBB/2020-01-01", "AAA", "BBB", "Here", date(2020, 1, 1), None, "war", "",
                 date(2024, 1, 1)])  # fmt: skip
    names = ("dispute", "state", "against", "region", "began", "ended", "stage", "settlement")
    return pd.DataFrame(rows, columns=[*names, "date"])


@pytest.fixture
def disputes():
    ab, cd = ("AAA", "BBB"), ("CCC", "DDD")
    return _rows(
        (ab, date(2025, 1, 1), date(2025, 1, 31), "force", "negotiated"),
        (ab, date(2027, 1, 1), date(2027, 1, 11), "display", "none"),
        (cd, date(2026, 1, 1), date(2026, 1, 21), "war", "imposed"),
    )


def test_spells_leave_out_what_was_under_way_and_see_what_comes_again(disputes):
    found = spells(disputes).set_index("dispute")
    assert len(found) == 3
    assert found["days"].tolist() == [30, 20, 10]
    assert found["again"].tolist() == [1.0, 0.0, 0.0]


def test_rates_are_per_pair_and_year_of_each_class(disputes):
    given = {"all": [True, True], "near": [True, False]}
    pairs = pd.DataFrame({"state": ["AAA", "CCC"], "against": ["BBB", "DDD"], **given})
    found = dispute_rates(disputes, pairs, 10.0)
    assert found["dispute", "onset", "all"] == pytest.approx(3 / 20)
    assert found["dispute", "onset", "near"] == pytest.approx(2 / 10)
    assert found["dispute", "share_war", "all"] == pytest.approx(1 / 3)
    assert found["dispute", "recurrence_5y", "near"] == pytest.approx(0.5)


def test_civil_conflict_is_counted_by_years_at_risk():
    steps = 40
    level = np.zeros((steps, 2), dtype=int)
    level[12:20, 0] = 2  # two years of war, then quiet to the end
    frame = pd.DataFrame(
        {
            "step": np.repeat(np.arange(steps), 2),
            "state": ["AAA", "BBB"] * steps,
            "civil_conflict": level.ravel(),
            "coups": np.zeros(2 * steps, dtype=int),
        }
    )
    found = state_rates({"states": frame}, {"all": ["AAA", "BBB"]})
    assert found["civil_conflict", "states_in_war", "mean"] == pytest.approx(0.2)
    assert found["civil_conflict", "end", "all"] == pytest.approx(4 / 8)
    at_risk = 40 + 40 - 7 - 8  # but for the war, from its second quarter, and two years after it
    assert found["civil_conflict", "onset", "all"] == pytest.approx(4 / at_risk)
    assert found["coup", "attempts", "mean"] == 0.0


def test_counts_are_set_beside_the_middle_of_the_runs():
    key = ("dispute", "onset", "all")
    counted = pd.DataFrame(
        [{"process": "dispute", "measure": "onset", "group": "all", "value": 0.2, "years": "x"}]
    )
    runs = [{key: value} for value in (0.1, 0.2, 0.3)]
    (row,) = compared(runs, counted).to_dict("records")
    assert row["simulated"] == pytest.approx(0.2)
    assert row["is_within"]
    assert not compared([{key: 0.5}] * 3, counted)["is_within"].any()


def test_scores_of_a_coin_and_of_a_seer():
    rng = np.random.default_rng(0)
    chance = rng.random(4000)
    happened = rng.random(4000) < chance
    pair = np.arange(4000) % 200
    scores = pair_scores(chance, happened, pair).set_index("score")
    assert scores.loc["auc", "low"] < 5 / 6 < scores.loc["auc", "high"]  # of a calibrated forecast
    assert scores.loc["brier", "low"] < 1 / 6 < scores.loc["brier", "high"]
    coin = pair_scores(np.full(4000, 0.5), happened, pair).set_index("score")
    assert coin.loc["auc", "value"] == 0.5
    deciles = calibration(chance, happened)
    assert (
        (deciles["low"] <= deciles["expected"]) & (deciles["expected"] <= deciles["high"])
    ).sum() > 7


@pytest.fixture(scope="module")
def run(run_of, only):
    found = run_of("baseline", 1, *only("UN", "AU", "ASEAN"), "quarters=24")
    return {name: table.to_pandas() for name, table in found.items()}


def test_regions_add_up_to_the_world(run):
    regions = by_region(run).set_index("region")
    conflicts = run["conflicts"]
    assert regions["conflict_years"].sum() == pytest.approx(len(conflicts) / 4)
    assert regions["escalations"].sum() <= regions["disputes"].sum()
    assert regions["nuclear_states"].sum() >= 9


def test_bodies_are_told_with_who_blocks_them(run):
    bodies = by_body(run["third_parties"])
    assert "UN" in set(bodies["organisation"])
    assert (bodies["accepted"] <= bodies["attempts"]).all()


def test_a_dispute_is_drawn_from_its_first_day_to_its_last(run):
    ax = plot_dispute(run, ("UKR", "RUS"))
    (line,) = (one for one in ax.lines if one.get_gid() == "stage")
    heights = line.get_ydata()
    assert heights[0] == 4
    assert "RUS and UKR" in ax.get_title(loc="left")
    plt.close(ax.figure)
    with pytest.raises(AnalysisError, match="CHL and NZL had no dispute"):
        plot_dispute(run, ("NZL", "CHL"))
