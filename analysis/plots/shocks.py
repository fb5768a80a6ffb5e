"""Dated shocks as lines, with labels above the axes that keep out of each other's way."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes

from analysis.plots.style import SHOCK

Event = Mapping[str, str]
Timeline = Mapping[str, Sequence[Event]] | Sequence[Event]
_ROW = 13.0  # points from one row of labels to the next, at 8.5 points type
_MAX_ROWS = 6


@dataclass(frozen=True)
class Shock:
    """What one label stands for: the days, as matplotlib counts them, and what happened."""

    days: tuple[float, ...]
    texts: tuple[str, ...]

    @property
    def x(self) -> float:
        """The first day, at which the label stands."""
        return self.days[0]

    @property
    def key(self) -> str:
        """Each day with what happened on it.

        Examples
        --------
        >>> Shock((20108.0, 20180.0), ("exit from the WHO", "tariffs")).key
        '20 Jan 2025: exit from the WHO; 2 Apr 2025: tariffs'
        """
        told: dict[float, list[str]] = {}
        for day, text in zip(self.days, self.texts, strict=True):
            told.setdefault(day, []).append(text)
        dates = {day: mdates.num2date(day) for day in told}
        return "; ".join(
            f"{dates[day].day} {dates[day]:%b %Y}: {', '.join(texts)}"
            for day, texts in told.items()
        )

    def label(self, width: int) -> str:
        """Write what happened on one line: the first event, and how many more there are.

        Examples
        --------
        >>> Shock((0.0, 9.0), ("exit from the WHO", "tariffs")).label(40)
        'exit from the WHO; tariffs'
        >>> Shock((0.0, 9.0), ("exit from the World Health Organization", "tariffs")).label(42)
        'exit from the World Health Organization +1'
        """
        whole = "; ".join(self.texts)
        if len(whole) <= width:
            return whole
        more = f" +{len(self.texts) - 1}" if len(self.texts) > 1 else ""
        return textwrap.shorten(self.texts[0], width - len(more), placeholder="…") + more


def select(timeline: Timeline, scenarios: Sequence[str]) -> list[Event]:
    """Choose the events to draw: those not shared by all scenarios, or all if there are only such.

    An event in every scenario explains no difference between them.

    Examples
    --------
    >>> both, one = {"date": "2024-12-15", "text": "join"}, {"date": "2025-04-02", "text": "tariff"}
    >>> select({"a": [both], "b": [both, one]}, ["a", "b"]) == [one]
    True
    """
    if not isinstance(timeline, Mapping):
        return sorted(timeline, key=lambda e: e["date"])
    seen: dict[tuple[str, str], list[Event]] = {}
    for label in scenarios:
        for event in timeline.get(label, ()):
            seen.setdefault((event["date"], event["text"]), []).append(event)
    own = {key: events for key, events in seen.items() if len(events) < len(scenarios)}
    return [events[0] for _, events in sorted((own or seen).items())]


def gather(events: Sequence[Event], tolerance: float) -> list[Shock]:
    """Give events no more than `tolerance` days after the first of their group one label."""
    groups: list[list[tuple[float, str]]] = []
    for event in events:
        x = float(mdates.date2num(pd.Timestamp(event["date"])))
        if groups and x - groups[-1][0][0] <= tolerance:
            groups[-1].append((x, event["text"]))
        else:
            groups.append([(x, event["text"])])
    parts = (zip(*dict.fromkeys(group), strict=True) for group in groups)
    return [Shock(*map(tuple, part)) for part in parts]


def draw(ax: Axes, events: Sequence[Event], *, numbers: bool = False) -> list[Shock]:
    """Draw the shocks inside the current limits of the x-axis as lines with labels.

    Parameters
    ----------
    ax
        Axes with dates on x whose limits are set.
    events
        Dated events.
    numbers
        Label with numbers in circles instead of text (for small panels; the caller prints the key).

    Returns
    -------
    list of Shock
        The lines drawn, in the order of their numbers.
    """
    low, high = ax.get_xlim()
    inside = [e for e in events if low <= mdates.date2num(pd.Timestamp(e["date"])) <= high]
    if not inside:
        return []
    if numbers:
        return _numbered(ax, gather(inside, (high - low) * 0.011), (high - low) * 0.035)
    for share in (0.0, 0.01, 0.02, 0.04, 0.08, 0.16):
        shocks = gather(inside, (high - low) * share)
        rows = _rows(ax, shocks)
        if max(rows) < _MAX_ROWS:
            break
    for shock, row in zip(shocks, rows, strict=True):
        _lines(ax, shock)
        _text(ax, shock, row)
    ax.set_title(ax.get_title(loc="left"), loc="left", pad=14 + _ROW * (max(rows) + 1))
    return shocks


def mark(ax: Axes, shocks: Sequence[Shock]) -> None:
    """Draw lines alone, for panels below the one with the labels."""
    for shock in shocks:
        _lines(ax, shock)


def _lines(ax: Axes, shock: Shock) -> None:
    """Draw an upright line at each day."""
    for x in dict.fromkeys(shock.days):
        ax.axvline(x, color=SHOCK, linewidth=0.9, linestyle=(0, (1, 1.6)), zorder=1.5, gid="shock")


def _numbered(ax: Axes, shocks: list[Shock], reach: float) -> list[Shock]:
    """Number the lines, one step up where the circle of the line before is within `reach`."""
    step = 0
    for k, shock in enumerate(shocks, start=1):
        is_near = k > 1 and shock.x - shocks[k - 2].x < reach
        step = (step + 1) % 2 if is_near else 0
        _lines(ax, shock)
        ax.annotate(
            str(k),
            (shock.x, 1.0),
            (0, 6 + 12 * step),
            xycoords=ax.get_xaxis_transform(),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=8,
            color="white",
            bbox={"boxstyle": "circle,pad=0.22", "facecolor": SHOCK, "edgecolor": "none"},
            annotation_clip=False,
            gid="shock-label",
        )
    ax.set_title(ax.get_title(loc="left"), loc="left", pad=30)
    return shocks


def _text(ax: Axes, shock: Shock, row: int) -> None:
    """Write the label in its row above the axes, with a thin rule down to the line."""
    transform = ax.get_xaxis_transform()
    height = 5 + _ROW * row
    rule = {"arrowstyle": "-", "color": SHOCK, "linewidth": 0.7, "shrinkA": 0, "shrinkB": 0}
    options: dict[str, Any] = {"xycoords": transform, "annotation_clip": False}
    options["textcoords"] = "offset points"
    ax.annotate("", (shock.x, 1.0), (0, height + 9), arrowprops=rule, **options)
    ax.annotate(
        shock.label(_room(ax, shock)),
        (shock.x, 1.0),
        (3.5, height),
        fontsize=8.5,
        color="#333333",
        gid="shock-label",
        **options,
    )


def _rows(ax: Axes, shocks: list[Shock]) -> list[int]:
    """Find a row for each label, so that neither labels nor the rules to later ones cross it.

    From the last to the first: a label reaches to the right, so it has to lie above every later
    one whose rule rises through it. That keeps them apart without trying positions.
    """
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()  # so that the layout has given the axes their width
    spans = [_span(ax, shock) for shock in shocks]
    rows = [0] * len(shocks)
    for k in range(len(shocks) - 1, -1, -1):
        covered = [rows[m] for m in range(k + 1, len(shocks)) if spans[m][0] < spans[k][1]]
        rows[k] = max(covered, default=-1) + 1
    return rows


def _room(ax: Axes, shock: Shock) -> int:
    """How many letters fit between a line and the right end of the axes; 24 at least."""
    share = (ax.get_xlim()[1] - shock.x) / (ax.get_xlim()[1] - ax.get_xlim()[0])
    # A letter of the default typeface is about 0.56 of its size wide, a point 1/72 of an inch.
    return max(24, int(share * ax.bbox.width / ax.figure.dpi * 72 / (8.5 * 0.56)))


def _span(ax: Axes, shock: Shock) -> tuple[float, float]:
    """Measure left and right end of a label, in pixels."""
    probe = ax.text(0, 0, shock.label(_room(ax, shock)), fontsize=8.5)
    width = probe.get_window_extent().width
    probe.remove()
    left = float(ax.transData.transform((shock.x, 0))[0])
    return left, left + width + 10
