"""Conflict in whole runs: what must hold whatever is drawn, and what acts on what."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date

import numpy as np
import pytest

from sim.agreements import Agreement, HazardEffect, Proposal, Status
from sim.checkpoint import Checkpoint
from sim.dataset import parquet_bytes
from sim.engine import checkpoint_at, open_model, simulate
from sim.errors import ConfigError
from sim.kernels.conflict.costs import trade_cost_factor
from sim.load import parameters_from, scenario_from, setting_for
from sim.mechanisms.disputes import ONSET
from sim.model import initial_state
from sim.security.councils import Case, bodies_for, manner, vote

BODIES = ("AU", "ASEAN", "OAS", "UN")
# Of conflict alone: coups move leaders and members as well, and sanctions on them move disputes.
APART = ("leaders", "suspensions", "sanctions", "digital_rules")
QUARTERS = ("quarters=24", *(f"switches.{one}=false" for one in APART))
WAR = {"kind": "dispute", "date": "2024-05-01", "state": "BOL", "against": "PER", "level": "war"}
SWITCHES = (
    *("disputes", "dispute_costs", "mediation", "arbitration", "civil_conflict", "civil_costs"),
    *("coups", "missions", "mandates", "nuclear", "arms"),
)
OWN = {"disputes", "conflicts", "missions", "mandates", "nuclear", "third_parties"}


@pytest.fixture(scope="module")
def usual(run_of, only):
    return run_of("baseline", 1, *only(*BODIES), *QUARTERS)


@pytest.fixture(scope="module")
def without(run_of, only):
    """``without(switch, …)``: the same run with parts turned off."""

    def run(*switches):
        off = (f"switches.{one}=false" for one in switches)
        return run_of("baseline", 1, *only(*BODIES), *QUARTERS, *off)

    return run


def _same(one, other, names):
    return {name for name in names if parquet_bytes(one[name]) == parquet_bytes(other[name])}


def _small(composed, **changes):
    mapping = composed("baseline", **changes)
    mapping["organisation"] = {"ANDEAN": mapping["organisation"]["ANDEAN"]}
    return scenario_from(mapping)


def test_what_conflict_adds_to_trade_costs_is_told_apart_from_what_agreements_cut(usual, without):
    told = usual["summary"].to_pandas()
    assert (told["trade_cost_of_conflict"] > 0).any()
    before = told[told["agreements_in_force"] == 0]
    assert len(before) > 4
    assert np.allclose(before["trade_cost_cut"], 0.0, atol=1e-12)
    free = without("dispute_costs", "civil_costs")["summary"].to_pandas()
    assert np.allclose(free["trade_cost_of_conflict"], 0.0, atol=1e-12)


# ------------------------------------------------------------------ the ladder


@pytest.mark.parametrize("seed", range(1, 4))
def test_no_war_without_a_dispute_before_it_and_no_stage_is_left_out(seed, run_of, only):
    events = run_of("baseline", seed, *only("ANDEAN"), "quarters=40")["events"].to_pylist()
    at, in_quarter = {("RUS", "UKR"): 4, ("COD", "RWA"): 3, ("ISR", "LBN"): 3}, Counter()
    highest = 0
    for event in events:
        pair = event["actor"], event["target"]
        if event["kind"] in {"dispute_began", "dispute_rose"}:
            assert event["value"] == at.get(pair, 0) + 1
            at[pair] = int(event["value"])
            highest = max(highest, at[pair])
            in_quarter[event["step"], pair] += 1
        elif event["kind"] == "dispute_ended":
            assert at.pop(pair) >= 1
    assert highest == 4
    assert max(in_quarter.values()) <= 6  # three a quarter; a pair may fall out twice in one


def test_a_dispute_never_falls_and_ends_once(usual):
    seen, ended = defaultdict(int), set()
    names = ("threat", "display", "force", "war")
    for row in usual["disputes"].to_pylist():
        stage = names.index(row["stage"])
        assert stage >= seen[row["dispute"]]
        seen[row["dispute"]] = stage
        assert row["dispute"] not in ended
        assert (row["ended"] is None) == (row["settlement"] == "")
        if row["ended"] is not None:
            assert row["ended"] >= row["began"]
            ended.add(row["dispute"])
    assert len(ended) > 50


# ------------------------------------------------------------------ the first day


def test_what_is_known_of_the_first_day_is_there(usual):
    first = [row for row in usual["missions"].to_pylist() if row["step"] == 0]
    assert {"MONUSCO", "UNMISS", "MINUSCA", "ATMIS", "UNIFIL"} <= {row["mission"] for row in first}
    war = [row for row in usual["disputes"].to_pylist() if row["dispute"].startswith("RUS-UKR/")]
    assert (war[0]["step"], war[0]["stage"], war[0]["began"]) == (0, "war", date(2022, 2, 24))
    weapons = {r["state"] for r in usual["nuclear"].to_pylist() if r["status"] == "weapons"}
    assert {"USA", "RUS", "CHN", "FRA", "GBR", "IND", "PAK", "ISR", "PRK"} <= weapons


def test_aussom_follows_atmis(usual):
    hosts = defaultdict(set)
    for row in usual["missions"].to_pylist():
        hosts[row["date"]].add(row["mission"])
    assert "ATMIS" in hosts[date(2024, 10, 1)]
    assert "AUSSOM" not in hosts[date(2024, 10, 1)]
    assert "AUSSOM" in hosts[date(2025, 1, 1)]
    assert "ATMIS" not in hosts[date(2025, 1, 1)]


# ------------------------------------------------------------------ what acts on what


def test_negotiations_are_the_same_whether_or_not_there_is_conflict(usual, without):
    """Negotiators look beyond what passes, and their draws are their own."""
    off = without(*SWITCHES)
    names = ("rounds", "votes", "agreements")
    assert _same(usual, off, names) == set(names)
    of_conflict = ["disputes_within", "escalations_within", "civil_conflicts_within"]
    of_conflict += ["country_mandates"]  # on states in conflict
    of_conflict += ["delivery", "vitality", "capacity"]  # missions and mediation are deeds
    bodies = [one["organisations"].drop_columns(of_conflict) for one in (usual, off)]
    assert bodies[0].equals(bodies[1])
    assert all(not off[name].num_rows for name in OWN - {"nuclear"})
    assert parquet_bytes(usual["summary"]) != parquet_bytes(off["summary"])


@pytest.mark.parametrize(
    ("switch", "touched"),
    [
        ("disputes", {"disputes", "third_parties"}),
        ("dispute_costs", set()),
        ("mediation", {"disputes", "third_parties"}),
        ("civil_costs", set()),
        ("coups", set()),
        ("missions", {"missions", "mandates", "conflicts"}),
        ("nuclear", {"nuclear"}),
        ("arms", set()),
    ],
)
def test_a_part_turned_off_leaves_alone_what_does_not_hang_on_it(switch, touched, usual, without):
    off = without(switch)
    assert OWN - touched <= _same(usual, off, OWN)


def test_the_same_seed_gives_the_same_bytes(usual, only, scenario_of):
    again = simulate(scenario_of("baseline", *only(*BODIES), *QUARTERS), 1).tables()
    assert _same(usual, again, usual) == set(usual)


def test_a_run_goes_on_from_a_checkpoint_across_a_war(composed, tmp_path):
    scenario = _small(composed, quarters=10, shocks={"war": {**WAR, "months": 18}})
    past = checkpoint_at(scenario, 1, date(2025, 1, 1))
    assert any(one.stage == 4 for one in past._state.disputes.open)
    past.save(tmp_path / "one")
    on = simulate(scenario, 1, start_from=Checkpoint.load(tmp_path / "one")).tables()
    whole = simulate(scenario, 1).tables()
    assert _same(on, whole, whole) == set(whole)


# ------------------------------------------------------------------ cost


def test_a_war_costs_trade_and_income_while_it_lasts_and_does_not_compound(composed):
    shocks = {
        "war": {**WAR, "months": 60},
        "peace": {"kind": "ceasefire", "date": "2025-08-01", "state": "PER", "against": "BOL"},
    }
    model = open_model(_small(composed, quarters=40, shocks=shocks), 1)
    i, j = (model.setting.axes.state(code) for code in ("BOL", "PER"))
    full = trade_cost_factor(np.array([0.4]), model.setting["trade_elasticity"])[0] - 1
    cost, lost = [], []
    for _ in range(40):
        model.step()
        cost.append(model.state.disputes.trade_cost[i, j])
        lost.append(model.state.disputes.income[i])
        assert np.array_equal(model.state.disputes.trade_cost, model.state.disputes.trade_cost.T)
    assert cost[2:6] == pytest.approx([full] * 4)  # at war in every day of the quarter
    assert min(lost[3:6]) == pytest.approx(-2.0, abs=0.3)
    assert cost[18] == pytest.approx(full / 2, rel=0.1)  # half of it three years later
    assert cost[-1] < 0.2 * full


def test_the_war_of_the_first_day_costs_nothing_more_and_its_end_gives_back(composed):
    peace = {"kind": "ceasefire", "date": "2024-07-01", "state": "RUS", "against": "UKR"}
    model = open_model(_small(composed, quarters=12, shocks={"peace": peace}), 1)
    i, j = (model.setting.axes.state(code) for code in ("RUS", "UKR"))
    model.step()
    assert model.state.disputes.trade_cost[i, j] == pytest.approx(0.0, abs=1e-12)
    for _ in range(11):
        model.step()
    assert model.state.disputes.trade_cost[i, j] < -0.01


def test_civil_conflict_costs_what_is_declared_from_the_first_day_on(usual, composed):
    model = open_model(_small(composed, quarters=8), 1)
    start = model.state.civil_conflict.copy()
    for _ in range(8):
        model.step()
    loss = np.array([0.0, 0.5, 2.0])
    assert model.state.civil.income == pytest.approx(loss[start] - loss[model.state.civil_conflict])


# ------------------------------------------------------------------ missions and money


def test_missions_have_what_is_paid_for(composed):
    def strength(share):
        cut = {"kind": "funding_cut", "date": "2024-04-01", "organisation": "UN",
               "contributor": "USA", "share": share}  # fmt: skip
        mapping = composed("baseline", quarters=2, shocks={"cut": cut} if share else {})
        mapping["organisation"] = {"UN": mapping["organisation"]["UN"]}
        rows = simulate(scenario_from(mapping), 1).tables()["missions"].to_pylist()
        return {r["mission"]: (r["funding"], r["strength"]) for r in rows if r["step"] == 1}

    whole, cut = strength(0.0), strength(0.5)
    dues = 0.22
    for name, (funding, persons) in whole.items():
        is_un = name in {"MONUSCO", "UNMISS", "MINUSCA"}
        if is_un:
            assert (funding, cut[name][0]) == pytest.approx((1.0, 1.0 - 0.5 * dues))
            assert cut[name][1] == pytest.approx(persons * (1.0 - 0.5 * dues))
    assert cut["KFOR"] == whole["KFOR"]  # paid by others


def test_the_us_withdrawal_reaches_missions_of_the_united_nations(run_of, only):
    rows = run_of("us_withdrawal", 1, *only("UN", "WHO", "PARIS", "UNHRC", "UNESCO", "USMCA"),
                  "quarters=8")["missions"].to_pylist()  # fmt: skip
    last = {(row["organisation"], row["funding"]) for row in rows if row["step"] == 7}
    assert {body for body, funding in last if funding < 1.0} == {"UN"}
    assert ("NATO", 1.0) in last


# ------------------------------------------------------------------ who may act


@pytest.fixture(scope="module")
def world(setting_of, only):
    setting = setting_of("baseline", 1, *only(*BODIES, "SAARC", "ICJ"))
    state = initial_state(setting)
    state.step = 0
    return setting, state


def _case(setting, one, other, reluctance):
    rows = setting.axes.state(one), setting.axes.state(other)
    gain = np.zeros(len(setting.axes.states))
    return rows, Case(f"{one}-{other}", "mediation", rows, (reluctance, -100.0), gain)


def test_consensus_gives_a_party_a_veto_and_a_majority_does_not(world):
    setting, state = world
    by = manner(setting)
    _, border = _case(setting, "THA", "KHM", 100.0)
    held_up = vote(setting, state, "ASEAN", border, by)
    assert (held_up.is_adopted, "THA" in held_up.blockers) == (False, True)
    _, football = _case(setting, "SLV", "HND", 100.0)
    assert vote(setting, state, "OAS", football, by).is_adopted  # as in 1969


def test_a_permanent_member_stops_the_council(world):
    setting, state = world
    _, case = _case(setting, "RUS", "UKR", 100.0)
    verdict = vote(setting, state, "UN", case, manner(setting))
    assert not verdict.is_adopted
    assert "RUS" in verdict.blockers


def test_bodies_act_among_their_members_regional_ones_first(world):
    setting, state = world
    rows, _ = _case(setting, "THA", "KHM", 0.0)
    assert bodies_for(setting, state, "mediation", rows) == ("ASEAN", "UN")
    rows, _ = _case(setting, "IND", "PAK", 0.0)
    assert bodies_for(setting, state, "mediation", rows) == ("UN",)  # SAARC leaves them out
    assert bodies_for(setting, state, "arbitration", rows) == ("ICJ",)


def test_without_interference_the_state_concerned_has_to_ask(composed):
    """The OAS may not go where it is not asked to; the African Union may."""
    mapping = composed("baseline", quarters=40,
                       parameters={"council_consent": 0.1, "mission_start": 0.2})  # fmt: skip
    mapping["organisation"] = {k: mapping["organisation"][k] for k in ("AU", "OAS")}
    told = Counter(
        e["organisation"]
        for e in simulate(scenario_from(mapping), 1).tables()["events"].to_pylist()
        if e["kind"] in {"mandate_adopted", "mandate_refused"}
    )
    assert told["AU"] > 3 * told["OAS"]


# ------------------------------------------------------------------ rules in force, arms


def test_rules_in_force_make_disputes_rarer(world):
    setting, _ = world

    def begun(effects):
        state = initial_state(setting)
        everybody = np.ones(len(setting.axes.states), dtype=bool)
        rule = Agreement(
            "UN/pact/0", "UN", "pact", "security", "pact", Proposal("security", (("level", 1.0),)),
            1.0, effects, date(2024, 1, 1), everybody, everybody, ~everybody,
            np.zeros(everybody.size, dtype=np.int64), status=Status.IN_FORCE,
        )  # fmt: skip
        with state.opened(["agreements"]):
            state.agreements = (*state.agreements, rule)
        log = open_model(setting.scenario, 1).log
        for step in range(8):
            state.step = step
            ONSET(setting, state, log)
        return sum(e.kind == "dispute_began" for e in log.events)

    assert begun((HazardEffect("dispute_onset", -20.0),)) == 0
    assert begun((HazardEffect("dispute_onset", -1.0),)) < begun(())


def test_spending_that_would_run_away_is_refused_at_load(composed):
    entry = {"unit": "x", "range": [0.0, 0.3], "reference": "assumption", "meaning": "reaction"}
    table = parameters_from({"arms_reaction": {"value": 0.0, **entry}})
    changes = {"parameters": {"arms_reaction": 0.2}}
    scenario = scenario_from(composed("baseline", quarters=1, **changes), table)
    with pytest.raises(ConfigError, match=r"arms_reaction.*0\.2.*0\.126.*less than arms_fatigue"):
        setting_for(scenario, 1)
