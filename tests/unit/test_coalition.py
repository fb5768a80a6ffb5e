"""Stable coalitions: who is left, in which order the others went, and what it cost to ask."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import ConfigError
from sim.kernels.coalition import largest_stable_coalition


@st.composite
def worlds(draw: st.DrawFn, least_bond: int) -> tuple[np.ndarray, np.ndarray]:
    """Margins when alone, and what each party's being in means to each other one, in eighths."""
    n = draw(st.integers(1, 6))
    alone = draw(st.lists(st.integers(-24, 16), min_size=n, max_size=n))
    row = st.lists(st.integers(least_bond, 12), min_size=n, max_size=n)
    bonds = draw(st.lists(row, min_size=n, max_size=n))
    return np.array(alone) / 8, np.array(bonds) / 8


def margins(world: tuple[np.ndarray, np.ndarray]):
    alone, bond = world
    return lambda mask: alone + (bond * mask).sum(axis=1)


def is_internally_stable(is_member: np.ndarray, reassess) -> bool:
    """Whether nobody who is in would rather be out; true of the empty coalition."""
    return not is_member.any() or bool((reassess(is_member)[is_member] >= 0).all())


@given(worlds(0), st.sampled_from(["worst", "all"]))
@settings(max_examples=150, deadline=None)
def test_the_largest_of_all_when_company_is_welcome(world, withdrawal) -> None:
    reassess, n = margins(world), world[0].size
    stable = [
        np.array(mask)
        for mask in itertools.product([False, True], repeat=n)
        if is_internally_stable(np.array(mask), reassess)
    ]
    found = largest_stable_coalition(np.ones(n, bool), reassess, withdrawal=withdrawal)
    # It contains every stable coalition, so it is the largest whatever "large" means.
    assert (found.is_member == np.any(stable, axis=0)).all()


@given(worlds(-12), st.sampled_from(["worst", "all"]))
@settings(max_examples=150, deadline=None)
def test_always_stable_inside(world, withdrawal) -> None:
    reassess, n = margins(world), world[0].size
    found = largest_stable_coalition(np.ones(n, bool), reassess, withdrawal=withdrawal)
    assert is_internally_stable(found.is_member, reassess)
    assert ((found.left_in > 0) == ~found.is_member).all()
    assert found.asked <= n + 1
    assert np.array_equal(found.first_margin, reassess(np.ones(n, bool)))
    if found.is_member.any():
        assert np.array_equal(found.margin, reassess(found.is_member))


def test_worst_first_keeps_a_stable_core_where_all_at_once_empties_it() -> None:
    # A market for two: with three in, the third is not content, and with four nobody is.
    def crowd(mask: np.ndarray) -> np.ndarray:
        return np.array([0.4, 0.3, 0.2, 0.1]) + 0.25 * (2 - mask.sum())

    start = np.ones(4, bool)
    gentle = largest_stable_coalition(start, crowd)
    assert gentle.is_member.tolist() == [True, True, False, False]
    assert gentle.left_in.tolist() == [0, 0, 2, 1]
    at_once = largest_stable_coalition(start, crowd, withdrawal="all")
    assert not at_once.is_member.any()


def test_equals_leave_together_whatever_their_place() -> None:
    def crowd(mask: np.ndarray) -> np.ndarray:
        return np.full(3, 1.5 - mask.sum())

    assert not largest_stable_coalition(np.ones(3, bool), crowd).is_member.any()


def test_only_those_of_the_start_can_be_in() -> None:
    start = np.array([True, False, True])
    found = largest_stable_coalition(start, lambda mask: np.array([1.0, 5.0, -1.0]))
    assert found.is_member.tolist() == [True, False, False]
    assert found.left_in.tolist() == [0, 0, 1]


def test_who_does_not_know_leaves() -> None:
    found = largest_stable_coalition(np.ones(2, bool), lambda mask: np.array([np.nan, 0.0]))
    assert found.is_member.tolist() == [False, True]


def test_an_empty_start_asks_nobody() -> None:
    def never(mask: np.ndarray) -> np.ndarray:
        raise AssertionError

    found = largest_stable_coalition(np.zeros(3, bool), never)
    assert (found.asked, found.is_member.any()) == (0, False)
    assert np.isnan(found.margin).all()


def test_a_callback_cannot_change_who_is_in() -> None:
    start = np.ones(3, bool)

    def meddling(mask: np.ndarray) -> np.ndarray:
        mask[:] = False
        return np.ones(3)

    assert largest_stable_coalition(start, meddling).is_member.all()
    assert start.all()


def test_margins_of_another_shape_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"one margin per party, shape \(3,\)"):
        largest_stable_coalition(np.ones(3, bool), lambda mask: np.ones(1))
