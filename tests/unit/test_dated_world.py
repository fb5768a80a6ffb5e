"""The world on other days than that of its facts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pytest

from sim.errors import ConfigError
from sim.load import parameter_table, scenario_from, setting_for
from sim.world.loader import FACTS_DATE, FIRST_START, LAST_START, load_world
from sim.world.vintage import vintage
from sim.world.world import World

PARAMETERS = {name: entry.value for name, entry in parameter_table().items()}


@cache
def world(day: date, **changes: float) -> World:
    return load_world(day, None, PARAMETERS | changes)


@pytest.mark.parametrize("day", [date(1946, 1, 1), date(2036, 1, 1)])
def test_a_start_that_the_tables_cannot_stand_for_is_refused(day: date) -> None:
    with pytest.raises(ConfigError, match=f"{FIRST_START} to {LAST_START}"):
        load_world(day, None, PARAMETERS)


def test_pairs_with_a_younger_agreement_trade_less_and_pay_the_full_tariff() -> None:
    early, late = world(date(1993, 10, 1)), world(date(2024, 1, 1))
    usa, mex, can = (early.index[code] for code in ("USA", "MEX", "CAN"))
    assert early.flows[mex, usa] == pytest.approx(late.flows[mex, usa] * np.exp(-0.36))
    assert early.tariffs[mex, usa] == early.mfn[usa] > late.tariffs[mex, usa]
    # Canada and the United States had an agreement before NAFTA.
    assert early.flows[can, usa] == late.flows[can, usa]
    assert early.has_agreement[can, usa]
    assert not early.has_agreement[can, mex]


def test_what_agreements_add_is_a_parameter() -> None:
    whole, none = world(date(1993, 10, 1)), world(date(1993, 10, 1), agreement=0.0)
    usa, mex = whole.index["USA"], whole.index["MEX"]
    assert none.flows[mex, usa] == pytest.approx(whole.flows[mex, usa] * np.exp(0.36))


def test_less_trade_abroad_is_more_at_home() -> None:
    early, late = world(date(1993, 10, 1)), world(date(2024, 1, 1))
    mex = early.index["MEX"]
    assert early.flows[mex, mex] > late.flows[mex, mex]
    assert early.flows[mex].sum() == pytest.approx(late.flows[mex].sum())


def test_a_start_after_the_facts_takes_nothing_out() -> None:
    assert not world(date(2024, 1, 1)).younger_agreements(FACTS_DATE).any()
    assert not world(date(2030, 1, 1)).younger_agreements(FACTS_DATE).any()


def test_agreements_that_were_replaced_bound_in_their_time() -> None:
    early = world(date(2005, 1, 1))
    names = [early.index[code] for code in ("MYS", "THA", "VNM")]
    assert early.has_agreement[np.ix_(names, names)].sum() == 6


@pytest.mark.parametrize(("treaty", "pair"), [("NAFTA", "MEX USA"), ("KOR_USA", "KOR USA")])
def test_pairs_of_a_treaty_left_out_trade_less_and_pay_the_full_tariff(
    treaty: str, pair: str
) -> None:
    day = date(2018, 1, 1)
    having, without = world(day), load_world(day, None, PARAMETERS, without=(treaty,))
    i, j = (having.index[code] for code in pair.split())
    assert without.flows[i, j] == pytest.approx(having.flows[i, j] * np.exp(-0.36))
    assert without.tariffs[i, j] == having.mfn[j] > having.tariffs[i, j]
    others = ~(having.recorded_agreements(day) & ~without.agreement_mask(day))
    np.fill_diagonal(others, val=False)  # what is not sold abroad is sold at home
    assert np.array_equal(without.flows[others], having.flows[others])
    assert np.array_equal(without.tariffs[others], having.tariffs[others])


def test_a_treaty_left_out_today_takes_its_trade_along() -> None:
    day = date(2024, 1, 1)
    having, without = world(day), load_world(day, None, PARAMETERS, without=("KOR_USA",))
    kor, usa = having.index["KOR"], having.index["USA"]
    assert without.flows[kor, usa] == pytest.approx(having.flows[kor, usa] * np.exp(-0.36))


def test_a_treaty_that_is_not_in_the_table_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"world.without: unknown treaty 'NAFT'.*NAFTA"):
        load_world(date(2018, 1, 1), None, PARAMETERS, without=("NAFT",))


def test_bodies_founded_later_have_no_members_and_open_nothing(
    scenario_of: Callable[..., Any], run_of: Callable[..., Any]
) -> None:
    scenario = scenario_of("baseline", "start=2012-10-01", "quarters=2")
    setting = setting_for(scenario, 1)
    for code, charter in scenario.organisation.items():
        members = setting.world.members(code, scenario.start)
        if charter.founded > scenario.start:
            assert not members.any(), code
    assert setting.world.members("EU", scenario.start).sum() == 27
    assert not setting.world.members("CPTPP", scenario.start).any()
    # Talks of the SAARC (1985) and the CPTPP (2018), both due at once.
    due = [f"organisation.{o}.docket.{i}.opens=2012-10-01"
           for o, i in (("SAARC", "sensitive_lists"), ("CPTPP", "general_review"))]  # fmt: skip
    events = run_of("baseline", 1, "start=2012-10-01", "quarters=2", *due)["events"].to_pandas()
    opened = set(events.loc[events["kind"] == "item_opened", "organisation"])
    assert "SAARC" in opened
    assert all(scenario.organisation[code].founded <= scenario.start for code in opened)


def test_red_lines_are_those_of_the_day() -> None:
    def held(day: date) -> set[tuple[str, str]]:
        return {(one.holder, one.matter) for one in world(day).red_lines if one.is_held(day)}

    assert ("IND", "data") in held(date(2024, 1, 1))
    assert ("IND", "data") not in held(date(1994, 10, 1))


def test_a_line_says_which_years_stand_behind_a_world() -> None:
    early, late = vintage(world(date(1993, 10, 1))), vintage(world(date(2024, 1, 1)))
    assert "trade and output" in early
    assert "of 2023" in early
    assert "tariffs of 2019" in early
    assert "as of 1993-10-01" in early
    assert "younger agreements" in early
    assert "younger agreements" not in late


@pytest.fixture
def body(composed: Callable[..., Any]) -> Callable[..., Any]:
    """``body(members=[...])``: a scenario with one body of its own."""
    base = {
        "name": "Talks", "founded": "2010-01-01", "level": "regional", "mandate": ["trade"],
        "decision": {"trade": {"rule": "consensus"}}, "agenda": {"rule": "widest"},
        "exit_notice_months": 6, "secretariat": {"capacity": 1, "meetings_per_year": 4},
        "references": ["invented"],
    }  # fmt: skip

    def make(code: str = "TALKS", **changes: Any) -> Any:
        mapping = composed("baseline", start="2010-01-01", quarters=2)
        return scenario_from({**mapping, "organisation": {code: {**base, **changes}}})

    return make


def test_a_charter_may_name_the_members_of_a_body_of_its_own(body: Callable[..., Any]) -> None:
    setting = setting_for(body(members=["@EU", "JPN"]), 1)
    members = set(setting.axes.names(setting.world.members("TALKS", date(2010, 1, 1))))
    assert {"JPN", "DEU", "GBR"} <= members
    assert "HRV" not in members  # joined in 2013
    assert len(members) == 28


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"members": ["JPX", "USA"]}, "JPN"),
        ({"members": ["@EUU", "USA"]}, "'EU'"),
        ({"members": ["JPN", "USA"], "founded": "2012-01-01"}, "after the start"),
        ({"members": ["JPN", "USA"], "code": "AGADIR"}, "in the table of memberships"),
    ],
)
def test_members_that_cannot_be_are_refused(
    body: Callable[..., Any], changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        setting_for(body(**changes), 1)
