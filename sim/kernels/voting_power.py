"""How often a voter tips the balance: exact Banzhaf and Shapley–Shubik indices.

A voting game is counted, not enumerated. The generating function Π_i (1 + y·x^w_i) has, as the
coefficient of y^s x^v, the number of coalitions of s members with v votes; dividing out one factor
leaves the coalitions without that voter, and its swings are read off at the quota (Mann & Shapley
1962; Brams & Affuso 1976). All numbers are integers until the last division. The work is N² times
the sum of weights for one kind of votes instead of 2^N: 27 members and 10,000 units of population
take well under a second.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import ConfigError
from sim.kernels.voting_game import VotingGame
from sim.types import Bools, Floats, Ints

__all__ = ["VotingPower", "voting_power"]

Counts = NDArray[Any]  # int64, or Python integers when int64 is too small

# Counts stay below 2^61 for as many voters; beyond, Python integers are exact, if slower.
_MOST_VOTERS_IN_INT64 = 61
# Cells of a counting table: about half a gigabyte of int64, a memory guard and no model quantity.
_MOST_CELLS = 60_000_000


@dataclass(frozen=True)
class VotingPower:
    """The power of every voter in a game.

    Attributes
    ----------
    swings
        (N, N) Python integers: coalitions of s others, s = 0 … N - 1, that the voter turns from
        losing to winning.
    banzhaf_absolute
        (N,) probability of being decisive when all others vote by the toss of a coin
        (Penrose–Banzhaf measure).
    banzhaf
        (N,) the same, normalised to sum to one; zeros when nobody is ever decisive.
    shapley_shubik
        (N,) probability of being pivotal when voters join in random order; sums to one.
    power_to_act
        Share of all 2^N coalitions that win (Coleman 1971).
    """

    swings: NDArray[np.object_]
    banzhaf_absolute: Floats
    banzhaf: Floats
    shapley_shubik: Floats
    power_to_act: float


def voting_power(game: VotingGame) -> VotingPower:
    """Count every voter's swings and turn them into the two indices.

    Parameters
    ----------
    game
        Who wins.

    Returns
    -------
    VotingPower

    Raises
    ------
    ConfigError
        When the counting table would not fit in memory; coarser weights (`in_units`) help.

    References
    ----------
    Banzhaf (1965), Rutgers Law Review 19; Shapley & Shubik (1954), American Political Science
    Review 48; Felsenthal & Machover (1998), *The Measurement of Voting Power*.

    Examples
    --------
    One vote can be as good as forty-nine:

    >>> power = voting_power(VotingGame.of([50, 49, 1], 51))
    >>> power.banzhaf.tolist()
    [0.6, 0.2, 0.2]
    """
    n, other, quotas, size_quota = game.n, *_without_counting_rows(game)
    sums = tuple(int(total) for total in other.sum(axis=1))
    cells = (n + 1) * math.prod(total + 1 for total in sums)
    if cells > _MOST_CELLS:
        raise ConfigError(
            f"counting this game takes a table of {cells:,} cells",
            expected=f"at most {_MOST_CELLS:,}: state the weights in coarser units (in_units)",
        )
    table = _coalitions(other, sums)
    is_winning = _winning(n, sums, quotas, size_quota)
    known: dict[tuple[int, ...], list[int]] = {}
    for column in other.T:
        key = tuple(int(weight) for weight in column)
        if key not in known:
            known[key] = _swings(table, is_winning, key)
    swings = np.array([known[tuple(int(w) for w in column)] for column in other.T], dtype=object)
    return _indices(swings.reshape(n, n), int(table[is_winning].sum()))


def _without_counting_rows(game: VotingGame) -> tuple[Ints, Ints, Ints]:
    """Split rows of ones, which the size axis counts already, from other kinds of votes.

    Each other kind is divided by its greatest common divisor: (K', N), (M, K') and (M,).
    """
    counts = (game.weights == 1).all(axis=1)
    other, quotas = game.weights[~counts], game.quotas[:, ~counts]
    if counts.any():
        size_quota = game.quotas[:, counts].max(axis=1)
    else:
        size_quota = np.zeros(len(quotas), dtype=np.int64)
    divisor = np.maximum(np.gcd.reduce(other, axis=1), 1)
    return other // divisor[:, None], -(-quotas // divisor), size_quota


def _coalitions(weights: Ints, sums: Sequence[int]) -> Counts:
    """(N+1, W_1+1, …) number of coalitions by size and sums of votes."""
    n = weights.shape[1]
    kind: Any = np.int64 if n <= _MOST_VOTERS_IN_INT64 else object
    table = np.zeros((n + 1, *(total + 1 for total in sums)), dtype=kind)
    table[(0,) * table.ndim] = 1
    for voter, column in enumerate(weights.T):
        low, high = _shift(column)
        # Sizes downwards, so that the voter is counted once; only as many as have been added.
        for size in range(voter + 1, 0, -1):
            table[_at(size, high)] += table[_at(size - 1, low)]
    return table


def _winning(n: int, sums: Sequence[int], quotas: Ints, size_quota: Ints) -> Bools:
    """(N+1, W_1+1, …) whether a coalition of this size with these sums of votes wins."""
    grids = np.ix_(np.arange(n + 1), *(np.arange(total + 1) for total in sums))
    is_winning = np.zeros((n + 1, *(total + 1 for total in sums)), dtype=np.bool_)
    for least, size in zip(quotas, size_quota, strict=True):
        meets = grids[0] >= size
        for grid, quota in zip(grids[1:], least, strict=True):
            meets = meets & (grid >= quota)
        is_winning |= meets
    return is_winning


def _swings(table: Counts, is_winning: Bools, weight: Sequence[int]) -> list[int]:
    """Swings of a voter with this weight, by the number of others already in, 0 … N-1."""
    low, high = _shift(weight)
    # Divide the factor (1 + y·x^w) out, from the lowest power of y upwards.
    others = table[:-1].copy()
    for size in range(1, len(others)):
        others[_at(size, high)] -= others[_at(size - 1, low)]
    found = []
    for size in range(len(others)):
        turns = is_winning[_at(size + 1, high)] & ~is_winning[_at(size, low)]
        found.append(int(np.sum(others[_at(size, low)], where=turns, initial=0)))
    return found


def _shift(weight: Sequence[int] | Ints) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Slices of the sums without and with the voter's weight added."""
    low = tuple(slice(None, -int(w) if w else None) for w in weight)
    high = tuple(slice(int(w), None) for w in weight)
    return low, high


def _at(size: int, sums: tuple[slice, ...]) -> tuple[Any, ...]:
    return (size, *sums)


def _indices(swings: NDArray[np.object_], winning: int) -> VotingPower:
    n = len(swings)
    decisive = [sum(row) for row in swings]
    total = sum(decisive)
    orders = [math.factorial(s) * math.factorial(n - 1 - s) for s in range(n)]
    pivots = [sum(o * s for o, s in zip(orders, row, strict=True)) for row in swings]
    # Fractions, since neither 2^N nor N! of a large body is a float.
    return VotingPower(
        swings=swings,
        banzhaf_absolute=np.array([float(Fraction(d, 2 ** (n - 1))) for d in decisive]),
        banzhaf=np.array([float(Fraction(d, max(total, 1))) for d in decisive]),
        shapley_shubik=np.array([float(Fraction(p, math.factorial(n))) for p in pivots]),
        power_to_act=float(Fraction(winning, 2**n)),
    )
