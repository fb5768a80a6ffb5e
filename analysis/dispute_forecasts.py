"""How forecasts of disputes score: chances of pairs in a year beside what happened."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

__all__ = ["calibration", "pair_scores"]

_RESAMPLES = 1000  # of pairs, for intervals of 95 %


def pair_scores(chance: Any, happened: Any, pair: Any) -> pd.DataFrame:
    """Area under the curve, Brier score and calibration of chances, with intervals over pairs.

    Parameters
    ----------
    chance, happened, pair
        (N,) forecast 0–1, truth value, and name of the pair: pairs are resampled as a whole.

    Returns
    -------
    DataFrame
        `score`, `value`, `low`, `high`: the area, the Brier score, that of the base rate, and the
        ratio of disputes expected to those that happened.

    Examples
    --------
    >>> pair_scores([0.9, 0.1], [True, False], ["A", "B"]).set_index("score").value["auc"]
    np.float64(1.0)
    """
    forecast, truth = np.asarray(chance, float), np.asarray(happened, bool)
    _, own = np.unique(np.asarray(pair), return_inverse=True)
    members = [np.flatnonzero(own == k) for k in range(own.max() + 1)]
    rng = np.random.default_rng(1)
    drawn = []
    for _ in range(_RESAMPLES):
        rows = np.concatenate([members[k] for k in rng.integers(0, len(members), len(members))])
        drawn.append(_scores(forecast[rows], truth[rows]))
    low, high = np.nanpercentile(np.array(drawn), [2.5, 97.5], axis=0)
    names = ("auc", "brier", "brier_base_rate", "expected_per_happened")
    return pd.DataFrame(
        {"score": names, "value": _scores(forecast, truth), "low": low, "high": high}
    )


def _scores(chance: np.ndarray[Any, Any], truth: np.ndarray[Any, Any]) -> list[float]:
    n, positive = truth.size, int(truth.sum())
    if not 0 < positive < n:
        return [np.nan] * 4
    ranks = pd.Series(chance).rank().to_numpy()
    below = ranks[truth].sum() - positive * (positive + 1) / 2
    rate = positive / n
    return [
        below / (positive * (n - positive)),
        float(((chance - truth) ** 2).mean()),
        rate * (1 - rate),
        float(chance.sum() / positive),
    ]


def calibration(chance: Any, happened: Any, bins: int = 10) -> pd.DataFrame:
    """Chances and what happened by decile of the chance, with 95 % intervals of the share.

    Parameters
    ----------
    chance, happened
        (N,) forecast and truth value.
    bins
        Number of groups of equal size.
    """
    order = np.argsort(np.asarray(chance, float), kind="stable")
    forecast, truth = np.asarray(chance, float)[order], np.asarray(happened, bool)[order]
    rng, rows = np.random.default_rng(1), []
    for k, part in enumerate(np.array_split(np.arange(order.size), bins)):
        if part.size:
            share = truth[part].mean()
            low, high = np.percentile(
                rng.binomial(part.size, share, _RESAMPLES) / part.size, [2.5, 97.5]
            )
            rows.append(
                {
                    "decile": k + 1,
                    "n": part.size,
                    "expected": forecast[part].mean(),
                    "happened": share,
                    "low": low,
                    "high": high,
                }
            )
    return pd.DataFrame(rows)
