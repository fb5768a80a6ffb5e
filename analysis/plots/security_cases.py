"""Conflicts of the past: the share of runs that settle and fall quiet, and how long it takes."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.plots.hindcast import source_of_cases, wilson
from analysis.plots.style import NOTE, PALETTE, style

__all__ = ["plot_security_cases"]

_COLOURS = {1.0: PALETTE[0], 0.0: PALETTE[1]}
_GREY = "#444444"


def plot_security_cases(cases: pd.DataFrame) -> Figure:
    """Draw shares of the runs and months to settlement, a row per case.

    Parameters
    ----------
    cases
        From `analysis.security_cases.by_case`.

    Returns
    -------
    Figure
        Left: share of the runs that settle (dot, with the interval of 95 % that the number of seeds
        leaves) and of those that end and stay quiet (bar), coloured by what happened. Right: median
        and 10 to 90 % of the months to settlement, and what it took.
    """
    ordered = cases.sort_values(["kind", "was_settled", "settled"], na_position="first",
                                ignore_index=True)  # fmt: skip
    with style():
        figure, (left, right) = plt.subplots(
            1, 2, figsize=(10.0, 2.3 + 0.3 * len(ordered)), sharey=True, layout="constrained"
        )
        _draw_shares(left, ordered)
        _draw_months(right, ordered)
        left.set_yticks(range(len(ordered)), list(ordered["title"]))
        left.set_ylim(-0.7, len(ordered) - 0.3)
        left.set_title("Settled, over and quiet", loc="left")
        right.set_title("Time to settlement", loc="left")
        figure.legend(handles=_handles(), loc="outside upper center", ncols=3, frameon=False)
        figure.supxlabel(source_of_cases(cases), x=0.01, ha="left", fontsize=8.5, color=NOTE)
    return figure


def _draw_shares(ax: Axes, cases: pd.DataFrame) -> None:
    share, count = (cases[name].to_numpy(dtype=float) for name in ("settled", "seeds"))
    low, high = wilson(share, count)
    for y, row in enumerate(cases.to_dict("records")):
        colour = _COLOURS.get(row["was_settled"], NOTE)
        ax.plot([low[y], high[y]], [y, y], color=colour, lw=1.4, solid_capstyle="round")
        ax.plot(row["settled"], y, "o", color=colour, ms=6)
        ax.plot(row["quiet"], y, "|", color=_COLOURS.get(row["was_quiet"], NOTE), ms=11, mew=2)
    ax.set_xlim(-0.03, 1.03)
    ax.set_xlabel("share of the runs")
    ax.grid(axis="x", alpha=0.3)


def _draw_months(ax: Axes, cases: pd.DataFrame) -> None:
    for y, row in enumerate(cases.to_dict("records")):
        ax.plot([row["months_low"], row["months_high"]], [y, y], color=_GREY, lw=1.4)
        ax.plot(row["months"], y, "o", color=_GREY, ms=5)
        if row["was_how"] == "settled":
            ax.plot(row["was_months"], y, "x", color=_COLOURS[1.0], ms=7, mew=2)
    ax.set_xlim(left=-6)  # a mark at a month or none is whole
    ax.set_xlabel("months to settlement")
    ax.grid(axis="x", alpha=0.3)


def _handles() -> list[Line2D]:
    def handle(marker: str, colour: str, label: str) -> Line2D:
        return Line2D([], [], ls="", marker=marker, color=colour, mew=2, ms=7, label=label)

    return [
        handle("o", _COLOURS[1.0], "settled; history: it was"),
        handle("o", _COLOURS[0.0], "settled; history: it was not"),
        handle("o", NOTE, "settled; not known yet"),
        handle("|", _COLOURS[1.0], "over and quiet; coloured alike"),
        handle("o", _GREY, "months: median, 10 to 90 %"),
        handle("x", _COLOURS[1.0], "months it took"),
    ]
