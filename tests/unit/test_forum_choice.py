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
from sim.kernels.forum_choice import chance_and_years, need_chance, present_value, talks_years
from sim.log import Log
from sim.mechanisms.forum_choice.areas import bodies_of, lacking, pairs_of, units_of
from sim.mechanisms.forum_choice.expected import look_again
from sim.mechanisms.forum_choice.options import OfPairs, Scene, alone, options
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
WAIT = st.floats(0.5, 20)
BODIES = ("ANDEAN", "ASEAN", "PACIFIC_ALLIANCE")
BILATERAL = Place("bilateral")

# ------------------------------------------------------------------ kernel


def _believed(before, settled=0.0, failed=0.0, years=0.0, ages=(), weight=None):
    ended = np.array([[settled], [failed], [years]], dtype=float)
    seen = np.ones((1, len(ages))) if weight is None else weight
    chance, took = chance_and_years(before, ended, np.array(ages, dtype=float), seen)
    return float(chance[0]), float(took[0])


@given(SHARE, st.floats(0.5, 20), COUNT, COUNT)
def test_belief_is_the_mean_of_the_beta_posterior(prior, strength, settled, failed) -> None:
    posterior = beta(prior * strength + settled, (1 - prior) * strength + failed)
    chance, _ = _believed((prior, 2.0, strength), settled, failed)
    assert chance == pytest.approx(posterior.mean())


@given(SHARE, st.floats(0.5, 20), COUNT, COUNT, st.integers(1, 9))
def test_what_has_just_been_opened_says_nothing(prior, strength, settled, failed, n) -> None:
    known = (prior, 2.0, strength), settled, failed, 3.0 * settled
    assert _believed(*known, ages=[0.0] * n) == pytest.approx(_believed(*known), abs=1e-6)


@given(SHARE, st.floats(0.5, 20), COUNT, COUNT, st.floats(0.5, 20), st.floats(0.5, 20))
def test_the_longer_it_waits_the_worse_the_news(p, strength, settled, failed, age, more) -> None:
    known = (p, 2.0, strength), settled, failed, 3.0 * settled
    first, later = (_believed(*known, ages=[wait])[0] for wait in (age, age + more))
    assert later <= first <= _believed(*known)[0]


@pytest.mark.parametrize("share", [0.5, 0.8])
@pytest.mark.parametrize("horizon", [5.0, 10.0])
def test_a_share_is_found_though_failures_come_late(share, horizon) -> None:
    """Talks opened throughout; failures end after ten years, so none has been seen to fail."""
    random = np.random.default_rng(1)
    opened = random.uniform(0, horizon, 800)
    done = np.where(random.random(800) < share, random.exponential(2.5, 800), np.inf)
    over = opened + done < horizon
    known = (0.8, 2.0, 2.0), over.sum(), 0.0, done[over].sum()
    chance, years = _believed(*known, ages=horizon - opened[~over])
    assert chance == pytest.approx(share, abs=0.07)
    assert years == pytest.approx(2.5, abs=0.5)
    assert _believed(*known)[0] > 0.99


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


def _scene(ready: tuple[Setting, State]) -> OfPairs:
    setting, state = ready
    pairs = pairs_of(setting, state)
    lead = np.argmax(pairs.units.states, axis=1)
    wanting = ~state.has_agreement[np.ix_(lead, lead)] & ~np.eye(len(lead), dtype=bool)
    terms = Terms.of(setting)
    records = look_again(setting, state, (), terms)
    return OfPairs(setting, state, terms, records, "trade", pairs, wanting)


def _pair(scene: OfPairs, place: Place) -> tuple[int, int]:
    """The first pair for which a place is open and best, and another worth its cost."""
    for i, j in np.argwhere(scene.wanting).tolist():
        found = options(scene, (i, j))
        if len(found) > 1 and found[0].place == place and found[1].value > 0:
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
    failed, _ = _believed((record.prior, 2.0, 2.0), failed=50.0)
    after = replace(record, chance=np.full_like(record.chance, failed))
    after = replace(scene, records={**scene.records, place: after})
    assert options(after, pair)[0].place != place


def test_among_places_that_are_alike_the_larger_gain_decides(ready) -> None:
    scene = _scene(ready)
    pair = _pair(scene, BILATERAL)
    same = scene.records[BILATERAL]
    alike = {p: replace(r, chance=same.chance, delay=same.delay) for p, r in scene.records.items()}
    found = options(replace(scene, records=alike), pair)
    costs = {"bilateral": 3.0, "party": 1.0, "body": 0.3}
    factor = same.chance[0] * np.exp(-0.1 * same.delay[0]) * 100 * scene.pairs.income[pair[0]]
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


# ------------------------------------------------------------------ beliefs of each


def _after(ready, place: Place, inside, *, is_settled: bool, others: float):
    """What states believe of a place after one item in which some took part."""
    setting, state = ready
    record = look_again(setting, state, (), Terms.of(setting))[place]
    seen = np.array([is_settled, not is_settled, 3.0 * is_settled], dtype=float)
    record = replace(record, seen=seen, own=np.outer(seen, inside))
    with state.opened(["forum_choice.records"]):
        state.forum_choice.records = (record,)
    found = look_again(setting, state, (), replace(Terms.of(setting), others=others))[place]
    with state.opened(["forum_choice.records"]):
        state.forum_choice.records = ()
    return found.chance


@pytest.mark.parametrize("is_settled", [True, False])
def test_who_took_part_learns_more_than_who_looked_on(ready, is_settled) -> None:
    setting, _ = ready
    inside = setting.axes.mask(("NZL", "CHL"))
    chance = _after(ready, BILATERAL, inside, is_settled=is_settled, others=0.25)
    before = 0.9**2
    own, seen = chance[inside], chance[~inside]
    assert np.ptp(own) == np.ptp(seen) == 0.0
    assert abs(own[0] - before) > abs(seen[0] - before) > 0
    assert (own[0] > before) == is_settled == (seen[0] > before)


def test_with_full_weight_beliefs_are_shared(ready) -> None:
    inside = ready[0].axes.mask(("NZL", "CHL"))
    chance = _after(ready, BILATERAL, inside, is_settled=False, others=1.0)
    assert np.ptp(chance) == 0.0


# ------------------------------------------------------------------ areas


def test_chances_of_those_asked_are_those_of_all(ready) -> None:
    setting, state = ready
    every = pairs_of(setting, state)
    asked = np.triu(np.random.default_rng(1).random(every.need.shape) < 0.01, 1)
    some = pairs_of(setting, state, "trade", asked)
    assert np.array_equal(some.need[asked], every.need[asked])


@pytest.fixture(scope="module")
def wide(setting_of: SettingOf, only: Only) -> tuple[Setting, State]:
    """The same with bodies of other areas."""
    setting = setting_of("forum_choice", 1, *only("EU", "GCC", "PAHO", "UN", "WHO", "AU", "BRICS"))
    state, log = initial_state(setting), Log(setting)
    state.step = 0
    for phase in (MEMBERSHIP, ECONOMY):
        phase(setting, state, log)
    return setting, state


def test_unions_that_have_no_rule_for_an_area_are_single_states_there(wide) -> None:
    setting, _ = wide
    sizes = {area: len(units_of(setting, None, area).states) for area in ("trade", "digital")}
    gulf = setting.charter("GCC")
    assert "digital" not in gulf.decision
    members = setting.world.members("GCC", setting.scenario.start).sum()
    assert sizes["digital"] - sizes["trade"] == members - 1


def test_who_has_a_rule_in_common_wants_no_other(setting_of, only) -> None:
    setting = setting_of("forum_choice", 1, *only("DEPA"))
    state = initial_state(setting)
    units = units_of(setting, None, "digital")
    lacks = lacking(state, units, "digital")
    one, two, other = (units.unit[setting.axes.state(code)] for code in ("NZL", "SGP", "BRA"))
    assert not lacks[one, two]
    assert lacks[one, other]


def _alone(wide, area: str, state_code: str):
    setting, state = wide
    terms = Terms.of(setting)
    records = look_again(setting, state, (), terms, (area,))
    scene = Scene(setting, state, terms, records, area)
    return alone(scene, setting.axes.state(state_code))


def test_a_state_has_the_bodies_to_which_it_belongs(wide) -> None:
    setting, state = wide
    found = {one.place.body for one in _alone(wide, "health", "BRA")}
    mine = {
        code
        for code in bodies_of(setting, state, "health")
        if state.is_member[setting.axes.organisation(code), setting.axes.state("BRA")]
    }
    assert found
    assert found <= mine


def test_a_body_with_a_text_of_the_area_on_its_table_gets_no_second_one(wide) -> None:
    _, state = wide
    open_now = {
        one.organisation
        for one in state.docket
        if one.specification.area == "health" and one.opens_at == 0
    }
    assert open_now
    assert not open_now & {one.place.body for one in _alone(wide, "health", "BRA")}


@pytest.mark.parametrize("area", ["climate", "health"])
def test_what_any_charter_offers_can_be_valued(setting_of: SettingOf, area) -> None:
    setting = setting_of("forum_choice", 1)
    state = initial_state(setting)
    state.step = 0
    with state.opened(["docket"]):
        state.docket = ()
    terms = Terms.of(setting)
    scene = Scene(setting, state, terms, look_again(setting, state, (), terms, (area,)), area)
    found = [one for row in range(len(setting.axes.states)) for one in alone(scene, row)]
    assert len({one.place.body for one in found}) > 3
    assert all(np.isfinite(one.gain) and one.gain > 0 for one in found)


def test_no_level_is_preferred_by_its_name(run_of: RunOf, only) -> None:
    """Where both cost as much, calling a body global or regional changes nothing."""
    flu = "+shocks.flu={kind: outbreak, date: 2024-01-01, state: CHN, severity: 2.0}"
    even = ("parameters.forum_cost_global=0.3", "parameters.forum_cost_regional=0.3")
    some = (*only("PAHO", "AU"), "quarters=3", flu, "parameters.need_health=0.2", *even)
    one, two = (
        run_of("forum_choice", 1, *some, f"organisation.AU.level={level}")["openings"].to_pandas()
        for level in ("global", "regional")
    )
    assert (one["body"] == "AU").any()
    assert one.equals(two)


def test_needs_in_health_come_from_outbreaks(run_of: RunOf, only) -> None:
    flu = "+shocks.flu={kind: outbreak, date: 2024-01-01, state: CHN, severity: 2.0}"
    some = (*only("WHO", "AU", "BRICS"), "quarters=4", flu, "parameters.need_health=0.2")
    needs = [
        run_of("forum_choice", 1, *some, f"switches.epidemic_costs={cost}")["openings"].to_pandas()
        for cost in ("false", "true")
    ]
    assert [(one["area"] == "health").any() for one in needs] == [False, True]
    health = needs[1][needs[1]["area"] == "health"]
    assert (health["form"] == "body").any()


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
