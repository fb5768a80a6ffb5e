"""Choices and measures that rounding does not decide."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.kernels.bargaining import nash_solution, votes_from_margins, weighted_median
from sim.kernels.choice import TOLERANCE, best, is_at_least
from sim.kernels.coalition import largest_stable_coalition

ROUNDING = 1e-10
Shifts = st.lists(st.floats(-ROUNDING, ROUNDING), min_size=4, max_size=4).map(np.array)


@given(Shifts)
def test_the_first_of_equals_is_taken_whatever_rounding_adds(shift: np.ndarray) -> None:
    score = np.array([1.0, 7.0, 7.0, 3.0])
    assert best(score + shift) == 1
    assert best(1e4 * (score + shift)) == 1
    assert best(shift) == 0  # nobody gains anything
    assert best(score + shift, np.array([True, False, False, True])) == 3


@pytest.mark.parametrize("size", [1.0, 1e3])
def test_a_true_difference_decides(size: float) -> None:
    assert best(size * np.array([1.0, 1.0 + 3 * TOLERANCE])) == 1


def test_every_column_has_its_own_best() -> None:
    assert best(np.array([[1.0, 2.0], [1.0 + ROUNDING, 3.0]])).tolist() == [0, 1]


@given(Shifts)
def test_who_is_indifferent_accepts_and_stays(shift: np.ndarray) -> None:
    assert (votes_from_margins(shift, 0.5) == 1).all()
    assert (votes_from_margins(shift - 0.5, 0.5) == 0).all()
    stay = largest_stable_coalition(np.ones(4, dtype=bool), lambda _: shift)
    assert stay.is_member.all()


@given(Shifts)
def test_equals_leave_together(shift: np.ndarray) -> None:
    left = largest_stable_coalition(np.ones(4, dtype=bool), lambda _: shift - 1.0).left_in
    assert left.tolist() == [1, 1, 1, 1]


@given(Shifts)
def test_reference_solutions_do_not_see_rounding(shift: np.ndarray) -> None:
    utility = np.array([[1.0, 4.0], [2.0, 2.0], [4.0, 1.0], [1.0, 1.0]]) + shift[:, None]
    assert nash_solution(utility, np.ones(2)) == 0
    assert nash_solution(shift[:, None], np.ones(1)) == -1  # a gain of rounding is none
    assert weighted_median(np.arange(4.0), np.ones(4) + shift) == 1.0


def test_nothing_is_at_least_what_is_unknown() -> None:
    assert is_at_least(np.array([np.nan, 1.0]), 1.0).tolist() == [False, True]
