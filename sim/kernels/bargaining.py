"""Concession, quantal choice and the reference solutions of a negotiation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.kernels.choice import TOLERANCE, best, is_at_least
from sim.types import Bools, Floats

__all__ = [
    "concession",
    "equal_sacrifice",
    "learn",
    "logistic",
    "nash_solution",
    "votes_from_margins",
    "weighted_mean",
    "weighted_median",
]


def logistic(x: Floats) -> Floats:
    """Logistic function, safe for large arguments.

    Examples
    --------
    >>> logistic(np.array([-1e4, 0.0, 1e4])).tolist()
    [0.0, 0.5, 1.0]
    """
    return 0.5 * (1.0 + np.tanh(0.5 * np.asarray(x, dtype=float)))


def concession(elapsed: float, *, initial: float, exponent: float) -> float:
    """Share of the surplus at stake that a party still insists on.

    Parameters
    ----------
    elapsed
        Share of the time to the deadline that has passed (0–1).
    initial
        Share insisted on at the start (0–1).
    exponent
        β of the time-dependent tactic: below 1 holds out (boulware), above 1 concedes early.

    Returns
    -------
    float
        ``initial · (1 − elapsed^(1/exponent))``; 0 at the deadline, where the reservation value
        decides.

    Notes
    -----
    Faratin, Sierra & Jennings (1998), Robotics and Autonomous Systems 24: 159–182.

    Examples
    --------
    >>> [round(concession(t, initial=0.8, exponent=1.0), 3) for t in (0, 0.5, 1)]
    [0.8, 0.4, 0.0]
    """
    t = min(max(elapsed, 0.0), 1.0)
    return float(initial * (1.0 - t ** (1.0 / exponent)))


def equal_sacrifice(utility: Floats, share: float) -> Floats:
    """What every party insists on: a share of what the average party gets, at least 0.

    A party that gets less than the others holds out longest, so that agreement takes the longer
    the more parties there are.

    Parameters
    ----------
    utility
        (M, P) utilities of the proposals to the parties, in logits over no agreement.
    share
        From `concession`.

    Returns
    -------
    (M,) logits, 0 without parties.

    Examples
    --------
    >>> equal_sacrifice(np.array([[1.0, 3.0], [-2.0, 1.0]]), 0.5).tolist()
    [1.0, 0.0]
    """
    mean = utility.sum(axis=1) / max(utility.shape[1], 1)
    return np.asarray(share * np.maximum(mean, 0.0))


def votes_from_margins(margin: Floats, objection_cost: float) -> NDArray[np.int8]:
    """Accept above zero, object when the loss exceeds what standing alone costs, else abstain.

    Parameters
    ----------
    margin
        Utility less demand, in logits (any shape).
    objection_cost
        Logits; 0 leaves no abstention.

    Examples
    --------
    >>> votes_from_margins(np.array([0.1, -0.3, -2.0]), 0.5).tolist()
    [1, 0, -1]
    """
    objects = ~is_at_least(margin, -objection_cost)
    return np.where(is_at_least(margin), 1, np.where(objects, -1, 0)).astype(np.int8)


def learn(belief: Floats, predicted: Floats, accepted: Bools, rate: float) -> Floats:
    """The chair's belief about each state's taste after a vote: one step of logistic regression.

    Parameters
    ----------
    belief
        (S,) logits.
    predicted
        (S,) margins that the chair predicted.
    accepted
        (S,) who accepted.
    rate
        Step length.

    Examples
    --------
    A refusal that was not expected lowers the belief, an expected one hardly moves it:

    >>> b = learn(np.zeros(2), np.array([3.0, -3.0]), np.array([False, False]), 1.0)
    >>> [round(float(v), 2) for v in b]
    [-0.95, -0.05]
    """
    return belief + rate * (accepted.astype(float) - logistic(predicted))


def nash_solution(utility: Floats, weight: Floats) -> int:
    """Row of the proposal that maximises the weighted Nash product, -1 when none gains for all.

    Parameters
    ----------
    utility
        (M, P) utilities over no agreement.
    weight
        (P,) bargaining weights.

    Notes
    -----
    Nash (1950), Econometrica 18: 155–162; the asymmetric form after Kalai (1977).

    Examples
    --------
    >>> nash_solution(np.array([[1.0, 4.0], [2.0, 3.0], [9.0, -1.0]]), np.ones(2))
    1
    """
    gains = utility > TOLERANCE
    feasible = np.asarray(gains.all(axis=1))
    if not feasible.any():
        return -1
    return int(best(np.log(np.where(gains, utility, 1.0)) @ weight, feasible))


def weighted_mean(position: Floats, weight: Floats) -> float:
    """The compromise model's forecast: mean of positions by salience times capability.

    Notes
    -----
    Achen (2006) in Thomson et al., The European Union Decides.
    """
    return float(np.average(position, weights=weight))


def weighted_median(position: Floats, weight: Floats) -> float:
    """The position at which half of the weight is reached.

    Examples
    --------
    >>> weighted_median(np.array([0.0, 5.0, 10.0]), np.array([1.0, 1.0, 3.0]))
    10.0
    """
    order = np.argsort(position, kind="stable")
    reached = is_at_least(np.cumsum(weight[order]) / weight.sum(), 0.5)
    return float(position[order][np.argmax(reached)])
