"""The baseline world's trade against figures published elsewhere, and what of it is an estimate.

Bilateral flows are goods trade of 2023 in billion USD as the customs of one side record it: US
Census Bureau (FT-900 annual revision), General Administration of Customs of China, Destatis (euro
figures at 1.08 USD), Ministry of Finance of Taiwan. The two sides of a flow differ by a tenth, and
by up to a half where goods pass a third place; the source reconciles the two.
"""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy.stats import spearmanr

from sim.kernels.armington import Economy
from sim.kernels.ras import fill
from sim.world.flows import THRESHOLD
from sim.world.loader import FACTS_DATE, load_world
from sim.world.trade import Geography, gravity, with_domestic_sales

FILE = Path(__file__).parents[2] / "scenarios" / "parameters" / "world.yaml"
SPEC = yaml.safe_load(FILE.read_text(encoding="utf-8"))
PARAMETERS = {name: float(entry["value"]) for name, entry in SPEC.items()}

PUBLISHED = {
    ("VNM", "USA"): 114, ("USA", "CHN"): 148, ("CHN", "USA"): 427, ("USA", "MEX"): 323,
    ("MEX", "USA"): 475, ("USA", "CAN"): 353, ("CAN", "USA"): 421, ("USA", "GBR"): 75,
    ("GBR", "USA"): 64, ("DEU", "USA"): 160, ("JPN", "USA"): 147, ("KOR", "USA"): 116,
    ("IND", "USA"): 84, ("IRL", "USA"): 82, ("DEU", "FRA"): 129, ("FRA", "DEU"): 75,
    ("CHN", "JPN"): 158, ("JPN", "CHN"): 161, ("CHN", "KOR"): 149, ("KOR", "CHN"): 162,
    ("CHN", "RUS"): 111, ("BRA", "CHN"): 122, ("AUS", "CHN"): 155, ("DEU", "CHN"): 105,
    ("CHN", "DEU"): 101, ("DEU", "NLD"): 121, ("NLD", "DEU"): 150, ("SAU", "CHN"): 64,
    ("CHE", "DEU"): 60, ("TWN", "USA"): 88, ("CHN", "TWN"): 68,
}  # fmt: skip
"""Told by the importer or the exporter, not taken from the source of the world's flows."""

OUTSIDE = (
    "AND", "CUB", "LIE", "MCO", "NRU", "PRK", "SMR", "STP", "TUV", "TWN", "WSM", "XKX",
)  # fmt: skip
"""States that the source of the flows does not cover."""
INSIDE_BLOCS = {
    "EU": 0.60, "USMCA": 0.50, "ASEAN": 0.22, "MERCOSUR": 0.11, "GCC": 0.10, "AU": 0.14,
}  # fmt: skip
"""Share of members' exports that stays inside, 2023, rounded: WTO, UNCTADstat."""


@pytest.fixture(scope="module")
def world():
    return load_world(date(2024, 1, 1), None, PARAMETERS)


@pytest.fixture(scope="module")
def exports(world):
    return np.where(np.eye(len(world.iso3), dtype=bool), 0.0, world.flows)


@pytest.fixture(scope="module")
def listed(world):
    """The embedded flows as an (N, N) matrix in billion USD, NaN where there is none."""
    matrix = np.full((len(world.iso3),) * 2, np.nan)
    for name in ("flows", "flows_other"):
        with files("sim.world").joinpath("tables", f"{name}.csv").open(encoding="utf-8") as file:
            for row in pd.read_csv(file).itertuples():
                matrix[world.index[row.exporter], world.index[row.importer]] = row.musd / 1e3
    return matrix


def test_flows_are_those_of_the_customs(world):
    apart = {
        pair: abs(np.log(world.flows[world.index[pair[0]], world.index[pair[1]]] / value))
        for pair, value in PUBLISHED.items()
    }
    assert max(apart.values()) < np.log(1.5), apart
    assert np.median(list(apart.values())) < np.log(1.07)


def test_viet_nam_sells_to_the_united_states_what_it_sells(world):
    """Gravity scaled to the same totals makes 22 billion of it."""
    assert world.flows[world.index["VNM"], world.index["USA"]] == 118.0


@pytest.mark.parametrize("bloc", INSIDE_BLOCS)
def test_shares_inside_blocs_follow_from_the_flows(world, exports, bloc):
    is_member = world.members(bloc, FACTS_DATE)
    inside = exports[np.ix_(is_member, is_member)].sum() / exports[is_member].sum()
    assert inside == pytest.approx(INSIDE_BLOCS[bloc], abs=0.025)


def test_published_flows_stand_unless_a_state_is_beyond_its_ceiling(world, exports, listed):
    is_capped = world.baseline.is_capped
    stands = np.isfinite(listed) & ~is_capped[:, None] & ~is_capped[None, :]
    assert stands.sum() > 7000
    np.testing.assert_array_equal(exports[stands], listed[stands])
    cut = np.isfinite(listed) & ~stands
    assert (exports[cut] <= listed[cut]).all()
    assert listed[cut].sum() - exports[cut].sum() < 0.015 * np.nansum(listed)


def test_nearly_all_of_world_trade_is_published(world, exports, listed):
    np.testing.assert_array_equal(world.baseline.is_known, np.isfinite(listed))
    assert exports[world.baseline.is_known].sum() > 0.985 * exports.sum()


def test_pairs_that_the_source_leaves_out_trade_less_than_its_threshold(world, exports, listed):
    covered = np.isfinite(listed).any(axis=0) | np.isfinite(listed).any(axis=1)
    for code in ("CUB", "PRK", "TWN"):  # known in part, from elsewhere
        covered[world.index[code]] = False
    small = np.isnan(listed) & np.outer(covered, covered) & ~np.eye(len(listed), dtype=bool)
    assert small.sum() > 20_000
    assert (exports[small] <= THRESHOLD).all()
    assert (exports[small] > 0).all()


def test_totals_are_the_recorded_ones(world, exports, listed):
    """Where no state was cut: what is missing went to territories outside the world."""
    outside = [world.index[code] for code in OUTSIDE]
    own = exports.copy()
    own[outside], own[:, outside] = 0, 0
    is_capped = world.baseline.is_capped
    own[:, is_capped] = np.where(np.isfinite(listed), listed, exports)[:, is_capped]
    kept = ~is_capped & ~np.isin(np.arange(len(own)), outside)
    assert np.allclose(own.sum(axis=1)[kept] / world.exports[kept], 1.0, atol=0.09)
    large = kept & (world.exports > 10)
    assert np.allclose(own.sum(axis=1)[large] / world.exports[large], 1.0, atol=0.03)
    twn = world.index["TWN"]
    assert exports[:, twn].sum() == pytest.approx(world.imports[twn], rel=1e-3)
    left = world.baseline.unplaced
    assert (left > -1e-9).all()
    assert left.sum(axis=1).max() < 0.001 * exports.sum()


def test_who_is_barred_from_trading_does_not(world):
    prk = world.index["PRK"]
    for code in ("USA", "KOR", "JPN"):
        assert world.flows[prk, world.index[code]] == world.flows[world.index[code], prk] == 0
    assert world.flows[world.index["CHN"], prk] > 0.8 * world.imports[prk]


def _hurt(world, flows, kept):
    """Welfare of the kept states under the tariffs announced on 2 April 2025."""
    at = np.ix_(kept, kept)
    tariffs = world.tariffs.copy()
    tariffs[:, world.index["USA"]] += world.schedule("us_tariffs_2025")
    np.fill_diagonal(tariffs, 0.0)
    return Economy(flows[at], world.tariffs[at]).solve(tariffs=tariffs[at]).welfare


def test_who_is_hurt_by_the_tariffs_rests_on_what_is_published(world, exports):
    """The estimate of the rest barely moves the ranking; an estimate of all would redraw it."""
    known = np.where(world.baseline.is_known, world.flows, 0.0)
    kept = (known.sum(axis=0) > 0) & (known.sum(axis=1) > 0)
    others = np.flatnonzero(kept) != world.index["USA"]
    everybody = np.ones(len(kept), dtype=bool)
    ours = _hurt(world, world.flows, everybody)[kept][others]
    published = np.where(np.eye(len(kept), dtype=bool), world.flows, known)
    assert spearmanr(ours, _hurt(world, published, kept)[others])[0] > 0.9
    geography = Geography(world.distance, world.is_contiguous, world.has_common_language,
                          world.has_colonial_link, world.agreement_mask(FACTS_DATE))  # fmt: skip
    sizes = exports.sum(axis=1), exports.sum(axis=0)
    estimate = fill(gravity(sizes, geography, PARAMETERS), *sizes)
    estimate = with_domestic_sales(estimate, world.gdp, PARAMETERS)
    assert spearmanr(ours, _hurt(world, estimate, everybody)[kept][others])[0] < 0.7


def test_who_is_hurt_follows_from_what_is_sold_to_the_united_states(world):
    """Another way to reckon it, without an equilibrium: added tariff times share of sales."""
    economy = Economy(world.flows, world.tariffs)
    usa = world.index["USA"]
    exposure = world.schedule("us_tariffs_2025") * economy.flows[:, usa] / economy.flows.sum(axis=1)
    others = (np.arange(len(exposure)) != usa) & (world.gdp > 20)
    welfare = _hurt(world, world.flows, np.ones(len(exposure), dtype=bool))
    assert np.corrcoef(exposure[others], welfare[others])[0, 1] < -0.8
    assert spearmanr(exposure[others], welfare[others])[0] < -0.7


def test_no_state_has_impossible_trade(world, exports):
    assert (world.flows >= 0).all()
    sold, bought = exports.sum(axis=1), exports.sum(axis=0)
    assert (sold > 0).all()
    assert (bought > 0).all()
    home = world.flows.diagonal()
    assert (home >= 0.4 * world.gdp * (1 - 1e-12)).all()
    share = home / (home + bought)
    assert 0.15 < share.min() < share.max() < 0.97
    openness = (sold + bought) / 2 / world.gdp
    assert 0.04 < openness.min() < openness.max() < 1.35


def test_openness_of_the_large_economies(world, exports):
    # World Bank, goods exports over GDP, 2023: United States 7 %, China 19 %, Germany 37 %.
    share = exports.sum(axis=1) / world.gdp
    for code, published in (("USA", 0.07), ("CHN", 0.19), ("DEU", 0.37)):
        assert share[world.index[code]] == pytest.approx(published, rel=0.15), code


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
