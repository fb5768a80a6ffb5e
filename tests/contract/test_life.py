"""What must hold of institutions whatever happens to them, on one short run of all organisations.

Everything that moves members, dues, leaders and agreements is turned on in it, and made frequent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from sim.agreements import Agreement
from sim.agreements.records import TRANSITIONS, Status
from sim.engine import open_model
from sim.fields import FIELDS
from sim.load import scenario_from
from sim.log import Log
from sim.model import initial_state
from sim.phases import PHASES
from sim.rules.agenda import AGENDA_RULES
from sim.rules.decision import DECISION_RULES
from sim.setting import Setting
from sim.state import State

QUARTERS = 14
BUSY = (
    *(f"switches.{name}=true" for name in ("compliance", "leader_withdrawals", "leader_dues")),
    "parameters.withdrawal_constant=-4.7",
    "parameters.leader_withdrawal=1.5",
    "parameters.breach_rate=0.1",
    "parameters.breach_answer_years=0.5",
    "parameters.ratification_rate=0.4",
    "parameters.zombie_years=2",
    "shocks.coup={kind: coup, date: 2024-07-26, state: BEN}",
    f"quarters={QUARTERS}",
)


@dataclass(frozen=True)
class Quarter:
    """What is looked at of the end of a quarter."""

    is_member: np.ndarray
    has_no_vote: np.ndarray
    arrears: np.ndarray
    funding: np.ndarray
    agreements: tuple[Agreement, ...]


@dataclass(frozen=True)
class Run:
    setting: Setting
    quarters: tuple[Quarter, ...]
    tables: dict[str, pa.Table]

    def names(self, code: str, step: int) -> set[str]:
        """Members of a body at the end of a quarter."""
        row = self.setting.axes.organisation(code)
        return set(self.setting.axes.names(self.quarters[step + 1].is_member[row]))


def _look(state: State) -> Quarter:
    return Quarter(state.is_member.copy(), state.has_no_vote.copy(), state.arrears.copy(),
                   state.vitality.funding.copy(), state.agreements)  # fmt: skip


@pytest.fixture(scope="module")
def run(scenario_of) -> Run:
    model = open_model(scenario_of("us_withdrawal", *BUSY), 1)
    quarters = [_look(model.state)]
    for _ in range(QUARTERS):
        model.step()
        quarters.append(_look(model.state))
    return Run(model.setting, tuple(quarters), model.log.tables())


def _events(run: Run, *kinds: str) -> list[dict]:
    return [e for e in run.tables["events"].to_pylist() if e["kind"] in kinds]


# ------------------------------------------------------------------ members, votes, dues


def test_the_run_has_what_the_contracts_are_about(run):
    kinds = {e["kind"] for e in _events(run, *set(run.tables["events"]["kind"].to_pylist()))}
    assert {"join", "exit", "exit_announced", "suspended", "breach", "in_force"} <= kinds
    assert len(run.tables["votes"]) > 100
    assert (run.quarters[-1].arrears > 0).sum() > 20


def test_only_members_with_a_vote_vote(run):
    codes = set(run.setting.axes.states)
    checked = 0
    for vote in run.tables["votes"].to_pylist():
        body, party, step = vote["organisation"], vote["party"], vote["step"]
        if party in codes and body in run.setting.axes.organisations:
            assert party in run.names(body, step), vote
            at = run.setting.axes.organisation(body), run.setting.axes.state(party)
            assert not run.quarters[step + 1].has_no_vote[at], vote
            checked += 1
    assert checked > 100


@pytest.mark.parametrize("table", ["mandates", "third_parties"])
def test_only_members_abstain_or_object_in_councils(table, run):
    for row in run.tables[table].to_pylist():
        who = {code for name in ("abstaining", "rejecting", "blockers")
               for code in row[name].split(";") if code in run.setting.axes.states}  # fmt: skip
        if row["organisation"] in run.setting.axes.organisations and row["outcome"] != "no_body":
            parties = {row.get("state"), row.get("against")}  # a court asks them, members or not
            assert who - parties <= run.names(row["organisation"], row["step"]), row


def test_every_change_of_members_is_told_and_nobody_leaves_what_it_has_not_joined(run):
    axes = run.setting.axes
    for step, (before, after) in enumerate(pairwise(run.quarters)):
        here = [e for e in _events(run, "join", "exit") if e["step"] == step]
        told = {
            kind: {(e["organisation"], e["actor"]) for e in here if e["kind"] == kind}
            for kind in ("join", "exit")
        }
        gone = {e["organisation"] for e in _events(run, "dissolved") if e["step"] < step}

        def pairs(mask, ended=gone):
            found = {(axes.organisations[o], axes.states[s]) for o, s in np.argwhere(mask)}
            return {one for one in found if one[0] not in ended}

        assert pairs(after.is_member & ~before.is_member) == told["join"] - told["exit"]
        assert pairs(before.is_member & ~after.is_member) == told["exit"] - told["join"]
        was = pairs(before.is_member)
        assert told["exit"] <= was | told["join"]
        assert not told["join"] & (was - told["exit"])


def test_who_announced_an_exit_belonged_then(run):
    for event in _events(run, "exit_announced"):
        body, step = event["organisation"], event["step"]
        row, column = run.setting.axes.organisation(body), run.setting.axes.state(event["actor"])
        assert run.quarters[step].is_member[row, column] or event["actor"] in run.names(body, step)


def test_dues_add_up(run):
    codes = run.setting.axes.organisations
    for step, quarter in enumerate(run.quarters[1:]):
        for row, code in enumerate(codes):
            dues = run.setting.dues(code, step)
            assert dues.min() >= 0.0
            if not run.quarters[0].is_member[row].any():  # founded later: nobody is assessed
                assert not dues.any(), code
                assert quarter.funding[row] == 1.0, code
                continue
            assert dues.sum() == pytest.approx(1.0), code
            paid = sum(
                due * (1.0 - withheld)
                for due, withheld, inside in zip(
                    dues, quarter.arrears[row], quarter.is_member[row], strict=True
                )
                if inside
            )
            assert quarter.funding[row] == pytest.approx(paid), (code, step)


# ------------------------------------------------------------------ agreements


def _following(status: Status) -> set[Status]:
    """Stages that may be reached from one, itself among them."""
    found, edge = {status}, [status]
    while edge:
        new = TRANSITIONS[edge.pop()] - found
        found |= new
        edge += new
    return found


def test_agreements_go_through_their_stages_only(run):
    seen = 0
    for before, after in pairwise(run.quarters):
        now = {one.code: one for one in after.agreements}
        for one in before.agreements:
            assert now[one.code].status in _following(one.status)
            seen += now[one.code].status is not one.status
    assert seen


def test_only_parties_are_bound_and_only_by_what_is_in_force(run):
    for quarter in run.quarters:
        for one in quarter.agreements:
            assert not (one.is_bound & ~one.signatories).any()
            assert one.status is Status.IN_FORCE or not one.is_bound.any()
            assert one.status not in {Status.LAPSED, Status.WITHDRAWN} or one.ended is not None


def test_every_stage_can_be_reached_and_ends_are_final():
    assert _following(Status.PROPOSED) == set(Status)
    ends = {Status.LAPSED, Status.REVISED, Status.WITHDRAWN}
    assert {one for one in Status if not TRANSITIONS[one]} == ends


# ------------------------------------------------------------------ charters


def test_every_charter_loads_for_every_year_of_its_life(setting):
    for code, charter in setting.scenario.organisation.items():
        for year in range(charter.founded.year, 2041):
            now = charter.on(date(year, 12, 31))
            assert set(now.decision) <= set(now.mandate), (code, year)
            for use in now.decision.values():
                DECISION_RULES.bind(use.rule, use.parameters, code)
            AGENDA_RULES.bind(now.agenda.rule, now.agenda.parameters, code)
            assert sum(now.budget.shares.values()) <= 1.0 + 1e-9


# ------------------------------------------------------------------ switches and their draws

# What a switch must not touch: processes that draw for themselves and do not follow from it.
APART = ("civil.age", "civil.coups", "coup", "nuclear.status", "disputes.years_since")
LEADERS = ("orientation", "leaders.tenure", "leaders.left")
MEMBERS = ("is_member", "leaves_at", "membership.is_suspended", "is_dissolved")
UNTOUCHED = {
    "leaders": (*APART, *MEMBERS),
    "leader_withdrawals": (*APART, *LEADERS, "membership.is_suspended"),
    "leader_dues": (*APART, *LEADERS, *MEMBERS[:3]),
    "discontent": (*APART, *MEMBERS),
    "compliance": (*APART, *LEADERS, *MEMBERS),
    "vitality": (*APART, *LEADERS, *MEMBERS[:3]),
    "deaths": (*APART, *LEADERS),
    "withdrawals": (*APART, *LEADERS),
    "accession_to_bodies": (*APART, *LEADERS),
    "suspensions": (*APART, *LEADERS, "is_member", "leaves_at", "is_dissolved"),
    "votes_lost_by_arrears": (*APART, *LEADERS, *MEMBERS),
    "scrutiny": (*APART, *LEADERS, *MEMBERS),
}
NO_TALKS = {"economy", "negotiation", "ratification", "accession", "record"}
# councils follow members, and conflict follows councils
NO_COUNCILS = ("missions", "mediation", "arbitration")


def _played(setting: Setting) -> State:
    """Ten quarters of politics and conflict, without talks."""
    state, log = initial_state(setting), Log(setting)
    for state.step in range(10):
        for phase in PHASES:
            if phase.name not in NO_TALKS:
                phase(setting, state, log)
    return state


@pytest.fixture(scope="module")
def fates(setting_of):
    """``fates("deaths")``: the state after ten quarters, with a switch turned or without."""
    common = tuple(f"switches.{name}=false" for name in NO_COUNCILS)
    found = {}

    def play(switch=""):
        if switch not in found:
            usual = setting_of("baseline", 3, *common)
            value = str(not usual.is_on(switch)).lower() if switch else ""
            turned = (f"switches.{switch}={value}",) if switch else ()
            found[switch] = _played(setting_of("baseline", 3, *common, *turned))
        return found[switch]

    return play


@pytest.mark.parametrize("switch", UNTOUCHED)
def test_a_switch_leaves_the_draws_of_others_alone(switch, fates):
    usual, turned = fates(), fates(switch)
    for name in UNTOUCHED[switch]:
        assert name in FIELDS
        assert np.array_equal(usual[name], turned[name]), name


# ------------------------------------------------------------------ stillness

CHANCE = (
    "leaders", "withdrawals", "accession_to_bodies", "suspensions", "deaths", "coups",
    "civil_conflict", "disputes", "missions", "nuclear", "arms", "scrutiny",
    "epidemics",
    # no chance, but a course of their own: pledges, sanctions that end on their day, open doors
    "climate_pledges", "sanctions", "digital_rules",
)  # fmt: skip


def test_a_world_without_shocks_and_without_chance_stays_put(composed):
    mapping = composed("baseline", quarters=6, switches=dict.fromkeys(CHANCE, False))
    for charter in mapping["organisation"].values():
        charter["docket"] = {}
    model = open_model(scenario_from(mapping), 1)
    for _ in range(6):
        model.step()
    tables = model.log.tables()
    assert tables["events"].num_rows == 0
    moves = {
        "states": ("leader_tenure", "emissions"), "organisations": (), "summary": ("emissions",),
    }  # fmt: skip
    for name, columns in moves.items():
        frame = tables[name].to_pandas().drop(columns=["date", *columns])
        first, last = (
            frame[frame["step"] == n].drop(columns="step").reset_index(drop=True) for n in (0, 5)
        )
        pd.testing.assert_frame_equal(first, last, rtol=0.0, atol=1e-9)
