"""How long leaders stay, and where their successors stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.types import Floats, Ints

__all__ = ["EXITS", "TENURES", "ExitRates", "band", "exits", "stationary_tenure", "successor"]

TENURES = (1.0, 3.0, 5.0, 10.0)
"""Years in office at which the hazard of leaving changes."""

EXITS = ("none", "regular", "irregular", "death")
"""How a leader leaves, in the order of the codes."""

LONGEST = 60.0
QUARTER = 0.25


@dataclass(frozen=True, eq=False)
class ExitRates:
    """How often leaders leave, by band of electoral democracy.

    Attributes
    ----------
    floor
        (B,) polyarchy at which each band begins, ascending, 0 first.
    yearly
        (B, T) chance of leaving within a year, by years in office (`TENURES`).
    irregular, death
        (B,) shares of exits that are irregular (by force or foreign hands), and by death or
        illness; the rest are regular.
    """

    floor: Floats
    yearly: Floats
    irregular: Floats
    death: Floats


def band(polyarchy: Floats, rates: ExitRates) -> Ints:
    """(S,) band of each state; the lowest where polyarchy is unknown.

    Examples
    --------
    >>> rates = ExitRates(np.array([0, 0.5]), np.zeros((2, 5)), np.zeros(2), np.zeros(2))
    >>> band(np.array([0.1, 0.5, np.nan]), rates).tolist()
    [0, 1, 0]
    """
    known = np.nan_to_num(polyarchy, nan=0.0)
    return np.asarray(np.searchsorted(rates.floor, known, side="right") - 1, dtype=np.int64)


def _quarterly(tenure: Floats, bands: Ints, rates: ExitRates, factor: float) -> Floats:
    yearly = rates.yearly[bands, np.searchsorted(TENURES, tenure, side="right")]
    chance: Floats = -np.expm1(factor * np.log1p(-yearly) * QUARTER)
    return chance


def exits(
    tenure: Floats, bands: Ints, uniform: Floats, rates: ExitRates, factor: float = 1.0
) -> Ints:
    """(S,) who leaves in a quarter, and how (codes of `EXITS`).

    Parameters
    ----------
    tenure
        (S,) years in office.
    bands
        (S,) bands of democracy.
    uniform
        (2, S) uniform draws: whether, and how.
    factor
        Ratio of hazards to those of the rates.

    Examples
    --------
    A leader of whom nothing is to be feared stays:

    >>> rates = ExitRates(np.zeros(1), np.zeros((1, 5)), np.zeros(1), np.zeros(1))
    >>> exits(np.array([3.0]), np.array([0]), np.zeros((2, 1)), rates).tolist()
    [0]
    """
    leaves = uniform[0] < _quarterly(tenure, bands, rates, factor)
    irregular, death = rates.irregular[bands], rates.death[bands]
    how = np.where(uniform[1] < irregular, 2, np.where(uniform[1] < irregular + death, 3, 1))
    return np.where(leaves, how, 0)


def stationary_tenure(bands: Ints, uniform: Floats, rates: ExitRates, factor: float) -> Floats:
    """(S,) years that leaders have been in office on a day of which nothing else is known.

    Of leaders who come and go by these hazards, those found in office on a day have been there
    for a time whose density is the chance of lasting as long.

    Examples
    --------
    >>> rates = ExitRates(np.zeros(1), np.full((1, 5), 0.2), np.zeros(1), np.zeros(1))
    >>> draws = (np.arange(1000) + 0.5) / 1000
    >>> spent = stationary_tenure(np.zeros(1000, dtype=int), draws, rates, 1.0)
    >>> bool(4.0 < spent.mean() < 4.6)  # a constant hazard forgets: 1 / -ln(0.8) = 4.5 years
    True
    """
    grid = np.arange(0.0, LONGEST, QUARTER)
    found = np.zeros(bands.size)
    for one in np.unique(bands):
        leaves = _quarterly(grid, np.full(grid.size, one), rates, factor)
        lasts = np.concatenate([[1.0], np.cumprod(1.0 - leaves)[:-1]])
        share = np.cumsum(lasts) / lasts.sum()
        here = bands == one
        found[here] = grid[np.searchsorted(share, uniform[here])]
    return found


def successor(
    last: Floats, push: Floats, normal: Floats, persistence: float, spread: float
) -> Floats:
    """(S,) orientation of those who follow: like the last, pushed by discontent, and by chance.

    Examples
    --------
    >>> successor(np.array([2.0]), np.zeros(1), np.zeros(1), 0.4, 0.9).tolist()
    [0.8]
    """
    return np.clip(persistence * last + push + spread * normal, -5.0, 5.0)
