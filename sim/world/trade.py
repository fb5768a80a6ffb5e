"""Who sells what to whom at the start: gravity brought to known totals.

The flows are goods trade in billion USD of 2023 as recorded at the border (gross), while domestic
sales are gross domestic product less exports (value added). The two are not the same thing: an
economy that exports more than it adds value to would be left without domestic sales, so a floor
keeps them at a share of GDP. See ``docs/world.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.errors import ConfigError, nearest
from sim.kernels.gravity import predict_trade
from sim.kernels.ras import Balanced, Totals, balance

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

SHARE_PREFIX = "intra_bloc_share_"
"""Parameters so named give the share of a bloc's exports that stays inside it."""


@dataclass(frozen=True)
class Geography:
    """What the gravity equation reads, besides size.

    Attributes
    ----------
    distance
        Great-circle distance between capitals, shape (N, N), km.
    is_contiguous, has_common_language, has_colonial_link, has_agreement
        What pairs share, shape (N, N) each.
    """

    distance: FloatArray
    is_contiguous: BoolArray
    has_common_language: BoolArray
    has_colonial_link: BoolArray
    has_agreement: BoolArray


@dataclass(frozen=True)
class SaneTotals:
    """Exports and imports that an economy of its size can have, with one world total.

    Attributes
    ----------
    exports, imports
        Shape (N,), billion USD; the same sum.
    is_capped
        States whose recorded trade was cut, shape (N,).
    import_scale
        Factor on the imports of all others that closes the world total.
    """

    exports: FloatArray
    imports: FloatArray
    is_capped: BoolArray
    import_scale: float


def parameter(parameters: Mapping[str, float], name: str) -> float:
    """Value of a parameter of the world.

    Raises
    ------
    ConfigError
        If it is missing.

    Examples
    --------
    >>> parameter({"distance_elasticity": -1.1}, "distance_elasticity")
    -1.1
    """
    if name not in parameters:
        raise ConfigError(
            f"the parameter {name!r} is missing",
            where="world parameters",
            expected=nearest(name, parameters),
        )
    return float(parameters[name])


def sane_totals(
    gdp: FloatArray,
    recorded: tuple[FloatArray, FloatArray],
    parameters: Mapping[str, float],
) -> SaneTotals:
    """Cut trade that only passes through, and make world exports equal world imports.

    Ships registered under a flag of convenience, and goods that pass an entrepôt, are recorded as
    trade of an economy that neither makes nor uses them. Exports are cut to `export_ceiling` times
    GDP, imports to exports plus `deficit_ceiling` times GDP. What is cut from imports is spread
    over the imports of all other states in proportion, so that the world total holds.

    Parameters
    ----------
    gdp
        Shape (N,), billion USD.
    recorded
        Exports and imports as recorded, shape (N,) each, billion USD.
    parameters
        `export_ceiling`, `deficit_ceiling` (shares of GDP).

    Examples
    --------
    A port with three times its GDP in imports is cut, the world total is kept:

    >>> gdp, ceilings = np.array([1.0, 50, 50]), {"export_ceiling": 1, "deficit_ceiling": 0.6}
    >>> t = sane_totals(gdp, (np.array([0.1, 10, 10]), np.array([3.0, 8, 9.1])), ceilings)
    >>> t.is_capped.tolist(), round(float(t.imports[0]), 9), float(t.imports.sum())
    ([True, False, False], 0.7, 20.1)
    """
    exports = np.minimum(recorded[0], parameter(parameters, "export_ceiling") * gdp)
    ceiling = exports + parameter(parameters, "deficit_ceiling") * gdp
    is_cut = recorded[1] > ceiling
    scale = 1.0
    # Scaling the rest up may lift further states over their ceiling; each round can only add some.
    for _ in range(len(gdp)):
        free = recorded[1][~is_cut].sum()
        scale = float((exports.sum() - ceiling[is_cut].sum()) / free)
        over = ~is_cut & (recorded[1] * scale > ceiling)
        if not over.any():
            break
        is_cut |= over
    imports = np.where(is_cut, ceiling, recorded[1] * scale)
    return SaneTotals(exports, imports, is_cut | (exports < recorded[0]), scale)


def baseline_trade(
    totals: SaneTotals,
    geography: Geography,
    blocs: Mapping[str, BoolArray],
    parameters: Mapping[str, float],
    names: tuple[str, ...] = (),
) -> Balanced:
    """Bilateral exports that follow geography and meet what is known of them.

    Parameters
    ----------
    totals
        Exports and imports to meet.
    geography
        Distances and what pairs share.
    blocs
        Members of each bloc whose inner share is known, shape (N,) each; the share itself is the
        parameter ``intra_bloc_share_<bloc>``.
    parameters
        `distance_elasticity`, `distance_floor`, `contiguity`, `common_language`, `colonial_link`,
        `agreement` and the shares.
    names
        What to call states in messages.

    Returns
    -------
    Balanced
        Flows from i to j, shape (N, N), billion USD, zero on the diagonal, with the residual.

    Raises
    ------
    ConvergenceError
        If totals and shares contradict each other; it names those missed.
    """
    coefficients = np.array(
        [
            parameter(parameters, name)
            for name in ("contiguity", "common_language", "colonial_link", "agreement")
        ]
    )
    dummies = np.stack(
        [
            geography.is_contiguous,
            geography.has_common_language,
            geography.has_colonial_link,
            geography.has_agreement,
        ]
    ).astype(np.float64)
    seed = predict_trade(
        (totals.exports, totals.imports),
        np.maximum(geography.distance, parameter(parameters, "distance_floor")),
        dummies,
        distance_elasticity=parameter(parameters, "distance_elasticity"),
        coefficients=coefficients,
    )
    shares = np.array([parameter(parameters, SHARE_PREFIX + bloc) for bloc in blocs])
    members = np.array(list(blocs.values()), dtype=bool).reshape(len(blocs), len(seed))
    inside = shares * np.where(members, totals.exports, 0.0).sum(axis=1)
    return balance(
        seed, Totals(totals.exports, totals.imports, members, inside, names, tuple(blocs))
    )


def with_domestic_sales(
    flows: FloatArray, gdp: FloatArray, parameters: Mapping[str, float]
) -> FloatArray:
    """Put domestic sales on the diagonal: GDP less exports, at least a share of GDP.

    Parameters
    ----------
    flows
        Exports from i to j, shape (N, N), billion USD; the diagonal is ignored.
    gdp
        Shape (N,), billion USD.
    parameters
        `domestic_sales_floor` (share of GDP).

    Returns
    -------
    NDArray
        Flows with domestic sales, shape (N, N), billion USD.

    Examples
    --------
    The second economy exports more than its GDP and keeps the floor:

    >>> x = with_domestic_sales(np.array([[0.0, 20], [60, 0]]), np.array([100.0, 50]),
    ...                         {"domestic_sales_floor": 0.4})
    >>> x.diagonal().tolist()
    [80.0, 20.0]
    """
    sales = flows.copy()
    np.fill_diagonal(sales, 0.0)
    floor = parameter(parameters, "domestic_sales_floor") * gdp
    np.fill_diagonal(sales, np.maximum(gdp - sales.sum(axis=1), floor))
    return sales
