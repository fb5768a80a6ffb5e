"""Base rates of institutions from tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.institutions import institution_rates

STEPS = 16  # four years, of which two are free of what is given
GROUPS = {"both": ["AAA", "BBB"], "one": ["AAA"]}
BODIES = {"own": ["X", "Y"], "regional economic organisations": ["Y"], "suspending": ["X"]}


def _days(step):
    return pd.Timestamp("2024-01-01") + pd.DateOffset(months=3 * int(step))


def _tables(events, agreements=()):
    steps = np.repeat(np.arange(STEPS), 2)
    dates = [_days(step) for step in steps]
    exits = np.where((steps == 9) & (np.arange(2 * STEPS) % 2 == 0), "regular", "none")
    states = {"step": steps, "date": dates, "state": ["AAA", "BBB"] * STEPS, "leader_exit": exits}
    bodies = {"step": steps, "date": dates, "organisation": ["X", "Y"] * STEPS,
              "n_members": [30, 5] * STEPS, "condition": ["active", "zombie"] * STEPS}  # fmt: skip
    names = ("kind", "date", "organisation", "agreement", "step")
    frame = pd.DataFrame([*events, ("other", "2027-12-31", "", "", 15)], columns=names)
    frame["date"] = pd.to_datetime(frame["date"])
    columns = ("agreement", "area", "is_initial", "signed", "in_force", "status")
    return {
        "states": pd.DataFrame(states),
        "organisations": pd.DataFrame(bodies),
        "events": frame,
        "agreements": pd.DataFrame(list(agreements), columns=columns),
    }


def _rates(*events, agreements=()):
    return institution_rates(_tables(events, agreements), GROUPS, BODIES)


def test_leaders_are_counted_by_year_once_chance_decides():
    found = _rates()
    assert found["leader", "left_in_year", "one"] == pytest.approx(1 / 2)
    assert found["leader", "left_in_year", "both"] == pytest.approx(1 / 4)


def test_a_wave_of_exits_is_none_of_lone_ones():
    days = ("2026-02-01", "2026-03-01", "2026-04-01")
    wave = [("exit_announced", day, "X", "", 8) for day in days]
    given = ("exit_announced", "2024-03-01", "Y", "", 0)
    found = _rates(given, *wave, ("exit_announced", "2027-03-01", "Y", "", 12))
    spent = 2 * (30 + 5)
    assert found["membership", "withdrawals", "own"] == pytest.approx(4 / spent)
    assert found["membership", "lone_withdrawals", "own"] == pytest.approx(1 / spent)


def test_joins_and_suspensions_are_counted_by_year():
    found = _rates(
        ("join", "2025-01-01", "Y", "", 4),
        ("join", "2025-01-01", "ELSEWHERE", "", 4),
        ("suspended", "2025-01-01", "X", "", 4),
        ("suspended", "2025-01-01", "Y", "", 4),
    )
    assert found["membership", "accessions", "own"] == pytest.approx(1 / 4)
    assert found["membership", "suspensions", "X"] == pytest.approx(1 / 4)


def test_ends_are_counted_by_size_and_zombies_among_the_living():
    found = _rates(("dissolved", "2026-01-01", "Y", "", 8))
    assert found["organisation", "dissolved", "up to 25 members"] == pytest.approx(1 / 4)
    assert found["organisation", "dissolved", "26 members or more"] == 0.0
    assert found["organisation", "zombies", "regional economic organisations"] == 1.0


def test_what_binds_at_once_is_not_ratified_and_late_treaties_are_not_judged():
    day = pd.Timestamp
    found = _rates(
        ("signed", "2024-02-01", "X", "X/a/0", 0),
        ("ratified", "2024-02-01", "X", "X/a/0", 0),
        ("ratified", "2024-02-11", "X", "X/a/0", 0),
        ("signed", "2024-02-01", "X", "X/health/0", 0),
        ("ratified", "2026-02-01", "X", "X/health/0", 8),
        agreements=[
            ("X/a/0", "trade", False, day("2024-02-01"), day("2025-01-01"), "in_force"),
            ("X/b/0", "trade", False, day("2024-03-01"), pd.NaT, "lapsed"),
            ("X/c/0", "trade", False, day("2027-06-01"), pd.NaT, "signed"),
            ("X/d/0", "trade", True, day("2020-01-01"), day("2020-01-01"), "in_force"),
            ("X/health/0", "health", False, day("2024-02-01"), pd.NaT, "signed"),
        ],
    )
    assert found["ratification", "days_median", "trade treaties of several states"] == 10
    assert found["ratification", "never_in_force", "trade treaties"] == pytest.approx(1 / 2)
