"""What the kernels of conflict give from the start of 2024, beside what was counted.

Intervals are wide where the world has changed since the years counted; `tools/security/validate.py`
prints all rates with theirs.
"""

from __future__ import annotations

import importlib
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from sim.kernels.conflict import disputes, third_parties
from sim.kernels.conflict.rates import coefficients

FOLDER = Path(__file__).parents[2] / "tools" / "security"
REPLICATIONS = 12


@pytest.fixture(scope="module")
def tools():
    sys.path.insert(0, str(FOLDER))
    try:
        yield importlib.import_module("validate"), importlib.import_module("security_rates")
    finally:
        sys.path.remove(str(FOLDER))


@pytest.fixture(scope="module")
def start(tools):
    return tools[1].base()


@pytest.fixture(scope="module")
def seen(tools):
    return tools[0].observed()


@pytest.fixture(scope="module")
def simulated(tools, start):
    validate, rates = tools
    events = rates.simulate_disputes(start, REPLICATIONS)
    return validate.dispute_rows(start, events, REPLICATIONS)


@pytest.fixture(scope="module")
def inside(tools, start):
    return tools[1].simulate_states(start, REPLICATIONS, 1.0)


ALL = "all politically relevant pairs"


@pytest.mark.parametrize(
    ("measure", "within"),
    [("share_display", 0.06), ("share_force", 0.06), ("share_war", 0.012), ("share_threat", 0.012),
     ("share_negotiated", 0.03), ("share_imposed", 0.012), ("duration_mean", 40),
     ("duration_median", 10)],
)  # fmt: skip
def test_levels_lengths_and_settlements_are_those_counted(simulated, seen, measure, within):
    assert simulated[measure, ALL].mean() == pytest.approx(
        seen["dispute", measure, ALL][0], abs=within
    )


def test_onset_is_below_that_of_the_cold_war_and_near_that_after_it(simulated):
    # 0.0213 a year 1946-2000, .0186 in 1990-2014 (CoW MID 5.0)
    assert 0.0186 * 0.6 < simulated["onset", ALL].mean() < 0.0213


def test_classes_of_pairs_are_in_the_order_counted(simulated, seen):
    names = [
        "land-contiguous, rivals",
        "rivals, not land-contiguous",
        "land-contiguous, not rivals",
        "sea-contiguous (up to 400 miles), not rivals",
        "major power with non-contiguous non-rival",
    ]
    counted = [seen["dispute", "onset", name][0] for name in names]
    found = [simulated["onset", name].mean() for name in names]
    assert counted == sorted(counted, reverse=True)
    assert found == sorted(found, reverse=True)
    again = [simulated["recurrence_5y", name].mean() for name in names]
    assert again[0] == max(again)


def test_democracies_seldom_fall_out(simulated):
    names = (
        "both democratic (lower polyarchy >= 0.5), contiguous",
        "not both democratic, contiguous",
    )
    both, not_both = (simulated["onset", name].mean() for name in names)
    assert both < not_both / 3


def test_rivals_recur_as_often_as_counted(simulated, seen):
    name = ("recurrence_5y", "rivals, all")
    assert simulated[name].mean() == pytest.approx(seen["dispute", *name][0], abs=0.06)


def test_states_in_civil_conflict_are_as_many_as_seen(inside):
    # 24 to 37 a year; 23 to 31 in 1995-2010
    assert 24 < inside["civil_conflict", "states_in_conflict", "mean"].mean() < 37
    assert 5 < inside["civil_conflict", "states_in_war", "mean"].mean() < 14


def test_conflicts_end_more_rarely_since_2011(tools, start, inside):
    factor = start.values["civil_end_factor_since_2011"]
    later = tools[1].simulate_states(start, REPLICATIONS, factor)
    key = ("civil_conflict", "states_in_conflict", "mean")
    assert later[key].mean() > inside[key].mean() + 4


def test_coups_are_as_many_as_seen_and_of_middling_democracies(inside, seen):
    found = inside["coup", "attempts", "mean"].mean()
    assert 1.5 < found < seen["coup", "attempts", "mean"][0] * 1.3
    assert inside["coup", "attempt", "polyarchy >= 0.6"].mean() < 0.008


@pytest.mark.parametrize("mediated", [True, False])
def test_crises_end_in_agreement_as_often_as_counted(start, seen, mediated):
    # shares of violence and protraction in the 323 crises; five actors
    clashes = np.array([0.0, 1.0, 0.0]).repeat(2)
    serious = np.array([0.0, 0.0, 1.0]).repeat(2)
    protracted = np.tile([1.0, 0.0], 3)
    weight = np.array([80, 97, 146]).repeat(2) * np.tile([196, 127], 3)
    crisis = third_parties.Crisis(clashes, serious, protracted, np.full(6, 5.0))
    model = coefficients(third_parties.Agreement, start.values)
    share = np.average(model.chance(crisis, np.full(6, mediated)), weights=weight)
    name = "mediated" if mediated else "not mediated"
    assert share == pytest.approx(seen["mediation", "agreement", name][0], abs=0.06)


def test_memory_foresees_who_fell_out_since_2015(tools, start):
    with_memory, without, n = tools[0].auc_since_2015(start)
    assert n >= 45
    assert with_memory > 0.93
    assert with_memory > without + 0.02


def test_all_pairs_cost_less_than_three_milliseconds_a_quarter(start, tools):
    model = coefficients(disputes.Onset, start.values)
    since = tools[1].years_since(start, start.start)
    index, times = model.index(start.traits), []
    uniform, none = np.full(since.size, 0.5), np.zeros(since.size, bool)
    for _ in range(30):
        begun = time.perf_counter()
        chance = disputes.onset_per_quarter(
            index, disputes.memory_of(since), weight=model.memory
        )  # fmt: skip
        disputes.start(chance, uniform, none)
        times.append(time.perf_counter() - begun)
    assert since.size > 1000
    assert min(times) < 0.003
