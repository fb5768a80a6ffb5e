"""Emissions, pledges and talks on climate in whole runs."""

from __future__ import annotations

import numpy as np
import pytest

from sim.dataset import parquet_bytes
from sim.mitigation import baseline, carried_out, first_pledges, in_own_interest
from sim.model import initial_state
from sim.world.climate import DATA_YEAR, Pledge

OFF = ("switches.climate_talks=false", "switches.climate_pledges=false")
NO_TALKS = ("switches.climate_talks=false",)


@pytest.fixture(scope="module")
def exits(run_of, only):
    """Tables of 48 quarters with the exit of the United States and without, talks aside."""
    bodies = (*only("PARIS"), "quarters=48", *NO_TALKS)
    without = (*bodies, "~shocks.us_leaves_paris")
    return run_of("climate_after_paris", 1, *bodies), run_of("climate_after_paris", 1, *without)


def of_state(tables, code, column):
    states = tables["states"].to_pandas()
    return states.loc[states.state == code, column].to_numpy()


def test_the_path_begins_with_what_was_emitted(setting):
    emitted = baseline(setting, None, float(DATA_YEAR))
    assert emitted.sum() == pytest.approx(36_100, rel=0.01)  # Mt, sum of the states' table
    assert baseline(setting, None, 2030.0).sum() > emitted.sum()


def test_members_of_the_union_pledge_together(setting):
    members = setting.world.members("EU", setting.world.start)
    pledged = first_pledges(setting, None)[members]
    assert np.ptp(pledged) == 0
    assert 0.25 < pledged[0] < 0.4  # -55 % against 1990 is some 31 % below the path


def test_a_pledge_that_is_met_anyway_asks_for_nothing(setting):
    generous = Pledge(np.ones(1, dtype=bool), 2020, 2030, "absolute", 0.1, 1000.0)
    assert generous.cut(np.array([500.0])) == 0


def test_pledges_are_carried_out_as_far_as_it_pays_and_no_further(setting):
    found = carried_out(setting, initial_state(setting))
    own, pledged = in_own_interest(setting, None), first_pledges(setting, None)
    assert (found <= np.minimum(own, pledged)).all()
    assert (found[pledged > 0] > 0).all()


def test_what_is_emitted_is_what_cuts_leave(run_of, only):
    tables = run_of("baseline", 1, *only("PARIS"), "quarters=30", *NO_TALKS)
    emitted = of_state(tables, "JPN", "emissions")
    without = of_state(
        run_of("baseline", 1, *only("PARIS"), "quarters=30", *OFF), "JPN", "emissions"
    )
    share = 1 - emitted / without
    assert (np.diff(share) >= -1e-12).all()  # policy builds up to 2030 and stays
    assert share[-1] == pytest.approx(share[24])


def test_who_leaves_the_agreement_drops_its_pledge_and_emits_more(exits):
    left, stayed = exits
    dropped = [e for e in left["events"].to_pylist() if e["kind"] == "pledge_dropped"]
    assert [e["actor"] for e in dropped] == ["USA"]
    assert dropped[0]["date"].isoformat() == "2026-01-01"
    more = of_state(left, "USA", "emissions") - of_state(stayed, "USA", "emissions")
    assert (more[:8] == 0).all()
    assert (np.diff(more[8:24]) > 0).all()  # policy is taken back step by step
    shortfall = [t["summary"]["mitigation_shortfall"].to_numpy() for t in (left, stayed)]
    np.testing.assert_allclose(1000 * (shortfall[0] - shortfall[1]), more, atol=1e-6)


def test_the_others_do_not_answer_an_exit_by_themselves(exits):
    """With linear damage what a state does best does not hang on what others do."""
    left, stayed = exits
    for code in ("CHN", "DEU", "IND"):
        np.testing.assert_array_equal(
            of_state(left, code, "emissions"), of_state(stayed, code, "emissions")
        )


def test_who_leaves_saves_the_cost_and_all_lose_what_it_would_have_spared(exits):
    left, stayed = exits
    cost = [of_state(t, "USA", "abatement_cost")[-1] for t in (left, stayed)]
    assert cost[0] < 0 < cost[1]  # less than on the first day
    for code in ("USA", "CHN", "BRA", "NGA"):
        spared = [of_state(t, code, "damage_avoided")[-1] for t in (left, stayed)]
        assert 0 < spared[0] < spared[1]
    saved, lost = (
        stayed["summary"][name].to_numpy()[-1] - left["summary"][name].to_numpy()[-1]
        for name in ("abatement_cost", "damage_avoided")
    )
    assert lost > saved > 0  # to the world it was worth its cost


def test_the_account_of_climate_adds_up_in_money(exits, run_of, only, setting):
    """Tonnes cut beyond those of the first day, times the carbon cost and the gains at home."""
    bodies = (*only("PARIS"), "quarters=48", "~shocks.us_leaves_paris", *OFF)
    cut, none = (
        t["states"].to_pandas().pivot(index="step", columns="state", values="emissions")
        for t in (exits[1], run_of("climate_after_paris", 1, *bodies))
    )
    share = 1.0 - cut / none
    tonnes = float((none.loc[24] * (share.loc[24] - share.loc[0])).sum())  # Mt, January of 2030
    states = exits[1]["states"].to_pandas()
    then = states[states["step"] == 24]
    avoided = 10.0 * float(then["damage_avoided"] @ then["income"])  # million USD
    worth = setting["climate_carbon_cost"] + setting["climate_side_benefit"]
    assert avoided == pytest.approx(tonnes * worth, rel=1e-6)


def test_switched_off_nothing_else_has_changed(run_of, only):
    """Other streams and tables stay as they are, and so does welfare: the account is apart."""
    bodies = (*only("PARIS", "ANDEAN"), "quarters=8")
    off, pledges = run_of("baseline", 1, *bodies, *OFF), run_of("baseline", 1, *bodies, *NO_TALKS)
    for name in ("rounds", "votes", "agreements", "events"):
        assert parquet_bytes(off[name]) == parquet_bytes(pledges[name])
    assert np.array_equal(off["states"]["welfare"], pledges["states"]["welfare"])
    assert pledges["summary"]["abatement_cost"].to_numpy()[-1] > 0
    for measure in ("pledged_cut", "mitigation_shortfall", "abatement_cost", "damage_avoided"):
        assert off["summary"][measure].to_numpy().max() == 0


def test_contributions_add_to_what_is_done(run_of, only):
    talks = run_of("baseline", 1, *only("PARIS"), "quarters=12")
    none = run_of("baseline", 1, *only("PARIS"), "quarters=12", *NO_TALKS)
    assert any(a["organisation"] == "PARIS" for a in talks["agreements"].to_pylist())
    last = [t["summary"]["emissions"].to_numpy()[-1] for t in (talks, none)]
    assert last[0] < last[1]


def test_neither_cost_nor_damage_avoided_is_in_welfare(run_of, only):
    """Nor with talks on, where contributions are agreed and negotiators count both."""
    tables = run_of("baseline", 1, *only("PARIS"), "quarters=12")
    assert any(a["organisation"] == "PARIS" for a in tables["agreements"].to_pylist())
    off = run_of("baseline", 1, *only("PARIS"), "quarters=12", *OFF)
    np.testing.assert_allclose(off["states"]["welfare"], tables["states"]["welfare"], atol=1e-12)
    assert (tables["summary"]["damage_avoided"].to_numpy()[4:] > 0).all()
