"""Parts of an organisation's vitality."""

from __future__ import annotations

import numpy as np

from sim.types import Bools, Floats, Ints

__all__ = ["cohesion", "delivery", "paid_share"]


def delivery(agreed: Ints, lapsed: Ints) -> Floats:
    """Expected share of items settled: mean of a Beta(1, 1) belief after what was seen.

    Examples
    --------
    >>> delivery(np.array([0, 3]), np.array([0, 0])).tolist()
    [0.5, 0.8]
    """
    return (1.0 + agreed) / (2.0 + agreed + lapsed)


def cohesion(position: Floats) -> float:
    """1 for members of one mind, falling with the spread of their ideal points.

    Parameters
    ----------
    position
        (n,) UN General Assembly ideal points of the members, in units of the worldwide standard
        deviation of about one.

    Returns
    -------
    float
        ``exp(−sd)``: ASEAN (.18) .84, RCEP (.67) .51, USMCA (1.05) .35 in 2023. 1 for no member.

    Examples
    --------
    >>> cohesion(np.array([0.2, 0.2])), round(cohesion(np.array([-1.0, 1.0])), 2)
    (1.0, 0.37)
    """
    return float(np.exp(-np.std(position))) if position.size else 1.0


def paid_share(is_member: Bools, arrears: Floats, dues: Floats) -> float:
    """Share of the budget that is paid.

    Parameters
    ----------
    is_member, arrears
        (S,) who belongs, and the share of its dues each withholds.
    dues
        (S,) shares of the budget assessed at the start of the run (sum at most 1; the dues of
        later members come on top).

    Returns
    -------
    float, 0–1.

    Examples
    --------
    >>> dues = np.array([0.22, 0.78])
    >>> paid_share(np.array([False, True]), np.zeros(2), dues)
    0.78
    """
    if not dues.any():
        return 1.0
    return float(min((dues * (1.0 - arrears))[is_member].sum(), 1.0))
