"""Verdicts at a glance: effects at the default parameters and over the parameter space."""

from __future__ import annotations

import re

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis import names
from analysis.errors import AnalysisError
from analysis.plots.style import NOTE, PALETTE, footnote, style
from analysis.verdicts import CLAIM, by_sample, contrasts

_COLOURS = {"supported": PALETTE[0], "opposed": PALETTE[1], "undecided": NOTE, "": "#8A8A8A"}
_SIGNS = {"+": "+", "-": "−"}
_FULL_SIZE = 70  # letters of a title in the usual size
_SPAN = re.compile(r"(\d{4}-\d\d)-\d\d–(\d{4}-\d\d)-\d\d")


def plot_verdicts(runs: pd.DataFrame, verdicts: pd.DataFrame) -> Figure:
    """Draw a row per measure: the effect with its interval, and the effect at each sampled point.

    Rows have axes of their own, since their units differ; zero is in the same place in all.

    Parameters
    ----------
    runs
        As for `analysis.verdicts.contrasts`.
    verdicts
        What `analysis.verdicts.judge` returns.

    Raises
    ------
    AnalysisError
        No verdicts.
    """
    if verdicts.empty:
        raise AnalysisError("no verdicts", where="plot_verdicts", expected="at least one measure")
    points = by_sample(contrasts(runs))
    if "contrast" in verdicts:  # a dose has no two sides, placebo and null are in the table
        verdicts = verdicts[verdicts["contrast"] == CLAIM]
    with style():
        height = 1.1 + 0.82 * len(verdicts)
        figure, axes = plt.subplots(len(verdicts), 1, figsize=(9.0, height), squeeze=False)
        for ax, row in zip(axes[:, 0], verdicts.to_dict("records"), strict=True):
            own = points[
                (points["hypothesis"] == row["hypothesis"])
                & (points["contrast"] == CLAIM)
                & (points["measure"] == row["measure"])
                & (points["sample"] > 0)
            ]
            _draw_row(ax, row, own["difference"].dropna().to_numpy(dtype=float))
        axes[-1, 0].set_xlabel("effect (treatment − control)", fontsize=9)
        footnote(axes[-1, 0], _note(runs))
    return figure


def _note(runs: pd.DataFrame) -> str:
    seeds = runs.loc[runs["sample"] == 0, "seed"].nunique()
    samples = runs.loc[runs["sample"] > 0, "sample"].nunique()
    points = f"{samples} sampled point{'s' * (samples > 1)}"
    dots = f" Dots: {points} of the parameter space." if samples else ""
    pairs = f"{seeds} paired seed{'s' * (seeds > 1)}"
    return (
        f"Diamond and bar: default parameters, {pairs}, 95 % interval.{dots}\n"
        f"Source: Concord runs for {', '.join(dict.fromkeys(runs['hypothesis']))}."
    )


def _draw_row(ax: Axes, row: dict[str, object], effects: np.ndarray) -> None:
    colour = _COLOURS[str(row["verdict"])]
    # Dots are spread up and down by their order, not at random: the same figure every time.
    heights = 0.32 * np.sin(2.4 * np.arange(len(effects)))
    ax.plot(effects, heights, "o", color=colour, alpha=0.45, markersize=5, gid="points")
    difference, low, high = (float(str(row[key])) for key in ("difference", "low", "high"))
    ax.plot([low, high], [0, 0], color=colour, linewidth=2.4, gid="interval")
    ax.plot(difference, 0, "D", color=colour, markersize=8, gid="effect")
    ax.axvline(0, color="#777777", linewidth=1.0, zorder=1)
    seen = np.concatenate([effects, [difference, low, high]])
    seen = seen[np.isfinite(seen)]
    least, most = float(seen.min(initial=0.0)), float(seen.max(initial=0.0))
    # Both sides of zero are shown, whatever came out.
    margin = 0.15 * (most - least) or 1.0
    ax.set(xlim=(least - margin, most + margin), ylim=(-0.7, 0.7), yticks=[])
    ax.spines["left"].set_visible(False)
    ax.grid(False, axis="y")
    ax.tick_params(labelsize=8)
    unit = names.unit_text(str(row["unit"]))
    is_judged = str(row["sign"]) in _SIGNS
    claimed = f"   (claimed: {_SIGNS[str(row['sign'])]})" if is_judged else ""
    holds = f", sign at {100 * float(str(row['share_holds'])):.0f} % of points"
    told = holds if is_judged and row["n_samples"] else ""
    title = (
        f"{row['hypothesis']}  {measure_title(str(row['measure']))}{f', {unit}' if unit else ''}"
        f"{claimed}"
    )
    # A long one would run into the verdict at the right.
    ax.set_title(title, loc="left", fontsize=10 if len(title) <= _FULL_SIZE else 8)
    verdict = f"{row['verdict'] or 'not judged'}{told}"
    ax.set_title(verdict, loc="right", fontsize=9, color=colour)


def measure_title(key: str) -> str:
    """Name an outcome for a reader, what tells it apart in brackets.

    Examples
    --------
    >>> measure_title("agreements_in_force (FITP)")
    'Agreements in force (FITP)'
    >>> measure_title("world_welfare (2025-04-01–2039-12-31)")
    'World welfare (2025-04 to 2039-12)'
    """
    name, bracket, rest = _SPAN.sub(r"\1 to \2", key).partition(" (")
    return names.title(name) + bracket + rest
