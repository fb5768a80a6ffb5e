"""How long ratification takes, and when a treaty's conditions are met."""

from __future__ import annotations

import numpy as np

from sim.kernels.bargaining import logistic
from sim.types import Floats

__all__ = ["ratification_rate", "waiting_time"]


def ratification_rate(
    utility: Floats, hurdle: Floats, *, rate: float, hurdle_slope: float
) -> Floats:
    """Hazard of ratification.

    Parameters
    ----------
    utility
        (S,) logits: what the agreement is worth to each state today.
    hurdle
        (S,) domestic ratification hurdle, 1 (executive alone) to 4 (referendum).
    rate
        Hazard per quarter of a state with a hurdle of 2 that is sure of its gain.
    hurdle_slope
        Fall of the log hazard per point of the hurdle.

    Returns
    -------
    (S,) hazard per quarter: ``rate · exp(−hurdle_slope (hurdle − 2)) · logistic(utility)``.

    Notes
    -----
    Hurdles: Simmons (2009), Mobilizing for Human Rights. Durations between signature and
    ratification of 649 states' trade treaties (median 378 days, quartiles 189 and 687) are close to
    exponential, so the hazard is constant in time.

    Examples
    --------
    >>> gains, hurdles = np.array([9.0, 9.0]), np.array([2.0, 4.0])
    >>> ratification_rate(gains, hurdles, rate=0.2, hurdle_slope=0.1).round(4).tolist()
    [0.2, 0.1637]
    """
    return rate * np.exp(-hurdle_slope * (hurdle - 2.0)) * logistic(utility)


def waiting_time(uniform: Floats, rate: Floats) -> Floats:
    """Exponential waiting times in quarters from uniform draws; infinite where the rate is 0.

    Examples
    --------
    >>> waiting_time(np.array([0.5, 0.5]), np.array([np.log(2.0), 0.0]))
    array([ 1., inf])
    """
    with np.errstate(divide="ignore"):
        return np.where(rate > 0, -np.log(uniform) / np.maximum(rate, 1e-300), np.inf)
