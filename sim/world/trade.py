"""Who sells what to whom at the start: published flows, gravity for the rest, sane totals.

The flows are goods trade in billion USD of 2023 as recorded at the border (gross), while domestic
sales are gross domestic product less exports (value added). The two are not the same thing: an
economy that exports more than it adds value to would be left without domestic sales, so a floor
keeps them at a share of GDP. See ``docs/world.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.errors import ConfigError, nearest
from sim.kernels.gravity import predict_trade
from sim.types import Bools, Floats
from sim.world.flows import KnownFlows, completed


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

    distance: Floats
    is_contiguous: Bools
    has_common_language: Bools
    has_colonial_link: Bools
    has_agreement: Bools


@dataclass(frozen=True)
class Baseline:
    """The trade of 2023 between all pairs, and how it was come by.

    Attributes
    ----------
    flows
        Exports from i to j, billion USD, shape (N, N), zero on the diagonal.
    is_known
        Pairs whose flow is published, shape (N, N); the others are estimates.
    is_capped
        States with trade that no economy of their size has, and whose published flows were
        therefore scaled down, shape (N,).
    unplaced
        Recorded exports and imports beyond all flows before that: trade with territories that are
        no state of the world, shape (2, N), billion USD.
    """

    flows: Floats
    is_known: Bools
    is_capped: Bools
    unplaced: Floats


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


def baseline_trade(
    known: KnownFlows,
    recorded: tuple[Floats, Floats],
    geography: Geography,
    gdp: Floats,
    parameters: Mapping[str, float],
) -> Baseline:
    """Published flows as they are, what is not published by gravity, ceilings on what passes by.

    Parameters
    ----------
    known
        The published flows.
    recorded
        Exports and imports as recorded, shape (N,) each, billion USD.
    geography
        Distances and what pairs share, for the gravity equation.
    gdp
        Shape (N,), billion USD.
    parameters
        `distance_elasticity`, `distance_floor`, `contiguity`, `common_language`, `colonial_link`,
        `agreement`, `export_ceiling`, `deficit_ceiling`.
    """
    flows = completed(known, recorded, gravity(recorded, geography, parameters))
    covered = np.where(np.outer(known.is_covered, known.is_covered), flows, 0.0)
    unplaced = np.stack(
        [
            np.where(known.is_covered, total - covered.sum(axis=axis), 0.0)
            for total, axis in zip(recorded, (1, 0), strict=True)
        ]
    )
    sane, is_capped = within_ceilings(flows, gdp, parameters)
    return Baseline(sane, known.is_known, is_capped, unplaced)


def gravity(
    sizes: tuple[Floats, Floats], geography: Geography, parameters: Mapping[str, float]
) -> Floats:
    """The pattern that geography gives trade, shape (N, N), any scale.

    Parameters
    ----------
    sizes
        Exports and imports of each state, shape (N,) each.
    geography
        Distances and what pairs share.
    parameters
        `distance_elasticity`, `distance_floor`, `contiguity`, `common_language`, `colonial_link`,
        `agreement`.
    """
    names = ("contiguity", "common_language", "colonial_link", "agreement")
    dummies = np.stack(
        [
            geography.is_contiguous,
            geography.has_common_language,
            geography.has_colonial_link,
            geography.has_agreement,
        ]
    ).astype(np.float64)
    return predict_trade(
        sizes,
        np.maximum(geography.distance, parameter(parameters, "distance_floor")),
        dummies,
        distance_elasticity=parameter(parameters, "distance_elasticity"),
        coefficients=np.array([parameter(parameters, name) for name in names]),
    )


def within_ceilings(
    flows: Floats, gdp: Floats, parameters: Mapping[str, float]
) -> tuple[Floats, Bools]:
    """Cut trade that only passes through, and say whose was cut.

    Ships registered under a flag of convenience, and goods that pass an entrepôt, are recorded as
    trade of an economy that neither makes nor uses them. Exports are cut to `export_ceiling` times
    GDP, imports to exports plus `deficit_ceiling` times GDP, all partners in proportion; all other
    flows stay as they are.

    Parameters
    ----------
    flows
        Exports from i to j, billion USD, shape (N, N), zero on the diagonal.
    gdp
        Shape (N,), billion USD.
    parameters
        `export_ceiling`, `deficit_ceiling` (shares of GDP).

    Examples
    --------
    A port of one billion that buys for three and sells for a tenth is cut, the rest stays:

    >>> flows = np.array([[0, 0.1, 0], [1.5, 0, 10], [1.5, 8, 0]])
    >>> ceilings = {"export_ceiling": 1, "deficit_ceiling": 0.6}
    >>> sane, is_capped = within_ceilings(flows, np.array([1.0, 50, 50]), ceilings)
    >>> sane.round(9).tolist(), is_capped.tolist()
    ([[0.0, 0.1, 0.0], [0.35, 0.0, 10.0], [0.35, 8.0, 0.0]], [True, False, False])
    """
    most = parameter(parameters, "export_ceiling") * gdp
    sold = flows.sum(axis=1)
    sane = flows * np.divide(most, sold, out=np.ones_like(sold), where=sold > most)[:, None]
    is_capped = sold > most
    # A cut of one state's imports is a cut of others' exports, whose deficits grow by it.
    for _ in range(1000):
        allowed = sane.sum(axis=1) + parameter(parameters, "deficit_ceiling") * gdp
        bought = sane.sum(axis=0)
        is_over = bought > allowed * (1 + 1e-10)
        if not is_over.any():
            break
        is_capped |= is_over
        sane *= np.divide(allowed, bought, out=np.ones_like(bought), where=is_over)[None, :]
    return sane, is_capped


def without_younger_agreements(flows: Floats, is_younger: Bools, effect: float) -> Floats:
    """Take out of the trade of pairs what agreements younger than the start have added to it.

    Parameters
    ----------
    flows
        Exports from i to j, shape (N, N), billion USD.
    is_younger
        Pairs whose agreement was in force when the flows were recorded, and not at the start.
    effect
        Effect of an agreement on trade, log points (parameter `agreement`; Head & Mayer 2014).

    Examples
    --------
    >>> young = np.array([[False, True], [True, False]])
    >>> without_younger_agreements(np.array([[0, 100.0], [50, 0]]), young, 0.36).round(1).tolist()
    [[0.0, 69.8], [34.9, 0.0]]
    """
    return np.where(is_younger, flows * np.exp(-effect), flows)


def with_domestic_sales(flows: Floats, gdp: Floats, parameters: Mapping[str, float]) -> Floats:
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
