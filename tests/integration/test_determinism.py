"""The same run gives the same bytes; another seed, or a shock, changes only what it should."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pyarrow.compute as pc
import pytest

from sim import model as model_module
from sim.dataset import parquet_bytes
from sim.engine import simulate
from sim.phases import PHASES, Phase
from sim.schema import TABLES
from sim.streams import stream

ROOT = Path(__file__).parents[2]
FIRST_SHOCK = date(2025, 1, 20)
QUARTER_OF_IT = 4
OVER_TIME = [name for name in TABLES if name != "agreements"]  # agreements: their last stage


def _run_in_a_process(folder: Path, hash_seed: int, threads: int) -> dict[str, bytes]:
    environment = os.environ | {
        "PYTHONHASHSEED": str(hash_seed),
        "OMP_NUM_THREADS": str(threads),
        "OPENBLAS_NUM_THREADS": str(threads),
    }
    arguments = ["scenario=us_withdrawal", "quarters=7", "seed=3", "--quiet"]
    subprocess.run(
        [sys.executable, "-m", "experiments.cli", "run", *arguments, "--results", str(folder)],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        timeout=120,
    )
    return {file.parent.name: file.read_bytes() for file in sorted(folder.rglob("*.parquet"))}


def test_two_processes_write_the_same_bytes(tmp_path):
    first = _run_in_a_process(tmp_path / "one", hash_seed=0, threads=1)
    second = _run_in_a_process(tmp_path / "two", hash_seed=1, threads=2)
    assert set(TABLES) == set(first)
    assert first == second


def test_another_seed_is_another_run(run_of):
    first, second = (run_of("baseline", seed, "quarters=6") for seed in (1, 2))
    for name in ("events", "rounds", "votes", "organisations", "agreements", "summary"):
        assert parquet_bytes(first[name]) != parquet_bytes(second[name]), name


def test_a_run_does_not_depend_on_what_ran_before_it_in_the_process(scenario_of, only):
    """Worlds, menus and equilibria are remembered; what is remembered must not show."""
    kept = only("ASEAN", "CPTPP", "FITP", "RCEP", "WTO", "EU")
    one = scenario_of("fitp_partial_adoption", "quarters=10", *kept)
    other = scenario_of("baseline", "quarters=10", "parameters.trade_elasticity=6.0", *kept)
    alone = simulate(one, seed=1).tables()
    simulate(other, seed=1)
    simulate(one, seed=2)
    after = simulate(one, seed=1).tables()
    for name in TABLES:
        assert parquet_bytes(alone[name]) == parquet_bytes(after[name]), name


@pytest.fixture(scope="module")
def pair(run_of):
    """The baseline and the US withdrawal of one seed, two years each; states choose forums."""
    outbreak = "+shocks.ebola={kind: outbreak, date: 2024-01-01, state: GIN, severity: 0.001}"
    often = "parameters.sanction_tabled=0.4"  # so that there are votes on sanctions in a year
    options = ("quarters=8", "switches.forum_choice=true", outbreak, often)
    return run_of("baseline", 1, *options), run_of("us_withdrawal", 1, *options)


def _rows(table, compare):
    return table.filter(compare(table["step"], QUARTER_OF_IT)).combine_chunks()


@pytest.mark.parametrize("name", OVER_TIME)
def test_rows_before_the_first_shock_are_identical(name, pair):
    before = [_rows(tables[name], pc.less) for tables in pair]
    assert before[0].num_rows > 0
    assert before[0].num_rows == before[1].num_rows
    for column in before[0].column_names:
        first, second = (_plain(table[column]) for table in before)
        assert first == second, column


# Conflict, sanctions for it, outbreaks, votes on rights, who asks to join what, and who is bound
# by which rule are the same with and without the withdrawal in two years.
UNTOUCHED = {
    "applications",
    "disputes",
    "epidemics",
    "mandates",
    "nuclear",
    "resolutions",
    "rules",
    "sanction_votes",
    "sanctions",
    "third_parties",
}


@pytest.mark.parametrize("name", [name for name in OVER_TIME if name not in UNTOUCHED])
def test_rows_after_it_are_not(name, pair):
    after = [_rows(tables[name], pc.greater_equal) for tables in pair]
    assert [t.num_rows for t in after] != [0, 0]
    different = [
        column
        for column in after[0].column_names
        if _plain(after[0][column]) != _plain(after[1][column])
    ]
    assert different


def _plain(column):
    """Exact values; text for numbers, so that NaN equals itself and the last digit counts."""
    return [value.hex() if isinstance(value, float) else value for value in column.to_pylist()]


def test_events_of_the_two_runs_agree_up_to_the_day_of_the_shock(pair):
    kinds = [{e["kind"] for e in t["events"].to_pylist() if e["date"] < FIRST_SHOCK} for t in pair]
    assert kinds[0] == kinds[1]
    new = {e["kind"] for e in pair[1]["events"].to_pylist()} - kinds[0]
    assert {"exit", "funding_cut", "tariff"} <= new


@pytest.mark.parametrize("place", [0, 3, len(PHASES)], ids=["first", "inside", "last"])
def test_a_further_phase_that_draws_leaves_all_other_draws_alone(
    place, scenario_of, only, monkeypatch
):
    """Streams go by name, not by order of use (Common random numbers need that)."""
    scenario = scenario_of("baseline", "quarters=6", *only("ANDEAN", "ASEAN", "MERCOSUR"))
    usual = simulate(scenario, seed=1).tables()
    drawn = []

    def draw(setting, state, _log):
        drawn.append(stream(setting.seed, "something else", state.step).random(1000).sum())

    further = Phase("further", "draws and does nothing", "none", (), (), draw)
    phases = (*PHASES[:place], further, *PHASES[place:])
    monkeypatch.setattr(model_module, "PHASES", phases)
    now = simulate(scenario, seed=1).tables()
    assert len(set(drawn)) == 6
    for name in TABLES:
        assert parquet_bytes(usual[name]) == parquet_bytes(now[name]), name


def test_an_organisation_draws_for_itself(run_of, only):
    """Leaving one organisation out does not change the votes of those that do not notice."""
    both = run_of("baseline", 1, "quarters=1", *only("GCC", "PACIFIC_ALLIANCE"))
    alone = run_of("baseline", 1, "quarters=1", *only("GCC"))

    def votes(tables):
        return [v for v in tables["votes"].to_pylist() if v["organisation"] == "GCC"]

    def heard(tables):
        return [(v["party"], v["vote"], v["utility"]) for v in votes(tables)]

    assert heard(both)
    assert heard(both)[:6] == heard(alone)[:6]
