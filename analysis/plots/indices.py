"""Sensitivity indices as ranked bars, and boxes of scenario discovery among their points."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from analysis import names
from analysis.discovery import Discovery
from analysis.errors import AnalysisError
from analysis.plots.style import NOTE, PALETTE, footnote, style
from analysis.plots.verdicts import measure_title

_SHOWN = 12  # parameters of a measure; the table has all
_LABELS = {
    "morris": ("mu_star", "sigma", "µ* (bar), σ (ring)"),
    "sobol": ("ST", "S1", "total (bar) and first-order (ring) share of the variance"),
    "given": ("S1", "pawn", "first-order share of the variance (bar), PAWN (ring)"),
}


def plot_indices(table: pd.DataFrame, method: str, source: str = "") -> Figure:
    """Draw the most influential parameters of each measure, the main index with its interval.

    Parameters
    ----------
    table
        Rows of `analysis.indices.indices` with `measure` and `unit` in front.
    method
        How they were made.
    source
        What they rest on, for the small print.

    Raises
    ------
    AnalysisError
        Nothing to draw, or an unknown method.
    """
    if table.empty or method not in _LABELS:
        raise AnalysisError("no indices", where="plot_indices", expected=f"one of {[*_LABELS]}")
    main, second, label = _LABELS[method]
    groups = list(table.groupby("measure", sort=False))
    rows = min(_SHOWN, max(len(own) for _, own in groups))
    with style():
        figure, axes = plt.subplots(
            len(groups), 1, figsize=(8.0, len(groups) * (1.2 + 0.28 * rows)), squeeze=False
        )
        for ax, (name, own) in zip(axes[:, 0], groups, strict=True):
            top = own.head(_SHOWN)
            place = np.arange(len(top))
            error = top[f"{main}_conf"].fillna(0.0)
            ax.barh(place, top[main], xerr=error, color=PALETTE[0], height=0.6, ecolor=NOTE)
            ax.plot(
                top[second],
                place,
                "o",
                color=PALETTE[1],
                markerfacecolor="white",
                markeredgewidth=1.6,
                zorder=3,
            )
            ax.axvline(0, color="#777777", linewidth=0.8, zorder=1)
            ax.set_yticks(place, [names.title(p) for p in top["parameter"]], fontsize=8.5)
            ax.set_ylim(len(top) - 0.4, -0.6)
            ax.grid(False, axis="y")
            unit = names.unit_text(str(top["unit"].iloc[0])) if method == "morris" else ""
            ax.set_xlabel(f"{label}{f', {unit}' if unit else ''}", fontsize=9)
            ax.set_title(measure_title(str(name)), loc="left", fontsize=10)
        more = max(len(own) for _, own in groups) - rows
        cut = f" {more} parameters with less influence are not shown." if more > 0 else ""
        small = f"Whiskers: 95 % intervals of the bars.{cut}"
        footnote(axes[-1, 0], f"{small}\n{source}" if source else small)
    return figure


def plot_box(
    table: pd.DataFrame,
    is_of_interest: NDArray[np.bool_],
    found: Discovery,
    ranges: Mapping[str, tuple[float, float]],
    *,
    case: str = "cases",
    units: Mapping[str, str] = MappingProxyType({}),
) -> Figure:
    """Draw the points over the two sharpest restrictions, and the box among them.

    Parameters
    ----------
    table, is_of_interest
        As for `analysis.discovery.prim`.
    found
        What it returned.
    ranges
        Parameter → range, for the axes.
    case
        What the cases are, such as "Months at the table above 6".
    units
        Parameter → unit, for the axes.
    """
    pair = [*found.box["parameter"], *(p for p in ranges if p not in set(found.box["parameter"]))]
    x, y = pair[0], pair[1] if len(pair) > 1 else pair[0]
    with style():
        figure, ax = plt.subplots(figsize=(6.5, 5.0))
        # Rings over dots, so that they are told apart in grey, too.
        looks = (
            {"fillstyle": "none", "markeredgewidth": 1.0, "color": "#8A8A8A"},
            {"color": PALETTE[1]},
        )
        for wanted, look, label in zip((False, True), looks, ("others", "cases"), strict=True):
            chosen = table[is_of_interest == wanted]
            ax.plot(chosen[x], chosen[y], "o", markersize=5, label=label, **look)
        (left, right), (bottom, top) = (_sides(found.box, name, ranges[name]) for name in (x, y))
        ax.add_patch(
            Rectangle((left, bottom), right - left, top - bottom, fill=False, linewidth=2.2)
        )
        ax.set(xlabel=_axis(x, units), ylabel=_axis(y, units))
        ax.set_title(case[:1].upper() + case[1:], loc="left", fontsize=10)
        others = len(found.box) - 2
        hidden = f"; {others} more restricted, not shown" if others > 0 else ""
        footnote(
            ax,
            f"The box has {100 * found.coverage:.0f} % of the cases; {100 * found.density:.0f} % "
            f"of its points are cases (PRIM).\nAxes: its sharpest restrictions{hidden}. "
            f"Source: Concord, {len(table)} points.",
        )
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure


def _sides(box: pd.DataFrame, name: str, within: tuple[float, float]) -> tuple[float, float]:
    """Where a box ends along a parameter: where open, where its range ends."""
    own = box[box["parameter"] == name][["low", "high"]].to_numpy(float)
    low, high = own[0] if len(own) else (np.nan, np.nan)
    return (
        within[0] if np.isnan(low) else float(low),
        within[1] if np.isnan(high) else float(high),
    )


def _axis(name: str, units: Mapping[str, str]) -> str:
    unit = names.unit_text(units.get(name, ""))
    return f"{names.title(name)}{f', {unit}' if unit else ''}"
