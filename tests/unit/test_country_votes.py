"""Votes on human rights in a state: who is nearer to the sponsors than to the state named."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.kernels.bargaining import logistic
from sim.kernels.country_votes import (
    AUTOCRACY,
    CountryVote,
    Situation,
    expected_votes,
    margins,
    sponsors,
)

MODEL = CountryVote(distance=0.5, severity=1.0, democracy=2.0, solidarity=1.0, abstention=1.5)
PLACES = st.lists(st.floats(-3, 3), min_size=3, max_size=20)


def _own(ideal, polyarchy=None, target=0, level=0, stands_by=None, model=MODEL):
    ideal = np.array(ideal)
    polyarchy = np.full(ideal.size, AUTOCRACY) if polyarchy is None else np.array(polyarchy)
    stands_by = np.zeros(ideal.size, dtype=bool) if stands_by is None else np.array(stands_by)
    what = Situation(target, level, stands_by)
    return margins(ideal, polyarchy, np.ones(ideal.size, dtype=bool), what, model)


@given(PLACES)
def test_members_line_up_by_how_much_nearer_the_sponsors_are(ideal):
    own = _own(ideal)[1:]
    ideal = np.array(ideal)
    far = sponsors(ideal, ideal[0])
    along = (ideal[1:] - ideal[0]) * np.sign(far - ideal[0])
    order = np.argsort(along)
    assert (np.diff(own[order]) >= -1e-9).all()


@given(PLACES, st.integers(0, 2))
def test_the_state_named_is_always_against(ideal, level):
    assert _own(ideal, level=level)[0] < -MODEL.abstention


@given(PLACES, st.floats(-2, 2))
def test_only_distances_count_not_where_the_line_begins(ideal, shift):
    np.testing.assert_allclose(_own(ideal), _own(np.array(ideal) + shift), atol=1e-9)


@given(PLACES)
def test_turned_round_the_line_gives_the_same_votes(ideal):
    third = max(len(ideal) // 3, 1)
    ranked = np.sort(ideal)
    low, high = abs(ranked[:third].mean() - ideal[0]), abs(ranked[-third:].mean() - ideal[0])
    if abs(low - high) > 1e-9:  # with both sides as far, either may table it
        np.testing.assert_allclose(_own(ideal), _own(-np.array(ideal)), atol=1e-9)


def test_each_term_counts_as_much_as_it_says():
    ideal = [-1.0, 0.0, 0.0]
    assert np.diff(_own(ideal, polyarchy=[0.5, 0.2, 0.9]))[1] == pytest.approx(2.0 * 0.7)
    assert np.diff(_own(ideal, stands_by=[0, 0, 1]))[1] == pytest.approx(-1.0)
    more = _own(ideal, level=2)[1:] - _own(ideal, level=1)[1:]
    np.testing.assert_allclose(more, 1.0)


def test_a_place_that_is_not_known_counts_as_midway():
    own = _own([-1.0, np.nan, 1.0, 1.2])
    assert own[1] == 0.0
    assert sponsors(np.array([np.nan, np.nan]), 0.3) == 0.3


def test_expected_votes_are_the_mean_of_those_drawn():
    rng = np.random.default_rng(3)
    own = np.linspace(-4, 4, 47)
    drawn = own + rng.logistic(size=(4000, 47))
    for_, against = expected_votes(own, 1.5)
    assert for_ == pytest.approx((drawn >= 0).sum(axis=1).mean(), rel=0.01)
    assert against == pytest.approx((drawn < -1.5).sum(axis=1).mean(), rel=0.02)
    assert for_ == pytest.approx(float(logistic(own).sum()))
