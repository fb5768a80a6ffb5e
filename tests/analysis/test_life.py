"""An organisation's life: spells that began before the run or go on after it, and days."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.errors import AnalysisError
from analysis.life import life

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
