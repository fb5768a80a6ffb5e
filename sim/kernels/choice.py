"""Choices and comparisons that do not hang on rounding: equals are equal, the first one is taken.

The same sum has other last digits on another processor, and a solver stops a little elsewhere. Of
two proposals that are worth the same, rounding would then pick one here and the other there, and
two runs of one seed would part.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.types import Bools, Floats

__all__ = ["TOLERANCE", "best", "is_at_least"]


TOLERANCE = 1e-6
"""Below it a difference is rounding: in logits, percent of income, or relative to a large score.

The equilibrium is solved to 1e-12 of income, 1e-10 percent. Wages moved at random by 2e-13 move
utilities by up to 4e-8 logits, where the acceptance utility is steepest (about 200 logits a percent
of income). True differences between proposals of a menu begin at 1e-5, and 1e-6 logits move the
probability of acceptance by less than 3e-7.
"""


def best(score: Floats, allowed: Bools | None = None) -> Any:
    """Row of the highest score; of those that reach it but for rounding, the first.

    Scores are compared with the highest one rather than rounded each: two that differ by rounding
    could round to either side.

    Parameters
    ----------
    score
        (M, …) scores in the declared order; -inf is never chosen before a number.
    allowed
        (M, …) what may be chosen, at least one; None for all.

    Returns
    -------
    The row, or (…) rows where a score has further axes.

    Examples
    --------
    >>> int(best(np.array([0.3, 0.1 + 0.2, 0.2])))
    0
    >>> int(best(np.array([0.3, 0.1 + 0.2, 0.2]), np.array([False, False, True])))
    2
    """
    score = score if allowed is None else np.where(allowed, score, -np.inf)
    top = score.max(axis=0)
    return np.argmax(score >= top - TOLERANCE * np.maximum(np.abs(top), 1.0), axis=0)


def is_at_least(value: Floats, threshold: float = 0.0) -> Bools:
    """Whether values reach a threshold but for rounding; NaN never does.

    Examples
    --------
    >>> is_at_least(np.array([-1e-12, -1e-3, np.nan])).tolist()
    [True, False, False]
    """
    return np.asarray(value >= threshold - TOLERANCE)
