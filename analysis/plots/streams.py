"""Streams: how members and work are shared out among forums, over time."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import Patch

from analysis.errors import AnalysisError, unknown
from analysis.forums import KINDS, LEVELS, SEVERAL
from analysis.plots import shocks
from analysis.plots.style import NOTE, PALETTE, provenance, style
from analysis.plots.time import end_of, set_dates, y_label

__all__ = ["BY", "figure_streams"]

_BLUE, _RED, _GREEN, _PINK, _YELLOW, _SKY = PALETTE
_REGIONS = ("Africa", "Americas", "Asia", "Europe", "Oceania", SEVERAL)
BY = {
    "level": dict(zip(LEVELS, (_BLUE, _SKY, _GREEN, _YELLOW, _RED, "#B5B5B5"), strict=True)),
    "region": dict(zip(_REGIONS, (_YELLOW, _BLUE, _RED, _GREEN, _PINK, "#B5B5B5"), strict=True)),
}
"""What streams are told apart by → their colours, the lowest first."""
_HEIGHT = 2.15  # inches of a panel
_LONG = 50  # letters of a title that go into the width of a panel
_WIDE, _NARROW = 8.0, 5.0  # the same, of one alone and of several side by side


def figure_streams(
    table: pd.DataFrame,
    *,
    by: str = "level",
    kinds: Sequence[str] | None = None,
    is_share: bool = False,
) -> Figure:
    """Draw the work of forums as streams, a row for each kind and a column for each scenario.

    Parameters
    ----------
    table
        As `analysis.forums.work` gives it; means over seeds are drawn.
    by
        ``level`` or ``region`` of the forums.
    kinds
        Which of `KINDS`; None draws those of which there is anything.
    is_share
        Draw each in % of all instead of numbers: quarters without any are left out.

    Returns
    -------
    matplotlib.figure.Figure
        Not known to pyplot: nothing to close.

    Raises
    ------
    AnalysisError
        Another kind or word for `by`, or nothing to draw.
    """
    if by not in BY:
        raise unknown("way to tell streams apart", by, BY)
    chosen = _chosen(table, kinds)
    names = table["scenario"].unique()
    labels = sorted(names, key=lambda label: label.split("+", 1)[0] != "baseline")
    width = _WIDE if len(labels) == 1 else _NARROW
    size = (1.6 + width * len(labels), 2.0 + _HEIGHT * len(chosen))
    with style():
        figure = Figure(figsize=size, layout=ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.06))
        axes = figure.subplots(len(chosen), len(labels), squeeze=False, sharex=True, sharey="row")
        for row, kind in zip(axes, chosen, strict=True):
            title, unit = KINDS[kind]
            y_label(row[0], f"% of {unit}" if is_share else unit.capitalize(), "")
            for ax, label in zip(row, labels, strict=True):
                own = table[(table["kind"] == kind) & (table["scenario"] == label)]
                _panel(ax, own, by, is_share)
                gap = ": " if len(title) + len(label) < _LONG or len(labels) == 1 else "\n"
                ax.set_title(f"{title}{gap}{label}", loc="left")
        figure.suptitle(f"Where cooperation goes on, by {by} of the forum", x=0.01, ha="left")
        _finish(figure, axes, table, labels)
        _legend(figure, table[table["kind"].isin(chosen)], by)
    return figure


def _chosen(table: pd.DataFrame, kinds: Sequence[str] | None) -> list[str]:
    for kind in kinds or ():
        if kind not in KINDS:
            raise unknown("kind of work", kind, KINDS)
    found = [
        kind for kind in kinds or KINDS if (table.loc[table["kind"] == kind, "value"] > 0).any()
    ]
    if not found:
        raise AnalysisError("nothing to draw", where="figure_streams", expected="runs with work")
    return found


def _panel(ax: Axes, own: pd.DataFrame, by: str, is_share: bool) -> None:
    """Stack the means over seeds; a value holds over its quarter."""
    n_runs = own["seed"].nunique()
    wide = own.pivot_table(index="date", columns=by, values="value", aggfunc="sum") / n_runs
    wide = wide.reindex(columns=[name for name in BY[by] if name in wide])
    if is_share:
        total = wide.sum(axis=1)
        wide = 100.0 * wide.div(total.where(total > 0), axis=0).fillna(0.0)
    if wide.empty:
        return
    days = wide.index.to_numpy()
    days = np.append(days, end_of(days))
    values = np.vstack([wide.to_numpy(), wide.to_numpy()[-1:]]).T
    colours = [BY[by][name] for name in wide]
    ax.stackplot(days, values, colors=colours, step="post", linewidth=0, alpha=0.92)
    if is_share:
        ax.set_ylim(0, 100)


def _finish(figure: Figure, axes: np.ndarray, table: pd.DataFrame, labels: list[str]) -> None:
    """Titles, dates, the events that tell the scenarios apart, and where all is from."""
    timeline, has_days = table.attrs.get("timeline", {}), False
    for column, label in enumerate(labels):
        for ax in axes[:, column]:
            set_dates(ax, table["date"])
        own = list(timeline.get(label, ()))
        if events := [one for one in shocks.select(timeline, labels) if one in own]:
            lines = shocks.draw(axes[0, column], events)
            has_days = has_days or bool(lines)
            for ax in axes[1:, column]:
                shocks.mark(ax, lines)
    note = (
        "Means over seeds. Items and cases: those of the four quarters up to each, fewer in the "
        "first three. Outside bodies: third states and persons. Agreements: those made in the run, "
        "once in force. "
        + ("Dotted: days of events. " if has_days else "")
        + provenance(table.assign(seed=table["seed"].astype(int)))
    )
    width = int(figure.get_figwidth() * 17)
    figure.supxlabel(textwrap.fill(note, width), x=0.01, ha="left", fontsize=8.5, color=NOTE)


def _legend(figure: Figure, table: pd.DataFrame, by: str) -> None:
    seen = table.loc[table["value"] > 0, by].unique()
    shown = [name for name in reversed(BY[by]) if name in seen]
    figure.legend(
        handles=[Patch(color=BY[by][name], label=name) for name in shown],
        loc="outside right upper",
        title=f"{by.capitalize()} of the forum",
        alignment="left",
    )
