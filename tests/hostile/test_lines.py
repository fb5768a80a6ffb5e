"""Bad input ends in one sentence, exit code 2, and nothing is written."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from experiments.cli import cli
from experiments.library import Library

from .files import CASES, COMMANDS, FILES, GOOD, TRAPS
from .lines import LINES

FEW = {"ASEAN", "WTO", "WHO", "CPTPP", "UN"}


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder, and a world of five organisations, which is quick to compose."""
    every = Library.charters

    def charters(self: Library) -> dict[str, Any]:
        own = {file.stem for root in self.roots[1:] for file in root.glob("organisation/*")}
        return {k: v for k, v in every(self).items() if k in FEW | own}

    monkeypatch.setattr(Library, "charters", charters)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(line: str, words: str, top: Path) -> None:
    there = sorted(top.rglob("*"))
    result = CliRunner().invoke(cli, shlex.split(line), prog_name="concord")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("concord: error: ")
    assert result.stderr.count("\n") == 1
    assert words in result.stderr
    assert len(result.stderr) < 1200 + len(line)
    for of_others in ("Input should", "Config group", "defaults list", "recursion", "pydantic"):
        assert of_others not in result.stderr
    assert sorted(top.rglob("*")) == there


def test_the_table_is_large() -> None:
    assert len(LINES) + len(FILES) + len(TRAPS) >= 300


@pytest.mark.parametrize("line", LINES)
def test_lines(few: Path, line: str) -> None:
    check(line, LINES[line], few)


@pytest.mark.parametrize("case", FILES)
def test_files(few: Path, case: str) -> None:
    path, content, words = FILES[case]
    file = few / "mine" / path
    file.parent.mkdir(parents=True)
    (few / "mine" / "scenario").mkdir(exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    chosen = f"scenario={file.stem}" if path.startswith("scenario") else ""
    command = "sweep sweep=csv sweep.file=mine/v.csv" if path == "v.csv" else "run"
    check(f"{command} --dry-run --config-dir mine {chosen}", words, few)


@pytest.mark.parametrize("case", CASES)
def test_cases(few: Path, case: str) -> None:
    path, there, instead, words = CASES[case]
    assert there in GOOD[path]
    file = few / "mine" / path
    file.parent.mkdir(parents=True)
    file.write_text(GOOD[path].replace(there, instead, 1))
    check(COMMANDS[path], words, few)


@pytest.mark.parametrize("path", GOOD)
def test_what_the_cases_begin_from_is_played(
    few: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that what the cases refuse is what was put there instead."""
    reached = []

    def run_all(_: Any, jobs: Any, *more: Any) -> None:
        reached.extend(jobs)
        raise KeyboardInterrupt

    monkeypatch.setattr("experiments.pool.run_all", run_all)
    file = few / "mine" / path
    file.parent.mkdir(parents=True)
    file.write_text(GOOD[path])
    done = CliRunner().invoke(cli, shlex.split(COMMANDS[path]), prog_name="concord")
    assert done.exit_code == 130, done.output
    assert reached


@pytest.mark.parametrize("case", TRAPS)
def test_traps(few: Path, case: str) -> None:
    make, line, words = TRAPS[case]
    (few / "mine" / "scenario").mkdir(parents=True)
    make(few / "mine")
    check(f"{line} --config-dir mine", words, few)


@pytest.mark.parametrize("value", ["0", "no", "off", "false", "False", "'no'"])
def test_spellings_of_one_configuration_have_one_folder(few: Path, value: str) -> None:
    from experiments.compose import compose

    assert compose([f"switches.learning={value}"]).label == "baseline+switches.learning=false"
    assert compose(["quarters=8.0"]).label == compose(["quarters='8'"]).label


@pytest.mark.parametrize(
    "line", ["start=9999-10-01", "parameters=5", "~", "organisation.ASEAN.agenda.rule=fool"]
)
def test_as_real_processes(tmp_path: Path, line: str) -> None:
    program = "from experiments.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "run", line],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("concord: error: ")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
