"""`concord validate security` and `concord hindcast disputes`, as a user calls them."""

from __future__ import annotations

import pandas as pd
import pytest
from click.testing import CliRunner

from experiments.cli import cli

HEAD = "state,against,year,dispute\n"
FILE = HEAD + "".join(
    f"{one},{other},{year},{int((one, year) in HAPPENED)}\n"
    for HAPPENED in [{("IND", 2003), ("KOR", 2002), ("ARM", 2004)}]
    for one, other in (
        ("IND", "PAK"),
        ("KOR", "PRK"),
        ("ARM", "AZE"),
        ("DEU", "FRA"),
        ("NOR", "SWE"),
    )
    for year in range(2001, 2006)
)


def test_simulated_rates_are_set_beside_those_counted(tmp_path):
    line = ["validate", "security", "--seeds", "2", "--output", str(tmp_path),
            "--set", "quarters=24"]  # fmt: skip
    result = CliRunner().invoke(cli, line)
    assert result.exit_code == 0, result.output
    found = pd.read_csv(tmp_path / "security.csv")
    assert {"onset", "share_war", "recurrence_5y", "states_in_conflict", "attempts"} <= set(
        found["measure"]
    )
    rate = found.set_index(["measure", "group"])["simulated"]
    assert rate["onset", "land-contiguous, rivals"] > rate["onset", "land-contiguous, not rivals"]
    assert "counts lie within" in result.stdout
    assert "Of 2 runs the middle 95 % is too narrow" in result.stdout


def test_pair_years_are_scored(tmp_path):
    file = tmp_path / "pairs.csv"
    file.write_text(FILE, encoding="utf-8")
    result = CliRunner().invoke(cli, ["hindcast", "disputes", str(file), "--output", str(tmp_path)])
    assert result.exit_code == 0, result.output
    scores = pd.read_csv(tmp_path / "dispute_scores.csv").set_index("score")
    assert scores.loc["auc", "value"] > 0.6
    assert len(pd.read_csv(tmp_path / "dispute_calibration.csv")) == 10


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("state,against,year\nIND,PAK,2001\n", "column 'dispute' is missing"),
        (HEAD + "IND,PKA,2001,1\n", "line 2: unknown state 'PKA'"),
        (HEAD + "IND,IND,2001,1\n", "line 2: a pair of a state with itself"),
        (HEAD + "IND,PAK,2001,1\nPAK,IND,2001,0\n", "line 3: the pair and year of"),
        (HEAD + "IND,PAK,2001,maybe\n", "line 2: "),
        (HEAD + "IND,PAK,soon,1\n", "line 2: "),
        (HEAD + "IND,PAK,2001,1\n", "all pair-years are alike"),
    ],
)
def test_a_fault_in_the_file_is_one_sentence(text, words, tmp_path):
    file = tmp_path / "pairs.csv"
    file.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(cli, ["hindcast", "disputes", str(file)])
    assert result.exit_code == 2
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_a_file_that_is_not_there_is_told(tmp_path):
    result = CliRunner().invoke(cli, ["hindcast", "disputes", str(tmp_path / "none.csv")])
    assert result.exit_code == 2
    assert "cannot be read" in result.stderr
