"""Technologies of public goods against what is known of means."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sim.kernels.public_goods import POWERS, provision

EFFORTS = arrays(float, 5, elements=st.floats(0.05, 1.0))
WEIGHTS = arrays(float, 5, elements=st.floats(0.05, 1.0))
POWER = st.sampled_from([-np.inf, -8.0, -1.0, 0.5, 1.0, 3.0, np.inf])


@given(EFFORTS, WEIGHTS, st.lists(POWER, min_size=2, max_size=2).map(sorted))
def test_the_level_rises_with_the_power_and_lies_between_the_efforts(effort, weight, powers):
    low, high = (provision(effort, weight, power) for power in powers)
    assert effort.min() - 1e-12 <= low <= high + 1e-12
    assert high <= effort.max() + 1e-12


@given(EFFORTS, WEIGHTS, POWER)
def test_equal_efforts_give_themselves_and_doubling_all_doubles(effort, weight, power):
    assert np.isclose(provision(np.full(5, effort[0]), weight, power), effort[0])
    assert np.isclose(provision(2 * effort, weight, power), 2 * provision(effort, weight, power))


def test_nothing_by_one_is_nothing_where_links_are_weak():
    effort = np.array([[0.0, 1.0], [0.5, 1.0]])
    assert provision(effort, np.ones(2), POWERS["weaker_link"])[0] == 0
    assert provision(effort, np.ones(2), POWERS["weaker_link"])[1] > 0.5
    assert provision(effort, np.array([0.0, 1.0]), POWERS["weakest_link"]).tolist() == [1.0, 1.0]
