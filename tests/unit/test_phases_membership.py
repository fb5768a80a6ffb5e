"""Who leaves takes leave of the organisation's agreements too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sim.agreements import Agreement, Status
from sim.load import scenario_from, setting_for
from sim.log import Log
from sim.model import initial_state
from sim.phases.economy import ECONOMY
from sim.phases.membership import MEMBERSHIP
from sim.setting import Setting
from sim.state import State

THREE = ("BRA", "JPN", "KEN")


def leave(setting: Setting, state: State, organisation: str, *states: str, at: int = 4) -> Log:
    log = Log(setting)
    with state.opened(["leaves_at"]):
        for code in states:
            state.leaves_at[setting.axes.organisation(organisation), setting.axes.state(code)] = at
    state.step = at
    MEMBERSHIP(setting, state, log)
    return log


@pytest.fixture
def bound(setting: Setting, start: State, agreement_of: Callable[..., Agreement]) -> State:
    """Three states of FITP with an agreement in force, and one of another house."""
    mask = setting.axes.mask(THREE)
    in_force = {
        "ratified": mask,
        "bound_at": np.where(mask, 0, -1),
        "status": Status.IN_FORCE,
    }
    with start.opened(["agreements", "is_member"]):
        start.is_member[setting.axes.organisation("FITP")] |= mask
        start.agreements = (
            agreement_of("FITP", THREE, **in_force),
            agreement_of("SAARC", THREE, **in_force),
        )
    return start


def test_the_others_go_on(setting: Setting, bound: State) -> None:
    before = bound.agreements
    leave(setting, bound, "FITP", "BRA")
    here, elsewhere = bound.agreements
    assert setting.axes.names(here.is_bound) == ("JPN", "KEN")
    assert here.status is Status.IN_FORCE
    assert elsewhere is before[1]


def test_an_agreement_of_one_has_ended(setting: Setting, bound: State) -> None:
    leave(setting, bound, "FITP", "BRA", "JPN")
    here = bound.agreements[0]
    assert here.status is Status.WITHDRAWN
    assert here.ended == setting.calendar.first_day(4)
    assert not here.is_bound.any()


def test_the_network_of_agreements_follows(setting: Setting, bound: State) -> None:
    ECONOMY(setting, bound, Log(setting))
    i, j = setting.axes.state("BRA"), setting.axes.state("KEN")
    assert bound.has_agreement[i, j]
    with bound.opened(["agreements"]):
        bound.agreements = bound.agreements[:1]
    leave(setting, bound, "FITP", "BRA")
    ECONOMY(setting, bound, Log(setting))
    assert not bound.has_agreement[i, j]
    assert bound.has_agreement[setting.axes.state("JPN"), j]
    assert not bound.has_agreement.diagonal().any()


def test_an_exit_before_its_quarter_does_nothing(setting: Setting, start: State) -> None:
    axes = setting.axes
    with start.opened(["leaves_at"]):
        start.leaves_at[axes.organisation("WHO"), axes.state("USA")] = 9
    start.step = 8
    log = Log(setting)
    MEMBERSHIP(setting, start, log)
    assert log.events == []
    assert start.is_member[axes.organisation("WHO"), axes.state("USA")]


def test_leaving_the_union_is_leaving_its_customs_territory(setting: Setting, start: State) -> None:
    axes = setting.axes
    hun, deu, jpn = (axes.state(c) for c in ("HUN", "DEU", "JPN"))
    assert start.has_treaty[hun, deu]
    assert start.has_treaty[hun, jpn]
    leave(setting, start, "EU", "HUN")
    assert not start.has_treaty[hun, deu]
    assert not start.has_treaty[hun, jpn]  # by the union's agreement with Japan
    assert start.has_treaty[deu, jpn]


def test_a_join_on_the_first_day_phases_in(composed: Callable[..., dict[str, Any]]) -> None:
    joins = {"kind": "join", "date": "2024-01-01", "states": ["NOR"], "organisation": "CPTPP"}
    setting = setting_for(scenario_from(composed("baseline", shocks={"a": joins})), 1)
    state, axes = initial_state(setting), setting.axes
    with state.opened(["is_member"]):
        state.is_member[axes.organisation("CPTPP"), axes.state("NOR")] = True
    state.step = 0
    MEMBERSHIP(setting, state, Log(setting))
    nor, mys, vnm = (axes.state(c) for c in ("NOR", "MYS", "VNM"))
    assert state.has_treaty[nor, mys]
    assert state.treaty_since[nor, mys] == 0
    assert state.treaty_since[mys, vnm] == -1


def test_an_ended_agreement_is_told(setting: Setting, bound: State) -> None:
    log = leave(setting, bound, "FITP", "BRA", "JPN")
    told = [e for e in log.events if e.kind == "agreement_ended"]
    assert [(e.agreement, e.organisation) for e in told] == [("FITP/x/0", "FITP")]


def test_treaties_that_name_their_parties_end_with_membership(
    setting: Setting, start: State
) -> None:
    """ASEAN's treaties name their parties; who leaves ASEAN is out of them, and nobody else."""
    axes = setting.axes
    usa, can, mex = (axes.state(code) for code in ("USA", "CAN", "MEX"))
    che, nor = axes.state("CHE"), axes.state("NOR")
    leave(setting, start, "ASEAN", "BRN")
    kept = setting.world.agreement_mask(setting.scenario.start)
    assert start.has_treaty[usa, can] & start.has_treaty[can, mex] & start.has_treaty[che, nor]
    lost = kept & ~start.has_treaty
    assert lost.any()
    assert lost.any(axis=1).sum() == 1 + lost[axes.state("BRN")].sum()  # only pairs of Brunei


def test_leaving_the_union_means_leaving_its_treaties(setting: Setting, start: State) -> None:
    axes = setting.axes
    fra, deu, jpn = (axes.state(code) for code in ("FRA", "DEU", "JPN"))
    assert start.has_treaty[fra, deu] & start.has_treaty[fra, jpn]
    leave(setting, start, "EU", "FRA")
    assert not start.has_treaty[fra, deu]
    assert not start.has_treaty[fra, jpn]
    assert start.has_treaty[deu, jpn]
