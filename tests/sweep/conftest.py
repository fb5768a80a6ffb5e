"""A small sweep's plan, made once: one organisation, two quarters, whole world else."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from experiments.sweep.plan import Plan, seed_of
from experiments.sweep.planning import plan_of
from experiments.sweep.request import request_of

PlanOf = Callable[..., Plan]


@pytest.fixture(scope="session")
def manifest(only: Callable[..., tuple[str, ...]]) -> dict[str, Any]:
    """The manifest of a sweep of one variant and one seed. For reading only."""
    return plan_of(request_of(["quarters=2", *only("FITP"), "name=tiny"])).content


@pytest.fixture(scope="session")
def plan_with(manifest: dict[str, Any]) -> PlanOf:
    """``plan_with(variants=[...], replicates=2)``: the small plan with other entries."""

    def make(**entries: Any) -> Plan:
        content = {**copy.deepcopy(manifest), **entries}
        count, root = content["replicates"], content["root_seed"]
        content["seeds"] = [seed_of(root, k) for k in range(count)]
        return Plan(content)

    return make


@pytest.fixture(scope="session")
def summary() -> Callable[..., pa.Table]:
    """``summary(plan, run)``: a made-up summary table, another for each run."""

    def make(plan: Plan, run: int, quarters: int = 3) -> pa.Table:
        values = np.random.default_rng(run).normal(size=(quarters, len(plan.measures)))
        columns = {name: values[:, n] for n, name in enumerate(plan.measures)}
        return pa.table({"step": pa.array(range(quarters), pa.int32()), **columns})

    return make


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a sweep goes."""
    return tmp_path / "sweeps" / "tiny"
