"""Small multiples of years: organisations, the members that they share, agreements in force."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

from analysis.network import nodes, places, shared, years_of
from analysis.plots.streams import BY
from analysis.plots.style import INK, NOTE, provenance, style

__all__ = ["figure_network"]

LEAST = 0.1
"""Overlap below which no line is drawn."""
_COLUMNS = 3
_SIZE = 0.55  # square points a member
_LABEL = 6.8  # points
_LUMINANCE = (0.2126, 0.7152, 0.0722)  # weights of red, green and blue (ITU-R BT.709)


def figure_network(
    frames: Mapping[str, pd.DataFrame], years: Sequence[int] | None = None
) -> Figure:
    """Draw the organisations of a run in some years, all in one layout.

    A disc is an organisation: its area its members, its colour its level, hollow when it is a
    zombie, the number in it the agreements in force. A line is shared members, the thicker the
    more; organisations that share many lie close together.

    Parameters
    ----------
    frames
        The tables `organisations` and `agreements` of one run.
    years
        Each as it ends; None takes six, evenly spread.

    Returns
    -------
    matplotlib.figure.Figure
        Not known to pyplot: nothing to close.
    """
    chosen = list(years or years_of(frames["organisations"]))
    tables = [nodes(frames, year) for year in chosen]
    overlaps = [shared(table) for table in tables]
    where = places(overlaps)
    n_columns = min(_COLUMNS, len(chosen))
    n_rows = -(-len(chosen) // n_columns)
    with style():
        figure = Figure(
            figsize=(1.4 + 5.2 * n_columns, 1.5 + 4.9 * n_rows),
            layout=ConstrainedLayoutEngine(w_pad=0.04, h_pad=0.04),
        )
        axes = figure.subplots(n_rows, n_columns, squeeze=False, sharex=True, sharey=True).ravel()
        for ax, year, table, overlap in zip(axes, chosen, tables, overlaps, strict=False):
            _panel(ax, table, overlap, where)
            _title(ax, year, table)
        for ax in axes[len(chosen) :]:
            ax.set_axis_off()
        own = frames["organisations"]
        scenario, seed = own["scenario"].iloc[0], own["seed"].iloc[0]
        figure.suptitle(
            f"Organisations, shared members and agreements: {scenario}, seed {seed}",
            x=0.01, ha="left",
        )  # fmt: skip
        _legend(figure, tables)
        note = (
            "At the end of each year. Area: members; number: agreements in force (made in the run "
            "or named in the charter). Lines: members shared, of those of either (from "
            f"{100 * LEAST:.0f} % on, the thicker the more). One layout for all years, nearer with "
            f"more shared members; directions mean nothing. {provenance(own)}"
        )
        width = int(figure.get_figwidth() * 17)
        figure.supxlabel(textwrap.fill(note, width), x=0.01, ha="left", fontsize=8.5, color=NOTE)
    return figure


def _panel(
    ax: Axes,
    table: pd.DataFrame,
    overlap: pd.DataFrame,
    where: Mapping[str, tuple[float, float]],
) -> None:
    spots = np.array([where[str(code)] for code in table.index])
    upper, lower = np.triu_indices(len(table), 1)
    strength = overlap.to_numpy()[upper, lower]
    is_drawn = strength >= LEAST
    lines = np.stack([spots[upper[is_drawn]], spots[lower[is_drawn]]], axis=1)
    widths = 3.0 * strength[is_drawn]
    ax.add_collection(
        LineCollection(lines, linewidths=widths, colors="#9A9A9A", alpha=0.35, zorder=1)
    )
    colours = [BY["level"][level] for level in table["level"]]
    faces = ["white" if dead else c for dead, c in zip(table["is_zombie"], colours, strict=True)]
    area = 40 + _SIZE * np.array([len(members) for members in table["members"]])
    ax.scatter(*spots.T, s=area, c=faces, edgecolors=colours, linewidths=1.4, zorder=2)
    for (x, y), (code, one), face in zip(spots, table.iterrows(), faces, strict=True):
        if one["n_agreements"]:
            is_light = np.dot(to_rgb(face), _LUMINANCE) > 0.5
            ink = INK if is_light else "white"
            ax.text(x, y, str(one["n_agreements"]), ha="center", va="center", fontsize=7.5,
                    color=ink, fontweight="bold", zorder=4)  # fmt: skip
        ax.annotate(str(code), (x, y), (0, -8.5), textcoords="offset points", ha="center",
                    va="top", fontsize=_LABEL, zorder=3)  # fmt: skip


def _title(ax: Axes, year: int, table: pd.DataFrame) -> None:
    n_members = sum(len(members) for members in table["members"])
    agreements = int(table["n_agreements"].sum())
    made = f"{agreements} agreement{'s' * (agreements != 1)}"
    text = f"{year}: {len(table)} bodies, {n_members:,} memberships, {made}"
    ax.set_title(text, loc="left", fontsize=10)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_visible(False)
    ax.margins(0.09)


def _legend(figure: Figure, tables: Sequence[pd.DataFrame]) -> None:
    seen = {level for table in tables for level in table["level"]}
    look = {"marker": "o", "linestyle": "", "markersize": 8}
    handles = [
        Line2D([], [], color=colour, label=level, **look)
        for level, colour in BY["level"].items()
        if level in seen
    ]
    if any(table["is_zombie"].any() for table in tables):
        hollow = {**look, "markerfacecolor": "white", "color": INK}
        handles.append(Line2D([], [], label="zombie", **hollow))
    figure.legend(handles=handles, loc="outside right upper", title="Level", alignment="left")
