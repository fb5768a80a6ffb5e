"""The embedded tables of climate: well formed, and in step with published sums."""

from __future__ import annotations

import csv
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.errors import DataError
from sim.world.climate import COLUMNS, KINDS, read_climate
from sim.world.tables import Row, Table

TABLES = Path(sim.__file__).parent / "world" / "tables"


@cache
def rows(table: str) -> tuple[dict[str, str], ...]:
    with (TABLES / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(csv.DictReader(stream))


@pytest.mark.parametrize("table", COLUMNS)
def test_every_column_is_documented_once_with_source_year_and_licence(table: str) -> None:
    told = [row for row in rows("columns_climate") if row["table"] == table]
    assert [row["column"] for row in told] == list(rows(table)[0])
    assert all(value.strip() for row in told for value in row.values())
    assert all(row["year"].isdigit() for row in told)


def test_there_is_a_line_for_each_state() -> None:
    assert [row["iso3"] for row in rows("emissions")] == [row["iso3"] for row in rows("states")]


def test_emissions_add_up_to_those_of_the_world() -> None:
    total = sum(float(row["co2_2021"] or 0) for row in rows("emissions"))
    assert total == pytest.approx(36_100, rel=0.002)  # without ships, aircraft abroad


def test_pledges_have_what_their_kind_needs() -> None:
    for row in rows("climate_pledges"):
        assert row["kind"] in KINDS
        assert (row["low"] == "") == (row["kind"] == "none"), row
        if row["kind"] in ("absolute", "intensity"):
            assert row["base_year"] == "2005" or float(row["base"]) > 0
        assert (row["kind"] == "intensity") == bool(row["growth"])
        if row["low"]:
            assert 0 <= float(row["low"]) <= float(row["high"]) < 100


def faulty(**cells: str) -> dict[str, Table]:
    pledge = dict.fromkeys(COLUMNS["climate_pledges"].split(), "") | {
        **{"party": "AAA", "since": "2020", "until": "2030", "kind": "relative", "low": "10"},
        **cells,
    }
    emitted = {"iso3": "AAA", "co2_2021": "100", "change_since_2005": "0", "annex": ""}
    return {
        "emissions": Table("emissions.csv", (Row("emissions.csv line 2", emitted),), ""),
        "climate_pledges": Table("p.csv", (Row("climate_pledges.csv line 2", pledge),), ""),
    }


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"kind": "relativ"}, "relative"),
        ({"party": "AAB"}, "AAA"),
        ({"kind": "absolute", "base_year": "1990"}, "a number"),
    ],
)
def test_a_fault_is_told_with_its_line(cells: dict[str, str], said: str) -> None:
    with pytest.raises(DataError, match=said) as caught:
        read_climate(faulty(**cells), {"AAA": 0}, date(2024, 1, 1), lambda _: None)
    assert "climate_pledges.csv line 2" in str(caught.value)


def test_what_is_pledged_later_is_not_known_yet() -> None:
    for year, count in ((2019, 0), (2020, 1)):
        found = read_climate(faulty(), {"AAA": 0}, date(year, 1, 1), lambda _: None)
        assert len(found.pledges) == count
    assert found.pledges[0].cut(np.ones(1)) == 0.1
