"""A run that was changed on the disk: readers name the file, and what makes runs makes it anew."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from analysis.errors import AnalysisError
from analysis.load import load_run, runs
from experiments.cli import cli
from experiments.library import Library
from experiments.points import Point
from sim.provenance import sealed


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A results folder with a run of one quarter."""
    top = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        _few(patch)
        patch.chdir(top)
        assert concord().exit_code == 0
    return top / "results"


@pytest.fixture
def results(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, to be damaged, below the folder in which commands are given."""
    _few(monkeypatch)
    monkeypatch.chdir(tmp_path)
    shutil.copytree(made, tmp_path / "results")
    return tmp_path / "results"


def _few(patch: pytest.MonkeyPatch) -> None:
    every = Library.charters
    patch.setattr(Library, "charters", lambda self: {"WHO": every(self)["WHO"]})


def concord(*more: str) -> Result:
    line = ["run", "quarters=1", "--jobs", "1", *more]
    return CliRunner().invoke(cli, line, prog_name="concord")


def table(results: Path, name: str) -> Path:
    places = [*results.rglob(f"{name}.parquet"), *results.rglob(f"{name}/*.parquet")]
    assert len(places) == 1
    return places[0]


def manifest(results: Path) -> Path:
    return next(results.rglob("manifest.json"))


def contents(results: Path) -> dict[str, bytes]:
    return {str(p.relative_to(results)): p.read_bytes() for p in results.rglob("*.parquet")}


def _vetoes(results: Path) -> None:
    file = table(results, "summary")
    old = pq.ParquetFile(file).read()
    place = old.column_names.index("vetoes")
    many = pa.array([9999] * old.num_rows, old["vetoes"].type)
    pq.write_table(old.set_column(place, old.schema.field("vetoes"), many), file)


def _flipped(results: Path) -> None:
    file = table(results, "summary")
    data = bytearray(file.read_bytes())
    data[len(data) // 3] ^= 1
    file.write_bytes(bytes(data))


def _without_rows(results: Path) -> None:
    file = table(results, "summary")
    pq.write_table(pq.ParquetFile(file).read().slice(0, 0), file)


def _emptied(results: Path) -> None:
    table(results, "summary").write_bytes(b"")


def _cut(results: Path) -> None:
    file = table(results, "summary")
    file.write_bytes(file.read_bytes()[:-9])


def _another_table(results: Path) -> None:
    shutil.copyfile(table(results, "states"), table(results, "summary"))


def _entry(key: str, value: Any) -> Callable[[Path], None]:
    def change(results: Path) -> None:
        content = json.loads(manifest(results).read_text())
        content[key] = value
        manifest(results).write_text(json.dumps(content))

    return change


TABLES = {
    "vetoes set to 9999": _vetoes,
    "a byte flipped": _flipped,
    "rows taken out": _without_rows,
    "emptied": _emptied,
    "cut short": _cut,
    "another table": _another_table,
}
MANIFESTS = {
    "another seed": _entry("seed", 2),
    "seed that is a text": _entry("seed", "one"),
    "another label": _entry("label", "us_withdrawal"),
    "another format": _entry("format", 99),
    "timeline that is a text": _entry("timeline", "2025: nothing"),
    "timeline of texts": _entry("timeline", ["2025"]),
    "tables that are a list": _entry("tables", []),
    "another configuration": _entry("config", {}),
    "no JSON": lambda results: manifest(results).write_text("{"),
    "deep": lambda results: manifest(results).write_text("[" * 100_000),
}


@pytest.mark.parametrize("damage", [*TABLES, *MANIFESTS])
def test_a_damaged_run_is_made_anew_by_the_command_that_makes_it(
    made: Path, results: Path, damage: str
) -> None:
    {**TABLES, **MANIFESTS}[damage](results)
    told = concord()
    assert told.exit_code == 0, told.output
    assert "Up to date" not in told.stdout
    assert "anew" in told.stderr or "replaced" in told.stderr
    assert contents(results) == contents(made)
    assert "Up to date" in concord().stdout


@pytest.mark.parametrize("damage", TABLES)
def test_readers_name_the_damaged_table(results: Path, damage: str) -> None:
    run = load_run(manifest(results).parent)
    TABLES[damage](results)
    with pytest.raises(AnalysisError, match=r"summary.*parquet: .*concord run"):
        run.table("summary")
    assert len(run.table("states"))


@pytest.mark.parametrize("damage", MANIFESTS)
def test_readers_name_the_damaged_manifest(results: Path, damage: str) -> None:
    MANIFESTS[damage](results)
    with pytest.raises(AnalysisError, match=r"^.*(manifest\.json|seed=1): "):
        load_run(manifest(results).parent)
    with pytest.raises(AnalysisError, match=r"no finished run here: .+"):
        runs(results)


def test_a_run_is_not_mended_where_nothing_is_wrong(results: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in results.rglob("*.*")}
    told = concord()
    assert "Up to date" in told.stdout
    assert told.stderr == ""
    assert {p: p.stat().st_mtime_ns for p in results.rglob("*.*")} == before


def test_numbers_of_a_point_that_were_changed_are_made_anew(tmp_path: Path, setting: Any) -> None:
    file = tmp_path / "a.json"
    point = Point("baseline", setting.scenario, 1, (), file)
    content = sealed({"values": {"vetoes": 3.0}, "units": {}})
    file.write_text(json.dumps(content))
    assert point.is_done
    file.write_text(json.dumps(content | {"values": {"vetoes": 9999.0}}))
    assert not point.is_done


def test_what_a_case_left_is_made_anew_when_it_was_changed(tmp_path: Path) -> None:
    from experiments.plays import Play

    file = tmp_path / "a.json"
    play = Play(None, None, 1, file)  # type: ignore[arg-type]
    content = sealed({"case": "ftaa", "seed": 1, "agrees": False})
    for damaged in ("", "{", "[" * 100_000, json.dumps({**content, "agrees": True})):
        file.write_text(damaged)
        assert not play.is_done
    file.write_text(json.dumps(content))
    assert play.is_done


def test_a_scenario_with_changes_is_found_by_its_label(results: Path) -> None:
    by_label = runs(results / "baseline+quarters=1")
    assert by_label.equals(runs(results / "baseline+quarters-1"))
    assert len(by_label) == 1
