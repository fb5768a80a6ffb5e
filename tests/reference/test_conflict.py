"""Kernels of conflict against their slow twins, and properties that hold for any input."""

from __future__ import annotations

import importlib.util
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sim.kernels.bargaining import logistic
from sim.kernels.conflict import arms, civil, costs, coups, disputes, ladder, nuclear, third_parties
from sim.kernels.conflict.rates import coefficients, per_quarter, two_state_per_quarter

_SPEC = importlib.util.spec_from_file_location(
    "conflict_twin", Path(__file__).with_name("conflict_twin.py")
)
twin = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(twin)

FILES = [
    resources.files("scenarios") / part / "security.yaml" for part in ("estimates", "parameters")
]
VALUES = {
    name: float(entry["value"])
    for file in FILES
    for name, entry in yaml.safe_load(file.read_text("utf-8")).items()
}
RATES = coefficients(nuclear.NuclearRates, VALUES)
chances = st.floats(0.0, 1.0)
few = settings(max_examples=60, deadline=None)


def unit(size: int):
    return arrays(float, size, elements=st.floats(0.0, 0.999))


def society(income, population, polyarchy):
    return civil.Society(np.log(income), np.log(population), np.asarray(polyarchy, float))


# ------------------------------------------------------------------ rates


@few
@given(chances)
def test_four_quarters_make_a_year(p):
    quarter = per_quarter(np.array([p]))[0]
    assert 1 - (1 - quarter) ** 4 == pytest.approx(p, abs=1e-12)
    assert quarter == pytest.approx(twin.quarter_of(p))


@few
@given(chances, chances)
def test_two_states_keep_their_long_run_shares(up, down):
    one, two = two_state_per_quarter(np.array([up]), np.array([down]))
    assert 0 <= one[0] <= 1
    assert 0 <= two[0] <= 1
    assert one[0] * down == pytest.approx(two[0] * up)


# ------------------------------------------------------------------ onset


@st.composite
def worlds(draw, size=5):
    def square(elements):
        half = np.triu(draw(arrays(elements[0], (size, size), elements=elements[1])), 1)
        return half | half.T if half.dtype == bool else half + half.T

    return {
        "contiguity": square((np.int8, st.integers(0, 5))),
        "rival": square((bool, st.booleans())),
        "pact": square((bool, st.booleans())),
        "major": draw(arrays(bool, size)),
        "polyarchy": draw(unit(size)),
        "capability": draw(arrays(float, size, elements=st.floats(1e-6, 0.2))),
    }


def traits_of(w):
    return disputes.pair_traits(
        w["contiguity"],
        w["rival"],
        w["pact"],
        is_major_power=w["major"],
        polyarchy=w["polyarchy"],
        capability=w["capability"],
    )


def chance_of(w, years):
    traits, model = traits_of(w), coefficients(disputes.Onset, VALUES)
    memory = disputes.memory_of(years[traits.i, traits.j])
    chance = disputes.onset_per_quarter(model.index(traits), memory, weight=model.memory)
    return traits, chance


@few
@given(worlds(), st.sampled_from([0.25, 3.0, 40.0, np.inf]))
def test_onset_is_that_of_the_twin(w, since):
    traits, chance = chance_of(w, np.full((5, 5), since))
    relevant = 0
    for i in range(5):
        for j in range(i + 1, 5):
            either = w["major"][i] or w["major"][j]
            relevant += bool(w["contiguity"][i, j] or w["rival"][i, j] or either)
    assert traits.i.size == relevant
    for i, j, found in zip(traits.i, traits.j, chance, strict=True):
        pair = {name: w[name][i, j] for name in ("contiguity", "rival", "pact")}
        pair["major"] = w["major"][i] or w["major"][j]
        pair["polyarchy"], pair["capability"] = w["polyarchy"][[i, j]], w["capability"][[i, j]]
        assert found == pytest.approx(twin.dispute(VALUES, pair, since), rel=1e-9)


@few
@given(worlds(), st.permutations(range(5)))
def test_onset_does_not_depend_on_the_order_of_states(w, order):
    years = np.full((5, 5), 7.0)
    moved = {k: x[np.ix_(order, order)] if x.ndim == 2 else x[order] for k, x in w.items()}
    (t, one), (u, two) = chance_of(w, years), chance_of(moved, years)
    before = {(i, j): x for i, j, x in zip(t.i.tolist(), t.j.tolist(), one, strict=True)}
    named = zip(u.i.tolist(), u.j.tolist(), two, strict=True)
    after = {tuple(sorted((order[i], order[j]))): x for i, j, x in named}
    assert before.keys() == after.keys()
    assert all(after[k] == pytest.approx(before[k]) for k in before)


@few
@given(worlds(), st.floats(0.1, 60.0), st.floats(0.1, 60.0))
def test_a_more_recent_dispute_never_makes_one_less_likely(w, one, two):
    (_, near), (_, far) = (chance_of(w, np.full((5, 5), y)) for y in sorted((one, two)))
    assert (near >= far).all()
    assert ((near >= 0) & (near <= 1)).all()


def test_an_open_dispute_is_not_begun_again():
    everyone = np.ones(4, dtype=bool)
    assert not disputes.start(np.ones(4), np.zeros(4), everyone).any()


# ------------------------------------------------------------------ ladder


@few
@given(unit(20), chances, chances)
def test_levels_are_a_distribution_and_drawn_from_it(force, threat, war):
    shares = ladder.level_shares(force, threat_below_force=threat, war_of_force=war)
    assert shares.min() >= 0
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    np.testing.assert_allclose(shares[:, 2:].sum(axis=1), force)


def test_drawn_levels_come_as_often_as_their_shares():
    share = np.array([0.03, 0.27, 0.67, 0.03])
    evenly = (np.arange(10_000) + 0.5) / 10_000
    drawn = ladder.draw_level(np.broadcast_to(share, (10_000, 4)), evenly)
    np.testing.assert_allclose(np.bincount(drawn, minlength=5)[1:] / 10_000, share, atol=1e-9)


@few
@given(st.integers(1, 4), st.integers(1, 4))
def test_a_dispute_rises_as_the_twin_does_and_never_falls(highest, stages):
    stage, seen = np.array([0]), [0]
    while stage[0] < highest:
        stage = ladder.rise(stage, np.array([highest]), np.array([True]), stages)
        seen.append(int(stage[0]))
    assert seen[1:] == twin.climb(highest, stages)
    assert max(np.diff(seen)) <= stages
    assert min(np.diff(seen)) > 0


def test_a_dispute_that_is_held_back_stays_where_it_is():
    stage = ladder.rise(np.array([2, 0]), np.array([4, 4]), np.array([False, False]), 3)
    assert stage.tolist() == [2, 0]


def test_lengths_have_the_median_and_mean_they_were_given():
    lengths = ladder.Durations((1.0, 12.0, 51.0, 403.0), (17.0, 56.0, 201.0, 776.0))
    normal = np.random.default_rng(3).standard_normal(400_000)
    for k, (median, mean) in enumerate(zip(lengths.median, lengths.mean, strict=True), 1):
        days = ladder.draw_duration(np.full(normal.size, k), normal, lengths) * 365.25 / 4
        assert np.median(days) == pytest.approx(median, rel=0.02)
        if k > 1:  # the mean of threats hangs on a handful of draws
            assert days.mean() == pytest.approx(mean, rel=0.05)


@few
@given(arrays(float, 12, elements=st.floats(-6, 6)), unit(12), st.integers(1, 4))
def test_more_talks_never_unsettle_a_dispute(index, uniform, level):
    at, imposed = np.array([-2.4, -0.8, 0.1, 2.1]), np.array([0.0, 0.01, 0.03, 0.7])
    highest = np.full(12, level)
    low, high = (
        ladder.draw_settlement(x, highest, uniform, at_level=at, imposed=imposed)
        for x in (index, index + 1.0)
    )
    assert (high[low == ladder.Settlement.NEGOTIATED] == ladder.Settlement.NEGOTIATED).all()


# ------------------------------------------------------------------ inside states


def test_conflict_next_door_and_recent_conflict_raise_onset():
    world = society(np.full(3, 3000.0), np.full(3, 20_000.0), np.full(3, 0.4))
    model, recurrence = (coefficients(k, VALUES) for k in (civil.CivilOnset, civil.CivilRecurrence))

    def onset(peace, near, troops, had=True):
        return civil.civil_onset(
            world,
            np.array(peace),
            np.array(near),
            model,
            troops=np.array(troops),
            recurrence=recurrence,
            had_conflict=np.full(3, had),
            quiet_years=VALUES["civil_quiet_years"],
        )

    near = onset([5.0, 5.0, 30.0], [False, True, False], [0.0, 0.0, 0.0])
    assert near[1] > near[0] > near[2]
    odds = near / (1 - near)
    assert odds[1] / odds[0] == pytest.approx(np.exp(VALUES["civil_onset_neighbour"]), rel=0.05)
    guarded = onset([5.0, 5.0, 30.0], [False] * 3, [499.0, 500.0, 5000.0])
    assert guarded[0] == near[0]
    assert guarded[1] < near[0]
    assert guarded[2] == near[2], "ten years after, a force counts no more"
    assert not onset([1.0, 0.0, 1.9], [True] * 3, [0.0] * 3).any()
    assert onset([1.0, 0.0, 1.9], [True] * 3, [0.0] * 3, had=False).all()


def test_an_end_is_rarer_in_war_and_after_long_and_more_likely_with_troops():
    world = society(np.full(4, 2000.0), np.full(4, 30_000.0), np.full(4, 0.3))
    model, war = coefficients(civil.CivilEnd, VALUES), np.array([False, True, False, False])
    years, troops = np.array([2.0, 2.0, 20.0, 2.0]), np.array([0.0, 0.0, 0.0, 15_000.0])
    chance = civil.civil_end(world, years, war, model, troops=troops)
    assert chance[3] > chance[0] > max(chance[1], chance[2])
    half = civil.civil_end(world, years, war, model, troops=troops, factor=0.5)
    np.testing.assert_allclose(1 - (1 - half) ** 4, (1 - (1 - chance) ** 4) / 2)


@few
@given(unit(6), unit(6), arrays(float, 6, elements=st.floats(0, 40)))
def test_chances_inside_states_are_chances(polyarchy, u, years):
    world = society(300 + 80_000 * u, 100 + 1e6 * u, polyarchy)
    troops, off = 20_000 * u, np.zeros(6, dtype=bool)
    end = civil.civil_end(world, years, off, coefficients(civil.CivilEnd, VALUES), troops=troops)
    up, down = civil.war_level(world, years, coefficients(civil.WarLevel, VALUES), troops=troops)
    coup = coups.coup_attempt(world, years, off, coefficients(coups.Coup, VALUES))
    for x in (end, up, down, coup):
        assert ((x >= 0) & (x <= 1)).all()


def test_coups_are_likeliest_in_the_middle_and_seldom_in_democracies():
    world = society(np.full(3, 5000.0), np.full(3, 1e4), [0.02, 0.38, 0.9])
    model = coefficients(coups.Coup, VALUES)
    chance = coups.coup_attempt(world, np.full(3, 30.0), np.zeros(3, dtype=bool), model)
    assert chance.argmax() == 1
    assert chance.argmin() == 2
    never = coups.coup_attempt(world, np.full(3, np.inf), np.zeros(3, dtype=bool), model)
    np.testing.assert_allclose(never, chance)  # coded as thirty years ago


# ------------------------------------------------------------------ third parties


def test_mediation_gives_the_odds_it_is_said_to():
    crisis = third_parties.Crisis(np.array([1.0]), np.zeros(1), np.ones(1), np.full(1, 3.0))
    model = coefficients(third_parties.Agreement, VALUES)
    on, off = (model.chance(crisis, np.array([x]))[0] for x in (True, False))
    assert on / (1 - on) / (off / (1 - off)) == pytest.approx(np.exp(2.056))
    unmediated = model.chance(crisis, np.array([False]), style=2.0)
    assert unmediated[0] == off, "nobody's style counts for nothing"
    quiet = coefficients(third_parties.Quiet, VALUES)
    assert quiet.chance(crisis, np.array([True]))[0] > quiet.chance(crisis, np.array([False]))[0]


@few
@given(unit(8), unit(8), st.floats(0.0, 0.1))
def test_a_court_that_costs_less_than_holding_out_is_accepted_on_common_beliefs(p, extra, fee):
    shares, terms = np.stack([p, 1 - p], axis=1), third_parties.ArbitrationTerms(fee)
    cost = np.stack([fee + extra + 1e-9] * 2, axis=1)
    assert third_parties.accept_arbitration(shares, shares, cost, terms).all()
    too_sure = np.stack([p + 1.0, 1 - p], axis=1)
    assert not third_parties.accept_arbitration(shares, too_sure, np.zeros((8, 2)), terms).any()


# ------------------------------------------------------------------ nuclear, arms, costs


@few
@given(st.booleans(), st.floats(-2, 2.5), st.booleans(), st.booleans(), st.booleans())
def test_nuclear_status_moves_as_in_the_twin(rival, skill, umbrella, zone, inspection):
    restraint = nuclear.Restraint(
        np.array([rival]),
        np.array([skill]),
        np.array([umbrella]),
        np.array([zone]),
        np.array([inspection]),
    )
    chance = nuclear.nuclear_transitions(restraint, RATES)[0]
    hazards = twin.nuclear_year(RATES, rival, skill, umbrella, zone, inspection)
    for status in range(4):
        np.testing.assert_allclose(chance[status], twin.nuclear_row(hazards, status), atol=1e-12)
    np.testing.assert_allclose(chance.sum(axis=1), 1.0)
    assert chance[0, 2] == chance[0, 3] == chance[1, 3] == 0, "no stage is left out"


def test_nobody_leaves_a_status_without_a_hazard():
    restraint = nuclear.Restraint(*(np.zeros(5, dtype=bool),) * 5)
    chance = nuclear.nuclear_transitions(restraint, RATES)
    status = nuclear.draw_status(np.full(5, 3), chance, np.linspace(0, 0.999, 5))
    assert (status == nuclear.NuclearStatus.WEAPONS).all()


@few
@given(st.floats(0.0, 0.3), st.floats(0.0, 0.3), arrays(float, 4, elements=st.floats(0, 0.1)))
def test_arms_come_to_rest_if_and_only_if_richardson_says_so(reaction, fatigue, grievance):
    assume(abs(reaction - fatigue) > 1e-6)  # rounding decides at the edge
    weights = arms.rival_weights(~np.eye(4, dtype=bool), np.array([5.0, 1.0, 2.0, 9.0]))
    named = {"reaction": reaction, "fatigue": fatigue, "grievance": grievance}
    stable = arms.is_stable(weights, reaction=reaction, fatigue=fatigue)
    assert stable == (reaction < fatigue)
    rest = np.linalg.solve(fatigue * np.eye(4) - reaction * weights, grievance)
    np.testing.assert_allclose(arms.arms_growth(rest, weights, **named), 0.0, atol=1e-9)
    away = arms.arms_growth(rest + 0.1, weights, **named)
    assert (away < 0).all() == stable, "spending above rest falls back, or runs away"


def test_expected_loss_is_the_mean_of_drawn_losses():
    shares, years = np.array([[0.03, 0.27, 0.6, 0.1]]), np.array([0.05, 0.15, 0.5, 2.0])
    loss, chance = np.array([0.0, 0.0, 0.1, 2.0]), np.array([0.2])
    draws = (np.arange(100_000) + 0.5) / 100_000
    level = ladder.draw_level(np.broadcast_to(shares, (100_000, 4)), draws) - 1
    mean = chance[0] * (years * loss)[level].mean()
    assert costs.expected_income_loss(chance, shares, years, loss)[0] == pytest.approx(mean)


@few
@given(st.floats(0, 0.9), st.floats(1.0, 10.0))
def test_costs_make_trade_fall_by_what_they_should(fall, elasticity):
    factor = costs.trade_cost_factor(np.array([fall]), elasticity)[0]
    assert factor ** (-elasticity) == pytest.approx(1 - fall)


def test_every_model_of_a_dispute_is_a_chance_and_the_better_known_ones_separate():
    w = {
        "contiguity": np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]], dtype=np.int8),
        "rival": np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]], dtype=bool),
        "pact": np.zeros((3, 3), dtype=bool),
        "major": np.array([False, False, True]),
        "polyarchy": np.array([0.1, 0.2, 0.9]),
        "capability": np.array([0.01, 0.01, 0.1]),
    }
    traits = traits_of(w)  # the rivals, and two pairs with the major power
    for kind in (disputes.Deaths, disputes.Force, disputes.Reciprocated):
        chance = coefficients(kind, VALUES).chance(traits)
        assert chance[0] > chance[1:].max()
    negotiated = coefficients(disputes.Negotiated, VALUES)
    shifted = negotiated.chance(traits, np.ones(3))
    np.testing.assert_allclose(shifted, logistic(negotiated.index(traits) + 1.0))
