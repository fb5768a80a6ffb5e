"""Figures: `plot_*(data, *, ax=None) -> Axes` and `figure_*(data)` take frames, never models."""

from __future__ import annotations

from analysis.plots.comparison import figure_comparison
from analysis.plots.difference import plot_difference
from analysis.plots.dispute import plot_dispute
from analysis.plots.fan import plot_fan
from analysis.plots.forest import plot_forest
from analysis.plots.ladder import plot_ladder
from analysis.plots.life import figure_life
from analysis.plots.network import figure_network
from analysis.plots.placebo import figure_placebo
from analysis.plots.streams import figure_streams
from analysis.plots.style import file_of, style

__all__ = [
    "figure_comparison",
    "figure_life",
    "figure_network",
    "figure_placebo",
    "figure_streams",
    "file_of",
    "plot_difference",
    "plot_dispute",
    "plot_fan",
    "plot_forest",
    "plot_ladder",
    "style",
]
