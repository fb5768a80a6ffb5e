"""Military spending in reaction to rivals (Richardson)."""

from __future__ import annotations

import numpy as np

from sim.types import Bools, Floats

__all__ = ["arms_growth", "is_stable", "rival_weights"]


def rival_weights(is_rival: Bools, spending: Floats) -> Floats:
    """Weight of each rival in the spending of a state's rivals.

    Parameters
    ----------
    is_rival
        (S, S) strategic rivalry.
    spending
        (S,) military spending, any unit, not negative.

    Returns
    -------
    (S, S) shares of the rivals of the row; a row without rivals that spend is 0.

    Examples
    --------
    >>> rival_weights(~np.eye(3, dtype=bool), np.array([1.0, 3.0, 1.0]))[0].tolist()
    [0.0, 0.75, 0.25]
    """
    faced = is_rival * spending[None, :]
    total = faced.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(faced, total, out=np.zeros_like(faced), where=total > 0))


def arms_growth(
    deviation: Floats, weights: Floats, *, reaction: float, fatigue: float, grievance: Floats
) -> Floats:
    """Growth of log military spending a year.

    Parameters
    ----------
    deviation
        (S,) log of spending relative to its level at the start, grown with income.
    weights
        (S, S) `rival_weights`.
    reaction, fatigue
        Per year; what a log point of rivals' spending adds and of own takes away.
    grievance
        (S,) growth that follows from neither, log points a year.

    Returns
    -------
    (S,) log points a year: ``reaction · W x − fatigue · x + grievance``.

    Notes
    -----
    Richardson (1960), *Arms and Insecurity*. With effects of state and year the reaction is zero
    (−.004, standard error .006, 1954–2000): a positive one is an assumption.

    Examples
    --------
    Without reaction, spending returns to its level.

    >>> arms_growth(np.array([1.0]), np.zeros((1, 1)), reaction=0.3, fatigue=0.1,
    ...             grievance=np.zeros(1)).tolist()
    [-0.1]
    """
    return np.asarray(reaction * (weights @ deviation) - fatigue * deviation + grievance)


def is_stable(weights: Floats, *, reaction: float, fatigue: float) -> bool:
    """Richardson's condition: whether spending comes to rest instead of running away.

    Parameters
    ----------
    weights, reaction, fatigue
        As for `arms_growth`.

    Returns
    -------
    bool
        Whether all eigenvalues of ``reaction · W − fatigue · I`` have a negative real part; for two
        rivals, whether fatigue exceeds reaction.

    Examples
    --------
    >>> pair = np.array([[0.0, 1.0], [1.0, 0.0]])
    >>> is_stable(pair, reaction=0.1, fatigue=0.126), is_stable(pair, reaction=0.2, fatigue=0.126)
    (True, False)
    """
    largest = np.linalg.eigvals(weights).real.max() if weights.size else 0.0
    return bool(reaction * largest < fatigue)
