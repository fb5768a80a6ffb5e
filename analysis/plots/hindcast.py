"""Cases of the past: the share of runs that go ahead, and how long it takes, beside history."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.plots.style import NOTE, PALETTE, style

__all__ = ["plot_cases", "source_of_cases", "wilson"]

_HAPPENED, _NOT, _OPEN = PALETTE[0], PALETTE[1], NOTE


def plot_cases(cases: pd.DataFrame) -> Figure:
    """Draw shares of the seeds and months to agreement, a row per case.

    Parameters
    ----------
    cases
        From `analysis.hindcast.by_case`.

    Returns
    -------
    Figure
        Left: share of the runs in which the case goes ahead (dot, with the interval of 95 % that
        the number of seeds leaves) and enters into force (bar), coloured by what happened. Right:
        median and 10 to 90 % of the months to agreement, and what it took.
    """
    ordered = cases.sort_values(["was_agrees", "agrees"], na_position="first", ignore_index=True)
    with style():
        figure, (left, right) = plt.subplots(
            1, 2, figsize=(9.5, 2.1 + 0.28 * len(ordered)), sharey=True, layout="constrained"
        )
        _draw_shares(left, ordered)
        _draw_months(right, ordered)
        left.set_yticks(range(len(ordered)), list(ordered["title"]))
        left.set_ylim(-0.7, len(ordered) - 0.3)
        left.set_title("Goes ahead", loc="left")
        right.set_title("Time to agreement", loc="left")
        figure.legend(handles=_handles(), loc="outside upper center", ncols=3, frameon=False)
        figure.supxlabel(source_of_cases(cases), x=0.01, ha="left", fontsize=8.5, color=NOTE)
    return figure


def source_of_cases(cases: pd.DataFrame) -> str:
    """Write the source line of a figure of cases.

    Examples
    --------
    >>> source_of_cases(pd.DataFrame({"seeds": [24, 24]}))
    'Lines of shares: 95 % intervals (Wilson). Source: Concord runs of 2 cases, 24 of each.'
    """
    low, high = int(cases["seeds"].min()), int(cases["seeds"].max())
    each = f"{low}" if low == high else f"{low} to {high}"
    what = f"{len(cases)} cases, {each} of each" if len(cases) > 1 else f"a case, {each} of it"
    return f"Lines of shares: 95 % intervals (Wilson). Source: Concord runs of {what}."


def _colour(happened: float) -> str:
    return {1.0: _HAPPENED, 0.0: _NOT}.get(happened, _OPEN)


def _draw_shares(ax: Axes, cases: pd.DataFrame) -> None:
    share, count = (cases[name].to_numpy(dtype=float) for name in ("agrees", "seeds"))
    low, high = wilson(share, count)
    for y, row in enumerate(cases.to_dict("records")):
        colour = _colour(row["was_agrees"])
        ax.plot([low[y], high[y]], [y, y], color=colour, lw=1.4, solid_capstyle="round")
        ax.plot(row["agrees"], y, "o", color=colour, ms=6)
        ax.plot(row["in_force"], y, "|", color=_colour(row["was_in_force"]), ms=11, mew=2)
    ax.set_xlim(-0.03, 1.03)
    ax.set_xlabel("share of the runs")
    ax.grid(axis="x", alpha=0.3)


def _draw_months(ax: Axes, cases: pd.DataFrame) -> None:
    for y, row in enumerate(cases.to_dict("records")):
        ax.plot([row["months_low"], row["months_high"]], [y, y], color="#444444", lw=1.4)
        ax.plot(row["months"], y, "o", color="#444444", ms=5)
        ax.plot(row["was_months"], y, "x", color=_HAPPENED, ms=7, mew=2)
    ax.set_xlim(left=0)
    ax.set_xlabel("months from opening to agreement")
    ax.grid(axis="x", alpha=0.3)


def wilson(
    share: np.ndarray[Any, Any], count: np.ndarray[Any, Any]
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Interval of 95 % of a share (Wilson 1927), which stays within 0 and 1."""
    z = 1.96
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2)) / (1 + z**2 / count)
    return middle - half, middle + half


def _handles() -> list[Any]:
    def handle(marker: str, colour: str, label: str) -> Line2D:
        return Line2D([], [], ls="", marker=marker, color=colour, mew=2, ms=7, label=label)

    return [
        handle("o", _HAPPENED, "goes ahead; history: it did"),
        handle("o", _NOT, "goes ahead; history: it did not"),
        handle("o", _OPEN, "goes ahead; not known yet"),
        handle("|", _HAPPENED, "in force; coloured alike"),
        handle("o", "#444444", "months: median, 10 to 90 %"),
        handle("x", _HAPPENED, "months it took"),
    ]
