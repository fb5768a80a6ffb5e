"""What rules in common take off trade costs: the cut of a pair, by who is bound by which version.

A coordination game with network externalities (Katz & Shapiro 1985, *AER* 75:424): what a version
is worth to a state follows from who else is bound by it, or by one that works with it.
"""

from __future__ import annotations

import numpy as np

from sim.types import Floats, Indices

__all__ = ["bind", "interoperable_cut"]


def bind(held: Floats, level: Floats) -> Floats:
    """What a pair holds in common after one more text of a version: the deeper of both.

    Parameters
    ----------
    held
        (N, N) cut that pairs hold by one text of the version so far; a state's own level on the
        diagonal.
    level
        (N,) level at which each is bound by the new text, 0 where it is not.

    Returns
    -------
    (N, N) in the same unit. A text alone binds nobody to anybody.

    Examples
    --------
    The same promise given twice counts once, and of two levels the lower is held in common:

    >>> one = bind(np.zeros((2, 2)), np.array([0.02, 0.01]))
    >>> one.tolist(), (bind(one, np.array([0.01, 0.01])) == one).all().item()
    ([[0.02, 0.01], [0.01, 0.01]], True)
    >>> bind(np.zeros((2, 2)), np.array([0.02, 0.0])).any().item()
    False
    """
    if np.count_nonzero(level) < 2:
        return held
    return np.asarray(np.maximum(held, np.minimum.outer(level, level)))


def interoperable_cut(
    held: Floats, same: float, other: float, rows: Indices | None = None
) -> Floats:
    """The cut of trade costs that each pair has by rules in common.

    Parameters
    ----------
    held
        (V, S, S) what pairs hold by one text of each of V versions (`bind`).
    same, other
        Share of the cut that two states have who are bound by the same version in different texts,
        and by different versions (0-1).
    rows
        (R,) states whose pairs are wanted; all, if not given.

    Returns
    -------
    (S, S) symmetric, 0 on the diagonal: the most that any of the three ways gives. (R, S) of rows.

    Examples
    --------
    The first two share a text, the third has the same version elsewhere, the fourth another one:

    >>> held = np.zeros((2, 5, 5))
    >>> held[0] = bind(held[0], np.array([0.02, 0.02, 0, 0, 0]))
    >>> held[0, 2, 2] = held[1, 3, 3] = 0.02
    >>> interoperable_cut(held, same=0.5, other=0.25)[0].tolist()
    [0.0, 0.02, 0.01, 0.005, 0.0]
    >>> interoperable_cut(held, same=0.5, other=0.25, rows=np.array([3])).tolist()
    [[0.005, 0.005, 0.005, 0.0, 0.0]]
    """
    level = np.diagonal(held, axis1=1, axis2=2)
    if rows is None:  # who is bound by nothing has nothing in common with anybody
        bound = np.flatnonzero(level.any(axis=0))
        every = np.zeros(held.shape[1:])
        every[bound] = interoperable_cut(held, same, other, bound)
        return every
    cut = held[:, rows].max(axis=0)
    if same > 0 and rows.size:
        common = np.minimum(level[:, rows, None], level[:, None, :]).max(axis=0)
        cut = np.maximum(cut, same * common)
    if other > 0 and rows.size:
        most = level.max(axis=0)
        cut = np.maximum(cut, other * np.minimum.outer(most[rows], most))
    cut[np.arange(rows.size), rows] = 0.0
    return np.asarray(cut)
