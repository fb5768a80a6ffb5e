"""What a state thinks of a proposal, in logits: gain, depth, history, aspiration.

A state accepts a proposal with the probability ``logistic(V)``. The forms below were estimated on
opened negotiations (`docs/politics.md`); this module knows arrays only.
"""

from __future__ import annotations

import numpy as np

from sim.types import Bools, Floats

__all__ = [
    "HIGHEST_INDEX",
    "best_depth",
    "depth_cost",
    "expected_depth_index",
    "gain_utility",
    "mean_over_partners",
    "median_over_partners",
    "side_residual",
]


HIGHEST_INDEX = 7.0
"""Of the depth index of treaties (DESTA)."""
_EDGE = 1e-9  # keeps probabilities off 0 and 1, where entropies and odds are undefined


def gain_utility(gain: Floats, coefficient: float, half_gain: float) -> Floats:
    """The part of the utility that follows from the gain alone.

    Parameters
    ----------
    gain
        Gain in percent of annual income relative to no agreement (any shape).
    coefficient
        Logits per unit of asinh(gain / half_gain).
    half_gain
        Percent of income at which the scale turns from linear to logarithmic.

    Returns
    -------
    Logits, of the same shape.

    Examples
    --------
    Gains and losses of one size weigh the same:

    >>> v = gain_utility(np.array([-0.1, 0.0, 0.1]), 0.42, 0.03)
    >>> bool(abs(v[0] + v[2]) < 1e-12), round(float(v[2]), 2)
    (True, 0.81)
    """
    return np.asarray(coefficient * np.arcsinh(gain / half_gain))


def side_residual(own: Floats, other: Floats, has_agreement: Bools) -> Floats:
    """What a pair's history says of one side: the posterior mean of its logistic residual.

    A pair has an agreement when both sides accept (Poirier 1980). A side that ought to have
    accepted and has no agreement is therefore likely to be one that does not want to.

    Parameters
    ----------
    own, other
        Probabilities that the side, and its partner, accept (any shape, 0–1).
    has_agreement
        Whether the pair has an agreement, of the same shape.

    Returns
    -------
    Logits, of the same shape: h(p)/p with an agreement; without one
    −q h(p)/(1 − p q), where h is the entropy, p the own and q the other probability.

    Examples
    --------
    The mean over both histories, weighted by how often each occurs, is nothing:

    >>> p, q = np.array([0.6]), np.array([0.3])
    >>> yes, no = (side_residual(p, q, np.array([h])) for h in (True, False))
    >>> bool(abs(p * q * yes + (1 - p * q) * no)[0] < 1e-12)
    True
    """
    p = np.clip(own, _EDGE, 1.0 - _EDGE)
    q = np.clip(other, _EDGE, 1.0 - _EDGE)
    entropy = -(p * np.log(p) + (1.0 - p) * np.log1p(-p))
    result: Floats = np.where(has_agreement, entropy / p, -entropy * q / (1.0 - p * q))
    return result


def mean_over_partners(value: Floats, partners: Bools) -> Floats:
    """(S,) simple mean of pair values (S, S) over the partners [i, j] of each state i; 0 of none.

    Examples
    --------
    >>> mean_over_partners(np.array([[0.0, 2.0], [4.0, 0.0]]), np.array([[0, 1], [0, 0]]) > 0)
    array([2., 0.])
    """
    mean = np.zeros(len(partners))
    some = np.flatnonzero(partners.any(axis=1))  # few, where two negotiate
    those = partners[some]
    mean[some] = np.where(those, value[some], 0.0).sum(axis=1) / those.sum(axis=1)
    return mean


def median_over_partners(value: Floats, partners: Bools) -> Floats:
    """(S,) median of the values (S,) of the partners [i, j] of each state i; 0 of none.

    Examples
    --------
    >>> partners = np.array([[0, 1, 1], [1, 1, 1], [0, 0, 0]]) > 0
    >>> median_over_partners(np.array([3.0, 1.0, 2.0]), partners)
    array([1.5, 2. , 0. ])
    """
    median = np.zeros(len(partners))
    some = np.flatnonzero(partners.any(axis=1))
    order = np.argsort(value, kind="stable")
    # how many partners of i are among the k lowest
    below = np.cumsum(partners[np.ix_(some, order)], axis=1)
    count = below[:, -1:]
    low, high = ((below < half).sum(axis=1) for half in ((count + 1) // 2, count // 2 + 1))
    ordered = value[order]
    median[some] = (ordered[low] + ordered[high]) / 2
    return median


def expected_depth_index(
    year: float, lower_democracy: Floats, poorer: Floats, richer: Floats
) -> Floats:
    """Depth index (DESTA, 0–7) that treaties of such partners have on average.

    Parameters
    ----------
    year
        Calendar year; after 2020, the end of the data, the trend stands still.
    lower_democracy
        (…) mean over partners of the lower electoral-democracy score of the pair (0–1).
    poorer, richer
        (…) lower and higher income per head of the pair, thousand USD.

    Notes
    -----
    Least squares on 409 treaties since 1990, R² .52, residual standard deviation 1.45
    (`tools/politics`): coefficients in `docs/politics.md`.

    Examples
    --------
    >>> rich = expected_depth_index(2018, np.array([0.8]), np.array([40.0]), np.array([60.0]))
    >>> poor = expected_depth_index(1995, np.array([0.3]), np.array([1.0]), np.array([3.0]))
    >>> bool(poor[0] < 2 < 6 < rich[0])
    True
    """
    trend = 0.154 * (min(year, 2020.0) - 2005.0)
    return np.asarray(
        0.87
        + trend
        + 1.59 * lower_democracy
        + 0.21 * np.log(np.maximum(poorer, _EDGE))
        + 0.48 * np.log(np.maximum(richer, _EDGE))
    )


def best_depth(index: Floats, full: float, in_place: Floats | float = 0.0) -> Floats:
    """Trade-cost cut (fraction) that suits best; `full` is that of index 7.

    Parameters
    ----------
    index
        (…) depth index, of the scale of treaties (0–7).
    in_place
        (…) depth that there is already. What states have agreed to cannot be more than suits them:
        bodies that are deeper than any treaty on the scale stay where they are.

    Examples
    --------
    >>> best_depth(np.array([0.0, 3.5, 9.0]), 0.10).round(3).tolist()
    [0.01, 0.05, 0.1]
    >>> float(best_depth(np.array([9.0]), 0.10, 0.15)[0])
    0.15
    """
    on_scale = np.clip(index, 0.1 * HIGHEST_INDEX, HIGHEST_INDEX)
    return np.maximum(full * on_scale / HIGHEST_INDEX, in_place)


def depth_cost(
    depth: Floats, best: Floats, coefficient: float, *, reference: Floats | float = 0.025
) -> Floats:
    """What depth costs in sovereignty, in logits, over the depth of the estimate.

    Parameters
    ----------
    depth
        (…) total trade-cost cut reached (fraction).
    best
        (…) from `best_depth`.
    coefficient
        Weight of the gain, in logits (`gain_utility`).
    reference
        Depth at which the cost is nothing: that of the estimate, or what is in place already.

    Returns
    -------
    Logits. With a utility of the gain that is logarithmic in depth, coefficient / best is the slope
    at which the best depth is `best`, whatever the size of the gain.

    Examples
    --------
    A state whose gain grows with depth likes its best depth most:

    >>> depths = np.linspace(0.01, 0.2, 20)
    >>> best = np.full(20, 0.06)
    >>> u = gain_utility(100 * depths, 0.42, 0.03) - depth_cost(depths, best, 0.42)
    >>> round(float(depths[np.argmax(u)]), 2)
    0.06
    """
    return coefficient / best * (depth - reference)
