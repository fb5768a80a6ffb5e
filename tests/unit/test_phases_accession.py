"""The door stays open, where the charter says so."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sim.agreements import Agreement, Commitment, Proposal, Status
from sim.economy import committed_outlook
from sim.issues import areas
from sim.log import Log
from sim.phases.accession import ACCESSION
from sim.setting import Setting
from sim.state import State


def cut(depth: float, tariff_cut: float, **given: object) -> Proposal:
    """A proposal in trade."""
    return areas()["trade"].propose({"depth": depth, "tariff_cut": tariff_cut}, **given)


FOUNDERS = ("CHL", "NZL", "SGP", "AUS", "JPN", "CAN")
OUTSIDE = ("BRN", "MEX", "MYS", "PER", "VNM")
SettingOf = Callable[..., Setting]


@pytest.fixture
def signed(start: State, agreement_of: Callable[..., Agreement]) -> State:
    with start.opened(["agreements"]):
        start.agreements = (agreement_of("CPTPP", FOUNDERS, proposal=cut(0.1, 1.0)),)
    return start


def visit(setting: Setting, state: State, step: int) -> Log:
    log = Log(setting)
    state.step = step
    ACCESSION(setting, state, log)
    return log


def test_outsiders_look_once_a_year_and_some_join(setting: Setting, signed: State) -> None:
    axes, before = setting.axes, signed.agreements
    for step in (0, 1, 2, 3):
        assert visit(setting, signed, step).events == []
        assert signed.agreements is before  # what is remembered under them stays known
    log = visit(setting, signed, 4)
    now = signed.agreements[0]
    joined = axes.names(now.acceded)
    assert joined  # a deep agreement among large neighbours finds takers
    assert set(joined) <= set(OUTSIDE)
    assert [e.actor for e in log.events] == list(joined)
    assert np.array_equal(now.signatories, axes.mask(FOUNDERS) | now.acceded)
    assert not now.ratified.any()
    value = areas()["trade"].joining(setting, signed, now, axes.mask(OUTSIDE) & ~now.acceded)
    assert np.isfinite(value.gain).all()


def test_what_joining_is_worth_is_the_difference_it_makes(setting: Setting, signed: State) -> None:
    """Joining alone, against staying out while the others go ahead."""
    agreement = signed.agreements[0]
    mexico = setting.axes.mask(["MEX"])
    value = areas()["trade"].joining(setting, signed, agreement, mexico)
    base = committed_outlook(setting, signed, without=agreement.code)
    both = (agreement.signatories, agreement.signatories | mexico)
    out, inside = base.gains([Commitment(agreement.effects, one) for one in both])
    assert value.gain[mexico] == pytest.approx((inside - out)[mexico])
    assert not value.gain[~mexico].any()
    lower = np.minimum(setting.world.polyarchy[mexico], setting.world.polyarchy)
    bound = setting.world.has_agreement[np.flatnonzero(mexico)[0]]
    new = agreement.signatories & ~bound
    among = new if new.any() else agreement.signatories
    assert value.parts["democracy"][mexico] == pytest.approx(1.6 * lower[among].mean())
    crossed, _ = areas()["trade"].red_lines(setting, 0, [agreement.proposal])
    assert (value.red_lines <= crossed[0] + 1e-12).all()  # less of what is covered already
    assert value.red_lines[mexico] < crossed[0][mexico]


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
    ended = agreement_of("CPTPP", FOUNDERS, proposal=cut(0.1, 1.0), status=status)
    with signed.opened(["agreements"]):
        signed.agreements = (ended,)
    assert visit(setting, signed, 4).events == []


def test_only_members_of_the_organisation(setting: Setting, signed: State) -> None:
    with signed.opened(["is_member"]):
        row = setting.axes.organisation("CPTPP")
        signed.is_member[row] = setting.axes.mask(FOUNDERS)
    assert visit(setting, signed, 4).events == []
