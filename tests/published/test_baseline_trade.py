"""The baseline world against figures that were published, not used to build it.

Bilateral flows are goods trade of 2023 in billion USD: US Census Bureau (FT-900 annual revision),
General Administration of Customs of China, Destatis (euro figures at 1.08 USD). Partners record the
same flow differently by a tenth to a half, and the baseline knows nothing of products, so that a
factor of two is what can be asked of a flow between large neighbours.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
import yaml

from sim.world.loader import FACTS_DATE, load_world

FILE = Path(__file__).parents[2] / "scenarios" / "parameters" / "world.yaml"
SPEC = yaml.safe_load(FILE.read_text(encoding="utf-8"))
PARAMETERS = {name: float(entry["value"]) for name, entry in SPEC.items()}

SHARES = {
    "EU": 0.61, "USMCA": 0.50, "RCEP": 0.39, "ASEAN": 0.20, "CPTPP": 0.16, "AU": 0.13,
    "MERCOSUR": 0.12, "GCC": 0.10, "EAEU": 0.08, "PACIFIC_ALLIANCE": 0.02,
}  # fmt: skip

LARGEST = {
    ("USA", "CHN"): 148, ("CHN", "USA"): 427, ("USA", "MEX"): 323, ("MEX", "USA"): 475,
    ("USA", "CAN"): 353, ("CAN", "USA"): 421, ("DEU", "FRA"): 129, ("FRA", "DEU"): 75,
}  # fmt: skip

FURTHER = {
    ("USA", "GBR"): 75, ("GBR", "USA"): 64, ("DEU", "USA"): 160, ("JPN", "USA"): 147,
    ("KOR", "USA"): 116, ("IND", "USA"): 84, ("VNM", "USA"): 114, ("IRL", "USA"): 82,
    ("TWN", "USA"): 88, ("CHN", "JPN"): 158, ("JPN", "CHN"): 161, ("CHN", "KOR"): 149,
    ("KOR", "CHN"): 162, ("CHN", "TWN"): 68, ("TWN", "CHN"): 199, ("CHN", "RUS"): 111,
    ("BRA", "CHN"): 122, ("AUS", "CHN"): 155, ("DEU", "CHN"): 105, ("CHN", "DEU"): 101,
    ("DEU", "NLD"): 121, ("NLD", "DEU"): 150, ("SAU", "CHN"): 64, ("CHE", "DEU"): 60,
}  # fmt: skip


@pytest.fixture(scope="module")
def world():
    return load_world(date(2024, 1, 1), None, PARAMETERS)


@pytest.fixture(scope="module")
def exports(world):
    return np.where(np.eye(len(world.iso3), dtype=bool), 0.0, world.flows)


def _ratio(world, flows):
    return np.array(
        [world.flows[world.index[i], world.index[j]] / x for (i, j), x in flows.items()]
    )


def test_known_totals_are_hit(world, exports):
    assert world.residual < 1e-8
    assert np.allclose(exports.sum(axis=1), world.totals.exports, rtol=1e-7)
    assert np.allclose(exports.sum(axis=0), world.totals.imports, rtol=1e-7)
    kept = ~world.totals.is_capped
    assert np.allclose(exports.sum(axis=1)[kept], world.exports[kept], rtol=1e-7)
    # Recorded world exports and imports differ by a percent or two; that is what the scale closes.
    assert np.allclose(exports.sum(axis=0)[kept] / world.imports[kept], 1.0, atol=0.03)


@pytest.mark.parametrize("bloc", SHARES)
def test_known_shares_inside_blocs_are_hit(world, exports, bloc):
    is_member = world.members(bloc, FACTS_DATE)
    inside = exports[np.ix_(is_member, is_member)].sum() / exports[is_member].sum()
    assert inside == pytest.approx(SHARES[bloc], rel=1e-6)


def test_gravity_alone_would_miss_these_shares(world, exports):
    without = {k: v for k, v in PARAMETERS.items() if not k.startswith("intra_bloc_share_")}
    plain = load_world(date(2024, 1, 1), None, without).flows
    asean = world.members("ASEAN", FACTS_DATE)
    share = plain[np.ix_(asean, asean)][~np.eye(asean.sum(), dtype=bool)].sum()
    assert share / exports[asean].sum() > 1.3 * SHARES["ASEAN"]


def test_the_largest_flows_are_within_a_factor_of_two(world):
    ratio = _ratio(world, LARGEST)
    assert ((ratio > 0.5) & (ratio < 2)).all(), dict(zip(LARGEST, ratio.round(2), strict=True))


def test_most_large_flows_are_within_a_factor_of_two(world):
    ratio = _ratio(world, LARGEST | FURTHER)
    apart = np.abs(np.log(ratio))
    assert np.mean(apart < np.log(2)) >= 0.7, dict(
        zip(LARGEST | FURTHER, ratio.round(2), strict=True)
    )
    assert np.median(apart) < np.log(1.7)
    # Commodity exporters and assembly hubs are where geography without products is weakest.
    assert apart.max() < np.log(10)


def test_openness_of_the_large_economies(world, exports):
    # World Bank, goods exports over GDP, 2023: United States 7 %, China 19 %, Germany 37 %.
    share = exports.sum(axis=1) / world.gdp
    for code, published in (("USA", 0.07), ("CHN", 0.19), ("DEU", 0.37)):
        assert share[world.index[code]] == pytest.approx(published, rel=0.15), code


def test_distance_elasticity_survives_the_fit(world, exports):
    """Exporter and importer effects taken out, trade falls with distance by the elasticity."""
    off = ~np.eye(len(world.iso3), dtype=bool)
    y, x = np.zeros_like(exports), np.zeros_like(exports)
    y[off] = np.log(exports[off])
    x[off] = np.log(np.maximum(world.distance[off], PARAMETERS["distance_floor"]))
    residuals = [_without_effects(m, off) for m in (y, x)]
    slope = (residuals[0] * residuals[1]).sum() / (residuals[1] ** 2).sum()
    # Steeper than the elasticity, since neighbours also share borders, languages and agreements.
    assert -1.6 < slope < -0.9
    size = np.log(np.outer(world.gdp, world.gdp))
    assert np.corrcoef((y)[off], (size - x)[off])[0, 1] > 0.85


def _without_effects(matrix, off):
    """Take row and column means out, off the diagonal."""
    left = matrix.copy()
    count = off.sum(axis=1)
    for _ in range(50):
        left -= (np.where(off, left, 0).sum(axis=1) / count)[:, None]
        left -= (np.where(off, left, 0).sum(axis=0) / count)[None, :]
    return np.where(off, left, 0.0)


def test_mean_tariffs(world, exports):
    # World Bank TM.TAX.MRCH.WM.AR.ZS: the world's trade-weighted applied mean is 2.6 % (2017); the
    # United States collected 2.4 % of goods imports as duty in 2023 (USITC DataWeb).
    weighted = (world.tariffs * exports).sum() / exports.sum()
    assert 0.02 < weighted < 0.045
    usa = world.index["USA"]
    assert 0.015 < np.average(world.tariffs[:, usa], weights=exports[:, usa]) < 0.033
    # Mean applied MFN tariffs of 2019.
    for code, published in (("USA", 3.3), ("CHN", 7.6), ("IND", 17.6), ("BRA", 13.4), ("SGP", 0)):
        assert world.mfn[world.index[code]] * 100 == pytest.approx(published), code


def test_the_stock_of_agreements(world):
    """Counts of the kind the WTO reports: some pairs of every region, none for some large ones."""
    day = date(2020, 12, 31)
    bound = world.agreement_mask(day)
    has = {
        pair: bool(bound[world.index[pair[:3]], world.index[pair[4:]]])
        for pair in ("USA-MEX", "USA-KOR", "JPN-DEU", "CAN-DEU", "CHN-AUS", "CHN-USA", "USA-DEU",
                     "IND-CHN", "BRA-ARG", "BRA-DEU", "CHN-JPN", "KEN-UGA")
    }  # fmt: skip
    assert [p for p, yes in has.items() if yes] == [
        "USA-MEX", "USA-KOR", "JPN-DEU", "CAN-DEU", "CHN-AUS", "BRA-ARG", "KEN-UGA"
    ]  # fmt: skip
    assert world.agreement_mask(date(2022, 3, 1))[world.index["CHN"], world.index["JPN"]]
