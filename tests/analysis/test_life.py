"""An organisation's life: spells that began before the run or go on after it, and days."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from analysis.errors import AnalysisError
from analysis.life import life
from analysis.plots.life import figure_life

DAYS = pd.date_range("2024-01-01", periods=8, freq="QS")
END = pd.Timestamp("2026-01-01")


def frames(rows=(), chairs=(), **columns):
    events = pd.DataFrame(rows, columns=["date", "kind", "actor", "item"])
    events = events.assign(organisation="AU", target="", date=pd.to_datetime(events["date"]))
    rounds = pd.DataFrame(chairs, columns=["date", "chair"])
    rounds = rounds.assign(organisation="AU", date=pd.to_datetime(rounds["date"]))
    own = pd.DataFrame({"date": DAYS, "organisation": "AU", "condition": "active"})
    return {
        "organisations": own.assign(is_vacant=False, **columns),
        "events": events,
        "rounds": rounds,
    }


def rows(table, row):
    own = table[table["row"] == row]
    return [(str(a.date()), str(b.date()), w) for a, b, w in own[["since", "until", "who"]].values]


def test_spells_of_before_and_after_the_run_are_cut_at_its_ends():
    told = (
        ("2024-03-31", "suspension_lifted", "MLI", ""),
        ("2024-09-30", "suspended", "NER", ""),
        ("2025-06-30", "vote_lost", "USA", ""),
        ("2025-09-30", "vote_regained", "USA", ""),
        ("2024-06-30", "suspended", "MRT", ""),
        ("2025-01-15", "exit", "MRT", ""),
        ("2025-01-15", "exit", "KEN", ""),
    )
    table = life(frames(told), "AU")
    assert rows(table, "suspended") == [
        ("2024-01-01", "2024-03-31", "MLI"),
        ("2024-06-30", "2025-01-15", "MRT"),
        ("2024-09-30", "2026-01-01", "NER"),
    ]
    assert rows(table, "without vote") == [("2025-06-30", "2025-09-30", "USA")]


def test_items_end_as_they_do_or_are_open():
    told = (
        ("2024-01-01", "item_opened", "", "AU/a/0"),
        ("2024-01-01", "item_opened", "", "AU/b/0"),
        ("2024-06-01", "agreed", "MLI;NER", "AU/a/0"),
        ("2024-07-01", "item_opened", "", "AU/a/1"),
        ("2024-09-01", "item_lapsed", "", "AU/a/1"),
    )
    table = life(frames(told), "AU")
    own = table[table["row"].str.startswith("item")]
    assert own[["row", "who", "how"]].values.tolist() == [
        ["item: a", "AU/a/0", "agreed"],
        ["item: b", "AU/b/0", "open"],
        ["item: a", "AU/a/1", "lapsed"],
    ]
    assert own["until"].max() == END


def test_a_chair_holds_over_its_consecutive_rounds():
    chairs = [("2024-02-01", "EGY"), ("2024-05-01", "EGY"), ("2024-08-01", "GHA"),
              ("2024-11-01", "EGY"), ("2025-02-01", "secretariat")]  # fmt: skip
    assert rows(life(frames(chairs=chairs), "AU"), "chair") == [
        ("2024-02-01", "2024-05-01", "EGY"),
        ("2024-08-01", "2024-08-01", "GHA"),
        ("2024-11-01", "2024-11-01", "EGY"),
    ]


def test_a_zombie_and_a_vacant_office_are_spells():
    condition = ["active", "zombie", "zombie", "active", "zombie", *["dissolved"] * 3]
    found = frames(condition=condition, vacant=0)
    found["organisations"]["is_vacant"] = [False] * 6 + [True] * 2
    table = life(found, "AU")
    assert rows(table, "zombie") == [
        ("2024-04-01", "2024-10-01", ""),
        ("2025-01-01", "2025-04-01", ""),
    ]
    assert rows(table, "vacant") == [("2025-07-01", "2026-01-01", "")]


def test_another_organisation_is_refused():
    with pytest.raises(AnalysisError, match=r"unknown organisation 'EU'\. Expected one of: AU"):
        life(frames(), "EU")


def test_names_of_days_lie_neither_on_each_other_nor_on_marks():
    gaps = np.tile([100, 375], 6).cumsum()
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(gaps, unit="D")
    told = frames([(day, "mandate_adopted", "BEN", "") for day in days])
    # A long name of a row makes the axis narrow.
    long = {"date": DAYS[0], "kind": "item_opened", "item": "AU/artificial_intelligence_strategy"}
    told["events"] = pd.concat(
        [told["events"], pd.DataFrame([{**long, "organisation": "AU", "target": ""}])]
    )
    quarters = pd.date_range("2024-01-01", periods=64, freq="QS")
    parts = dict.fromkeys(("delivery", "funding", "capacity", "meetings", "cohesion"), 0.5)
    told["organisations"] = pd.DataFrame({"date": quarters, "organisation": "AU"}).assign(
        condition="active", is_vacant=False, n_members=54, n_without_vote=3, vitality=0.5,
        scenario="a", seed=1, **parts,
    )  # fmt: skip
    figure = figure_life(told, "AU")
    FigureCanvasAgg(figure).draw()
    record = figure.axes[2]
    spans = sorted((one.get_window_extent() for one in record.texts), key=lambda box: box.x0)
    assert len(spans) > 1
    (row,) = [one for one in record.lines if len(one.get_xdata()) == len(days)]
    marks = record.transData.transform([(x, 0) for x in row.get_xdata(orig=False)])[:, 0]
    half = row.get_markersize() / 72 * figure.dpi / 2
    assert not [m for m in marks for box in spans if box.x0 + 1 < m - half < box.x1]
    assert all(one.x1 < other.x0 for one, other in pairwise(spans))
