"""Difference in differences with a placebo: known effects come out, common ones do not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.errors import AnalysisError
from analysis.placebo import against_placebo, changes

DAYS = pd.date_range("2024-01-01", periods=12, freq="QS")
SPANS = (("2024-01-01", "2024-12-31"), ("2026-01-01", "2026-12-31"))
WORLDS = ("shock", "usual", "placebo")


def frame(level=0.0, **added):
    """Worlds that share a seed's noise and a trend; `level` is there from the first day on."""
    rows = []
    for seed in range(1, 7):
        noise = np.random.default_rng(seed).normal(size=len(DAYS)).cumsum() + np.arange(len(DAYS))
        for name in WORLDS:
            x = noise + added.get(name, 0.0) * (1 + 0.1 * seed) * (DAYS >= "2025-01-01")
            x = x + (level if name == "shock" else 0.0)
            rows.append(pd.DataFrame({"scenario": name, "seed": seed, "date": DAYS, "x": x}))
    return pd.concat(rows, ignore_index=True)


def told(data):
    return against_placebo(data, WORLDS, "x", SPANS).set_index("what")


def test_effect_less_placebo_is_what_is_due_to_who_it_was():
    found = told(frame(shock=2.0, placebo=0.5))
    assert found.loc["effect", "difference"] == pytest.approx(2.7)  # 2 · mean of 1.1 to 1.6
    assert found.loc["placebo", "difference"] == pytest.approx(0.675)
    net = found.loc["net"]
    assert net["difference"] == pytest.approx(2.7 - 0.675)
    assert net["low"] < net["difference"] < net["high"]
    assert net["same_sign"] == 1.0


def test_a_shock_that_does_what_the_placebo_does_has_no_net_effect():
    net = told(frame(shock=1.0, placebo=1.0)).loc["net"]
    assert net[["difference", "low", "high"]].abs().max() < 1e-9


def test_what_was_different_before_is_taken_off():
    assert (
        changes(frame(level=5.0), ("shock", "usual"), "x", SPANS)["difference"].abs().max() < 1e-9
    )


def test_a_world_that_is_not_there_is_refused():
    with pytest.raises(AnalysisError, match="placebo"):
        told(frame()[lambda data: data["scenario"] != "placebo"])
