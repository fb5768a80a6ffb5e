"""Bodies vote on human rights in states: who sits there, who may be named, and what follows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.dataset import parquet_bytes
from sim.engine import simulate
from sim.errors import ConfigError
from sim.load import scenario_from
from sim.log import Log
from sim.mechanisms.scrutiny import SCRUTINY
from sim.model import initial_state
from sim.security.seats import groups_of, seated

BODIES = ("AU", "OAS", "UN", "UNHRC")


@pytest.fixture(scope="module")
def tables(run_of, only):
    return run_of("baseline", 1, *only(*BODIES), "quarters=16")


@pytest.fixture(scope="module")
def votes(tables):
    return tables["resolutions"].to_pandas()


def _seats(setting):
    state = initial_state(setting)

    def of(year):
        state.step = 4 * (year - 2024)
        sits = seated(setting, state, "UNHRC", setting["council_seat_population"], "rights")
        return {setting.axes.states[n] for n in np.flatnonzero(sits)}

    return of


def test_the_council_of_record_sits_while_its_terms_last(setting):
    council = _seats(setting)
    assert {"USA", "QAT", "CHN", "CUB"} <= council(2024)
    assert "USA" not in council(2025)
    assert {"GBR", "PAK", "ECU", "AGO"} <= council(2026)
    assert council(2027) >= council(2026) - council(2024)


def test_forty_seven_always_sit_by_group(setting):
    council = _seats(setting)
    groups = groups_of(setting, "UNHRC", 0, "rights")
    for year in range(2024, 2040):
        sits = council(year)
        rows = [setting.axes.state(code) for code in sits]
        assert np.bincount(groups[rows], minlength=5).tolist() == [13, 13, 6, 8, 7], year


def test_nobody_sits_for_more_than_two_terms_in_a_row(setting):
    council = _seats(setting)
    years = [council(year) for year in range(2024, 2040)]
    for first in range(len(years) - 6):
        assert not set.intersection(*years[first : first + 7])
    again = [years[n] & years[n + 3] for n in range(4, 12)]
    assert any(again)  # though for two, as it may be


def test_who_has_left_the_council_does_not_stand_again(setting_of, only):
    left = _seats(setting_of("us_withdrawal", 1, "parameters.council_seat_population=1"))
    stayed = _seats(setting_of("baseline", 1, "parameters.council_seat_population=1"))
    years = range(2027, 2040)
    assert any("USA" in stayed(year) for year in years)
    assert not any("USA" in left(year) for year in years)


def test_seats_that_do_not_fit_the_term_are_refused(composed):
    mapping = composed("baseline")
    mapping["organisation"]["UNHRC"]["rights"]["council"]["term"] = 2
    with pytest.raises(ConfigError, match="a term of 2 years asks for 2"):
        scenario_from(mapping)


def test_a_mandate_without_a_rule_for_rights_is_refused(composed):
    mapping = composed("baseline")
    mapping["organisation"]["OAS"]["decision"].pop("rights")
    with pytest.raises(ConfigError, match="no decision rule for area 'rights'"):
        scenario_from(mapping)


def test_all_members_vote_and_those_against_are_named(votes):
    own = votes[votes["organisation"] == "UNHRC"]
    assert len(own) > 40
    assert (own[["n_accept", "n_abstain", "n_reject"]].sum(axis=1) == 47).all()
    against = own["rejecting"].map(lambda cell: len(cell.split(";")) if cell else 0)
    assert (against == own["n_reject"]).all()
    passed = own["n_accept"] > own["n_reject"]
    assert (passed == (own["outcome"] == "accepted")).all()


@pytest.fixture(scope="module")
def africa(composed):
    """``africa(interferes)`` → the run of a Union that is asked often."""

    def run(interferes):
        mapping = composed("baseline", quarters=16, parameters={"scrutiny_tabled": 0.2})
        mapping["organisation"] = {"AU": mapping["organisation"]["AU"]}
        mapping["organisation"]["AU"]["rights"]["interferes"] = interferes
        return simulate(scenario_from(mapping), 1).table("resolutions").to_pandas()

    return run


def test_a_state_is_against_its_own_naming_and_for_what_it_asks(africa):
    votes = africa(True)
    assert set(votes["has_consent"]) == {True, False}
    for row in votes.to_dict("records"):
        against = row["rejecting"].split(";")
        assert (row["state"] in against) != row["has_consent"]
        assert not (row["has_consent"] and row["n_reject"])


def test_a_body_that_may_not_interfere_acts_only_when_asked(africa):
    votes = africa(False)
    assert len(votes)
    assert votes["has_consent"].all()


def test_regional_bodies_name_their_own_members_only(votes, setting):
    for code in ("AU", "OAS"):
        members = setting.axes.names(setting.world.members(code, setting.scenario.start))
        assert set(votes.loc[votes["organisation"] == code, "state"]) <= set(members)
    assert "UN" not in set(votes["organisation"])  # its charter here has no such clause


def test_mandates_are_put_to_the_vote_every_year(tables, votes):
    own = votes[(votes["organisation"] == "UNHRC") & (votes["state"] == "IRN")]
    assert own["is_renewal"].all()
    assert own["step"].diff().dropna().eq(4).all()
    counted = tables["summary"].to_pandas()["country_mandates"]
    by_body = tables["organisations"].to_pandas().groupby("step")["country_mandates"].sum()
    assert counted.tolist() == by_body.tolist()


def test_switched_off_nothing_else_draws_otherwise(run_of, only, tables):
    off = run_of("baseline", 1, *only(*BODIES), "quarters=16", "switches.scrutiny=false")
    assert not off["resolutions"].num_rows
    assert not off["summary"]["country_mandates"].to_numpy().any()
    for name in ("disputes", "conflicts", "missions", "third_parties", "nuclear", "votes"):
        assert parquet_bytes(off[name]) == parquet_bytes(tables[name]), name


# ------------------------------------------------------------------ what follows


@pytest.fixture
def after(setting_of, only):
    """``after(mandates)`` → state one quarter on, from these of those of the first day."""

    def run(keep, *overrides):
        quiet = ("parameters.scrutiny_tabled=0.01", *overrides)
        setting = setting_of("baseline", 1, *only("UNHRC"), *quiet)
        state = initial_state(setting)
        state.step = 0
        mandates = tuple(
            replace(one, due=9) for one in state.scrutiny.mandates if keep(setting, one)
        )
        with state.opened(["scrutiny.mandates"]):
            state.scrutiny.mandates = mandates
        SCRUTINY(setting, state, Log(setting))
        return setting, state

    return run


def test_a_poor_state_that_is_let_off_gets_its_lending_back(after):
    setting, state = after(lambda setting, one: setting.axes.states[one.state] != "AFG")
    income = state.scrutiny.income
    gained = np.flatnonzero(income > 0)
    assert [setting.axes.states[n] for n in gained] == ["AFG"]
    assert income[gained[0]] == setting["scrutiny_aid_loss"]
    assert not state.is_condemned[gained[0]]


def test_a_rich_one_loses_nothing(after):
    setting, state = after(lambda setting, one: setting.axes.states[one.state] != "RUS")
    assert state.scrutiny.income[setting.axes.state("RUS")] == 0
    assert not state.is_condemned[setting.axes.state("RUS")]


def test_what_a_state_has_agreed_to_does_not_condemn_it(after):
    setting, state = after(lambda _, __: True)
    assert not state.is_condemned[setting.axes.state("CAF")]
    assert state.is_condemned[setting.axes.state("SYR")]
    assert not state.scrutiny.income.any()


def test_wars_fall_sooner_only_where_it_is_assumed(run_of, only):
    """Krain 2012 against Hafner-Burton 2008, who finds nothing: the default."""
    overrides = (*only("UNHRC"), "quarters=24")

    def quarters_at_war(effect):
        runs = [
            run_of("baseline", seed, *overrides, f"parameters.scrutiny_calms={effect}")
            for seed in (1, 2)
        ]
        return sum(int(run["summary"]["civil_wars"].to_numpy().sum()) for run in runs)

    assert quarters_at_war(1.0) < quarters_at_war(0.0)


def test_without_interests_nobody_is_nearer(run_of, only):
    blind = run_of(
        "baseline", 1, *only("UNHRC"), "quarters=8", "switches.interests=false"
    )["resolutions"].to_pandas()  # fmt: skip
    votes = blind[~blind["has_consent"]]
    against = votes["rejecting"].str.split(";").explode().value_counts()
    assert against.max() < 0.6 * len(votes)
    usual = run_of("baseline", 1, *only("UNHRC"), "quarters=8")["resolutions"].to_pandas()
    usual = usual[~usual["has_consent"]]
    cuba = usual["rejecting"].str.contains("CUB").mean()
    assert cuba > 0.7
