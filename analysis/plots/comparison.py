"""The figure of a comparison: fans of the main measures above the forest of effects."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import num2date
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

from analysis.errors import AnalysisError
from analysis.plots import shocks
from analysis.plots.fan import draw_fans
from analysis.plots.forest import plot_forest
from analysis.plots.style import looks, source, style

MAX_FANS = 4
_KEY_LINE = 0.175  # inches a line of the key takes
_KEY_WIDTH = 76  # letters in a column of the key


def figure_comparison(
    frame: pd.DataFrame, effects: pd.DataFrame, measures: Sequence[str]
) -> Figure:
    """Make the figure that `concord compare` writes.

    Parameters
    ----------
    frame
        Tidy frame of the two scenarios (the table `summary` as `analysis.load.load` reads it).
    effects
        What `analysis.compare.effects` returned for them.
    measures
        The measures whose development is drawn; the first four are.

    Returns
    -------
    matplotlib.figure.Figure
        Not known to pyplot: nothing to close, no window, shown once in a notebook.

    Raises
    ------
    AnalysisError
        No measure, or as in `plot_fan` and `plot_forest`.
    """
    chosen = list(measures)[:MAX_FANS]
    if not chosen:
        raise AnalysisError(
            "no measures", where="figure_comparison", expected="one to four columns of the frame"
        )
    treatment, control = (effects.attrs.get(k) for k in ("treatment", "control"))
    if treatment is not None:
        frame = frame[frame["scenario"].isin([treatment, control])]
        frame = frame[frame["seed"].isin(effects.attrs["seeds"])]
    labels = sorted(frame["scenario"].unique(), key=lambda label: label != "baseline")
    events = shocks.select(frame.attrs.get("timeline", {}), labels)
    n_rows = (len(chosen) + 1) // 2
    heights = [2.9 * n_rows, _key_height(events), 1.75 + 0.34 * len(effects)]
    with style():
        figure = Figure(
            figsize=(11, sum(heights)), layout=ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.07)
        )
        upper, middle, lower = figure.subfigures(3, 1, height_ratios=heights)
        axes = upper.subplots(n_rows, min(len(chosen), 2), squeeze=False).ravel()
        lines: list[shocks.Shock] = []
        for ax, measure in zip(axes, chosen, strict=False):
            draw_fans(ax, frame, measure)
            ax.set_xlabel("")
            lines = shocks.draw(ax, events, numbers=True)
        for ax in axes[len(chosen) :]:
            ax.set_axis_off()
        _key(middle.subplots(), labels, frame["seed"].unique().tolist(), lines)
        plot_forest(effects, ax=lower.subplots())
    return figure


def _key_height(events: Sequence[shocks.Event]) -> float:
    """Allow for the heading and for the shocks in two columns, each in as many lines as needed."""
    letters = sum(len(event["text"]) + 12 for event in events)
    return 0.55 + _KEY_LINE * (1 + min(len(events) // 2 + 1, letters // _KEY_WIDTH + 2))


def _key(ax: Axes, labels: list[str], seeds: list[int], lines: list[shocks.Shock]) -> None:
    """Write which line is which scenario and which number is which shock."""
    ax.set_axis_off()
    handles = [Line2D([], [], label=label, **look) for label, look in looks(labels).items()]
    legend = ax.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0, 1),
        ncols=len(handles),
        borderaxespad=0,
        borderpad=0,
        title=f"Line: median; bands: 50 % and 90 % of seeds. {source(labels, seeds)}",
        title_fontsize=9,
        alignment="left",
    )
    legend.set_in_layout(False)
    texts = [
        textwrap.fill(
            f"{k}  {num2date(shock.x):%b %Y}: {'; '.join(shock.texts)}",
            _KEY_WIDTH,
            subsequent_indent="    ",
        )
        for k, shock in enumerate(lines, start=1)
    ]
    counts = [text.count("\n") + 1 for text in texts]
    half = sum(2 * sum(counts[:k]) < sum(counts) for k in range(len(counts)))
    for column, part in enumerate((texts[:half], texts[half:])):
        ax.annotate(
            "\n".join(part),
            (0.5 * column, 1.0),
            (0, -38),
            xycoords="axes fraction",
            textcoords="offset points",
            va="top",
            fontsize=9,
            linespacing=1.3,
            gid="shock-key",
        ).set_in_layout(False)
