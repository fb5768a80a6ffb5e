"""Gains at any tariff and trade-cost cut of a menu, from exact solutions on a small grid."""

from __future__ import annotations

import numpy as np

from sim.types import Floats

__all__ = ["NODES", "gains_on_surface", "with_inner_nodes"]


NODES: tuple[float, ...] = (0.0, 1 / 3, 2 / 3, 1.0)
"""Fractions of the largest cut at which the trade equilibrium is solved exactly, on each axis."""


def gains_on_surface(grid: Floats, first: Floats, second: Floats) -> Floats:
    """Interpolate gains between the nodes of a grid, by a cubic along each axis.

    A menu combines cuts, exemptions and forms; the economy sees only how much of the largest tariff
    cut and of the largest trade-cost cut takes effect. Gains are smooth in both, so exact solutions
    on the border stand for all of it; the error is measured in `tests/unit/test_trade_menu.py`.

    Parameters
    ----------
    grid
        (Q, Q, S) exact gains at the `NODES` of the first and second axis; an axis that does not
        matter may have length 1.
    first, second
        (K,) fractions, 0–1.

    Returns
    -------
    (K, S) gains in the same unit.

    Examples
    --------
    >>> x, y = np.meshgrid(NODES, NODES, indexing="ij")
    >>> exact = (x - 0.5 * x**2 + 0.3 * y * x)[:, :, None]
    >>> found = gains_on_surface(exact, np.array([0.9]), np.array([0.5]))
    >>> bool(abs(found[0, 0] - (0.9 - 0.405 + 0.135)) < 1e-12)
    True
    """
    along_first = _weights(first) if grid.shape[0] > 1 else np.ones((first.size, 1))
    along_second = _weights(second) if grid.shape[1] > 1 else np.ones((second.size, 1))
    result: Floats = np.einsum("kp,kq,pqs->ks", along_first, along_second, grid, optimize=True)
    return result


def with_inner_nodes(grid: Floats) -> Floats:
    """Values at the inner nodes from those on the border, in place (Coons 1967).

    The surface then is a cubic along each axis on the border, and between them as one axis bends
    the other's effect in proportion. Solving the four inside as well leaves errors of that order.

    Parameters
    ----------
    grid
        (Q, Q, S) values at the `NODES`; unchanged where an axis has length 1.

    Examples
    --------
    >>> x, y = np.meshgrid(NODES, NODES, indexing="ij")
    >>> exact = (x**3 - x * y + x * y**2)[:, :, None]
    >>> grid = exact.copy()
    >>> grid[1:3, 1:3] = np.nan
    >>> bool(np.allclose(with_inner_nodes(grid), exact, atol=1e-15))
    True
    """
    if 1 in grid.shape[:2]:
        return grid
    inner = slice(1, -1)
    x = np.array(NODES)[inner, None, None]
    y = np.array(NODES)[None, inner, None]
    along = (1 - x) * grid[:1, inner] + x * grid[-1:, inner]
    across = (1 - y) * grid[inner, :1] + y * grid[inner, -1:]
    near = (1 - y) * grid[:1, :1] + y * grid[:1, -1:]
    far = (1 - y) * grid[-1:, :1] + y * grid[-1:, -1:]
    grid[inner, inner] = along + across - (1 - x) * near - x * far
    return grid


def _weights(at: Floats) -> Floats:
    """(K, Q) Lagrange weights of the nodes."""
    nodes = np.array(NODES)
    weight = np.ones((at.size, nodes.size))
    for k in range(nodes.size):
        for m in range(nodes.size):
            if m != k:
                weight[:, k] *= (at - nodes[m]) / (nodes[k] - nodes[m])
    return weight
