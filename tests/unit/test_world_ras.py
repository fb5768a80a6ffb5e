"""Filling unknown cells up to known totals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sim.errors import DataError
from sim.kernels.ras import fill

N = 6
factors = hnp.arrays(float, N, elements=st.floats(0.2, 5))
seeds = hnp.arrays(float, (N, N), elements=st.floats(0.1, 10))
totals = hnp.arrays(float, N, elements=st.floats(0, 50))


@given(seeds, factors, factors)
def test_totals_that_can_be_met_are_met_and_the_pattern_is_kept(seed, row, column):
    np.fill_diagonal(seed, 0.0)
    truth = seed * row[:, None] * column[None, :]
    found = fill(seed, truth.sum(axis=1), truth.sum(axis=0), tolerance=0.0)
    assert np.allclose(found, truth, rtol=1e-6)


@given(seeds, totals, totals, st.floats(0.1, 20))
@settings(max_examples=50)
def test_no_row_no_column_and_no_cell_exceeds_what_it_may_hold(seed, rows, columns, ceiling):
    found = fill(seed, rows, columns, ceiling)
    assert (found >= 0).all()
    assert (found <= ceiling).all()
    assert (found.sum(axis=1) <= rows * (1 + 1e-9)).all()
    assert (found.sum(axis=0) <= columns * (1 + 1e-9)).all()


@given(seeds, factors, factors)
@settings(max_examples=25)
def test_totals_are_met_under_a_ceiling_that_leaves_room(seed, row, column):
    np.fill_diagonal(seed, 0.0)
    truth = seed * row[:, None] * column[None, :]
    ceiling = 0.7 * truth.max()
    capped = np.minimum(truth, ceiling)
    found = fill(seed, capped.sum(axis=1), capped.sum(axis=0), ceiling, tolerance=0.0)
    assert np.allclose(found.sum(axis=1), capped.sum(axis=1), rtol=1e-3)
    assert np.allclose(found, capped, atol=1e-2 * ceiling)


def test_the_smaller_side_is_met_and_the_larger_falls_short_in_proportion():
    found = fill(np.ones((3, 3)), np.array([2.0, 4, 6]), np.array([1.0, 2, 3]))
    assert np.allclose(found.sum(axis=0), [1, 2, 3])
    assert np.allclose(found.sum(axis=1), [1, 2, 3])


def test_a_line_that_its_cells_cannot_hold_falls_short_alone():
    found = fill(np.ones((3, 3)), np.array([9.0, 1, 1]), np.array([4.0, 4, 4]), ceiling=1.0)
    assert np.allclose(found.sum(axis=1), [3, 1, 1])


def test_a_line_with_a_zero_total_is_empty():
    found = fill(np.ones((3, 3)), np.array([0.0, 1, 1]), np.array([1.0, 1, 0]))
    assert not found[0].any()
    assert not found[:, 2].any()


def test_zeros_stay_zeros_and_nothing_is_no_error():
    assert not fill(np.zeros((3, 3)), np.ones(3), np.ones(3)).any()


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_unusable_totals_and_patterns_are_refused(bad):
    with pytest.raises(DataError, match="row totals hold negative or missing"):
        fill(np.ones((2, 2)), np.array([1.0, bad]), np.ones(2))
    with pytest.raises(DataError, match="column totals hold negative or missing"):
        fill(np.ones((2, 2)), np.ones(2), np.array([1.0, bad]))
    with pytest.raises(DataError, match="pattern hold"):
        fill(np.array([[0.0, bad], [1, 0]]), np.ones(2), np.ones(2))
