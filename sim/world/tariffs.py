"""Tariffs as they stand before the simulation changes any.

An importer charges its mean most-favoured-nation tariff to everybody, a residue of it to partners
under an agreement in force, and nothing inside a customs union or on its own sales.
"""

from __future__ import annotations

import numpy as np

from sim.types import Bools, Floats


def common_external_tariff(mfn: Floats, imports: Floats, is_member: Bools) -> Floats:
    """Give all members of a union the import-weighted mean of their tariffs.

    Parameters
    ----------
    mfn
        Mean applied MFN tariff of each state, shape (N,), fraction.
    imports
        Weights, shape (N,), billion USD.
    is_member
        Members of the union, shape (N,).

    Returns
    -------
    NDArray
        Tariffs, shape (N,), fraction; unchanged outside the union.

    Examples
    --------
    >>> mfn = common_external_tariff(np.array([0.04, 0.06, 0.3]), np.ones(3),
    ...                              np.array([True, True, False]))
    >>> [round(float(m), 9) for m in mfn]
    [0.05, 0.05, 0.3]
    """
    if not is_member.any():
        return mfn.copy()
    return np.where(is_member, np.average(mfn[is_member], weights=imports[is_member]), mfn)


def baseline_tariffs(
    mfn: Floats,
    has_agreement: Bools,
    is_duty_free: Bools,
    *,
    residual: float,
) -> Floats:
    """Derive applied tariffs from MFN rates and agreements.

    Parameters
    ----------
    mfn
        Mean applied MFN tariff of each importer, shape (N,), fraction.
    has_agreement
        Pairs under a free-trade agreement, shape (N, N).
    is_duty_free
        Pairs within a customs union, shape (N, N).
    residual
        Share of the MFN tariff that is still paid under an agreement: exempted products and
        shippers that do not claim the preference.

    Returns
    -------
    NDArray
        Tariff of importer j on exporter i, shape (N, N), fraction; zero on the diagonal.

    Examples
    --------
    >>> none, all_ = np.zeros((2, 2), dtype=bool), np.ones((2, 2), dtype=bool)
    >>> t = baseline_tariffs(np.array([0.1, 0.2]), all_, none, residual=0.25)
    >>> t.tolist()
    [[0.0, 0.05], [0.025, 0.0]]
    """
    tariffs = np.where(has_agreement, residual, 1.0) * mfn[None, :]
    tariffs[is_duty_free] = 0.0
    np.fill_diagonal(tariffs, 0.0)
    return tariffs
