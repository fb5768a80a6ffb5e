"""Trade by sector, and what governments make of what happens to their sectors.

Trade of pairs is split by sector so that what each state sells and buys of a sector is as known
(iterative proportional fitting in three dimensions; Deming & Stephan 1940). What a government makes
of a sector is what its tariff reveals: it is set where the welfare that a higher one would cost is
worth just what the sector would win (Grossman & Helpman 1994; Goldberg & Maggi 1999; Ossa 2014).
"""

from __future__ import annotations

import numpy as np

from sim.errors import DataError
from sim.kernels.armington.technology import power_of
from sim.kernels.ras import fill
from sim.types import Floats, Indices

__all__ = ["Protected", "margins", "revealed_weight", "split"]

_SWEEPS = 2000
_SMALLEST = np.finfo(float).tiny


def margins(flows: Floats, exports: Floats, imports: Floats) -> tuple[Floats, Floats]:
    """Exports and imports by state and sector that agree with the flows and with one another.

    What all sell of a sector is what all buy of it: the mean of what the two sides say, to which
    both are scaled (RAS), so that shares move a little.

    Parameters
    ----------
    flows
        Exports from i to j, (N, N), zero on the diagonal.
    exports, imports
        (K, N) share of each sector in what a state sells and buys; they add up to one.

    Returns
    -------
    tuple
        (K, N) each, unit of the flows.
    """
    sold, bought = exports * flows.sum(axis=1), imports * flows.sum(axis=0)
    of_sector = (sold.sum(axis=1) + bought.sum(axis=1)) / 2.0
    found = [
        fill(side, of_sector, side.sum(axis=0), tolerance=1e-14, max_sweeps=_SWEEPS)
        for side in (sold, bought)
    ]
    return found[0], found[1]


def split(flows: Floats, sold: Floats, bought: Floats, *, tolerance: float = 1e-11) -> Floats:
    """Split flows by sector so that both margins are met, nearest to proportions.

    Parameters
    ----------
    flows
        Exports from i to j, (N, N), zero on the diagonal; they stand as they are.
    sold, bought
        (K, N) exports and imports by sector and state, as from `margins`.
    tolerance
        What a margin may be off by, relative to the sum of all flows.

    Returns
    -------
    NDArray
        (K, N, N), adding up to the flows.

    Raises
    ------
    DataError
        If the flows cannot be split so: too many pairs do not trade.

    Examples
    --------
    Who sells grain alone sells nothing else, whatever the buyer buys:

    >>> flows = np.array([[0.0, 2, 1], [1, 0, 1], [1, 1, 0]])
    >>> sold = np.array([[3.0, 0.5, 0.5], [0, 1.5, 1.5]])
    >>> bought = np.array([[0.5, 2.25, 1.25], [1.5, 0.75, 0.75]])
    >>> x = split(flows, sold, bought)
    >>> x[:, 0].round(6).tolist(), bool(np.allclose(x.sum(axis=2), sold))
    ([[0.0, 2.0, 1.0], [0.0, 0.0, 0.0]], True)
    """
    total = max(float(flows.sum()), _SMALLEST)
    of_sector = np.maximum(sold.sum(axis=1), _SMALLEST)
    by_sector = sold[:, :, None] * bought[:, None, :] / of_sector[:, None, None]
    by_sector = by_sector * (flows > 0)
    for _ in range(_SWEEPS):
        by_sector = by_sector * _ratio(sold, by_sector.sum(axis=2))[:, :, None]
        by_sector = by_sector * _ratio(bought, by_sector.sum(axis=1))[:, None, :]
        by_sector = np.asarray(by_sector * _ratio(flows, by_sector.sum(axis=0)))
        off = max(
            np.abs(by_sector.sum(axis=2) - sold).max(), np.abs(by_sector.sum(axis=1) - bought).max()
        )
        if off <= tolerance * total:
            return by_sector
    raise DataError(
        f"sectors of the flows are off by {off / total:.1e} of world trade",
        where="trade by sector",
        expected="exports and imports by sector that the pairs that trade can have",
    )


def _ratio(target: Floats, current: Floats) -> Floats:
    return np.divide(target, current, out=np.zeros_like(current), where=current > _SMALLEST)


def revealed_weight(tariff: Floats, home: Floats, elasticity: float) -> Floats:
    """What a government gives for a dollar of sales of a sector, beyond the income in it.

    At its tariff t the welfare that a little more would cost, ``t dM``, is worth what home sales
    win by it, ``dX``. With CES demand within a sector and given spending on it both follow from
    the home share h: ``t / (1 + t) (1 + 1 / (θ h))``. Terms of trade are left out: of what a large
    country's tariff is set for, some is to press down what it pays (Broda, Limão & Weinstein 2008),
    and its weights come out too high.

    Parameters
    ----------
    tariff
        Most-favoured-nation tariff, fraction (any shape).
    home
        Share of home sales in spending on the sector, 0–1, of the same shape.
    elasticity
        Trade elasticity θ.

    Examples
    --------
    A sector without a tariff weighs nothing:

    >>> revealed_weight(np.array([0.0, 0.25]), np.array([0.5, 0.5]), 4.0).tolist()
    [0.0, 0.30000000000000004]
    """
    return np.asarray(tariff / (1.0 + tariff) * (1.0 + 1.0 / (elasticity * home)))


class Protected:
    """Sectors of all states at some tariffs, and what changes do to those that weigh.

    Wages, and what is spent on each sector, are held: what moves is who sells it.

    Parameters
    ----------
    flows
        (K, N, N) sales of i to j by sector, home sales on the diagonal.
    tariffs
        (K, N, N) tariff of j on i, fraction.
    weights
        (K, N) what a dollar of sales of the sector is worth to the government (`revealed_weight`).
    elasticity
        Trade elasticity θ.

    Attributes
    ----------
    home
        (K, N) share of home sales in spending.

    Examples
    --------
    A cut for one partner takes sales from the protected at home, and gives some to the partner's:

    >>> flows, tariffs = np.array([[[8.0, 2.0], [2.0, 8.0]]]), np.array([[[0, 0.2], [0.2, 0]]])
    >>> sectors = Protected(flows, tariffs, np.array([[0.5, 0.5]]), 4.0)
    >>> sectors.change([0], [1], np.zeros((1, 1)), np.ones(1)).round(2).tolist()
    [[0.99, -0.79]]
    """

    def __init__(self, flows: Floats, tariffs: Floats, weights: Floats, elasticity: float) -> None:
        self._flows, self._tariffs, self._weights = flows, tariffs, weights
        self._power = power_of(elasticity)
        paid = flows * (1.0 + tariffs)
        self._shares = paid / np.maximum(paid.sum(axis=1, keepdims=True), _SMALLEST)
        self.home = np.diagonal(self._shares, axis1=1, axis2=2)

    def change(
        self, exporters: Indices, importers: Indices, tariffs: Floats, costs: Floats
    ) -> Floats:
        """Weighted change of sales by sector when E pairs get other tariffs and trade costs.

        Parameters
        ----------
        exporters, importers
            (E,) rows of the pairs.
        tariffs
            (K, E) their new tariffs.
        costs
            (E,) their trade costs, relative to those before.

        Returns
        -------
        NDArray
            (K, N), unit of the flows.
        """
        i, j = np.asarray(exporters), np.asarray(importers)
        kinds, count, _ = self._flows.shape
        at = i * count + j
        before, share, flows = (
            array.reshape(kinds, -1).take(at, axis=1)
            for array in (self._tariffs, self._shares, self._flows)
        )
        ratio = (1.0 + tariffs) / (1.0 + before)
        more = ratio * costs
        more = 1.0 / self._power(more, np.empty_like(more))
        index = np.stack([1.0 + np.bincount(j, row, count) for row in share * (more - 1.0)])
        # Who sells to a market where some got cheaper sells less, in proportion.
        sales = np.einsum("kij,kj->ki", self._flows, 1.0 / index - 1.0)
        moved = flows * (more / ratio - 1.0) / index.take(j, axis=1)
        sales += np.stack([np.bincount(i, row, count) for row in moved])
        return np.asarray(self._weights * sales)
