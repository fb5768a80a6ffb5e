"""`concord hindcast security` as a user types it, and the cases of the package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from click.testing import CliRunner, Result

from experiments.case_files import read_cases
from experiments.cli import cli
from experiments.compose import compose
from experiments.security_cases import SecurityCase, scenario_of_case
from sim.load import setting_for
from sim.model import initial_state
from sim.security.councils import bodies_for

THREAT: dict[str, Any] = {
    "title": "Two neighbours who shout",
    "kind": "interstate",
    "use": "calibrate",
    "opened": "2010-02-10",
    "parties": ["PER", "ECU"],
    "level": "threat",
    "rules_then": "invented for the test",
    "history": {"ended": "2010-03-01", "how": "settled", "recurred": False,
                "text": "Invented: it was over soon."},
    "sources": ["invented"],
}  # fmt: skip
CASES = read_cases(SecurityCase)


def write(folder: Path, name: str, **changes: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump({**THREAT, **changes}, sort_keys=False), encoding="utf-8")
    return file


def concord(*words: str) -> Result:
    return CliRunner().invoke(cli, ["hindcast", "security", *words])


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """Two cases of one's own that differ in who may act."""
    folder = tmp_path_factory.mktemp("cases")
    own = folder / "mine" / "security_case"
    write(own, "left_alone", level="force", parties=["ISR", "SYR"])
    eager = {
        "name": "Neighbours who are asked",
        "members": ["ECU", "PER", "BOL", "COL"],
        "decision": {"security": {"rule": "partial_adoption", "critical_mass_members": 0.1}},
        "security": {"instruments": ["mediation"], "reference": "invented"},
    }
    write(own, "with_neighbours", level="force", bodies={"NEIGHBOURS": eager})
    words = ["left_alone", "with_neighbours", "--config-dir", str(folder / "mine"), "--seeds", "4"]
    return folder, concord(*words, "--jobs", "1", "--results", str(folder / "results"))


def test_a_case_of_ones_own_is_one_file(played: tuple[Path, Result]) -> None:
    folder, result = played
    assert result.exit_code == 0, result.output
    out = folder / "results" / "hindcast" / "security"
    assert {"cases.csv", "runs.csv", "scores.csv", "cases.png"} <= {f.name for f in out.iterdir()}
    assert (out / "cases.png").read_bytes()[:4] == b"\x89PNG"
    assert "better than one half" in result.output


def test_a_body_that_only_the_case_knows_can_act(played: tuple[Path, Result]) -> None:
    cases = pd.read_csv(played[0] / "results" / "hindcast" / "security" / "cases.csv")
    cases = cases.set_index("case")
    runs = pd.read_csv(played[0] / "results" / "hindcast" / "security" / "runs.csv")
    runs[["acted", "refused"]] = runs[["acted", "refused"]].astype(object).fillna("")
    assert "NEIGHBOURS" not in ";".join(runs.loc[runs.case == "left_alone", "acted"])
    assert cases.loc["with_neighbours", "seeds"] == 4
    asked = runs.loc[runs.case == "with_neighbours", ["acted", "refused"]].agg(";".join)
    assert "NEIGHBOURS" in ";".join(asked)


def test_what_comes_of_a_run_is_proper(played: tuple[Path, Result]) -> None:
    runs = pd.read_csv(played[0] / "results" / "hindcast" / "security" / "runs.csv")
    assert (runs["months"].notna() == runs["settled"]).all()
    assert (runs["months"].dropna() <= 120.1).all()
    assert (runs["over"].dropna() >= 0).all()


def test_the_same_command_makes_no_run_again(
    played: tuple[Path, Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("a run was made again")

    monkeypatch.setattr("sim.engine.simulate", never)
    folder = played[0]
    words = ["left_alone", "--config-dir", str(folder / "mine"), "--seeds", "4", "--quiet"]
    assert concord(*words, "--results", str(folder / "results")).exit_code == 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"parties": ["PER", "PER"]}, "two states"),
        ({"parties": ["PER"]}, "two states"),
        ({"kind": "civil", "level": "war"}, "one state"),
        ({"level": "minor"}, "threat, display, force, war"),
        ({"parties": ["PER", "ECX"]}, "unknown state 'ECX'"),
        ({"histori": {}}, "unknown key 'histori'"),
        ({"opened": "2011-01-01"}, "after ended"),
        ({"history": {**THREAT["history"], "blocked_by": ["ECX"]}}, "ECX"),
        ({"bodies": {"OAS": {"decision": {"security": {"rule": "lots"}}}}}, "lots"),
    ],
)
def test_what_cannot_be_played_is_one_sentence(
    changes: dict[str, Any], said: str, tmp_path: Path
) -> None:
    file = write(tmp_path, "mine", **changes)
    result = concord(str(file), "--seeds", "1", "--results", str(tmp_path / "results"))
    assert result.exit_code == 2, result.output
    assert said in result.stderr
    assert "Traceback" not in result.output
    assert not (tmp_path / "results" / "hindcast" / "security" / "runs").is_dir()


# ------------------------------------------------------------------ the cases of the package


@pytest.fixture(scope="module")
def composed_plain() -> Any:
    return compose([])


@pytest.mark.parametrize("case", CASES, ids=[one.name for one in CASES])
def test_a_case_can_be_played_and_its_days_follow_each_other(
    case: SecurityCase, composed_plain: Any
) -> None:
    scenario = scenario_of_case(case, composed_plain)
    assert scenario.start <= case.opened < case.deadline
    assert len(scenario.shocks) == 1
    assert not any(charter.docket for charter in scenario.organisation.values())
    assert set(case.outcome().values()) <= {0.0, 1.0} or case.opened.year > 2015


def test_the_essays_cases_are_there() -> None:
    assert {
        *("mnlf", "pedra_branca", "bolivia", "colombia_venezuela", "myanmar", "preah_vihear"),
        "cambodia_thailand",
    } <= {one.name for one in CASES}


@pytest.mark.parametrize(
    ("name", "may", "may_not"),
    [
        ("pedra_branca", {"ASEAN", "UN"}, {"SAARC", "OAS", "UNASUR"}),
        ("colombia_venezuela", {"UNASUR", "OAS", "UN"}, {"ASEAN"}),
        ("falklands", {"UN"}, {"OAS"}),
        ("football_war", {"OAS", "UN"}, {"UNASUR"}),
        ("cenepa", {"RIO_GUARANTORS", "OAS", "UN"}, {"UNASUR"}),
    ],
)
def test_the_bodies_of_the_day_may_act(
    name: str, may: set[str], may_not: set[str], composed_plain: Any
) -> None:
    (case,) = read_cases(SecurityCase, [name])
    setting = setting_for(scenario_of_case(case, composed_plain), 1)
    state = initial_state(setting)
    state.step = 0
    pair = tuple(setting.axes.state(code) for code in case.parties)
    found = set(bodies_for(setting, state, "mediation", pair))
    assert may <= found
    assert not may_not & found


def test_the_nearest_are_asked_first(composed_plain: Any) -> None:
    (case,) = read_cases(SecurityCase, ["colombia_venezuela"])
    setting = setting_for(scenario_of_case(case, composed_plain), 1)
    state = initial_state(setting)
    state.step = 0
    pair = tuple(setting.axes.state(code) for code in case.parties)
    found = bodies_for(setting, state, "mediation", pair)
    assert found.index("UNASUR") < found.index("OAS") < found.index("UN")


def test_the_oas_decided_by_two_thirds_in_1969_and_by_half_later(composed_plain: Any) -> None:
    found = {}
    for name in ("football_war", "falklands"):
        (case,) = read_cases(SecurityCase, [name])
        setting = setting_for(scenario_of_case(case, composed_plain), 1)
        use = setting.charter("OAS", 0).decision["security"]
        found[name] = use.parameters.get("threshold", 2 / 3)
    assert found == {"football_war": 2 / 3, "falklands": 0.51}
