"""Whether parties keep what they have agreed, and whether they return to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.kernels.bargaining import logistic
from sim.types import Bools, Floats

__all__ = ["FORMS", "Keeping", "breach_chance", "distrust", "return_chance"]

FORMS = ("none", "naming", "retaliation", "suspension", "adjudication")
"""How a breach is answered, from nothing to a court."""

QUARTER = 0.25


@dataclass(frozen=True)
class Keeping:
    """Coefficients of breach: per year, and in logs of the hazard."""

    rate: float
    deterrence: float
    leader: float
    reputation: float
    gain: float


def breach_chance(
    returns: float, orientation: Floats, trust: Floats, worth: Floats, model: Keeping
) -> Floats:
    """(S,) chance that a party breaches an agreement in a quarter.

    Parameters
    ----------
    returns
        Chance that a breach under its enforcement ends within a year: what deters.
    orientation
        (S,) leaders, standard deviations towards nationalism.
    trust
        (S,) 0-1: who has little of it has little to lose.
    worth
        (S,) logits: what keeping the agreement is worth today. The chance that one would not accept
        it now stands for the gain from a breach; it is 0 for who would accept for certain.

    Examples
    --------
    A court deters, a nationalist is deterred less:

    >>> model, one = Keeping(0.03, 1.0, 0.3, 0.5, 1.5), np.ones(1)
    >>> at_court = breach_chance(0.8, 0 * one, one, one, model)
    >>> bool(at_court < breach_chance(0.2, 0 * one, one, one, model))
    True
    >>> bool(at_court < breach_chance(0.8, one, one, one, model))
    True

    Who gains little by an agreement breaches it more often:

    >>> bool(at_court < breach_chance(0.8, 0 * one, one, -one, model))
    True
    """
    pull = (
        model.leader * orientation
        + model.reputation * (1.0 - trust)
        + model.gain * logistic(-worth)
    )
    yearly = model.rate * np.exp(pull - model.deterrence * returns)
    return np.asarray(-np.expm1(-QUARTER * yearly))


def distrust(partners: Bools, weight: Floats, trust: Floats) -> Floats:
    """(S,) how little the partners of each state are trusted, 0 to 1; 0 for who has none.

    Parameters
    ----------
    partners
        (S, S) pairs [i, j].
    weight
        (S,) of the partners in the mean, for example income.
    trust
        (S,) 0-1.

    Examples
    --------
    >>> pairs = np.array([[False, True], [True, False]])
    >>> distrust(pairs, np.ones(2), np.array([1.0, 0.8])).round(1).tolist()
    [0.2, 0.0]
    """
    total = partners @ weight
    lost = partners @ (weight * (1.0 - trust))
    return np.divide(lost, total, out=np.zeros_like(total), where=total > 0)


def return_chance(returns: float) -> float:
    """Chance that a breach ends in a quarter, when `returns` of them end within a year.

    Examples
    --------
    >>> round(1 - (1 - return_chance(0.8)) ** 4, 6)
    0.8
    """
    return float(1.0 - (1.0 - returns) ** QUARTER)
