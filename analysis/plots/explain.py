"""Why votes fall as they do, at a glance: what margins vary with, and what objectors lack."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.errors import AnalysisError
from analysis.explain import LEVELS, SOURCES, TASTES, WHY, objections, sources
from analysis.plots.style import NOTE, PALETTE, footnote, source, style

_CONSTANT = 1e-9  # logits; sums of equal numbers differ by rounding
_SHOWN = 12  # objectors, as many as can be read


def figure_explain(votes: pd.DataFrame, by: str = "party") -> Figure:
    """Draw the shares of the variance of margins beside what the most frequent objectors lack.

    Parameters
    ----------
    votes
        The table `votes` of runs of one scenario.
    by
        As for `analysis.explain.objections`.

    Raises
    ------
    AnalysisError
        No votes of which an item asks something.
    """
    if votes.empty:
        raise AnalysisError("no votes", where="figure_explain")
    with style():
        figure, (left, right) = plt.subplots(
            1, 2, figsize=(12.0, 5.6), gridspec_kw={"width_ratios": [1.0, 1.5]}
        )
        plot_sources(votes, ax=left)
        plot_objections(votes, by, ax=right)
        footnote(left, source(votes["scenario"], votes["seed"]), 52)
    return figure


def plot_sources(votes: pd.DataFrame, *, ax: Axes) -> Axes:
    """Draw the share of the variance of margins by source; taste that is drawn in grey."""
    table = sources(votes)
    table = table[table["sd"] > _CONSTANT].sort_values("share")
    heights = np.arange(len(table))
    colours = [NOTE if name in TASTES else PALETTE[0] for name in table["source"]]
    ax.barh(heights, table["share"], color=colours, height=0.7)
    ax.set_yticks(heights, table["meaning"])
    for y, share in zip(heights, table["share"], strict=True):
        ax.annotate(_rounded(share), (max(share, 0.0), y), xytext=(4, 0),
                    textcoords="offset points", va="center", fontsize=8.5)  # fmt: skip
    ax.axvline(0, color="#777777", linewidth=1.0)
    ax.margins(x=0.12)
    ax.grid(False, axis="y")
    ax.set_title("What margins vary with", loc="left")
    ax.set_xlabel("% of the variance of margins (grey: drawn)")
    return ax


def _rounded(share: float) -> str:
    """Write a share in whole percent, with no minus sign before a zero."""
    return f"{round(share) + 0:d}".replace("-", "−")


def plot_objections(votes: pd.DataFrame, by: str = "party", *, ax: Axes) -> Axes:
    """Draw what those who object most lack beside the mean vote, in logits by source."""
    table = objections(votes, by).head(_SHOWN)
    names = list(SOURCES)
    why = table[[WHY + name for name in names]].to_numpy(dtype=float).reshape(len(table), -1)
    most = max(float(np.abs(why).max(initial=0.0)), 1e-9)
    kept = [n for n, name in enumerate(names) if np.abs(why[:, n]).max(initial=0.0) > 0.02 * most]
    image = ax.imshow(why[:, kept], cmap="RdBu", vmin=-most, vmax=most, aspect="auto")
    for (row, column), value in np.ndenumerate(why[:, kept]):
        if abs(value) >= 0.05:
            tone = "white" if abs(value) > 0.6 * most else "#222222"
            ax.text(column, row, f"{value:.1f}".replace("-", "−"), ha="center", va="center",
                    fontsize=7.5, color=tone)  # fmt: skip
    labels = [SOURCES[names[n]] for n in kept]
    ax.set_xticks(range(len(kept)), labels, rotation=38, ha="right", fontsize=8.5)
    told = [f"{row[LEVELS[by]]}  {row['objections']:.0f}" for row in table.to_dict("records")]
    ax.set_yticks(range(len(table)), told)
    ax.grid(False)
    ax.set_title("Who objects (times a run), and what they lack", loc="left")
    bar = ax.figure.colorbar(image, ax=ax, fraction=0.03, pad=0.02)
    bar.set_label("logits beside the mean vote", fontsize=8.5)
    return ax
