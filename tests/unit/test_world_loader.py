"""The whole world: shapes, consistency, dates, a user's matrix in place of the estimate."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import yaml

from sim.errors import ConfigError
from sim.world.adapters import Wishes
from sim.world.loader import load_world
from sim.world.tables import read_table

START = date(2024, 1, 1)
FILE = Path(__file__).parents[2] / "scenarios" / "parameters" / "world.yaml"
SPEC = yaml.safe_load(FILE.read_text(encoding="utf-8"))
PARAMETERS = {name: float(entry["value"]) for name, entry in SPEC.items()}


@pytest.fixture(scope="module")
def world():
    return load_world(START, None, PARAMETERS)


def _off(world):
    return ~np.eye(len(world.iso3), dtype=bool)


def test_every_parameter_says_what_it_is_and_lies_in_its_range():
    for name, entry in SPEC.items():
        assert set(entry) == {"value", "unit", "range", "reference", "meaning"}, name
        low, high = entry["range"]
        assert low <= entry["value"] <= high, name
        assert entry["unit"], name
        assert len(entry["reference"]) > 20, name


def test_shapes_order_and_finite_numbers(world):
    n = len(world.iso3)
    assert n == 196
    assert list(world.iso3) == sorted(world.iso3)
    assert all(world.iso3[i] == code for code, i in world.index.items())
    for name in ("lat", "lon", "gdp", "population", "exports", "imports", "tariff", "cinc", "milex",
                 "polyarchy", "ideal_point", "hurdle", "mfn"):  # fmt: skip
        assert getattr(world, name).shape == (n,), name
        assert np.isfinite(getattr(world, name)).all(), name
    for name in ("flows", "tariffs", "agreement_depth", "distance"):
        assert getattr(world, name).shape == (n, n), name
        assert np.isfinite(getattr(world, name)).all(), name


def test_pair_facts_are_symmetric_without_a_diagonal(world):
    for name in ("is_contiguous", "has_common_language", "has_colonial_link", "has_defence_pact",
                 "is_rival", "has_agreement"):  # fmt: skip
        fact = getattr(world, name)
        assert np.array_equal(fact, fact.T), name
        assert not fact.diagonal().any(), name
        assert fact.any(), name


def test_arrays_cannot_be_written(world):
    for array in (world.flows, world.gdp, world.has_agreement, world.us_tariffs):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_the_same_call_gives_the_same_bytes(world):
    again = load_world(START, None, PARAMETERS)
    assert again.flows.tobytes() == world.flows.tobytes()
    assert again.checksums == world.checksums
    assert set(world.checksums) >= {
        "states.csv",
        "pairs.csv",
        "treaties.csv",
        "memberships.csv",
        "flows.csv",
        "flows_other.csv",
    }


def test_loading_is_fast():
    began = time.process_time()
    load_world(START, None, PARAMETERS)
    assert time.process_time() - began < 0.5


def test_domestic_sales_are_output_less_exports_with_a_floor(world):
    exports = np.where(_off(world), world.flows, 0).sum(axis=1)
    floor = PARAMETERS["domestic_sales_floor"] * world.gdp
    expected = np.maximum(world.gdp - exports, floor)
    assert np.allclose(world.flows.diagonal(), expected)
    usa, vnm = world.index["USA"], world.index["VNM"]
    assert expected[usa] > floor[usa]
    assert expected[vnm] == floor[vnm]


def test_no_deficit_is_beyond_the_ceiling(world):
    trade = np.where(_off(world), world.flows, 0)
    deficit = trade.sum(axis=0) - trade.sum(axis=1)
    assert (deficit <= PARAMETERS["deficit_ceiling"] * world.gdp * (1 + 1e-6)).all()
    assert (trade.sum(axis=1) <= PARAMETERS["export_ceiling"] * world.gdp * (1 + 1e-6)).all()
    capped = {world.iso3[i] for i in np.flatnonzero(world.baseline.is_capped)}
    assert {"MHL", "HKG", "LBR", "DJI", "KGZ"} <= capped
    assert not capped & {"USA", "CHN", "DEU", "NLD", "SGP", "VNM"}


def test_ceilings_that_are_out_of_reach_leave_what_is_published_alone(world):
    high = load_world(START, None, PARAMETERS | {"export_ceiling": 50.0, "deficit_ceiling": 100.0})
    assert not high.baseline.is_capped.any()
    hkg, chn = world.index["HKG"], world.index["CHN"]
    assert high.flows[chn, hkg] > 1.3 * world.flows[chn, hkg]


def test_tariffs_follow_agreements(world):
    usa, mex, chn, deu, fra = (world.index[c] for c in ("USA", "MEX", "CHN", "DEU", "FRA"))
    share = PARAMETERS["residual_preferential_tariff"]
    assert world.tariffs[chn, usa] == pytest.approx(world.mfn[usa])
    assert world.tariffs[mex, usa] == pytest.approx(share * world.mfn[usa])
    assert world.tariffs[deu, fra] == 0.0
    assert world.tariffs[usa, deu] == world.tariffs[usa, fra] > 0
    assert not world.tariffs.diagonal().any()
    assert world.agreement_depth[mex, usa] == PARAMETERS["existing_agreement_depth"]
    assert world.agreement_depth[chn, usa] == 0.0
    assert (world.tariffs <= world.mfn[None, :] + 1e-15).all()


def test_members_and_agreements_depend_on_the_day(world):
    gbr, deu = world.index["GBR"], world.index["DEU"]
    assert world.members("EU", date(2019, 1, 1))[gbr]
    assert not world.members("EU", date(2024, 1, 1))[gbr]
    assert world.members("EU", date(2024, 1, 1)).sum() == 27
    assert world.members("CPTPP", date(2023, 12, 31)).sum() == 11
    assert world.members("CPTPP", date(2025, 1, 1)).sum() == 12
    # The customs union ended with the transition, the trade agreement followed at once.
    assert world.customs_union_mask(date(2020, 12, 31))[gbr, deu]
    assert not world.customs_union_mask(date(2021, 1, 1))[gbr, deu]
    assert world.agreement_mask(date(2021, 1, 1))[gbr, deu]
    with pytest.raises(ConfigError, match=r"unknown organisation 'ASEN'.*'ASEAN'"):
        world.members("ASEN", START)


def test_a_run_can_say_who_the_members_are(world):
    chn, idn, ind = (world.index[c] for c in ("CHN", "IDN", "IND"))
    joined = world.members("RCEP", START).copy()
    joined[ind] = True
    before = world.agreement_mask(START)
    after = world.agreement_mask(START, {"RCEP": joined})
    assert not before[chn, ind]
    assert after[chn, ind]
    assert after[ind, chn]
    assert after[chn, idn]
    assert not (before & ~after).any()


def test_pacts_and_rivalries_hold_from_their_day():
    early, late = (load_world(date(y, 1, 1), None, PARAMETERS) for y in (2016, 2024))
    fin, usa, swe = (late.index[c] for c in ("FIN", "USA", "SWE"))
    assert not early.has_defence_pact[fin, usa]
    assert late.has_defence_pact[fin, usa]
    assert not late.has_defence_pact[swe, usa]  # Sweden joined NATO on 7 March 2024
    assert late.has_defence_pact.sum() > early.has_defence_pact.sum()


def test_schedules(world):
    added = world.schedule("us_tariffs_2025")
    assert added[world.index["CHN"]] == pytest.approx(0.34)
    assert added[world.index["DEU"]] == pytest.approx(0.20)
    assert added[world.index["USA"]] == 0.0
    with pytest.raises(ConfigError, match="unknown tariff schedule 'us_tarifs_2025'"):
        world.schedule("us_tarifs_2025")


def test_red_lines_name_known_matters(world):
    assert {line.matter for line in world.red_lines} <= set(world.matters)
    union = next(line for line in world.red_lines if line.holder == "@EU")
    assert len(union.states) == 27


def test_a_missing_parameter_is_named():
    without = {k: v for k, v in PARAMETERS.items() if k != "contiguity"}
    with pytest.raises(ConfigError, match="the parameter 'contiguity' is missing"):
        load_world(START, None, without)


def test_a_users_matrix_replaces_what_it_knows_and_nothing_else(tmp_path, world):
    path = tmp_path / "mine.csv"
    path.write_text("exporter,importer,value_busd\nUSA,CHN,148\nUSA,MEX,323\nCHN,MEX,82\n")
    mine = load_world(START, path, PARAMETERS)
    usa, chn, mex, deu = (mine.index[c] for c in ("USA", "CHN", "MEX", "DEU"))
    assert mine.flows[usa, chn] == 148.0
    assert mine.flows[chn, mex] == 82.0
    changed = ~np.isclose(mine.flows, world.flows)
    assert {(int(i), int(j)) for i, j in np.argwhere(changed)} == {
        (usa, chn), (usa, mex), (chn, mex), (usa, usa), (chn, chn)
    }  # fmt: skip
    assert mine.flows[usa, usa] == pytest.approx(
        mine.gdp[usa] - np.delete(mine.flows[usa], usa).sum()
    )
    assert "DEU" in mine.coverage.estimated
    assert mine.flows[deu, chn] == world.flows[deu, chn]
    assert world.coverage is None
    assert mine.checksums["world.trade"] == mine.coverage.checksum
    assert mine.checksums.items() > world.checksums.items()


def test_the_baseline_written_out_and_read_back_is_the_baseline(tmp_path, world):
    rows = [
        f"2023,{world.iso3[i]},{world.iso3[j]},{world.flows[i, j] * 1e3!r}"
        for i, j in np.argwhere(_off(world))
    ]
    path = tmp_path / "all.csv"
    text = "year,exporter_iso3,importer_iso3,trade\n" + "\n".join(rows) + "\n"
    path.write_text(text.replace("np.float64(", "").replace(")", ""))
    mine = load_world(START, path, PARAMETERS)
    assert mine.coverage.layout == "ITPD"
    assert mine.coverage.share_of_exports == pytest.approx(1.0)
    assert mine.coverage.estimated == ()
    assert mine.coverage.beyond_ceiling == ()
    assert np.allclose(mine.flows, world.flows, rtol=1e-12)


def test_deficits_no_economy_has_are_pointed_out(tmp_path, world):
    path = tmp_path / "ships.csv"
    path.write_text("exporter,importer,value_busd\nKOR,MHL,5\nKOR,USA,116\n")
    mine = load_world(START, path, PARAMETERS)
    assert mine.coverage.beyond_ceiling == ("MHL",)
    assert "deficits no economy of its size has: MHL" in mine.coverage.summary()


def test_a_state_all_of_whose_rows_are_zero_keeps_the_trade_it_had(tmp_path, world):
    rows = [
        f"{a},{b},{0.0 if a == 'TON' else 1.0}" for a in world.iso3 for b in world.iso3 if a != b
    ]
    path = tmp_path / "zero.csv"
    path.write_text("exporter,importer,value_busd\n" + "\n".join(rows) + "\n")
    mine = load_world(START, path, PARAMETERS)
    at, others = mine.index["TON"], np.arange(len(mine.iso3)) != mine.index["TON"]
    assert "TON" not in mine.coverage.exporters
    assert (mine.flows[at, others] == world.flows[at, others]).all()


@pytest.mark.parametrize(
    ("name", "fact"),
    [
        ("contiguity", "is_contiguous"),
        ("common_language", "has_common_language"),
        ("colonial_link", "has_colonial_link"),
        ("agreement", "has_agreement"),
    ],
)
def test_every_bond_of_the_gravity_equation_can_be_switched_off_and_matters(world, name, fact):
    """It speaks about pairs of which nothing is published, and about no other."""
    without = load_world(START, None, PARAMETERS | {name: 0.0})
    is_estimate = ~world.baseline.is_known & _off(world)
    bound = getattr(world, fact) & is_estimate
    assert world.baseline.flows[bound].sum() > without.baseline.flows[bound].sum() * 1.005
    capped = world.baseline.is_capped | without.baseline.is_capped
    published = world.baseline.is_known & ~capped[:, None] & ~capped[None, :]
    assert (world.flows[published] == without.flows[published]).all()


def test_gaps_in_a_users_matrix_are_nothing_or_the_embedded_trade(tmp_path, world):
    path = tmp_path / "mine.csv"
    path.write_text("exporter,importer,value_busd\nUSA,CHN,148\nCHN,MEX,82\n")
    usa, chn, mex = (world.index[c] for c in ("USA", "CHN", "MEX"))
    zero = load_world(START, path, PARAMETERS)
    assert zero.flows[usa, mex] == 0
    assert zero.coverage.pairs_without_row == 1
    filled = load_world(START, path, PARAMETERS, wishes=Wishes(complete="estimate"))
    assert filled.flows[usa, mex] == world.flows[usa, mex]
    assert filled.coverage.pairs_without_row == 0
    assert filled.flows[usa, chn] == 148


def test_tables_are_read_once_and_again_when_they_change(monkeypatch, tmp_path):
    """A sweep makes many worlds that differ in parameters only."""
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "own.csv").write_text("a,b\nx,1\n")
    monkeypatch.setattr("sim.world.tables.resources.files", lambda package: tmp_path)
    first = read_table("own.csv", ["a"])
    assert read_table("own.csv", ["a"]) is first
    (folder / "own.csv").write_text("a,b\nx,1\ny,2\n")
    again = read_table("own.csv", ["a"])
    assert [row.text("a") for row in again] == ["x", "y"]
    assert again.checksum != first.checksum


def test_worlds_that_differ_in_parameters_share_what_the_tables_say(world):
    other = load_world(START, None, PARAMETERS | {"contiguity": 0.0})
    assert other.distance is world.distance
    assert other.flows is not world.flows
