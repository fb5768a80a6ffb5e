"""Gains of any tariff and trade-cost cut of a menu, from exact solutions on a small grid."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import Commitment, TariffCut, TradeCostCut
from sim.kernels.scaling import NODES, gains_on_surface
from sim.memo import remembered
from sim.types import Floats

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.economy import Outlook
    from sim.setting import Setting

__all__ = ["gains_of_cuts"]


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
    sizes = np.array([_sizes(change) for change in changes])
    if outlook.terms.hits_ceiling(most):
        levels, back = np.unique(sizes, axis=0, return_inverse=True)
        solved = outlook.gains([_resized(most, *level) for level in levels])
        return np.asarray(solved[back.ravel()])
    cut, depth = _sizes(most)
    grid = _grid(setting, None, outlook, most)
    return gains_on_surface(grid, sizes[:, 0] / (cut or 1.0), sizes[:, 1] / (depth or 1.0))


@remembered(keep=24)
def _grid(setting: Setting, _: None, outlook: Outlook, most: Commitment) -> Floats:
    """(Q, Q, S) exact gains at the nodes of tariff cuts and trade-cost cuts."""
    cut, depth = _sizes(most)
    cuts = [cut * n for n in NODES] if cut else [0.0]
    depths = [depth * n for n in NODES] if depth else [0.0]
    changes = [_resized(most, c, d) for c in cuts for d in depths]
    solved = outlook.gains(changes[1:])  # the first is no change
    grid = np.concatenate([np.zeros((1, most.inside.size)), solved])
    return grid.reshape(len(cuts), len(depths), -1)


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
    return Commitment(effects, change.inside)
