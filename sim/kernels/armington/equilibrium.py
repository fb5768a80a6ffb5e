"""What a counterfactual brings: the results of the trade equilibrium."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sim.errors import StateError
from sim.kernels.armington.counterfactuals import Batch
from sim.kernels.armington.technology import Baseline, power_of
from sim.types import Floats, Indices


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

    welfare: Floats
    wages: Floats
    prices: Floats
    expenditure: Floats
    revenue: Floats
    iterations: Indices | int
    residual: Floats | float
    _baseline: Baseline = field(repr=False)
    _batch: Batch = field(repr=False)
    _unit: float = field(repr=False)

    @property
    def flows(self) -> Floats:
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
        return np.stack([self.flows_of(item) for item in range(self._batch.count)])

    def flows_of(self, item: int) -> Floats:
        """Flows of one counterfactual of a batch, (N, N); see `flows`."""
        baseline, wages = self._baseline, np.atleast_2d(self.wages)[item]
        tariffs, costs = self._batch.matrices(baseline, item)
        keep = 1.0 / (1.0 + (baseline.tariffs if tariffs is None else tariffs))
        base = keep.copy() if costs is None else keep / costs
        net = power_of(baseline.elasticity)(base, base) * baseline.scaled * keep
        net *= (wages**-baseline.elasticity)[:, None]
        income = wages * baseline.output
        flows = net * ((income + baseline.deficits) / net.sum(axis=0))
        if not np.allclose(flows.sum(axis=1), income, rtol=1e-8, atol=0.0):
            raise StateError(
                f"the tariffs or trade costs of counterfactual {item} were changed after solving",
                where="flows",
                expected="arrays left as they were, or copies of them",
            )
        return np.asarray(flows * self._unit)
