"""Filling the unknown cells of a matrix up to known totals: RAS with a ceiling on each cell.

RAS (iterative proportional fitting; Stone 1961, Bacharach 1970) multiplies rows and columns by
factors until their sums are the known ones: of all matrices with these totals the result is the one
nearest to the seed in relative entropy, so zeros stay zeros. A cell at its ceiling keeps it, and
the factors scale the others, which is the same minimum under the further bound.
"""

from __future__ import annotations

import numpy as np

from sim.errors import DataError
from sim.types import Floats

_GREATEST = np.finfo(float).max
OUT_OF_REACH = 1e6
"""Ceilings above which a cell's factors are not followed: it stands at its ceiling."""


def fill(
    seed: Floats,
    rows: Floats,
    columns: Floats,
    ceiling: float = np.inf,
    *,
    tolerance: float = 1e-9,
    max_sweeps: int = 500,
) -> Floats:
    """Scale a pattern up to totals that no row, column or cell exceeds.

    Where the two sides do not add up to the same, or the ceiling keeps a line from its total, the
    total is not reached: lines fall short and never exceed.

    Parameters
    ----------
    seed
        Starting pattern, shape (N, N), not negative; its scale does not matter.
    rows, columns
        What rows and columns may add up to, shape (N,) each, not negative.
    ceiling
        What a cell may hold at most, unit of the totals.
    tolerance
        Change between two sweeps, relative to the sum, at which to stop.
    max_sweeps
        Sweeps after which to stop in any case.

    Returns
    -------
    NDArray
        Shape (N, N), unit of the totals.

    Raises
    ------
    DataError
        If a total or the seed is negative or not a number.

    Examples
    --------
    A zero stays a zero, totals that agree are met, and a cell stops at its ceiling:

    >>> seed = np.array([[0.0, 1, 1], [1, 0, 1], [1, 1, 0]])
    >>> x = fill(seed, np.array([3.0, 2, 1]), np.array([1.0, 2, 3]))
    >>> bool(np.allclose(x.sum(axis=1), [3, 2, 1])), float(x[0, 0])
    (True, 0.0)
    >>> fill(seed, np.array([3.0, 2, 1]), np.array([1.0, 2, 3]), ceiling=1.0).max().tolist()
    1.0
    """
    _refuse_unusable(seed, rows, columns)
    latent = seed * (rows > 0)[:, None] * (columns > 0)[None, :]
    # Start at the totals' scale: seeds may be many orders of magnitude away.
    latent *= min(rows.sum(), columns.sum()) / max(latent.sum(), np.finfo(float).tiny)
    matrix = np.minimum(latent, ceiling)
    for _ in range(max_sweeps):
        before = matrix
        latent = latent * _ratio(rows, matrix.sum(axis=1))[:, None]
        latent = latent * _ratio(columns, np.minimum(latent, ceiling).sum(axis=0))[None, :]
        # A line that cannot reach its total would grow without end.
        latent = np.minimum(latent, OUT_OF_REACH * ceiling)
        matrix = np.minimum(latent, ceiling)
        if np.abs(matrix - before).sum() <= tolerance * matrix.sum():
            break
    matrix = matrix * np.minimum(_ratio(rows, matrix.sum(axis=1)), 1.0)[:, None]
    return np.asarray(matrix * np.minimum(_ratio(columns, matrix.sum(axis=0)), 1.0)[None, :])


def _ratio(target: Floats, current: Floats) -> Floats:
    """Target by current; one where the current is zero, or so small that no number is the ratio."""
    above = current > target / _GREATEST
    return np.divide(target, current, out=np.ones_like(target), where=above & (current > 0))


def _refuse_unusable(seed: Floats, rows: Floats, columns: Floats) -> None:
    """Refuse negative or missing numbers."""
    for name, values in (("row totals", rows), ("column totals", columns), ("pattern", seed)):
        if not bool(np.all(np.isfinite(values)) and np.all(values >= 0)):
            raise DataError(
                f"the {name} hold negative or missing numbers", where="RAS", expected="zero or more"
            )
