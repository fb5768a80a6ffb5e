"""Paired comparison: what a scenario changes, seed by seed.

Two scenarios run with one seed share every random draw that both make, so the difference within a
seed is the effect of the scenario in that world, and the spread of the differences over seeds is
what the interval has to cover. Comparing the two means without the pairs would drown the effect in
the variation between worlds.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.errors import AnalysisError, seed_list, unknown
from analysis.frames import RUN, as_list
from analysis.load import units
from analysis.measures import final, mean_over

At = Literal["final"] | tuple[Any, Any] | None


def paired(
    frame: pd.DataFrame,
    treatment: str,
    control: str,
    measures: str | Sequence[str],
    at: At = "final",
    *,
    drop_unpaired: bool = False,
) -> pd.DataFrame:
    """Take the differences treatment − control within each seed.

    Parameters
    ----------
    frame
        Tidy frame with `scenario`, `seed`, `date` and the measures (the table `summary`, say).
    treatment, control
        Labels of the two scenarios.
    measures
        One or more columns.
    at
        `"final"` compares the last quarter; `(since, until)` the mean over the quarters that begin
        in that span; None takes the frame as it is, one row per scenario and seed (what the
        functions of `analysis.measures` return).
    drop_unpaired
        Leave out seeds that only one side has, instead of refusing.

    Returns
    -------
    pandas.DataFrame
        One row per measure and seed: `measure`, `seed`, `control`, `treatment`, `difference`,
        `unit`. A measure that is not defined in a run (NaN) gives a NaN difference.

    Raises
    ------
    AnalysisError
        Unknown scenario or measure, seeds that only one side has, or no common seed.

    Examples
    --------
    >>> frame = pd.DataFrame({"scenario": ["a", "a", "b", "b"], "seed": [1, 2, 1, 2],
    ...                       "x": [1.0, 5.0, 3.0, 7.0]})
    >>> paired(frame, "b", "a", "x", at=None)["difference"].tolist()
    [2.0, 2.0]
    """
    seeds = _common_seeds(frame, treatment, control, drop_unpaired)
    rows = frame[frame["scenario"].isin([treatment, control]) & frame["seed"].isin(seeds)]
    parts = []
    for measure in as_list(measures):
        values = _at(rows, measure, at).pivot(index="seed", columns="scenario", values=measure)
        part = pd.DataFrame(
            {"measure": measure, "seed": seeds}
            | {"control": values[control].reindex(seeds).to_numpy(dtype=float)}
            | {"treatment": values[treatment].reindex(seeds).to_numpy(dtype=float)}
        )
        part["difference"] = part["treatment"] - part["control"]
        parts.append(part.assign(unit=units(frame, measure)))
    result = pd.concat(parts, ignore_index=True)
    result.attrs = {"treatment": treatment, "control": control, "at": _describe(frame, at)}
    return result


def effects(
    frame: pd.DataFrame,
    treatment: str,
    control: str,
    measures: str | Sequence[str],
    at: At = "final",
    *,
    drop_unpaired: bool = False,
    level: float = 0.95,
    n_resamples: int = 9999,
    rng: int | np.random.Generator = 0,
) -> pd.DataFrame:
    """Estimate the effect of a scenario on each measure, with a bootstrap interval over seeds.

    Parameters
    ----------
    frame, treatment, control, measures, at, drop_unpaired
        As in `paired`.
    level
        Coverage of the interval.
    n_resamples
        Bootstrap resamples of the paired differences.
    rng
        Seed of the bootstrap; the same seed gives the same interval, whatever other measures are
        asked for. A Generator is used as it stands.

    Returns
    -------
    pandas.DataFrame
        One row per measure: `measure`, `mean_control`, `mean_treatment`, `difference` (mean paired
        difference), `low`, `high` (interval), `d_z` (mean / standard deviation of the differences,
        Cohen 1988; infinite when all differences are equal and not zero), `same_sign` (share of
        seeds whose difference has the sign of the mean, 0–1), `n_seeds` (pairs used), `n_undefined`
        (pairs left out because the measure is not defined in one of the runs), `unit`.

    Raises
    ------
    AnalysisError
        As in `paired`.

    Notes
    -----
    The interval is bias-corrected and accelerated (Efron 1987), or percentile where that does not
    exist. With fewer than about eight seeds either is too narrow. With one seed it is NaN.

    Examples
    --------
    >>> frame = pd.DataFrame({"scenario": ["a", "a", "b", "b"], "seed": [1, 2, 1, 2],
    ...                       "x": [1.0, 5.0, 3.0, 7.0]})
    >>> effects(frame, "b", "a", "x", at=None)[["difference", "low", "high"]].values.tolist()
    [[2.0, 2.0, 2.0]]
    """
    pairs = paired(frame, treatment, control, measures, at, drop_unpaired=drop_unpaired)
    rows = []
    for measure in as_list(measures):
        pair = pairs[pairs["measure"] == measure]
        defined = pair.dropna(subset="difference")
        difference = defined["difference"].to_numpy()
        low, high = interval(difference, level=level, n_resamples=n_resamples, rng=rng)
        rows.append(
            {
                "measure": measure,
                "mean_control": defined["control"].mean(),
                "mean_treatment": defined["treatment"].mean(),
                "difference": defined["difference"].mean(),
                "low": low,
                "high": high,
                "d_z": _d_z(difference),
                "same_sign": _same_sign(difference),
                "n_seeds": len(defined),
                "n_undefined": len(pair) - len(defined),
                "unit": units(frame, measure),
            }
        )
    result = pd.DataFrame(rows)
    result.attrs = pairs.attrs | {"level": level, "seeds": sorted(pairs["seed"].unique().tolist())}
    return result


def interval(
    difference: NDArray[np.float64],
    *,
    level: float = 0.95,
    n_resamples: int = 9999,
    rng: int | np.random.Generator = 0,
) -> tuple[float, float]:
    """Bootstrap the interval of the mean of paired differences, shape (seeds,), in their unit.

    Returns
    -------
    tuple of float
        NaN with fewer than two differences: one world says nothing about the others. Of zero width
        when all differences are equal.

    Examples
    --------
    >>> interval(np.array([1.0, 1.0, 1.0]))
    (1.0, 1.0)
    >>> interval(np.array([1.0]))
    (nan, nan)
    >>> low, high = interval(np.array([1.0, 2.0, 3.0, 4.0]))
    >>> low < 2.5 < high
    True
    """
    if len(difference) < 2:
        return float("nan"), float("nan")
    if _is_constant(difference):
        mean = float(difference.mean())
        return mean, mean
    for method in ("BCa", "percentile"):
        with warnings.catch_warnings():
            # The warning of a degenerate sample; the result is then NaN and tested below.
            warnings.simplefilter("ignore")
            found = stats.bootstrap(
                (difference,),
                np.mean,
                confidence_level=level,
                n_resamples=n_resamples,
                method=method,
                rng=np.random.default_rng(rng),
            ).confidence_interval
        if np.isfinite([found.low, found.high]).all():
            break
    return float(found.low), float(found.high)


def _is_constant(difference: NDArray[np.float64]) -> bool:
    """Ask whether all are equal up to rounding: a spread of 1e-15 is no spread."""
    return bool(np.ptp(difference) <= 1e-12 * np.abs(difference).max())


def _d_z(difference: NDArray[np.float64]) -> float:
    """Divide mean by standard deviation of the differences; NaN with fewer than two."""
    if len(difference) < 2:
        return float("nan")
    mean = float(difference.mean())
    if _is_constant(difference):
        return 0.0 if mean == 0.0 else float(np.copysign(np.inf, mean))
    return mean / float(difference.std(ddof=1))


def _same_sign(difference: NDArray[np.float64]) -> float:
    """Count the share of differences with the sign of their mean; NaN without any."""
    if not len(difference):
        return float("nan")
    return float(np.mean(np.sign(difference) == np.sign(difference.mean())))


def _at(frame: pd.DataFrame, measure: str, at: At) -> pd.DataFrame:
    """Take one value per scenario and seed."""
    if measure not in frame:
        raise unknown("measure", measure, [c for c in map(str, frame.columns) if c not in RUN])
    if at is None:
        if frame.duplicated(RUN).any():
            raise AnalysisError(
                "several rows per scenario and seed", expected="at='final' or at=(since, until)"
            )
        return frame[[*RUN, measure]]
    if at == "final":
        return final(frame, measure)
    if isinstance(at, tuple) and len(at) == 2:
        return mean_over(frame, measure, *at)
    raise AnalysisError(f"at={at!r}", expected="'final', (since, until) or None")


def _describe(frame: pd.DataFrame, at: At) -> str:
    """Say when the values were taken, for captions."""
    if at is None:
        return "per run"
    if at == "final":
        return f"last quarter (from {frame['date'].max():%Y-%m-%d})"
    return f"mean of {at[0]} to {at[1]}"


def _common_seeds(
    frame: pd.DataFrame, treatment: str, control: str, drop_unpaired: bool
) -> list[int]:
    """Find the seeds both scenarios have, sorted."""
    have: dict[str, set[int]] = {}
    for label in (treatment, control):
        have[label] = {int(s) for s in frame.loc[frame["scenario"] == label, "seed"].unique()}
        if not have[label]:
            raise unknown("scenario", label, map(str, frame["scenario"].unique()))
    common = have[treatment] & have[control]
    lacking = {
        label: have[other] - common
        for label, other in ((treatment, control), (control, treatment))
        if have[other] - common
    }
    if lacking and not (drop_unpaired and common):
        missing = "; ".join(f"{label} lacks seeds {seed_list(s)}" for label, s in lacking.items())
        advice = "the same seeds on both sides" + (", or drop_unpaired=True" if common else "")
        raise AnalysisError(missing, where=f"{treatment} against {control}", expected=advice)
    return sorted(common)
