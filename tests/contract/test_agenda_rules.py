"""Every agenda rule names a chair and ranks all proposals, whatever the order of the parties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sim.errors import ConfigError
from sim.rules.agenda import AGENDA_RULES, Agenda

RULES = list(AGENDA_RULES)
NEEDED = {"hegemon": {"state": "CHL"}}
CODES = ("CHL", "JPN", "NZL", "PER", "VNM", "EU")


@st.composite
def agendas(draw):
    n_parties, n_proposals = draw(st.integers(2, len(CODES))), draw(st.integers(1, 7))
    finite = st.floats(-5, 5, allow_nan=False, width=32)
    return Agenda(
        codes=CODES[:n_parties],
        income=draw(arrays(float, n_parties, elements=st.floats(1, 1e4, width=32), unique=True)),
        utility=draw(arrays(float, (n_proposals, n_parties), elements=finite)),
        n_accepting=draw(arrays(float, n_proposals, elements=st.integers(0, n_parties))),
        turn=draw(st.integers(0, 64)),
    )


def bound(name):
    return AGENDA_RULES.bind(name, NEEDED.get(name, {}))


def reordered(agenda, order):
    return Agenda(
        codes=tuple(agenda.codes[n] for n in order),
        income=agenda.income[order],
        utility=agenda.utility[:, order],
        n_accepting=agenda.n_accepting,
        turn=agenda.turn,
    )


@pytest.mark.parametrize("name", RULES)
@given(agenda=agendas())
def test_a_chair_is_named_and_every_proposal_has_a_finite_score(name, agenda):
    chair = bound(name)(agenda)
    assert chair.score.shape == agenda.n_accepting.shape
    assert np.isfinite(chair.score).all()
    assert chair.code in (*agenda.codes, "chair", "secretariat")


@pytest.mark.parametrize("name", RULES)
@given(agenda=agendas())
def test_a_rule_is_a_pure_function(name, agenda):
    before = agenda.utility.copy(), agenda.income.copy(), agenda.n_accepting.copy()
    first, second = bound(name)(agenda), bound(name)(agenda)
    assert first.code == second.code
    np.testing.assert_array_equal(first.score, second.score)
    for old, new in zip(before, (agenda.utility, agenda.income, agenda.n_accepting), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("name", sorted(set(RULES) - {"rotating_chair"}))  # it goes by order
@given(agenda=agendas(), seed=st.integers(0, 99))
def test_the_order_of_parties_does_not_matter(name, agenda, seed):
    order = np.random.default_rng(seed).permutation(len(agenda.codes))
    first, second = bound(name)(agenda), bound(name)(reordered(agenda, order))
    assert first.code == second.code
    np.testing.assert_allclose(first.score, second.score, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", RULES)
@given(agenda=agendas())
def test_what_all_like_better_is_never_ranked_lower(name, agenda):
    better = Agenda(
        codes=agenda.codes,
        income=agenda.income,
        utility=np.vstack([agenda.utility[0], agenda.utility[0] + 1.0]),
        n_accepting=np.array([agenda.n_accepting[0]] * 2),
        turn=agenda.turn,
    )
    worse, best = bound(name)(better).score
    assert best > worse


@pytest.mark.parametrize("name", RULES)
def test_a_rule_is_described_and_refuses_what_it_does_not_know(name):
    assert len(AGENDA_RULES[name].summary) > 20
    with pytest.raises(ConfigError, match="tolernace"):
        AGENDA_RULES.bind(name, {**NEEDED.get(name, {}), "tolernace": 1})


@given(agenda=agendas(), quarters=st.integers(1, 8))
def test_the_chair_rotates_through_all_members(agenda, quarters):
    rule = AGENDA_RULES.bind("rotating_chair", {"chair_quarters": quarters})
    chairs = []
    for turn in range(quarters * len(agenda.codes)):
        now = Agenda(agenda.codes, agenda.income, agenda.utility, agenda.n_accepting, turn)
        chairs.append(rule(now).code)
    assert chairs == [code for code in agenda.codes for _ in range(quarters)]


@given(agenda=agendas())
def test_a_hegemon_that_is_not_there_gives_way_to_the_largest(agenda):
    rule = AGENDA_RULES.bind("hegemon", {"state": "USA"})
    assert rule(agenda).code == agenda.codes[int(np.argmax(agenda.income))]


@given(agenda=agendas())
def test_the_widest_support_comes_before_the_mean_utility(agenda):
    score = bound("widest")(agenda).score
    best = int(np.argmax(score))
    assert agenda.n_accepting[best] == agenda.n_accepting.max()
