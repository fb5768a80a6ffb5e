"""Random streams are keyed by what is drawn, never by when."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.streams import stream

seeds = st.integers(0, 2**63)
names = st.text(max_size=30)
steps = st.integers(0, 400)


@given(seed=seeds, name=names, step=steps, other=names, size=st.integers(0, 50))
def test_what_is_drawn_elsewhere_does_not_matter(
    seed: int, name: str, step: int, other: str, size: int
) -> None:
    alone = stream(seed, name, step).random(5)
    first, second = stream(seed, other, step), stream(seed, name, step)
    first.random(size)
    assert np.array_equal(second.random(5), alone)


@given(
    st.lists(
        st.tuples(st.integers(0, 50), st.sampled_from("abcdefgh"), st.integers(0, 50)),
        min_size=2,
        max_size=2,
        unique=True,
    )
)
def test_another_seed_name_or_step_is_another_stream(keys: list[tuple[int, str, int]]) -> None:
    one, two = (stream(*key).random(4) for key in keys)
    assert not np.array_equal(one, two)


def test_longer_draws_begin_as_shorter_ones() -> None:
    """A longer axis of states would add draws at its end and leave the others alone."""
    assert np.array_equal(stream(1, "x", 2).random(10), stream(1, "x", 2).random(20)[:10])


def test_first_draws_of_neighbouring_streams_are_uniform_and_unrelated() -> None:
    """Over steps and over names, the first draw fills the unit interval evenly."""
    draws = np.array([[stream(7, f"name{n}", t).random() for t in range(60)] for n in range(60)])
    share = np.histogram(draws, bins=10, range=(0, 1))[0] / draws.size
    assert np.abs(share - 0.1).max() < 4 * np.sqrt(0.1 * 0.9 / draws.size)
    assert abs(np.corrcoef(draws[:, :-1].ravel(), draws[:, 1:].ravel())[0, 1]) < 0.07
    assert abs(np.corrcoef(draws[:-1].ravel(), draws[1:].ravel())[0, 1]) < 0.07


def test_the_step_is_nought_unless_given() -> None:
    assert stream(3, "once").random() == stream(3, "once", 0).random()
