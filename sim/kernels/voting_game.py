"""Voting games: which sets of voters can carry a proposal."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sim.errors import ConfigError
from sim.types import Bools, Ints

__all__ = ["VotingGame", "double_majority_game", "in_units"]


@dataclass(frozen=True)
class VotingGame:
    """Which coalitions win: those that meet every quota of at least one alternative.

    Attributes
    ----------
    weights
        (K, N) whole numbers, not negative: K kinds of votes of N voters. A row of ones counts
        members.
    quotas
        (M, K) whole numbers: M alternative conditions, each with a least sum for every kind of
        votes (0 asks for nothing).

    Raises
    ------
    ConfigError
        When a weight is negative or not whole, or the shapes do not fit.

    Examples
    --------
    >>> game = VotingGame.of([50, 49, 1], 51)
    >>> game.wins(np.array([[True, False, True], [False, True, True]]))
    array([ True, False])
    """

    weights: Ints
    quotas: Ints

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", _whole(self.weights, "weights"))
        object.__setattr__(self, "quotas", _whole(self.quotas, "quotas"))
        if self.weights.shape[1] == 0 or self.quotas.shape[1:] != self.weights.shape[:1]:
            raise ConfigError(
                f"a voting game with weights {self.weights.shape} and quotas {self.quotas.shape}",
                expected="weights (K, N) with N > 0 and quotas (M, K)",
            )
        if (self.weights < 0).any():
            raise ConfigError(
                f"the least voting weight is {self.weights.min()}", expected="weights of 0 or more"
            )

    @classmethod
    def of(cls, weights: ArrayLike, quota: int) -> VotingGame:
        """Build the plain weighted game [quota; weights].

        Examples
        --------
        >>> VotingGame.of([1, 1, 1], 2).n
        3
        """
        return cls(np.atleast_2d(np.asarray(weights)), np.array([[quota]]))

    @property
    def n(self) -> int:
        """Number of voters."""
        return int(self.weights.shape[1])

    def wins(self, is_for: Bools) -> Bools:
        """Whether coalitions win.

        Parameters
        ----------
        is_for
            (..., N) who votes for.

        Returns
        -------
        Bools
            (...)
        """
        votes = is_for.astype(np.int64) @ self.weights.T
        return np.asarray((votes[..., None, :] >= self.quotas).all(-1).any(-1))


def in_units(amounts: ArrayLike, units: int = 10_000) -> Ints:
    """Shares of a total as whole numbers, to the nearest unit.

    The counting wants whole numbers, and its cost grows with their sum. With 10,000 units,
    populations are rounded to 0.01 % of the total, as the Council of the EU itself does when it
    publishes them for its votes.

    Parameters
    ----------
    amounts
        (N,) not negative, any unit.
    units
        Parts that the total is divided into.

    Returns
    -------
    Ints
        (N,) whose sum is `units` up to rounding.

    Raises
    ------
    ConfigError
        When the amounts are negative, not finite or all zero.

    Examples
    --------
    >>> in_units([2.0, 1.0, 1.0], 100)
    array([50, 25, 25])
    """
    given = np.asarray(amounts, dtype=np.float64)
    total = float(given.sum())
    if not (np.isfinite(given).all() and (given >= 0).all() and total > 0):
        raise ConfigError(f"amounts that sum to {total}", expected="finite, positive amounts")
    return np.rint(given / total * units).astype(np.int64)


def double_majority_game(
    population: ArrayLike,
    *,
    member_share: float,
    population_share: float,
    blocking_minority: int,
) -> VotingGame:
    """Build the game of the EU's double majority, with its blocking-minority clause.

    A coalition wins with the members and the people, or with the members and so many of them that
    fewer than `blocking_minority` are left.

    Parameters
    ----------
    population
        (N,) whole numbers, in units of which the sum is what counting can afford (`in_units`).
    member_share, population_share
        Least shares, 0–1 (0.55 and 0.65: TEU Art. 16(4)).
    blocking_minority
        Least number of members that can block on population (4).

    Returns
    -------
    VotingGame

    Examples
    --------
    Population alone does not block: three of eight lose although they hold most of the people.

    >>> people = np.array([30, 30, 30, 2, 2, 2, 2, 2])
    >>> shares = {"member_share": 0.55, "population_share": 0.65}
    >>> game = double_majority_game(people, **shares, blocking_minority=4)
    >>> game.wins(np.arange(8) >= 3)
    array(True)
    """
    people = _whole(population, "population")
    n = people.size
    # The slack keeps 55 % of 100 at 55 in binary arithmetic.
    members = max(1, math.ceil(member_share * n - 1e-9))
    quota = math.ceil(population_share * int(people.sum()) - 1e-9)
    all_but_few = max(members, n - blocking_minority + 1)
    return VotingGame(
        np.vstack([np.ones(n, dtype=np.int64), people]),
        np.array([[members, quota], [all_but_few, 0]]),
    )


def _whole(values: ArrayLike, what: str) -> Ints:
    given = np.asarray(values)
    whole = given.astype(np.int64)
    if (whole != given).any():
        raise ConfigError(f"{what} of a voting game are not whole numbers", expected="integers")
    return whole
