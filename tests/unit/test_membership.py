"""Who belongs: queues, votes on applicants, exits that call for exits, suspension, arrears."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sim.checkpoint import Checkpoint
from sim.dataset import parquet_bytes
from sim.engine import checkpoint_at, simulate
from sim.errors import ConfigError
from sim.forum import forum_of
from sim.load import scenario_from, setting_for
from sim.log import Log
from sim.mechanisms.membership import ENLARGEMENT, STANDING, WITHDRAWAL
from sim.mechanisms.membership.enlargement import Application
from sim.model import initial_state
from sim.phases.membership import MEMBERSHIP
from sim.setting import Setting
from sim.state import State

LIFE = ("accession_to_bodies", "withdrawals", "suspensions", "votes_lost_by_arrears", "deaths")


def play(setting: Setting, quarters: int, *, until: str = "") -> tuple[State, list[dict]]:
    """Membership alone, without trade or conflict; up to an event of a kind if one is given."""
    state, log = initial_state(setting), Log(setting)
    for state.step in range(quarters):
        for phase in (ENLARGEMENT, WITHDRAWAL, MEMBERSHIP, STANDING):
            phase(setting, state, log)
        if until and until in {event["kind"] for event in told(log)}:
            break
    return state, told(log)


def told(log: Log) -> list[dict]:
    return log.tables()["events"].to_pylist()


def at(setting: Setting, code: str, state: str) -> tuple[int, int]:
    return setting.axes.organisation(code), setting.axes.state(state)


def test_known_accessions_come_on_their_day(setting: Setting) -> None:
    _, events = play(setting, 9)
    joined = {(e["organisation"], e["actor"]): e["date"] for e in events if e["kind"] == "join"}
    assert joined["CPTPP", "GBR"] == date(2024, 12, 15)
    assert joined["ASEAN", "TLS"] == date(2025, 10, 26)
    assert joined["MERCOSUR", "BOL"] == date(2024, 8, 7)


def test_known_withdrawals_are_announced_and_come_on_their_day(setting: Setting) -> None:
    state, events = play(setting, 6)
    sahel = [e for e in events if e["organisation"] == "ECOWAS" and e["kind"] != "applied"]
    said = {e["actor"]: e["date"] for e in sahel if e["kind"] == "exit_announced"}
    left = {e["actor"]: e["date"] for e in sahel if e["kind"] == "exit"}
    assert said == dict.fromkeys(("BFA", "MLI", "NER"), date(2024, 1, 28))
    assert left == dict.fromkeys(("BFA", "MLI", "NER"), date(2025, 1, 29))
    assert not state.is_member[at(setting, "ECOWAS", "MLI")]
    mali, nigeria = setting.axes.state("MLI"), setting.axes.state("NGA")
    assert state.has_treaty[mali, nigeria]  # until further notice


def test_who_leaves_without_a_word_on_trade_loses_its_treaty(setting_of) -> None:
    known = "{state: MLI, announced: 2024-01-28, leaves: 2025-01-29, reference: made up}"
    changed = setting_of("baseline", 1, f"organisation.ECOWAS.withdrawals=[{known}]")
    state, _ = play(changed, 6)
    mali, nigeria = changed.axes.state("MLI"), changed.axes.state("NGA")
    assert not state.has_treaty[mali, nigeria]


def test_a_run_that_begins_between_notice_and_exit_knows_of_it(setting_of, only) -> None:
    late = setting_of("baseline", 1, *only("ECOWAS"), "start=2024-10-01", "quarters=4")
    _, events = play(late, 3)
    left = {e["actor"]: e["date"] for e in events if e["kind"] == "exit"}
    assert left["NER"] == date(2025, 1, 29)


def test_known_withdrawals_are_off_with_withdrawals(setting_of, only) -> None:
    off = setting_of("baseline", 1, *only("ECOWAS"), "switches.withdrawals=false", "quarters=6")
    _, events = play(off, 6)
    assert "exit_announced" not in {e["kind"] for e in events}


def test_an_application_waits_until_its_day(setting: Setting) -> None:
    state, events = play(setting, 2)
    asked = {(e["organisation"], e["actor"]): e["date"] for e in events if e["kind"] == "applied"}
    assert asked["RCEP", "CHL"] == date(2024, 6, 14)
    assert ("CPTPP", "IDN") not in asked
    queue = {(one.organisation, setting.axes.states[one.state]) for one in _waiting(state)}
    assert ("CPTPP", "IDN") in queue  # known, to come


def _waiting(state: State) -> tuple[Application, ...]:
    return tuple(state.membership.applications)


@pytest.mark.parametrize(("rule", "is_admitted"), [("consensus", False), ("simple_majority", True)])
def test_a_rival_inside_keeps_an_applicant_out_by_consensus_only(
    setting_of: Callable[..., Setting], rule: str, is_admitted: bool
) -> None:
    setting = setting_of(
        "baseline",
        1,
        f"organisation.CPTPP.admission.rule={{rule: {rule}}}",
        "organisation.CPTPP.admission.years=0.1",
        "organisation.CPTPP.admission.applicants="
        "[{state: CHN, applied: 2021-09-16, reference: made up}]",
        "switches.withdrawals=false",
    )
    japan, china = setting.axes.state("JPN"), setting.axes.state("CHN")
    assert setting.world.is_rival[japan, china]
    state, events = play(setting, 8)
    assert state.is_member[at(setting, "CPTPP", "CHN")] == is_admitted
    here = [e for e in events if e["organisation"] == "CPTPP"]
    reasons = {e["reason"] for e in here if e["kind"] == "accession_refused"}
    assert all("JPN" in text for text in reasons)
    assert bool(reasons) is not is_admitted


def test_treaties_follow_those_whom_members_let_in(setting: Setting) -> None:
    """The United Kingdom and Malaysia have no treaty but through the CPTPP."""
    gbr, mys = setting.axes.state("GBR"), setting.axes.state("MYS")
    before, _ = play(setting, 2)
    after, _ = play(setting, 4)
    assert not before.has_treaty[gbr, mys]
    assert after.has_treaty[gbr, mys]


def test_nobody_joins_what_is_closed_or_not_for_it(setting_of: Callable[..., Setting]) -> None:
    setting = setting_of("baseline", 3, "parameters.accession_to_bodies_constant=-5.35")
    _, events = play(setting, 40)
    joined = {(e["organisation"], e["actor"]) for e in events if e["kind"] == "join"}
    region = dict(zip(setting.axes.states, setting.world.region, strict=True))
    assert len(joined) > 20
    closed = {"USMCA", "GCC", "ABACC", "NORDIC", "ICJ", "UNHRC"}
    assert not closed & {body for body, _ in joined}
    assert {region[s] for body, s in joined if body == "ASEAN"} <= {"South-eastern Asia"}


def test_nobody_belongs_to_two_customs_unions(setting_of: Callable[..., Setting]) -> None:
    """Nor does a member of one join a trade pact by itself; into the WTO it may."""
    setting = setting_of("baseline", 4, "parameters.accession_to_bodies_constant=-5.35")
    state, events = play(setting, 64)
    unions = [setting.axes.organisation(code) for code in ("EU", "EAEU", "GCC", "MERCOSUR")]
    assert state.is_member[unions].sum(axis=0).max() == 1
    inside = set(setting.axes.names(initial_state(setting).is_member[unions].any(axis=0)))
    pacts = {"CPTPP", "RCEP", "PACIFIC_ALLIANCE", "FITP"}
    assert not {e["actor"] for e in events if e["organisation"] in pacts} & (inside - {"GBR"})


def test_who_left_does_not_ask_again_for_years(setting_of: Callable[..., Setting]) -> None:
    changes = (
        "shocks.out={kind: exit, date: 2024-01-01, organisation: PARIS, state: USA}",
        "parameters.return_years=10",
    )
    setting = setting_of("baseline", 1, *changes)
    state = initial_state(setting)
    with state.opened(["is_member", "membership.left_at"]):
        row, column = at(setting, "PARIS", "USA")
        state.is_member[row, column] = False
    log = Log(setting)
    for state.step in range(30):
        for phase in (ENLARGEMENT, WITHDRAWAL):
            phase(setting, state, log)
    asked = [e for e in told(log) if e["kind"] == "applied" and e["actor"] == "USA"]
    assert not [e for e in asked if e["organisation"] == "PARIS" and e["date"].year < 2034]


def test_an_exit_calls_for_the_next(setting_of: Callable[..., Setting]) -> None:
    """Over many quarters, with the draws of a seed alike: more leave a body that one has left."""
    setting = setting_of("baseline", 1, "parameters.withdrawal_memory=5")
    calm, struck = (_exits(setting, has_left) for has_left in (False, True))
    assert calm <= struck
    assert len(struck) > len(calm)


def _exits(setting: Setting, has_left: bool) -> set[tuple[str, str]]:
    state, log = initial_state(setting), Log(setting)
    for state.step in range(64):
        with state.opened(["membership.left_at", "leaves_at"]):
            state.membership.left_at[:] = -(10**6)
            state.membership.left_at[:, 0] = state.step if has_left else -(10**6)
            state.leaves_at[:] = -1
        WITHDRAWAL(setting, state, log)
    return {
        (e["organisation"], e["actor"], e["date"])
        for e in told(log)
        if e["kind"] == "exit_announced"
    }


def _estranged_leave(setting: Setting, owing: dict[str, float], seeds: int) -> list[set[str]]:
    """Who says in a quarter that it leaves UNASUR, with shares of dues withheld, seed by seed."""
    first, row = initial_state(setting), setting.axes.organisation("UNASUR")
    first.step = 0
    with first.opened(["shock_arrears"]):
        for code, share in owing.items():
            first.shock_arrears[row, setting.axes.state(code)] = share
    found = []
    for seed in range(seeds):
        log = Log(setting)
        WITHDRAWAL(replace(setting, seed=seed), first.copy(), log)
        own = [e for e in told(log) if e["organisation"] == "UNASUR"]
        found.append({e["actor"] for e in own if "estranged" in e["reason"]})
    return found


def test_those_who_pay_nothing_leave_as_often_as_estimated_and_take_others_along(
    setting_of: Callable[..., Setting],
) -> None:
    rate, joint, seeds = 0.1, 0.75, 300
    setting = setting_of("unasur_2016", 1, f"parameters.withdrawal_estranged={rate}", "quarters=4")
    six = ("ARG", "BRA", "CHL", "COL", "PRY", "PER")
    found = _estranged_leave(setting, {**dict.fromkeys(six, 1.0), "URY": 0.9}, seeds)
    assert set().union(*found) <= set(six)  # who pays a part is not estranged
    waves = [len(one) for one in found if one]
    expected = seeds * (1 - (1 - rate / 4) ** 6)
    assert abs(len(waves) - expected) < 3 * np.sqrt(expected)
    assert np.mean(waves) == pytest.approx(1 + 5 * joint, abs=0.4)


def test_without_its_switch_or_without_estrangement_nobody_leaves_together(
    setting_of: Callable[..., Setting],
) -> None:
    rate = "parameters.withdrawal_estranged=0.1"
    setting = setting_of("unasur_2016", 1, rate, "quarters=4")
    assert not any(_estranged_leave(setting, {}, 40))
    off = setting_of("unasur_2016", 1, rate, "switches.joint_withdrawals=false", "quarters=4")
    assert not any(_estranged_leave(off, {"ARG": 1.0, "BRA": 1.0}, 40))


def test_leaving_takes_the_notice_of_the_charter(setting: Setting) -> None:
    state, log = initial_state(setting), Log(setting)
    for state.step in range(64):
        before = state.leaves_at.copy()
        WITHDRAWAL(setting, state, log)
        for row, column in np.argwhere(state.leaves_at != before):
            code = setting.axes.organisations[row]
            months = setting.charter(code).exit_notice_months
            wait = int(state.leaves_at[row, column]) - state.step
            assert max(months / 3 - 1, 1) <= wait <= max(months / 3 + 1, 1)
    assert (state.leaves_at >= 0).any()


def test_organs_are_not_left_by_themselves(setting: Setting) -> None:
    state, log = initial_state(setting), Log(setting)
    for state.step in range(64):
        WITHDRAWAL(setting, state, log)
    left = {setting.axes.organisations[row] for row, _ in np.argwhere(state.leaves_at >= 0)}
    assert left
    assert not left & {"ICJ", "UNHRC", "AFRICA_CDC", "AUSSOM"}


def test_members_suspended_on_the_first_day_have_no_seat(setting: Setting, start: State) -> None:
    row, mali = at(setting, "AU", "MLI")
    forum = forum_of(setting, start, "AU", "security")
    assert start.is_member[row, mali]
    assert start.has_no_vote[row, mali]
    assert not forum.members(setting, start)[mali]
    assert forum.members(setting, start).sum() == start.is_member[row].sum() - 6


def test_a_coup_in_a_run_suspends_where_the_charter_says_so(scenario_of, only) -> None:
    """End to end: a dated coup in Senegal, member of the AU (which suspends) and of the WHO."""
    changes = (
        *only("AU", "WHO"),
        "quarters=30",
        "shocks.putsch={kind: coup, date: 2024-02-10, state: SEN}",
        "parameters.suspension_chance=1.0",
        "switches.coups=false",
    )
    tables = simulate(scenario_of("baseline", *changes), 1).tables()
    events = [e for e in tables["events"].to_pylist() if e["actor"] == "SEN"]
    spells = [(e["kind"], e["organisation"]) for e in events if "susp" in e["kind"]]
    assert spells == [("suspended", "AU"), ("suspension_lifted", "AU")]
    rows = [r for r in tables["organisations"].to_pylist() if r["step"] == 0]
    count = {r["organisation"]: (r["n_suspended"], r["n_members"]) for r in rows}
    assert count["AU"][0] == 7 - sum(
        e["kind"] == "suspension_lifted" and e["step"] == 0 for e in tables["events"].to_pylist()
    )
    assert count["AU"][1] == 54  # suspended, and a member
    assert count["WHO"][0] == 0


def test_a_coup_that_fails_suspends_nobody(setting_of, start: State) -> None:
    setting = setting_of("baseline", 1, "parameters.suspension_chance=1.0")
    row, senegal = at(setting, "AU", "SEN")
    for outcome in (1, 2):
        with start.opened(["shock_coup"]):
            start.shock_coup[senegal] = outcome
        STANDING(setting, start, Log(setting))
        assert start.membership.is_suspended[row, senegal] == (outcome == 2)


def test_two_years_of_dues_cost_the_vote_and_paying_wins_it_back(
    setting: Setting, start: State
) -> None:
    row, usa = at(setting, "UN", "USA")
    voteless = []
    for start.step in range(12):
        with start.opened(["shock_arrears"]):
            start.shock_arrears[row, usa] = float(start.step < 9)
        STANDING(setting, start, Log(setting))
        voteless.append(bool(start.has_no_vote[row, usa]))
    assert voteless == [False] * 7 + [True] * 3 + [False] * 2


def test_half_of_the_dues_take_twice_as_long(setting: Setting, start: State) -> None:
    row, usa = at(setting, "UN", "USA")
    with start.opened(["shock_arrears"]):
        start.shock_arrears[row, usa] = 0.5
    for start.step in range(16):
        assert not start.has_no_vote[row, usa]
        STANDING(setting, start, Log(setting))
    assert start.has_no_vote[row, usa]


def test_a_dissolved_body_has_no_members_and_no_treaties(setting: Setting, start: State) -> None:
    axes = setting.axes
    rus, kaz = axes.state("RUS"), axes.state("KAZ")
    bra, arg = axes.state("BRA"), axes.state("ARG")
    with start.opened(["is_dissolved"]):
        start.is_dissolved[axes.organisation("MERCOSUR")] = True
    start.step = 1
    MEMBERSHIP(setting, start, Log(setting))
    assert not start.is_member[axes.organisation("MERCOSUR")].any()
    assert not start.has_treaty[bra, arg]
    assert start.has_treaty[rus, kaz]
    state, _ = start, ENLARGEMENT(setting, start, Log(setting))
    assert "MERCOSUR" not in {one.organisation for one in _waiting(state)}


def test_without_its_switches_everybody_stays(setting_of: Callable[..., Setting]) -> None:
    off = [f"switches.{name}=false" for name in LIFE]
    setting = setting_of("baseline", 1, *off)
    state, events = play(setting, 30)
    assert events == []
    assert (state.is_member == initial_state(setting).is_member).all()
    assert not state.has_no_vote.any()


def test_a_run_goes_on_from_a_checkpoint_as_if_it_had_not_stopped(
    scenario_of, only, tmp_path
) -> None:
    scenario = scenario_of("baseline", *only("CPTPP", "AU", "UNASUR", "SAARC"), "quarters=12")
    whole = simulate(scenario, 2).tables()
    checkpoint_at(scenario, 2, date(2025, 7, 1)).save(tmp_path / "half")
    again = simulate(scenario, 2, start_from=Checkpoint.load(tmp_path / "half")).tables()
    for name in ("events", "organisations", "applications"):
        assert parquet_bytes(whole[name]) == parquet_bytes(again[name]), name


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"admission": {"eligible": ["Atlantis"]}}, "sub-region"),
        ({"admission": {"eligible": ["@ASEEN"]}}, "ASEAN"),
        ({"admission": {"rule": {"rule": "consensu"}}}, "consensus"),
        ({"admission": {"years": 0}}, "years"),
        ({"admission": {"applicants": [
            {"state": "FRA", "applied": "2024-01-01", "reference": "none"}]}}, "eligible"),
        ({"admission": {"applicants": [
            {"state": "TLS", "applied": "2024-01-01", "accedes": "2020-01-01",
             "reference": "none"}]}}, "before it applied"),
        ({"withdrawals": [
            {"state": "MMR", "announced": "2025-01-01", "leaves": "2024-01-01",
             "reference": "none"}]}, "before it said so"),
        ({"withdrawals": [
            {"state": "XYZ", "announced": "2025-01-01", "leaves": "2026-01-01",
             "reference": "none"}]}, "XYZ"),
        ({"suspension": {"spells": [{"state": "XYZ", "since": "2020-01-01"}],
                         "reference": "none"}}, "XYZ"),
        ({"vote_loss": {"years": -1, "reference": "none"}}, "years"),
        ({"provisions": {"enforcment": "none at all"}}, "enforcement"),
        ({"admision": {}}, "admission"),
    ],
)  # fmt: skip
def test_a_clause_that_cannot_be_is_refused(composed, changes, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        setting_for(scenario_from(composed("baseline", organisation={"ASEAN": changes})), 1)
