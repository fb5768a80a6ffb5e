"""Paired difference over time: what a scenario changes, quarter by quarter, over the seeds."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis import names
from analysis.compare import interval, paired
from analysis.load import units
from analysis.plots import shocks
from analysis.plots.style import INK, footnote, source, style
from analysis.plots.time import band, line, set_dates, y_label

_RESAMPLES = 999  # of each quarter: a line a pixel wide needs no more


def plot_difference(
    data: pd.DataFrame,
    treatment: str,
    control: str,
    measure: str,
    *,
    ax: Axes | None = None,
    level: float = 0.95,
) -> Axes:
    """Draw the mean difference treatment − control within seeds, and its interval.

    Where two fans lie on each other because worlds differ more than the scenario matters, the
    differences within the seeds still show what it does.

    Parameters
    ----------
    data
        Tidy frame with `scenario`, `seed`, `date` and the measure; dated shocks in its `attrs`.
    treatment, control
        Labels of the two scenarios, with the same seeds.
    measure
        Column to draw.
    ax
        Axes to draw into; None makes a figure.
    level
        Coverage of the bootstrap interval; with one seed there is none.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    AnalysisError
        As in `analysis.compare.paired`.

    Examples
    --------
    >>> dates = pd.date_range("2024-01-01", periods=4, freq="QS")
    >>> data = pd.concat([pd.DataFrame({"scenario": label, "seed": s, "date": dates, "x": s + add})
    ...                   for s in (1, 2, 3) for label, add in (("a", 0.0), ("b", 0.5))])
    >>> ax = plot_difference(data, "b", "a", "x")
    >>> set(ax.lines[0].get_ydata().tolist())  # far less than what seeds differ by
    {0.5}
    >>> plt.close(ax.figure)
    """
    with style():
        if ax is None:
            ax = plt.subplots(figsize=(8, 4.2))[1]
        seeds = draw_difference(ax, data, (treatment, control), measure, level)
        ax.set_title(f"{names.title(measure)}: {treatment} − {control}", loc="left", wrap=True)
        ax.set_xlabel("Year")
        footnote(
            ax,
            f"Line: mean paired difference; band: {100 * level:g} % bootstrap interval. A value "
            "holds over its quarter;\ndotted upright: day of an event. "
            f"{source([treatment, control], seeds)}",
        )
        events = shocks.select(data.attrs.get("timeline", {}), [control, treatment])
        shocks.draw(ax, events)
    return ax


def draw_difference(
    ax: Axes, data: pd.DataFrame, sides: tuple[str, str], measure: str, level: float = 0.95
) -> list[int]:
    """Draw line, band and axes without title or notes; return the seeds that are paired."""
    rows = data[data["scenario"].isin(sides)]
    seeds = sorted(int(seed) for seed in paired(rows, *sides, measure)["seed"])
    table = rows.pivot(index="date", columns=["scenario", "seed"], values=measure)
    differences = (table[sides[0]][seeds] - table[sides[1]][seeds]).to_numpy(dtype=float)
    by_date = [own[np.isfinite(own)] for own in differences]
    dates = table.index.to_numpy()
    means = np.array([own.mean() if len(own) else np.nan for own in by_date])
    bounds = np.array([interval(own, level=level, n_resamples=_RESAMPLES) for own in by_date])
    band(ax, dates, bounds[:, 0], bounds[:, 1], color=INK, alpha=0.2)
    line(ax, dates, means, color=INK, linewidth=1.6, gid="difference")
    ax.axhline(0, color="#999999", linewidth=0.8, zorder=1)
    # The difference of two shares of a hundred is counted in percentage points.
    unit = names.unit_text(units(data, measure), "index")
    y_label(ax, "Difference", unit.replace("%", "% points", 1))
    set_dates(ax, rows["date"])
    return seeds
