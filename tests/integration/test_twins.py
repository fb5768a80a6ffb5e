"""Twins that differ in one rule: who goes first, and whether a no counts."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

SEEDS = (1, 2, 3, 4)
NEVER = date.max


@pytest.fixture(scope="module")
def fitp(run_of, only):
    """Scenario → tables per seed, with FITP alone, to the end of 2030."""
    return {
        name: [run_of(name, seed, *only("FITP"), "quarters=28") for seed in SEEDS]
        for name in ("fitp_partial_adoption", "fitp_all_or_nothing")
    }


@pytest.fixture(scope="module")
def asean(run_of, only):
    """Scenario → tables per seed, with ASEAN alone and on trade, to the middle of 2027."""
    on_trade = (*only("ASEAN"), "switches.digital_rules=false", "quarters=14")
    return {
        name: [run_of(name, seed, *on_trade) for seed in SEEDS]
        for name in ("asean_way", "asean_majority")
    }


def _first(tables):
    return min((a["agreed"] for a in tables["agreements"].to_pylist()), default=NEVER)


def _last(tables, measure):
    return tables["summary"][measure].to_pylist()[-1]


def test_going_first_is_never_later_than_waiting_for_all(fitp):
    some, together = ([_first(tables) for tables in fitp[name]] for name in fitp)
    assert all(one <= other for one, other in zip(some, together, strict=True))
    assert some != together
    assert max(some) < NEVER


def test_the_willing_find_agreements_that_all_together_miss(fitp):
    some = [_last(t, "agreements_in_force") for t in fitp["fitp_partial_adoption"]]
    together = [_last(t, "agreements_in_force") for t in fitp["fitp_all_or_nothing"]]
    assert np.greater_equal(some, together).all()
    assert sum(some) > sum(together)


def test_one_no_blocks_where_all_must_agree_and_nowhere_else(fitp):
    assert sum(_last(t, "vetoes") for t in fitp["fitp_all_or_nothing"]) > 0
    assert sum(_last(t, "items_lapsed") for t in fitp["fitp_partial_adoption"]) == 0


def test_all_or_nothing_is_all_or_nothing(fitp):
    for tables in fitp["fitp_all_or_nothing"]:
        for agreement in tables["agreements"].to_pylist():
            assert agreement["n_signatories"] == 16
            assert agreement["acceded"] == ""
        for row in tables["rounds"].to_pylist():
            assert (row["outcome"] == "agreed") == (row["n_reject"] + row["n_abstain"] == 0)


def test_the_door_stays_open_to_those_that_waited(fitp):
    joined = 0
    for tables in fitp["fitp_partial_adoption"]:
        rounds = {r["item"]: r for r in tables["rounds"].to_pylist() if r["outcome"] == "agreed"}
        for agreement in tables["agreements"].to_pylist():
            founders = set(rounds[agreement["agreement"]]["adopters"].split(";"))
            later = set(filter(None, agreement["acceded"].split(";")))
            assert not founders & later
            assert founders | later == set(agreement["signatories"].split(";"))
            assert len(founders) >= 2
            joined += len(later)
    assert joined > 0


def test_members_join_on_their_dates(fitp):
    tables = fitp["fitp_partial_adoption"][0]
    joins = {e["actor"]: e["date"] for e in tables["events"].to_pylist() if e["kind"] == "join"}
    assert len(joins) == 16
    assert joins["NZL"] == date(2025, 9, 16)
    assert joins["MYS"] == joins["PRY"] == date(2025, 11, 18)
    members = {r["step"]: r["n_members"] for r in tables["organisations"].to_pylist()}
    assert (members[5], members[6], members[7]) == (0, 14, 16)


def test_the_asean_way_ends_in_soft_texts_and_the_majority_binds_too(asean):
    def forms(name):
        return {a["form"] for t in asean[name] for a in t["agreements"].to_pylist()}

    assert forms("asean_way") == {"soft"}
    assert "binding" in forms("asean_majority")


def test_protected_matters_are_never_tabled_in_the_asean_way(asean):
    def left_out(name):
        return [
            set(filter(None, r["exemptions"].split(";")))
            for t in asean[name]
            for r in t["rounds"].to_pylist()
            if r["tariff_cut"] > 0
        ]

    assert all("agriculture" in matters for matters in left_out("asean_way"))
    assert not all("agriculture" in matters for matters in left_out("asean_majority"))


def test_what_the_majority_agrees_on_does_more(asean):
    """A soft text with matters left out has a smaller effect than a binding one without."""

    def scale(name):
        return [a["scale"] for t in asean[name] for a in t["agreements"].to_pylist()]

    assert max(scale("asean_way")) < 0.6
    assert max(scale("asean_majority")) == pytest.approx(1.0)
    assert np.mean(scale("asean_majority")) > 1.5 * np.mean(scale("asean_way"))


def test_a_majority_is_enough(asean):
    overruled = 0
    for tables in asean["asean_majority"]:
        for row in tables["rounds"].to_pylist():
            assert (row["outcome"] == "agreed") == (row["n_accept"] > row["n_reject"])
            overruled += row["outcome"] == "agreed" and row["n_reject"] > 0
    for tables in asean["asean_way"]:
        for row in tables["rounds"].to_pylist():
            if row["outcome"] == "agreed":
                assert row["blockers"] == ""
    assert overruled > 0
