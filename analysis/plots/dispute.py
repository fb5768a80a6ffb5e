"""The course of a pair's disputes: stage by stage, with who tried what and who stood in the way."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.errors import AnalysisError
from analysis.plots.style import INK, NOTE, PALETTE, provenance, style
from analysis.plots.time import set_dates

__all__ = ["TABLES", "figure_dispute", "plot_dispute"]

TABLES = ("events", "disputes", "third_parties", "states")
"""What the figure needs of a run."""

STAGES = ("none", "threat", "display", "force", "war")
_TOLD = ("dispute_began", "dispute_rose", "dispute_ended")
_COLOURS = {"accepted": PALETTE[2], "refused": PALETTE[1]}
_LOOKS = {"accepted": "o", "refused": "X"}


def plot_dispute(
    tables: Mapping[str, pd.DataFrame], pair: tuple[str, str], *, ax: Axes | None = None
) -> Axes:
    """Draw the stages of a pair's disputes, and the bodies that were asked to act.

    Parameters
    ----------
    tables
        `events`, `disputes` and `third_parties` of one run.
    pair
        Codes of the two states.
    ax
        Where to draw; new axes when None.

    Raises
    ------
    AnalysisError
        The pair had no dispute in the run.
    """
    one, other = sorted(pair)
    own = tables["disputes"]
    own = own[(own["state"] == one) & (own["against"] == other)]
    if own.empty:
        counts = tables["disputes"].drop_duplicates("dispute").groupby(["state", "against"]).size()
        most = counts.sort_values(ascending=False, kind="stable").index[:3]
        raise AnalysisError(
            f"{one} and {other} had no dispute in the run",
            expected=f"two states that had, such as {', '.join(' '.join(pair) for pair in most)}",
        )
    ax = ax or plt.subplots(figsize=(9.0, 3.6), layout="constrained")[1]
    shown = _course(tables, own, (one, other))
    ax.fill_between(shown["day"], shown["stage"], step="post", color="#CCCCCC", linewidth=0)
    ax.plot(shown["day"], shown["stage"], drawstyle="steps-post", color=INK, gid="stage")
    labels = [*STAGES, *_attempts(ax, tables["third_parties"], (one, other))]
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(0, len(labels) - 0.5)
    ax.set_title(f"{one} and {other}: stage of the dispute", loc="left")
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def figure_dispute(tables: Mapping[str, pd.DataFrame], pair: tuple[str, str]) -> Figure:
    """Make a figure of `plot_dispute` with title and source.

    Raises
    ------
    AnalysisError
        As `plot_dispute`.
    """
    states = tables["states"]
    with style():
        figure = Figure(figsize=(10.5, 4.4), layout="constrained")
        ax = plot_dispute(tables, pair, ax=figure.subplots())
        set_dates(ax, states["date"])
        scenario, seed = states["scenario"].iloc[0], states["seed"].iloc[0]
        ax.set_title(
            f"Disputes of {' and '.join(sorted(pair))}: {scenario}, seed {seed}", loc="left"
        )
        ax.set_ylabel("Stage of the dispute; above, who was asked")
        note = (
            "Stages hold from day to day; marks: days of votes. Outside bodies: third states and "
            f"persons. {provenance(states)}"
        )
        figure.supxlabel(note, x=0.01, ha="left", fontsize=8.5, color=NOTE)
    return figure


def _course(
    tables: Mapping[str, pd.DataFrame], own: pd.DataFrame, pair: tuple[str, str]
) -> pd.DataFrame:
    """Day and stage from the first quarter to the last, from events; open ones from the table."""
    events = tables["events"]
    told = events[
        (events["actor"] == pair[0]) & (events["target"] == pair[1]) & events["kind"].isin(_TOLD)
    ]
    first, last = (pd.Timestamp(tables["states"]["date"].agg(f)) for f in ("min", "max"))
    old = own[pd.to_datetime(own["began"]) < first]
    start = STAGES.index(old["stage"].iloc[0]) if len(old) else 0
    stage = [0 if kind == "dispute_ended" else value
             for kind, value in zip(told["kind"], told["value"], strict=True)]  # fmt: skip
    days = [first, *pd.to_datetime(told["date"]), last + pd.DateOffset(months=3)]
    return pd.DataFrame({"day": days, "stage": [start, *stage, [start, *stage][-1]]})


def _attempts(ax: Axes, third_parties: pd.DataFrame, pair: tuple[str, str]) -> list[str]:
    """A row above the stages for each body that was asked; who blocked it most stands beside it."""
    tried = third_parties[
        (third_parties["state"] == pair[0])
        & (third_parties["against"] == pair[1])
        & third_parties["outcome"].isin(list(_LOOKS))
    ]
    bodies = list(dict.fromkeys(tried["organisation"]))
    for (body, outcome), rows in tried.groupby(["organisation", "outcome"]):
        height = [len(STAGES) + bodies.index(str(body))] * len(rows)
        ax.scatter(pd.to_datetime(rows["day"]), height, marker=_LOOKS[str(outcome)],
                   color=_COLOURS[str(outcome)], s=36, gid=str(outcome), zorder=3)  # fmt: skip
    seen = set(tried["outcome"])
    for outcome, look in _LOOKS.items():
        if outcome not in seen:
            continue
        ax.scatter([], [], marker=look, color=_COLOURS[outcome], s=36, label=outcome)
    if bodies:
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, title="third parties")
    return [_named(body, tried[tried["organisation"] == body]) for body in bodies]


def _named(body: str, rows: pd.DataFrame) -> str:
    blockers = rows["blockers"].str.split(";").explode()
    most = blockers[blockers != ""].value_counts().index[:2]
    name = "outside bodies" if body == "outside" else body
    return f"{name} (blocked by {', '.join(most)})" if len(most) else name
