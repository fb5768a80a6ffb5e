"""Fitting a matrix to known totals: RAS, with blocks of members as further targets.

RAS (iterative proportional fitting; Stone 1961, Bacharach 1970) multiplies rows and columns by
factors until their sums are the known ones. Here every group of members whose inner trade is known
gets a factor of its own too (generalised iterative scaling, Darroch & Ratcliff 1972): of all
matrices with these totals the result is the one nearest to the seed in relative entropy, so zeros
stay zeros and what the totals do not speak about keeps the seed's pattern.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.errors import ConvergenceError, DataError

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Index = tuple[NDArray[np.intp], ...]

CHECK_EVERY = 5
"""Sweeps between two looks at the residual: looking costs half as much as a sweep."""


@dataclass(frozen=True)
class Totals:
    """What a matrix is to add up to.

    Attributes
    ----------
    rows, columns
        Targets, shape (N,) each, same unit as the matrix, with the same sum.
    blocks
        Members of each group, shape (B, N); a group's block is all pairs of its members.
    block_sums
        Target of each block's sum, shape (B,).
    names, block_names
        What rows (and columns) and groups are called in messages.
    """

    rows: FloatArray
    columns: FloatArray
    blocks: BoolArray
    block_sums: FloatArray
    names: Sequence[str] = ()
    block_names: Sequence[str] = ()

    def labels(self) -> list[str]:
        """Name every target, rows first, then columns, then blocks."""
        names = list(self.names) or [str(i) for i in range(len(self.rows))]
        blocks = list(self.block_names) or [str(b) for b in range(len(self.block_sums))]
        return (
            [f"row total of {n}" for n in names]
            + [f"column total of {n}" for n in names]
            + [f"trade inside {b}" for b in blocks]
        )


@dataclass(frozen=True)
class Balanced:
    """A matrix at its targets.

    Attributes
    ----------
    matrix
        Shape (N, N), unit of the targets.
    residual
        Largest relative miss over all targets.
    sweeps
        How many sweeps it took.
    """

    matrix: FloatArray
    residual: float
    sweeps: int


def simple_totals(rows: FloatArray, columns: FloatArray) -> Totals:
    """Row and column totals without blocks.

    Examples
    --------
    >>> simple_totals(np.ones(2), np.ones(2)).block_sums.size
    0
    """
    return Totals(rows, columns, np.zeros((0, len(rows)), dtype=bool), np.zeros(0))


def balance(
    seed: FloatArray, totals: Totals, *, tolerance: float = 1e-8, max_sweeps: int = 5000
) -> Balanced:
    """Scale a matrix to known row, column and block sums.

    Parameters
    ----------
    seed
        Starting pattern, shape (N, N), not negative; its scale does not matter.
    totals
        The targets.
    tolerance
        Largest relative miss accepted.
    max_sweeps
        Sweeps after which the targets are called unreachable.

    Returns
    -------
    Balanced
        The matrix nearest to the seed (in relative entropy) that meets the targets.

    Raises
    ------
    DataError
        If a target or the seed is negative or not a number.
    ConvergenceError
        If no matrix with the zeros of the seed can meet the targets; it names those missed.

    Examples
    --------
    A zero stays a zero and the margins are met:

    >>> seed = np.array([[0.0, 1, 1], [1, 0, 1], [1, 1, 0]])
    >>> fit = balance(seed, simple_totals(np.array([3.0, 2, 1]), np.array([1.0, 2, 3])))
    >>> bool(np.allclose(fit.matrix.sum(axis=1), [3, 2, 1])), float(fit.matrix[0, 0])
    (True, 0.0)
    """
    _refuse_unusable(seed, totals)
    matrix = seed * (totals.rows > 0)[:, None] * (totals.columns > 0)[None, :]
    _refuse_unreachable(matrix, totals)
    inside = [np.ix_(np.flatnonzero(b), np.flatnonzero(b)) for b in totals.blocks]
    # Start at the targets' scale: seeds may be many orders of magnitude away.
    matrix *= totals.rows.sum() / max(matrix.sum(), np.finfo(float).tiny)
    for sweep in range(1, max_sweeps + 1):
        matrix *= _factor(totals.rows, matrix.sum(axis=1))[:, None]
        matrix *= _factor(totals.columns, matrix.sum(axis=0))[None, :]
        for block, target in zip(inside, totals.block_sums, strict=True):
            inner = float(matrix[block].sum())
            matrix[block] *= target / inner if inner > 0 else 1.0
        if sweep % CHECK_EVERY == 0:
            missed = _misses(matrix, totals, inside)
            if float(missed.max(initial=0.0)) < tolerance:
                return Balanced(matrix, float(missed.max(initial=0.0)), sweep)
            if not bool(np.isfinite(missed).all()):
                break
    raise _not_converged(_misses(matrix, totals, inside), totals, tolerance)


def _factor(target: FloatArray, current: FloatArray) -> FloatArray:
    """Factor that brings a sum to its target; one where the sum is zero already."""
    return np.divide(target, current, out=np.ones_like(target), where=current > 0)


def _misses(
    matrix: FloatArray, totals: Totals, inside: list[tuple[NDArray[np.intp], ...]]
) -> FloatArray:
    """Relative miss of every target, in the order of `Totals.labels`."""
    sums = np.concatenate(
        [matrix.sum(axis=1), matrix.sum(axis=0), np.array([matrix[b].sum() for b in inside])]
    )
    targets = np.concatenate([totals.rows, totals.columns, totals.block_sums])
    scale = np.where(targets > 0, targets, 1.0)
    return np.asarray(np.abs(sums - targets) / scale)


def _refuse_unusable(seed: FloatArray, totals: Totals) -> None:
    """Refuse negative or missing numbers and totals that contradict each other."""
    targets = np.concatenate([totals.rows, totals.columns, totals.block_sums])
    if not bool(np.all(np.isfinite(targets)) and np.all(targets >= 0)):
        k = int(np.flatnonzero(~(np.isfinite(targets) & (targets >= 0)))[0])
        raise DataError(
            f"the {totals.labels()[k]} is {targets[k]:g}", where="RAS", expected="zero or more"
        )
    if not bool(np.all(np.isfinite(seed)) and np.all(seed >= 0)):
        raise DataError(
            "the starting matrix has negative or missing cells",
            where="RAS",
            expected="zero or more",
        )
    rows, columns = float(totals.rows.sum()), float(totals.columns.sum())
    if not np.isclose(rows, columns, rtol=1e-9, atol=0.0):
        raise ConvergenceError(
            f"row totals add up to {rows:.9g}, column totals to {columns:.9g}",
            where="RAS",
            expected="the same sum, since every sale is a purchase",
        )


def _refuse_unreachable(matrix: FloatArray, totals: Totals) -> None:
    """Refuse targets that no matrix with these zeros can meet, naming them.

    Only the plain cases are found here (a line without cells, a line that asks for more than its
    partners have); what remains shows as sweeps that do not converge.
    """
    can = matrix > 0
    available = np.concatenate(
        [
            can @ totals.columns,
            can.T @ totals.rows,
            [
                min(totals.rows[b].sum(), totals.columns[b].sum()) * bool(can[np.ix_(b, b)].any())
                for b in totals.blocks
            ],
        ]
    )
    wanted = np.concatenate([totals.rows, totals.columns, totals.block_sums])
    short = wanted > available * (1 + 1e-9)
    if bool(short.any()):
        labels = totals.labels()
        worst = np.flatnonzero(short)[:5]
        found = "; ".join(
            f"the {labels[k]} is {wanted[k]:.6g} but at most {available[k]:.6g} can be reached"
            for k in worst
        )
        raise ConvergenceError(
            found, where="RAS", expected="totals that the partners with trade can supply"
        )


def _not_converged(missed: FloatArray, totals: Totals, tolerance: float) -> ConvergenceError:
    """Name the worst misses."""
    labels = totals.labels()
    ranked = np.where(np.isfinite(missed), missed, np.inf)
    worst = [k for k in np.argsort(-ranked, kind="stable")[:5] if ranked[k] >= tolerance]
    found = ", ".join(f"{labels[k]} by {100 * ranked[k]:.3g} %" for k in worst)
    blocks = ", ".join(labels[2 * len(totals.rows) :])
    held = f" (with {blocks} held)" if blocks else ""
    return ConvergenceError(
        f"the targets cannot be met together; missed{held}: {found}",
        where="RAS",
        expected=f"totals and shares that agree to {tolerance:g}; check the ones named first",
    )
