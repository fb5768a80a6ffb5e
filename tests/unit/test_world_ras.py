"""Scaling a matrix to known totals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sim.errors import ConvergenceError, DataError
from sim.kernels.ras import Totals, balance, simple_totals

N = 6
factors = hnp.arrays(float, N, elements=st.floats(0.2, 5))
cells = hnp.arrays(float, (N, N), elements=st.floats(0.1, 10))
holes = hnp.arrays(bool, (N, N), elements=st.booleans())


def _reachable(seed, row, column, blocks=None, tilt=1.0):
    """Totals of a matrix that has the zeros of the seed, so that they can be met."""
    truth = seed * row[:, None] * column[None, :]
    blocks = np.zeros((0, N), dtype=bool) if blocks is None else blocks
    for b in blocks:
        truth[np.ix_(b, b)] *= tilt
    inside = np.array([truth[np.ix_(b, b)].sum() for b in blocks])
    return truth, Totals(truth.sum(axis=1), truth.sum(axis=0), blocks, inside)


def _seed(cells, holes):
    seed = np.where(holes, 0.0, cells)
    np.fill_diagonal(seed, 1.0)  # every line keeps a cell
    return seed


@settings(deadline=None, max_examples=40)
@given(cells, holes, factors, factors)
def test_margins_are_hit_zeros_stay_and_the_known_solution_comes_back(cells, holes, row, column):
    seed = _seed(cells, holes)
    truth, totals = _reachable(seed, row, column)
    fit = balance(seed, totals, tolerance=1e-10, max_sweeps=200_000)
    assert np.allclose(fit.matrix.sum(axis=1), totals.rows, rtol=1e-9)
    assert np.allclose(fit.matrix.sum(axis=0), totals.columns, rtol=1e-9)
    assert np.array_equal(fit.matrix > 0, seed > 0)
    # The answer is unique: the matrix that was made by scaling rows and columns.
    assert np.allclose(fit.matrix, truth, rtol=1e-4)


@settings(deadline=None, max_examples=40)
@given(cells, factors, factors, st.floats(0.01, 100))
def test_the_scale_of_the_seed_does_not_matter(cells, row, column, scale):
    _, totals = _reachable(cells, row, column)
    one, other = balance(cells, totals), balance(cells * scale, totals)
    assert np.allclose(one.matrix, other.matrix, rtol=1e-9)


@settings(deadline=None, max_examples=40)
@given(cells, factors, factors, st.floats(0.5, 2))
def test_overlapping_blocks_are_hit_together(cells, row, column, tilt):
    blocks = np.zeros((3, N), dtype=bool)
    blocks[0, :4], blocks[1, 1:3], blocks[2, 2:6] = True, True, True
    truth, totals = _reachable(cells, row, column, blocks, tilt)
    fit = balance(cells, totals, tolerance=1e-9, max_sweeps=100_000)
    for b, target in zip(blocks, totals.block_sums, strict=True):
        assert fit.matrix[np.ix_(b, b)].sum() == pytest.approx(target, rel=1e-8)
    assert np.allclose(fit.matrix.sum(axis=1), totals.rows, rtol=1e-8)
    assert np.allclose(fit.matrix, truth, rtol=1e-4)


def test_a_line_with_a_zero_total_is_empty():
    fit = balance(np.ones((3, 3)), simple_totals(np.array([0.0, 1, 1]), np.array([1.0, 1, 0])))
    assert not fit.matrix[0].any()
    assert not fit.matrix[:, 2].any()


def test_totals_that_contradict_each_other_are_refused():
    with pytest.raises(ConvergenceError, match="row totals add up to 3, column totals to 4"):
        balance(np.ones((2, 2)), simple_totals(np.array([1.0, 2]), np.array([2.0, 2])))


def test_a_line_without_cells_is_named():
    seed = np.ones((3, 3))
    seed[1] = 0
    totals = Totals(
        np.ones(3), np.ones(3), np.zeros((0, 3), bool), np.zeros(0), ("FRA", "TON", "USA")
    )
    with pytest.raises(ConvergenceError, match="row total of TON is 1 but at most 0"):
        balance(seed, totals)


def test_a_line_that_wants_more_than_its_partners_have_is_named():
    totals = Totals(
        np.array([5.0, 1, 1]),
        np.array([5.0, 1, 1]),
        np.zeros((0, 3), bool),
        np.zeros(0),
        ("A", "B", "C"),
    )
    with pytest.raises(ConvergenceError, match="row total of A is 5 but at most 2"):
        balance(np.ones((3, 3)) - np.eye(3), totals)


def test_blocks_that_cannot_be_met_together_are_named():
    # State 1 cannot trade nearly everything with 0 and nearly everything with 2.
    blocks = np.array([[True, True, False, False], [False, True, True, False]])
    totals = Totals(
        np.ones(4), np.ones(4), blocks, np.array([1.99, 1.99]), block_names=("EU", "GCC")
    )
    with pytest.raises(
        ConvergenceError, match=r"cannot be met .*trade inside EU, .* GCC held.*row total of 1"
    ):
        balance(np.ones((4, 4)) - np.eye(4), totals, max_sweeps=500)


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_unusable_targets_and_seeds_are_refused(bad):
    with pytest.raises(DataError, match="row total of 1"):
        balance(np.ones((2, 2)), simple_totals(np.array([1.0, bad]), np.ones(2)))
    seed = np.ones((2, 2))
    seed[0, 1] = bad
    with pytest.raises(DataError, match="starting matrix"):
        balance(seed, simple_totals(np.ones(2), np.ones(2)))
