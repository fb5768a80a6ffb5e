"""Discontent from imports and inequality, eased by redistribution."""

from __future__ import annotations

import numpy as np

from sim.types import Floats

__all__ = ["discontent", "import_share"]


def import_share(flows: Floats) -> Floats:
    """(S,) percent of what a state buys that comes from abroad.

    Parameters
    ----------
    flows
        (S, S) sales of i to j, bn USD.

    Examples
    --------
    >>> import_share(np.array([[3.0, 0.0], [1.0, 4.0]])).tolist()
    [25.0, 0.0]
    """
    bought = flows.sum(axis=0)
    home = np.diagonal(flows)
    return np.asarray(100.0 * (1.0 - home / np.where(bought > 0, bought, 1.0)))


def discontent(
    changes: tuple[Floats, Floats, Floats], weights: tuple[float, float, float]
) -> Floats:
    """(S,) standard deviations of orientation, bounded as orientation is.

    Parameters
    ----------
    changes
        Points since the first day: of the import share, of the Gini index before taxes, and of
        redistribution.
    weights
        Standard deviations per point of each; the last one eases.

    Examples
    --------
    What is redistributed in full is not felt, where both weigh alike:

    >>> five = np.array([5.0])
    >>> discontent((0 * five, five, five), (0.02, 0.01, 0.01)).tolist()
    [0.0]
    """
    imports, inequality, redistribution = changes
    felt = weights[0] * imports + weights[1] * inequality - weights[2] * redistribution
    return np.clip(felt, -5.0, 5.0)
