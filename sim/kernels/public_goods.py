"""What many provide together: technologies by which efforts add up to a public good.

One form holds all of them (Cornes 1993; Barrett 2007): the weighted power mean of efforts. At power
1 it is their weighted sum; as the power falls, the least effort counts more and more (weakest
link); as it rises, the greatest does (best shot).
"""

from __future__ import annotations

import numpy as np

from sim.types import Floats

__all__ = ["POWERS", "provision"]

POWERS = {"weakest_link": -np.inf, "weaker_link": -1.0, "summation": 1.0, "best_shot": np.inf}
"""Technology of aggregation → power of the mean. Names as in Barrett (2007) and Sandler (1998)."""


def provision(effort: Floats, weight: Floats, power: float) -> Floats:
    """Level of a public good that efforts give.

    Parameters
    ----------
    effort
        (..., S) what each provides, at least 0, in the good's unit.
    weight
        (S,) what each counts for, at least 0, with a positive sum; those with 0 are left out.
    power
        Power of the mean, not 0: see `POWERS`.

    Returns
    -------
    (...) the level, between the least and the greatest effort of those who count.

    Examples
    --------
    Where the weakest link decides, more of the strongest adds nothing:

    >>> weight = np.array([1.0, 1.0])
    >>> provision(np.array([[0.2, 0.6], [0.2, 0.9]]), weight, -np.inf).tolist()
    [0.2, 0.2]
    >>> provision(np.array([0.2, 0.6]), weight, 1.0).round(3).item()
    0.4
    """
    counts = weight > 0
    share = weight[counts] / weight[counts].sum()
    given = effort[..., counts]
    if np.isinf(power):
        return np.asarray(given.max(axis=-1) if power > 0 else given.min(axis=-1))
    if power < 0 and (given <= 0).any():
        safe = np.where(given > 0, given, 1.0)
        level = (safe**power @ share) ** (1.0 / power)
        return np.asarray(np.where((given <= 0).any(axis=-1), 0.0, level))
    return np.asarray((given**power @ share) ** (1.0 / power))
