"""`concord hindcast episodes` as a user types it, with cases of the user's own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from click.testing import CliRunner, Result

from experiments.case_files import read_cases
from experiments.cli import cli
from experiments.compose import compose
from experiments.episode_scenario import scenario_of_episode
from experiments.episodes import Episode

WINNERS: dict[str, Any] = {
    "title": "Three neighbours with much to gain",
    "use": "calibrate",
    "opened": "1980-01-01",
    "parties": ["CAN", "MEX", "USA"],
    "decision": {"rule": "consensus"},
    "rule_reason": "invented for the test",
    "item": {"levels": [2.5], "tariff_cuts": [100], "deadline_quarters": 12},
    "history": {
        "agreed": "1981-01-01",
        "signed": "1981-01-01",
        "in_force": "1982-01-01",
        "text": "Invented: everybody gained.",
    },
    "sources": ["invented"],
}
LOSERS: dict[str, Any] = {
    **WINNERS,
    "title": "One loses what the other wins, under a leader who wants none of it",
    "opened": "2010-02-01",
    "parties": ["CHN", "IND"],
    "item": {"levels": [0.1], "tariff_cuts": [100], "deadline_quarters": 4},
    "leaders": [
        {"state": "IND", "date": "2010-02-01", "orientation": 4, "text": "a nationalist leader",
         "reference": "invented"}
    ],
    "history": {"objectors": ["IND"], "text": "Invented: one party lost."},
}  # fmt: skip


def write(folder: Path, name: str, content: dict[str, Any], **changes: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump({**content, **changes}, sort_keys=False))
    return file


def concord(*words: str) -> Result:
    return CliRunner().invoke(cli, ["hindcast", "episodes", *words])


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """Two cases of the user's own, each one file, played with four seeds."""
    folder = tmp_path_factory.mktemp("hindcast")
    write(folder / "mine" / "episode", "winners", WINNERS)
    write(folder / "mine" / "episode", "losers", LOSERS)
    words = ["winners", "losers", "--config-dir", str(folder / "mine"), "--seeds", "4"]
    return folder, concord(*words, "--jobs", "1", "--results", str(folder / "results"))


def test_a_case_of_ones_own_is_one_file(played: tuple[Path, Result]) -> None:
    folder, result = played
    assert result.exit_code == 0, result.output
    made = {file.name for file in (folder / "results" / "hindcast").iterdir()}
    assert {"cases.csv", "runs.csv", "runs.parquet", "parties.csv", "scores.csv"} <= made
    assert (folder / "results" / "hindcast" / "cases.png").read_bytes()[:4] == b"\x89PNG"


def test_what_is_good_for_all_goes_ahead_and_what_hurts_one_does_not(
    played: tuple[Path, Result],
) -> None:
    cases = pd.read_csv(played[0] / "results" / "hindcast" / "cases.csv").set_index("case")
    assert cases.loc["winners", "agrees"] >= 0.5
    assert cases.loc["losers", "agrees"] == 0.0
    assert cases.loc["losers", "in_force"] == 0.0


def test_who_loses_is_who_objects(played: tuple[Path, Result]) -> None:
    parties = pd.read_csv(played[0] / "results" / "hindcast" / "parties.csv")
    least = parties[parties["case"] == "losers"].iloc[0]
    assert (least["party"], least["out"], bool(least["is_named"])) == ("IND", 1.0, True)


def test_it_says_what_happened_and_which_years_stand_behind_it(
    played: tuple[Path, Result],
) -> None:
    said = played[1].output
    assert re.search(r"losers .*0% no", said)
    assert "winners: trade and output" in said
    assert "better than constant" in said


def test_the_same_command_makes_no_run_again_and_the_same_tables(
    played: tuple[Path, Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = played[0]
    before = {f.name: f.read_bytes() for f in (folder / "results" / "hindcast").glob("*.csv")}

    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("a run was made again")

    monkeypatch.setattr("sim.engine.simulate", never)
    words = ["winners", "losers", "--config-dir", str(folder / "mine"), "--seeds", "4", "--quiet"]
    result = concord(*words, "--results", str(folder / "results"))
    assert result.exit_code == 0, result.output
    assert result.output == ""
    after = {f.name: f.read_bytes() for f in (folder / "results" / "hindcast").glob("*.csv")}
    assert after == before


def test_runs_are_the_same_wherever_they_are_made(
    played: tuple[Path, Result], tmp_path: Path
) -> None:
    file = write(tmp_path, "losers", LOSERS)
    words = [str(file), "--seeds", "1", "--first-seed", "3", "--jobs", "1", "-q"]
    assert concord(*words, "--results", str(tmp_path / "r")).exit_code == 0
    (run,) = (tmp_path / "r" / "hindcast" / "runs").iterdir()
    assert run.read_bytes() == (
        played[0] / "results" / "hindcast" / "runs" / run.name
    ).read_bytes()  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"parties": ["CAN", "MEX", "USX"]}, r"parties: unknown state 'USX'.*USA"),
        ({"parties": ["@EUU", "USA"]}, r"parties: unknown organisation 'EUU'"),
        ({"decision": {"rule": "consensus_"}}, r"decision.trade: unknown .*'consensus_'"),
        ({"decision": {}}, r"'decision' is missing"),
        ({"organisation": "WTO"}, r"either 'parties' or 'organisation'"),
        ({"parties": [], "organisation": "WTA"}, r"unknown organisation 'WTA'.*WTO"),
        ({"parties": [], "organisation": "WTO"}, r"fewer than two members on 1980-01-01"),
        ({"opened": "1985-01-01"}, r"opened on 1985-01-01, after agreed \(1981-01-01\)"),
        ({"replaces": ["NAFT"]}, r"replaces: unknown treaty 'NAFT'.*NAFTA"),
        ({"replaces": ["NAFTA"]}, r"replaces: NAFTA is not in force on 1980-01-01.*1994-01-01"),
        ({"opened": "1930-01-01"}, r"1930-01-01 is outside the years"),
        ({"opend": "1985-01-01"}, r"unknown key 'opend'.*opened"),
        ({"use": "training"}, r"use: 'training' will not do"),
        ({"item": {"levels": [0], "tariff_cuts": [0], "deadline_quarters": 4}}, r"offers nothing"),
        ({"item": {"area": "fish", "deadline_quarters": 4}}, r"'fish'"),
        ({"history": {"text": "Invented as a test.", "objectors": ["XXX"]}}, r"history.objectors"),
        (
            {"history": {"text": "Invented as a test.", "in_force": "1982-01-01"}},
            r"in_force without signed",
        ),
        (
            {"leaders": [{**LOSERS["leaders"][0], "date": "1999-01-01"}]},
            r"outside the run \(1980-01-01 to 1989-01-01\)",
        ),
    ],
)
def test_a_fault_in_a_case_is_one_sentence(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    file = write(tmp_path, "mine", WINNERS, **changes)
    result = concord(str(file), "--results", str(tmp_path / "r"))
    assert result.exit_code == 2
    (line,) = result.output.splitlines()
    assert line.startswith("concord: error:")
    assert "mine" in line
    assert re.search(message, line), line


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["rcap"], "unknown episode 'rcap'.*'rcep'"),
        (["nowhere.yaml"], "there is no such file"),
        (["."], "no episodes in the folder"),
        (["rcep", "--set", "quarters=3"], "more than parameters"),
        (["rcep", "--use", "test"], "none of the cases"),
        (["rcep", "--set", "parameters.phase_in_yeers=3"], "phase_in_years"),
    ],
)
def test_what_cannot_be_played_is_said_before_anything_runs(
    words: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = concord(*words)
    assert result.exit_code == 2
    assert re.search(message, result.output), result.output
    assert not (tmp_path / "results").exists()


ALL = read_cases(Episode)
COMPOSED = compose([])


@pytest.mark.parametrize("episode", ALL, ids=[one.name for one in ALL])
def test_each_case_of_the_package_can_be_played(episode: Episode) -> None:
    scenario = scenario_of_episode(episode, COMPOSED)
    assert scenario.start <= episode.opened < episode.deadline < episode.end
    assert scenario.organisation[episode.body].docket["agreement"].deadline_quarters > 1
    assert episode.history.text.endswith(".")


def test_cases_of_both_uses_and_both_outcomes_are_there() -> None:
    outcomes = {(one.use, one.outcome()["agrees"]) for one in ALL}
    assert {("calibrate", 0.0), ("calibrate", 1.0), ("test", 0.0), ("test", 1.0)} <= outcomes


@pytest.mark.parametrize("case", ["usmca", "korus"])
def test_parties_that_have_a_treaty_make_another_only_under_threat(
    case: str, tmp_path: Path
) -> None:
    threatened = Path("scenarios", "episode", f"{case}.yaml")
    content = {**yaml.safe_load(threatened.read_text()), "leaders": []}
    write(tmp_path / "episode", "threatened", content)
    write(tmp_path / "episode", "idle", content, replaces=["CHL_BOL"])
    words = [str(tmp_path / "episode"), "--seeds", "3", "--results", str(tmp_path)]
    assert concord(*words, "--jobs", "1").exit_code == 0
    cases = pd.read_csv(tmp_path / "hindcast" / "cases.csv").set_index("case")
    assert cases.loc["threatened", "agrees"] > cases.loc["idle", "agrees"] == 0


def test_what_is_not_known_yet_is_neither_yes_nor_no() -> None:
    late = Episode(
        name="late", **{**WINNERS, "opened": "2024-01-01", "history": {"text": "x" * 10}}
    )
    assert late.outcome()["agrees"] != late.outcome()["agrees"]
    given_up = {"text": "x" * 10, "ended": "2025-01-01"}
    ended = Episode(name="ended", **{**WINNERS, "opened": "2024-01-01", "history": given_up})
    assert ended.outcome() == {"agrees": 0.0, "all_sign": 0.0, "in_force": 0.0}
