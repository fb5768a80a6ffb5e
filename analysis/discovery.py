"""Scenario discovery: where in the parameter space an outcome of interest comes up.

The Patient Rule Induction Method (PRIM) of Friedman & Fisher (1999, Statistics and Computing
9:123–143), used as in Bryant & Lempert (2010, Technological Forecasting and Social Change
77:34–49): thin slices are peeled off the whole space, one parameter at a time, so that what is left
holds ever more of the cases of interest; the user is left with a few intervals to read. A library
was looked for: `ema_workbench` has PRIM in the middle of a framework of its own and needs five
further packages for it, so the hundred lines that are needed are here, and are tested on boxes that
are known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.errors import AnalysisError, unknown

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Discovery:
    """What was found.

    Attributes
    ----------
    box
        Per restricted parameter, the sharpest first: `parameter`, `low`, `high` (in its unit; NaN
        where a side is not restricted), `density_without` (of the box without this restriction),
        `quasi_p` (chance of a density as high as the box's if the restriction did nothing:
        binomial, Bryant & Lempert 2010; the data chose the restriction, so it flatters).
    trajectory
        Each step of the peeling: `step`, `n_points`, `coverage` (share of the cases of interest
        inside), `density` (share of the points inside that are of interest), `n_restricted`.
    step
        Which step of the trajectory the box is.
    is_inside
        (n,) bool, which points are in the box.
    """

    box: pd.DataFrame
    trajectory: pd.DataFrame
    step: int
    is_inside: Bools

    @property
    def coverage(self) -> float:
        """Share of the cases of interest that are in the box."""
        return float(self.trajectory["coverage"].iloc[self.step])

    @property
    def density(self) -> float:
        """Share of the points in the box that are of interest."""
        return float(self.trajectory["density"].iloc[self.step])


def prim(
    table: pd.DataFrame,
    parameters: Sequence[str],
    is_of_interest: Sequence[bool] | Bools,
    *,
    peel: float = 0.05,
    least: float = 0.05,
    density: float = 0.8,
) -> Discovery:
    """Find a box in the parameter space in which cases of interest are dense.

    Parameters
    ----------
    table
        A row per point, columns of parameters.
    parameters
        Columns to look at.
    is_of_interest
        (n,) whether the point's outcome is of interest.
    peel
        Share of the box's points that one peeling takes off (patience; Friedman & Fisher: 0.05).
    least
        Share of all points below which a box is not peeled further.
    density
        The box of the trajectory that covers most among those at least this dense, and of several
        the one with the fewest restrictions (Bryant & Lempert 2010: a box is to be understood);
        where none is so dense, the densest.

    Raises
    ------
    AnalysisError
        An unknown or constant parameter, missing values, or outcomes that are all alike.

    Examples
    --------
    >>> x = np.linspace(0.0, 1.0, 201)
    >>> found = prim(pd.DataFrame({"x": x}), ["x"], x > 0.7)
    >>> bool(0.6 < found.box["low"].item() < 0.75), found.coverage, found.density > 0.8
    (True, 1.0, True)
    """
    values, wanted = _check(table, parameters, np.asarray(is_of_interest, dtype=bool))
    boxes = _peel(values, wanted, peel, max(2, int(np.ceil(least * len(wanted)))))
    boxes.append(_paste(values, wanted, boxes[-1]))
    trajectory = _trajectory(values, wanted, boxes)
    dense = trajectory[trajectory["density"] >= density]
    first, last = ("coverage", "density") if len(dense) else ("density", "coverage")
    best = (dense if len(dense) else trajectory).sort_values(
        [first, "n_restricted", last], ascending=[False, True, False], kind="stable"
    )
    step = int(best["step"].iloc[0])
    box = _describe(values, wanted, boxes[step], list(parameters))
    return Discovery(box, trajectory, step, _inside(values, boxes[step]))


def _check(table: pd.DataFrame, parameters: Sequence[str], wanted: Bools) -> tuple[Floats, Bools]:
    for name in parameters:
        if name not in table:
            raise unknown("parameter", name, map(str, table.columns))
    values = table[list(parameters)].to_numpy(dtype=float)
    if not np.isfinite(values).all():
        raise AnalysisError("missing values among the parameters", where="prim")
    if len(wanted) != len(values):
        raise AnalysisError(f"{len(values)} points and {len(wanted)} outcomes", where="prim")
    if wanted.all() or not wanted.any():
        word = "all" if len(wanted) and wanted.all() else "none"
        raise AnalysisError(
            f"{word} of the {len(wanted)} points are of interest",
            where="prim",
            expected="a threshold that parts them",
        )
    return values, wanted


def _inside(values: Floats, box: Floats) -> Bools:
    """Tell which points (n, k) are in a box (2, k)."""
    inside: Bools = ((values >= box[0]) & (values <= box[1])).all(axis=1)
    return inside


def _peel(values: Floats, wanted: Bools, peel: float, least: int) -> list[Floats]:
    """Take off slices while enough points are left; each step is the one that gains most."""
    box = np.stack([np.full(values.shape[1], -np.inf), np.full(values.shape[1], np.inf)])
    boxes = [box]
    while not wanted[_inside(values, box)].all():
        step = _best(_slices(values[_inside(values, box)], box, peel), values, wanted, box, least)
        if step is None:
            break
        box = step
        boxes.append(box)
    return boxes


def _slices(points: Floats, box: Floats, peel: float) -> list[Floats]:
    """List the boxes that are left when one side of one parameter is peeled off."""
    found = []
    for k in range(points.shape[1]):
        column = points[:, k]
        for side, share in ((0, peel), (1, 1.0 - peel)):
            edge = np.quantile(column, share)
            # The new edge is a point that stays; a slice of points that tie is taken off whole.
            kept = column[column > edge] if side == 0 else column[column < edge]
            if kept.size:
                option = box.copy()
                option[side, k] = kept.min() if side == 0 else kept.max()
                found.append(option)
    return found


def _gain(values: Floats, wanted: Bools, inside: Bools, option: Floats) -> float:
    """Weigh a peeling: the rise in density per point that it costs, so that it stays patient."""
    left = _inside(values, option)
    lost = int(inside.sum() - left.sum())
    return float((wanted[left].mean() - wanted[inside].mean()) / max(lost, 1))


def _best(
    options: list[Floats], values: Floats, wanted: Bools, box: Floats, least: int
) -> Floats | None:
    """Choose the peeling that gains most, or none where nothing is gained or too little left."""
    inside = _inside(values, box)
    allowed = [one for one in options if _inside(values, one).sum() >= least]
    gains = [_gain(values, wanted, inside, one) for one in allowed]
    if not gains or max(gains) <= 0.0:
        return None
    return allowed[int(np.argmax(gains))]


def _paste(values: Floats, wanted: Bools, box: Floats) -> Floats:
    """Move sides back out, to the next point and on, while the density does not fall."""
    now = box.copy()
    moved = True
    while moved:
        moved = False
        for side, k in [(s, k) for k in range(values.shape[1]) for s in (0, 1)]:
            option = now.copy()
            option[side, k] = _next_out(values, now, side, k)
            grown, inside = _inside(values, option), _inside(values, now)
            if grown.sum() > inside.sum() and wanted[grown].mean() >= wanted[inside].mean():
                now, moved = option, True
    return now


def _next_out(values: Floats, box: Floats, side: int, k: int) -> float:
    """Find the nearest point outside one side of the box that all other sides let in."""
    wide = box.copy()
    wide[side, k] = -np.inf if side == 0 else np.inf
    column = values[_inside(values, wide), k]
    beyond = column[column < box[0, k]] if side == 0 else column[column > box[1, k]]
    if not beyond.size:
        return float(wide[side, k])
    return float(beyond.max() if side == 0 else beyond.min())


def _trajectory(values: Floats, wanted: Bools, boxes: list[Floats]) -> pd.DataFrame:
    rows = []
    for step, box in enumerate(boxes):
        inside = _inside(values, box)
        rows.append(
            {
                "step": step,
                "n_points": int(inside.sum()),
                "coverage": float(wanted[inside].sum() / wanted.sum()),
                "density": float(wanted[inside].mean()),
                "n_restricted": int(np.isfinite(box).any(axis=0).sum()),
            }
        )
    return pd.DataFrame(rows)


def _describe(values: Floats, wanted: Bools, box: Floats, names: list[str]) -> pd.DataFrame:
    inside = _inside(values, box)
    rows = []
    for k in np.flatnonzero(np.isfinite(box).any(axis=0)):
        free = box.copy()
        free[:, k] = -np.inf, np.inf
        without = float(wanted[_inside(values, free)].mean())
        chance = stats.binom.sf(wanted[inside].sum() - 1, inside.sum(), without)
        limits = [edge if np.isfinite(edge) else np.nan for edge in box[:, k]]
        rows.append([names[k], *limits, without, float(chance)])
    columns = ["parameter", "low", "high", "density_without", "quasi_p"]
    return pd.DataFrame(rows, columns=columns).sort_values(
        ["quasi_p", "density_without", "parameter"], ignore_index=True
    )
