"""What is done follows from what lies there; the table is the same whoever made which chunk."""

from __future__ import annotations

import errno
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sim.atomic
import sim.engine
from analysis.errors import AnalysisError, AnalysisWarning
from analysis.sweeps import load_sweep
from experiments.sweep import store, worker
from experiments.sweep.plan import Plan
from experiments.sweep.store import inventory, missing, publish, record_failure
from sim.errors import ConvergenceError, StorageError

ELASTICITY = "parameters.trade_elasticity"


@pytest.fixture
def plan(plan_with: Any, folder: Path) -> Plan:
    """Twelve runs, written down."""
    plan: Plan = plan_with(variants=[{}, {ELASTICITY: 4.5}, {"quarters": 3}], replicates=4)
    plan.write(folder)
    return plan


@pytest.fixture
def put(plan: Plan, folder: Path, summary: Any) -> Any:
    """``put(0, 1, 2)``: publish made-up results of these runs as one chunk."""
    return lambda *runs: publish(folder, plan, {run: summary(plan, run) for run in runs})


def same(a: pd.DataFrame, b: pd.DataFrame) -> bool:
    """Bit for bit: columns, types, order and values."""
    return (
        list(a.columns) == list(b.columns)
        and list(a.dtypes) == list(b.dtypes)
        and all(
            a[c].to_numpy().tobytes() == b[c].to_numpy().tobytes()
            if a[c].dtype.kind in "ifM"
            else list(a[c]) == list(b[c])
            for c in a
        )
    )


def test_what_is_missing_follows_from_the_chunks(plan: Plan, folder: Path, put: Any) -> None:
    assert missing(plan, folder) == list(range(12))
    put(0, 1, 2)
    put(7, 9)
    assert missing(plan, folder) == [3, 4, 5, 6, 8, 10, 11]


def test_a_chunk_published_twice_is_one_file(put: Any, folder: Path) -> None:
    one = put(3, 1)
    data = one.read_bytes()
    assert put(1, 3) == one
    assert one.read_bytes() == data
    assert len(list((folder / "chunks").iterdir())) == 1


def test_the_table_is_the_same_whatever_the_chunks(
    plan_with: Any, plan: Plan, tmp_path: Path, summary: Any
) -> None:
    frames = []
    for size, seed in ((12, 0), (1, 1), (5, 2), (3, 3)):
        there = tmp_path / f"size{size}"
        plan.write(there)
        chunks = [list(range(n, min(n + size, 12))) for n in range(0, 12, size)]
        chunks += [[4, 5, 6]] if size == 5 else []  # done twice, by two drivers
        random.Random(seed).shuffle(chunks)
        for chunk in chunks:
            publish(there, plan, {run: summary(plan, run) for run in chunk})
        frames.append(load_sweep(there, at=None))
    assert len(frames[0]) == 36
    assert all(same(frame, frames[0]) for frame in frames[1:])


def test_the_frame_says_what_each_run_is(plan: Plan, folder: Path, put: Any) -> None:
    put(*range(12))
    frame = load_sweep(folder, ["world_trade", "vetoes"])
    assert list(frame["run"]) == list(range(12))
    assert list(frame["variant"]) == [0] * 4 + [1] * 4 + [2] * 4
    assert list(frame["seed"]) == [plan.run(n).seed for n in range(12)]
    own = plan.scenario(0)
    assert set(frame["trade_elasticity"][:4]) == {own.parameters["trade_elasticity"]}
    assert set(frame["trade_elasticity"][4:8]) == {4.5}
    assert list(frame["quarters"][7:9]) == [2, 3]
    assert set(frame["step"]) == {2}
    assert set(frame["date"]) == {pd.Timestamp("2024-07-01")}
    assert frame["world_trade"].dtype == np.float32
    assert frame.attrs["units"]["world_trade"] == "bn USD 2023"
    assert frame.attrs["swept"] == ["trade_elasticity", "quarters"]


def test_what_is_not_a_chunk_of_this_sweep_is_reported_and_ignored(
    plan: Plan, plan_with: Any, folder: Path, put: Any, summary: Any, tmp_path: Path
) -> None:
    whole = put(0, 1)
    half = folder / "chunks" / "0000002-0000003.half.parquet"
    half.write_bytes(whole.read_bytes()[:-200])
    other = plan_with(root_seed=77, replicates=4, variants=[{}] * 3)
    foreign = publish(tmp_path / "other", other, {4: summary(other, 4)})
    (folder / "chunks" / foreign.name).write_bytes(foreign.read_bytes())
    (folder / "chunks" / "empty.parquet").touch()
    (folder / "chunks" / ".0000005.parquet.host.1.ab.tmp.parquet").write_bytes(b"draft")
    (folder / "failed").mkdir()
    (folder / "failed" / "0000006.json").write_text("{")
    found = inventory(plan, folder)
    assert found.done == {0, 1}
    assert found.ignored[half].startswith("not complete")
    assert found.ignored[folder / "chunks" / foreign.name] == "of another sweep"
    assert len(found.ignored) == 4
    assert missing(plan, folder) == list(range(2, 12))
    with pytest.warns(AnalysisWarning) as said:
        frame = load_sweep(folder)
    assert set(frame["run"]) == {0, 1}
    assert "half" in str(said[0].message)
    assert "10 of 12 runs are not there" in str(said[1].message)


def test_a_sweep_of_which_nothing_is_there_is_an_empty_frame(plan: Plan, folder: Path) -> None:
    with pytest.warns(AnalysisWarning, match="12 of 12"):
        assert load_sweep(folder).empty
    with pytest.raises(AnalysisError, match="'world_trade'"):
        load_sweep(folder, "world_trad")
    with pytest.raises(AnalysisError, match="no sweep here"):
        load_sweep(folder.parent)


def test_a_failure_is_on_record_until_the_run_is_done(plan: Plan, folder: Path, put: Any) -> None:
    put(*range(11))
    record_failure(folder, plan, 11, "no equilibrium")
    assert missing(plan, folder) == []
    assert missing(plan, folder, retry_failed=True) == [11]
    found = inventory(plan, folder)
    assert found.unaccepted == [11]
    assert found.failed[11]["overrides"] == {"quarters": 3}
    store.accept_failures(folder, found)
    assert inventory(plan, folder).unaccepted == []
    put(11)
    assert inventory(plan, folder).failed == {}
    assert not list((folder / "failed").iterdir())


def test_a_full_disk_leaves_nothing_behind(
    plan: Plan, folder: Path, put: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(0)
    before = sorted(folder.rglob("*"))

    def full(path: Path, data: bytes) -> None:
        path.write_bytes(data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(sim.atomic, "flush_file", full)
    with pytest.raises(StorageError, match="disk is full") as error:
        put(1, 2)
    assert error.value.exit_code == 2
    assert sorted(folder.rglob("*")) == before
    assert inventory(plan, folder).ignored == {}


def test_a_chunk_is_what_bare_runs_give(plan: Plan, folder: Path) -> None:
    heard: list[int] = []
    assert worker.work(folder, [1, 5, 9], heard.append) == ()
    assert heard == [1, 5, 9]
    with pytest.warns(AnalysisWarning, match="9 of 12"):
        frame = load_sweep(folder, at=None)
    for run in (1, 5, 9):
        bare = sim.engine.simulate(plan.scenario(run), plan.run(run).seed).tables()["summary"]
        rows = frame[frame["run"] == run]
        assert len(rows) == plan.scenario(run).quarters
        for name in plan.measures:
            expected = bare[name].to_numpy().astype(np.float32)
            np.testing.assert_array_equal(rows[name].to_numpy(), expected)
    dates = pd.to_datetime(bare["date"].to_pandas())
    assert list(frame[frame["run"] == 9]["date"]) == list(dates)


def test_a_run_that_fails_does_not_cost_its_chunk(
    plan: Plan, folder: Path, summary: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Log:
        def tables(self) -> dict[str, Any]:
            return {"summary": summary(plan, 0)}

    def simulate(scenario: Any, seed: int) -> Log:
        if seed == plan.seeds[1]:
            raise ConvergenceError("no equilibrium", where="quarter 3")
        if seed == plan.seeds[2]:
            raise ZeroDivisionError("a fault of the program")
        return Log()

    monkeypatch.setattr(sim.engine, "simulate", simulate)
    code = worker.main([str(folder), "--runs", "0-3"])
    assert code == worker.PUBLISHED_WITH_FAILURES
    found = inventory(plan, folder)
    assert found.done == {0, 3}
    assert found.failed[1]["error"] == "quarter 3: no equilibrium"
    assert "ZeroDivisionError" in found.failed[2]["error"]


def test_what_is_done_is_published_when_a_chunk_is_stopped(plan: Plan, folder: Path) -> None:
    def stop(run: int) -> None:
        if run == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        worker.work(folder, range(4), stop)
    assert inventory(plan, folder).done == {0, 1}


@pytest.mark.parametrize(
    ("entries", "said"),
    [({"code": "other"}, "code is not"), ({"data": {}}, "table .* is not that of the sweep")],
)
def test_other_code_or_data_than_planned_is_refused(
    plan_with: Any, folder: Path, capsys: Any, entries: dict[str, Any], said: str
) -> None:
    plan_with(**entries).write(folder)
    with pytest.raises(StorageError, match=said):
        worker.work(folder, [0])
    assert worker.main([str(folder), "--runs", "0"]) == 2
    assert capsys.readouterr().err.startswith("concord: error:")
    assert not (folder / "failed").exists()


def test_a_worker_without_a_sweep_says_so(tmp_path: Path, capsys: Any) -> None:
    assert worker.main([str(tmp_path), "--runs", "0"]) == 2
    assert "no sweep here" in capsys.readouterr().err
    assert worker.main([str(tmp_path), "--runs", "a-b"]) == 2


def test_records_are_json(plan: Plan, folder: Path) -> None:
    record_failure(folder, plan, 3, "é")
    content = json.loads((folder / "failed" / "0000003.json").read_text(encoding="utf-8"))
    assert (content["run"], content["error"]) == (3, "é")


def _with_other_values(file: Path) -> None:
    """As somebody would do it who knows Parquet: footer and columns as they were."""
    table = pq.read_table(file)
    name = table.column_names[-1]
    other = pa.array([9999.0] * table.num_rows, table[name].type)
    pq.write_table(table.set_column(table.num_columns - 1, table.schema.field(name), other), file)


def _flipped(file: Path) -> None:
    data = bytearray(file.read_bytes())
    for place in range(100, len(data) - 1500, 7):
        data[place] ^= 255
    file.write_bytes(bytes(data))


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-50])


def _emptied(file: Path) -> None:
    file.write_bytes(b"")


@pytest.mark.parametrize("damage", [_with_other_values, _flipped, _cut, _emptied])
def test_a_changed_chunk_is_named_left_out_and_done_again(
    plan: Plan, folder: Path, put: Any, damage: Any
) -> None:
    for run in range(12):
        put(run)
    before = store.read(plan, folder)
    damage(inventory_file(plan, folder, 3))
    assert missing(plan, folder) == [3]
    assert len(inventory(plan, folder).ignored) == 1
    with (
        pytest.warns(AnalysisWarning, match="left out"),
        pytest.warns(AnalysisWarning, match="1 of 12 runs are not there"),
    ):
        assert set(load_sweep(folder)["run"]) == set(range(12)) - {3}
    put(3)
    store.pack(plan, folder, inventory(plan, folder))
    assert store.read(plan, folder).equals(before)
    assert not inventory(plan, folder).ignored


def inventory_file(plan: Plan, folder: Path, run: int) -> Path:
    return next(file for file, runs in inventory(plan, folder).files.items() if run in runs)


@pytest.mark.parametrize("key", ["name", "seeds", "columns", "variants", "checksum"])
def test_a_changed_plan_is_refused_by_readers_and_mended_by_its_sweep(
    plan: Plan, folder: Path, put: Any, key: str
) -> None:
    put(0)
    file = folder / "manifest.json"
    before = file.read_bytes()
    content = json.loads(before)
    content[key] = {"name": "x", "seeds": [1] * 4, "columns": {}, "variants": [{}]}.get(key, "0")
    file.write_text(json.dumps(content))
    with pytest.raises(StorageError, match=r"manifest\.json: the manifest was changed"):
        Plan.read(folder)
    with pytest.raises(AnalysisError, match=r"manifest\.json: was changed"):
        load_sweep(folder)
    plan.write(folder)
    assert file.read_bytes() == before


def test_a_damaged_plan_of_another_sweep_is_left_alone(
    plan: Plan, plan_with: Any, folder: Path, put: Any
) -> None:
    put(0)
    (folder / "manifest.json").write_text("{")
    with pytest.raises(StorageError, match="cannot be read"):
        plan_with(replicates=2).write(folder)
