"""Breach and return: enforcement by body and day, rates, answers, agreements that rest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pytest

from sim.agreements import Status
from sim.checkpoint import Checkpoint
from sim.dataset import parquet_bytes
from sim.engine import checkpoint_at, simulate
from sim.kernels.compliance import Keeping, breach_chance, return_chance
from sim.log import Log
from sim.mechanisms.compliance import COMPLIANCE
from sim.mechanisms.compliance.phase import Breach, form_of
from sim.model import initial_state
from sim.setting import Setting
from sim.state import State

MODEL = Keeping(rate=0.03, deterrence=1.0, leader=0.3, reputation=0.5, gain=1.5)
NOBODY_ELSE = ("switches.compliance=true", "parameters.breach_rate=0.005")
NEVER_BACK = tuple(
    f"parameters.breach_returns_{form}={low}"
    for form, low in (("none", 0.05), ("naming", 0.1), ("suspension", 0.2))
)


def test_the_wto_has_lost_its_court(setting_of: Callable[..., Setting]) -> None:
    assert form_of(setting_of("baseline"), "WTO", 0) == "naming"
    assert form_of(setting_of("unasur_2016"), "WTO", 0) == "adjudication"
    assert form_of(setting_of("unasur_2016"), "WTO", 15) == "adjudication"  # to December 2019
    assert form_of(setting_of("unasur_2016"), "WTO", 16) == "naming"


def test_a_court_brings_back_as_many_as_the_record_says() -> None:
    """Rulings complied with within two years: 80 to 90 %; what is put in is the first year's."""
    within_two_years = 1.0 - (1.0 - return_chance(0.6)) ** 8
    assert 0.8 <= within_two_years <= 0.9


@pytest.mark.parametrize("trust", [0.0, 1.0])
def test_breach_rises_with_nationalism_and_falls_with_enforcement(trust: float) -> None:
    leaders = np.array([-1.0, 0.0, 2.0])
    weak, strong = (
        breach_chance(r, leaders, np.full(3, trust), np.ones(3), MODEL) for r in (0.2, 0.6)
    )
    assert (np.diff(weak) > 0).all()
    assert (strong < weak).all()


def _two(setting: Setting, agreement_of, organisation: str) -> State:
    """A world in which Chile has breached an agreement with New Zealand for two years."""
    state = initial_state(setting)
    state.step = 8
    pair = setting.axes.mask(("CHL", "NZL"))
    one = agreement_of(organisation, ("CHL", "NZL"), status=Status.IN_FORCE,
                       ratified=pair, bound_at=np.where(pair, 0, -1))  # fmt: skip
    with state.opened(["agreements", "compliance.breaches"]):
        state.agreements = (one,)
        state.compliance.breaches = (Breach(one.code, setting.axes.state("CHL"), 0),)
    return state


@pytest.mark.parametrize(
    ("body", "answer", "status"),
    [("CPTPP", 0.01, Status.SUSPENDED), ("SAARC", 0.0, Status.IN_FORCE)],
)
def test_a_breach_costs_access_and_its_answer_as_much(
    setting_of: Callable[..., Setting], agreement_of, body: str, answer: float, status: Status
) -> None:
    setting = setting_of("baseline", 1, *NOBODY_ELSE, *NEVER_BACK)
    chile, zealand = setting.axes.state("CHL"), setting.axes.state("NZL")
    state = _two(setting, agreement_of, body)
    COMPLIANCE(setting, state, Log(setting))
    assert state.compliance.breaches  # by the draw of this seed it goes on
    assert state.compliance.tariff[zealand, chile] == pytest.approx(0.01)
    assert state.compliance.tariff[chile, zealand] == pytest.approx(answer)
    assert state.agreements[0].status is status
    assert bool(state.agreements[0].is_bound.any()) is (status is Status.IN_FORCE)


def test_an_agreement_resumes_when_its_party_returns(
    setting_of: Callable[..., Setting], agreement_of
) -> None:
    setting = setting_of("baseline", 1, *NOBODY_ELSE, *NEVER_BACK)
    state, log = _two(setting, agreement_of, "CPTPP"), Log(setting)
    COMPLIANCE(setting, state, log)
    with state.opened(["compliance.breaches"]):
        state.compliance.breaches = ()
    state.step += 1
    COMPLIANCE(setting, state, log)
    assert state.agreements[0].status is Status.IN_FORCE
    kinds = [event["kind"] for event in log.tables()["events"].to_pylist()]
    assert kinds == ["agreement_suspended", "agreement_resumed"]


def test_a_run_goes_on_from_a_checkpoint(scenario_of, only, tmp_path) -> None:
    changes = ("quarters=14", "parameters.breach_rate=0.1", "parameters.breach_deterrence=0")
    scenario = scenario_of("imperfect_compliance", *changes, *only("ANDEAN"))
    whole = simulate(scenario, 3).tables()
    checkpoint_at(scenario, 3, date(2026, 4, 1)).save(tmp_path / "half")
    again = simulate(scenario, 3, start_from=Checkpoint.load(tmp_path / "half")).tables()
    assert "breach" in whole["events"]["kind"].to_pylist()
    for name in ("events", "states", "summary"):
        assert parquet_bytes(whole[name]) == parquet_bytes(again[name]), name


def test_off_nobody_breaches(run_of, only) -> None:
    tables = run_of("baseline", 1, "quarters=12", "parameters.breach_rate=0.1", *only("ANDEAN"))
    assert set(tables["summary"]["breaches"].to_pylist()) == {0}
    assert set(tables["states"]["trust"].to_pylist()) == {1.0}
