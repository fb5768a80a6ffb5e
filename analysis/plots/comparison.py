"""The figure of a comparison: fans and paired differences above the forest of effects."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

from analysis.errors import AnalysisError
from analysis.plots import shocks
from analysis.plots.difference import draw_difference
from analysis.plots.fan import draw_fans
from analysis.plots.forest import plot_forest
from analysis.plots.style import looks, source, style

MAX_FANS = 4
_KEY_LINE = 0.175  # inches a line of the key takes
_KEY_WIDTH = 76  # letters in a column of the key
_LEGEND_LINE = 13.0  # points


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
        The measures whose development is drawn, each side's fan and below it the difference; the
        first four are.

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
        frame.attrs["sides"] = (control, treatment)
    labels = sorted(frame["scenario"].unique(), key=lambda label: label != "baseline")
    events = shocks.select(frame.attrs.get("timeline", {}), labels)
    n_rows = (len(chosen) + 1) // 2
    heights = [4.3 * n_rows, _key_height(events), 1.75 + 0.34 * len(effects)]
    with style():
        figure = Figure(
            figsize=(11, sum(heights)), layout=ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.07)
        )
        upper, middle, lower = figure.subfigures(3, 1, height_ratios=heights)
        axes = upper.subplots(
            2 * n_rows, min(len(chosen), 2), squeeze=False, height_ratios=[2, 1.25] * n_rows
        )
        pairs = list(zip(axes[::2].ravel(), axes[1::2].ravel(), strict=True))
        lines: list[shocks.Marker] = []
        for (fan, below), measure in zip(pairs, chosen, strict=False):
            lines = _draw_measure(fan, below, frame, measure, events)
        for ax in (ax for pair in pairs[len(chosen) :] for ax in pair):
            ax.set_axis_off()
        _key(middle.subplots(), labels, frame["seed"].unique().tolist(), lines)
        plot_forest(effects, ax=lower.subplots())
    return figure


def _draw_measure(
    fan: Axes, below: Axes, frame: pd.DataFrame, measure: str, events: list[shocks.Event]
) -> list[shocks.Marker]:
    """Draw a measure's fans and, where there are two sides, the difference below them."""
    labels = draw_fans(fan, frame, measure)
    fan.set_xlabel("")
    lines = shocks.draw(fan, events, numbers=True)
    if len(labels) != 2:
        below.set_axis_off()
        return lines
    control, treatment = frame.attrs.get("sides", labels)
    draw_difference(below, frame, (treatment, control), measure)
    shocks.mark(below, lines)
    fan.tick_params(labelbottom=False)
    return lines


def _key_height(events: Sequence[shocks.Event]) -> float:
    """Allow for the heading and for the shocks in two columns, each in as many lines as needed."""
    letters = sum(len(event["text"]) + 15 for event in events)
    return 0.85 + _KEY_LINE * (1 + min(len(events) // 2 + 1, letters // _KEY_WIDTH + 2))


def _key(ax: Axes, labels: list[str], seeds: list[int], lines: list[shocks.Marker]) -> None:
    """Write which line is which scenario and which number is which shock."""
    ax.set_axis_off()
    handles = [Line2D([], [], label=label, **look) for label, look in looks(labels).items()]
    legend = ax.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0, 1),
        ncols=len(handles) if sum(map(len, labels)) < _KEY_WIDTH else 1,
        borderaxespad=0,
        borderpad=0,
        title=textwrap.fill(
            "Upper panels: median, 50 % and 90 % of seeds. Lower panels: mean paired difference, "
            "95 % bootstrap interval. A value holds over its quarter; numbered uprights: days of "
            f"events. {source(labels, seeds)}",
            2 * _KEY_WIDTH,
        ),
        title_fontsize=9,
        alignment="left",
    )
    legend.set_in_layout(False)
    below = _LEGEND_LINE * (legend.get_title().get_text().count("\n") + 2.6)
    _list_shocks(ax, lines, below)


def _list_shocks(ax: Axes, lines: list[shocks.Marker], below: float) -> None:
    """Write which number is which shock, in two columns that begin `below` (points) the top."""
    texts = [
        textwrap.fill(f"{k}  {shock.key}", _KEY_WIDTH, subsequent_indent="    ")
        for k, shock in enumerate(lines, start=1)
    ]
    counts = [text.count("\n") + 1 for text in texts]
    half = sum(2 * sum(counts[:k]) < sum(counts) for k in range(len(counts)))
    for column, part in enumerate((texts[:half], texts[half:])):
        ax.annotate(
            "\n".join(part),
            (0.5 * column, 1.0),
            (0, -below),
            xycoords="axes fraction",
            textcoords="offset points",
            va="top",
            fontsize=9,
            linespacing=1.3,
            gid="shock-key",
        ).set_in_layout(False)
