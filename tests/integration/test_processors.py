"""Another processor rounds otherwise and changes nothing that anybody decides."""

from __future__ import annotations

import math
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.engine import simulate
from sim.kernels.armington import solutions
from sim.load import scenario_from

ROOT = Path(__file__).parents[2]
KERNELS = ("Haswell", "Nehalem", "SkylakeX", "Zen", "Prescott")
SCENARIOS = {"baseline": 22, "fitp_partial_adoption": 16}
DECIDED = ("events", "rounds", "votes", "agreements", "summary")
PROBE = """
import numpy as np
from threadpoolctl import threadpool_info
np.ones((50, 50)) @ np.ones((50, 50))
print(next(i.get("architecture", "") for i in threadpool_info() if i["user_api"] == "blas"))
"""
RUN = """
import pickle, sys
from experiments.compose import compose
from experiments.run import scenario_of
from sim.engine import simulate
composed = compose([f"scenario={sys.argv[1]}", f"quarters={sys.argv[2]}"])
tables = simulate(scenario_of(composed), 1).tables()
sys.stdout.buffer.write(pickle.dumps({k: t.to_pydict() for k, t in tables.items()}))
"""

Tables = dict[str, dict[str, list[Any]]]


def _python(kernel: str, script: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    environment = os.environ | {"OPENBLAS_CORETYPE": kernel, "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT,
        env=environment,
        check=False,
        capture_output=True,
        timeout=300,
    )


@pytest.fixture(scope="module")
def kernels() -> tuple[str, str]:
    """Two names under which this machine's BLAS really computes in two ways."""
    found: dict[str, str] = {}
    for name in KERNELS:
        told = _python(name, PROBE)
        if told.returncode == 0 and told.stdout.strip():
            found.setdefault(told.stdout.decode().strip(), name)
        if len(found) == 2:
            first, second = found.values()
            return first, second
    pytest.skip(f"only one BLAS kernel runs here: {', '.join(found) or 'none of OpenBLAS'}")


def _differences(first: Tables, second: Tables, *, tolerance: float) -> Iterator[str]:
    for name in DECIDED:
        for column, values in first[name].items():
            others = second[name][column]
            if len(values) != len(others):
                yield f"{name}: {len(values)} and {len(others)} rows"
                break
            for row, (one, other) in enumerate(zip(values, others, strict=True)):
                if not _same(one, other, tolerance):
                    yield f"{name} row {row} {column}: {one} and {other}"


def _same(one: Any, other: Any, tolerance: float) -> bool:
    if not isinstance(one, float) or not isinstance(other, float):
        return bool(one == other)
    is_near = math.isclose(one, other, rel_tol=tolerance, abs_tol=tolerance)
    return is_near or (math.isnan(one) and math.isnan(other))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_two_kernels_give_the_same_run(scenario: str, kernels: tuple[str, str]) -> None:
    runs = [_python(kernel, RUN, scenario, str(SCENARIOS[scenario])) for kernel in kernels]
    assert [run.returncode for run in runs] == [0, 0], runs[-1].stderr.decode()[-2000:]
    first, second = (pickle.loads(run.stdout) for run in runs)
    assert len(first["rounds"]["step"]) > 50
    assert not list(_differences(first, second, tolerance=1e-8))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_solver_that_stops_elsewhere_changes_no_decision(
    scenario: str, composed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wages 2e-13 away, as another start or another stopping rule would leave them."""
    mapping = composed(scenario, quarters=SCENARIOS[scenario])
    usual = simulate(scenario_from(mapping), 1).tables()
    draws, exact, moved = np.random.default_rng(1), solutions.clear_markets, []

    def clear_markets(*given: Any) -> Any:
        wages = exact(*given)
        wages.log_wages[:] += 2e-13 * draws.standard_normal(wages.log_wages.shape)
        moved.append(len(wages.log_wages))
        return wages

    monkeypatch.setattr(solutions, "clear_markets", clear_markets)
    other = simulate(scenario_from(mapping), 1).tables()
    assert sum(moved) > 100
    first, second = ({k: t.to_pydict() for k, t in run.items()} for run in (usual, other))
    assert first["states"]["welfare"] != second["states"]["welfare"]
    assert not list(_differences(first, second, tolerance=1e-5))
