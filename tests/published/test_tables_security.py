"""The embedded tables and estimates of security: well formed, and in step with published facts."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import fields
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path

import pytest
import yaml

import sim
from sim.kernels.conflict import civil, coups, disputes, nuclear, third_parties
from sim.load import Parameter
from sim.mechanism import mechanisms

TABLES = Path(sim.__file__).parent / "world" / "tables"
NAMES = (
    "last_disputes",
    "open_disputes",
    "security_states",
    "nuclear_programmes",
    "peace_missions",
    "sanctions",
    "security_agreements",
    "security_observed",
)
MODELS = (
    *(disputes.Onset, disputes.Force, disputes.Deaths, disputes.Reciprocated, disputes.Negotiated),
    *(civil.CivilOnset, civil.CivilEnd, civil.CivilRecurrence, civil.WarLevel, coups.Coup),
    *(third_parties.Mediated, third_parties.Agreement, third_parties.Quiet),
    *(third_parties.ArbitrationTerms, nuclear.NuclearRates),
)
LEVELS = ("threat", "display", "force", "war")
# What is no coefficient of a model: numbers that kernels take by keyword.
KEYWORDS = {
    *(f"dispute_{m}_{n}" for n in LEVELS
      for m in ("duration_median", "duration_mean", "negotiated_at", "imposed")),
    *(f"conflict_{m}_{n}" for n in LEVELS for m in ("trade_fall", "income_loss")),
    *(f"mediation_{style}" for style in ("facilitation", "formulation", "manipulation")),
    "dispute_threat_below_force", "dispute_war_of_force", "dispute_stages_per_quarter",
    "civil_end_factor_since_2011", "civil_quiet_years", "civil_starts_at_war", "coup_success",
    "arms_reaction", "arms_fatigue", "civil_income_loss_war", "civil_income_loss_minor",
}  # fmt: skip


@cache
def rows(table: str) -> tuple[dict[str, str], ...]:
    with (TABLES / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(csv.DictReader(stream))


@cache
def estimates() -> dict[str, dict]:
    folder = resources.files("scenarios")
    found: dict[str, dict] = {}
    for part in ("estimates", "parameters"):  # not yet read by a mechanism, and read
        found |= yaml.safe_load((folder / part / "security.yaml").read_text("utf-8"))
    return found


def states() -> set[str]:
    return {row["iso3"] for row in rows("states")}


# ------------------------------------------------------------------ form


@pytest.mark.parametrize("table", NAMES)
def test_every_column_is_documented_once_with_source_year_and_licence(table: str) -> None:
    told = [row for row in rows("columns_security") if row["table"] == table]
    assert [row["column"] for row in told] == list(rows(table)[0])
    assert all(value.strip() for row in told for value in row.values())
    assert all(row["year"].isdigit() for row in told)


@pytest.mark.parametrize("table", NAMES)
def test_no_cell_is_empty_unless_emptiness_has_a_meaning(table: str) -> None:
    told = {r["column"]: r["meaning"] for r in rows("columns_security") if r["table"] == table}
    for row in rows(table):
        assert all(value or "empty:" in told[column] for column, value in row.items()), row


@pytest.mark.parametrize("table", NAMES)
def test_nothing_is_carried_over_from_sources_whose_terms_forbid_it(table: str) -> None:
    told = [r["source"] for r in rows("columns_security") if r["table"] == table]
    assert not any(name in text for text in told for name in ("SIPRI", "SWIID"))


@pytest.mark.parametrize("table", ["peace_missions", "security_agreements"])
def test_dates_are_days_in_order(table: str) -> None:
    begin, end = ("since", "until") if table == "peace_missions" else ("in_force", "until")
    for row in rows(table):
        first = date.fromisoformat(row[begin])
        assert not row[end] or first < date.fromisoformat(row[end])
        assert date.fromisoformat(row.get("signed", row[begin])) <= first


# ------------------------------------------------------------------ facts


def test_disputes_are_of_two_states_once_a_year() -> None:
    keys = [(r["iso1"], r["iso2"], r["year"]) for r in rows("last_disputes")]
    assert len(set(keys)) == len(keys)
    assert all(one < two and {one, two} <= states() for one, two, _ in keys)
    assert {r["highest_level"] for r in rows("last_disputes")} == set(LEVELS)
    old = Counter((r["iso1"], r["iso2"]) for r in rows("last_disputes") if r["year"] < "2015")
    assert len(old) == 476
    assert max(old.values()) == 1, "one row a pair to 2014"


@pytest.mark.parametrize(
    ("pair", "year", "level"),
    [("RUS UKR", 2022, "war"), ("ARM AZE", 2020, "war"), ("CHN IND", 2020, "force"),
     ("IND PAK", 2025, "force"), ("KHM THA", 2025, "force"), ("GUY VEN", 2023, "threat"),
     ("ECU PER", 1998, None), ("ETH SDN", 2020, "force"), ("KGZ TJK", 2022, "force")],
)  # fmt: skip
def test_known_disputes_are_there(pair: str, year: int, level: str | None) -> None:
    found = [r for r in rows("last_disputes") if f"{r['iso1']} {r['iso2']}" == pair]
    here = [r for r in found if int(r["year"]) == year]
    assert here if level else found
    assert not level or here[0]["highest_level"] == level


def test_states_are_complete_and_statuses_are_those_known() -> None:
    table = {r["iso3"]: r for r in rows("security_states")}
    assert set(table) == states()
    armed = {s for s, r in table.items() if r["nuclear_status"] == "weapons"}
    assert armed == {"USA", "RUS", "CHN", "GBR", "FRA", "IND", "PAK", "ISR", "PRK"}
    outside = {s for s, r in table.items() if r["npt"] in {"never", "withdrew"}} - {"XKX"}
    assert outside == {"IND", "PAK", "ISR", "SSD", "PRK"}
    assert not any(r["zone"] and r["nuclear_status"] == "weapons" for r in table.values())
    for row in table.values():
        assert bool(row["zone"]) == bool(row["zone_status"])
        if row["has_civil_conflict"] == "1":
            assert row["last_conflict"] == "2024"
        assert not row["last_coup_attempt"] or int(row["last_coup_attempt"]) <= 2023


def test_missions_of_2024_are_there_on_day_one() -> None:
    running = {r["mission"] for r in rows("peace_missions") if r["since"] <= "2024-01-01"
               and (not r["until"] or r["until"] > "2024-01-01")}  # fmt: skip
    assert {"MONUSCO", "UNMISS", "MINUSCA", "UNIFIL", "ATMIS", "KFOR", "SAMIM"} <= running
    assert not {"AUSSOM", "MSS"} & running
    end, stand_in = (next(r for r in rows("peace_missions") if r["mission"] == m)
                     for m in ("ATMIS", "AUSSOM"))  # fmt: skip
    assert end["until"] == stand_in["since"] == "2025-01-01"


def test_zones_of_states_are_those_of_the_agreements() -> None:
    zones = {r["zone"] for r in rows("security_states") if r["zone"]} - {"single-state"}
    kept = {r["id"] for r in rows("security_agreements") if r["kind"] == "zone"}
    assert {z.lower() for z in zones} == kept
    for row in rows("security_agreements"):
        if row["kind"] == "zone" and not row["parties"].startswith("@"):
            party = {r["iso3"] for r in rows("security_states")
                     if r["zone"].lower() == row["id"] and r["zone_status"] == "party"}  # fmt: skip
            assert party == set(row["parties"].split(";")) & states(), row["id"]


def test_programmes_are_spells_in_order() -> None:
    for row in rows("nuclear_programmes"):
        assert row["status"] in {"consider", "pursue", "weapons"}
        assert row["iso3"] in states()
        assert not row["end"] or int(row["start"]) <= int(row["end"])
    armed = {r["iso3"] for r in rows("nuclear_programmes") if r["status"] == "weapons"}
    assert armed == {"USA", "RUS", "CHN", "GBR", "FRA", "IND", "PAK", "ISR", "ZAF"}


# ------------------------------------------------------------------ estimates


def test_every_estimate_is_a_coefficient_or_keyword_of_a_kernel() -> None:
    named = {f"{model.prefix}_{f.name}" for model in MODELS for f in fields(model)}
    assert not named & KEYWORDS
    assert named | KEYWORDS <= set(estimates())
    read = {name for one in mechanisms().values() for name in one.parameters}
    assert set(estimates()) - named - KEYWORDS <= read


@pytest.mark.parametrize("name", estimates())
def test_an_estimate_has_unit_range_reference_and_meaning(name: str) -> None:
    entry = Parameter(**estimates()[name])
    assert entry.range[0] < entry.range[1]
    assert entry.unit.strip()
    assert len(entry.reference) > 10
    assert len(entry.meaning) > 10


def test_the_reaction_to_rivals_is_none_unless_assumed() -> None:
    reaction = Parameter(**estimates()["arms_reaction"])
    assert (reaction.value, reaction.range) == (0.0, (0.0, 0.095))
    assert "without end" in reaction.reference
