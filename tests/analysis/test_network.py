"""The network of organisations: overlaps, agreements, and a layout that nothing moves."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.network import nodes, places, shared, table_of, years_of

DAYS = pd.date_range("2024-01-01", periods=8, freq="QS")
BODIES = {"A": "ARG;BOL;BRA", "B": "BRA;ARG;BOL", "C": "BOL;PER", "D": "IND;PAK"}


def frames(order=1):
    table = pd.DataFrame({"organisation": list(BODIES)[::order]})
    table["members"] = table["organisation"].map(BODIES)
    table = table.assign(scenario="a", seed=1, level="regional", condition="active")
    table = table.merge(pd.DataFrame({"date": DAYS}), how="cross")
    table.loc[(table["organisation"] == "D") & (table["date"] >= "2025-01-01"), "members"] = ""
    made = pd.DataFrame({"organisation": ["A", "A"], "ended": [None, pd.Timestamp("2025-03-01")]})
    return {"organisations": table, "agreements": made.assign(in_force=pd.Timestamp("2024-12-31"))}


def test_agreements_and_bodies_are_those_of_the_end_of_the_year():
    counts = [nodes(frames(), year)["n_agreements"].to_dict() for year in (2024, 2025)]
    assert counts == [{"A": 2, "B": 0, "C": 0, "D": 0}, {"A": 1, "B": 0, "C": 0}]


def test_overlap_is_that_of_sets():
    found = shared(nodes(frames(), 2024))
    assert found.loc["A", "B"] == 1.0
    assert found.loc["A", "C"] == 1 / 4
    assert found.loc["A", "D"] == 0.0
    assert np.array_equal(found, found.T)


def test_who_shares_more_lies_nearer_and_the_order_of_rows_moves_nobody():
    found = places([shared(nodes(frames(), year)) for year in (2024, 2025)])
    again = places([shared(nodes(frames(-1), year)) for year in (2024, 2025)])
    assert found == again

    def far(one, other):
        return float(np.hypot(*np.subtract(found[one], found[other])))

    assert far("A", "B") < far("A", "C") < far("A", "D")


def test_the_table_names_the_nearest():
    found = table_of(frames(), [2024]).set_index("organisation")
    assert found.loc["A", ["nearest", "overlap"]].tolist() == ["B", 1.0]
    assert found.loc["D", "overlap"] == 0.0


def test_a_single_body_has_a_place():
    alone = nodes(frames(), 2024).loc[["A"]]
    assert list(places([shared(alone)])) == ["A"]


def test_years_are_the_first_and_the_last_and_between():
    assert years_of(frames()["organisations"]) == [2024, 2025]
