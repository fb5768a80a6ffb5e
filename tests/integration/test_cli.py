"""The commands as a user types them: what is written, what is said, and how they end."""

from __future__ import annotations

import datetime
import errno
import io
import json
import os
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from click.testing import CliRunner, Result

from experiments.cli import cli
from experiments.library import Library
from experiments.listing import KINDS
from experiments.naming import folder_name
from sim.phases import PHASES
from sim.schema import TABLES, arrow_schema

QUARTERS = 2


class FakeLog:
    """What a simulation leaves behind, without one: each measure is the seed plus an effect."""

    def __init__(self, scenario: Any, seed: int) -> None:
        self.timeline = [{"date": "2025-01-20", "kind": "exit", "text": "US leaves"}]
        self.effect = 5.0 if "us_withdrawal" in scenario.name else 0.0
        self.seed, self.quarters = seed, scenario.quarters

    def tables(self) -> dict[str, pa.Table]:
        tables = {name: arrow_schema(name).empty_table() for name in TABLES}
        columns: dict[str, list[Any]] = {}
        for field in arrow_schema("summary"):
            columns[field.name] = [self.seed + self.effect] * self.quarters
        columns["step"] = list(range(self.quarters))
        columns["date"] = [datetime.date(2024, 1 + 3 * step, 1) for step in range(self.quarters)]
        tables["summary"] = pa.table(
            {
                k: pa.array(v).cast(arrow_schema("summary").field(k).type)
                for k, v in columns.items()
            },
            schema=arrow_schema("summary"),
        )
        return tables


@pytest.fixture
def simulated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Replace the simulation; list what was simulated. Work in an empty folder."""
    done: list[str] = []

    def simulate(scenario: Any, seed: int, *, on_step: Any = None) -> FakeLog:
        done.append(f"{scenario.name} {seed}")
        for step in range(scenario.quarters):
            on_step(step + 1, scenario.quarters)
        return FakeLog(scenario, seed)

    monkeypatch.setattr("sim.engine.simulate", simulate)
    monkeypatch.setattr("sim.engine.data_checksums", lambda scenario: {"states.csv": "0"})
    monkeypatch.chdir(tmp_path)
    few = {"ASEAN", "WTO"}
    every = Library.charters
    monkeypatch.setattr(
        Library, "charters", lambda self: {k: v for k, v in every(self).items() if k in few}
    )
    return done


def concord(*args: str) -> Result:
    return CliRunner().invoke(cli, list(args), prog_name="concord")


def run(*args: str) -> Result:
    return concord("run", f"quarters={QUARTERS}", *args)


RUN = Path("results") / f"baseline+quarters-{QUARTERS}"


@pytest.mark.usefixtures("simulated")
class TestRun:
    def test_writes_tables_and_manifest_and_says_where(self) -> None:
        result = run()
        assert result.exit_code == 0, result.output
        folder = RUN / "seed=1"
        assert {p.parent.name for p in RUN.glob("*/seed=1.parquet")} == set(TABLES)
        assert f"Written: {RUN}/" in result.stdout
        assert "World trade" in result.stdout
        assert f"Next: concord compare us_withdrawal+quarters={QUARTERS}" not in result.stdout
        manifest = json.loads((folder / "manifest.json").read_text())
        assert manifest["scenario"] == "baseline"
        assert manifest["label"] == f"baseline+quarters={QUARTERS}"
        assert manifest["overrides"] == [f"quarters={QUARTERS}"]
        assert manifest["config"]["quarters"] == QUARTERS
        assert manifest["timeline"][0]["kind"] == "exit"
        assert manifest["data"] == {"states.csv": "0"}
        assert {"fingerprint", "versions", "created", "seconds", "tables"} <= set(manifest)

    def test_is_not_repeated_unless_asked(self, simulated: list[str]) -> None:
        run()
        again = run()
        assert again.exit_code == 0
        assert "Up to date" in again.stdout
        assert simulated == ["baseline 1"]
        assert "Written" in run("--force").stdout
        assert simulated == ["baseline 1"] * 2

    def test_same_run_has_same_bytes(self) -> None:
        def tables() -> dict[str, bytes]:
            return {p.parent.name: p.read_bytes() for p in RUN.glob("*/seed=1.parquet")}

        run()
        first = tables()
        run("--force")
        assert tables() == first

    def test_a_run_of_other_code_or_data_is_replaced_and_that_is_said(
        self, simulated: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run()
        monkeypatch.setattr("sim.engine.data_checksums", lambda scenario: {"states.csv": "1"})
        result = run()
        assert "will be replaced" in result.stderr
        assert len(simulated) == 2
        assert json.loads((RUN / "seed=1/manifest.json").read_text())["data"] == {"states.csv": "1"}

    def test_several_seeds(self, simulated: list[str]) -> None:
        result = run("seed=3", "--seeds", "2", "--jobs", "1")
        assert simulated == ["baseline 3", "baseline 4"]
        assert "3 to 4" in result.stdout
        assert {p.name for p in RUN.glob("seed=*")} == {"seed=3", "seed=4"}

    def test_quiet(self) -> None:
        result = run("-q")
        assert (result.exit_code, result.output) == (0, "")

    def test_dry_run_prints_what_would_run_and_writes_nothing(
        self, simulated: list[str], tmp_path: Path
    ) -> None:
        import yaml

        result = run("--dry-run", "parameters.trade_elasticity=5")
        assert result.exit_code == 0
        shown = yaml.safe_load(result.stdout)
        assert shown["parameters"]["trade_elasticity"] == 5
        assert (simulated, list(tmp_path.iterdir())) == ([], [])

    def test_a_scenario_of_ones_own(self, tmp_path: Path, simulated: list[str]) -> None:
        (tmp_path / "mine" / "scenario").mkdir(parents=True)
        (tmp_path / "mine/scenario/hope.yaml").write_text(
            "# @package _global_\ndefaults: [baseline, _self_]\ntitle: Hope\nquarters: 1\n"
        )
        result = concord("run", "scenario=hope", "--config-dir", "mine")
        assert result.exit_code == 0, result.output
        assert simulated == ["hope 1"]
        assert "Next: concord compare hope baseline" in result.stdout
        assert Path("results/hope/seed=1/manifest.json").exists()


@pytest.mark.usefixtures("simulated")
class TestFaults:
    @pytest.mark.parametrize(
        ("args", "words"),
        [
            (["rnu"], ["unknown command 'rnu'", "'run' (nearest)"]),
            (["run", "scenario=us_withdrawl"], ["'us_withdrawal'"]),
            (["run", "us_withdrawal"], ["scenario=us_withdrawal"]),
            (["run", "quaters=3"], ["'quarters' (nearest)"]),
            (["run", "quarters=0"], ["quarters"]),
            (["run", "quarters=many"], ["quarters"]),
            (["run", "world=5"], ["world"]),
            (["run", "parameters.trade_elasticity=99"], ["2.5 to 7.5"]),
            (["run", "response=retalliate"], ["retalliate"]),
            (["run", "--sedes", "3"], ["--seeds"]),
            (["run", "--seeds", "0"], ["--seeds"]),
            (["run", "--config-dir", "nowhere"], ["no such folder"]),
            (["list", "rulez"], ["'rules' (nearest)"]),
            (["timeline", "scenario=nope"], ["unknown scenario"]),
            (["compare", "baseline"], ["CONTROL"]),
            (["compare", "baseline", "baseline"], ["the same"]),
            (["compare", "baseline+seed=2", "us_withdrawal"], ["--first-seed"]),
            (["compare", "baseline+quarters=3", "us_withdrawal"], ["same quarters"]),
            (["compare", "us_withdrawal", "baseline", "--measures", "welfar_usa"], ["welfare_usa"]),
        ],
    )
    def test_bad_input_is_one_line_and_exit_2(
        self, args: list[str], words: list[str], tmp_path: Path
    ) -> None:
        result = concord(*args)
        assert result.exit_code == 2
        assert result.stderr.startswith("concord: error: ")
        assert result.stderr.count("\n") == 1
        for word in words:
            assert word in result.stderr
        assert result.stdout == ""
        assert list(tmp_path.iterdir()) == []

    def test_broken_yaml_has_its_line(self, tmp_path: Path) -> None:
        (tmp_path / "mine" / "scenario").mkdir(parents=True)
        (tmp_path / "mine/scenario/bad.yaml").write_text("# @package _global_\ntitle: 'x\n")
        result = concord("run", "scenario=bad", "--config-dir", "mine")
        assert result.exit_code == 2
        assert "bad.yaml, line" in result.stderr

    def test_results_that_cannot_be_written_are_found_before_simulating(
        self, tmp_path: Path, simulated: list[str]
    ) -> None:
        (tmp_path / "file").write_text("mine")
        result = run("--results", "file/deep")
        assert result.exit_code == 2
        assert "file" in result.stderr
        assert simulated == []
        assert (tmp_path / "file").read_text() == "mine"

    @pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
    def test_a_full_disk_leaves_nothing(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: int
    ) -> None:
        def full(handle: int) -> None:
            raise OSError(code, os.strerror(code))

        monkeypatch.setattr(os, "fsync", full)
        result = run()
        assert result.exit_code == 2
        assert "nothing was written" in result.stderr
        assert list(tmp_path.iterdir()) == []

    def test_ctrl_c_is_130_and_leaves_nothing(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        def interrupted(*_: Any, **__: Any) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("sim.engine.simulate", interrupted)
        result = run()
        assert result.exit_code == 130
        assert result.stderr.count("\n") == 1
        assert "Traceback" not in result.output
        assert list(tmp_path.iterdir()) == []

    def test_faults_of_the_program_are_shown_in_full(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: Any, **__: Any) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr("sim.engine.simulate", broken)
        assert isinstance(run().exception, ZeroDivisionError)


@pytest.mark.usefixtures("simulated")
class TestCompare:
    SIDES = (f"us_withdrawal+quarters={QUARTERS}", f"baseline+quarters={QUARTERS}")

    def test_runs_what_is_missing_in_pairs_and_writes_table_and_figure(
        self, simulated: list[str]
    ) -> None:
        run("seed=2")
        result = concord("compare", *self.SIDES, "--seeds", "3", "--jobs", "1")
        assert result.exit_code == 0, result.output
        assert simulated == [
            "baseline 2",
            "baseline 1",
            "us_withdrawal 1",
            "us_withdrawal 2",
            "baseline 3",
            "us_withdrawal 3",
        ]
        folder = Path("results/compare") / "-vs-".join(map(folder_name, self.SIDES))
        assert {p.name for p in folder.iterdir()} == {"effects.csv", "effects.png"}
        assert (folder / "effects.png").read_bytes().startswith(b"\x89PNG")
        assert str(folder / "effects.csv") in result.stdout
        row = next(line for line in result.stdout.splitlines() if line.startswith("Vetoes "))
        assert "5 to 5" in row  # the effect is the same in all seeds
        assert "100 %" in row

    def test_is_quick_and_the_same_when_all_is_there(self, simulated: list[str]) -> None:
        args = ("compare", *self.SIDES, "--seeds", "2", "--jobs", "1", "--measures", "vetoes")
        first = concord(*args)
        count = len(simulated)
        table = (
            Path("results/compare") / "-vs-".join(map(folder_name, self.SIDES)) / "effects.csv"
        ).read_bytes()
        again = concord(*args)
        assert again.stdout == first.stdout
        assert len(simulated) == count
        assert (
            Path("results/compare") / "-vs-".join(map(folder_name, self.SIDES)) / "effects.csv"
        ).read_bytes() == table

    @pytest.mark.parametrize(
        ("output", "figure", "begins"),
        [
            ("out.pdf", "out.pdf", b"%PDF"),
            ("mine/out.SVG", "mine/out.svg", b"<?xml"),
            ("out.csv", "out.png", b"\x89PNG"),
            ("v1.2", "v1.2/effects.png", b"\x89PNG"),
        ],
    )
    def test_the_output_says_the_format(self, output: str, figure: str, begins: bytes) -> None:
        args = ("compare", *self.SIDES, "--seeds", "2", "--jobs", "1", "-q", "--output", output)
        assert concord(*args, "--measures", "vetoes").exit_code == 0
        first = Path(figure).read_bytes()
        assert first.startswith(begins)
        assert Path(figure).with_suffix(".csv").is_file()
        assert concord(*args, "--measures", "vetoes").exit_code == 0
        assert Path(figure).read_bytes() == first

    def test_a_format_that_is_not_written_is_refused_before_the_runs(
        self, simulated: list[str]
    ) -> None:
        result = concord("compare", *self.SIDES, "--output", "out.jpg")
        assert result.exit_code == 2
        assert "no table or figure ends in '.jpg'" in result.output
        assert simulated == []

    def test_chosen_measures_seeds_and_place(self) -> None:
        result = concord(
            "compare", *self.SIDES, "--seeds", "2", "--first-seed", "7", "--jobs", "1", "-q",
            "--measures", "vetoes,world_trade", "--output", "out/us.csv",
        )  # fmt: skip
        assert (result.exit_code, result.output) == (0, "")
        lines = Path("out/us.csv").read_text().splitlines()
        assert [line.split(",")[0] for line in lines] == ["measure", "vetoes", "world_trade"]
        assert Path("out/us.png").exists()
        assert {p.name for p in RUN.glob("seed=*")} == {"seed=7", "seed=8"}

    def test_one_seed_has_no_interval(self) -> None:
        result = concord("compare", *self.SIDES, "--seeds", "1", "--jobs", "1")
        assert result.exit_code == 0, result.output
        assert "n/a" not in result.stdout
        assert "95 %" not in result.stdout
        assert "1 paired seed\n" in result.stdout
        assert "One seed has no interval" in result.stdout
        row = next(line for line in result.stdout.splitlines() if line.startswith("Vetoes "))
        assert row.split() == ["Vetoes", "1", "6", "5", "votes"]


@pytest.mark.usefixtures("simulated")
class TestListing:
    @pytest.mark.parametrize(
        ("kind", "words"),
        [
            ("scenarios", ["baseline", "us_withdrawal", "retaliate"]),
            ("organisations", ["ASEAN", "asean_way"]),
            ("rules", ["unanimity", "rotating_chair", "tolerance"]),
            ("parameters", ["trade_elasticity", "2.5 to 7.5", "Simonovska"]),
            ("switches", ["red_lines\ton", "estimated_state_effects\toff"]),
            ("shocks", ["funding_cut", "notice_months (none)"]),
            ("measures", ["world_welfare\t%"]),
            ("hypotheses", ["H4", "fitp_all_or_nothing"]),
            ("states", ["TUR\tTürkiye", "CHL"]),
            ("matters", ["procurement", "USA"]),
            ("designs", ["lhs\tLatin hypercube", "samples"]),
            ("launchers", ["slurm", "wait_seconds"]),
        ],
    )
    def test_each_has_what_is_looked_for(self, kind: str, words: list[str]) -> None:
        result = concord("list", kind)
        assert result.exit_code == 0
        for word in words:
            assert word in result.stdout
        assert "\x1b" not in result.stdout

    def test_what_can_be_listed_is_said(self) -> None:
        lines = concord("list").stdout.splitlines()
        assert lines[0].split("\t") == ["kind", "count", "what"]
        found = [line.split("\t") for line in lines[1:]]
        assert {kind for kind, _, _ in found} == set(KINDS)
        for kind, count, what in found:
            assert int(count) == len(json.loads(concord("list", kind, "--json").stdout)) > 0
            assert what

    @pytest.mark.parametrize("kind", KINDS)
    def test_each_kind_as_json_and_as_a_table_that_pandas_reads(self, kind: str) -> None:
        found = json.loads(concord("list", kind, "--json").stdout)
        assert len({tuple(entry) for entry in found}) == 1  # the same keys in each
        frame = pd.read_csv(io.StringIO(concord("list", kind).stdout), sep="\t", dtype=str)
        assert list(frame.columns) == list(found[0])
        assert len(frame) == len(found)

    def test_files_of_ones_own_are_listed(self, tmp_path: Path) -> None:
        for folder, text in {
            "hypothesis/H9.yaml": "id: H9\nclaim: All is well that ends well.\n",
            "sweep/mine.yaml": "# Twenty points.\nname: lhs\nsamples: 20\n",
            "launcher/big.yaml": "name: slurm\npartition: big\n",
        }.items():
            file = tmp_path / "mine" / folder
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        for kind, word in {
            "hypotheses": "H9",
            "designs": "Twenty points",
            "launchers": "big",
        }.items():
            assert word in concord("list", kind, "--config-dir", "mine").stdout

    def test_timeline_has_the_day_an_exit_takes_effect(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.undo()  # the real engine and all charters
        result = concord("timeline", "scenario=us_withdrawal")
        assert result.exit_code == 0, result.output
        lines = result.stdout.splitlines()
        assert lines[0].split("\t") == ["date", "kind", "text", "reference"]
        announced = next(i for i, line in enumerate(lines) if "Paris" in line)
        effective = next(i for i, line in enumerate(lines) if "USA is out of PARIS" in line)
        assert lines[announced].startswith("2025-01-20")
        assert lines[effective].startswith("2026-01-20")
        assert [line[:10] for line in lines[1:]] == sorted(line[:10] for line in lines[1:])
        assert json.loads(concord("timeline", "--json").stdout) == []


def test_help_is_readable_and_names_the_commands() -> None:
    result = concord("--help")
    assert result.exit_code == 0
    for word in ("run", "compare", "list", "timeline", "us_withdrawal"):
        assert word in result.stdout
    assert concord("run", "--help").stdout.count("=") > 5
    assert concord("--version").stdout.startswith("concord ")


class TestShow:
    def test_phases_are_those_of_the_step_with_what_they_touch(self) -> None:
        result = concord("show", "phases", "--json")
        plan = json.loads(result.stdout)
        assert [row["phase"] for row in plan] == [phase.name for phase in PHASES]
        assert plan[2]["writes"] == list(PHASES[2].writes)
        assert plan[-1]["reads"] == ["everything"]
        assert "seconds" not in plan[0]

    def test_a_timed_run_tells_what_each_took(self) -> None:
        overrides = ("quarters=1", "switches.learning=false")
        result = concord("show", "phases", *overrides, "--time")
        assert result.exit_code == 0
        assert "seconds" in result.stdout
        assert "s in the phases of baseline+quarters=1" in result.stdout

    def test_a_misspelt_part_is_answered_with_the_nearest(self) -> None:
        result = concord("show", "phase")
        assert result.exit_code == 2
        assert "unknown command 'phase'. Expected 'phases' (nearest)" in result.stderr


def test_without_a_command_there_is_help_and_no_error() -> None:
    result = concord()
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == concord("--help").stdout
