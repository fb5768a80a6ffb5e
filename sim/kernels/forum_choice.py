"""Where a state brings what it wants: chance of success, gain, delay and cost."""

from __future__ import annotations

import numpy as np

from sim.types import Floats

__all__ = ["chance_and_years", "need_chance", "present_value", "talks_years"]

_ROUNDS = 30  # the chance then moves by less than .01
_TINY = 1e-9


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


def chance_and_years(
    before: tuple[float, float, float], ended: Floats, ages: Floats, weight: Floats
) -> tuple[Floats, Floats]:
    """What each state believes of a forum: chance of success, and years that success takes.

    What is still open counts as well: an item that has been open for longer than success usually
    takes is likely to be one that fails. Model of a share that never succeeds, the others after
    an exponential time (Boag 1949, *JRSS B* 11:15; Farewell 1982, *Biometrics* 38:1041), most
    likely by what was thought before and seen since. Otherwise failures, which come at a
    deadline, are seen last, and chances are thought too good for years.

    Parameters
    ----------
    before
        Chance, years of a success, and how many items that is worth, before anything was seen.
    ended
        (3, S) items settled, items failed, and years that the settled ones took, added up.
    ages
        (N,) years for which items have been open.
    weight
        (S, N) how much each of these counts for each state.

    Returns
    -------
    (S,) means of the chance (0-1) and of years.

    Examples
    --------
    Without open items, the mean of a Beta posterior; a new item says nothing, an old one bad news:

    >>> before, ended = (0.5, 2.0, 2.0), np.array([[3.0], [1.0], [6.0]])
    >>> [chance_and_years(before, ended, np.array(ages), np.ones((1, len(ages))))[0].round(3).item()
    ...  for ages in ([], [0.0], [8.0])]
    [0.667, 0.667, 0.575]
    """
    prior, usual, strength = before
    settled, failed, years = ended
    good, known = strength * prior + settled, strength + settled + failed
    if not ages.size:
        return good / known, (strength * usual + years) / (strength + settled)
    known = known + weight.sum(axis=1)
    # from below, whence Newton's steps on the chance go up to the one root
    chance, mean = good / known, (strength * usual + years) / (strength + settled)
    least = good / known
    for _ in range(_ROUNDS):
        left = np.exp(-ages / mean[:, None])
        others = 1.0 - chance[:, None] * (1.0 - left)
        alive = weight * chance[:, None] * left / others  # chance that it will still succeed
        successes = alive.sum(axis=1)
        gap = good + successes - known * chance
        slope = (weight * left / others**2).sum(axis=1) - known
        chance = np.minimum(np.maximum(chance - gap / np.minimum(slope, -_TINY), least), 1.0)
        took = years + (alive * (ages + mean[:, None])).sum(axis=1)
        mean = (strength * usual + took) / (strength + settled + successes)
    return chance, mean


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
