"""The door stays open, where the charter says so."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sim.events import Agreement, Proposal, Status
from sim.issues import areas
from sim.log import Log
from sim.phases.accession import ACCESSION
from sim.setting import Setting
from sim.state import State

FOUNDERS = ("CHL", "NZL", "SGP", "AUS", "JPN", "CAN")
OUTSIDE = ("BRN", "MEX", "MYS", "PER", "VNM")
SettingOf = Callable[..., Setting]


@pytest.fixture
def signed(start: State, agreement_of: Callable[..., Agreement]) -> State:
    with start.opened(["agreements"]):
        start.agreements = (agreement_of("CPTPP", FOUNDERS, proposal=Proposal(0.1, 1.0)),)
    return start


def visit(setting: Setting, state: State, step: int) -> Log:
    log = Log(setting)
    state.step = step
    ACCESSION(setting, state, log)
    return log


def test_outsiders_look_once_a_year_and_some_join(setting: Setting, signed: State) -> None:
    axes = setting.axes
    for step in (0, 1, 2, 3):
        assert visit(setting, signed, step).events == []
    log = visit(setting, signed, 4)
    now = signed.agreements[0]
    joined = axes.names(now.acceded)
    assert joined  # a deep agreement among large neighbours finds takers
    assert set(joined) <= set(OUTSIDE)
    assert [e.actor for e in log.events] == list(joined)
    assert np.array_equal(now.signatories, axes.mask(FOUNDERS) | now.acceded)
    assert not now.ratified.any()
    gain, _, _ = areas()["trade"].join_values(
        setting, signed, now, axes.mask(OUTSIDE) & ~now.acceded
    )
    assert np.isfinite(gain).all()


def test_what_joining_is_worth_is_the_difference_it_makes(setting: Setting, signed: State) -> None:
    """Joining alone, against staying out while the others go ahead."""
    from dataclasses import replace

    from sim.issues.trade_outlook import outlook
    from sim.issues.trade_terms import Level, committed_terms

    agreement = signed.agreements[0]
    mexico = setting.axes.mask(["MEX"])
    gain, partners, crossed = areas()["trade"].join_values(setting, signed, agreement, mexico)
    base = outlook(setting, committed_terms(setting, signed, without=agreement.code))
    level = Level("preferential", agreement.signatories, 1.0, 0.1)
    out, inside = base.gains([level, replace(level, inside=level.inside | mexico)])
    assert gain[mexico] == pytest.approx((inside - out)[mexico])
    assert not gain[~mexico].any()
    lower = np.minimum(setting.world.polyarchy[mexico], setting.world.polyarchy)
    pact = setting.world.has_defence_pact[np.flatnonzero(mexico)[0]]
    adds = 0.75 * lower + 1.97 * pact
    assert partners[mexico] == pytest.approx(adds[agreement.signatories].mean())
    assert np.array_equal(crossed, areas()["trade"].red_lines(setting, signed, agreement.proposal))


def test_who_loses_stays_out(setting: Setting, signed: State) -> None:
    with signed.opened(["orientation"]):
        signed.orientation[:] = 5.0
    for step in range(1, 17):
        assert visit(setting, signed, step).events == []


@pytest.mark.parametrize(
    "override",
    ["organisation.CPTPP.open_accession=false", "switches.open_accession=false"],
)
def test_a_closed_door(setting_of: SettingOf, signed: State, override: str) -> None:
    assert visit(setting_of("baseline", 1, override), signed, 4).events == []
    assert not signed.agreements[0].acceded.any()


@pytest.mark.parametrize("status", [Status.LAPSED, Status.WITHDRAWN, Status.SUSPENDED])
def test_nobody_joins_what_has_ended(
    setting: Setting, signed: State, agreement_of: Callable[..., Agreement], status: Status
) -> None:
    ended = agreement_of("CPTPP", FOUNDERS, proposal=Proposal(0.1, 1.0), status=status)
    with signed.opened(["agreements"]):
        signed.agreements = (ended,)
    assert visit(setting, signed, 4).events == []


def test_only_members_of_the_organisation(setting: Setting, signed: State) -> None:
    with signed.opened(["is_member"]):
        row = setting.axes.organisation("CPTPP")
        signed.is_member[row] = setting.axes.mask(FOUNDERS)
    assert visit(setting, signed, 4).events == []
