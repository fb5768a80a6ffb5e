"""What conflict costs in trade and income."""

from __future__ import annotations

import numpy as np

from sim.types import Floats

__all__ = ["expected_income_loss", "trade_cost_factor"]


def trade_cost_factor(fall: Floats, trade_elasticity: float) -> Floats:
    """Factor on trade costs that makes trade fall by given shares, other things equal.

    Parameters
    ----------
    fall
        Fall of trade between the two, shares below 1, any shape.
    trade_elasticity
        Elasticity of trade to trade costs, positive.

    Returns
    -------
    Factors, same shape, at least 1: ``(1 − fall)^(−1/elasticity)``.

    Examples
    --------
    >>> trade_cost_factor(np.array([0.0, 0.4]), 5.0).round(3).tolist()
    [1.0, 1.108]
    """
    return np.asarray((1.0 - fall) ** (-1.0 / trade_elasticity))


def expected_income_loss(chance: Floats, shares: Floats, years: Floats, loss: Floats) -> Floats:
    """Income a side expects to lose by the disputes of a pair that may begin within a quarter.

    Parameters
    ----------
    chance
        (P,) chance that a dispute begins within the quarter.
    shares
        (P, 4) chances of its highest level, adding up to 1.
    years
        (4,) mean length by highest level, years.
    loss
        (4,) income lost in a year at each level, percent of annual income.

    Returns
    -------
    (P,) percent of annual income: ``chance · Σ share · years · loss``. What is lost on the way up
    is counted at the highest level, which is where nearly all of it is.

    Examples
    --------
    >>> years, loss = np.array([0.0, 0.0, 0.5, 2.0]), np.array([0.0, 0.0, 0.0, 2.0])
    >>> shares = np.array([[0.0, 0.0, 0.5, 0.5]])
    >>> expected_income_loss(np.array([0.1]), shares, years, loss).tolist()
    [0.2]
    """
    return np.asarray(chance * (shares @ (years * loss)))
