from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.errors import AnalysisError
from analysis.load import load, runs, units
from analysis.measures import (
    agreements_in_force,
    blockers,
    change_since,
    final,
    mean_over,
    months_to_agreement,
    vetoes_per_item,
)


@pytest.fixture
def ramp() -> pd.DataFrame:
    """x = step for scenario a, 10 + 2 step for b; eight quarters from 2024, unit %."""
    dates = pd.date_range("2024-01-01", periods=8, freq="QS")
    frame = pd.concat(
        pd.DataFrame(
            {
                "scenario": label,
                "seed": seed,
                "date": dates,
                "x": start + slope * np.arange(8),
            }
        )
        for label, start, slope in (("a", 0.0, 1.0), ("b", 10.0, 2.0))
        for seed in (1, 2)
    )
    frame.attrs["units"] = {"x": "%"}
    return frame


def by_scenario(frame: pd.DataFrame, measure: str) -> dict[str, float]:
    assert not frame.duplicated(["scenario", "seed"]).any()
    return frame.groupby("scenario")[measure].mean().to_dict()


def test_final_takes_the_last_date_whatever_the_order(ramp):
    shuffled = ramp.sample(frac=1.0, random_state=1)
    assert by_scenario(final(shuffled, "x"), "x") == {"a": 7.0, "b": 24.0}
    assert units(final(ramp, "x"), "x") == "%"


def test_mean_over_includes_both_ends(ramp):
    assert by_scenario(mean_over(ramp, "x", "2024-04-01", "2024-10-01"), "x") == {"a": 2, "b": 14}
    with pytest.raises(AnalysisError, match=r"no quarter begins.*2024-01-01 to 2025-10-01"):
        mean_over(ramp, "x", "2030-01-01", "2031-01-01")


def test_change_since_starts_strictly_before_the_date(ramp):
    assert by_scenario(change_since(ramp, "x", "2025-01-01"), "x") == {"a": 4.0, "b": 8.0}
    assert by_scenario(change_since(ramp, "x", "2025-01-20"), "x") == {"a": 3.0, "b": 6.0}
    with pytest.raises(AnalysisError, match="nothing before 2024-01-01"):
        change_since(ramp, "x", "2024-01-01")


def test_rows_that_are_not_told_apart_are_refused(results):
    states = load(results, "states", "baseline", 1)
    with pytest.raises(AnalysisError, match=r"by='state'"):
        final(states, "welfare")
    welfare = final(states, "welfare", by="state").set_index("state")["welfare"]
    assert welfare["ARG"] == pytest.approx(6.3)
    assert welfare["AUT"] == pytest.approx(8.3)


def test_unknown_measure(ramp):
    with pytest.raises(AnalysisError, match="unknown measure 'y'"):
        final(ramp, "y")


def test_months_from_agreements_and_from_rounds(results):
    months = months_to_agreement(load(results, "agreements"))
    assert months["months_to_agreement"].eq(7.5).all()
    assert units(months, "months_to_agreement") == "months"
    from_rounds = months_to_agreement(load(results, "rounds"), by="organisation")
    assert set(from_rounds["organisation"]) == {"WTO"}
    assert from_rounds["months_to_agreement"].to_numpy() == pytest.approx(12.0, abs=0.05)


def test_months_are_undefined_where_nothing_was_agreed(results):
    rounds = load(results, "rounds", "baseline", 1)
    failed = rounds.assign(outcome="failed")
    assert months_to_agreement(failed)["months_to_agreement"].isna().all()


def test_vetoes_per_item_counts_blockers_of_every_round(results):
    vetoes = vetoes_per_item(load(results, "rounds"))
    assert len(vetoes) == 16
    assert vetoes["vetoes_per_item"].eq(6.0).all()  # IND in rounds 1-4, USA in 1-2


def test_who_blocked_how_often_and_by_how_much(results):
    ranking = blockers(load(results, "votes", "baseline"))
    assert ranking["party"].tolist() == ["IND", "USA"]
    assert ranking["blocks_per_run"].tolist() == [4.0, 2.0]
    assert ranking["share"].tolist() == [0.8, 0.4]
    assert ranking["shortfall"].tolist() == [1.75, 2.25]
    assert ranking["largest_shortfall"].tolist() == [2.5, 2.5]


def test_blocking_a_part_while_liking_the_whole_is_no_shortfall(results):
    votes = load(results, "votes", "baseline", 1)
    votes.loc[votes["party"] == "USA", "margin"] = 0.7
    ranking = blockers(votes).set_index("party")
    assert ranking.loc["USA", "shortfall"] == 0.0
    assert ranking.loc["USA", "blocks_per_run"] == 2.0


def test_agreements_in_force_by_date(results):
    agreements = load(results, "agreements")
    for day, count in (("2026-12-31", 0), ("2027-01-01", 1), ("2039-01-01", 1)):
        assert agreements_in_force(agreements, day)["agreements_in_force"].eq(count).all()


def test_a_run_without_agreements_counts_as_zero_when_named(results):
    agreements = load(results, "agreements", "baseline", [1, 2])
    only = agreements[agreements["seed"] == 1]
    listed = runs(results)
    named = agreements_in_force(only, "2030-01-01", listed[listed["seed"] <= 2])
    assert named["agreements_in_force"].tolist() == [1, 0, 0, 0]


def test_wrong_table_is_named(results):
    with pytest.raises(AnalysisError, match="the table 'rounds'"):
        vetoes_per_item(load(results, "summary", seeds=1))
