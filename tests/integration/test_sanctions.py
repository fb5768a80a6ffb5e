"""Sanctions: who may, who has a vote, what they cost and press for, when they end."""

from __future__ import annotations

import numpy as np
import pytest

from sim.dataset import parquet_bytes
from sim.engine import open_model, simulate
from sim.load import scenario_from, setting_for
from sim.mechanisms.sanctions.motions import bodies_that_may, effects_of, put
from sim.mechanisms.sanctions.records import NOBODY, Occasion, occasions
from sim.model import initial_state

AFRICA = ("AU", "ECOWAS", "UN", "EU", "ASEAN", "OAS", "ARAB_LEAGUE")
COUP = "+shocks.putsch={kind: coup, date: 2024-04-01, state: SEN}"
EMBARGO = (
    "+shocks.embargo={kind: sanction, date: 2024-04-01, body: EU, target: FJI, until: 2025-01-01}"
)

TIRED = (
    *("DZA", "AGO", "BWA", "EGY", "ETH", "GHA", "KEN", "LBY", "MAR", "MOZ", "NAM", "NGA"),
    *("RWA", "ZAF", "TZA", "TUN", "UGA", "ZMB", "ZWE", "CMR", "COD", "TCD", "MWI", "MUS"),
)


@pytest.fixture(scope="module")
def day_one(setting_of, only):
    """A setting with some bodies, and its state in the first quarter."""
    setting = setting_of("baseline", 1, *only(*AFRICA))
    state = initial_state(setting)
    state.step = 0
    return setting, state


def _occasion(setting, kind, target, other=None):
    rows = [setting.axes.state(code) for code in (target, other) if code]
    return Occasion(kind, rows[0], rows[1] if other else NOBODY, 4)


@pytest.mark.parametrize(
    ("kind", "target", "other", "bodies"),
    [
        ("coup", "SEN", None, ["ECOWAS", "EU", "AU", "UN"]),
        ("coup", "FRA", None, ["UN"]),
        ("civil", "SEN", None, ["EU", "UN"]),
        ("civil", "JOR", None, ["ARAB_LEAGUE", "EU", "UN"]),
        ("civil", "MMR", None, ["EU", "UN"]),
        ("war", "USA", "VEN", ["EU", "OAS", "UN"]),
        ("force", "THA", "KHM", []),
    ],
)
def test_charters_say_who_may_sanction_whom_for_what(day_one, kind, target, other, bodies):
    setting, state = day_one
    what = _occasion(setting, kind, target, other)
    assert list(bodies_that_may(setting, state, what, beyond_members=True)) == bodies
    near = [code for code in bodies if code not in ("EU", "UN")]
    assert list(bodies_that_may(setting, state, what, beyond_members=False)) == near


def test_a_permanent_member_stops_sanctions_on_itself_and_others_have_no_vote(day_one):
    setting, state = day_one
    by = effects_of(setting)
    votes = {
        (body, target): [
            put(setting, state, (body, _occasion(setting, "coup", target), "targeted"), by, draw)
            for draw in range(12)
        ]
        for body, target in (("UN", "CHN"), ("UN", "SEN"), ("ECOWAS", "SEN"))
    }
    assert not any(one.is_adopted for one in votes["UN", "CHN"])
    assert all("CHN" in one.blockers for one in votes["UN", "CHN"])
    assert any(one.is_adopted for one in votes["UN", "SEN"])
    members = int(state.is_member[setting.axes.organisation("ECOWAS")].sum())
    suspended = int(state.has_no_vote[setting.axes.organisation("ECOWAS")].sum())
    for one in votes["ECOWAS", "SEN"]:
        assert "SEN" not in one.rejecting
        assert one.n_accept + one.n_abstain + one.n_reject == members - suspended - 1


def test_members_with_much_trade_to_lose_and_allies_vote_against(day_one):
    setting, state = day_one
    by = effects_of(setting)
    against: dict[str, int] = {}
    for draw in range(40):
        for code in put(
            setting, state, ("EU", _occasion(setting, "civil", "TUN"), "trade"), by, draw
        ).rejecting:
            against[code] = against.get(code, 0) + 1
    assert against["MLT"] + against["ITA"] + against["FRA"] > 0
    named = _occasion(setting, "war", "CHN", "JPN")
    friends = setting.world.has_defence_pact[named.other]
    lost = {True: [0, 0], False: [0, 0]}
    for draw in range(40):
        verdict = put(setting, state, ("UN", named, "targeted"), by, draw)
        for code in ("USA", "FRA", "GBR", "ECU", "CHE"):
            tally = lost[bool(friends[setting.axes.state(code)])]
            tally[0] += code in verdict.rejecting
            tally[1] += 1
    assert lost[True][0] / lost[True][1] < lost[False][0] / lost[False][1]


def test_trade_between_senders_and_target_becomes_dearer_for_as_long_as_told(run_of, only):
    bodies = (*only("EU"), "quarters=6")
    plain = run_of("baseline", 1, *bodies)["states"].to_pandas()
    tables = run_of("baseline", 1, *bodies, EMBARGO)
    states = tables["states"].to_pandas()
    count = states[states["state"] == "FJI"].sort_values("step")["sanctions"].tolist()
    assert count == [0, 1, 1, 1, 0, 0]

    def change(code, step):
        at = [f[(f["state"] == code) & (f["step"] == step)]["welfare"].iloc[0]
              for f in (states, plain)]  # fmt: skip
        return at[0] - at[1]

    assert change("FJI", 2) < 0
    assert change("FJI", 5) == 0
    senders = tables["sanctions"].to_pandas().query("target == 'FJI'")
    assert set(senders["body"]) == {"EU"}
    assert set(senders["how"]) == {"dated"}
    kinds = tables["events"].to_pandas().query("organisation == 'EU' and actor == 'FJI'")
    assert kinds["kind"].tolist() == ["sanctions_imposed", "sanctions_ended"]


def test_what_was_in_force_on_the_first_day_counts_when_it_ends(run_of, only):
    tables = run_of("baseline", 1, *only("ECOWAS", "EU"), "quarters=6", EMBARGO)
    ended = tables["events"].to_pandas().query("kind == 'sanctions_ended'")
    known = set(zip(ended["organisation"], ended["actor"], ended["date"].astype(str), strict=True))
    assert ("ECOWAS", "NER", "2024-02-24") in known
    assert ("EU", "SYR", "2025-05-28") in known
    record = tables["sanctions"].to_pandas().query("step == 0 and body == 'UN'")
    assert len(record) == 13  # the fourteenth regime of the day is on no state


def test_senders_and_targets_share_the_rise_and_nobody_else(composed, only):
    mapping = composed("baseline", quarters=3, shocks={"embargo": {
        "kind": "sanction", "date": "2024-04-01", "body": "EU", "target": "FJI"}})  # fmt: skip
    mapping["organisation"] = {"EU": mapping["organisation"]["EU"]}
    scenario = scenario_from(mapping)
    model, setting = open_model(scenario, seed=1), setting_for(scenario, 1)
    for _ in range(3):
        model.step()
    cost, fiji = model.state.sanctions.trade_cost, setting.axes.state("FJI")
    inside = model.state.is_member[0]
    factor = (1.0 - setting["sanction_trade_fall"]) ** (-1.0 / setting["trade_elasticity"])
    assert cost[inside, fiji] == pytest.approx(factor - 1.0)
    assert (cost == cost.T).all()
    assert (cost[~inside, fiji] == 0).all()


def test_order_returns_sooner_under_sanctions_and_never_later(run_of, only):
    lasted = []
    for press in (0.0, 0.7):
        total = []
        for seed in (1, 2, 3):
            tables = run_of("baseline", seed, *only("AU"), "quarters=12", COUP,
                            "parameters.suspension_chance=1", f"parameters.sanction_end={press}",
                            "+shocks.x={kind: sanction, date: 2024-04-01, body: USA, target: SEN,"
                            " occasion: coup}")  # fmt: skip
            events = tables["events"].to_pandas().query("actor == 'SEN'")
            lifted = events.query("kind == 'suspension_lifted'")["step"]
            total.append(int(lifted.min()) if len(lifted) else 12)
        lasted.append(total)
    assert all(one <= other for one, other in zip(lasted[1], lasted[0], strict=True))
    assert sum(lasted[1]) < sum(lasted[0])


def test_sanctions_lapse_when_members_have_changed_their_mind(composed):
    putsch = {"kind": "coup", "date": "2024-04-01", "state": "SEN"}
    values = {"suspension_years": 5.0, "council_readiness": 6.0}
    mapping = composed("baseline", quarters=9, shocks={"putsch": putsch}, parameters=values)
    charter = mapping["organisation"]["AU"]
    mapping["organisation"] = {"AU": charter}
    charter["security"]["sanctions"]["review_months"] = 12
    charter["versions"]["tired"] = {
        "since": "2025-01-01",
        "security": {**charter["security"], "reluctance": dict.fromkeys(TIRED, 10.0)},
        "reference": "made up for a test",
    }
    tables = simulate(scenario_from(mapping), 1).tables()
    votes = tables["sanction_votes"].to_pandas().query("target == 'SEN'")
    assert votes.query("not keeps")["outcome"].iloc[-1] == "accepted"
    renewals = votes.query("keeps")
    assert renewals["outcome"].tolist() == ["refused"]
    assert tables["sanctions"].to_pandas().query("target == 'SEN'")["how"].iloc[-1] == "lapsed"


def test_who_voted_for_sanctions_keeps_them_while_nothing_changes(day_one):
    setting, state = day_one
    by, what = effects_of(setting), _occasion(setting, "coup", "SEN")
    first = put(setting, state, ("UN", what, "targeted"), by)
    assert put(setting, state, ("UN", what, "targeted"), by, 0) == first
    assert any(put(setting, state, ("UN", what, "targeted"), by, n) != first for n in range(1, 6))


def test_a_war_keeps_its_aggressor_and_only_what_lasts_is_an_occasion(day_one):
    setting, state = day_one
    i, j = sorted(setting.axes.state(code) for code in ("THA", "KHM"))
    everybody = np.ones(state.dispute_stage.shape, dtype=bool)
    with state.opened(["dispute_stage"]):
        state.dispute_stage[[i, j], [j, i]] = 3
        first = [
            one for one in occasions(state, (), everybody) if {one.target, one.other} == {i, j}
        ]
        state.dispute_stage[[i, j], [j, i]] = 4
        later = [one for one in occasions(state, tuple(first), ~everybody)
                 if {one.target, one.other} == {i, j}]  # fmt: skip
        state.dispute_stage[[i, j], [j, i]] = 0
    assert [(one.kind, one.target, one.level) for one in first] == [("force", i, 3)]
    assert [(one.kind, one.target, one.level) for one in later] == [("war", i, 4)]


def test_sanctions_that_press_for_nothing_leave_all_but_trade_as_it_is(run_of, only):
    idle = ("parameters.sanction_end=0", "parameters.sanction_targeted_end=0")
    bodies = (*only("AU", "UN", "GCC"), "quarters=12")
    with_them = run_of("baseline", 1, *bodies, *idle)
    without = run_of("baseline", 1, *bodies, "switches.sanctions=false")
    assert without["sanctions"].num_rows == 0
    assert with_them["sanction_votes"].num_rows > 0
    for name in ("rounds", "votes", "agreements", "conflicts", "disputes", "missions", "mandates",
                 "third_parties", "nuclear", "applications"):  # fmt: skip
        assert parquet_bytes(with_them[name]) == parquet_bytes(without[name]), name
    welfare = [f["states"]["welfare"].to_numpy() for f in (with_them, without)]
    assert (welfare[0] != welfare[1]).any()
