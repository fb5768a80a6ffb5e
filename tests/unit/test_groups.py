"""Groups that negotiate as one: customs unions that have to, and bodies whose members may."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.log import Log
from sim.mechanisms.forum_choice.areas import pairs_of
from sim.mechanisms.forum_choice.expected import look_again
from sim.mechanisms.forum_choice.options import OfPairs, Scene, alone, options
from sim.mechanisms.forum_choice.records import Place, Terms
from sim.model import initial_state
from sim.phases.economy import ECONOMY
from sim.phases.membership import MEMBERSHIP
from tests.conftest import Only, SettingOf

GROUPS = ("CACM", "CARICOM", "EFTA", "SACU")


def _scene(setting_of: SettingOf, *overrides: str) -> OfPairs:
    setting = setting_of("forum_choice", 1, *overrides)
    state, log = initial_state(setting), Log(setting)
    state.step = 0
    for phase in (MEMBERSHIP, ECONOMY):
        phase(setting, state, log)
    pairs, terms = pairs_of(setting, state), Terms.of(setting)
    lead = np.argmax(pairs.units.states, axis=1)
    wanting = ~state.has_agreement[np.ix_(lead, lead)] & ~np.eye(len(lead), dtype=bool)
    records = look_again(setting, state, (), terms)
    return OfPairs(setting, state, terms, records, "trade", pairs, wanting)


@pytest.fixture(scope="module")
def scene(setting_of: SettingOf, only: Only) -> OfPairs:
    return _scene(setting_of, *only(*GROUPS))


def _outsiders(scene: OfPairs, member: str, code: str) -> set[str]:
    """With whom a member may negotiate as one of a group."""
    row = scene.pairs.codes.index(member)
    place = Place("party", code)
    return {
        other
        for n, other in enumerate(scene.pairs.codes)
        if scene.wanting[row, n] and place in {one.place for one in options(scene, (row, n))}
    }


def test_members_of_a_union_are_one_side_and_those_of_other_groups_are_not(scene) -> None:
    codes = set(scene.pairs.codes)
    assert "SACU" in codes
    assert not codes & {"BWA", "LSO", "NAM", "SWZ", "ZAF"}
    assert codes > {"CHE", "ISL", "LIE", "NOR", "TTO", "CRI"}
    assert Place("party", "SACU") not in scene.records


@pytest.mark.parametrize("code", ["CACM", "CARICOM", "EFTA"])
def test_a_group_and_an_outsider_are_thought_to_agree_as_often_as_two(scene, code) -> None:
    """In DESTA as many of such talks are signed, whatever the number of members."""
    two, group = scene.records[Place("bilateral")], scene.records[Place("party", code)]
    assert group.prior == two.prior
    assert (group.delay >= two.delay).all()


def test_an_agreement_of_the_first_day_binds_every_member_of_a_group(scene) -> None:
    known = scene.state.has_agreement
    at = {code: scene.setting.axes.state(code) for code in ("CHE", "NOR", "ZAF", "BWA", "CAN")}
    for member in ("CHE", "NOR"):
        assert known[at[member], at["CAN"]]
        assert known[at[member], at["ZAF"]]
        assert known[at[member], at["BWA"]]


def test_the_smallest_member_does_not_stop_what_costs_it_next_to_nothing(
    setting_of: SettingOf, only: Only
) -> None:
    """By EFTA's scale Liechtenstein pays a hundredth; were it to pay all, it would object."""
    by_scale = _outsiders(_scene(setting_of, *only("EFTA")), "CHE", "EFTA")
    bill = ("CHE=0", "NOR=0", "ISL=0", "LIE=1")
    paid = [f"organisation.EFTA.budget.shares.{share}" for share in bill]
    by_one = _outsiders(_scene(setting_of, *only("EFTA"), *paid), "CHE", "EFTA")
    assert by_one < by_scale


def test_what_a_body_offers_is_valued_whatever_its_terms_are(
    setting_of: SettingOf, only: Only
) -> None:
    """The Convention on climate offers sums of money, others cuts."""
    of = _scene(setting_of, *only("UNFCCC"))
    records = look_again(of.setting, of.state, (), of.terms, ("climate",))
    even = {  # the chance that 190 states agree would be nothing
        place: replace(one, chance=np.full_like(one.chance, 0.5), delay=np.ones_like(one.delay))
        for place, one in records.items()
    }
    scene = Scene(of.setting, of.state, of.terms, even, "climate")
    with of.state.opened(["docket"]):
        of.state.docket = ()
    found = alone(scene, of.setting.axes.state("IND"))
    assert [one.place.body for one in found] == ["UNFCCC"]
    assert found[0].gain > 0
