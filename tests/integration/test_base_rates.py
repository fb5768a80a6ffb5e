"""`concord validate institutions` and `concord calibrate`, as a user calls them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from experiments import base_rates
from experiments.calibrate import rate_parameters
from experiments.cli import cli
from experiments.counts import counted


@pytest.fixture(scope="module")
def runs(only):
    few = (*only("ANDEAN", "AU", "GCC", "UN"), "quarters=12")
    return base_rates.simulated(range(1, 3), few, True)


@pytest.fixture
def called(runs, monkeypatch, tmp_path):
    """``called("calibrate", …)``: what is printed, from runs made once."""
    monkeypatch.setattr(base_rates, "simulated", lambda *_: runs)

    def call(*line):
        result = CliRunner().invoke(cli, [*line, "--output", str(tmp_path)])
        assert result.exit_code == 0, result.output
        return result.stdout

    return call


def test_counts_that_were_kept_back_stand_beside_the_runs(called, tmp_path):
    text = called("validate", "institutions")
    found = pd.read_csv(tmp_path / "institutions.csv").set_index(["measure", "group"])
    assert "states of the G20" in found.loc["left_in_year"].index
    assert {"own", "own, along the record"} == set(found.loc["lone_withdrawals"].index)
    assert set(found["years"]) & {"2001-2023", "2008-2023"}
    assert "counts lie within" in text


def test_what_is_calibrated_is_not_what_is_validated(setting):
    table = counted(setting).set_index(["measure", "group", "years"])
    assert not table.index.duplicated().any()
    assert set(table["use"]) == {"calibrated", "kept back"}
    inside = table.dropna(subset=["from"])
    assert ((inside["from"] <= inside["value"]) & (inside["value"] <= inside["to"])).all()


def test_calibrate_shows_targets_what_would_meet_them_and_what_is_not_known(called, tmp_path):
    text = called("calibrate")
    targets = pd.read_csv(tmp_path / "targets.csv")
    assert not set(targets["years"]) & {"2001-2023", "2008-2023", "2001-2025"}
    parameters = pd.read_csv(tmp_path / "parameters.csv").set_index("parameter")
    assert parameters.loc["breach_rate", "known"] == "assumed"
    assert parameters.loc["withdrawal_contagion", "known"] == "estimated or counted"
    assert f"{(parameters['known'] == 'assumed').sum()} of {len(parameters)}" in text


def test_the_value_that_would_meet_a_rate_of_leaders_is_in_proportion(setting, runs):
    key = ("leader", "left_in_year", ".8 and above")
    few = [{**run, key: 0.01 + 0.001 * n} for n, run in enumerate(runs)]
    row = base_rates.compare(setting, few, "calibrated").set_index("group").loc[key[2]]
    assert not row["is_within"]
    factor = setting["leader_exit_factor"]
    assert row["would_meet"] == pytest.approx(factor * row["observed"] / row["simulated"])


def test_every_assumed_parameter_says_so_and_lies_in_its_range():
    table = rate_parameters()
    assert (table["known"] == "assumed").sum() > 20
    assert np.all((table["low"] <= table["value"]) & (table["value"] <= table["high"]))
