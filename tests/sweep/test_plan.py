"""A plan is frozen, checked before anything runs, and pairs its seeds."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.sweep.manifest import MANIFEST
from experiments.sweep.plan import Plan, seed_of
from experiments.sweep.planning import plan_of
from experiments.sweep.progress import planning
from experiments.sweep.request import request_of
from experiments.sweep.variants import changed
from sim.errors import ConfigError, StorageError
from sim.load import scenario_from

ELASTICITY = "parameters.trade_elasticity"


def test_a_seed_follows_from_root_and_replicate_alone(plan_with: Any) -> None:
    base = plan_with(replicates=3)
    scenarios = base.content["scenarios"]
    two = [scenarios[0], {**scenarios[0], "label": "other"}]
    wide = plan_with(replicates=5, scenarios=two, variants=[{}, {ELASTICITY: 5.0}])
    assert wide.runs == 20
    by_replicate: dict[int, set[int]] = {}
    for n in range(wide.runs):
        spec = wide.run(n)
        by_replicate.setdefault(spec.replicate, set()).add(spec.seed)
    assert all(len(seeds) == 1 for seeds in by_replicate.values())
    assert len(set.union(*by_replicate.values())) == 5
    assert wide.seeds[:3] == base.seeds
    expected = np.random.SeedSequence(1, spawn_key=(2,)).generate_state(1)[0]
    assert wide.run(2).seed == expected == seed_of(1, 2)
    assert plan_with(root_seed=2).seeds[0] != base.seeds[0]


def test_runs_are_numbered_by_variant_scenario_replicate(plan_with: Any) -> None:
    scenario = plan_with().content["scenarios"][0]
    two = [{**scenario, "label": "a"}, {**scenario, "label": "b"}]
    plan = plan_with(replicates=2, scenarios=two, variants=[{}, {ELASTICITY: 5.0}])
    found = [(s.variant, s.scenario, s.replicate) for s in map(plan.run, range(plan.runs))]
    assert found == [(v, s, r) for v in (0, 1) for s in "ab" for r in (0, 1)]
    with pytest.raises(StorageError, match="no run 8"):
        plan.run(8)


def test_the_short_way_to_a_scenario_ends_where_the_long_way_does(plan_with: Any) -> None:
    variant = {ELASTICITY: 5, "quarters": 3, "organisation.FITP.exit_notice_months": 3}
    plan = plan_with(variants=[variant])
    mapping = changed(plan.content["scenarios"][0]["config"], variant)
    assert plan.scenario(0) == scenario_from(mapping)


def test_swapping_a_rule_takes_its_parameters_along(plan_with: Any) -> None:
    variant = {"organisation.FITP.decision.trade.rule": "unanimity"}
    plan = plan_with(variants=[variant])
    plan.check()
    assert plan.scenario(0).organisation["FITP"].decision["trade"].rule == "unanimity"


@pytest.mark.parametrize(
    ("variant", "said"),
    [
        ({ELASTICITY: 50.0}, r"variant 1, parameters.trade_elasticity: 50 is out of range"),
        ({ELASTICITY: "high"}, "'high' will not do"),
        ({ELASTICITY: float("nan")}, "will not do"),
        ({"parameters.trade_elastcity": 5.0}, "Expected 'trade_elasticity'"),
        ({"quaters": 3}, "'quarters' \\(nearest\\)"),
        ({"organisation.FTIP.form": "soft"}, "'FITP' \\(nearest\\)"),
        ({"shocks": float("inf")}, "numbers finite"),
        ({"quarters": 0}, r"variant 1 of baseline\S*, quarters"),
        ({"organisation.FITP.decision.trade.rule": "unanimty"}, "'unanimity' \\(nearest\\)"),
        (
            {"+shocks.x": {"kind": "exit", "date": "2024-02-01", "state": "ZZZ",
                           "organisation": "FITP"}},
            "ZZZ",
        ),
    ],
)  # fmt: skip
def test_every_variant_is_checked_before_anything_runs(
    plan_with: Any, variant: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        plan_with(variants=[{}, variant]).check()


def test_dropping_and_adding() -> None:
    base = {"a": {"b": 1}, "c": 2}
    assert changed(base, {"~a.b": None, "+a.d": 3}) == {"a": {"d": 3}, "c": 2}
    assert base == {"a": {"b": 1}, "c": 2}
    with pytest.raises(ConfigError, match="there already"):
        changed(base, {"+a.b": 1})
    with pytest.raises(ConfigError, match="unknown key 'x'"):
        changed(base, {"~a.x": None})


def test_a_plan_survives_the_disk(plan_with: Any, folder: Path) -> None:
    plan = plan_with(variants=[{}, {ELASTICITY: 1 / 3 + 3}], replicates=2)
    plan.write(folder)
    again = Plan.read(folder)
    assert again.fingerprint == plan.fingerprint
    assert [again.run(n) for n in range(4)] == [plan.run(n) for n in range(4)]
    assert again.scenario(3) == plan.scenario(3)
    plan.write(folder)  # the same again is no fault


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({"replicates": 3}, "replicates is 2 there and 3 here"),
        ({"root_seed": 9}, "root_seed is 1 there and 9 here"),
        ({"variants": [{}, {ELASTICITY: 4.5}]}, r"variants\[1\].parameters.trade_elasticity is 5"),
        ({"variants": [{}]}, "variants is 2 long there and 1 long here"),
        ({"code": "other"}, "code is "),
        ({"data": {"states.csv": "other"}}, "data"),
    ],
)
def test_a_folder_never_holds_two_plans(
    plan_with: Any, folder: Path, entries: dict[str, Any], said: str
) -> None:
    base = {"variants": [{}, {ELASTICITY: 5.0}], "replicates": 2}
    plan_with(**base).write(folder)
    before = (folder / MANIFEST).read_bytes()
    with pytest.raises(StorageError, match=said):
        plan_with(**{**base, **entries}).write(folder)
    assert (folder / MANIFEST).read_bytes() == before


def test_a_manifest_changed_by_hand_is_refused(plan_with: Any, folder: Path) -> None:
    plan_with().write(folder)
    content = json.loads((folder / MANIFEST).read_text())
    content["root_seed"] += 1
    (folder / MANIFEST).write_text(json.dumps(content))
    with pytest.raises(StorageError, match="changed after"):
        Plan.read(folder)


@pytest.mark.parametrize("text", [None, "{", "[]", '{"format": 99}'])
def test_what_is_no_manifest_is_refused(folder: Path, text: str | None) -> None:
    folder.mkdir(parents=True)
    if text is not None:
        (folder / MANIFEST).write_text(text)
    with pytest.raises(StorageError):
        Plan.read(folder)


def test_scenarios_are_composed_with_what_is_fixed(only: Any) -> None:
    both = "scenario=baseline,'us_withdrawal+response=retaliate'"
    plan = plan_of(request_of([both, "quarters=3", "seeds=2"]))
    assert plan.labels == ["baseline", "us_withdrawal+response=retaliate"]
    assert plan.runs == 4
    assert {plan.scenario(n).quarters for n in range(4)} == {3}
    assert len(plan.scenario(2).dated) > 0 == len(plan.scenario(0).dated)


def test_a_scenario_comes_once() -> None:
    with pytest.raises(ConfigError, match="twice"):
        plan_of(request_of(["scenario=baseline,baseline"]))


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (["quarters=2", "quarters=3,4"], "quarters: is both set and swept"),
        (["scenario='baseline+quarters=2'", "quarters=3,4"], "is both set and swept"),
        (["seeds=1000000000"], "whole number, 1 to"),
        (["scenario=us_withdrawal,baseline", "response=none,retaliate"], "variant 1 of baseline,"),
    ],
)
def test_what_makes_no_plan_is_refused(overrides: list[str], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        plan_of(request_of(overrides))


def test_a_trade_file_is_found_from_wherever_the_runs_are_done(
    only: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "there").mkdir()
    rows = ["exporter,importer,value", "DEU,FRA,120000", "FRA,DEU,70000", "USA,CHN,150000"]
    file = tmp_path / "mine.csv"
    file.write_text("\n".join(rows))
    monkeypatch.chdir(tmp_path)
    common = ["quarters=2", *only("FITP"), "world.trade_unit='million usd'"]
    plans = [
        plan_of(request_of([*common, "world.trade=mine.csv"])),
        plan_of(request_of([*common, "sweep=list", "sweep.variants=[{world.trade:mine.csv}]"])),
    ]
    monkeypatch.chdir(tmp_path / "there")
    for plan in plans:
        assert plan.scenario(0).world.trade == str(file)
        assert plan.content["data"] == plan.check()
    file.write_text("\n".join([*rows, "CHN,USA,450000"]))
    assert plans[0].content["data"] != plans[0].check()


def test_planning_tells_how_far_it_is(
    only: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where nobody looks at a terminal; a plan of 100,000 variants takes half a minute."""
    monkeypatch.setattr("experiments.sweep.progress._SECONDS_BETWEEN_LINES", 0.0)
    request = request_of(["parameters.trade_elasticity=3,4,5", "quarters=2", *only("FITP")])
    with planning(False) as tell:
        plan_of(request, tell)
    said = capsys.readouterr().err.splitlines()
    assert said == [f"planning: {n} variants checked" for n in (1, 2, 3)]
    with planning(True) as tell:
        plan_of(request, tell)
    assert capsys.readouterr().err == ""


def test_more_variants_than_can_be_planned_are_refused_at_once() -> None:
    began = time.monotonic()
    with pytest.raises(ConfigError, match=r"makes 1000000 variants\. Expected 100000 or fewer"):
        plan_of(request_of(["sweep=lhs", "sweep.samples=1000000"]))
    assert time.monotonic() - began < 30
