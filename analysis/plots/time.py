"""Quarters on an axis: a value holds over its quarter, so lines are steps and not slopes."""

from __future__ import annotations

import textwrap
from typing import Any

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

_QUARTER = np.timedelta64(91, "D")


def line(ax: Axes, dates: ArrayLike, values: ArrayLike, **look: Any) -> None:
    """Draw values that hold from their date to the next, the last as long as the one before."""
    days, (held,) = _held(dates, values)
    ax.plot(days, held, drawstyle="steps-post", **look)  # type: ignore[arg-type]


def band(ax: Axes, dates: ArrayLike, low: ArrayLike, high: ArrayLike, **look: Any) -> None:
    """Fill between two bounds that hold from their date to the next."""
    days, bounds = _held(dates, low, high)
    ax.fill_between(days, *bounds, step="post", linewidth=0, **look)  # type: ignore[arg-type]


def _held(dates: ArrayLike, *values: ArrayLike) -> tuple[NDArray[Any], list[NDArray[Any]]]:
    """Repeat the last value where its span ends."""
    days = np.asarray(dates, dtype="datetime64[ns]")
    last = [np.append(np.asarray(v, dtype=float), np.asarray(v, dtype=float)[-1]) for v in values]
    return np.append(days, end_of(days)), last


def end_of(dates: NDArray[Any]) -> Any:
    """Day on which the last span ends, as long as the span before it.

    Examples
    --------
    >>> days = np.array(["2024-01-01", "2024-04-01"], dtype="datetime64[D]")
    >>> str(end_of(days))
    '2024-07-01'
    """
    return dates[-1] + (dates[-1] - dates[-2] if len(dates) > 1 else _QUARTER)


def set_dates(ax: Axes, dates: pd.Series) -> None:
    """Set the limits to the quarters, with years below."""
    days = np.sort(dates.unique())
    first, last = pd.Timestamp(days[0]), pd.Timestamp(end_of(days))
    margin = max((last - first) * 0.01, pd.Timedelta(days=20))
    ax.set_xlim(first - margin, last + margin)  # type: ignore[arg-type]
    locator = mdates.AutoDateLocator(minticks=4, maxticks=9)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(mdates.ConciseDateFormatter(locator, show_offset=False))


def y_label(ax: Axes, what: str, unit: str) -> None:
    """Say at the axis what is drawn and in which unit, in as many lines as its height asks for."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    inches = ax.bbox.height / figure.dpi
    room = max(18, int(inches * 11))  # letters
    text = f"{what} ({unit})" if unit else what
    if len(text) > room:
        text = "\n".join([*textwrap.wrap(what, room), *textwrap.wrap(f"({unit})", room)])
    ax.set_ylabel(text)
