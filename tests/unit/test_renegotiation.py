"""Demands for another text: talks in place of an exit, one text at a time, and what it is worth."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.agreements import Agreement, Status, replaced
from sim.behaviour.taste import taste_of
from sim.checkpoint import Checkpoint
from sim.clauses import Revision, RevisionForum
from sim.dataset import parquet_bytes
from sim.economy import committed_terms, outlook
from sim.engine import checkpoint_at, open_model, simulate
from sim.forum import forum_in, forum_of
from sim.issues import areas
from sim.mechanisms.renegotiation.phase import Demand, _name
from sim.model import initial_state

TRIO = ("CHE", "NZL", "URY")
TALKS = (
    "+shocks.three={kind: open_item, date: 2024-01-01, item: closer_ties, forum: {code: THREE, "
    "parties: [CHE, NZL, URY], decision: {rule: unanimity}, agenda: {rule: widest}, "
    "entry_into_force: {ratifications: 2, delay_days: 0}, meetings_per_year: 12, "
    "reference: 'none: a test'}, specification: {deadline_quarters: 8, levels: [0, 1, 5], "
    "tariff_cuts: [0, 25, 50, 75, 100]}}",
    "switches.ratification_delay=false",
    "switches.leaders=false",
    "parameters.departure_cost=0.3",
    "quarters=17",
)
FIRST = "THREE/closer_ties/0"
SECOND = "THREE_CLOSER_TIES_0_REVISION_1/closer_ties/0"
DEMANDS = ("renegotiation_demanded", "renegotiation_failed", "revised", "left_agreement")


def led_by(orientation: float) -> str:
    """A leader of New Zealand who keeps office, so many standard deviations towards nationalism."""
    return (
        "+shocks.new={kind: leader_change, date: 2026-01-15, until: 2030-01-01, state: NZL, "
        f"orientation: {orientation}}}"
    )


@pytest.fixture(scope="module")
def model(scenario_of, only):
    def opened(orientation, *changes):
        changed = (*only("FITP"), *TALKS, led_by(orientation), *changes)
        return open_model(scenario_of("renegotiation", *changed), 3)

    return opened


def story(tables) -> list[tuple[str, str]]:
    """What came of the first agreement."""
    rows = tables["events"].to_pylist()
    ours = [e for e in rows if e["kind"] in DEMANDS and e["agreement"] == FIRST]
    return [(e["kind"], e["actor"]) for e in ours]


def test_who_can_be_content_with_another_text_stays(model):
    """A threshold case: the loss is little above what leaving costs."""
    one = model(3.72)
    seen = []
    for _ in range(17):
        one.step()
        seen.append({a.code: a for a in one.state.agreements})
    parties = ";".join(TRIO)
    assert story(one.log.tables()) == [("renegotiation_demanded", "NZL"), ("revised", parties)]
    assert seen[-1][FIRST].status is Status.REVISED
    assert seen[-1][SECOND].status is Status.IN_FORCE
    assert seen[-1][SECOND].proposal != seen[-1][FIRST].proposal
    assert (seen[-1][SECOND].organisation, seen[-1][SECOND].item) == ("THREE", "closer_ties")
    bound = [
        [c for c in (FIRST, SECOND) if c in known and known[c].current(step, 0.0).inside.any()]
        for step, known in enumerate(seen)
    ]
    start = bound.index([FIRST])
    assert all(len(codes) == 1 for codes in bound[start:])  # never both, never neither
    assert [SECOND] in bound
    assert seen[-1][FIRST].ended == seen[-1][SECOND].in_force


def test_who_cannot_leaves_when_the_talks_have_failed(model):
    one = model(4.2)
    for _ in range(17):
        one.step()
    told = story(one.log.tables())
    parties = ";".join(TRIO)
    assert told == [
        ("renegotiation_demanded", "NZL"),
        ("renegotiation_failed", parties),
        ("left_agreement", "NZL"),
    ]
    rows = {e["kind"]: e for e in one.log.tables()["events"].to_pylist() if e["kind"] in DEMANDS}
    assert rows["renegotiation_failed"]["value"] == pytest.approx(2.0)
    assert rows["left_agreement"]["date"] >= rows["renegotiation_failed"]["date"]
    left = next(a for a in one.state.agreements if a.code == FIRST)
    assert left.status is Status.IN_FORCE
    assert left.signatories.sum() == 2
    assert not left.is_held.any()


def test_without_the_switch_it_leaves_at_once(model):
    one = model(4.2, "switches.renegotiation=false")
    for _ in range(17):
        one.step()
    assert story(one.log.tables()) == [("left_agreement", "NZL")]


def test_a_run_goes_on_from_the_middle_of_the_talks(scenario_of, only, tmp_path):
    scenario = scenario_of("renegotiation", *only("FITP"), *TALKS, led_by(3.72))
    whole = simulate(scenario, 3).tables()
    checkpoint_at(scenario, 3, date(2026, 10, 1)).save(tmp_path / "half")
    again = simulate(scenario, 3, start_from=Checkpoint.load(tmp_path / "half")).tables()
    for name in whole:
        assert parquet_bytes(whole[name]) == parquet_bytes(again[name]), name


@pytest.mark.parametrize(
    ("organisation", "item", "name"),
    [
        ("FITP", "x", "FITP_X_0_REVISION_1"),
        ("FITP", "free-trade", "FITP_FREE_TRADE_0_REVISION_1"),
        ("7_SISTERS", "x", "O7_SISTERS_X_0_REVISION_1"),
    ],
)
def test_talks_have_a_name_of_their_own_that_forums_may_have(
    setting, agreement_of, organisation, item, name
):
    pattern = RevisionForum.model_fields["code"].metadata[0].pattern
    code = f"{organisation}/{item}/0"
    one = replace(agreement_of(organisation, TRIO), code=code, item=item)
    assert _name(one, []) == name
    assert re.fullmatch(pattern, name)
    earlier = Demand(code, "", name, (0,), (0.0,), 0)
    assert _name(one, [earlier]) == name[:-1] + "2"
    assert _name(replace(one, code=f"{organisation}/{item}/1"), [earlier]).endswith("_1_REVISION_1")


# ------------------------------------------------------------------ one text at a time


def _in_force(setting, agreement_of, states=TRIO, **given) -> Agreement:
    inside = setting.axes.mask(states)
    return agreement_of("FITP", states, status=Status.IN_FORCE, ratified=inside,
                        **{"bound_at": np.where(inside, 2, -1), **given})  # fmt: skip


def _successor(old: Agreement, status: Status = Status.SIGNED, **given) -> Agreement:
    blank = replace(old, code="FITP_REVISION_1/x/0", organisation="FITP_REVISION_1", **given)
    return replace(blank.in_place_of(old), status=status)


def _terms(setting, *agreements):
    state = initial_state(setting)
    with state.opened(["agreements"]):
        state.agreements = agreements
    return committed_terms(setting, state)


def test_the_same_text_in_place_of_another_changes_nothing(setting, agreement_of):
    old = _in_force(setting, agreement_of)
    alone, both = _terms(setting, old), _terms(setting, old, _successor(old))
    for name in ("base", "keep", "depth", "income"):
        assert np.array_equal(getattr(alone, name), getattr(both, name)), name


def test_what_is_signed_counts_in_place_of_what_it_revises(setting, agreement_of):
    old = _in_force(setting, agreement_of)
    deeper = areas()["trade"].propose({"depth": 0.1, "tariff_cut": 0.4})
    effects = areas()["trade"].effects(setting, None, "preferential", deeper, 1.0)
    new = _successor(old, proposal=deeper, effects=effects)
    both, alone = _terms(setting, old, new), _terms(setting, new)
    assert np.array_equal(both.depth, alone.depth)
    assert np.array_equal(both.keep, alone.keep)
    assert both.depth.max() < _terms(setting, old, replace(new, revises="")).depth.max()


@pytest.mark.parametrize("status", [Status.LAPSED, Status.WITHDRAWN])
def test_a_text_of_which_nothing_comes_takes_no_place(setting, agreement_of, status):
    old = _in_force(setting, agreement_of)
    new = _successor(old, status)
    assert replaced((old, new)) == frozenset()
    assert np.array_equal(_terms(setting, old, new).depth, _terms(setting, old).depth)


@given(bound=st.integers(0, 20), later=st.integers(0, 20), length=st.sampled_from([0.0, 4.0, 40.0]))
def test_phasing_in_goes_on_where_the_other_text_had_come_to(
    setting, agreement_of, bound, later, length
):
    inside = setting.axes.mask(TRIO)
    old = _in_force(setting, agreement_of, bound_at=np.where(inside, bound, -1))
    start = np.where(inside, bound + later, -1)
    new = replace(_successor(old, Status.IN_FORCE), bound_at=start)
    twice = replace(_successor(new, Status.IN_FORCE), bound_at=start + inside)
    for step in range(bound + later + 1, bound + later + 45, 4):
        was = old.current(step, length)
        for one in (new, twice):
            now = one.current(step, length)
            assert np.array_equal(now.inside, was.inside)
            assert (now.done is None) is (was.done is None)
            if was.done is not None:
                assert np.array_equal(now.done[inside], was.done[inside])


# ------------------------------------------------------------------ what a text is worth


def _talks(setting, state, old, without):
    """The menu of talks on the revision of an agreement, and who sits there."""
    item = next(one.specification for one in state.docket if one.organisation == "FITP")
    names = setting.axes.names(old.signatories)
    rules = RevisionForum(
        code="FITP_REVISION_1", parties=names, decision={"rule": "unanimity"},
        agenda={"rule": "widest"}, meetings_per_year=8, reference="none: a test",
        revision=Revision(agreement=old.code, organisation="FITP", item="x", without=without),
    )  # fmt: skip
    forum = forum_in(setting, rules, "trade")
    return forum, areas()["trade"].menu(setting, state, forum, item, old.signatories, name="x")


@pytest.mark.parametrize("states", [TRIO[:2], TRIO])
def test_gains_are_over_what_is_left_if_nothing_comes_of_the_talks(setting, agreement_of, states):
    old = _in_force(setting, agreement_of, states)
    state = initial_state(setting)
    with state.opened(["agreements"]):
        state.agreements = (old,)
    _, menu = _talks(setting, state, old, ("NZL",))
    without = outlook(setting, committed_terms(setting, state, without=old.code))
    rest = old.signatories & ~setting.axes.mask(["NZL"])
    left = without.gains([old.among(rest)])[0] if len(states) > 2 else 0.0
    texts = [old.among(old.signatories)]
    texts[0] = replace(texts[0], effects=menu.effects[0])
    expected = without.gains(texts)[0] - left
    rows = old.signatories
    assert menu.value.gain[0][rows] == pytest.approx(expected[rows], abs=2e-4)
    assert (menu.value.parts["exit"][setting.axes.mask(["NZL"])] == setting["departure_cost"]).all()
    assert not menu.value.parts["exit"][~setting.axes.mask(["NZL"])].any()


def test_another_text_is_weighed_by_the_taste_for_the_first(setting, agreement_of):
    old = _in_force(setting, agreement_of)
    state = initial_state(setting)
    with state.opened(["agreements"]):
        state.agreements = (old,)
    forum, _ = _talks(setting, state, old, ("NZL",))
    usual = taste_of(setting, forum_of(setting, state, "FITP", "trade"), "x")
    assert np.array_equal(taste_of(setting, forum, "x").lasting, usual.lasting)
