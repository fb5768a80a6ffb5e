"""A user's trade file on the command line: every command says what of it was used."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from experiments.cli import cli
from experiments.library import Library

FEW = ("quarters=1", "world.trade=mine.csv")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with a trade file that lacks most of what it should have."""
    monkeypatch.chdir(tmp_path)
    every = Library.charters
    monkeypatch.setattr(
        Library, "charters", lambda self: {k: v for k, v in every(self).items() if k == "FITP"}
    )
    rows = ["exporter,importer,value_busd", "USA,CAN,20", "CAN,USA,400", "MEX,CAN,10"]
    (tmp_path / "mine.csv").write_text("\n".join(rows))


def concord(*args: str) -> Result:
    return CliRunner().invoke(cli, list(args), prog_name="concord")


COMMANDS = {
    "run": ("run", *FEW),
    "run --dry-run": ("run", *FEW, "--dry-run"),
    "sweep --dry-run": ("sweep", *FEW, "parameters.trade_elasticity=4,5", "--dry-run"),
    "sweep": ("sweep", *FEW, "parameters.trade_elasticity=4,5", "--jobs", "1", "name=s"),
    "compare": (
        "compare",
        "baseline+" + "+".join(FEW),
        "baseline+quarters=1+world.trade=mine.csv+parameters.trade_elasticity=6",
        *("--seeds", "1", "--measures", "world_trade", "--jobs", "1"),
    ),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_once_what_of_the_file_was_used(command: str) -> None:
    result = concord(*COMMANDS[command])
    assert result.exit_code == 0, result.output
    assert result.stderr.count("plain layout, billion usd") == 1
    assert "WARNING: " in result.stderr
    assert "MEX-USA" in result.stderr
    assert "plain layout" not in result.stdout


@pytest.mark.parametrize("command", ["run", "sweep", "compare"])
def test_warnings_alone_are_said_when_asked_to_be_quiet(command: str) -> None:
    result = concord(*COMMANDS[command], "--quiet")
    lines = [line for line in result.stderr.splitlines() if "trad" in line]
    assert lines
    assert all(line.startswith("WARNING: ") for line in lines)


def test_manifests_have_the_coverage() -> None:
    assert concord(*COMMANDS["run"]).exit_code == 0
    (manifest,) = Path("results").rglob("seed=*/manifest.json")
    covered = json.loads(manifest.read_text("utf-8"))["coverage"]
    assert covered["states"]["USA"]["exports"] == 20
    assert covered["zeroed"] > 100
    assert covered["warnings"]
    assert concord(*COMMANDS["sweep"]).exit_code == 0
    plan = json.loads(Path("sweeps/s/manifest.json").read_text("utf-8"))
    assert plan["coverage"] == [{**covered, "path": str(Path("mine.csv").absolute())}]
    assert concord("run", "quarters=1").exit_code == 0
    other = json.loads(Path("results/baseline+quarters-1/seed=1/manifest.json").read_text("utf-8"))
    assert "coverage" not in other


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("world.trade=", "world.trade: no file is named"),
        ("world.trade=''", "world.trade: no file is named"),
        ("world.trade_year=2019", "trade_year has no effect without a file"),
        ("world.trade_unit=usd", "trade_unit has no effect without a file"),
        ("world.complete=estimate", "complete has no effect without a file"),
        ("world.columns.value=x", "columns.value has no effect without a file"),
        ("world.columns.valu=x", "'value' .*nearest"),
    ],
)
def test_an_option_that_does_nothing_is_refused(override: str, said: str) -> None:
    result = concord("run", "quarters=1", override, "--dry-run")
    assert result.exit_code == 2
    assert re.search(said, result.stderr)


def test_columns_are_named_on_the_command_line() -> None:
    Path("mine.csv").write_text("von;nach;wert\nUSA;CAN;350\nCAN;USA;420\n")
    named = [f"world.columns.{role}={name}" for role, name in
             (("exporter", "von"), ("importer", "nach"), ("value", "wert"))]  # fmt: skip
    result = concord("run", *FEW, *named, "--dry-run")
    assert result.exit_code == 0, result.output
    assert "exporter von, importer nach, value wert" in result.stderr
