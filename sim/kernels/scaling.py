"""Gains at a fraction of a level, from exact solutions at a few fractions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["NODES", "gains_at_scale"]

Floats = NDArray[np.float64]

NODES: tuple[float, ...] = (0.25, 0.5, 0.75, 1.0)
"""Fractions of a level at which the trade equilibrium is solved exactly."""


def gains_at_scale(gains: Floats, scales: Floats) -> Floats:
    """Interpolate gains that vanish at scale 0 by the polynomial through the nodes.

    Exemptions and softness shrink a proposal: the economy then sees a fraction of its tariff and
    trade-cost cuts. Gains are smooth in that fraction, so a quartic through the origin and four
    exact solutions replaces a solution for every set of exemptions; the error is measured in
    ``tests/unit/test_trade_menu.py`` (below 1e-4 of the gain).

    Parameters
    ----------
    gains
        (Q, S) exact gains at the Q `NODES`, any unit.
    scales
        (K,) fractions, 0–1.

    Returns
    -------
    (K, S) gains in the same unit.

    Examples
    --------
    >>> exact = np.array([[s - 0.5 * s**2] for s in NODES])
    >>> float(abs(gains_at_scale(exact, np.array([0.9]))[0, 0] - (0.9 - 0.405))) < 1e-12
    True
    """
    nodes = np.array((0.0, *NODES))
    gap = nodes[:, None] - nodes[None, :]
    np.fill_diagonal(gap, 1.0)
    basis = np.ones((len(scales), len(nodes)))
    for k in range(len(nodes)):
        for m in range(len(nodes)):
            if m != k:
                basis[:, k] *= (scales - nodes[m]) / gap[k, m]
    return basis[:, 1:] @ gains
