"""What a trade economy is built from: checks, the baseline in shares, and the purge of deficits."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sim.errors import ConvergenceError, DataError
from sim.kernels.armington.assembly import corrections
from sim.kernels.armington.counterfactuals import Entries, MatrixBatch
from sim.kernels.armington.solver import TOLERANCE, Evaluation, Market, clear_markets
from sim.kernels.armington.technology import Baseline, Product
from sim.types import Floats

# Deficits below this share of output are rounding and are not worth another baseline.
_NEGLIGIBLE = 1e-12


def valid_flows(flows: ArrayLike) -> Floats:
    """Return the flows as floats after checking that they can be an economy, (N, N)."""
    array = np.array(flows, dtype=np.float64)
    if array.ndim != 2 or array.shape[0] != array.shape[1] or not array.size:
        raise DataError(f"shape {array.shape}", where="flows", expected="a square matrix (N, N)")
    wrong = np.argwhere(~(np.isfinite(array) & (array >= 0.0)))
    if len(wrong):
        i, j = wrong[0]
        raise DataError(
            f"{array[i, j]} from exporter {i} to importer {j}, {len(wrong)} such",
            where="flows",
            expected="finite numbers, zero or more",
        )
    for what, total in (("sells", array.sum(axis=1)), ("buys", array.sum(axis=0))):
        if not (total > 0.0).all():
            raise DataError(
                f"country {int(np.argmin(total > 0.0))} {what} nothing",
                where="flows",
                expected="a positive sum in every row and column (domestic sales on the diagonal)",
            )
    return array


def valid_tariffs(tariffs: ArrayLike | None, size: int) -> Floats:
    """Return the tariffs as floats after checking range and shape, zeros for None, (N, N)."""
    if tariffs is None:
        return np.zeros((size, size))
    array = np.array(tariffs, dtype=np.float64)
    if array.shape != (size, size):
        raise DataError(f"shape {array.shape}", where="tariffs", expected=f"({size}, {size})")
    wrong = np.argwhere(~(np.isfinite(array) & (array > -1.0)))
    if len(wrong):
        i, j = wrong[0]
        raise DataError(
            f"{array[i, j]} of importer {j} on exporter {i}",
            where="tariffs",
            expected="finite fractions above -1 (0.1 is ten percent)",
        )
    return array


def baseline_of(flows: Floats, tariffs: Floats, elasticity: float, deficits: Floats) -> Baseline:
    """Return the economy in shares.

    Parameters
    ----------
    flows
        Sales at producer prices as shares of world output, (N, N).
    tariffs
        Tariffs as fractions, (N, N).
    elasticity
        Trade elasticity.
    deficits
        Spending at producer prices beyond output, shares of world output, (N,).
    """
    paid = flows * (1.0 + tariffs)
    shares = paid / paid.sum(axis=0)
    net = shares / (1.0 + tariffs)
    return Baseline(
        elasticity=elasticity,
        tariffs=tariffs,
        shares=shares,
        scaled=shares * (1.0 + tariffs) ** elasticity,
        net=net,
        output=flows.sum(axis=1),
        deficits=deficits,
        by_net=Product(net),
        by_net_transposed=Product(net.T),
        by_shares=Product(shares),
        is_balanced=not deficits.any(),
    )


def deficits_of(flows: Floats) -> Floats:
    """Spending at producer prices beyond output, (N,)."""
    return np.asarray(flows.sum(axis=0) - flows.sum(axis=1))


def unchanged(baseline: Baseline) -> MatrixBatch:
    """Return the batch with one counterfactual that changes nothing."""
    return MatrixBatch.of(baseline, None, None)


def purged(flows: Floats, tariffs: Floats, elasticity: float) -> Floats:
    """Return the flows of the same economy without trade deficits (Ossa 2014), (N, N).

    Raises
    ------
    ConvergenceError
        If no wages clear the markets without deficits.
    """
    if (np.abs(deficits_of(flows)) <= _NEGLIGIBLE * flows.sum(axis=1)).all():
        return flows
    baseline = baseline_of(flows, tariffs, elasticity, np.zeros(len(flows)))
    nothing = Entries(np.empty(0, dtype=np.intp), None, None)
    same = corrections(baseline, unchanged(baseline), [0], [nothing])
    wages = clear_markets(Market.of(baseline), same, np.zeros((1, len(flows))), TOLERANCE / 20)
    if not wages.residual[0] <= TOLERANCE:
        raise ConvergenceError(
            f"trade deficits could not be purged, relative residual {wages.residual[0]:.1e}",
            where="flows",
            expected="countries with some domestic sales, or deficits='fixed'",
        )
    point = Evaluation.at(baseline, same, wages.log_wages)
    balanced = point.u[0, :, None] * baseline.net * point.demand[0]
    return np.asarray(balanced / balanced.sum())
