"""Checkpoints: a run that goes on from a common past is the run made in one go, to the byte."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from sim import provenance
from sim.checkpoint import Checkpoint, first_difference, past_of
from sim.dataset import parquet_bytes
from sim.engine import checkpoint_at, open_model, simulate
from sim.errors import ConfigError, StorageError
from sim.schema import TABLES

ROOT = Path(__file__).parents[2]
QUARTERS = "quarters=8"
KEPT = ("ASEAN", "CPTPP", "EU", "FITP", "PARIS", "UN", "UNESCO", "UNHRC", "WHO", "WTO")
FIRST = date(2025, 1, 1)


@pytest.fixture(scope="module")
def few(only):
    return (QUARTERS, *only(*KEPT))


@pytest.fixture(scope="module")
def baseline(scenario_of, few):
    return scenario_of("baseline", *few)


@pytest.fixture(scope="module")
def withdrawal(scenario_of, few):
    return scenario_of("us_withdrawal", *few)


@pytest.fixture(scope="module")
def past(baseline):
    return checkpoint_at(baseline, 1, FIRST)


@pytest.fixture(scope="module")
def whole(withdrawal):
    return _bytes(simulate(withdrawal, 1))


def _bytes(log):
    return {name: parquet_bytes(table) for name, table in log.tables().items()}


# ------------------------------------------------------------------ the same bytes


def test_a_branch_is_the_run_made_in_one_go(past, withdrawal, whole):
    steps = []
    log = simulate(
        withdrawal, 1, start_from=past, on_step=lambda done, total: steps.append((done, total))
    )
    assert _bytes(log) == whole
    assert set(whole) == set(TABLES)
    assert log.timeline == simulate(withdrawal, 1, start_from=past).timeline != []
    assert steps == [(done, 8) for done in (5, 6, 7, 8)]  # the past was not run again


def test_a_checkpoint_can_be_continued_again(past, baseline, withdrawal, whole):
    """A continuation leaves the checkpoint as it was."""
    simulate(withdrawal, 1, start_from=past)
    assert _bytes(simulate(withdrawal, 1, start_from=past)) == whole
    assert _bytes(simulate(baseline, 1, start_from=past)) == _bytes(simulate(baseline, 1))


@pytest.mark.parametrize("day", [date(2025, 4, 1), date(2025, 8, 15)], ids=str)
def test_a_later_branch_within_a_year_is_too(day, scenario_of, few, withdrawal):
    """Menus are remembered for a year; a branch within a year must find the same ones."""
    retaliation = scenario_of(
        "us_withdrawal", *few, "response=retaliate",
        "responses.retaliate.retaliation_in_kind.date=2025-08-15",
    )  # fmt: skip
    log = simulate(retaliation, 1, start_from=checkpoint_at(withdrawal, 1, day))
    assert _bytes(log) == _bytes(simulate(retaliation, 1))


def test_a_run_goes_on_after_its_checkpoint(baseline, past):
    model = open_model(baseline, 1)
    for _ in range(4):
        model.step()
    taken = Checkpoint.of(model.state, model.log)
    model.step()
    assert taken.steps == past.steps == 4
    assert taken.day == FIRST
    again = open_model(baseline, 1, taken)
    again.step()
    assert again.state.step == model.state.step == 4
    assert _bytes(again.log) == _bytes(model.log)


def test_a_branch_may_be_longer(past, scenario_of, only, whole):
    longer = scenario_of("us_withdrawal", "quarters=9", *only(*KEPT))
    tables = simulate(longer, 1, start_from=past).tables()
    assert _bytes(simulate(longer, 1))["summary"] == parquet_bytes(tables["summary"])
    assert tables["summary"].num_rows == 9


# ------------------------------------------------------------------ what has no common past


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ("parameters.trade_elasticity=5", "parameters.trade_elasticity: 5.0"),
        ("switches.learning=false", "switches.learning: False"),
        ("organisation.ASEAN.decision.trade.rule=unanimity", "organisation.ASEAN.decision.trade"),
        ("start=2023-10-01", "start: '2023-10-01'"),
        ("world.deficits=fixed", "world.deficits: 'fixed'"),
        ("shocks.us_leaves_who.date=2024-12-31", "shocks.us_leaves_who: there"),
        ("quarters=3", "quarters: 3 quarters end before 2025-01-01"),
    ],
)
def test_another_past_is_refused(change, place, past, scenario_of, only):
    other = scenario_of("us_withdrawal", *only(*KEPT), change)
    with pytest.raises(ConfigError) as caught:
        simulate(other, 1, start_from=past)
    assert str(caught.value).startswith(place)


def test_another_seed_is_refused(past, withdrawal):
    with pytest.raises(ConfigError, match="seed 2 continues seed 1"):
        simulate(withdrawal, 2, start_from=past)


def test_other_data_are_refused(past, baseline):
    changed = {**past.data, next(iter(past.data)): "0"}
    other = Checkpoint(past.past, changed, 1, past.steps, past._state, past._recorded)
    with pytest.raises(ConfigError, match="the table has changed"):
        simulate(baseline, 1, start_from=other)


@pytest.mark.parametrize("day", ["2023-12-31", "2024-03-31", "2026-01-01"])
def test_a_day_that_leaves_nothing_to_branch_is_refused(day, baseline):
    with pytest.raises(ConfigError, match="Expected 2024-04-01 to 2025-10-01"):
        checkpoint_at(baseline, 1, date.fromisoformat(day))


def test_scenarios_part_in_the_quarter_of_the_first_difference(scenario_of, few):
    def of(*changes):
        return scenario_of("us_withdrawal", *few, *changes)

    until = "shocks.us_liberation_day.until="
    assert first_difference(of(), of()) is None
    assert first_difference(of(), scenario_of("baseline", *few)) == 4
    assert first_difference(of(), of("response=retaliate")) == 6
    assert first_difference(of(), of("parameters.trade_elasticity=5")) == 0
    assert first_difference(of(), of(f"{until}2026-02-01")) == 8
    assert first_difference(of(f"{until}2025-10-01"), of(f"{until}2026-02-01")) == 7
    # the end of a tariff is not known before it comes
    assert past_of(of(), 8) == past_of(of(f"{until}2026-02-01"), 8)


def test_a_tariff_that_ends_branches_from_one_that_does_not(scenario_of, few, withdrawal):
    ends = scenario_of("us_withdrawal", *few, "shocks.us_liberation_day.until=2025-10-01")
    log = simulate(ends, 1, start_from=checkpoint_at(withdrawal, 1, date(2025, 10, 1)))
    assert _bytes(log) == _bytes(simulate(ends, 1))


# ------------------------------------------------------------------ files

CONTINUE = """
import pickle, sys
from pathlib import Path
from sim.checkpoint import Checkpoint
from sim.dataset import parquet_bytes
from sim.engine import simulate

scenario = pickle.loads(Path(sys.argv[1]).read_bytes())
log = simulate(scenario, 1, start_from=Checkpoint.load(Path(sys.argv[2])))
tables = {name: parquet_bytes(table) for name, table in log.tables().items()}
Path(sys.argv[3]).write_bytes(pickle.dumps(tables))
"""


def test_another_process_goes_on_from_a_file(past, withdrawal, whole, tmp_path):
    past.save(tmp_path / "deep" / "one.checkpoint")
    (tmp_path / "scenario").write_bytes(pickle.dumps(withdrawal))
    files = [tmp_path / "scenario", tmp_path / "deep" / "one.checkpoint", tmp_path / "tables"]
    subprocess.run(
        [sys.executable, "-c", CONTINUE, *map(str, files)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "7"},
        check=True,
        timeout=120,
    )
    assert pickle.loads(files[2].read_bytes()) == whole


@pytest.fixture
def file(past, tmp_path):
    path = tmp_path / "one.checkpoint"
    past.save(path)
    return path


def test_a_file_of_other_code_is_refused(file, monkeypatch):
    monkeypatch.setattr(provenance, "code_hash", lambda: "other")
    with pytest.raises(StorageError, match="made by other code"):
        Checkpoint.load(file)


def test_a_file_of_other_libraries_is_refused(file, monkeypatch):
    monkeypatch.setattr(provenance, "versions", lambda: {"numpy": "1", "scipy": "1"})
    with pytest.raises(StorageError, match="made by other numpy"):
        Checkpoint.load(file)


@pytest.mark.parametrize("cut", [0, 5, 25, 400, -1])
def test_a_part_of_a_file_is_refused(file, cut):
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(StorageError, match=r"no checkpoint|damaged"):
        Checkpoint.load(file)


def test_a_changed_file_is_refused(file):
    data = bytearray(file.read_bytes())
    data[-100] ^= 1
    file.write_bytes(bytes(data))
    with pytest.raises(StorageError, match="damaged"):
        Checkpoint.load(file)


@pytest.mark.parametrize(
    ("old", "new"), [(b'"steps": ', b'"steps": 1'), (b'"seed": ', b'"seed": 7')]
)
def test_a_changed_head_is_refused(file, old, new):
    data = file.read_bytes()
    assert old in data
    file.write_bytes(data.replace(old, new, 1))
    with pytest.raises(StorageError, match="damaged"):
        Checkpoint.load(file)


def test_another_format_is_refused(file):
    file.write_bytes(file.read_bytes().replace(b'"format": 2', b'"format": 9', 1))
    with pytest.raises(StorageError, match="format"):
        Checkpoint.load(file)


def test_no_file_is_said(tmp_path):
    with pytest.raises(StorageError, match="No such file"):
        Checkpoint.load(tmp_path / "none")


def test_a_file_cannot_run_a_program(past, tmp_path):
    class Harm:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "harm"),)

    other = Checkpoint({"x": Harm()}, past.data, 1, past.steps, past._state, past._recorded)
    other.save(tmp_path / "one")
    with pytest.raises(StorageError, match=r"cannot hold posix\.mkdir"):
        Checkpoint.load(tmp_path / "one")
    assert not (tmp_path / "harm").exists()


KILLED = """
import os, signal, sys
from pathlib import Path
import sim.atomic
from sim.checkpoint import Checkpoint

one = Checkpoint.load(Path(sys.argv[1]))
real = sim.atomic.flush_file

def half(path, data):
    path.write_bytes(data[: len(data) // 2])
    os.kill(os.getpid(), signal.SIGKILL)

sim.atomic.flush_file = half
one.save(Path(sys.argv[2]))
"""


@pytest.mark.parametrize("is_there", [True, False], ids=["over another", "anew"])
def test_killed_while_saving_leaves_the_old_file_or_none(is_there, file, tmp_path):
    target = tmp_path / "two" / "one.checkpoint"
    if is_there:
        Checkpoint.load(file).save(target)
        before = target.read_bytes()
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(file), str(target)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
        timeout=120,
    )
    assert ended.returncode == -9
    if is_there:
        assert target.read_bytes() == before
    else:
        assert not target.exists()
    Checkpoint.load(file).save(target)  # what was left is in nobody's way
    assert Checkpoint.load(target).steps == 4
