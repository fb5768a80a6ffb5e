"""What figures of institutions draw: heights that add up, numbers that are said, words refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.errors import AnalysisError
from analysis.forums import KINDS
from analysis.placebo import against_placebo
from analysis.plots import figure_placebo, figure_streams, file_of

DAYS = pd.date_range("2024-01-01", periods=8, freq="QS")


def table(label="baseline", seeds=(1, 2)):
    """Two items a year in global bodies with the first seed, four in regional with the second."""
    rows = [
        {"scenario": label, "seed": seed, "date": day, "kind": "items", "level": level}
        | {"region": "Asia", "value": float(value) if seed == own else 0.0}
        for seed in seeds
        for day in DAYS
        for level, value, own in (("global", 2, 1), ("regional", 4, 2))
    ]
    return pd.DataFrame(rows)


def heights(ax):
    """Upper edge of each stream on the first day."""
    return [float(part.get_paths()[0].vertices[:, 1].max()) for part in ax.collections]


def test_streams_are_means_over_seeds_on_top_of_each_other():
    figure = figure_streams(table())
    assert heights(figure.axes[0]) == [1.0, 3.0]  # 2 / 2 seeds, then 4 / 2 more
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["Items opened: baseline"]
    shares = figure_streams(table(), is_share=True)
    assert heights(shares.axes[0]) == pytest.approx([100 / 3, 100])


def test_scenarios_have_a_column_each_and_long_names_a_line():
    long = "us_withdrawal+response-retaliate+switches.red_lines-false"
    figure = figure_streams(pd.concat([table(), table(long)]))
    titles = [ax.get_title(loc="left") for ax in figure.axes]
    assert titles == ["Items opened: baseline", f"Items opened\n{long}"]


def test_a_column_has_the_events_of_its_own_scenario_alone():
    sides = ("shocked+switches.red_lines=false", "baseline+switches.red_lines=false")
    data = pd.concat([table(side) for side in sides])
    common = {"date": "2024-05-01", "text": "Costa Rica joins"}
    data.attrs["timeline"] = {
        sides[0]: [common, {"date": "2025-01-20", "text": "exit"}],
        sides[1]: [common],
    }
    figure = figure_streams(data)
    left, right = figure.axes
    assert "Dotted" in figure.get_supxlabel()
    assert "Dotted" not in figure_streams(table()).get_supxlabel()  # where no day is drawn
    assert "baseline" in left.get_title(loc="left")  # the reference stands first
    assert [text.get_text() for text in left.texts if text.get_gid() == "shock-label"] == []
    assert [t.get_text() for t in right.texts if t.get_gid() == "shock-label"] == ["exit"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"by": "state"}, "unknown way to tell streams apart 'state'"),
        ({"kinds": ["item"]}, "'items' (nearest)"),
        ({"kinds": ["cases"]}, "nothing to draw"),
    ],
)
def test_what_streams_cannot_show_is_refused(words, said):
    assert "items" in KINDS
    with pytest.raises(AnalysisError) as error:
        figure_streams(table(), **words)
    assert said in str(error.value)


def test_a_placebo_figure_says_each_number_beside_its_point():
    worlds = ("shock", "usual", "placebo")
    data = pd.concat(
        pd.DataFrame({"scenario": name, "seed": seed, "date": DAYS}).assign(
            x=lambda f, more=more, seed=seed: (f["date"] >= "2025-01-01") * (more + seed / 10)
        )
        for name, more in zip(worlds, (3.0, 0.0, 1.0), strict=True)
        for seed in (1, 2, 3)
    )
    spans = (("2024-01-01", "2024-12-31"), ("2025-01-01", "2025-12-31"))
    figure = figure_placebo(against_placebo(data, worlds, "x", spans), "Before and after.")
    (ax,) = [ax for ax in figure.axes if ax.get_title(loc="left")]
    assert [text.get_text() for text in ax.texts] == ["2", "1", "3"]  # net, placebo, effect
    points = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "o"]
    assert np.allclose(points, [2.0, 1.0, 3.0])
    assert "seeds 1–3" in " ".join(figure.get_supxlabel().split())
    assert file_of(figure, ".svg") == file_of(figure, ".svg")


def test_a_placebo_figure_of_nothing_is_refused():
    empty = pd.DataFrame(columns=["measure", "what"])
    with pytest.raises(AnalysisError, match="no measures"):
        figure_placebo(empty)
