"""Charters with dates, organisations of a user's own, and starts that the data know."""

from __future__ import annotations

from datetime import date

import pytest
import yaml

from experiments.compose import compose
from sim.engine import simulate
from sim.errors import ConfigError
from sim.forum import body
from sim.load import scenario_from, setting_for

UNANIMOUS = {
    "until": "2025-01-01",
    "decision": {"trade": {"rule": "unanimity"}},
    "secretariat": {"capacity": 0.5, "meetings_per_year": 8},
    "budget": {"total": 10, "shares": {"SGP": 0.5}},
    "reference": "a test",
}


@pytest.fixture
def asean(composed):
    """``asean(versions)``: the setting of a world of ASEAN alone, with versions of its charter."""

    def make(**versions):
        mapping = composed("baseline", quarters=8, switches={"digital_rules": False})
        charter = {**mapping["organisation"]["ASEAN"], "versions": versions}
        mapping["organisation"] = {"ASEAN": charter}
        return setting_for(scenario_from(mapping), 1)

    return make


class TestVersions:
    def test_a_charter_without_is_one_and_the_same(self, setting):
        assert setting.charter("ASEAN", 60) is setting.scenario.organisation["ASEAN"]

    def test_rules_money_and_meetings_are_those_of_the_day(self, asean):
        setting = asean(before=UNANIMOUS)
        sgp = setting.axes.state("SGP")
        before, after = setting.charter("ASEAN", 3), setting.charter("ASEAN", 4)
        assert before.decision["trade"].rule == "unanimity" != after.decision["trade"].rule
        assert set(before.decision) == set(after.decision)  # other areas stay as they are
        assert body(setting, "ASEAN", "trade", 3).decision.rule == "unanimity"
        assert body(setting, "ASEAN", "trade", 4).decision.rule == after.decision["trade"].rule
        assert body(setting, "ASEAN", "trade", 3).meetings_per_year == 8
        assert setting.dues("ASEAN", 3)[sgp] == 0.5 != setting.dues("ASEAN", 4)[sgp]

    def test_a_run_decides_by_the_rule_of_the_day(self, asean):
        setting = asean(before=UNANIMOUS)
        rounds = simulate(setting.scenario, 1).tables()["rounds"].to_pandas()
        usual = setting.charter("ASEAN", 4).decision["trade"].rule
        assert set(rounds[rounds["step"] < 4]["rule"]) <= {"unanimity"}
        assert set(rounds[rounds["step"] >= 4]["rule"]) == {usual}

    @pytest.mark.parametrize(
        ("versions", "told"),
        [
            ({"a": {"reference": "none", "form": "soft"}}, "no dates"),
            ({"a": {"until": "2025-01-01", "reference": "none"}}, "changes nothing"),
            ({"a": UNANIMOUS, "b": {**UNANIMOUS, "since": "2024-06-01"}}, "should not overlap"),
            ({"a": {**UNANIMOUS, "decision": {"trade": {"rule": "unanimty"}}}}, "unanimity"),
            ({"a": {**UNANIMOUS, "decision": {"war": {"rule": "unanimity"}}}}, "mandate"),
            ({"a": {**UNANIMOUS, "untl": 1}}, "'until'"),
        ],
    )
    def test_what_cannot_be_is_refused(self, asean, versions, told):
        with pytest.raises(ConfigError, match=told):
            asean(**versions)


OWN = """# @package organisation.TASMAN
name: Tasman Council
founded: 2020-01-01
level: regional
mandate: [trade]
decision: {trade: {rule: consensus}}
agenda: {rule: widest}
exit_notice_months: 6
secretariat: {capacity: 0.5, meetings_per_year: 4}
members:
  - AUS
  - {state: NZL, joined: 2020-01-01}
  - {state: FJI, joined: 2020-01-01, left: 2023-01-01}
docket:
  mobility: {opens: 2024-01-01, deadline_quarters: 4, levels: [1], tariff_cuts: [0]}
references: [a test]
"""
SCENARIO = """# @package _global_
defaults: [baseline, _self_]
title: A council of its own
quarters: 4
shocks:
  papua: {kind: join, date: 2024-04-01, organisation: TASMAN, states: [PNG], reference: a test}
"""


@pytest.fixture
def folder(tmp_path):
    for name, text in {"organisation/TASMAN": OWN, "scenario/tasman": SCENARIO}.items():
        file = tmp_path / f"{name}.yaml"
        file.parent.mkdir()
        file.write_text(text, encoding="utf-8")
    return tmp_path


def test_a_users_folder_may_add_an_organisation_with_members(folder):
    scenario = scenario_from(compose(["scenario=tasman"], folder).mapping)
    setting = setting_for(scenario, 1)
    at = {day: setting.world.members("TASMAN", day) for day in (date(2022, 1, 1), scenario.start)}
    assert {day.year: setting.axes.names(mask) for day, mask in at.items()} == {
        2022: ("AUS", "FJI", "NZL"),
        2024: ("AUS", "NZL"),
    }
    tables = simulate(scenario, 1).tables()
    rounds, bodies = tables["rounds"].to_pandas(), tables["organisations"].to_pandas()
    assert (rounds["organisation"] == "TASMAN").any()
    size = bodies[bodies["organisation"] == "TASMAN"].set_index("step")["n_members"]
    assert list(size) == [2, 3, 3, 3]


@pytest.mark.parametrize(
    ("code", "members", "told"),
    [
        ("TASMAN", [], "unknown organisation 'TASMAN'.*members of it"),
        ("TASMAN", [{"state": "NZE"}], "'NZL'"),
        ("TASMAN", [{"state": "NZL", "joined": "2024-01-01", "left": "2020-01-01"}], "left on"),
        ("ASEAN", [{"state": "NZL"}], "are in the table of"),
    ],
)
def test_members_that_cannot_be_are_refused(composed, code, members, told):
    own = yaml.safe_load(OWN) if code == "TASMAN" else {}
    charter = {**own, "members": members}
    with pytest.raises(ConfigError, match=told):
        setting_for(scenario_from(composed("baseline", organisation={code: charter})), 1)
