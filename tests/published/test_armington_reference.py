from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from sim.kernels.armington import Economy

CASE = json.loads(Path(__file__).with_name("armington_reference.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def economy():
    flows, tariffs = CASE["flows_producer_prices"], CASE["tariff_before"]
    return Economy(flows, tariffs, CASE["theta"], deficits="fixed")


@pytest.mark.parametrize("name", sorted(CASE["cases"]))
def test_six_regions_welfare_in_percent(economy, name):
    case = CASE["cases"][name]
    found = economy.solve(case["tariff_after"], case["iceberg_change"])
    change = 100.0 * (found.welfare - 1.0)
    np.testing.assert_allclose(change, case["welfare_change_pct"], rtol=0.0, atol=1e-9)
