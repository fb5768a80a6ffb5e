"""Trade that geography predicts: the gravity equation, and the distances it needs.

A gravity prediction has the right pattern and no scale of its own: it is the seed that
`sim.kernels.ras` brings to known totals.
"""

from __future__ import annotations

import numpy as np

from sim.errors import DataError
from sim.types import Floats

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the earth (International Union of Geodesy and Geophysics, R1)."""


def great_circle(latitude: Floats, longitude: Floats) -> Floats:
    """Distance between places along the surface of a sphere (haversine formula).

    Parameters
    ----------
    latitude, longitude
        Coordinates of N places, shape (N,), in degrees north and east.

    Returns
    -------
    NDArray
        Distances in km, shape (N, N), symmetric, zero on the diagonal.

    Notes
    -----
    The haversine form keeps its accuracy for near places, where the plain cosine rule loses it
    (Sinnott 1984, Sky and Telescope 68(2):159).

    Examples
    --------
    From pole to pole is half the circumference, whatever the meridian:

    >>> d = great_circle(np.array([90.0, -90.0]), np.array([0.0, 77.0]))
    >>> bool(np.isclose(d[0, 1], np.pi * EARTH_RADIUS_KM)), float(d[0, 0])
    (True, 0.0)
    """
    phi, lam = np.radians(latitude), np.radians(longitude)
    half = np.sin((phi[:, None] - phi) / 2) ** 2
    half += np.cos(phi)[:, None] * np.cos(phi) * np.sin((lam[:, None] - lam) / 2) ** 2
    # Rounding can lift antipodes above one, where the arcsine is not defined.
    distance = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))
    np.fill_diagonal(distance, 0.0)
    return np.asarray((distance + distance.T) / 2)


def predict_trade(
    sizes: tuple[Floats, Floats],
    distance: Floats,
    dummies: Floats,
    *,
    distance_elasticity: float,
    coefficients: Floats,
) -> Floats:
    """Trade between places, up to scale, from size, distance and what pairs have in common.

    ``X[i, j] = size_i * size_j * distance[i, j]**elasticity * exp(sum_k c_k * dummy[k, i, j])``

    Parameters
    ----------
    sizes
        What exporters sell and importers buy in all, each of shape (N,), any common unit.
    distance
        Shape (N, N), km; positive off the diagonal.
    dummies
        What pairs share (a border, a language, an agreement), shape (K, N, N), 0 or 1.
    distance_elasticity
        Percent change of trade per percent of distance; negative.
    coefficients
        Effect of each dummy in log points, shape (K,).

    Returns
    -------
    NDArray
        Predicted flows, shape (N, N), i exports to j, zero on the diagonal. The scale is free.

    Raises
    ------
    DataError
        If two different places have no distance between them.

    References
    ----------
    Head & Mayer (2014), "Gravity equations: workhorse, toolkit, and cookbook", Handbook of
    International Economics 4, equation 3 and table 4.

    Examples
    --------
    With an elasticity of -1, twice the distance is half the trade:

    >>> size, far = np.ones(3), np.array([[0.0, 1, 2], [1, 0, 2], [2, 2, 0]])
    >>> x = predict_trade((size, size), far, np.zeros((0, 3, 3)), distance_elasticity=-1.0,
    ...                   coefficients=np.zeros(0))
    >>> float(x[0, 1] / x[0, 2])
    2.0
    """
    apart = ~np.eye(len(distance), dtype=bool)
    if not bool(np.all(distance[apart] > 0)):
        i, j = np.argwhere(apart & ~(distance > 0))[0]
        raise DataError(
            f"the distance between places {i} and {j} is {distance[i, j]:g} km",
            where="gravity",
            expected="a positive distance between different places (set a distance floor)",
        )
    cost = np.zeros_like(distance)
    cost[apart] = distance_elasticity * np.log(distance[apart])
    # Added one by one: a matrix product may round differently with another number of threads.
    for coefficient, dummy in zip(coefficients, dummies, strict=True):
        cost += coefficient * dummy
    exporters, importers = sizes
    return np.where(apart, exporters[:, None] * importers[None, :] * np.exp(cost), 0.0)
