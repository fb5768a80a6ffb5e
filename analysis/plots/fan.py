"""Outcome fans: how a measure develops, and how far seeds spread."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from analysis import names
from analysis.errors import AnalysisError, unknown
from analysis.frames import RUN
from analysis.load import units
from analysis.plots import shocks
from analysis.plots.style import footnote, looks, source, style
from analysis.plots.time import band, line, set_dates, y_label

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def plot_fan(
    data: pd.DataFrame,
    measure: str,
    *,
    ax: Axes | None = None,
    timeline: shocks.Timeline | None = None,
) -> Axes:
    """Draw the median over seeds and bands that hold 50 % and 90 % of them, per scenario.

    The bands show how different the simulated worlds are, not how uncertain the effect is: with
    paired seeds two fans can overlap although every seed moved the same way (see `plot_forest`).

    Parameters
    ----------
    data
        Tidy frame with `scenario`, `seed`, `date` and the measure.
    measure
        Column to draw.
    ax
        Axes to draw into; None makes a figure.
    timeline
        Dated shocks (`date`, `text`), or label → such a list; None takes `data.attrs["timeline"]`.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    AnalysisError
        Unknown measure, no data, or several rows per run and date.

    Examples
    --------
    >>> dates = pd.date_range("2024-01-01", periods=4, freq="QS")
    >>> data = pd.concat([pd.DataFrame({"scenario": "a", "seed": s, "date": dates, "x": 1.0 * s})
    ...                   for s in (1, 2, 3)])
    >>> ax = plot_fan(data, "x")
    >>> set(ax.lines[0].get_ydata().tolist())  # the median over the seeds
    {2.0}
    >>> plt.close(ax.figure)
    """
    with style():
        if ax is None:
            ax = plt.subplots()[1]
        labels = draw_fans(ax, data, measure)
        _name_lines(ax, labels)
        footnote(
            ax,
            "Line: median; bands: 50 % and 90 % of seeds. A value holds over its quarter; dotted "
            f"upright: day of an event.\n{source(labels, data['seed'])}",
        )
        events = data.attrs.get("timeline", {}) if timeline is None else timeline
        shocks.draw(ax, shocks.select(events, labels))
    return ax


def draw_fans(ax: Axes, data: pd.DataFrame, measure: str) -> list[str]:
    """Draw lines, bands, axes and title without labels or notes; return the scenarios drawn."""
    _check(data, measure)
    labels = list(dict.fromkeys(data["scenario"]))
    labels.sort(key=lambda label: label != "baseline")
    by_date = data.groupby(["scenario", "date"])[measure]
    table = by_date.quantile(list(QUANTILES)).unstack()
    for label, look in looks(labels).items():
        fan = table.loc[label]
        dates, bands = fan.index.to_numpy(), fan.to_numpy().T
        if data.loc[data["scenario"] == label, "seed"].nunique() > 1:
            for outer, alpha in (((0, 4), 0.14), ((1, 3), 0.22)):
                low, high = bands[outer[0]], bands[outer[1]]
                band(ax, dates, low, high, color=look["color"], alpha=alpha)
        line(ax, dates, bands[2], label=label, **look)
    _finish(ax, data, measure)
    return labels


def _check(data: pd.DataFrame, measure: str) -> None:
    for column in [*RUN, "date", measure]:
        if column not in data:
            raise unknown("measure", column, map(str, data.columns), "plot_fan")
    if data.empty:
        raise AnalysisError("no rows", where="plot_fan", expected="data of at least one run")
    if data.duplicated([*RUN, "date"]).any():
        raise AnalysisError(
            f"several rows of {measure!r} per run and date",
            where="plot_fan",
            expected="one, such as those of one state: data[data.state == 'USA']",
        )


def _finish(ax: Axes, data: pd.DataFrame, measure: str) -> None:
    """Title, axis labels with units, limits; a zero line where zero is in sight."""
    ax.set_title(names.title(measure), loc="left")
    y_label(ax, names.title(measure), names.unit_text(units(data, measure), "index"))
    ax.set_xlabel("Year")
    set_dates(ax, data["date"])
    low, high = ax.get_ylim()
    if low < 0 < high:
        ax.axhline(0, color="#999999", linewidth=0.8, zorder=1)


def _name_lines(ax: Axes, labels: list[str]) -> None:
    """Write each scenario's name at the end of its line, apart from its neighbours."""
    lines = {str(line.get_label()): line for line in ax.lines}
    ends = {label: _last(lines[label]) for label in labels}
    low, high = ax.get_ylim()
    order = sorted(labels, key=lambda label: ends[label])
    texts = {label: label.replace("+", "\n+") for label in labels}
    heights = [0.055 * (1 + texts[label].count("\n")) for label in order]
    places = apart([(ends[label] - low) / (high - low) for label in order], heights)
    for label, place in zip(order, places, strict=True):
        ax.annotate(
            texts[label],
            (1.0, place),
            (6, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            va="center",
            fontsize=9.5,
            color=lines[label].get_color(),
            fontweight="bold",
            annotation_clip=False,
            gid="scenario",
        )


def _last(line: Line2D) -> float:
    """Last value that is a number; zero of a line without any."""
    values = np.asarray(line.get_ydata(), dtype=float)
    values = values[np.isfinite(values)]
    return float(values[-1]) if len(values) else 0.0


def apart(places: list[float], heights: list[float]) -> list[float]:
    """Move ascending places up and down until neighbours are their mean height apart.

    Examples
    --------
    >>> [round(p, 3) for p in apart([0.5, 0.5], [0.1, 0.1])]
    [0.45, 0.55]
    >>> apart([0.1, 0.9], [0.1, 0.1])
    [0.1, 0.9]
    """
    found = list(places)
    for _ in range(50):
        for k in range(len(found) - 1):
            gap = (heights[k] + heights[k + 1]) / 2
            push = (gap - (found[k + 1] - found[k])) / 2
            if push > 1e-9:
                found[k] -= push
                found[k + 1] += push
    return found
