"""Crises, their mediators and their ends in whole runs beside those that ICB and MID counted."""

from __future__ import annotations

import pandas as pd
import pytest

from sim.world.tables import read_table

YEARS = 12


@pytest.fixture(scope="module")
def counted():
    table = read_table("security_observed.csv", ["process", "measure", "group", "value"])
    return {
        (row.text("process"), row.text("measure"), row.text("group")): row.number("value")
        for row in table
    }


@pytest.fixture(scope="module")
def ended(run_of, only):
    """Disputes that ended in two runs, with whether somebody mediated."""
    found = []
    for seed in (1, 2):
        tables = run_of("baseline", seed, *only("UN", "OAS", "ARAB_LEAGUE", "AU"),
                        f"quarters={4 * YEARS}")  # fmt: skip
        disputes = tables["disputes"].to_pandas().groupby("dispute").tail(1)
        asked = tables["third_parties"].to_pandas()
        asked = asked[(asked["outcome"] == "accepted") & (asked["instrument"] != "arbitration")]
        asked = asked[asked["against"] != ""]
        both = disputes.merge(asked[["state", "against", "day"]], on=["state", "against"])
        taken_up = both[(both["day"] >= both["began"]) & (both["ended"] >= both["day"])]["dispute"]
        disputes["mediated"] = disputes["dispute"].isin(taken_up)
        found.append(disputes[disputes["ended"].notna()])
    frame = pd.concat(found)
    return frame.assign(agreed=frame["settlement"] == "negotiated")


def test_only_crises_find_mediators(ended):
    assert ended["mediated"].any()
    assert ended.loc[ended["mediated"], "is_crisis"].all()


def test_as_many_crises_find_a_mediator_as_were_counted(ended):
    crises = ended[ended["is_crisis"]]
    assert crises["mediated"].mean() == pytest.approx(113 / 323, abs=0.13)
    assert len(crises) / (2 * YEARS) == pytest.approx(323 / 55, rel=0.35)


def test_agreements_with_and_without_a_mediator_are_those_counted(ended, counted):
    crises = ended[ended["is_crisis"]]
    for mediated, group in ((True, "mediated"), (False, "not mediated")):
        share = crises.loc[crises["mediated"] == mediated, "agreed"].mean()
        assert share == pytest.approx(counted["mediation", "agreement", group], abs=0.16)
    everything = counted["dispute", "share_negotiated", "all politically relevant pairs"]
    assert ended["agreed"].mean() == pytest.approx(everything, abs=0.04)
