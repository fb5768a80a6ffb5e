"""`concord branch`: the common past is run once, and the runs are those of `concord run`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from experiments.cli import cli
from experiments.library import Library
from experiments.naming import folder_name
from sim.checkpoint import Checkpoint

FEW = {"ASEAN", "EU", "PARIS", "UN", "UNESCO", "UNHRC", "WHO", "WTO"}
SIDES = [
    "baseline+quarters=6",
    "us_withdrawal+quarters=6",
    "us_withdrawal+quarters=6+~shocks.us_liberation_day",
]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Work in an empty folder, with few organisations."""
    monkeypatch.chdir(tmp_path)
    every = Library.charters
    monkeypatch.setattr(
        Library, "charters", lambda self: {k: v for k, v in every(self).items() if k in FEW}
    )
    return tmp_path


def concord(*args: str) -> Result:
    return CliRunner().invoke(cli, list(args), prog_name="concord")


def branch(*args: str) -> Result:
    return concord("branch", "--jobs", "1", *args)


def tables(folder: Path) -> dict[str, bytes]:
    files = sorted(folder.rglob("*.parquet"))
    assert files
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def test_branches_are_the_runs_of_concord_run(here: Path) -> None:
    done = branch(*SIDES, "--seeds", "2")
    assert done.exit_code == 0, done.output
    assert "Common past: 4 quarters, up to 2025-01-01" in done.output
    branched = tables(here / "results")
    for side in SIDES:
        name, *overrides = side.split("+")
        told = concord("run", f"scenario={name}", *overrides, "--seeds", "2", "--jobs", "1")
        assert "Up to date" in told.output  # the fingerprint is that of a run made in one go
        concord(
            "run", f"scenario={name}", *overrides, "--seeds", "2", "--jobs", "1", "--force",
            "--results", "whole", "-q",
        )  # fmt: skip
    assert tables(here / "whole") == branched
    manifests = [
        json.loads((here / place / folder_name(SIDES[1]) / "seed=1" / "manifest.json").read_text())
        for place in ("results", "whole")
    ]
    assert manifests[0].pop("branched_at") == "2025-01-01"
    for one in manifests:
        del one["created"], one["seconds"], one["checksum"]
    assert manifests[0] == manifests[1]


def test_the_past_is_run_once_and_found_again(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sim.engine

    runs: list[int] = []
    checkpoint_at = sim.engine.checkpoint_at

    def counted(scenario, seed, day, **more):  # type: ignore[no-untyped-def]
        runs.append(seed)
        return checkpoint_at(scenario, seed, day, **more)

    monkeypatch.setattr(sim.engine, "checkpoint_at", counted)
    assert branch(*SIDES[:2]).exit_code == 0
    again = branch(*SIDES)
    assert runs == [1]
    assert f"Up to date: results/{folder_name(SIDES[0])}/" in again.output
    assert f"Written: results/{folder_name(SIDES[2])}/" in again.output
    branch(*SIDES)
    assert runs == [1]  # nothing was missing
    branch(*SIDES[:2], "--force")
    assert runs == [1, 1]


def test_a_checkpoint_of_other_code_is_made_anew(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sim import provenance

    monkeypatch.setattr(provenance, "code_hash", lambda: "older")
    assert branch(*SIDES[:2]).exit_code == 0
    monkeypatch.setattr(provenance, "code_hash", lambda: "newer")
    told = branch(*SIDES[:2])
    assert told.exit_code == 0
    assert "made by other code; it will be replaced" in told.output
    (file,) = (here / "results" / "checkpoints").rglob("*.checkpoint")
    assert Checkpoint.load(file).steps == 4


@pytest.mark.parametrize("damage", ["cut", "garbage", "empty", "another seed"])
def test_a_damaged_past_is_run_again(here: Path, damage: str) -> None:
    assert branch(*SIDES[:2], "--seeds", "2").exit_code == 0
    before = tables(here / "results" / folder_name(SIDES[1]))
    first, second = sorted((here / "results" / "checkpoints").rglob("*.checkpoint"))
    content = {
        "cut": first.read_bytes()[:1000],
        "garbage": b"garbage",
        "empty": b"",
        "another seed": second.read_bytes(),
    }
    first.write_bytes(content[damage])
    shutil.rmtree(here / "results" / folder_name(SIDES[1]))
    told = branch(*SIDES[:2], "--seeds", "2")
    assert told.exit_code == 0, told.output
    assert "it will be replaced" in told.output
    assert tables(here / "results" / folder_name(SIDES[1])) == before


def test_branches_may_begin_earlier_or_where_nothing_differs(here: Path) -> None:
    told = branch(*SIDES[:2], "--at", "2024-08-15")
    assert "Common past: 2 quarters, up to 2024-07-01" in told.output
    longer = branch("baseline+quarters=3", "baseline+quarters=4", "--at", "2024-07-01")
    assert "Common past: 2 quarters" in longer.output


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (
            [*SIDES[:2], "--at", "2025-04-01"],
            "shocks.us_leaves_paris: there in us_withdrawal+quarters=6, absent in "
            "baseline+quarters=6. Expected no difference before 2025-04-01",
        ),
        (
            [SIDES[0], "baseline+quarters=6+parameters.trade_elasticity=5"],
            "parameters.trade_elasticity: 5.0 in baseline+parameters.trade_elasticity=5",
        ),
        ([*SIDES[:2], "--at", "2030-01-01"], "--at: 2030-01-01 leaves nothing"),
        ([*SIDES[:2], "--at", "2024-01-01"], "Expected 2024-04-01 to 2025-04-01"),
        ([*SIDES[:2], "--at", "soon"], "Invalid value for '--at'"),
        (SIDES[:1], "not two scenarios or more that differ"),
        ([SIDES[0], SIDES[0]], "not two scenarios or more that differ"),
        (["baseline+quarters=6", "baseline+quarters=7"], "do not differ in any quarter"),
        (["baseline", "us_withdrawl"], "us_withdrawal"),
        (["baseline", "us_withdrawal+seed=2"], "a side has no seed of its own"),
    ],
)
def test_what_cannot_branch_is_told(args: list[str], said: str, here: Path) -> None:
    told = branch(*args)
    assert told.exit_code == 2
    assert said in told.output
    assert not (here / "results").exists()
