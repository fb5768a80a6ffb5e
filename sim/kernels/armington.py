"""Trade equilibrium of many countries with tariffs, in changes (MODEL 4.1).

An Armington (equivalently Eaton and Kortum 2002) economy with ad valorem tariffs whose revenue is
rebated, solved in changes from observed trade (Dekle, Eaton & Kortum 2008; Costinot &
Rodriguez-Clare 2014); trade deficits are purged first (Ossa 2014) or held fixed. Equations, method
and measured error: ``docs/kernels/armington.md``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.errors import DataError, StateError
from sim.kernels._armington_batch import Outcome, one_blas_thread, run
from sim.kernels._armington_build import Menu
from sim.kernels._armington_input import (
    baseline_of,
    deficits_of,
    purged,
    unchanged,
    valid_flows,
    valid_tariffs,
)
from sim.kernels._armington_solver import Market
from sim.kernels._armington_technology import Array, power_of

__all__ = ["Economy", "Equilibrium"]


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """Outcome of one counterfactual, or of a batch (then every array has a leading B axis).

    Attributes
    ----------
    welfare
        Real expenditure relative to the baseline, (N,); 1 is unchanged.
    wages, prices
        Wage and consumer price index relative to the baseline, (N,); world output is the numeraire.
    expenditure, revenue
        Spending of each country, tariffs included, and its tariff revenue, (N,), unit of the flows.
    iterations
        Evaluations of the market used, (B,) or a whole number.
    residual
        Largest relative gap between a country's sales and its output, (B,) or a number.
    """

    welfare: Array
    wages: Array
    prices: Array
    expenditure: Array
    revenue: Array
    iterations: NDArray[np.intp] | int
    residual: Array | float
    _economy: Economy = field(repr=False)
    _menu: Menu = field(repr=False)

    @property
    def flows(self) -> Array:
        """Sales of i to j at producer prices, (N, N) or (B, N, N), unit of the baseline flows.

        Worked out when asked for, from the tariffs and trade costs that were given. Those are kept
        by reference: a copy would take longer than the solution.

        Raises
        ------
        StateError
            If those arrays were written to since.
        """
        if self.wages.ndim == 1:
            return self.flows_of(0)
        return np.stack([self.flows_of(item) for item in range(self._menu.count)])

    def flows_of(self, item: int) -> Array:
        """Flows of one counterfactual of a batch, (N, N); see `flows`."""
        return self._economy._flows(self._menu, item, np.atleast_2d(self.wages)[item])


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
            self._reference = run(self._market, unchanged(baseline), None, 1)
        self.flows = trade * self._unit
        self.output = baseline.output * self._unit
        self.expenditure = self._reference.expenditure[0] * self._unit
        for array in (self.flows, self.output, self.expenditure, duties):
            array.flags.writeable = False

    @property
    def baseline_tariffs(self) -> Array:
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
        menu = Menu.of(self._market.baseline, tariffs, trade_costs)
        if np.ndim(tariffs) > 2 or np.ndim(trade_costs) > 2:
            raise DataError("a batch", where="solve", expected="(N, N) arrays, or solve_batch")
        return self._equilibrium(menu, run(self._market, menu, None, 1), single=True)

    def solve_batch(
        self,
        tariffs: ArrayLike | None = None,
        trade_costs: ArrayLike | None = None,
        *,
        start: ArrayLike | None = None,
        workers: int | None = None,
    ) -> Equilibrium:
        """Return the equilibria of B counterfactuals, each what it would be alone.

        Parameters
        ----------
        tariffs, trade_costs
            As in `solve`, (B, N, N) each; None leaves them, (N, N) is shared by all.
        start
            Wages to start the search from, (N,) or (B, N), relative to the baseline; the result
            depends on them within the tolerance only.
        workers
            Threads to use; None for two, or one where there is one processor. Results do not
            depend on it.

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
        menu = Menu.of(self._market.baseline, tariffs, trade_costs)
        first = None if start is None else self._valid_start(start, menu.count)
        return self._equilibrium(menu, run(self._market, menu, first, workers), single=False)

    def _valid_start(self, start: ArrayLike, count: int) -> Array:
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

    def _equilibrium(self, menu: Menu, outcome: Outcome, *, single: bool) -> Equilibrium:
        """Return the outcome relative to the baseline and in the user's unit."""
        reference = self._reference
        prices = (outcome.index / reference.index) ** (-1.0 / self.elasticity)
        arrays = (
            outcome.expenditure / reference.expenditure / prices,
            np.exp(outcome.log_wages),
            prices,
            outcome.expenditure * self._unit,
            (outcome.expenditure - outcome.budget) * self._unit,
        )
        if not single:
            return Equilibrium(*arrays, outcome.iterations, outcome.residual, self, menu)
        report = (int(outcome.iterations[0]), float(outcome.residual[0]))
        welfare, wages, prices, expenditure, revenue = (a[0] for a in arrays)
        return Equilibrium(welfare, wages, prices, expenditure, revenue, *report, self, menu)

    def _flows(self, menu: Menu, item: int, wages: Array) -> Array:
        """Flows of a counterfactual at its wages, (N, N)."""
        baseline = self._market.baseline
        tariffs = baseline.tariffs if menu.tariffs is None else menu.tariffs[item]
        keep = 1.0 / (1.0 + tariffs)
        base = keep.copy() if menu.costs is None else keep / menu.costs[item]
        net = power_of(self.elasticity)(base) * baseline.scaled * keep
        net *= (wages**-self.elasticity)[:, None]
        income = wages * baseline.output
        flows = net * ((income + baseline.deficits) / net.sum(axis=0))
        if not np.allclose(flows.sum(axis=1), income, rtol=1e-8, atol=0.0):
            raise StateError(
                f"the tariffs or trade costs of counterfactual {item} were changed after solving",
                where="flows",
                expected="arrays left as they were, or copies of them",
            )
        return np.asarray(flows * self._unit)
