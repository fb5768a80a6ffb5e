"""The gravity equation and distances on the sphere."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sim.errors import DataError
from sim.kernels.gravity import EARTH_RADIUS_KM, great_circle, predict_trade

latitudes = hnp.arrays(float, 5, elements=st.floats(-90, 90))
longitudes = hnp.arrays(float, 5, elements=st.floats(-180, 180))


def _predict(distance, elasticity=-1.1, dummies=None, coefficients=None, sizes=None):
    n = len(distance)
    return predict_trade(
        sizes or (np.ones(n), np.ones(n)),
        distance,
        np.zeros((0, n, n)) if dummies is None else dummies,
        distance_elasticity=elasticity,
        coefficients=np.zeros(0) if coefficients is None else coefficients,
    )


def _distances(n=4, seed=0):
    raw = np.random.default_rng(seed).uniform(100, 10_000, (n, n))
    return (raw + raw.T) * (1 - np.eye(n))


@given(latitudes, longitudes)
def test_distances_are_symmetric_bounded_and_keep_the_triangle_inequality(lat, lon):
    d = great_circle(lat, lon)
    assert np.array_equal(d, d.T)
    assert np.all(np.diag(d) == 0)
    assert d.max() <= np.pi * EARTH_RADIUS_KM * (1 + 1e-12)
    # Antipodes lose half the digits in the arcsine; a metre is enough.
    assert np.all(d[:, None, :] <= d[:, :, None] + d[None, :, :] + 1e-3)


@given(latitudes, longitudes, st.floats(-360, 360))
def test_turning_the_globe_leaves_distances_alone(lat, lon, turn):
    # Near-coincident and antipodal points lose digits in the arcsine; a metre is enough.
    assert np.allclose(great_circle(lat, lon), great_circle(lat, lon + turn), atol=1e-3)


def test_paris_to_new_york():
    d = great_circle(np.array([48.8566, 40.7128]), np.array([2.3522, -74.0060]))
    assert d[0, 1] == pytest.approx(5837, abs=3)


@given(st.floats(0.1, 3.0), st.floats(1.01, 50))
def test_farther_is_less_trade_by_the_elasticity(elasticity, times):
    near = _distances()
    far = near.copy()
    far[0, 1] *= times
    x, y = _predict(near, -elasticity), _predict(far, -elasticity)
    assert y[0, 1] / x[0, 1] == pytest.approx(times**-elasticity)
    untouched = np.ones_like(near, dtype=bool)
    untouched[0, 1] = False
    assert np.array_equal(x[untouched], y[untouched])


def test_a_dummy_multiplies_by_its_exponential():
    d, border = _distances(), np.zeros((1, 4, 4))
    border[0, 1, 2] = 1
    ratio = _predict(d, dummies=border, coefficients=np.array([0.66])) / np.where(
        np.eye(4, dtype=bool), 1, _predict(d)
    )
    assert ratio[1, 2] == pytest.approx(np.exp(0.66))
    assert ratio[2, 1] == pytest.approx(1.0)


def test_trade_is_proportional_to_both_sizes_and_never_domestic():
    d = _distances()
    exporters, importers = np.array([1.0, 2, 3, 4]), np.array([5.0, 6, 7, 8])
    x = _predict(d, sizes=(exporters, importers))
    off = ~np.eye(4, dtype=bool)
    assert np.allclose((x / np.outer(exporters, importers))[off], _predict(d)[off])
    assert np.all(np.diag(x) == 0)


def test_two_states_in_one_place_are_refused():
    d = _distances()
    d[2, 3] = 0.0
    with pytest.raises(DataError, match=r"between places 2 and 3 is 0 km"):
        _predict(d)
