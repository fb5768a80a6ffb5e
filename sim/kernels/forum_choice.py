"""Where an item is brought: the chance that a forum delivers, and what it is worth after a wait."""

from __future__ import annotations

import numpy as np
from scipy.special import bdtrc

from sim.types import Floats

__all__ = ["belief", "prior_chance", "worth"]


def prior_chance(needed: int, members: int, consent: float) -> float:
    """Chance that enough members agree when each does by itself.

    Parameters
    ----------
    needed
        Votes that the rule needs, one each.
    members
        How many vote.
    consent
        Chance that one of them agrees (0–1).

    Returns
    -------
    float
        Between 0 and 1; it falls with the votes needed (Buchanan & Tullock 1962; Tsebelis 2002).

    Examples
    --------
    >>> round(prior_chance(3, 3, 0.9), 3)
    0.729
    >>> prior_chance(100, 100, 0.9) < prior_chance(10, 10, 0.9) < prior_chance(6, 10, 0.9)
    True
    """
    return float(bdtrc(needed - 1, members, consent)) if needed > 0 else 1.0


def belief(prior: Floats, strength: float, agreed: Floats, lapsed: Floats) -> Floats:
    """Mean of the Beta posterior of the chance that a forum settles an item.

    Parameters
    ----------
    prior
        (O,) chance before anything was seen.
    strength
        How many items the prior is worth.
    agreed, lapsed
        (O,) items that the forum settled and let die.

    Returns
    -------
    (O,) chances (0–1).

    Examples
    --------
    >>> belief(np.array([0.5]), 2.0, np.array([3.0]), np.array([1.0])).round(3).tolist()
    [0.667]
    """
    return np.asarray((prior * strength + agreed) / (strength + agreed + lapsed))


def worth(chance: Floats, gain: Floats, delay: Floats, discount: float) -> Floats:
    """Chance of success times gain, discounted for the wait; nothing where there is no end of it.

    Parameters
    ----------
    chance, gain
        (O,) chance that the forum settles the item; what it brings when settled (any unit).
    delay
        (O,) years until then; infinite for a forum that does not meet.
    discount
        Per year.

    Examples
    --------
    >>> half, even = np.array([0.5, 0.5]), np.ones(2)
    >>> worth(half, even, np.array([0.0, np.inf]), 0.1).tolist()
    [0.5, 0.0]
    """
    return np.asarray(chance * gain * np.exp(-discount * delay))
