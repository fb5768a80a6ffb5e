"""What a scenario changes, less what the same shocks change when they come from elsewhere.

A difference in differences over paired seeds. Within a seed the change from before the shocks to
after them is taken in three worlds: with the shocks, without, and with the placebo. With − without
is the effect; placebo − without is what comes of such shocks whoever brings them, chance included;
the first less the second is what is due to who it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from analysis.compare import interval, paired
from analysis.frames import as_list

__all__ = ["against_placebo", "changes"]

Span = tuple[Any, Any]


def changes(
    frame: pd.DataFrame,
    sides: tuple[str, str],
    measures: str | Sequence[str],
    spans: tuple[Span, Span],
) -> pd.DataFrame:
    """Take (after − before) of one side less that of the other, seed by seed.

    Parameters
    ----------
    frame
        Tidy frame with `scenario`, `seed`, `date` and the measures.
    sides
        Labels of treatment and control.
    measures
        One or more columns.
    spans
        Before and after: each first and last day; a measure's mean over the quarters that begin in
        a span is taken.

    Returns
    -------
    pandas.DataFrame
        `measure`, `seed`, `difference` (NaN where the measure is not defined), `unit`.

    Raises
    ------
    AnalysisError
        As in `analysis.compare.paired`.

    Examples
    --------
    >>> changes(_example(), ("shock", "usual"), "x", _SPANS)["difference"].tolist()
    [3.0, 3.0]
    """
    before, after = (paired(frame, *sides, measures, at=span) for span in spans)
    return after.assign(difference=after["difference"] - before["difference"])[
        ["measure", "seed", "difference", "unit"]
    ]


def against_placebo(
    frame: pd.DataFrame,
    worlds: tuple[str, str, str],
    measures: str | Sequence[str],
    spans: tuple[Span, Span],
    *,
    level: float = 0.95,
) -> pd.DataFrame:
    """Estimate effect, placebo and the difference of the two, with intervals over seeds.

    Parameters
    ----------
    frame, measures, spans
        As in `changes`.
    worlds
        Labels of treatment, control and placebo.
    level
        Coverage of the intervals, bootstrapped over seeds as in `analysis.compare.interval`.

    Returns
    -------
    pandas.DataFrame
        Per measure and `what` (effect, placebo, net): `difference`, `low`, `high`, `same_sign`
        (share of seeds with the sign of the mean), `n_seeds`, `unit`. Low and high are NaN with one
        seed, and too narrow with fewer than eight.

    Examples
    --------
    The shocks add 3, the placebo 1:

    >>> table = against_placebo(_example(), ("shock", "usual", "placebo"), "x", _SPANS)
    >>> table[["what", "difference"]].values.tolist()
    [['effect', 3.0], ['placebo', 1.0], ['net', 2.0]]
    """
    treatment, control, placebo = worlds
    contrasts = {"effect": (treatment, control), "placebo": (placebo, control)}
    found = {what: changes(frame, sides, measures, spans) for what, sides in contrasts.items()}
    found["net"] = changes(frame, (treatment, placebo), measures, spans)
    rows = []
    for measure in as_list(measures):
        for what, table in found.items():
            own = table[table["measure"] == measure]
            values = own["difference"].dropna().to_numpy()
            low, high = interval(values, level=level)
            mean = values.mean() if values.size else float("nan")
            rows.append(
                {
                    "measure": measure,
                    "what": what,
                    "difference": mean,
                    "low": low,
                    "high": high,
                    "same_sign": float(((values > 0) == (mean > 0)).mean()) if mean else 0.0,
                    "n_seeds": values.size,
                    "unit": own["unit"].iloc[0],
                }
            )
    table = pd.DataFrame(rows)
    seeds = sorted({int(seed) for seed in frame["seed"]})
    table.attrs = {"worlds": worlds, "seeds": seeds, "level": level}
    return table


_SPANS: tuple[Span, Span] = (("2024-01-01", "2024-12-31"), ("2025-01-01", "2025-12-31"))


def _example() -> pd.DataFrame:
    """Two seeds of three worlds that differ in the second year by known amounts."""
    days = pd.to_datetime(["2024-01-01", "2025-01-01"])
    added = {"usual": 0.0, "shock": 3.0, "placebo": 1.0}
    return pd.concat(
        pd.DataFrame({"scenario": name, "seed": seed, "date": days, "x": [seed, seed + more]})
        for name, more in added.items()
        for seed in (1, 2)
    ).astype({"x": float})
