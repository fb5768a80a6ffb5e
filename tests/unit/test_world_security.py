"""Reading the tables of security: what is known on a day, and faults in one clear sentence."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from sim.errors import ConfigError, DataError, unknown
from sim.world.sanctions import sanctions
from sim.world.security import (
    COLUMNS,
    last_disputes,
    missions,
    read_security_facts,
    security_agreements,
)
from sim.world.tables import parse_table, read_table
from sim.world.treaties import is_current

DAY = date(2024, 1, 1)
BODIES = ("UN", "EU", "AU", "ECOWAS", "OAS", "ARAB_LEAGUE")
INDEX = {code: i for i, code in enumerate(["ARG", "BRA", "CHL", "IND", "PAK"])}
STATES = read_table("states.csv", ["iso3"])
WORLD = {row.text("iso3"): i for i, row in enumerate(STATES)}


def table(name, text):
    return parse_table(f"{name}.csv", text.encode(), COLUMNS[name].split())


def embedded(name):
    return read_table(f"{name}.csv", COLUMNS[name].split())


def nobody(code):
    raise unknown("organisation", code, ["ABACC"])


# ------------------------------------------------------------------ the embedded tables


def test_memory_counts_what_was_known_on_the_first_day():
    later, earlier = (
        last_disputes(embedded("last_disputes"), WORLD, date(y, 1, 1)) for y in (2024, 2018)
    )
    i, j = WORLD["RUS"], WORLD["UKR"]
    assert (earlier[i, j], later[i, j], later[j, i]) == (4, 2, 2)
    assert np.isinf(np.diag(later)).all()
    assert (later == later.T).all()
    assert np.isinf(later[WORLD["CAN"], WORLD["NZL"]])


def test_facts_are_those_of_the_states():
    facts = read_security_facts(embedded("security_states"), WORLD, 2024)
    assert facts.nuclear_status[WORLD["FRA"]] == 3
    assert facts.in_zone[WORLD["BRA"]]
    assert not facts.in_zone[WORLD["EGY"]], "signed Pelindaba only"
    assert facts.coup_memory[WORLD["NER"]] == 1
    assert np.isinf(facts.coup_memory[WORLD["CHE"]])
    assert facts.has_conflict[WORLD["COL"]]
    assert facts.peace[WORLD["COL"]] == 0 < facts.conflict_age[WORLD["COL"]]
    assert not (facts.at_war & ~facts.has_conflict).any()
    assert (facts.gdp_per_head > 300).all()
    assert not (facts.has_conflict & ~facts.had_conflict).any()


def test_missions_and_agreements_of_a_day():
    running = {
        m.name: m
        for m in missions(embedded("peace_missions"), WORLD)
        if is_current(DAY, m.since, m.until)
    }
    assert running["UNMISS"].host == WORLD["SSD"]
    assert running["UNMISS"].personnel > 10_000
    assert "AUSSOM" not in running
    members = {"@": np.zeros(len(WORLD), dtype=bool)}
    there = security_agreements(
        embedded("security_agreements"), WORLD, DAY, lambda code: members["@"]
    )
    assert {"tlatelolco", "guadalajara", "tac", "au_psc", "lome", "new_start"} <= {
        a.id for a in there
    }
    pair = next(a for a in there if a.id == "guadalajara").parties
    assert set(np.flatnonzero(pair)) == {WORLD["ARG"], WORLD["BRA"]}
    after = security_agreements(
        embedded("security_agreements"), WORLD, date(2026, 6, 1), lambda code: members["@"]
    )
    assert "new_start" not in {a.id for a in after}


# ------------------------------------------------------------------ faults


@pytest.mark.parametrize(
    ("line", "says"),
    [("ARG,ARG,1982,war", "with itself"), ("ARG,BRZ,1982,war", "BRZ"),
     ("ARG,BRA,1982,wars", "highest_level holds 'wars'"), ("ARG,BRA,soon,war", "year")],
)  # fmt: skip
def test_bad_disputes_are_refused_where_they_stand(line, says):
    bad = table("last_disputes", f"iso1,iso2,year,highest_level\nARG,CHL,1978,threat\n{line}\n")
    with pytest.raises(DataError, match=says) as caught:
        last_disputes(bad, INDEX, DAY)
    assert "last_disputes.csv line 3" in str(caught.value)


@pytest.mark.parametrize(
    ("line", "says"),
    [("M,UN,,2020-01-01,,10,police", "unknown state"), ("M,UN,XXX,2020-01-01,,10,police", "XXX"),
     ("M,UN,IND,2020-01-01,2019-01-01,10,police", "from 2020-01-01 to 2019-01-01"),
     ("M,UN,IND,,,10,police", "from None"), ("M,UN,IND,2020-01-01,,10,polise", "police"),
     ("M,UN,IND,2020-01-01,,,police", "personnel")],
)  # fmt: skip
def test_bad_missions_are_refused_where_they_stand(line, says):
    head = "mission,body,host,since,until,personnel,kind"
    with pytest.raises(DataError, match=says):
        missions(table("peace_missions", f"{head}\n{line}\n"), INDEX)


@pytest.mark.parametrize(
    ("line", "error", "says"),
    [("a,zonne,ARG,2000-01-01,2000-01-01,,", DataError, "zone"),
     ("a,zone,ARG;BRZ,2000-01-01,2000-01-01,,", DataError, "BRZ"),
     ("a,zone,@ABAC,2000-01-01,2000-01-01,,", ConfigError, "ABACC"),
     ("a,zone,ARG,2000-01-01,soon,,", DataError, "in_force")],
)  # fmt: skip
def test_bad_agreements_are_refused(line, error, says):
    head = "id,kind,parties,signed,in_force,until,organisation"
    with pytest.raises(error, match=says):
        security_agreements(table("security_agreements", f"{head}\n{line}\n"), INDEX, DAY, nobody)


def test_a_missing_state_or_a_status_that_is_none_is_refused():
    whole = embedded("security_states")
    with pytest.raises(DataError, match="no row for XYZ"):
        read_security_facts(whole, {**WORLD, "XYZ": len(WORLD)}, 2024)
    header = ",".join(whole.rows[0].cells)
    cells = {**whole.rows[0].cells, "nuclear_status": "weapon"}
    bad = table("security_states", f"{header}\n{','.join(cells.values())}\n")
    with pytest.raises(DataError, match="weapons"):
        read_security_facts(bad, {"AFG": 0}, 2024)


@pytest.mark.parametrize(
    ("line", "says"),
    [("UNN,ARG,civil,trade,2000-01-01,", "UN"), ("UN,XXX,civil,trade,2000-01-01,", "XXX"),
     ("ARG,ARG,civil,trade,2000-01-01,", "sanctions itself"),
     ("UN,ARG,civl,trade,2000-01-01,", "civil"), ("UN,ARG,civil,traed,2000-01-01,", "trade"),
     ("UN,ARG,civil,trade,,", "from None"),
     ("UN,ARG,civil,trade,2000-01-01,1999-01-01", "from 2000-01-01 to 1999-01-01")],
)  # fmt: skip
def test_bad_sanctions_are_refused_where_they_stand(line, says):
    head = "body,target,occasion,scope,since,until"
    with pytest.raises(DataError, match=says) as caught:
        sanctions(table("sanctions", f"{head}\n{line}\n"), INDEX, ("UN", "EU"), DAY)
    assert "sanctions.csv line 2" in str(caught.value)


def test_sanctions_of_the_day_are_those_that_have_not_ended():
    found = sanctions(embedded("sanctions"), WORLD, BODIES, DAY)
    now = {(one.body, one.target) for one in found if one.since <= DAY}
    assert ("EU", WORLD["RUS"]) in now
    assert ("UN", WORLD["MLI"]) not in now  # renewal was vetoed in August 2023
    assert ("UN", WORLD["IRN"]) in {(one.body, one.target) for one in found if one.since > DAY}
