"""States bring what they want where chance, gain and pace together are best."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from sim.behaviour.expectation import chance_by_rule
from sim.checkpoint import Checkpoint
from sim.dataset import parquet_bytes
from sim.engine import checkpoint_at, simulate
from sim.forum import body
from sim.kernels.forum_choice import believed_chance, need_chance, present_value, talks_years
from sim.log import Log
from sim.mechanisms.forum_choice.expected import look_again
from sim.mechanisms.forum_choice.options import Scene, options, pairs_of
from sim.mechanisms.forum_choice.phase import FORUM_CHOICE
from sim.mechanisms.forum_choice.records import Place, Terms
from sim.model import initial_state
from sim.phases.economy import ECONOMY
from sim.phases.membership import MEMBERSHIP
from sim.setting import Setting
from sim.state import State
from tests.conftest import Only, RunOf, ScenarioOf, SettingOf

SHARE = st.floats(0.01, 0.99)
COUNT = st.integers(0, 50)
BODIES = ("ANDEAN", "ASEAN", "PACIFIC_ALLIANCE")
BILATERAL = Place("bilateral")

# ------------------------------------------------------------------ kernel


@given(SHARE, st.floats(0.5, 20), COUNT, COUNT)
def test_belief_is_the_mean_of_the_beta_posterior(prior, strength, settled, failed) -> None:
    posterior = beta(prior * strength + settled, (1 - prior) * strength + failed)
    assert believed_chance(prior, strength, settled, failed) == pytest.approx(posterior.mean())


@given(SHARE, st.floats(0.1, 100), st.floats(0, 20), st.floats(0, 5), st.floats(0.01, 5))
def test_worth_rises_with_chance_and_gain_and_falls_with_delay_and_cost(
    chance, gain, delay, cost, more
) -> None:
    worth = present_value(chance, gain, delay, 0.1, cost)
    assert present_value(chance + 0.01, gain, delay, 0.1, cost) > worth
    assert present_value(chance, gain + more, delay, 0.1, cost) > worth
    assert present_value(chance, gain, delay + more, 0.1, cost) < worth
    assert present_value(chance, gain, delay, 0.1, cost + more) < worth


@given(SHARE, st.floats(0.001, 1))
def test_needs_come_as_often_as_their_rate(mutual, rate) -> None:
    a_year = 1 - (1 - need_chance(np.array(mutual), rate, 0.25)) ** 4
    assert a_year == pytest.approx(1 - np.exp(-rate * mutual))


def test_each_doubling_of_parties_takes_as_much_longer() -> None:
    steps = np.diff([talks_years(n, 2.0, 2.2) for n in (2, 4, 8, 16)])
    assert steps == pytest.approx([2.2] * 3)


# ------------------------------------------------------------------ what rules let expect


@pytest.fixture(scope="module")
def ready(setting_of: SettingOf, only: Only) -> tuple[Setting, State]:
    """A first quarter in which needs may arise, treaties and trade in place."""
    setting = setting_of("forum_choice", 1, *only(*BODIES, "WTO"))
    state, log = initial_state(setting), Log(setting)
    state.step = 0
    for phase in (MEMBERSHIP, ECONOMY):
        phase(setting, state, log)
    return setting, state


def test_expected_of_unanimity_is_what_independent_consent_gives(setting, start) -> None:
    forum = body(setting, "USMCA", "trade")
    chance, parties = chance_by_rule(setting, start, forum, 0.9)
    assert parties == 3
    assert chance == pytest.approx(0.9**3, abs=0.06)


def test_a_majority_is_expected_to_deliver_more_than_consensus(setting, start) -> None:
    few, _ = chance_by_rule(setting, start, body(setting, "ANDEAN", "trade"), 0.7)
    all_four, parties = chance_by_rule(
        setting, start, body(setting, "PACIFIC_ALLIANCE", "trade"), 0.7
    )
    assert parties == 4
    assert few > all_four


# ------------------------------------------------------------------ the choice


def _scene(ready: tuple[Setting, State]) -> Scene:
    setting, state = ready
    pairs = pairs_of(setting, state)
    lead = np.argmax(pairs.units.states, axis=1)
    wanting = ~state.has_agreement[np.ix_(lead, lead)] & ~np.eye(len(lead), dtype=bool)
    return Scene(
        setting,
        state,
        Terms.of(setting),
        pairs,
        look_again(setting, state, (), Terms.of(setting)),
        wanting,
    )


def _pair(scene: Scene, place: Place) -> tuple[int, int]:
    """The first pair for which a place is open and best."""
    for i, j in np.argwhere(scene.wanting).tolist():
        found = options(scene, (i, j))
        if len(found) > 1 and found[0].place == place:
            return i, j
    raise AssertionError(f"{place} is best for nobody")


def test_a_body_that_does_not_meet_loses_its_items_to_others(ready) -> None:
    scene, place = _scene(ready), Place("party", "ASEAN")
    pair = _pair(scene, place)
    setting, state = ready
    row = setting.axes.organisation("ASEAN")
    before = state.capacity.copy()
    with state.opened(["capacity"]):
        state.capacity[row] = 0.0
    starved = replace(scene, records=look_again(setting, state, (), Terms.of(setting)))
    left = options(starved, pair)
    with state.opened(["capacity"]):
        state.capacity[:] = before
    assert place not in {one.place for one in left}
    assert left[0].value > 0


def test_a_place_that_fails_is_given_up(ready) -> None:
    scene, place = _scene(ready), Place("party", "ASEAN")
    pair = _pair(scene, place)
    record = scene.records[place]
    failed = believed_chance(record.prior, 2.0, 0, 50)
    after = replace(scene, records={**scene.records, place: replace(record, chance=failed)})
    assert options(after, pair)[0].place != place


def test_among_places_that_are_alike_the_larger_gain_decides(ready) -> None:
    scene = _scene(ready)
    pair = _pair(scene, BILATERAL)
    same = scene.records[BILATERAL]
    alike = {p: replace(r, chance=same.chance, delay=same.delay) for p, r in scene.records.items()}
    found = options(replace(scene, records=alike), pair)
    costs = {"bilateral": 3.0, "party": 1.0, "body": 0.3}
    factor = same.chance * np.exp(-0.1 * same.delay) * 100 * scene.pairs.income[pair[0]]
    for one in found:
        if one.place.body != "WTO":
            assert one.value == pytest.approx(factor * one.gain - costs[one.place.form])
    assert [one.value for one in found] == sorted((one.value for one in found), reverse=True)


def test_a_body_opens_talks_only_with_those_whom_its_members_want(ready) -> None:
    scene = _scene(ready)
    inside = scene.pairs.codes.index("IDN")
    offered = {
        code: Place("party", "ASEAN") in {one.place for one in options(scene, (inside, row))}
        for row, code in enumerate(scene.pairs.codes)
        if scene.wanting[inside, row]
    }
    assert offered["USA"]
    assert not offered["COM"]


def test_a_nationalist_leader_wants_fewer_agreements(ready) -> None:
    setting, state = ready
    before = pairs_of(setting, state)
    with state.opened(["orientation"]):
        state.orientation[setting.axes.state("USA")] = 2.0
    after = pairs_of(setting, state)
    with state.opened(["orientation"]):
        state.orientation[:] = 0.0
    row = after.codes.index("USA")
    asked = before.own[row] > 0
    assert (after.own[row][asked] < before.own[row][asked]).all()
    others = np.arange(len(after.own)) != row
    assert (after.own[others] == before.own[others]).all()


# ------------------------------------------------------------------ in a run

LIVELY = ("parameters.need_rate=0.06", "quarters=10")


@pytest.fixture(scope="module")
def few(only: Only) -> tuple[str, ...]:
    return (*only("ANDEAN"), *LIVELY)


def test_items_are_brought_negotiated_and_counted(run_of: RunOf, few) -> None:
    tables = run_of("forum_choice", 1, *few)
    needs = tables["openings"].to_pandas()
    brought = needs[needs["form"] != "none"]
    events = tables["events"].to_pandas()
    assert len(brought) > 10
    assert (events["kind"] == "item_brought").sum() == len(brought)
    assert set(brought["organisation"]) <= set(
        events[events["kind"] == "item_opened"]["organisation"]
    )
    assert (brought["value"] > 0).all()
    assert (brought["value"] >= brought["next_value"]).all()
    forums = tables["forums"].to_pandas()
    last = forums[forums["step"] == forums["step"].max()]
    assert last["n_brought"].sum() == len(brought)
    assert last["share"].sum() == pytest.approx(1.0)
    made = tables["agreements"].to_pandas()
    talks = made[made["organisation"].str.startswith("TALKS")]
    known = last[last["form"] != "body"]["settled"].sum()
    assert 0 < known <= len(talks)


def test_without_the_switch_nothing_is_brought_and_nothing_else_changes(run_of, only) -> None:
    small = (*only("ANDEAN"), "quarters=3")
    off = run_of("baseline", 1, *small)
    other = run_of(
        "baseline", 1, *small, "parameters.need_rate=0.06", "parameters.forum_consent=0.95"
    )
    assert not off["openings"].num_rows
    assert not off["forums"].num_rows
    assert all(parquet_bytes(off[name]) == parquet_bytes(other[name]) for name in off)


def test_streams_of_others_are_left_alone(run_of, few) -> None:
    on = run_of("forum_choice", 1, *few)
    off = run_of("baseline", 1, *few)
    for table in ("third_parties",):
        assert on[table].equals(off[table])
    leaders = [
        [row for row in tables["events"].to_pylist() if "leader" in row["kind"]]
        for tables in (on, off)
    ]
    assert leaders[0] == leaders[1] != []
    votes = [
        [row for row in tables["votes"].to_pylist() if row["step"] == 0] for tables in (on, off)
    ]
    assert votes[0][: len(votes[1])] == votes[1] != []


def test_a_run_goes_on_from_a_checkpoint(scenario_of: ScenarioOf, few, tmp_path) -> None:
    scenario = scenario_of("forum_choice", *few)
    checkpoint_at(scenario, 1, date(2025, 4, 1)).save(tmp_path / "run.checkpoint")
    again = simulate(scenario, 1, start_from=Checkpoint.load(tmp_path / "run.checkpoint")).tables()
    whole = simulate(scenario, 1).tables()
    assert all(parquet_bytes(whole[name]) == parquet_bytes(again[name]) for name in whole)


def test_what_has_ended_leaves_the_docket(setting_of: SettingOf, only: Only) -> None:
    setting = setting_of("forum_choice", 1, *only("ANDEAN"), "parameters.need_rate=0.06")
    state, log = initial_state(setting), Log(setting)
    state.step = 0
    for phase in (MEMBERSHIP, ECONOMY, FORUM_CHOICE):
        phase(setting, state, log)
    talk = next(one for one in state.forum_choice.needs if one.place.form == "bilateral")
    with state.opened(["docket"]):
        state.docket = tuple(
            replace(one, opens_at=-1) if one.organisation == talk.forum else one
            for one in state.docket
        )
    state.step = 1
    FORUM_CHOICE(setting, state, log)
    assert talk.forum not in {one.organisation for one in state.docket}
    assert talk.forum not in {one.code for one in state.forums}
    record = next(one for one in state.forum_choice.records if one.place == BILATERAL)
    assert (record.settled, record.failed) == (0, 1)
