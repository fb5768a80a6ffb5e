"""Work by level and region of forums: counted right, filled with zeros, shares of a whole."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.errors import AnalysisError
from analysis.forums import SEVERAL, forums, region_of, shares, work

DAYS = pd.date_range("2024-01-01", periods=8, freq="QS")
RUN = {"scenario": "a", "seed": 1}


def frames(**changes):
    """Two bodies over two years; what a test is about is put in by name."""
    bodies = pd.DataFrame(
        RUN | {"organisation": ["WTO", "SAARC"], "level": ["global", "regional"]}
        | {"members": ["IND;USA;FRA", "IND;PAK"], "n_members": [3, 2]}
    )  # fmt: skip
    places = {"IND": "Southern Asia", "PAK": "Southern Asia", "USA": "Northern America",
              "FRA": "Western Europe"}  # fmt: skip
    columns = [
        "scenario",
        "seed",
        "kind",
        "organisation",
        "actor",
        "target",
        "agreement",
        "item",
        "date",
    ]
    empty = pd.DataFrame(columns=[*RUN, "organisation", "date"])
    found = {
        "summary": pd.DataFrame(RUN | {"date": DAYS}),
        "organisations": bodies.merge(pd.DataFrame({"date": DAYS}), how="cross"),
        "events": pd.DataFrame(columns=columns),
        "agreements": empty.assign(in_force=pd.NaT, ended=None),
        "states": pd.DataFrame(RUN | {"state": list(places), "region": list(places.values())}),
        "third_parties": empty,
        "mandates": empty,
    }
    return found | changes


def events(*rows):
    table = pd.DataFrame(rows, columns=["kind", "organisation", "actor", "date"])
    sides = table["actor"].str.partition(" with ")
    table = table.assign(actor=sides[0], target=sides[2])
    made = table["kind"].map({"rule_taken_up": "ASEAN/x/0"}).fillna("")
    return table.assign(**RUN, item="x", agreement=made, date=pd.to_datetime(table["date"]))


def series(table, kind, **where):
    own = table[table["kind"] == kind]
    for column, value in where.items():
        own = own[own[column] == value]
    return own.groupby("date")["value"].sum().reindex(DAYS, fill_value=0).tolist()


def test_memberships_are_those_of_the_bodies():
    table = work(frames())
    assert series(table, "memberships", level="global") == [3] * 8
    assert series(table, "memberships", region="Asia") == [2] * 8


def test_an_item_counts_for_a_year_from_its_quarter():
    opened = events(("item_opened", "SAARC", "", "2024-05-16"))
    assert series(work(frames(events=opened)), "items", level="regional") == [
        0,
        1,
        1,
        1,
        1,
        0,
        0,
        0,
    ]


def test_forums_outside_charters_are_told_apart_by_their_parties():
    met = events(
        ("convened", "TALKS", "IND;PAK", "2024-01-01"),
        ("convened", "CLUB", "IND;USA;FRA", "2024-01-01"),
        ("convened", "BLOCS", "EU;MERCOSUR", "2024-01-01"),
        ("item_brought", "PAIR", "IND with PAK", "2024-01-01"),
        ("item_opened", "PAIR", "", "2024-01-01"),
        ("item_opened", "UNTOLD", "", "2024-01-01"),
        ("rule_taken_up", "TWO", "EU", "2024-01-01"),
        ("item_brought", "WTO", "IND with PAK", "2024-01-01"),
    )
    found = forums(frames(events=met)).set_index("organisation")
    assert found["level"].to_dict() == {
        "WTO": "global", "SAARC": "regional", "TALKS": "bilateral", "CLUB": "plurilateral",
        "BLOCS": "bilateral", "PAIR": "bilateral", "UNTOLD": "outside bodies",
        "TWO": "bilateral",
    }  # fmt: skip
    assert found.loc[["TALKS", "PAIR"], "region"].tolist() == ["Asia", "Asia"]
    assert found.loc["BLOCS", "region"] == SEVERAL  # blocs have no region of their own


def test_an_agreement_counts_from_its_force_to_its_end():
    made = pd.DataFrame(
        RUN | {"organisation": ["SAARC", "SAARC"], "ended": [pd.Timestamp("2025-02-01"), None]}
        | {"in_force": pd.to_datetime(["2024-05-01", "2024-07-01"])}
    )  # fmt: skip
    assert series(work(frames(agreements=made)), "agreements") == [0, 1, 2, 2, 1, 1, 1, 1]


def test_conflicts_count_for_the_body_that_was_asked():
    asked = pd.DataFrame(
        RUN | {"organisation": ["SAARC", "", "WTO", "outside"]}
        | {"date": pd.to_datetime(["2024-01-01", "2024-01-01", "2024-04-01", "2024-01-01"])}
    )  # fmt: skip
    voted = pd.DataFrame(RUN | {"organisation": ["WTO"], "date": pd.to_datetime(["2024-04-01"])})
    table = work(frames(third_parties=asked, mandates=voted))
    assert series(table, "cases", level="regional")[:5] == [1, 1, 1, 1, 0]
    assert series(table, "cases", level="global")[:3] == [0, 2, 2]
    assert series(table, "cases", level="outside bodies")[:2] == [1, 1]  # a third state or a person


def test_every_quarter_of_every_run_is_there_and_shares_add_up():
    opened = events(
        ("item_opened", "SAARC", "", "2024-05-16"), ("item_opened", "WTO", "", "2024-05-16")
    )
    table = work(frames(events=opened))
    assert table.groupby(["kind", "level", "region"]).size().eq(len(DAYS)).all()
    found = shares(table, "items")
    assert found["global"].tolist()[1:5] == [50.0] * 4
    assert found["global"].isna().tolist() == [True, False, False, False, False, True, True, True]
    with pytest.raises(AnalysisError, match="unknown kind of work 'itmes'"):
        shares(table, "itmes")


@pytest.mark.parametrize(
    ("places", "region"),
    [
        (["Southern Africa"] * 3 + ["Western Asia"], "Africa"),
        (["Southern Africa"] * 2 + ["Western Asia"], SEVERAL),
        (["Caribbean", "Northern America", "Central America"], "Americas"),
        (["Australia and New Zealand", "Melanesia"], "Oceania"),
    ],
)
def test_a_region_takes_three_quarters(places, region):
    assert region_of(places) == region
