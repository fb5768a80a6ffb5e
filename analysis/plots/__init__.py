"""Figures: `plot_*(data, *, ax=None) -> Axes` take tidy frames, never models."""

from __future__ import annotations

from analysis.plots.comparison import figure_comparison
from analysis.plots.difference import plot_difference
from analysis.plots.dispute import plot_dispute
from analysis.plots.fan import plot_fan
from analysis.plots.forest import plot_forest
from analysis.plots.ladder import plot_ladder
from analysis.plots.style import file_of, style

__all__ = [
    "figure_comparison",
    "file_of",
    "plot_difference",
    "plot_dispute",
    "plot_fan",
    "plot_forest",
    "plot_ladder",
    "style",
]
