"""The life of an organisation in a run: members, what keeps it alive, what it went through."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from analysis.life import life
from analysis.plots.style import INK, NOTE, PALETTE, REFERENCE, provenance, style
from analysis.plots.time import line, set_dates

__all__ = ["figure_life"]

PARTS = {
    "delivery": "delivery (of cases)",
    "funding": "funding (dues paid)",
    "capacity": "office (capacity)",
    "meetings": "meetings",
    "cohesion": "cohesion",
}
"""Columns whose mean vitality moves towards → what they are."""
_ENDS = {"agreed": PALETTE[2], "lapsed": PALETTE[1], "statement": PALETTE[4], "open": PALETTE[5]}
_ROW = 0.27  # inches
_MOST_ROWS = 26
_LETTER = 0.0105  # of the axis, which long names of rows make narrow: the width of a letter
_FEW = 5  # days that lie together, of which the first is named
_SHORT = 0.03  # of the axis: shorter spells have no room for a name


def figure_life(frames: Mapping[str, pd.DataFrame], code: str) -> Figure:
    """Draw an organisation's life in a run.

    Above its members, then vitality and its parts (shaded: zombie, hatched: without a head), below
    what it went through: chairs, items, suspensions, lost votes, members in and out, decisions.

    Parameters
    ----------
    frames
        The tables `organisations`, `events` and `rounds` of one run.
    code
        Of the organisation.

    Returns
    -------
    matplotlib.figure.Figure
        Not known to pyplot: nothing to close.

    Raises
    ------
    AnalysisError
        No such organisation in the run.
    """
    told = life(frames, code)
    own = frames["organisations"]
    own = own[own["organisation"] == code].sort_values("date")
    rows = _rows(told)
    heights = [1.5, 2.3, 0.5 + _ROW * max(len(rows), 1)]
    with style():
        figure = Figure(
            figsize=(11, 1.4 + sum(heights)), layout=ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.06)
        )
        members, parts, record = figure.subplots(3, 1, sharex=True, height_ratios=heights)
        set_dates(members, own["date"])
        _members(members, own)
        _parts(parts, own, told)
        _record(record, told, rows)
        for ax in (members, parts, record):
            _end(ax, told)
        scenario, seed = own["scenario"].iloc[0], own["seed"].iloc[0]
        figure.suptitle(f"The life of {code}: {scenario}, seed {seed}", x=0.01, ha="left")
        own.attrs = frames["organisations"].attrs
        note = (
            "Chair: the state that tabled, from the first to the last of its consecutive rounds. "
            "Days that lie close together have the name of the first, many their number. "
            + provenance(own)
        )
        figure.supxlabel(textwrap.fill(note, 170), x=0.01, ha="left", fontsize=8.5, color=NOTE)
    return figure


def _rows(told: pd.DataFrame) -> list[str]:
    """Rows of the record, spells of a state a row each; the fullest where there are too many."""
    keys = _keys(told)
    order = list(dict.fromkeys(keys[~told["row"].isin(["zombie", "vacant"])]))
    if len(order) > _MOST_ROWS:
        counts = keys.value_counts()
        kept = set(sorted(order, key=lambda key: -counts[key])[:_MOST_ROWS])
        order = [key for key in order if key in kept]
    return order


def _keys(told: pd.DataFrame) -> pd.Series:
    is_spell = told["row"].isin(["suspended", "without vote"])
    return told["row"].where(~is_spell, told["row"] + " " + told["who"])


def _members(ax: Axes, own: pd.DataFrame) -> None:
    line(ax, own["date"], own["n_members"], color=INK, linewidth=1.8, label="members")
    without = own["n_without_vote"]
    if without.any():
        voting = own["n_members"] - without
        line(ax, own["date"], voting, color=PALETTE[1], linewidth=1.4, label="with a vote")
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    ax.set_ylabel("States")
    ax.set_title("Members", loc="left")
    low, high = own["n_members"].min(), own["n_members"].max()
    ax.set_ylim(max(low - without.max() - 1, 0) if low else 0, high + 1)
    ax.yaxis.get_major_locator().set_params(integer=True)


def _parts(ax: Axes, own: pd.DataFrame, told: pd.DataFrame) -> None:
    shown = own.where(own["n_members"] > 0)  # of a body that is no more there is nothing to show
    for colour, (name, meaning) in zip(PALETTE, PARTS.items(), strict=False):
        line(ax, own["date"], shown[name], color=colour, linewidth=1.2, label=meaning)
    line(ax, own["date"], shown["vitality"], color=INK, linewidth=2.6, label="vitality")
    looks = {
        "zombie": {"color": PALETTE[1], "alpha": 0.12, "linewidth": 0},
        "vacant": {"facecolor": "none", "edgecolor": "#BBBBBB", "hatch": "////", "linewidth": 0},
    }
    handles: list[Line2D | Patch] = list(ax.lines[::-1])
    for row, look in looks.items():
        spells = told[told["row"] == row]
        for since, until in zip(spells["since"], spells["until"], strict=True):
            ax.axvspan(since, until, zorder=0, **look)
        if len(spells):
            handles.append(Patch(label={"vacant": "without a head"}.get(row, row), **look))
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    ax.set_ylim(0, 1.03)
    ax.set_ylabel("Share (0 to 1)")
    ax.set_title("Vitality and what it follows", loc="left")


def _record(ax: Axes, told: pd.DataFrame, rows: list[str]) -> None:
    keys = _keys(told)
    for height, row in enumerate(reversed(rows)):
        own = told[keys == row]
        if (own["until"] > own["since"]).any() or row == "chair" or row.startswith("item"):
            _draw_spells(ax, own, height)
        else:
            _draw_days(ax, own, height)
    ax.set_yticks(range(len(rows)), rows[::-1])
    ax.set_ylim(-0.7, max(len(rows), 1) - 0.3)
    ax.grid(visible=True, axis="y", linewidth=0.5)
    ax.set_title("What happened", loc="left")
    if not rows:
        ax.text(0.5, 0.5, "nothing", transform=ax.transAxes, ha="center", color=NOTE)
    seen = [how for how in _ENDS if (told["how"] == how).any()]
    if seen:
        handles = [Patch(color=_ENDS[how], label=f"item {how}") for how in seen]
        ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.0, 1.0))


def _draw_spells(ax: Axes, own: pd.DataFrame, height: int) -> None:
    """Bars with the name of who it is where there is room; chairs in two greys by turns."""
    low, high = ax.get_xlim()
    for k, one in enumerate(own.to_dict("records")):
        since, until = (mdates.date2num(one[key]) for key in ("since", "until"))
        shade = "#D0D0D0" if k % 2 else "#B0B0B0"
        colour = _ENDS.get(one["how"], shade if one["row"] == "chair" else PALETTE[3])
        wide = max(until - since, 0.003 * (high - low))
        ax.barh(height, wide, left=since, height=0.62, color=colour, edgecolor="white")
        if one["row"] == "chair" and wide > _SHORT * (high - low):
            ax.text(since + wide / 2, height, one["who"], ha="center", va="center", fontsize=7.5)


def _draw_days(ax: Axes, own: pd.DataFrame, height: int) -> None:
    """Marks; those so near that their names would collide have one name, of the first."""
    low, high = ax.get_xlim()
    letter = _LETTER * (high - low)
    days = [mdates.date2num(day) for day in own["since"]]
    ax.plot(days, [height] * len(days), marker="o", markersize=4.5, color=REFERENCE, linestyle="")
    names = own["who"].tolist()
    first = 0
    for k, day in enumerate(days):
        text = _names(names[first : k + 1])
        is_last = k == len(days) - 1
        if is_last or days[k + 1] > day + letter * (len(text) + 2):
            # a name that would run out of the axes stands on the left, where there is room for it
            # beside the name before it
            runs_out = day + letter * (len(text) + 1) > high
            room = letter * (2 * len(text) + 4)
            has_room = first == 0 or days[first - 1] < days[first] - room
            turned = runs_out and has_room
            ax.annotate(text, (days[first] if turned else day, height),
                        (-4 if turned else 4, 0), textcoords="offset points", va="center",
                        ha="right" if turned else "left", fontsize=7.5)  # fmt: skip
            first = k + 1


def _names(who: list[str]) -> str:
    """Who it was on days that lie together: the first and how many more, or how many in all.

    Examples
    --------
    >>> _names(["ARG"]), _names(["ARG", "BRA"]), _names(["ARG"] * 9), _names([""] * 2)
    ('ARG', 'ARG +1', '9 in all', '2 in all')
    """
    if len(who) == 1:
        return who[0]
    return f"{who[0]} +{len(who) - 1}" if who[0] and len(who) <= _FEW else f"{len(who)} in all"


def _end(ax: Axes, told: pd.DataFrame) -> None:
    """An upright where the body is given up."""
    for day in told.loc[told["row"] == "is given up", "since"]:
        ax.axvline(day, color=INK, linewidth=1.6, gid="end")
