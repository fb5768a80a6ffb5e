"""Summary measures of a quarter, on states made for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sim.agreements import Agreement
from sim.log import Log
from sim.phases.record import RECORD
from sim.setting import Setting
from sim.state import State

AgreementOf = Callable[..., Agreement]
PAIRS = {
    "WTO": ("CHL", "NZL"),
    "ASEAN": ("SGP", "VNM"),
    "CPTPP": ("CHL", "NZL"),
    "MERCOSUR": ("ARG", "BRA"),
}


def summary(setting: Setting, state: State) -> dict[str, Any]:
    log = Log(setting)
    RECORD(setting, state, log)
    return {k: v[0] for k, v in log.tables()["summary"].to_pydict().items()}


@pytest.mark.parametrize(
    ("bodies", "expected"),
    [
        (("WTO",), 0.0),
        (("ASEAN",), 100.0),
        (("WTO", "ASEAN", "CPTPP", "MERCOSUR"), 75.0),
        (("WTO", "WTO", "WTO", "ASEAN"), 25.0),
        ((), np.nan),
    ],
)
def test_the_regional_share_is_that_of_bodies_below_the_global_level(
    setting: Setting,
    start: State,
    agreement_of: AgreementOf,
    bodies: tuple[str, ...],
    expected: float,
) -> None:
    with start.opened(["agreements"]):
        start.agreements = tuple(agreement_of(code, PAIRS[code]) for code in bodies)
    assert summary(setting, start)["regional_share"] == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("seed", range(3))
def test_gains_of_rounding_are_shared_equally(setting: Setting, start: State, seed: int) -> None:
    size = start.welfare.size
    with start.opened(["welfare"]):
        start.welfare[:] = 1.0 + 1e-13 * np.random.default_rng(seed).standard_normal(size)
    assert summary(setting, start)["gini_gains"] == 0.0
    with start.opened(["welfare"]):
        start.welfare[:] = 1.0
        start.welfare[setting.axes.state("CHL")] = 1.01
    assert summary(setting, start)["gini_gains"] > 0.95
