"""How long ratification takes, and when a treaty's conditions are met."""

from __future__ import annotations

import numpy as np

from sim.kernels.bargaining import logistic
from sim.types import Floats

__all__ = ["ratification_rate", "vote_chance", "waiting_time"]


def ratification_rate(hurdle: Floats, *, rate: float, hurdle_slope: float) -> Floats:
    """Hazard of a decision on ratification at home.

    Parameters
    ----------
    hurdle
        (S,) domestic ratification hurdle, 1 (executive alone) to 4 (referendum).
    rate
        Hazard per quarter of a state with a hurdle of 2.
    hurdle_slope
        Fall of the log hazard per point of the hurdle.

    Returns
    -------
    (S,) hazard per quarter: ``rate · exp(−hurdle_slope (hurdle − 2))``.

    Notes
    -----
    Hurdles: Simmons (2009), Mobilizing for Human Rights. Durations between signature and
    ratification of 649 states' trade treaties (median 378 days, quartiles 189 and 687) are close to
    exponential, so the hazard is constant in time.

    Examples
    --------
    >>> ratification_rate(np.array([2.0, 4.0]), rate=0.2, hurdle_slope=0.1).round(4).tolist()
    [0.2, 0.1637]
    """
    return rate * np.exp(-hurdle_slope * (hurdle - 2.0))


def vote_chance(utility: Floats, hurdle: Floats, *, support: float) -> Floats:
    """Chance that those who must consent at home do so.

    Parameters
    ----------
    utility
        (S,) logits: what the agreement is worth to each state today.
    hurdle
        (S,) ratification hurdle; each point above 1 is a further body that must consent.
    support
        Logits that the government's majority adds in each.

    Returns
    -------
    (S,) ``logistic(support + utility) ^ (hurdle − 1)``: 1 where the executive decides alone.

    Notes
    -----
    Veto players: Tsebelis (2002); for trade agreements Mansfield, Milner & Pevehouse (2007),
    British Journal of Political Science 37: 403-432.

    Examples
    --------
    >>> vote_chance(np.zeros(3), np.array([1.0, 2.0, 3.0]), support=0.0).tolist()
    [1.0, 0.5, 0.25]
    """
    return logistic(support + utility) ** np.maximum(hurdle - 1.0, 0.0)


def waiting_time(uniform: Floats, rate: Floats) -> Floats:
    """Exponential waiting times in quarters from uniform draws; infinite where the rate is 0.

    Examples
    --------
    >>> waiting_time(np.array([0.5, 0.5]), np.array([np.log(2.0), 0.0]))
    array([ 1., inf])
    """
    with np.errstate(divide="ignore"):
        return np.where(rate > 0, -np.log(uniform) / np.maximum(rate, 1e-300), np.inf)
