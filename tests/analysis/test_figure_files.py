"""Files of figures: the same bytes for the same figure, whatever lies in memory."""

from __future__ import annotations

import pytest
from matplotlib.figure import Figure

from analysis.plots.style import FORMATS, file_of


def _figure() -> Figure:
    figure = Figure(figsize=(11, 7.65), layout="constrained")
    upper, lower = figure.subfigures(2, 1, height_ratios=(3, 2))
    for ax in upper.subplots(2, 1, sharex=True):
        ax.plot([1, 2, 3])
        ax.set_title("a title")
    lower.subplots().barh(["a long name", "b"], [1, 2])
    return figure


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_same_figure_has_the_same_bytes(suffix: str) -> None:
    kept: list[list[object]] = []  # so that the addresses of what is laid out differ
    files = set()
    for n in range(12):
        kept.append([object() for _ in range(977 * n)])
        files.add(file_of(_figure(), suffix))
    assert len(files) == 1


def test_a_figure_is_laid_out_anew_after_it_was_written() -> None:
    figure = _figure()
    engine = figure.get_layout_engine()
    file_of(figure)
    assert figure.get_layout_engine() is engine
