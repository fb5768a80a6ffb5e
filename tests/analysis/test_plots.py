from __future__ import annotations

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from analysis.compare import effects
from analysis.errors import AnalysisError
from analysis.load import load
from analysis.plots import (
    figure_comparison,
    file_of,
    plot_difference,
    plot_fan,
    plot_forest,
    plot_ladder,
)
from analysis.plots.ladder import VOTES


def named(ax, gid):
    return [artist for artist in ax.findobj() if artist.get_gid() == gid]


def texts(ax, gid):
    return [a.get_text() for a in named(ax, gid) if isinstance(a, Text)]


def boxes(ax, gid):
    ax.figure.draw_without_rendering()
    return [a.get_window_extent() for a in named(ax, gid) if isinstance(a, Text)]


def assert_apart(found):
    for k, one in enumerate(found):
        for other in found[k + 1 :]:
            width = min(one.x1, other.x1) - max(one.x0, other.x0)
            height = min(one.y1, other.y1) - max(one.y0, other.y0)
            assert width <= 1 or height <= 1, (one, other)


@pytest.fixture(scope="module")
def summary(results):
    return load(results)


@pytest.fixture(scope="module")
def table(summary):
    measures = ["world_trade_change", "welfare_usa", "us_tariff", "vetoes", "world_welfare"]
    return effects(summary, "us_withdrawal", "baseline", measures)


def negotiation(results, scenario="baseline", seed=1):
    return load(results, "rounds", scenario, seed), load(results, "votes", scenario, seed)


# fans


def test_fan_has_a_median_and_two_bands_per_scenario(summary):
    ax = plot_fan(summary, "us_tariff")
    lines = {line.get_label(): line for line in ax.lines}
    last = summary[summary["date"] == summary["date"].max()]
    medians = last.groupby("scenario")["us_tariff"].median()
    for label in ("baseline", "us_withdrawal"):
        assert lines[label].get_ydata()[-1] == pytest.approx(medians[label])
    assert sum(isinstance(c, PolyCollection) for c in ax.collections) == 4
    assert sorted(texts(ax, "scenario")) == ["baseline", "us_withdrawal"]


def test_fan_bands_are_the_quantiles_over_seeds(summary):
    ax = plot_fan(summary[summary["scenario"] == "baseline"], "us_tariff")
    outer = ax.collections[0].get_paths()[0].vertices
    end = outer[np.isclose(outer[:, 0], outer[:, 0].max()), 1]
    last = summary[(summary["date"] == summary["date"].max())]
    values = last.loc[last["scenario"] == "baseline", "us_tariff"]
    assert end.min() == pytest.approx(values.quantile(0.05))
    assert end.max() == pytest.approx(values.quantile(0.95))


def test_a_fall_is_a_step_and_no_slope(summary):
    ax = plot_fan(summary, "us_tariff")
    line = next(line for line in ax.lines if line.get_label() == "us_withdrawal")
    assert line.get_drawstyle() == "steps-post"
    quarters = summary["date"].nunique()
    assert len(line.get_xdata()) == quarters + 1  # the last quarter has a length, too


# differences


def test_difference_shows_what_the_fans_hide(summary, effect):
    ax = plot_difference(summary, "us_withdrawal", "baseline", "us_tariff")
    (line,) = named(ax, "difference")
    assert line.get_ydata()[-1] == pytest.approx(effect["us_tariff"])
    assert line.get_ydata()[0] == pytest.approx(0.0)
    assert len([c for c in ax.collections if isinstance(c, PolyCollection)]) == 1
    assert ax.get_ylabel() == "Difference (% points)"
    assert "us_withdrawal" in ax.get_title(loc="left")


def test_difference_of_one_seed_has_no_interval(summary):
    ax = plot_difference(summary[summary["seed"] == 1], "us_withdrawal", "baseline", "us_tariff")
    (fill,) = ax.collections
    assert not fill.get_paths() or not np.isfinite(fill.get_paths()[0].vertices).any()
    with pytest.raises(AnalysisError, match="us_withdrawl"):
        plot_difference(summary, "us_withdrawl", "baseline", "us_tariff")


# files


@pytest.mark.parametrize("suffix", [".png", ".pdf", ".svg"])
def test_files_have_the_same_bytes_each_time_and_say_nothing_of_when(summary, suffix):
    first, second = (file_of(plot_fan(summary, "us_tariff").figure, suffix) for _ in range(2))
    assert first == second
    assert first.startswith({".png": b"\x89PNG", ".pdf": b"%PDF", ".svg": b"<?xml"}[suffix])
    assert b"CreationDate" not in first
    assert b"dc:date" not in first


def test_other_files_are_refused():
    with pytest.raises(AnalysisError, match=r"'.jpg'.*\.png, \.pdf, \.svg"):
        file_of(plt.figure(), ".jpg")


def test_fan_says_what_where_from_and_in_which_unit(summary):
    ax = plot_fan(summary, "trade_under_agreements")
    assert ax.get_title(loc="left") == "Trade under agreements"
    assert ax.get_ylabel().replace("\n", " ") == "Trade under agreements (% of world trade)"
    assert "seeds 1–8" in texts(ax, "footnote")[0]


def test_one_seed_is_a_line_without_bands(summary):
    ax = plot_fan(summary[summary["seed"] == 1], "us_tariff")
    assert not ax.collections
    assert "seed 1." in texts(ax, "footnote")[0]


def test_shock_lines_stand_at_their_dates_and_labels_do_not_collide(summary):
    ax = plot_fan(summary, "us_tariff")
    drawn = {str(mpl.dates.num2date(line.get_xdata()[0]).date()) for line in named(ax, "shock")}
    assert {"2025-01-20", "2025-04-02", "2029-01-20"} <= drawn
    assert any("Liberation Day" in text for text in texts(ax, "shock-label"))
    assert_apart([*boxes(ax, "shock-label"), ax._left_title.get_window_extent()])


def test_many_shocks_are_gathered_and_still_do_not_collide(summary):
    days = pd.date_range("2024-02-01", "2039-01-01", freq="90D")
    many = [{"date": f"{day:%Y-%m-%d}", "text": f"event number {k}"} for k, day in enumerate(days)]
    ax = plot_fan(summary, "us_tariff", timeline=many)
    assert 0 < len(texts(ax, "shock-label")) < len(many)
    assert_apart(boxes(ax, "shock-label"))


def test_events_of_both_scenarios_explain_no_difference_and_are_left_out(summary):
    shared = {"date": "2030-01-01", "text": "shared"}
    own = {"date": "2035-01-01", "text": "own"}
    timeline = {"baseline": [shared], "us_withdrawal": [shared, own]}
    assert texts(plot_fan(summary, "us_tariff", timeline=timeline), "shock-label") == ["own"]


def test_names_of_lines_that_end_together_do_not_collide(summary):
    ax = plot_fan(summary, "world_welfare")  # no effect: the two lines are one
    assert_apart(boxes(ax, "scenario"))


def test_fan_draws_into_given_axes_and_leaves_the_style_alone(summary):
    before = dict(mpl.rcParams)
    figure, ax = plt.subplots()
    assert plot_fan(summary, "us_tariff", ax=ax) is ax
    assert plt.get_fignums() == [figure.number]
    assert dict(mpl.rcParams) == before


def test_fan_of_a_measure_not_yet_defined(summary):
    ax = plot_fan(summary.assign(months=np.nan), "months")
    assert ax.get_title(loc="left") == "Months"


def test_fan_errors(summary, results):
    with pytest.raises(AnalysisError, match=r"'us_tarif'.*'us_tariff'"):
        plot_fan(summary, "us_tarif")
    with pytest.raises(AnalysisError, match="several rows"):
        plot_fan(load(results, "states", seeds=1), "welfare")
    with pytest.raises(AnalysisError, match="no rows"):
        plot_fan(summary.iloc[:0], "us_tariff")


# forests


def test_forest_has_a_row_per_measure_in_standard_deviations(table):
    ax = plot_forest(table)
    assert ax.get_yticklabels()[0].get_text() == "World trade, change"
    points = {round(p.get_ydata()[0]): p.get_xdata()[0] for p in named(ax, "effect")}
    assert points[0] == pytest.approx(table["d_z"][0])
    assert points[4] == 0.0
    assert len(named(ax, "edge")) == 1  # vetoes: the same in all seeds
    assert len(named(ax, "numbers")) == len(table)


def test_forest_intervals_and_hollow_marks():
    rows = {
        "measure": ["a", "b"],
        "difference": [2.0, 0.1],
        "low": [1.0, -0.4],
        "high": [3.0, 0.6],
        "d_z": [2.0, 0.1],
        "n_seeds": 5,
        "unit": "%",
    }
    ax = plot_forest(pd.DataFrame(rows), scale="natural")
    assert [line.get_xdata().tolist() for line in named(ax, "interval")] == [[1, 3], [-0.4, 0.6]]
    faces = [point.get_markerfacecolor() for point in named(ax, "effect")]
    assert faces[0] != "white"
    assert faces[1] == "white"
    assert ax.get_xlabel() == "Mean paired difference (%)"
    assert "+2  [+1, +3] %" in texts(ax, "numbers")


def test_forest_of_very_regular_effects_shows_all_marks():
    rows = {
        "measure": ["a", "b"],
        "difference": [2.0, -0.1],
        "low": [1.99, -0.4],
        "high": [2.01, 0],
    }
    ax = plot_forest(pd.DataFrame(rows | {"d_z": [400.0, -0.2], "n_seeds": 5, "unit": "%"}))
    low, high = ax.get_xlim()
    assert ax.get_xscale() == "symlog"
    assert "logarithmic beyond ±3" in ax.get_xlabel()
    assert all(low < point.get_xdata()[0] < high for point in named(ax, "effect"))


def test_forest_keeps_arrowheads_inside_and_gives_effects_one_colour(table):
    ax = plot_forest(table)
    (edge,) = named(ax, "edge")
    assert 0 < edge.get_xdata()[0] < 1
    assert len({to_hex(mark.get_color()) for mark in named(ax, "effect")}) == 1


def test_forest_of_one_seed_shows_figures_but_no_mark(summary):
    one = effects(summary[summary["seed"] == 1], "us_withdrawal", "baseline", "us_tariff")
    ax = plot_forest(one)
    assert "[" not in texts(ax, "numbers")[0]
    assert all(np.isnan(point.get_xdata()).all() for point in named(ax, "effect"))


def test_forest_errors(table, summary):
    with pytest.raises(AnalysisError, match="different units"):
        plot_forest(table, scale="natural")
    with pytest.raises(AnalysisError, match="'standardised' or 'natural'"):
        plot_forest(table, scale="log")
    with pytest.raises(AnalysisError, match=r"analysis\.compare\.effects"):
        plot_forest(summary)


# ladders


def squares(ax, vote):
    return [p for p in named(ax, vote) if isinstance(p, Rectangle)]


def test_ladder_shows_the_most_contested_parties_and_their_votes(results):
    ax = plot_ladder(*negotiation(results), "tariffs-1")
    shown = texts(ax, "party")
    assert shown[:3] == ["IND", "USA", "BRA"]
    assert set(shown[3:6]) == {"CHE", "NOR", "TUR"}
    assert len(shown) == 20
    assert len(squares(ax, "reject")) == 7  # IND 4, USA 2, BRA 1
    assert len(squares(ax, "abstain")) == 9
    assert len(squares(ax, "accept")) == 5 * 20 - 16
    assert to_hex(squares(ax, "reject")[0].get_facecolor()).upper() == VOTES["reject"]
    assert "20 most contested of 43 parties" in texts(ax, "footnote")[0]


def test_ladder_marks_blockers_in_their_rows(results):
    ax = plot_ladder(*negotiation(results), "tariffs-1")
    marks = {(round(m.get_xdata()[0], 1), round(m.get_ydata()[0])) for m in named(ax, "block")}
    left = min(x for x, _ in marks)
    assert marks == {(left, row) for row in range(4)} | {(left + 1, row) for row in range(2)}


def test_ladder_writes_proposals_and_outcome(results):
    ax = plot_ladder(*negotiation(results), "tariffs-1")
    written = {text.get_text().replace("\n", " ") for text in ax.texts}
    assert {"10 %, 50 %, binding", "5 %, 30 %, soft", "agriculture, procurement"} <= written
    assert {"38 / 3 / 2", "43 / 0 / 0", "dilute", "exempt"} <= written
    assert texts(ax, "outcome") == ["Agreed after 5 rounds; 43 parties adopt"]
    assert ax.get_title(loc="left") == "WTO / tariffs-1, decided by consensus"


def test_ladder_texts_do_not_collide(results):
    rounds, votes = negotiation(results)
    blocked = rounds.assign(
        outcome="failed",
        blockers=";".join(votes["party"].unique()),
        exemptions="agriculture;intellectual_property;procurement;state_enterprises",
    )
    ax = plot_ladder(blocked, votes, "tariffs-1")
    assert texts(ax, "outcome")[0].endswith("and 39 more")
    ax.figure.draw_without_rendering()
    found = [t.get_window_extent() for t in [*ax.texts, ax._left_title] if t.get_text()]
    assert_apart(found)


def test_ladder_errors(results):
    rounds, votes = negotiation(results)
    with pytest.raises(AnalysisError, match=r"unknown item 'tarifs-1'.*'tariffs-1'"):
        plot_ladder(rounds, votes, "tarifs-1")
    with pytest.raises(AnalysisError, match=r"more than one scenario \(baseline, us_withdrawal\)"):
        plot_ladder(load(results, "rounds"), load(results, "votes"), "tariffs-1")


# the figure of a comparison


def test_comparison_has_four_fans_a_key_and_a_forest(summary, table):
    measures = ["world_trade_change", "welfare_usa", "us_tariff", "vetoes", "world_welfare"]
    figure = figure_comparison(summary, table, measures)
    titles = [ax.get_title(loc="left") for ax in figure.axes]
    assert [title for title in titles if title][:4] == [
        "World trade, change",
        "Welfare of the United States",
        "US tariff",
        "Vetoes",
    ]
    assert sum(ax.get_ylabel().startswith("Difference") for ax in figure.axes) == 4
    assert titles[-1] == "Effect of us_withdrawal against baseline"
    key = " ".join(a.get_text() for a in figure.findobj(Text) if a.get_gid() == "shock-key")
    assert "Liberation Day tariffs" in key
    assert "USA announces exit from the WHO" in " ".join(key.split())
    assert plt.get_fignums() == []


def test_comparison_of_one_measure_saves(summary, table, tmp_path):
    figure = figure_comparison(summary, table.head(1), ["us_tariff"])
    figure.savefig(tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 10_000


def test_comparison_draws_only_the_two_scenarios_and_the_paired_seeds(summary):
    third = summary[summary["scenario"] == "baseline"].assign(scenario="another")
    frame = pd.concat([summary, third])
    frame.attrs = summary.attrs
    pair = effects(frame[frame["seed"] <= 4], "us_withdrawal", "baseline", ["us_tariff"])
    figure = figure_comparison(frame, pair, ["us_tariff"])
    labels = {line.get_label() for line in figure.axes[0].lines}
    assert "another" not in labels
    with pytest.raises(AnalysisError, match="one to four columns"):
        figure_comparison(frame, pair, [])
