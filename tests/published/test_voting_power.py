"""Voting power against published values, and against enumeration."""

from __future__ import annotations

import itertools
import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import ConfigError
from sim.kernels.voting_game import VotingGame, double_majority_game, in_units
from sim.kernels.voting_power import voting_power

EU_RULE = {"member_share": 0.55, "population_share": 0.65, "blocking_minority": 4}
# Millions, 1 January 2023 (Eurostat demo_gjan), rounded; Germany first, Malta last.
EU27 = [
    83.2, 68.1, 59.0, 48.1, 36.8, 19.1, 17.8, 11.7, 10.8, 10.5, 10.5, 10.4, 9.6, 9.1, 6.4, 5.9,
    5.6, 5.4, 5.3, 3.9, 2.9, 2.1, 1.9, 1.4, 0.9, 0.66, 0.54,
]  # fmt: skip


def enumerated(game: VotingGame) -> tuple[np.ndarray, np.ndarray, float]:
    """Banzhaf measure, Shapley–Shubik index and power to act, coalition by coalition."""
    n = game.n
    masks = np.array(list(itertools.product([False, True], repeat=n)))
    wins = game.wins(masks)
    banzhaf, shapley = np.zeros(n), np.zeros(n)
    for i in range(n):
        without = masks[~masks[:, i]]
        joined = without.copy()
        joined[:, i] = True
        swings = game.wins(joined) & ~game.wins(without)
        banzhaf[i] = swings.sum() / 2 ** (n - 1)
        for size in without[swings].sum(axis=1):
            shapley[i] += math.factorial(size) * math.factorial(n - 1 - size) / math.factorial(n)
    return banzhaf, shapley, wins.mean()


@st.composite
def games(draw: st.DrawFn) -> VotingGame:
    n, kinds = draw(st.integers(1, 7)), draw(st.integers(1, 3))
    row = st.one_of(st.just([1] * n), st.lists(st.integers(0, 6), min_size=n, max_size=n))
    weights = np.array(draw(st.lists(row, min_size=kinds, max_size=kinds)))
    quota = st.lists(st.integers(-1, 20), min_size=kinds, max_size=kinds)
    return VotingGame(weights, np.array(draw(st.lists(quota, min_size=1, max_size=3))))


@given(games())
@settings(max_examples=150, deadline=None)
def test_counting_equals_enumeration(game: VotingGame) -> None:
    power = voting_power(game)
    banzhaf, shapley, to_act = enumerated(game)
    np.testing.assert_allclose(power.banzhaf_absolute, banzhaf, rtol=0, atol=1e-14)
    np.testing.assert_allclose(power.shapley_shubik, shapley, rtol=0, atol=1e-13)
    assert power.power_to_act == to_act


@pytest.mark.parametrize("blocking_minority", [1, 2, 4, 9])
def test_double_majority_equals_enumeration(blocking_minority: int) -> None:
    people = np.array([30, 25, 20, 9, 7, 4, 2, 1, 1, 1])
    game = double_majority_game(people, **{**EU_RULE, "blocking_minority": blocking_minority})
    power = voting_power(game)
    banzhaf, shapley, _ = enumerated(game)
    np.testing.assert_allclose(power.banzhaf_absolute, banzhaf, atol=1e-14)
    np.testing.assert_allclose(power.shapley_shubik, shapley, atol=1e-13)


def test_un_security_council() -> None:
    # Shapley & Shubik (1954) method on the council of 15; Straffin (1994): 0.1963 and 0.00187.
    council = VotingGame.of([7] * 5 + [1] * 10, 39)
    power = voting_power(council)
    np.testing.assert_allclose(power.shapley_shubik, [421 / 2145] * 5 + [4 / 2145] * 10)
    # Straffin (1994): Banzhaf 0.1669 and 0.0165.
    np.testing.assert_allclose(power.banzhaf, [848 / 5080] * 5 + [84 / 5080] * 10)
    assert power.shapley_shubik[0] == pytest.approx(0.1963, abs=5e-5)
    assert power.shapley_shubik[-1] == pytest.approx(0.00187, abs=1e-5)


def test_vetoes_can_be_written_as_a_second_condition() -> None:
    weighted = voting_power(VotingGame.of([7] * 5 + [1] * 10, 39))
    counted = voting_power(VotingGame(np.array([[1] * 15, [1] * 5 + [0] * 10]), np.array([[9, 5]])))
    assert (weighted.swings == counted.swings).all()


@pytest.mark.parametrize(
    ("weights", "quota", "banzhaf", "shapley"),
    [
        # Britannica, "Voting power": the second largest is worth no more than the smallest.
        ([50, 49, 1], 51, [3 / 5, 1 / 5, 1 / 5], [2 / 3, 1 / 6, 1 / 6]),
        # Brams & Affuso (1976): Council of the EEC 1958-72, Luxembourg is a dummy.
        (
            [4, 4, 4, 2, 2, 1],
            12,
            [5 / 21] * 3 + [3 / 21] * 2 + [0],
            [14 / 60] * 3 + [9 / 60] * 2 + [0],
        ),
    ],
)
def test_classics(
    weights: list[int], quota: int, banzhaf: list[float], shapley: list[float]
) -> None:
    power = voting_power(VotingGame.of(weights, quota))
    np.testing.assert_allclose(power.banzhaf, banzhaf, rtol=1e-14)
    np.testing.assert_allclose(power.shapley_shubik, shapley, rtol=1e-14)


def test_eec_of_nine_undoes_the_dummy() -> None:
    # Brams & Affuso (1976): Council of 1973-80, [41; 10, 10, 10, 10, 5, 5, 3, 3, 2].
    power = voting_power(VotingGame.of([10] * 4 + [5] * 2 + [3] * 2 + [2], 41))
    np.testing.assert_allclose(
        power.banzhaf[[0, 4, 6, 8]], [0.167, 0.091, 0.066, 0.016], rtol=0, atol=5e-4
    )
    np.testing.assert_allclose(
        power.shapley_shubik[[0, 4, 6, 8]], [0.179, 0.081, 0.057, 0.010], rtol=0, atol=6e-4
    )


def test_council_of_fifteen() -> None:
    # Felsenthal & Machover (1998), the Council of 1995: [62; 4 x 10, 8, 4 x 5, 2 x 4, 3 x 3, 2].
    weights = [10] * 4 + [8] + [5] * 4 + [4] * 2 + [3] * 3 + [2]
    power = voting_power(VotingGame.of(weights, 62))
    one_each = [0, 4, 5, 9, 11, 14]
    np.testing.assert_allclose(
        power.banzhaf[one_each],
        [0.1116, 0.0924, 0.0587, 0.0479, 0.0359, 0.0226],
        rtol=0,
        atol=6e-5,
    )
    np.testing.assert_allclose(
        power.shapley_shubik[one_each],
        [0.1167, 0.0955, 0.0552, 0.0454, 0.0353, 0.0207],
        rtol=0,
        atol=6e-5,
    )


def test_council_of_twenty_seven() -> None:
    started = time.perf_counter()
    power = voting_power(double_majority_game(in_units(EU27), **EU_RULE))
    # Bounded far above the time it takes, so that only a change of method can fail it.
    assert time.perf_counter() - started < 5.0
    assert power.shapley_shubik.sum() == pytest.approx(1.0, abs=1e-12)
    assert (np.diff(power.shapley_shubik) <= 1e-12).all(), "more people, no less power"
    # Petróczy & Csató (2026), Group Decision and Negotiation: 13.2 % of coalitions win.
    assert power.power_to_act == pytest.approx(0.132, abs=0.0005)


def test_the_blocking_clause_takes_from_the_largest() -> None:
    people = in_units(EU27)
    with_clause = voting_power(double_majority_game(people, **EU_RULE)).shapley_shubik
    without = voting_power(
        double_majority_game(people, **{**EU_RULE, "blocking_minority": 1})
    ).shapley_shubik
    assert with_clause[0] < without[0]
    assert with_clause[-1] > without[-1]


def test_large_bodies_are_exact() -> None:
    # One vote each in a body of 195: counts beyond any machine integer.
    power = voting_power(VotingGame.of([1] * 195, 98))
    np.testing.assert_allclose(power.shapley_shubik, 1 / 195, rtol=1e-15)
    assert int(power.swings[0].sum()) == math.comb(194, 97)
    # The other form of the same body, with a weight that is no count, takes the other axis too.
    even = voting_power(VotingGame(np.array([[2] * 62 + [3]]), np.array([[64]])))
    assert even.shapley_shubik.sum() == pytest.approx(1.0, abs=1e-14)


@given(st.integers(2, 8), st.integers(1, 5))
def test_units_of_weight_do_not_matter(n: int, scale: int) -> None:
    weights = np.arange(1, n + 1)
    quota = int(weights.sum()) // 2 + 1
    one = voting_power(VotingGame.of(weights, quota))
    many = voting_power(VotingGame.of(weights * scale, quota * scale))
    assert (one.swings == many.swings).all()


def test_nobody_is_decisive_when_nothing_can_pass() -> None:
    power = voting_power(VotingGame.of([1, 1], 3))
    assert power.banzhaf.tolist() == [0, 0]
    assert power.power_to_act == 0


def test_unusable_games_are_refused() -> None:
    with pytest.raises(ConfigError, match="not whole numbers"):
        VotingGame.of([0.5, 1], 1)
    with pytest.raises(ConfigError, match="0 or more"):
        VotingGame.of([-1, 1], 1)
    with pytest.raises(ConfigError, match=r"quotas \(M, K\)"):
        VotingGame(np.ones((2, 3)), np.ones((1, 1)))
    with pytest.raises(ConfigError, match="in_units"):
        voting_power(VotingGame.of([50_000_001, 30_000_000, 1], 41))
    with pytest.raises(ConfigError, match="positive amounts"):
        in_units([0.0, 0.0])
