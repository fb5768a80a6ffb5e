"""Parts of an organisation's vitality."""

from __future__ import annotations

import numpy as np

from sim.types import Bools, Floats, Ints

__all__ = ["activity", "cohesion", "death_chance", "delivery", "paid_share"]


def delivery(agreed: Ints, lapsed: Ints) -> Floats:
    """Expected share of items settled: mean of a Beta(1, 1) belief after what was seen.

    Examples
    --------
    >>> delivery(np.array([0, 3]), np.array([0, 0])).tolist()
    [0.5, 0.8]
    """
    return (1.0 + agreed) / (2.0 + agreed + lapsed)


def activity(meetings: Floats) -> Floats:
    """Chance that a body meets at least once in a year, at so many meetings a year.

    Parameters
    ----------
    meetings
        (O,) meetings a year.

    Examples
    --------
    A body that meets once in five years, and one that meets each quarter:

    >>> activity(np.array([0.2, 4.0])).round(2).tolist()
    [0.18, 0.98]
    """
    return np.asarray(1.0 - np.exp(-meetings))


def death_chance(
    members: Floats, is_zombie: Bools, rates: Floats, ratio: float, zombies: float
) -> Floats:
    """Chance that an organisation is dissolved within a quarter.

    Parameters
    ----------
    members
        (O,) number of members.
    is_zombie
        (O,) whether it exists without working.
    rates
        (6,) yearly rates of organisations of 2-3, 4-6, 7-12, 13-25, 26-60 and more members.
    ratio
        Rate of zombies over that of those that work.
    zombies
        Share of zombies among living organisations, for which the rates are the mean.

    Returns
    -------
    (O,) chances per quarter, 0 where there is no member.

    Examples
    --------
    The mean over a population with that share of zombies is the rate itself:

    >>> rates = np.array([0.011, 0.019, 0.011, 0.014, 0.006, 0.001])
    >>> chance = death_chance(np.full(2, 9.0), np.array([True, False]), rates, 20.0, 0.42)
    >>> yearly = 1 - (1 - chance) ** 4
    >>> round(float(0.42 * yearly[0] + 0.58 * yearly[1]), 6)
    0.011
    """
    group = np.searchsorted(np.array([3.5, 6.5, 12.5, 25.5, 60.5]), members)
    factor = np.where(is_zombie, ratio, 1.0) / (1.0 + zombies * (ratio - 1.0))
    yearly = np.clip(rates[group] * factor, 0.0, 1.0)
    return np.where(members > 0, 1.0 - (1.0 - yearly) ** 0.25, 0.0)


def cohesion(position: Floats) -> float:
    """1 for members of one mind, falling with the spread of their ideal points.

    Parameters
    ----------
    position
        (n,) UN General Assembly ideal points of the members, in units of the worldwide standard
        deviation of about one.

    Returns
    -------
    float
        ``exp(−sd)``: ASEAN (.18) .84, RCEP (.67) .51, USMCA (1.05) .35 in 2023. 1 for no member.

    Examples
    --------
    >>> cohesion(np.array([0.2, 0.2])), round(cohesion(np.array([-1.0, 1.0])), 2)
    (1.0, 0.37)
    """
    return float(np.exp(-np.std(position))) if position.size else 1.0


def paid_share(is_member: Bools, arrears: Floats, dues: Floats) -> float:
    """Share of the budget that is paid.

    Parameters
    ----------
    is_member, arrears
        (S,) who belongs, and the share of its dues each withholds.
    dues
        (S,) shares of the budget assessed at the start of the run (sum at most 1; the dues of
        later members come on top).

    Returns
    -------
    float, 0–1.

    Examples
    --------
    >>> dues = np.array([0.22, 0.78])
    >>> paid_share(np.array([False, True]), np.zeros(2), dues)
    0.78
    """
    if not dues.any():
        return 1.0
    return float(min((dues * (1.0 - arrears))[is_member].sum(), 1.0))
