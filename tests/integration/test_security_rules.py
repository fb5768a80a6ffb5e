"""Rules on security: negotiated in the unit of trade, and felt by what conflict follows from."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from sim.agreements import Agreement, HazardEffect, Status
from sim.dataset import parquet_bytes
from sim.economy import committed_terms, current_terms
from sim.engine import open_model, simulate
from sim.errors import ConfigError
from sim.hazards import dispute_chances, nuclear_chances, traits
from sim.issues import areas
from sim.load import scenario_from, setting_for
from sim.mechanisms.disputes import ONSET, SETTLEMENT
from sim.mechanisms.nuclear.phase import ARMS, run_status
from sim.mechanisms.third_parties import THIRD_PARTIES
from sim.memo import Reading
from sim.model import initial_state
from sim.restraints import hazard_effects, hazard_shift

CONFLICT = ("disputes", "conflicts", "missions", "mandates", "nuclear", "third_parties")
TALKS = "responses.east_asia.talks.forum.decision.rule=partial_adoption"
EAST_ASIA = ("response=east_asia", TALKS, "quarters=24")
CODE = "shocks.code.forum.decision.rule=partial_adoption"
AREA = areas()["security"]


@pytest.fixture(scope="module")
def world(setting):
    return setting, initial_state(setting)


def _effects(world, kind, level=1.0):
    setting, state = world
    proposal = AREA.propose({"strictness": level})
    return AREA.effects(setting, Reading(state, AREA.reads), kind, proposal, level)


def _zeroed(composed, switches=(), **parameters):
    found = composed("baseline", quarters=1, parameters=parameters)
    found["switches"] |= dict.fromkeys(switches, False)
    setting = setting_for(scenario_from(found), 1)
    return setting, initial_state(setting)


def _agreed(tables):
    return [a for a in tables["agreements"].to_pylist() if a["area"] == "security"]


# ------------------------------------------------------------------ what a rule is worth


def test_a_rule_is_worth_the_fall_of_the_expected_loss(world):
    """Worked out for Cambodia and Thailand from the chances that the mechanism itself draws by."""
    setting, state = world
    pairs, block = traits(setting, None), state.disputes
    at = pairs.i, pairs.j
    codes = {"KHM", "THA"}
    row = next(
        p for p in range(pairs.i.size)
        if {setting.axes.states[pairs.i[p]], setting.axes.states[pairs.j[p]]} == codes
    )  # fmt: skip
    onset, force = setting["security_nonuse_onset"], setting["security_nonuse_force"]

    def loss(by_onset, by_force):
        chance, shares = dispute_chances(
            setting, block.years_since[at], block.calm[at] > 0,
            np.full(pairs.i.size, by_onset), np.full(pairs.i.size, by_force),
        )  # fmt: skip
        lost = 0.0
        i, j = pairs.i[row], pairs.j[row]
        flows, income = setting.economy.flows, setting.income[i]
        trade = 50.0 * (flows[i, j] + flows[j, i]) / income
        for k, name in enumerate(("threat", "display", "force", "war")):
            years = setting[f"dispute_duration_mean_{name}"] / 365.25
            fall = setting[f"conflict_trade_fall_{name}"]
            rise = (1 - fall) ** (-1 / setting["trade_elasticity"]) - 1
            after = setting["conflict_trade_recovery"] / np.log(2)
            each = years * setting[f"conflict_income_loss_{name}"] + (years + after) * rise * trade
            lost += 4 * chance[row] * shares[row, k] * each
        return lost

    worth = _effects(world, "non_use_of_force")[-1].worth
    beyond = 1.0 - setting["security_declared_level"]  # of the Treaty of Amity, which both have
    expected = loss(0.0, 0.0) - loss(beyond * onset, beyond * force)
    assert worth[pairs.i[row], pairs.j[row]] == pytest.approx(expected, rel=1e-9)
    assert expected > 1e-4


def test_only_pairs_that_may_fall_out_save_anything(world):
    setting, _ = world
    worth = _effects(world, "non_use_of_force")[-1].worth
    names = setting.axes.states
    assert worth[names.index("BOL"), names.index("NZL")] == 0
    assert (worth >= 0).all()
    assert not worth.diagonal().any()


def test_only_rivals_gain_by_a_zone(world):
    setting, _ = world
    worth = _effects(world, "zone")[-1].worth
    assert worth.any()
    assert not worth[~setting.world.is_rival].any()


@pytest.fixture(scope="module")
def wary(composed):
    """A world in which military spending answers that of rivals, which it does not by default."""
    return _zeroed(composed, arms_reaction=0.05)


@pytest.mark.parametrize("kind", AREA.kinds)
def test_a_stricter_rule_saves_more(kind, wary):
    world = wary
    quarter, half, whole = (_effects(world, kind, level)[-1].worth for level in (0.25, 0.5, 1.0))
    assert (quarter <= half + 1e-15).all()
    assert (half <= whole + 1e-15).all()
    assert quarter.sum() < half.sum() < whole.sum()


@pytest.mark.parametrize(
    ("kind", "switches"),
    [
        ("non_use_of_force", ("disputes",)),
        ("non_use_of_force", ("dispute_costs",)),
        ("zone", ("nuclear",)),
        ("inspection", ("nuclear", "disputes")),
        ("dispute_settlement", ("disputes",)),
        ("dispute_settlement", ("mediation",)),
    ],
)
def test_nothing_is_saved_where_the_mechanism_is_off(kind, switches, composed):
    assert not _effects(_zeroed(composed, switches), kind)[-1].worth.any()


def test_an_arms_limit_is_worth_what_rivals_spending_makes_a_state_spend(wary, world):
    """At rest x = (k/a) W x: nothing is saved where spending does not react (Richardson)."""
    assert not _effects(world, "arms_limit")[-1].worth.any()
    setting, _ = wary
    worth = _effects(wary, "arms_limit")[-1].worth
    i, j = (setting.axes.state(code) for code in ("PAK", "IND"))
    rivals = setting.world.is_rival[i] & (np.nan_to_num(setting.world.milex) > 0)
    weight = setting.world.milex[j] / setting.world.milex[rivals].sum()
    burden = 100 * setting.world.milex[i] / 1000 / setting.income[i]
    cut = 1 - np.exp(setting["security_arms_rest"])
    answer = setting["arms_reaction"] / setting["arms_fatigue"]
    assert worth[i, j] == pytest.approx(burden * answer * weight * cut)
    assert 0 < worth[i, j] < 0.5


def test_settlement_is_worth_the_disputes_that_a_mediator_keeps_from_following(wary):
    setting, _ = wary
    worth = _effects(wary, "dispute_settlement")[-1].worth
    pact = _effects(wary, "non_use_of_force")[-1].worth
    i, j = (setting.axes.state(code) for code in ("ISR", "SYR"))
    assert 0 < worth[i, j] < pact[i, j]
    assert not worth.diagonal().any()


# ------------------------------------------------------------------ the same thing twice


def _agreement(setting, effects, parties):
    size = len(setting.axes.states)
    inside = setting.axes.mask(parties)
    return Agreement(
        "UN/pact/0", "UN", "pact", "security", "pact", AREA.propose({"strictness": 1.0}), 1.0,
        effects, date(2024, 1, 1), inside, inside, ~inside, np.where(inside, 0, -1)[:size],
        status=Status.IN_FORCE,
    )  # fmt: skip


def _shift(setting, rules, hazard, pair):
    """What some rules add to a hazard of a pair of states, in force since the first quarter."""
    state = initial_state(setting)
    with state.opened(["agreements"]):
        state.agreements = tuple(
            _agreement(setting, hazard_effects(setting, rule, level), parties)
            for rule, level, parties in rules
        )
    state.step = 4
    one, other = (setting.axes.state(code) for code in pair)
    return hazard_shift(setting, state, hazard)[one, other]


def test_the_same_rule_twice_restrains_once_and_different_rules_add_up(world):
    setting, _ = world
    pair = ("ECU", "PER")
    pact, code = setting["security_nonuse_onset"], setting["security_inspection_onset"]
    twice = [("non_use_of_force", 1.0, pair), ("non_use_of_force", 0.5, (*pair, "BOL"))]
    assert _shift(setting, twice, "dispute_onset", pair) == pact
    assert _shift(setting, twice, "dispute_onset", ("BOL", "PER")) == 0.5 * pact
    both = [*twice, ("inspection", 1.0, pair)]
    assert _shift(setting, both, "dispute_onset", pair) == pytest.approx(pact + code)


def test_what_was_in_force_on_the_first_day_is_not_counted_again(world):
    """The tables have Tlatelolco and ABACC in them, the estimates the Treaty of Amity."""
    setting, _ = world
    pair = ("ARG", "BRA")
    for rule in ("zone", "inspection"):
        assert _shift(setting, [(rule, 1.0, pair)], "nuclear", pair) == 0.0
    assert (
        _shift(setting, [("zone", 1.0, ("JPN", "KOR"))], "nuclear", ("JPN", "JPN"))
        == (setting["nuclear_zone"])
    )
    beyond = 1.0 - setting["security_declared_level"]
    code = _shift(setting, [("non_use_of_force", 1.0, ("CHN", "VNM"))], "dispute_onset",
                  ("CHN", "VNM"))  # fmt: skip
    assert code == pytest.approx(beyond * setting["security_nonuse_onset"])


def test_a_second_pact_among_the_same_is_worth_nothing_more(world):
    setting, _ = world
    state = initial_state(setting)
    everybody = setting.axes.states
    with state.opened(["agreements"]):
        pact = hazard_effects(setting, "non_use_of_force", 1.0)
        state.agreements = (_agreement(setting, pact, everybody),)
    assert not _effects((setting, state), "non_use_of_force")[-1].worth.any()
    assert _effects((setting, state), "zone")[-1].worth.any()


def test_inspection_is_worth_what_the_day_has(world):
    """Who has left ABACC gains by being inspected again; on the first day nobody there does."""
    setting, _ = world
    state = initial_state(setting)
    i, j = (setting.axes.state(code) for code in ("ARG", "BRA"))
    assert _effects((setting, state), "inspection")[-1].worth[i, j] == 0.0
    with state.opened(["is_member"]):
        state.is_member[setting.axes.organisation("ABACC"), [i, j]] = False
    worth = _effects((setting, state), "inspection")[-1].worth
    assert (worth[i, j] > 0) == bool(setting.world.is_rival[i, j] or _are_relevant(setting, i, j))


def _are_relevant(setting, i, j):
    pairs = traits(setting, None)
    return bool(((pairs.i == min(i, j)) & (pairs.j == max(i, j))).any())


# ------------------------------------------------------------------ what a rule in force does


def test_an_arms_limit_lowers_spending_at_rest(composed):
    found = composed("baseline", quarters=160)
    found["organisation"] = {"ABACC": found["organisation"]["ABACC"]}
    scenario = scenario_from(found)

    def spending(parties):
        model = open_model(scenario, 1)
        limit = hazard_effects(model.setting, "arms_limit", 1.0)
        with model.state.opened(["agreements"]):
            model.state.agreements = (_agreement(model.setting, limit, parties),)
        for step in range(160):
            model.state.step = step
            ARMS(model.setting, model.state, model.log)
        return model.state.nuclear.arms[[model.setting.axes.state(c) for c in ("IND", "FRA")]]

    change = spending(("IND", "PAK")) - spending(())
    cut = setting_for(scenario, 1)["security_arms_rest"]
    assert change == pytest.approx([cut, 0.0], abs=0.01 * abs(cut))


def test_who_is_committed_to_settlement_goes_to_third_parties_more_often(composed):
    def taken(rules):
        found = composed("baseline", quarters=40)
        found["organisation"] = {k: found["organisation"][k] for k in ("UN", "ICJ")}
        model = open_model(scenario_from(found), 1)
        with model.state.opened(["agreements"]):
            model.state.agreements = tuple(
                _agreement(model.setting, hazard_effects(model.setting, rule, 1.0),
                           model.setting.axes.states) for rule in rules)  # fmt: skip
        for step in range(40):
            model.state.step = step
            for phase in (ONSET, THIRD_PARTIES, SETTLEMENT):
                phase(model.setting, model.state, model.log)
        kinds = [e.kind for e in model.log.events]
        return {what: kinds.count(f"{what}_accepted") for what in ("mediation", "arbitration")}

    bound, free = taken(["dispute_settlement"]), taken([])
    assert bound["mediation"] > 1.4 * free["mediation"]
    assert bound["arbitration"] > 1.4 * free["arbitration"]


@pytest.mark.parametrize("kind", ["inspection", "zone"])
def test_the_step_to_a_programme_is_rarer_by_the_ratio_declared(kind, world):
    setting, state = world
    status = np.zeros_like(state.nuclear.status)
    effect = next(
        e for e in _effects(world, kind) if isinstance(e, HazardEffect) and e.hazard == "nuclear"
    )

    def hazard(shift):
        chance = nuclear_chances(setting, status, shift)[:, 0, 1]
        return -4 * np.log1p(-chance)

    ratio = hazard(effect.log_odds) / hazard(0.0)
    assert ratio == pytest.approx(np.exp(setting[f"nuclear_{kind}"]), rel=1e-9)


@pytest.fixture(scope="module")
def east_asia(run_of, only):
    return run_of("nuclear_restraint", 1, *only("ABACC"), *EAST_ASIA)


def test_talks_on_inspection_come_into_force_among_those_who_opt_in(east_asia):
    (agreement,) = _agreed(east_asia)
    assert agreement["status"] == "in_force"
    assert 2 <= len(agreement["ratified"].split(";")) < 4


def test_who_holds_weapons_is_readier_to_refuse(east_asia):
    area = {}
    for vote in east_asia["votes"].to_pylist():
        area.setdefault(vote["party"], vote["part_area"])
    assert area["CHN"] == area["PRK"] < area["JPN"] == area["KOR"] < 0


def test_income_saved_is_expected_and_not_paid_out(scenario_of, only):
    """The economy has it by conflicts that do not happen, not a second time."""
    log = simulate(scenario_of("nuclear_restraint", *only("ABACC"), *EAST_ASIA), 1)
    (agreement,) = log.agreements
    setting, state = log.setting, initial_state(log.setting)
    before = committed_terms(setting, state), current_terms(setting, state)
    with state.opened(["agreements"]):
        state.agreements = (agreement,)
    state.step = 20
    after = committed_terms(setting, state), current_terms(setting, state)
    expected, paid = (b.income - a.income for a, b in zip(before, after, strict=True))
    assert (expected[agreement.is_bound] > 0).all()
    assert not expected[~agreement.is_bound].any()
    assert not paid.any()


def test_a_rule_in_force_changes_conflict_and_one_without_effect_changes_nothing(run_of, only):
    """With effects of zero nothing is left to negotiate, and conflict is as without the talks."""
    alone = (*only("ASEAN"), "~organisation.ASEAN.docket", "quarters=64")
    code = (*alone, CODE, "shocks.code.specification.levels=[100]")
    none = ("parameters.security_nonuse_onset=0", "parameters.security_nonuse_force=0")
    strong = (
        *("parameters.security_nonuse_onset=-0.7", "parameters.security_sovereignty_cost=0"),
        *("parameters.security_constant=2", "parameters.security_declared_level=0"),
    )
    usual = run_of("baseline", 1, *alone)
    without = run_of("code_of_conduct", 1, *code, *none)
    bound = run_of("code_of_conduct", 1, *code, *strong)
    assert not _agreed(without)
    for name in CONFLICT:
        assert parquet_bytes(usual[name]) == parquet_bytes(without[name]), name
    (agreement,) = _agreed(bound)
    assert {"CHN", "VNM"} <= set(agreement["ratified"].split(";"))
    assert bound["disputes"].num_rows < usual["disputes"].num_rows
    for name in ("conflicts", "missions", "nuclear"):  # draws of others stay
        assert parquet_bytes(usual[name]) == parquet_bytes(bound[name]), name


def test_under_a_zone_fewer_states_begin_a_programme(world):
    """Drawn by the mechanism itself, over a century; all that is changed is the zone's effect."""
    setting, _ = world
    everybody = np.ones(len(setting.axes.states), dtype=bool)

    def begun(log_ratio):
        state = initial_state(setting)
        zone = Agreement(
            "UN/zone/0", "UN", "zone", "security", "zone", AREA.propose({"strictness": 1.0}), 1.0,
            (HazardEffect("nuclear", log_ratio),), date(2024, 1, 1), everybody, everybody,
            ~everybody, np.zeros(everybody.size, dtype=np.int64), status=Status.IN_FORCE,
        )  # fmt: skip
        with state.opened(["agreements"]):
            state.agreements = (zone,)
        log = open_model(setting.scenario, 1).log
        with state.opened(["nuclear.status"]):
            for step in range(400):
                state.step = step
                run_status(setting, state, log)
        kinds = [e.reason for e in log.events if e.kind == "nuclear_status"]
        return kinds.count("none to consider")

    assert begun(-30.0) == 0 < begun(-1.0) < begun(0.0)


def test_talks_that_fail_leave_all_conflict_as_it_is(run_of, only):
    talks = run_of("nuclear_restraint", 1, *only("ABACC"), "response=east_asia", "quarters=16")
    usual = run_of("nuclear_restraint", 1, *only("ABACC"), "quarters=16")
    assert talks["rounds"].num_rows > usual["rounds"].num_rows
    assert not _agreed(talks)
    for name in CONFLICT:
        assert parquet_bytes(usual[name]) == parquet_bytes(talks[name]), name


def test_without_memory_and_again_every_table_has_the_same_bytes(scenario_of, only, east_asia):
    scenario = scenario_of("nuclear_restraint", *only("ABACC"), *EAST_ASIA)
    for remembers in (True, False):
        again = simulate(scenario, 1, remembers=remembers).tables()
        for name in again:
            assert parquet_bytes(again[name]) == parquet_bytes(east_asia[name]), name


def test_leaving_abacc_ends_inspection(run_of, only):
    tables = run_of("nuclear_restraint", 1, *only("ABACC"), "response=latin_america", "quarters=4")
    left = {e["actor"] for e in tables["events"].to_pylist() if e["kind"] == "exit"}
    assert left == {"ARG", "BRA"}


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("responses.east_asia.talks.specification.kind=inspektion", "'inspection'"),
        ("responses.east_asia.talks.specification.levels=[25, 150]", "0 to 100"),
        ("responses.east_asia.talks.specification.area=securty", "'security'"),
    ],
)
def test_what_is_asked_for_is_checked_at_load(override, message, scenario_of, only):
    overrides = (*only("ABACC"), *EAST_ASIA, override)
    with pytest.raises(ConfigError, match=message):
        setting_for(scenario_of("nuclear_restraint", *overrides), 1)


# ------------------------------------------------------------------ packages of trade and security


PACKAGE = areas()["package"]
HALVES = {"depth": 0.05, "tariff_cut": 0.5, "strictness": 1.0}


def test_a_package_does_what_its_halves_do_and_no_more(world):
    setting, state = world
    reading = Reading(state, PACKAGE.reads)
    whole = PACKAGE.effects(setting, reading, "zone", PACKAGE.propose(HALVES), 1.0)
    trade = areas()["trade"].propose({"depth": 0.05, "tariff_cut": 0.5})
    rule = AREA.propose({"strictness": 1.0})
    halves = (
        *areas()["trade"].effects(setting, reading, "preferential", trade, 1.0),
        *AREA.effects(setting, reading, "zone", rule, 1.0),
    )
    assert [str(one) for one in whole] == [str(one) for one in halves]
    # what trade leaves out, a matter or a share, makes no rule weaker
    weaker = PACKAGE.effects(setting, reading, "zone", PACKAGE.propose(HALVES), 0.5)
    of_hazards = [e for e in weaker if isinstance(e, HazardEffect)]
    assert of_hazards == [e for e in whole if isinstance(e, HazardEffect)]


@pytest.fixture(scope="module")
def linked(run_of, only):
    """``linked(response)``: agreements of India and Pakistan over some seeds."""

    def run(response):
        return [
            {a["area"] for a in run_of("trade_for_peace", seed, *only("ABACC"), "quarters=12",
                                       f"response={response}")["agreements"].to_pylist()}
            for seed in range(1, 7)
        ]  # fmt: skip

    return run


def test_linked_to_tariffs_a_pact_comes_about_that_alone_does_not(linked):
    """Linkage of issues (Tollison and Willett 1979): the draws of both set-ups are the same."""
    together, apart = linked("together"), linked("apart")
    by_package = sum("package" in areas for areas in together)
    assert by_package > sum("security" in areas for areas in apart)
    assert by_package <= sum("trade" in areas for areas in apart) + 1
