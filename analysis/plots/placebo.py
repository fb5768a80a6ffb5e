"""Effect, placebo and what is left of the one without the other, measure by measure."""

from __future__ import annotations

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from analysis import names
from analysis.errors import AnalysisError
from analysis.plots.style import INK, NOTE, PALETTE, REFERENCE, source, style

__all__ = ["figure_placebo"]

ROWS = {
    "effect": (PALETTE[0], "effect"),
    "placebo": (REFERENCE, "placebo"),
    "net": (INK, "effect less placebo"),
}
"""Parts of the table → colour and name, from above."""


def figure_placebo(table: pd.DataFrame, note: str = "") -> Figure:
    """Draw effect, placebo and net effect of each measure, each measure on a scale of its own.

    Parameters
    ----------
    table
        As `analysis.placebo.against_placebo` gives it.
    note
        What the small print says first, such as the spans that are compared.

    Returns
    -------
    matplotlib.figure.Figure
        Not known to pyplot: nothing to close.

    Raises
    ------
    AnalysisError
        A table without rows.
    """
    measures = list(dict.fromkeys(table["measure"]))
    if not measures:
        raise AnalysisError("no measures", where="figure_placebo", expected="one at least")
    worlds = table.attrs.get("worlds", ("treatment", "control", "placebo"))
    n_rows = -(-len(measures) // 2)
    with style():
        figure = Figure(
            figsize=(11, 1.6 + 1.25 * n_rows),
            layout=ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.06),
        )
        axes = figure.subplots(n_rows, min(2, len(measures)), squeeze=False).ravel()
        for ax, measure in zip(axes, measures, strict=False):
            _panel(ax, table[table["measure"] == measure].set_index("what"), measure)
        for ax in axes[len(measures) :]:
            ax.set_axis_off()
        treatment, control, placebo = worlds
        title = f"{treatment} less {control}, beside {placebo} less {control}"
        figure.suptitle(title, x=0.01, ha="left")
        percent = 100 * table.attrs.get("level", 0.95)
        said = (
            f"{note} Mean over seeds of (after − before) of one world less that of another; bars: "
            f"{percent:.0f} % bootstrap intervals over seeds. "
            f"{source(worlds, table.attrs.get('seeds', ()))}"
        )
        text = textwrap.fill(said.strip(), 185)
        figure.supxlabel(text, x=0.01, ha="left", fontsize=8.5, color=NOTE)
    return figure


def _panel(ax: Axes, own: pd.DataFrame, measure: str) -> None:
    """Three points with their intervals, and a line at zero."""
    for height, (what, (colour, _)) in enumerate(reversed(ROWS.items())):
        one = own.loc[what]
        low, mean, high = one["low"], one["difference"], one["high"]
        if np.isfinite([low, high]).all():
            ax.plot([low, high], [height, height], color=colour, linewidth=2.2)
        ax.plot([mean], [height], marker="o", markersize=6, color=colour, linestyle="")
        ax.annotate(names.number(mean), (1.0, height), xycoords=("axes fraction", "data"),
                    xytext=(4, 0), textcoords="offset points", va="center", fontsize=9,
                    color=colour)  # fmt: skip
    ax.axvline(0, color="#999999", linewidth=0.9, zorder=1)
    ax.set_yticks(range(len(ROWS)), [name for _, name in reversed(ROWS.values())])
    ax.set_ylim(-0.6, len(ROWS) - 0.4)
    low, high = ax.get_xlim()
    reach = max(abs(low), abs(high), 1e-12) * 1.02
    ax.set_xlim(min(low, -0.08 * reach), max(high, 0.08 * reach))
    ax.locator_params(axis="x", nbins=5)
    unit = names.unit_text(str(own["unit"].iloc[0]))
    ax.set_title(f"{measure} ({unit})" if unit else measure, loc="left", fontsize=10)
