"""Gains of any tariff and trade-cost cut of a menu, from exact solutions on a small grid."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import Commitment, TariffCut, TradeCostCut
from sim.kernels.scaling import NODES, gains_on_surface, with_inner_nodes
from sim.memo import remembered
from sim.types import Floats

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sim.economy import Outlook
    from sim.setting import Setting

__all__ = ["gains_of_cuts", "grid_of", "largest", "on_surface"]


def gains_of_cuts(
    setting: Setting, outlook: Outlook, changes: Sequence[Commitment], most: Commitment
) -> Floats:
    """Gains of tariff and trade-cost cuts that differ in size alone.

    Parameters
    ----------
    outlook
        The committed world.
    changes
        The cuts, M of them.
    most
        The largest of both.

    Returns
    -------
    (M, S) percent of annual income; exact where a ceiling of trade-cost cuts makes a kink, which no
    cubic follows.
    """
    grid = None if outlook.terms.hits_ceiling(most) else _grid(setting, None, outlook, most)
    return on_surface(outlook.gains, changes, most, grid)


def on_surface(
    worth: Callable[[list[Commitment]], Floats],
    changes: Sequence[Commitment],
    most: Commitment,
    grid: Floats | None,
) -> Floats:
    """(M, N) what cuts that differ in size alone are worth: from a `grid_of` them, or each solved.

    Parameters
    ----------
    worth
        (B, N) of B cuts.
    grid
        At the nodes; None to solve for each size.
    """
    sizes = np.array([_sizes(change) for change in changes])
    if grid is None:
        levels, back = np.unique(sizes, axis=0, return_inverse=True)
        solved = worth([_resized(most, *level) for level in levels])
        return np.asarray(solved[back.ravel()])
    cut, depth = _sizes(most)
    return gains_on_surface(grid, sizes[:, 0] / (cut or 1.0), sizes[:, 1] / (depth or 1.0))


def grid_of(worth: Callable[[list[Commitment]], Floats], most: Commitment) -> Floats:
    """(Q, Q, N) what cuts are worth at the nodes of tariff cuts and trade-cost cuts.

    Those on the border are solved; what lies between follows from them.
    """
    cut, depth = _sizes(most)
    cuts = [cut * n for n in NODES] if cut else [0.0]
    depths = [depth * n for n in NODES] if depth else [0.0]
    border = [
        (p, q)
        for p in range(len(cuts))
        for q in range(len(depths))
        if {p, q} & {0, len(NODES) - 1} and p + q  # the first is no change
    ]
    solved = worth([_resized(most, cuts[p], depths[q]) for p, q in border])
    grid = np.zeros((len(cuts), len(depths), solved.shape[1]))
    for (p, q), value in zip(border, solved, strict=True):
        grid[p, q] = value
    return with_inner_nodes(grid)


def largest(changes: Sequence[Commitment]) -> Commitment:
    """The largest of both cuts among changes that differ in size alone."""
    return _resized(changes[0], *np.max([_sizes(change) for change in changes], axis=0).tolist())


@remembered(keep=24)
def _grid(setting: Setting, _: None, outlook: Outlook, most: Commitment) -> Floats:
    """(Q, Q, S) exact gains at the nodes."""
    return grid_of(outlook.gains, most)


def _sizes(change: Commitment) -> tuple[float, float]:
    """Its tariff cut and its trade-cost cut (fractions)."""
    cut = next(e.share for e in change.effects if isinstance(e, TariffCut))
    depth = next(e.share for e in change.effects if isinstance(e, TradeCostCut))
    return cut, depth


def _resized(change: Commitment, cut: float, depth: float) -> Commitment:
    """The same cuts, of another size."""
    effects = tuple(
        replace(e, share=cut if isinstance(e, TariffCut) else depth)
        for e in change.effects
        if isinstance(e, TariffCut | TradeCostCut)
    )
    return replace(change, effects=effects)
