"""Where a state brings what it wants: chance of success, gain, delay and cost."""

from __future__ import annotations

import numpy as np

from sim.types import Floats

__all__ = ["believed_chance", "need_chance", "present_value", "talks_years"]


def need_chance(mutual: Floats, rate: float, years: float) -> Floats:
    """Chance that a pair comes to want an agreement within a time.

    Parameters
    ----------
    mutual
        (…) chance that both sides would have an agreement, by the model of the stock.
    rate
        Openings a year of a pair of which that is certain.
    years
        Length of the time.

    Examples
    --------
    >>> need_chance(np.array([0.0, 1.0]), 0.02, 0.25).round(4).tolist()
    [0.0, 0.005]
    """
    return np.asarray(-np.expm1(-rate * years * mutual))


def believed_chance(prior: float, strength: float, settled: float, failed: float) -> float:
    """Mean of the Beta posterior of the chance that a forum settles an item.

    Parameters
    ----------
    prior
        Chance before anything was seen (0–1).
    strength
        How many items the prior is worth.
    settled, failed
        Items seen to be settled, and to fail.

    Examples
    --------
    >>> believed_chance(0.5, 2.0, 3.0, 1.0) == (0.5 * 2 + 3) / (2 + 3 + 1)
    True
    """
    return (prior * strength + settled) / (strength + settled + failed)


def talks_years(parties: float, of_two: float, per_doubling: float) -> float:
    """Years from opening to signature, which rise with the number of parties.

    Parameters
    ----------
    parties
        How many must agree, 2 or more.
    of_two, per_doubling
        Years that two take, and that each doubling of their number adds.

    Examples
    --------
    >>> [talks_years(n, 2.0, 2.2) for n in (2, 4, 8)]
    [2.0, 4.2, 6.4]
    """
    return float(of_two + per_doubling * np.log2(max(parties, 2.0) / 2.0))


def present_value(chance: float, gain: float, delay: float, discount: float, cost: float) -> float:
    """What bringing an item to a forum is expected to be worth today.

    Parameters
    ----------
    chance
        That the forum settles it (0–1).
    gain
        A year, once settled (any unit of money).
    delay
        Years until then; infinite for a forum that does not meet.
    discount
        Per year.
    cost
        Of bringing it, now (the same unit).

    Examples
    --------
    >>> present_value(0.5, 10.0, 0.0, 0.1, 3.0), present_value(0.5, 10.0, np.inf, 0.1, 3.0)
    (47.0, -3.0)
    """
    return float(chance * gain * np.exp(-discount * delay) / discount - cost)
