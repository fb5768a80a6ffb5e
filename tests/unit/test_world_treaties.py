"""Membership and treaties on a day; red lines; rows of tables."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from sim.errors import ConfigError, DataError
from sim.world.matters import read_matters, read_red_lines
from sim.world.tables import Row, parse_table, read_table
from sim.world.treaties import bound_pairs, read_memberships, read_treaties

INDEX = {"AAA": 0, "BBB": 1, "CCC": 2, "DDD": 3}
DAY = date(2024, 1, 1)
HEADER = "id,name,kind,side_a,side_b,signed,in_force,until,organisation,source\n"


def _members(organisation):
    return np.array({"ORG": [True, True, False, False]}[organisation])


def _bound(line, day=DAY):
    table = parse_table("treaties.csv", (HEADER + line + "\n").encode(), [])
    nobody = np.zeros(4, dtype=bool)
    return bound_pairs(read_treaties(table, INDEX, ("ORG",)), day, _members, lambda _: nobody, 4)


def _pairs(mask):
    return {(int(i), int(j)) for i, j in np.argwhere(mask) if i < j}


def test_one_side_binds_all_pairs_within_it():
    mask = _bound("t,T,FTA,AAA;BBB;DDD,,2000-01-01,2001-01-01,,,s")
    assert _pairs(mask) == {(0, 1), (0, 3), (1, 3)}
    assert np.array_equal(mask, mask.T)
    assert not mask.diagonal().any()


def test_two_sides_bind_across_and_not_within():
    assert _pairs(_bound("t,T,FTA,@ORG,CCC,2000-01-01,2001-01-01,,,s")) == {(0, 2), (1, 2)}


def test_a_treaty_binds_from_its_entry_into_force_until_its_end():
    line = "t,T,FTA,AAA;BBB,,2000-01-01,2010-06-01,2020-06-01,,s"
    assert not _bound(line, date(2010, 5, 31)).any()
    assert _bound(line, date(2010, 6, 1)).any()
    assert _bound(line, date(2020, 5, 31)).any()
    assert not _bound(line, date(2020, 6, 1)).any()
    assert not _bound("t,T,FTA,AAA;BBB,,2000-01-01,,,,s").any()


def test_an_agreement_on_services_only_leaves_goods_alone():
    assert not _bound("t,T,EIA,AAA;BBB,,2000-01-01,2010-06-01,,,s").any()


@pytest.mark.parametrize(
    ("line", "error", "message"),
    [
        ("t,T,FTA,AAA;BBX,,2000-01-01,2001-01-01,,,s", DataError, "line 2: unknown state 'BBX'"),
        ("t,T,FTA,@ORK,,2000-01-01,2001-01-01,,,s", ConfigError, "line 2: .*'ORK'.*'ORG'"),
        ("t,T,FTA,AAA;BBB,,2000-13-01,2001-01-01,,,s", DataError, "line 2: column signed"),
        ("t,T,FTA,AAA;BBB,,2000-01-01,,,s", DataError, "line 2: 9 cells. Expected 10"),
    ],
)
def test_bad_treaties_are_refused_by_line(line, error, message):
    with pytest.raises(error, match=message):
        _bound(line)


def test_memberships_leave_territories_out_and_refuse_unknown_codes_and_turned_spells():
    def read(line):
        text = f"organisation,state,joined,left\n{line}\n"
        return read_memberships(parse_table("m.csv", text.encode(), []), INDEX)

    assert len(read("ORG,AAA,1990-01-01,")) == 1
    assert read("ORG,COK,1990-01-01,") == ()
    with pytest.raises(DataError, match=r"m.csv line 2: unknown state 'AAB'.*'AAA'"):
        read("ORG,AAB,1990-01-01,")
    with pytest.raises(DataError, match="left on 1980-01-01, joined on 1990-01-01"):
        read("ORG,AAA,1990-01-01,1980-01-01")


def test_red_lines_of_a_union_bind_its_members():
    columns = "id,name,from_depth,trade_share,trade_share_low,trade_share_high,applies_to,source\n"
    matters = read_matters(
        parse_table(
            "matters.csv", (columns + "farm,Farm,5,.1,.05,.2,trade;digital,s\n").encode(), []
        )
    )
    assert matters["farm"].from_depth == pytest.approx(0.05)
    assert matters["farm"].applies_to == ("trade", "digital")

    def read(line):
        text = f"state,matter,since,until,strength,source\n{line}\n"
        return read_red_lines(parse_table("r.csv", text.encode(), []), INDEX, matters, _members)

    (line,) = read("@ORG,farm,2000,,0.5,s")
    assert line.states == (0, 1)
    assert line.strength == 0.5
    assert line.is_held(DAY)
    assert not line.is_held(date(1999, 12, 31))
    with pytest.raises(DataError, match=r"unknown matter 'frm'.*'farm'"):
        read("AAA,frm,2000,,1,s")
    with pytest.raises(DataError, match="unknown state 'AAB'"):
        read("AAB,farm,2000,,1,s")


@pytest.mark.parametrize("cell", ["", "x", "nan", "inf"])
def test_a_cell_that_is_no_number_is_refused_where_it_stands(cell):
    with pytest.raises(DataError, match=r"t.csv line 9: column gdp holds"):
        Row("t.csv line 9", {"gdp": cell}).number("gdp")


def test_yes_no_and_dates():
    row = Row("t line 2", {"a": "1", "b": "", "c": "maybe", "d": "1959.0", "e": "12 May"})
    assert row.truth("a")
    assert not row.truth("b")
    assert row.day("d") == date(1959, 1, 1)
    assert row.day("b") is None
    assert row.number_or("b", 7.0) == 7.0
    with pytest.raises(DataError, match="Expected 1 or 0"):
        row.truth("c")
    with pytest.raises(DataError, match="Expected a date"):
        row.day("e")


def test_missing_tables_and_columns_are_named():
    with pytest.raises(DataError, match=r"nowhere.csv: the embedded table is missing"):
        read_table("nowhere.csv", [])
    with pytest.raises(DataError, match=r"t.csv: column 'gdp' is missing. Expected 'gpd'"):
        parse_table("t.csv", b"iso3,gpd\n", ["gdp"])
