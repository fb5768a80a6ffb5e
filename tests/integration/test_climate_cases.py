"""`concord hindcast climate` as a user types it, and the cases of the package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from click.testing import CliRunner, Result

from experiments.case_files import read_cases
from experiments.cli import cli
from experiments.climate_cases import ClimateCase
from experiments.compose import compose
from sim.load import setting_for

TALKS: dict[str, Any] = {
    "title": "Three who sell oil and two who buy it",
    "use": "test",
    "confidence": "recalled",
    "opened": "2022-01-01",
    "parties": ["SAU", "KWT", "IRQ", "JPN", "KOR"],
    "decision": {"rule": "simple_majority"},
    "rule_reason": "invented for the test",
    "item": {"area": "climate", "kind": "common_cut", "levels": [20, 40], "deadline_quarters": 2,
             "reference": "invented"},
    "history": {"ended": "2022-06-30", "objectors": ["SAU", "KWT", "IRQ"],
                "text": "Invented: the sellers refused."},
    "sources": ["invented"],
}  # fmt: skip
CASES = read_cases(ClimateCase)


def write(folder: Path, name: str, **changes: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump({**TALKS, **changes}, sort_keys=False), encoding="utf-8")
    return file


def concord(*words: str) -> Result:
    return CliRunner().invoke(cli, ["hindcast", "climate", *words])


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """Two cases of one's own that differ in what was known to come of them."""
    folder = tmp_path_factory.mktemp("cases")
    write(folder / "mine" / "climate_case", "oil")
    agreed = {"agreed": "2022-03-01", "signed": "2022-03-01", "objectors": [],
              "text": "Invented: all were for it."}  # fmt: skip
    write(folder / "mine" / "climate_case", "other", history=agreed)
    words = ["oil", "other", "--config-dir", str(folder / "mine"), "--seeds", "3", "--jobs", "1"]
    return folder, concord(*words, "--results", str(folder / "results"))


def table(played: tuple[Path, Result], name: str) -> pd.DataFrame:
    return pd.read_csv(played[0] / "results" / "hindcast" / "climate" / f"{name}.csv")


def test_a_case_of_ones_own_is_one_file(played: tuple[Path, Result]) -> None:
    assert played[1].exit_code == 0, played[1].output
    assert "better than the null" in played[1].output
    assert table(played, "cases")["case"].tolist() == ["oil", "other"]


def test_who_refused_is_ranked_beside_traits_that_know_nothing_of_the_talks(
    played: tuple[Path, Result],
) -> None:
    found = table(played, "refusals").set_index("case")
    assert found.loc["oil", ["parties", "refused"]].tolist() == [5, 3]
    assert found.loc["oil", "democracy"] == 1  # three autocracies and two democracies
    assert 0 <= found.loc["oil", "model"] <= 1
    assert pd.isna(found.loc["other", "model"])  # nobody refused, so there is nothing to rank


def test_the_null_knows_no_interests(played: tuple[Path, Result]) -> None:
    """And is scored on what happened as the model is."""
    judged, cases = table(played, "scores").set_index("score"), table(played, "cases")
    missed = cases["base_agrees"] - cases["was_agrees"]
    assert judged.loc["brier", "base"] == pytest.approx((missed**2).mean(), abs=1e-5)
    runs = list((played[0] / "results" / "hindcast" / "climate" / "runs").iterdir())
    assert len(runs) == 2 * 3 * 2  # cases, seeds, with interests and without


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"confidence": "certain"}, "certain"),
        ({"parties": ["SAU", "ECX"]}, "ECX"),
        ({"histori": {}}, "unknown key 'histori'"),
        ({"item": {**TALKS["item"], "kind": "common_cuts"}}, "common_cuts"),
    ],
)
def test_what_cannot_be_played_is_one_sentence(
    changes: dict[str, Any], said: str, tmp_path: Path
) -> None:
    file = write(tmp_path, "mine", **changes)
    result = concord(str(file), "--seeds", "1", "--results", str(tmp_path / "results"))
    assert result.exit_code == 2
    assert said in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("case", CASES, ids=lambda one: one.name)
def test_a_case_of_the_package_can_be_played(case: Any) -> None:
    scenario = case.scenario(compose([], None))
    setting = setting_for(scenario, 0)
    assert setting.world.members(case.body, scenario.start).sum() >= 2
    assert set(case.history.objectors) <= set(setting.axes.states)
    assert case.use == "test"  # nothing is fitted to any of them


def test_a_case_says_how_its_body_decided_then() -> None:
    """Later versions of a charter do not undo it."""
    (tax,) = read_cases(ClimateCase, ["eu_tax"])
    setting = setting_for(tax.scenario(compose([], None)), 0)
    assert setting.charter("EU", 0).decision["climate"].rule == "unanimity"
