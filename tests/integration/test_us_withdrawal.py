"""The United States withdraws: what happens when, and what follows from it."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

BODIES = ("WHO", "PARIS", "UNHRC", "UNESCO", "UN")
QUARTER = {"2024Q4": 3, "2025Q1": 4, "2025Q2": 5, "2025Q3": 6, "2025Q4": 7, "2026Q1": 8}


@pytest.fixture(scope="module")
def runs(run_of, only):
    """Response → tables of two and a half years with the bodies concerned alone."""
    # Conflict moves trade, and so does what is agreed on digital rules.
    costs = ("dispute_costs", "civil_costs", "sanctions", "digital_rules")
    calm = tuple(f"switches.{name}=false" for name in costs)
    # nor do Argentina and Nicaragua, who leave as well
    alone = (f"organisation.{code}.withdrawals=[]" for code in ("WHO", "UNESCO"))
    kept = (*only(*BODIES), *calm, *alone, "quarters=10")
    return {
        "none": run_of("us_withdrawal", 1, *kept),
        "retaliate": run_of("us_withdrawal", 1, *kept, "response=retaliate"),
        "baseline": run_of("baseline", 1, *kept),
    }


def _events(tables, kind):
    return [e for e in tables["events"].to_pylist() if e["kind"] == kind]


def _at(tables, table, column, quarter, **where):
    rows = [r for r in tables[table].to_pylist() if r["step"] == QUARTER[quarter]]
    found = [r[column] for r in rows if all(r[k] == v for k, v in where.items())]
    assert len(found) == 1
    return found[0]


def test_exits_are_announced_on_their_days(runs):
    found = {e["organisation"]: e["date"] for e in _events(runs["none"], "exit_announced")}
    assert found == {
        "PARIS": date(2025, 1, 20),
        "WHO": date(2025, 1, 20),
        "UNHRC": date(2025, 2, 4),
    }


def test_exits_take_effect_after_the_notice_of_the_charter(runs):
    """Paris Agreement Art. 28 and the joint resolution of 1948 on the WHO: one year."""
    exits = _events(runs["none"], "exit")
    assert {(e["actor"], e["organisation"], e["date"]) for e in exits} == {
        ("USA", "PARIS", date(2026, 1, 20)),
        ("USA", "WHO", date(2026, 1, 20)),
        ("USA", "UNHRC", date(2025, 2, 4)),
    }
    assert runs["none"]["summary"]["withdrawals"].to_pylist() == [0, 0, 0, 0, 1, 1, 1, 1, 3, 3]


@pytest.mark.parametrize(
    ("body", "last_quarter", "first_without"),
    [("WHO", "2025Q4", "2026Q1"), ("PARIS", "2025Q4", "2026Q1"), ("UNHRC", "2024Q4", "2025Q1")],
)
def test_a_member_counts_until_its_exit_takes_effect(body, last_quarter, first_without, runs):
    count = [
        _at(runs["none"], "organisations", "n_members", quarter, organisation=body)
        for quarter in (last_quarter, first_without)
    ]
    assert count[0] - count[1] == 1
    usual = _at(runs["baseline"], "organisations", "n_members", first_without, organisation=body)
    assert usual - count[1] == 1


def test_the_us_loses_its_memberships_and_nobody_else_does(runs):
    def count(tables, state):
        return _at(tables, "states", "n_organisations", "2026Q1", state=state)

    assert count(runs["baseline"], "USA") - count(runs["none"], "USA") == 3
    for state in ("DEU", "CHN", "ARG", "RWA"):
        assert count(runs["baseline"], state) == count(runs["none"], state)


def test_tariffs_come_in_the_second_quarter_of_2025(runs):
    tariff = {q: _at(runs["none"], "summary", "us_tariff", q) for q in QUARTER}
    assert tariff["2024Q4"] == pytest.approx(tariff["2025Q1"])
    assert tariff["2025Q2"] - tariff["2025Q1"] > 5
    assert tariff["2025Q2"] == pytest.approx(tariff["2026Q1"])
    (event,) = _events(runs["none"], "tariff")
    assert (event["date"], event["actor"], event["target"]) == (date(2025, 4, 5), "USA", "all")


def test_the_tariffs_are_those_of_the_schedule(runs, setting):
    usa = setting.axes.state("USA")
    bought = np.delete(setting.economy.flows[:, usa], usa)
    added = np.delete(setting.world.schedule("us_tariffs_2025"), usa)
    rise = np.subtract(
        *(_at(runs["none"], "summary", "us_tariff", q) for q in ("2025Q2", "2025Q1"))
    )
    assert rise == pytest.approx(100 * bought @ added / bought.sum(), rel=1e-6)


def test_others_charge_what_they_did_before_unless_they_retaliate(runs):
    def charged(response, quarter, state):
        return _at(runs[response], "states", "tariff_charged", quarter, state=state)

    for state in ("CHN", "DEU", "JPN"):
        before = charged("none", "2025Q2", state)
        assert before == pytest.approx(charged("none", "2025Q1", state), abs=0.5)
        assert charged("retaliate", "2025Q2", state) == pytest.approx(before)  # from July only
    assert charged("retaliate", "2025Q3", "CHN") > charged("none", "2025Q3", "CHN") + 0.5


def test_the_who_loses_the_share_of_the_us_and_capacity_with_it(runs, setting):
    share = setting.charter("WHO").budget.shares["USA"]
    for quarter in ("2025Q1", "2025Q4", "2026Q1"):  # withheld first, then gone
        funding = _at(runs["none"], "organisations", "funding", quarter, organisation="WHO")
        assert funding == pytest.approx(1 - share, abs=1e-9)
        capacity = _at(runs["none"], "organisations", "capacity", quarter, organisation="WHO")
        full = setting.charter("WHO").secretariat.capacity
        paid = full * (1 - share) ** setting["funding_elasticity"]
        assert 0.95 * paid < capacity <= paid + 1e-12  # and a little less as the body loses life
        assert capacity < full
    assert _at(runs["none"], "organisations", "funding", "2024Q4", organisation="WHO") == 1.0


@pytest.mark.parametrize(("body", "withheld"), [("UNESCO", 0.5), ("UN", 0.25)])
def test_bodies_under_review_lose_a_part(body, withheld, runs, setting):
    share = setting.charter(body).budget.shares["USA"]
    funding = _at(runs["none"], "organisations", "funding", "2025Q2", organisation=body)
    assert funding == pytest.approx(1 - withheld * share, abs=1e-9)


def test_vitality_of_the_who_declines_and_of_other_bodies_does_not(runs):
    def vitality(response, body):
        return [
            r["vitality"]
            for r in runs[response]["organisations"].to_pylist()
            if r["organisation"] == body
        ]

    gap = np.subtract(vitality("baseline", "WHO"), vitality("none", "WHO"))
    assert (gap[:4] == 0).all()
    assert (np.diff(gap[4:]) > 0).all()
    np.testing.assert_array_equal(vitality("none", "WHO")[:4], vitality("retaliate", "WHO")[:4])


def test_the_new_president_is_felt_from_the_day_in_office(runs):
    orientation = [
        _at(runs["none"], "states", "orientation", quarter, state="USA") for quarter in QUARTER
    ]
    assert orientation == [0, 2, 2, 2, 2, 2]


def test_world_trade_falls_and_falls_further_with_retaliation(runs):
    change = {r: _at(runs[r], "summary", "world_trade_change", "2025Q3") for r in runs}
    assert change["retaliate"] < change["none"] < -1 < change["baseline"]
    assert abs(change["baseline"]) < 1e-9


def test_retaliation_costs_the_us_and_the_world(runs):
    for measure in ("welfare_usa", "world_welfare"):
        value = {r: _at(runs[r], "summary", measure, "2025Q3") for r in runs}
        assert value["retaliate"] < value["none"]
    assert _at(runs["retaliate"], "summary", "welfare_usa", "2025Q3") < 0


def test_retaliation_is_felt_only_from_its_quarter_on(runs):
    for quarter in ("2025Q1", "2025Q2"):
        values = [_at(runs[r], "summary", "world_trade", quarter) for r in ("none", "retaliate")]
        assert values[0] == values[1]


def test_those_hit_hardest_lose_most(runs, setting):
    """Welfare losses go with the added tariff weighted by how much one sells to the US."""
    rows = [r for r in runs["none"]["states"].to_pylist() if r["step"] == QUARTER["2025Q3"]]
    usa = setting.axes.state("USA")
    flows = setting.economy.flows
    exposure = setting.world.schedule("us_tariffs_2025") * flows[:, usa] / flows.sum(axis=1)
    welfare = np.array([r["welfare"] for r in rows])
    others = np.arange(len(rows)) != usa
    assert np.corrcoef(exposure[others], welfare[others])[0, 1] < -0.7
    assert welfare[setting.axes.state("KHM")] < welfare[setting.axes.state("GBR")] < 0


@pytest.fixture(scope="module")
def applied(run_of, only):
    """The tariffs and answers as they came, the bodies concerned alone."""
    choices = ("tariffs=as_applied", "response=as_seen")
    return run_of("us_withdrawal", 1, *only(*BODIES), "quarters=10", *choices)


def test_the_tariffs_as_applied_rise_fall_and_stay(applied):
    tariff = {q: _at(applied, "summary", "us_tariff", q) for q in QUARTER}
    rise = {q: tariff[q] - tariff["2024Q4"] for q in QUARTER}
    assert 1 < rise["2025Q1"] < 5  # China from February, Canada, Mexico and metals in March
    assert rise["2025Q2"] > max(rise["2025Q1"], rise["2025Q3"], rise["2026Q1"])  # the spike
    assert 9 < rise["2026Q1"] < 16
    later = applied["summary"]["us_tariff"].to_pylist()[QUARTER["2026Q1"] :]
    assert later == pytest.approx([later[0]] * len(later))


def test_those_who_answered_charge_more_and_the_eu_does_not(applied, runs):
    def charged(quarter, state, tables=applied):
        return _at(tables, "states", "tariff_charged", quarter, state=state)

    for quarter in ("2025Q1", "2025Q2", "2025Q3", "2026Q1"):
        assert charged(quarter, "CHN") > charged("2024Q4", "CHN")
    assert charged("2025Q2", "CAN") > charged("2025Q4", "CAN") > charged("2024Q4", "CAN")
    usual = charged("2025Q2", "DEU", runs["none"])
    assert charged("2025Q2", "DEU") == pytest.approx(usual, abs=0.3)
    # Nothing is left of the spike but the quarter: exports of the United States come back.
    sold = [_at(applied, "states", "exports", q, state="USA") for q in ("2025Q2", "2025Q3")]
    assert sold[0] < sold[1]


def test_tariff_events_stand_on_their_days(applied):
    days = [(e["date"], e["actor"]) for e in _events(applied, "tariff")]
    assert days == sorted(days, key=lambda pair: pair[0])
    assert (date(2025, 2, 4), "USA") in days
    assert (date(2025, 4, 12), "CHN") in days
    assert (date(2025, 9, 1), "CAN") in days
