"""An organisation on one page, its record in a run, and which did nothing and why."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from experiments.activity import activity
from experiments.cli import cli
from experiments.library import Library
from experiments.listing import entries
from experiments.organisation import page, record

CODES = sorted(Library.of().charters())


def call(*line: str):
    return CliRunner().invoke(cli, line, prog_name="concord")


@pytest.mark.parametrize("code", CODES)
def test_a_page_has_a_source_for_what_it_says(code: str) -> None:
    text = page(code)
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    asked = ["How it decides", "Who belongs", "Secretariat and money", "Sources"]
    assert [one for one in headings if one in asked] == asked
    assert "Participation, interference, enforcement" in headings
    charter = Library.of().charters()[code]
    for area in charter["mandate"]:
        assert re.search(rf"^- .*\b{area}\b.*: ", text, re.MULTILINE)
    assert charter["exit_reference"] in text
    assert charter["budget"]["reference"] in text


def test_a_page_is_of_its_day() -> None:
    then, now = page("EU", _day("2010-01-01")), page("EU")
    assert "GBR" in then
    assert "GBR" not in now
    assert "member_share 0.5, " in then  # Treaty of Nice
    assert "member_share 0.55" in now


def _day(text: str):
    from datetime import date

    return date.fromisoformat(text)


def test_links_between_bodies_are_known_to_one_side_at_least() -> None:
    charters = Library.of().charters()
    pairs = {(a, b) for a, one in charters.items() for b in one.get("links", {})}
    for a, b in (
        ("ASEAN", "PACIFIC_ALLIANCE"),
        *(("PACIFIC_ALLIANCE", other) for other in ("EU", "EAEU", "MERCOSUR")),
    ):
        assert (a, b) in pairs
        assert (b, a) in pairs or b == "EU"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """UNASUR's collapse and its twin, in a folder of results."""
    results = tmp_path_factory.mktemp("results")
    keep = ("UNASUR", "SAARC", "ABACC", "MERCOSUR", "FITP", "UN", "PAHO")
    drop = [f"~organisation.{code}" for code in CODES if code not in keep]
    for name in ("unasur_2016", "unasur_collapse"):
        done = call("run", f"scenario={name}", *drop, "--results", str(results), "-q")
        assert done.exit_code == 0, done.output
    return {folder.name.split("+")[0]: folder for folder in results.iterdir()}


def test_unasur_becomes_a_zombie_in_its_collapse_and_not_in_its_twin(runs) -> None:
    rows = {name: _years(record(folder, "UNASUR")) for name, folder in runs.items()}
    assert {row[-1] for row in rows["unasur_2016"].values()} == {"active"}
    collapse = {year: row[-1] for year, row in rows["unasur_collapse"].items()}
    assert (collapse["2016"], collapse["2017"], collapse["2019"]) == ("active", "active", "zombie")
    assert float(rows["unasur_collapse"]["2019"][3]) < 0.3 * float(rows["unasur_2016"]["2019"][3])


def _years(text: str) -> dict[str, list[str]]:
    lines = [line.strip("| ").split("|") for line in text.splitlines() if line.startswith("| 20")]
    return {cells[0].strip(): [cell.strip() for cell in cells[1:]] for cells in lines}


def test_the_record_tells_what_happened(runs) -> None:
    done = call("show", "organisation", "UNASUR", "--run", str(runs["unasur_collapse"]))
    assert done.exit_code == 0, done.output
    assert "- 2017-01-31 vacancy" in done.stdout
    assert done.stdout.count("2018-04-20 funding cut") == 6
    assert "vacancy" not in record(runs["unasur_2016"], "UNASUR")


def test_it_is_said_who_did_nothing_and_why(runs) -> None:
    found = {row["code"]: row for row in activity(runs["unasur_collapse"])}
    assert found["ABACC"]["did"] == "2 states inspected each quarter"
    assert "its first item opens on 2024-01-01, after the run" in found["PAHO"]["why not"]
    assert "nobody belongs" in found["FITP"]["why not"]
    for row in found.values():
        assert bool(row["did"]) != bool(row["why not"]), row


def test_the_list_says_what_each_acts_by() -> None:
    means = {row["code"]: row["acts by"] for row in entries("organisations")}
    assert means["ICJ"] == "arbitration"
    assert means["EAEU"] == "negotiation, admission"
    assert means["BRICS"] == "negotiation, admission"
    # A mission that is a body acts as what it is: sent by the body that it is part of.
    assert [code for code, how in means.items() if how.startswith("nothing")] == ["AUSSOM"]
    assert means["PAHO"] == "negotiation, admission"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (("show", "organisation", "ASEEN"), "'ASEAN' (nearest)"),
        (("show", "organisation", "ASEAN", "--run", "nowhere"), "nowhere"),
        (("show", "organisation", "ASEAN", "--on", "soon"), "soon"),
        (("list", "scenarios", "--run", "x"), "organisations"),
    ],
)
def test_what_cannot_be_shown_is_refused(line, words: str, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = call(*line)
    assert done.exit_code == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
