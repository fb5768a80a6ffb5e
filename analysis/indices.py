"""Sensitivity indices of outcomes to parameters, by SALib, as tidy tables.

`morris` screens many parameters with few runs (Morris 1991; mu_star of Campolongo, Cariboni &
Saltelli 2007); `sobol` shares out the variance, interactions included (Sobol' 2001; Saltelli et al.
2010); `given` works on any random or space-filling sample, so on a sweep that was made for
something else (first-order indices by RBD-FAST, Tarantola, Gatelli & Mara 2006; PAWN, Pianosi &
Wagener 2018). Runs of the model differ by seed: give outcomes averaged over seeds that are the same
at all points.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analysis.errors import AnalysisError

Floats = NDArray[np.float64]
Ranges = Mapping[str, tuple[float, float]]

METHODS = ("morris", "sobol", "given")
LEVELS = 4  # of a Morris trajectory: Campolongo, Cariboni & Saltelli 2007
_RESAMPLES = 200
_LEAST_GIVEN = 50  # points: RBD-FAST's correction of its bias is not defined at 20 and wild near it


def problem(ranges: Ranges) -> dict[str, Any]:
    """Write parameter ranges as SALib's ``problem``.

    Examples
    --------
    >>> problem({"x": (0.0, 1.0)})
    {'num_vars': 1, 'names': ['x'], 'bounds': [[0.0, 1.0]]}
    """
    return {
        "num_vars": len(ranges),
        "names": list(ranges),
        "bounds": [list(map(float, pair)) for pair in ranges.values()],
    }


def sample(method: str, ranges: Ranges, n: int, seed: int = 1) -> Floats:
    """Draw the design that a method needs, (rows, parameters).

    Parameters
    ----------
    method
        ``morris``: `n` trajectories of (parameters + 1) rows. ``sobol``: `n` base points, a power
        of two, with (parameters + 2) rows each.
    ranges
        Parameter → range.
    n, seed
        Size and seed of the design.

    Raises
    ------
    AnalysisError
        SALib is not installed, an unknown method, or an `n` that is no power of two for ``sobol``.

    Examples
    --------
    >>> sample("morris", {"x": (0.0, 1.0), "y": (0.0, 1.0)}, 3).shape
    (9, 2)
    """
    _need_salib()
    if method == "morris":
        from SALib.sample import morris

        return np.asarray(morris.sample(problem(ranges), n, num_levels=LEVELS, seed=seed))
    if method != "sobol":
        raise AnalysisError(f"no design for {method!r}", expected="'morris' or 'sobol'")
    if n < 2 or n & (n - 1):
        raise AnalysisError(f"{n} base points", where="sobol", expected="a power of two")
    from SALib.sample import sobol

    return np.asarray(sobol.sample(problem(ranges), n, calc_second_order=False, seed=seed))


def indices(
    method: str, ranges: Ranges, design: ArrayLike, outcome: ArrayLike, seed: int = 1
) -> pd.DataFrame:
    """Work out the indices of one outcome.

    Parameters
    ----------
    method
        ``morris`` and ``sobol`` want the rows of `sample` in their order; ``given`` takes any.
    ranges
        Parameter → range.
    design
        (rows, parameters).
    outcome
        (rows,) outcome at each.
    seed
        Of the bootstrap.

    Returns
    -------
    pandas.DataFrame
        A row per parameter, the most influential first. ``morris``: `mu_star` (mean absolute
        elementary effect, in the outcome's unit over the whole range), `mu_star_conf`, `mu`,
        `sigma` (spread of the effects: interaction or curvature). ``sobol``: `ST` (share of the
        variance with interactions), `ST_conf`, `S1` (alone), `S1_conf`. ``given``: `S1`,
        `S1_conf`, `pawn` (shift of the whole distribution, median Kolmogorov–Smirnov distance,
        0–1; not zero for a parameter without influence where points are few). `_conf` are
        half-widths of 95 % intervals.

    Raises
    ------
    AnalysisError
        SALib is not installed, values that are not defined, or a design of the wrong size. An
        outcome that never changes has indices of zero.
    """
    _need_salib()
    x, y = np.asarray(design, dtype=float), np.asarray(outcome, dtype=float)
    if x.shape != (len(y), len(ranges)):
        raise AnalysisError(f"a design of shape {x.shape} for {len(y)} outcomes", where=method)
    if not np.isfinite(y).all():
        raise AnalysisError(
            f"the outcome is not defined at {int((~np.isfinite(y)).sum())} of {len(y)} points",
            where=method,
            expected="a measure that always is (months_open rather than months_to_agreement, say)",
        )
    if not np.isfinite(x).all():
        raise AnalysisError("missing values among the parameters", where=method)
    if method == "given" and len(y) < _LEAST_GIVEN:
        raise AnalysisError(
            f"{len(y)} points are too few", where=method, expected=f"{_LEAST_GIVEN}, better 300"
        )
    if method not in _ANALYSES:
        raise AnalysisError(f"no method {method!r}", expected=f"one of: {', '.join(METHODS)}")
    names = _COLUMNS[method]
    if np.ptp(y) <= 1e-12 * max(1.0, float(np.abs(y).max())):
        columns = {name: np.zeros(len(ranges)) for name in names}
    else:
        found = _ANALYSES[method](problem(ranges), x, y, seed)
        columns = {name: np.ma.filled(np.ma.asarray(found[name]), np.nan) for name in names}
    table = pd.DataFrame({"parameter": list(ranges)} | columns)
    return table.sort_values(names[0], ascending=False, kind="stable", ignore_index=True)


def _morris(problem: dict[str, Any], x: Floats, y: Floats, seed: int) -> Mapping[str, Any]:
    from SALib.analyze import morris

    # SALib takes effects per unit of the scaled range, so parameters of any unit compare.
    found: Mapping[str, Any] = morris.analyze(
        problem, x, y, num_levels=LEVELS, num_resamples=_RESAMPLES, seed=seed
    )
    return found


def _sobol(problem: dict[str, Any], x: Floats, y: Floats, seed: int) -> Mapping[str, Any]:
    from SALib.analyze import sobol

    found: Mapping[str, Any] = sobol.analyze(
        problem, y, calc_second_order=False, num_resamples=_RESAMPLES, seed=seed
    )
    return found


def _given(problem: dict[str, Any], x: Floats, y: Floats, seed: int) -> Mapping[str, Any]:
    from SALib.analyze import pawn, rbd_fast

    first = rbd_fast.analyze(problem, x, y, num_resamples=_RESAMPLES, seed=seed)
    return {**first, "pawn": pawn.analyze(problem, x, y, S=10, seed=seed)["median"]}


_Analysis = Callable[[dict[str, Any], Floats, Floats, int], Mapping[str, Any]]
_ANALYSES: dict[str, _Analysis] = {"morris": _morris, "sobol": _sobol, "given": _given}
_COLUMNS = {
    "morris": ("mu_star", "mu_star_conf", "mu", "sigma"),
    "sobol": ("ST", "ST_conf", "S1", "S1_conf"),
    "given": ("S1", "S1_conf", "pawn"),
}


def _need_salib() -> None:
    try:
        import SALib  # noqa: F401
    except ImportError:
        raise AnalysisError(
            "SALib is not installed", where="sensitivity", expected="pip install 'SALib>=1.5'"
        ) from None
