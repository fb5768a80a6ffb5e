from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.compare import effects, interval, paired
from analysis.errors import AnalysisError
from analysis.load import load
from analysis.measures import final, vetoes_per_item


def two(differences: list[float], base: float = 5.0) -> pd.DataFrame:
    """One row per run: control with noise between worlds, treatment = control + difference."""
    n = len(differences)
    control = base + 100.0 * np.sin(np.arange(n))
    frame = pd.concat(
        [
            pd.DataFrame({"scenario": "control", "seed": range(n), "x": control}),
            pd.DataFrame({"scenario": "treated", "seed": range(n), "x": control + differences}),
        ]
    )
    frame.attrs["units"] = {"x": "%"}
    return frame


def test_injected_effects_come_back(results, effect):
    table = effects(load(results), "us_withdrawal", "baseline", list(effect)).set_index("measure")
    for measure, size in effect.items():
        row = table.loc[measure]
        assert row["difference"] == pytest.approx(size, abs=1e-9)
        assert row["low"] <= size + 1e-9
        assert row["high"] >= size - 1e-9
        assert row["same_sign"] == 1.0
        assert row["n_seeds"] == 8
    assert table.loc["us_tariff", "unit"] == "%"
    assert table.attrs["seeds"] == list(range(1, 9))


def test_pairing_removes_the_variation_between_worlds():
    table = effects(two([2.0, 2.5, 1.5, 2.2, 1.8]), "treated", "control", "x", at=None)
    row = table.iloc[0]
    assert row["difference"] == pytest.approx(2.0)
    assert 1.5 <= row["low"] < 2.0 < row["high"] <= 2.5  # noise between worlds has sd 70
    assert row["d_z"] == pytest.approx(2.0 / np.std([2.0, 2.5, 1.5, 2.2, 1.8], ddof=1))


def test_a_span_is_averaged(results):
    frame = load(results)
    before = paired(
        frame, "us_withdrawal", "baseline", "us_tariff", at=("2024-01-01", "2024-12-31")
    )
    assert before["difference"].eq(0.0).all()
    after = paired(frame, "us_withdrawal", "baseline", "us_tariff", at=("2029-01-01", "2039-12-31"))
    assert after["difference"].mean() == pytest.approx(12.0)
    assert "2029-01-01 to 2039-12-31" in after.attrs["at"]


def test_measures_can_be_compared(results):
    table = effects(
        vetoes_per_item(load(results, "rounds")),
        "us_withdrawal",
        "baseline",
        "vetoes_per_item",
        at=None,
    )
    assert table[["difference", "low", "high", "d_z"]].to_numpy().tolist() == [[0.0] * 4]


def test_a_missing_seed_is_named(results):
    frame = load(results)
    frame = frame[~((frame["scenario"] == "baseline") & frame["seed"].isin([2, 5]))]
    with pytest.raises(AnalysisError, match=r"baseline lacks seeds 2, 5.*drop_unpaired=True"):
        paired(frame, "us_withdrawal", "baseline", "us_tariff")
    rest = paired(frame, "us_withdrawal", "baseline", "us_tariff", drop_unpaired=True)
    assert rest["seed"].tolist() == [1, 3, 4, 6, 7, 8]


def test_no_common_seed_is_an_error_even_when_dropping():
    frame = two([1.0, 1.0])
    frame = frame[(frame["scenario"] == "control") == (frame["seed"] == 0)]
    with pytest.raises(AnalysisError, match="lacks seeds"):
        paired(frame, "treated", "control", "x", at=None, drop_unpaired=True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("us_withdrawl", "baseline", "vetoes"), r"unknown scenario.*'us_withdrawal'"),
        (("us_withdrawal", "baseline", "veto"), r"unknown measure 'veto'.*'vetoes'"),
        (("us_withdrawal", "baseline", "vetoes", "last"), r"at='last'.*'final'"),
        (("us_withdrawal", "baseline", "vetoes", None), "several rows per scenario and seed"),
    ],
)
def test_errors(results, arguments, message):
    with pytest.raises(AnalysisError, match=message):
        effects(load(results), *arguments)


def test_one_seed_has_no_interval():
    row = effects(two([2.0]), "treated", "control", "x", at=None).iloc[0]
    assert row["difference"] == pytest.approx(2.0)
    assert np.isnan([row["low"], row["high"], row["d_z"]]).all()


def test_equal_differences_have_no_width():
    row = effects(two([3.0] * 6, base=0.0), "treated", "control", "x", at=None).iloc[0]
    assert row["low"] == row["high"] == pytest.approx(3.0)
    assert row["d_z"] == np.inf


def test_undefined_values_are_counted_not_hidden():
    frame = two([1.0, 2.0, 3.0])
    frame.loc[(frame["scenario"] == "treated") & (frame["seed"] == 2), "x"] = np.nan
    row = effects(frame, "treated", "control", "x", at=None).iloc[0]
    assert (row["n_seeds"], row["n_undefined"]) == (2, 1)
    assert row["difference"] == pytest.approx(1.5)
    control = frame[(frame["scenario"] == "control") & (frame["seed"] < 2)]["x"]
    assert row["mean_control"] == pytest.approx(control.mean())


def test_nothing_defined_gives_nan_and_no_warning():
    frame = two([1.0, 2.0]).assign(x=np.nan)
    row = effects(frame, "treated", "control", "x", at=None).iloc[0]
    assert row["n_seeds"] == 0
    assert np.isnan(row["difference"])


def test_share_of_seeds_with_the_sign():
    row = effects(two([1.0, 2.0, 3.0, -1.0]), "treated", "control", "x", at=None).iloc[0]
    assert row["same_sign"] == 0.75


def test_the_interval_is_deterministic_and_does_not_depend_on_company(results):
    frame = load(results)
    alone = effects(frame, "us_withdrawal", "baseline", "welfare_usa")
    among = effects(frame, "us_withdrawal", "baseline", ["us_tariff", "vetoes", "welfare_usa"])
    other = effects(frame, "us_withdrawal", "baseline", "welfare_usa", rng=7)
    assert alone["low"].item() == among["low"].iloc[-1]
    assert alone["low"].item() != other["low"].item()


def test_outlier_falls_back_rather_than_to_nan():
    low, high = interval(np.array([0.0] * 9 + [1.0]))
    assert np.isfinite([low, high]).all()
    assert low <= 0.1 <= high


def test_interval_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(11)
    samples = rng.normal(2.0, 1.0, (150, 20))
    covered = 0
    for sample in samples:
        low, high = interval(sample, n_resamples=499)
        covered += low <= 2.0 <= high
    # Nominal 95 %; with twenty seeds a bootstrap reaches about 93 %. Five sd of the count below.
    assert 0.84 <= covered / len(samples) <= 1.0
    assert covered < len(samples)


@given(st.lists(st.floats(-1e3, 1e3).map(lambda x: round(x, 3)), min_size=2, max_size=8))
def test_interval_lies_within_the_differences(differences):
    low, high = interval(np.array(differences), n_resamples=99)
    assert min(differences) - 1e-9 <= low <= high <= max(differences) + 1e-9


def test_swapping_the_sides_mirrors_the_effect(results):
    frame = load(results)
    there = effects(frame, "us_withdrawal", "baseline", "us_tariff").iloc[0]
    back = effects(frame, "baseline", "us_withdrawal", "us_tariff").iloc[0]
    assert back["difference"] == -there["difference"]
    assert back["d_z"] == -there["d_z"]
    last = final(frame, "us_tariff").groupby("scenario")["us_tariff"].mean()
    assert there["mean_treatment"] == pytest.approx(last["us_withdrawal"])
