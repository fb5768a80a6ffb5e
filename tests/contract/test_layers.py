"""What import contracts rest on: that their lists are whole, and that facts come by the World."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import sim
from sim.provenance import fingerprint

ROOT = Path(__file__).parents[2]
SIM = Path(sim.__file__).parent
KERNELS_MAY_KNOW = {"sim.kernels", "sim.types", "sim.errors"}
# What no run reads: descriptions of columns, and counts and records that runs are compared with.
BESIDE_RUNS = re.compile(r"columns(_\w+)?|\w+_observed|rights_votes|nuclear_programmes")


def _contract(name: str) -> dict:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    found = settings["tool"]["importlinter"]["contracts"]
    return next(one for one in found if one["name"].startswith(name))


def test_kernels_are_kept_from_every_other_part_of_the_model() -> None:
    parts = {f"sim.{path.stem}" for path in SIM.glob("*.py") if path.stem != "__init__"}
    parts |= {f"sim.{path.parent.name}" for path in SIM.glob("*/__init__.py")}
    assert len(parts) > 40
    assert parts - KERNELS_MAY_KNOW <= set(_contract("Kernels")["forbidden_modules"])


def test_every_table_that_a_run_reads_is_in_its_fingerprint(setting) -> None:
    tables = {path.name for path in (SIM / "world" / "tables").glob("*.csv")}
    used = {name for name in tables if not BESIDE_RUNS.fullmatch(name.removesuffix(".csv"))}
    assert len(used) > 25
    assert set(setting.world.checksums) == used


@pytest.mark.parametrize("table", ["known_leaders.csv", "enforcement.csv", "state_effects.csv"])
def test_another_figure_in_a_table_is_another_run(table, setting) -> None:
    data = dict(setting.world.checksums)
    assert fingerprint({}, 1, data) != fingerprint({}, 1, {**data, table: "of another file"})
