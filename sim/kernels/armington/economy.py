"""Trade equilibrium of many countries with tariffs, in changes (MODEL 4.1).

An Armington (equivalently Eaton and Kortum 2002) economy with ad valorem tariffs whose revenue is
rebated, solved in changes from observed trade (Dekle, Eaton & Kortum 2008; Costinot &
Rodriguez-Clare 2014); trade deficits are purged first (Ossa 2014) or held fixed. Equations, method
and measured error: ``docs/kernels/armington.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from sim.errors import DataError
from sim.kernels.armington.baseline import (
    baseline_of,
    deficits_of,
    purged,
    unchanged,
    valid_flows,
    valid_tariffs,
)
from sim.kernels.armington.counterfactuals import Batch, Changes, ListedBatch, MatrixBatch
from sim.kernels.armington.equilibrium import Equilibrium
from sim.kernels.armington.solutions import Solutions, one_blas_thread, solve
from sim.kernels.armington.solver import Market
from sim.types import Floats

__all__ = ["Changes", "Economy", "Equilibrium"]


class Economy:
    """A baseline world economy whose tariffs and trade costs can be changed.

    Parameters
    ----------
    flows
        Sales of exporter i to importer j at producer prices, (N, N), any unit of value; domestic
        sales on the diagonal. Zeros are normal.
    tariffs
        Ad valorem tariff of importer j on exporter i as a fraction, (N, N); None for none.
    elasticity
        Trade elasticity theta.
    deficits
        ``"balanced"`` removes trade deficits first and takes the result as the baseline (Ossa
        2014); ``"fixed"`` keeps them fixed as shares of world output, which makes a deficit
        country gain from tariffs without bound.

    Attributes
    ----------
    flows
        Baseline flows, after the purge where there was one, (N, N), unit of the flows given.
    output, expenditure
        Output and tariff-inclusive spending of each country in the baseline, (N,), same unit.
    elasticity
        As given.

    Raises
    ------
    DataError
        If an array is not square, finite and in range, or a country sells or buys nothing.
    ConvergenceError
        If the deficits cannot be purged.

    Examples
    --------
    Without tariffs the gain from trade is told by the domestic share alone (Arkolakis, Costinot
    & Rodriguez-Clare 2012):

    >>> economy = Economy([[8.0, 2.0], [2.0, 3.0]], elasticity=4.0)
    >>> far = economy.solve(trade_costs=[[1.0, 1.5], [1.5, 1.0]])
    >>> share = far.flows.diagonal() / far.expenditure
    >>> change = share / (economy.flows.diagonal() / economy.expenditure)
    >>> bool(np.allclose(far.welfare, change ** (-1 / 4), rtol=1e-12))
    True
    """

    def __init__(
        self,
        flows: ArrayLike,
        tariffs: ArrayLike | None = None,
        elasticity: float = 4.0,
        deficits: Literal["balanced", "fixed"] = "balanced",
    ) -> None:
        if deficits not in ("balanced", "fixed"):
            raise DataError(
                f"{deficits!r} is no way to treat deficits",
                where="deficits",
                expected="'balanced' or 'fixed'",
            )
        if not (np.isfinite(elasticity) and elasticity > 0):
            raise DataError(f"{elasticity}", where="elasticity", expected="a positive number")
        trade = valid_flows(flows)
        duties = valid_tariffs(tariffs, len(trade))
        self.elasticity = float(elasticity)
        self._unit = float(trade.sum())
        trade = trade / self._unit
        with one_blas_thread():
            if deficits == "balanced":
                trade = purged(trade, duties, self.elasticity)
                beyond = np.zeros(len(trade))
            else:
                beyond = deficits_of(trade)
            baseline = baseline_of(trade, duties, self.elasticity, beyond)
            self._market = Market.of(baseline)
            # The baseline goes the way of every counterfactual, so that no change is exactly 1.
            self._reference = solve(self._market, unchanged(baseline), None)
        self.flows = trade * self._unit
        self.output = baseline.output * self._unit
        self.expenditure = self._reference.expenditure[0] * self._unit
        for array in (self.flows, self.output, self.expenditure, duties):
            array.flags.writeable = False

    @property
    def baseline_tariffs(self) -> Floats:
        """Tariff of importer j on exporter i in the baseline, (N, N), a fraction, read-only."""
        return self._market.baseline.tariffs

    def solve(
        self, tariffs: ArrayLike | None = None, trade_costs: ArrayLike | None = None
    ) -> Equilibrium:
        """Return the equilibrium under other tariffs or trade costs.

        Parameters
        ----------
        tariffs
            New tariffs as fractions, (N, N); None leaves them.
        trade_costs
            Factor on the iceberg trade costs, (N, N); None leaves them.

        Raises
        ------
        DataError
            If an array has another shape or impossible entries.
        ConvergenceError
            If no clearing wages were found.

        Examples
        --------
        >>> economy = Economy([[8.0, 2.0], [2.0, 3.0]])
        >>> economy.solve().welfare.tolist()
        [1.0, 1.0]
        """
        batch = MatrixBatch.of(self._market.baseline, tariffs, trade_costs)
        if any(a is not None and np.ndim(a) > 2 for a in (tariffs, trade_costs)):
            raise DataError("a batch", where="solve", expected="(N, N) arrays, or solve_batch")
        return self._equilibrium(batch, solve(self._market, batch, None), single=True)

    def solve_batch(
        self,
        tariffs: ArrayLike | None = None,
        trade_costs: ArrayLike | None = None,
        *,
        start: ArrayLike | None = None,
    ) -> Equilibrium:
        """Return the equilibria of B counterfactuals, each what it would be alone.

        Parameters
        ----------
        tariffs, trade_costs
            As in `solve`, (B, N, N) each; None leaves them, (N, N) is shared by all.
        start
            Wages to start the search from, (N,) or (B, N), relative to the baseline; the result
            depends on them within the tolerance only.

        Raises
        ------
        DataError, ConvergenceError
            As in `solve`, with the number of the counterfactual.

        Examples
        --------
        >>> economy = Economy([[8.0, 2.0], [2.0, 3.0]])
        >>> tariffs = np.array([[[0, 0.1], [0, 0]], [[0, 0], [0.1, 0]]])
        >>> (economy.solve_batch(tariffs).welfare < 1).tolist()
        [[True, False], [False, True]]
        """
        batch = MatrixBatch.of(self._market.baseline, tariffs, trade_costs)
        first = None if start is None else self._valid_start(start, batch.count)
        return self._equilibrium(batch, solve(self._market, batch, first), single=False)

    def solve_changes(self, changes: Sequence[Changes]) -> Equilibrium:
        """Return what `solve_batch` would, told only the entries that change.

        Writing (B, N, N) matrices takes longer than solving for them when few entries change.

        Parameters
        ----------
        changes
            B counterfactuals: exporter and importer of each changed entry, whole numbers (E,), and
            its new tariff and trade cost.

        Raises
        ------
        DataError, ConvergenceError
            As in `solve_batch`; also if an entry is given twice or out of range.

        Examples
        --------
        >>> economy = Economy([[8.0, 2.0], [2.0, 3.0]])
        >>> few = economy.solve_changes([Changes([0], [1], [0.1]), Changes([1], [0], [0.1])])
        >>> many = economy.solve_batch([[[0, 0.1], [0, 0]], [[0, 0], [0.1, 0]]])
        >>> bool((few.welfare == many.welfare).all())
        True
        """
        batch = ListedBatch.of(len(self.output), changes)
        return self._equilibrium(batch, solve(self._market, batch, None), single=False)

    def _valid_start(self, start: ArrayLike, count: int) -> Floats:
        """Return the log of given wages, (B, N)."""
        wages = np.asarray(start, dtype=np.float64)
        size = len(self.output)
        fits = wages.shape in ((size,), (count, size))
        if not fits or not (np.isfinite(wages).all() and (wages > 0).all()):
            raise DataError(
                f"wages of shape {wages.shape}"
                + ("" if not fits else " that are not all positive"),
                where="start",
                expected=f"positive numbers, ({size},) or ({count}, {size})",
            )
        return np.broadcast_to(np.log(wages), (count, size))

    def _equilibrium(self, batch: Batch, solutions: Solutions, *, single: bool) -> Equilibrium:
        """Return the solutions relative to the baseline and in the user's unit."""
        reference = self._reference
        prices = (solutions.index / reference.index) ** (-1.0 / self.elasticity)
        row = 0 if single else slice(None)
        return Equilibrium(
            welfare=(solutions.expenditure / reference.expenditure / prices)[row],
            wages=np.exp(solutions.log_wages)[row],
            prices=prices[row],
            expenditure=(solutions.expenditure * self._unit)[row],
            revenue=((solutions.expenditure - solutions.budget) * self._unit)[row],
            iterations=int(solutions.iterations[0]) if single else solutions.iterations,
            residual=float(solutions.residual[0]) if single else solutions.residual,
            _baseline=self._market.baseline,
            _batch=batch,
            _unit=self._unit,
        )
