"""Every scenario file composes, is described and sourced, and runs."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from sim.engine import timeline

FILES = sorted((Path(__file__).parents[2] / "scenarios" / "scenario").glob("*.yaml"))
NAMES = [file.stem for file in FILES]
NAMED = {
    *("baseline", "us_withdrawal", "fitp_partial_adoption", "fitp_all_or_nothing"),
    *("asean_way", "asean_majority"),
}


def test_the_scenarios_of_the_question_are_there():
    assert set(NAMES) >= NAMED


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_a_file_opens_with_what_it_is_about(file):
    package, *text = file.read_text(encoding="utf-8").splitlines()
    assert package == "# @package _global_"
    assert text[0].startswith("# ")


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_composes_and_is_described(name, scenario_of):
    scenario = scenario_of(name)
    assert scenario.name == name
    assert 5 < len(scenario.title) < 60
    assert len(scenario.description) > 30
    assert scenario.quarters == 64 or scenario.start < date(2024, 1, 1)


@pytest.mark.parametrize("name", NAMES)
def test_dated_shocks_have_a_reference_and_a_text(name, scenario_of):
    scenario = scenario_of(name)
    groups = [*scenario.responses.values(), *scenario.tariff_variants.values()]
    chosen = [shock for group in groups for shock in group.values()]
    for shock in [*scenario.shocks.values(), *chosen]:
        assert len(shock.reference) > 5, shock
        assert len(shock.text) > 5, shock


@pytest.mark.parametrize("name", NAMES)
def test_the_timeline_is_in_order_and_inside_the_run(name, scenario_of):
    scenario = scenario_of(name)
    choices = [f"response={response}" for response in ("none", *scenario.responses)]
    choices += [f"tariffs={tariffs}" for tariffs in scenario.tariff_variants]
    for choice in choices:
        rows = timeline(scenario_of(name, choice))
        days = [date.fromisoformat(row["date"]) for row in rows]
        assert all(first <= second for first, second in pairwise(days))
        scenario = scenario_of(name, choice)
        end = scenario.start.replace(year=scenario.start.year + scenario.quarters // 4)
        assert all(scenario.start <= day < end for day in days)
        assert all(row["text"] for row in rows)


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_runs(name, run_of, scenario_of):
    tables = run_of(name, 1, "quarters=6")
    assert tables["summary"]["step"].to_pylist() == list(range(6))
    assert tables["states"].num_rows == 6 * len(set(tables["states"]["state"].to_pylist()))
    if scenario_of(name).start == date(2024, 1, 1):  # the dockets are of today
        assert tables["rounds"].num_rows > 10
        assert tables["votes"].num_rows > tables["rounds"].num_rows
        assert {"item_opened", "agreed", "signed"} <= set(tables["events"]["kind"].to_pylist())
    days = tables["events"]["date"].to_pylist()
    assert all(first <= second for first, second in pairwise(days))


# ASEAN's charter is the ASEAN Way: that scenario states in full what the baseline has already, so
# that its twin differs from it and not from whatever the charter may become.
@pytest.mark.parametrize("name", sorted(NAMED - {"baseline", "asean_way"}))
def test_a_scenario_differs_from_the_baseline(name, scenario_of):
    changed = scenario_of(name)
    usual = scenario_of("baseline")
    assert (changed.shocks, changed.organisation) != (usual.shocks, usual.organisation)


@pytest.mark.parametrize(
    ("one", "other", "code", "allowed"),
    [
        ("fitp_partial_adoption", "fitp_all_or_nothing", "FITP", {"decision"}),
        ("asean_way", "asean_majority", "ASEAN", {"decision", "protects_red_lines", "security"}),
    ],
)
def test_twins_differ_in_one_thing(one, other, code, allowed, scenario_of):
    first, second = scenario_of(one), scenario_of(other)
    assert first.shocks == second.shocks
    assert first.parameters == second.parameters
    assert first.switches == second.switches
    assert first.organisation.keys() == second.organisation.keys()
    for name in first.organisation:
        if name != code:
            assert first.organisation[name] == second.organisation[name]
    pair = [s.organisation[code].model_dump() for s in (first, second)]
    assert {key for key in pair[0] if pair[0][key] != pair[1][key]} == allowed
