"""What counts as settled and as quiet in a run of a case."""

from __future__ import annotations

import pandas as pd

from analysis.security_cases import read_case

NOBODY = pd.DataFrame(
    columns=["day", "state", "against", "organisation", "outcome", "blockers"], dtype=object
)


def read(*spells: tuple[str, str, str, bool, str]) -> dict[str, object]:
    columns = ["began", "ended", "stage", "is_crisis", "settlement"]
    disputes = pd.DataFrame(spells, columns=columns)
    disputes["dispute"] = [f"A-B/{day}" for day in disputes["began"]]
    disputes[["state", "against"]] = ["A", "B"]
    tables = {"disputes": disputes, "third_parties": NOBODY}
    return read_case(tables, ["A", "B"], "2000-01-01", "2010-01-01")


FIRST = ("2000-01-01", "2000-03-01", "force", True, "none")


def test_an_incident_settled_later_does_not_settle_the_matter() -> None:
    found = read(FIRST, ("2002-01-01", "2002-01-05", "display", False, "negotiated"))
    assert (found["settled"], found["quiet"]) == (False, True)


def test_a_crisis_that_follows_can_settle_it_and_is_no_quiet() -> None:
    found = read(FIRST, ("2002-01-01", "2002-01-05", "display", True, "negotiated"))
    assert (found["settled"], found["quiet"]) == (True, False)


def test_force_is_a_relapse_also_outside_of_a_crisis() -> None:
    assert read(FIRST, ("2002-01-01", "2002-01-05", "force", False, "none"))["quiet"] is False


def test_what_was_opened_counts_whatever_it_is() -> None:
    assert read(("2000-01-01", "2000-01-02", "threat", False, "negotiated"))["settled"] is True
