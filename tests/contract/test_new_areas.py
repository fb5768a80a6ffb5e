"""An issue area is one module: two that nothing else knows of act on trade and income.

The modules of `tests/areas` are put where areas are found, and no other file names them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sim.agreements import Status
from sim.checkpoint import Checkpoint
from sim.dataset import parquet_bytes
from sim.engine import checkpoint_at, simulate
from sim.errors import ConfigError
from sim.load import scenario_from, setting_for

ITEMS = {
    "DEPA": {"area": "data_flows", "kind": "partnership", "levels": [1, 3],
             "terms": {"paperless": [0, 1]}},
    "WHO": {"area": "surveillance", "kind": "early_warning", "levels": [0.01, 0.05]},
}  # fmt: skip
ALIKE = {"opens": "2024-01-01", "deadline_quarters": 8}
AREA_OF = {"DEPA": "data_flows", "WHO": "surveillance"}


def docket(**changes):
    """DEPA and WHO alone, with an item each; they decide by majority, so that something passes."""
    return {
        code: {
            "mandate": [AREA_OF[code]],
            "agreements": {},
            "docket": {"new": {**ALIKE, **item, **changes.get(code, {})}},
            "decision": {AREA_OF[code]: {"rule": "partial_adoption"}},
            "entry_into_force": {"ratifications": 2, "groups": [], "gdp_share": 0.0},
        }
        for code, item in ITEMS.items()
    }


@pytest.fixture(scope="module")
def mapping(composed, more_areas):
    def make(quarters=16, **changes):
        found = composed("baseline", quarters=quarters)
        alone = (
            "dispute_costs",
            "civil_costs",
            "epidemic_costs",
            "climate_pledges",
            "digital_rules",
            "sanctions",
            "scrutiny",
            "accession_to_bodies",
            "withdrawals",
            "deaths",
        )
        found["switches"] |= dict.fromkeys(alone, False)
        kept = docket(**changes)
        found["organisation"] = {code: {**found["organisation"][code], **own}
                                 for code, own in kept.items()}  # fmt: skip
        return found

    return make


@pytest.fixture(scope="module")
def log(mapping):
    return simulate(scenario_from(mapping()), 1)


@pytest.fixture(scope="module")
def tables(log):
    return log.tables()


@pytest.mark.parametrize("area", AREA_OF.values())
def test_it_is_negotiated_ratified_and_in_force(area, tables):
    assert area in tables["rounds"]["area"].to_pylist()
    agreed = [a for a in tables["agreements"].to_pylist() if a["area"] == area]
    assert [a["status"] for a in agreed] == ["in_force"]
    code = agreed[0]["agreement"]
    kinds = [e["kind"] for e in tables["events"].to_pylist() if e["agreement"] == code]
    assert {"agreed", "signed", "ratified", "in_force"} <= set(kinds)


def last(tables, column):
    """Code → value of a column of the table of states in the last quarter."""
    states = tables["states"].to_pandas()
    final = states[states["step"] == states["step"].max()]
    return dict(zip(final["state"], final[column], strict=True))


def test_data_flows_change_trade_among_its_parties(tables):
    bound = next(a for a in tables["agreements"].to_pylist() if a["area"] == "data_flows")
    parties = bound["ratified"].split(";")
    assert len(parties) >= 2
    gain = last(tables, "welfare_trade")
    assert all(gain[code] > 1e-4 for code in parties)
    exports = tables["states"].to_pandas().groupby("state")["exports"].agg(["first", "last"])
    assert (exports.loc[parties, "last"] > exports.loc[parties, "first"]).all()
    trade = tables["summary"]["world_trade_change"].to_numpy()
    assert trade[-1] > trade[0]


def test_surveillance_changes_income_of_all_and_nothing_else(mapping):
    alone = scenario_from(mapping(DEPA={"opens": "2030-01-01"}))
    tables = simulate(alone, 1).tables()
    bound = next(a for a in tables["agreements"].to_pylist() if a["area"] == "surveillance")
    effect, trade = last(tables, "income_effect"), last(tables, "welfare_trade")
    parties = set(bound["ratified"].split(";"))
    outside = set(effect) - parties
    assert outside  # somebody gains without paying
    everybody = max(effect.values())
    assert all(effect[code] == everybody > 0 for code in outside)
    assert 0 < np.mean([effect[code] for code in parties]) < everybody  # who provides it pays
    assert max(map(abs, trade.values())) < 1e-9
    welfare = last(tables, "welfare")
    for code, percent in effect.items():
        assert welfare[code] == pytest.approx(percent, rel=1e-9)


def test_parts_of_welfare_multiply_and_do_not_pile_up(tables):
    states = tables["states"].to_pandas()
    parts = (1 + states["welfare_trade"] / 100) * (1 + states["income_effect"] / 100)
    assert np.allclose(100 * (parts - 1), states["welfare"], atol=1e-9)
    phased_in = states[states["step"] >= states["step"].max() - 1]
    by_state = phased_in.groupby("state")["income_effect"].agg(["first", "last"])
    assert (by_state["last"] - by_state["first"]).abs().max() < 1.0


def test_levels_have_the_units_of_their_areas_and_no_others(tables):
    units = {r["area"]: r["level_unit"] for r in tables["rounds"].to_pylist()}
    assert units == {"data_flows": "%", "surveillance": "% of income"}
    for row in tables["rounds"].to_pylist() + tables["agreements"].to_pylist():
        assert row["depth"] is None or np.isnan(row["depth"])
        assert np.isnan(row["tariff_cut"])
        assert row["level"] in ITEMS["DEPA" if row["area"] == "data_flows" else "WHO"]["levels"]
    assert all("paperless" in r["terms"] for r in tables["rounds"].to_pylist()
               if r["area"] == "data_flows")  # fmt: skip


def test_without_memory_every_table_has_the_same_bytes(mapping):
    scenario = scenario_from(mapping(quarters=6))
    one, other = (simulate(scenario, 1, remembers=on).tables() for on in (True, False))
    assert one["rounds"].num_rows >= 2
    for name in one:
        assert parquet_bytes(one[name]) == parquet_bytes(other[name]), name


def test_forms_are_those_that_the_area_claims(tables):
    forms = {r["form"] for r in tables["rounds"].to_pylist() if r["area"] == "surveillance"}
    assert forms == {"soft"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"levels": [1, 11]}, r"openness 11 is out of range\. Expected 0 to 10 %"),
        ({"terms": {"paprless": [1]}}, "unknown term 'paprless'.*'paperless'"),
        ({"terms": {}}, "nothing is offered of 'paperless'"),
        ({"tariff_cuts": [50]}, "unknown term 'tariff_cut'"),
        ({"kind": "mfn"}, "unknown kind of item 'mfn'"),
    ],
)
def test_what_an_item_may_offer_is_checked_at_load(mapping, change, message):
    with pytest.raises(ConfigError, match=message):
        setting_for(scenario_from(mapping(DEPA=change)), 1)


def test_an_exit_takes_the_effect_back(log):
    setting, agreement = log.setting, next(a for a in log.agreements if a.area == "data_flows")
    assert agreement.status is Status.IN_FORCE
    fewer = agreement.without(int(np.flatnonzero(agreement.is_bound)[0]))
    inside = fewer.current(10**6, setting["phase_in_years"] * 4).inside
    assert inside.sum() == agreement.is_bound.sum() - 1
    assert replace(fewer, status=Status.WITHDRAWN).current(10**6, 0).inside.sum() == 0


DEPA_2020 = {
    "area": "data_flows",
    "kind": "partnership",
    "form": "soft",
    "terms": {"openness": 4, "paperless": 1},
    "signed": "2020-06-12",
    "parties": {"NZL": "2021-01-07", "SGP": "2021-01-07", "CHL": "2021-11-23", "KOR": "2024-05-03"},
    "reference": "DEPA, 12 June 2020",
}


@pytest.fixture(scope="module")
def with_depa(mapping):
    """Runs of a world in which the partnership of 2020 is in force on the first day."""

    def run(agreement=DEPA_2020, shocks=None, quarters=4):
        found = mapping(
            quarters=quarters, DEPA={"opens": "2030-01-01"}, WHO={"opens": "2030-01-01"}
        )
        found["organisation"]["DEPA"]["agreements"] = {"partnership": agreement}
        found["organisation"]["DEPA"]["exit_notice_months"] = 0
        return simulate(scenario_from({**found, "shocks": shocks or {}}), 1)

    return run


class TestAgreementsOfTheFirstDay:
    def test_they_are_in_force_and_the_baseline_has_their_effects(self, with_depa):
        log = with_depa()
        (agreement,) = log.agreements
        assert log.setting.axes.names(agreement.is_bound) == ("CHL", "NZL", "SGP")
        tables = log.tables()
        (row,) = tables["agreements"].to_pylist()
        assert (row["status"], row["is_initial"]) == ("in_force", True)
        assert set(tables["summary"]["agreements_in_force"].to_pylist()) == {0}  # of the run
        assert np.abs(tables["states"]["welfare"].to_numpy()).max() < 1e-9

    def test_who_leaves_loses_what_it_did_at_once(self, with_depa):
        leaves = {"kind": "exit", "date": "2024-04-01", "state": "NZL", "organisation": "DEPA"}
        tables = with_depa(shocks={"exit": leaves}).tables()
        welfare = (
            tables["states"].to_pandas().pivot(index="step", columns="state", values="welfare")
        )
        assert abs(welfare.loc[0, "NZL"]) < 1e-9
        assert (welfare.loc[1, ["NZL", "SGP", "CHL"]] < -1e-4).all()

    def test_one_party_alone_has_no_agreement(self, with_depa):
        late = {"NZL": "2021-01-07", "KOR": "2024-05-03"}
        assert with_depa({**DEPA_2020, "parties": late}, quarters=1).agreements == ()

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"area": "data_flow"}, "unknown issue area 'data_flow'.*'data_flows'"),
            ({"kind": "mfn"}, "unknown kind of agreement 'mfn'"),
            ({"terms": {"openness": 40, "paperless": 1}}, "openness 40 is out of range"),
            ({"exemptions": ["dta"]}, "unknown matter 'dta'.*'data'"),
            ({"parties": {"NZL": "2021-01-07", "SPG": "2021-01-07"}}, "unknown state 'SPG'.*'SGP'"),
            ({"parties": {"NZL": "2021-01-07", "SGP": "2019-01-07"}}, "before the signature"),
        ],
    )
    def test_their_names_and_days_are_checked_at_load(self, with_depa, change, message):
        with pytest.raises(ConfigError, match=message):
            with_depa({**DEPA_2020, **change})

    def test_a_whole_tariff_cannot_have_been_cut(self, with_depa):
        trade = {"area": "trade", "kind": "preferential", "form": "binding"}
        full = {**DEPA_2020, **trade, "terms": {"depth": 0, "tariff_cut": 100}}
        with pytest.raises(ConfigError, match="table of treaties"):
            with_depa(full)
        half = {**full, "terms": {"depth": 2, "tariff_cut": 50}}
        assert np.abs(with_depa(half).tables()["states"]["welfare"].to_numpy()).max() < 1e-9


def test_a_checkpoint_holds_what_agreements_do(mapping, tmp_path):
    scenario = scenario_from(mapping(quarters=12))
    whole = simulate(scenario, 1).tables()
    kept = checkpoint_at(scenario, 1, date(2026, 4, 1))
    kept.save(tmp_path / "run.checkpoint")
    again = simulate(scenario, 1, start_from=Checkpoint.load(tmp_path / "run.checkpoint")).tables()
    assert {a["area"] for a in whole["agreements"].to_pylist()} == set(AREA_OF.values())
    for name in whole:
        assert parquet_bytes(whole[name]) == parquet_bytes(again[name]), name
