"""What charters let bodies do about conflict: inspect, stay out, be denied by a member."""

from __future__ import annotations

import numpy as np
import pytest

from sim.engine import simulate
from sim.errors import ConfigError
from sim.kernels.conflict.civil import CivilEnd, Mediators, Society, civil_end
from sim.load import scenario_from, setting_for
from sim.model import initial_state
from sim.security import hazard_shift
from sim.security.councils import Case, bodies_for, good_offices, manner, vote
from sim.security.seats import seated


def _scenario(composed, codes, shocks=None, quarters=8, parameters=None, **security):
    mapping = composed(
        "baseline", quarters=quarters, shocks=shocks or {}, parameters=parameters or {}
    )
    charters = mapping["organisation"]
    mapping["organisation"] = {code: {**charters[code], "docket": {}} for code in codes}
    for code, changes in security.items():
        charter = mapping["organisation"][code]
        charter["security"] = {**charter["security"], **changes}
    return scenario_from(mapping)


def test_who_leaves_the_inspectors_is_not_inspected(composed):
    setting = setting_for(_scenario(composed, ["ABACC"]), 1)
    state = initial_state(setting)
    state.step = 0
    argentina, brazil = (setting.axes.state(code) for code in ("ARG", "BRA"))
    assert not hazard_shift(setting, state, "nuclear").any()  # the facts of the start have it
    with state.opened(["is_member"]):
        state.is_member[setting.axes.organisation("ABACC"), argentina] = False
    change = np.diagonal(hazard_shift(setting, state, "nuclear"))
    assert change[[argentina, brazil]].tolist() == [-setting["nuclear_inspection"], 0.0]
    assert np.count_nonzero(change) == 1
    assert hazard_shift(setting, state, "dispute_onset")[argentina, brazil] > 0


def test_saarc_takes_up_nothing_between_two_members(composed):
    setting = setting_for(_scenario(composed, ["SAARC", "UN"]), 1)
    state = initial_state(setting)
    state.step = 0
    pair = tuple(setting.axes.state(code) for code in ("IND", "PAK"))
    assert bodies_for(setting, state, "mediation", pair) == ("UN",)


def test_a_veto_holder_without_use_for_the_council_stops_it(composed):
    accepted = {}
    for name, logits in (("ready", 0.0), ("denied", 10.0)):
        scenario = _scenario(composed, ["UN"], UN={"reluctance": {"USA": logits}})
        table = simulate(scenario, 1).tables()["third_parties"].to_pandas()
        table = table[table["organisation"] == "UN"]
        accepted[name] = int((table["outcome"] == "accepted").sum())
        if name == "denied":
            assert table.loc[table["outcome"] == "refused", "rejecting"].str.contains("USA").any()
    assert accepted["ready"] > 0
    assert accepted["denied"] < 0.3 * accepted["ready"]


def test_somebody_who_does_not_exist_cannot_be_reluctant(composed):
    with pytest.raises(ConfigError, match="USX"):
        setting_for(_scenario(composed, ["UN"], UN={"reluctance": {"USX": 1.0}}), 1)


def test_a_named_civil_conflict_is_there_from_its_quarter_on(composed):
    shocks = {
        "rising": {"kind": "civil_conflict", "date": "2024-07-26", "state": "JPN", "level": "war"}
    }
    states = simulate(_scenario(composed, ["UN"], shocks, 3), 1).tables()["states"].to_pandas()
    level = states[states["state"] == "JPN"].sort_values("step")["civil_conflict"].tolist()
    assert level[:2] == [0, 0]
    assert level[2] in {0, 1, 2}
    states = [simulate(_scenario(composed, ["UN"], shocks, 3), seed).tables()["states"].to_pandas()
              for seed in range(1, 5)]  # fmt: skip
    last = [f[(f["state"] == "JPN") & (f["step"] == 2)]["civil_conflict"].iloc[0] for f in states]
    assert np.mean([one > 0 for one in last]) > 0.5


def test_a_named_civil_conflict_may_have_lasted_for_long(composed):
    rising = {"kind": "civil_conflict", "date": "2024-01-26", "state": "JPN", "years": 30}
    years = [
        row["years"]
        for row in simulate(_scenario(composed, ["UN"], {"rising": rising}, 2), 1)
        .tables()["conflicts"].to_pylist()
        if row["state"] == "JPN"
    ]  # fmt: skip
    assert years
    assert min(years) >= 30


def test_who_offers_is_accepted_as_often_as_counted(composed):
    """113 of 132 crises in which somebody offered to mediate (ICB)."""
    pairs = [
        *(("BOL", "PER"), ("ECU", "PER"), ("ARG", "CHL"), ("KHM", "THA"), ("ETH", "KEN")),
        *(("GRC", "BGR"), ("FRA", "ESP"), ("MLI", "NER"), ("UGA", "TZA"), ("PRY", "BOL")),
    ]
    shocks = {
        f"border_{n}": {"kind": "dispute", "date": "2024-01-10", "state": one, "against": other,
                        "level": "display", "months": 3, "offered": True}
        for n, (one, other) in enumerate(pairs)
    }  # fmt: skip
    found = 0
    for seed in range(1, 5):
        rows = simulate(_scenario(composed, ["UN"], shocks, 1), seed).tables()["third_parties"]
        accepted = {
            frozenset((row["state"], row["against"]))
            for row in rows.to_pylist()
            if row["outcome"] == "accepted"
        }
        found += len(accepted & {frozenset(pair) for pair in pairs})
    assert found / (4 * len(pairs)) == pytest.approx(113 / 132, abs=0.14)


def test_votes_on_missions_are_told_by_name(composed):
    table = simulate(_scenario(composed, ["UN", "AU"], quarters=24), 1).tables()["mandates"]
    rows = table.to_pandas()
    assert len(rows) > 5
    assert (
        rows["n_reject"] == rows["rejecting"].map(lambda t: len(t.split(";")) if t else 0)
    ).all()
    assert (
        rows["n_abstain"] == rows["abstaining"].map(lambda t: len(t.split(";")) if t else 0)
    ).all()
    refused = rows[rows["outcome"] == "refused"]
    assert (refused["blockers"] != "").all()
    assert set(rows["area"]) == {"security"}


# ------------------------------------------------------------------ who sits on the Council


@pytest.fixture(scope="module")
def council(setting_of, only):
    """``council(year)`` → states on the Security Council in it."""
    setting = setting_of("baseline", 1, *only("UN"))
    state = initial_state(setting)

    def of(year):
        state.step = 4 * (year - 2024)
        sits = seated(setting, state, "UN", setting["council_seat_population"])
        return {setting.axes.states[n] for n in np.flatnonzero(sits)}

    return of


def test_the_ten_of_record_sit_beside_the_five(council):
    five = {"CHN", "FRA", "GBR", "RUS", "USA"}
    assert council(2024) - five == {
        *("ECU", "JPN", "MLT", "MOZ", "CHE"), *("DZA", "GUY", "KOR", "SLE", "SVN")
    }  # fmt: skip
    assert council(2026) - five == {
        *("DNK", "GRC", "PAK", "PAN", "SOM"), *("BHR", "COL", "COD", "LVA", "LBR")
    }  # fmt: skip


def test_fifteen_always_sit_and_nobody_is_elected_again_at_once(council):
    years = {year: council(year) for year in range(2024, 2040)}
    assert {len(sits) for sits in years.values()} == {15}
    for year in range(2024, 2037):
        stays = years[year] & years[year + 1] & years[year + 2]
        assert stays == {"CHN", "FRA", "GBR", "RUS", "USA"}


def test_every_region_has_its_seats_whoever_is_drawn(council, setting_of, only):
    """Three of Africa, two of Latin America: A/RES/1991 (XVIII)."""
    world = setting_of("baseline", 1, *only("UN")).world
    region = dict(zip(world.iso3, world.region, strict=True))
    for year in range(2024, 2040):
        where = [str(region[state]) for state in council(year)]
        assert sum(one.endswith("Africa") for one in where) == 3
        assert sum(one in {"South America", "Central America", "Caribbean"} for one in where) == 2


def test_only_the_council_votes_on_a_conflict(composed):
    table = simulate(_scenario(composed, ["UN"], quarters=12), 1).tables()["third_parties"]
    rows = table.to_pandas()
    rows = rows[rows["organisation"] == "UN"]
    assert len(rows) > 5
    assert (rows[["n_accept", "n_abstain", "n_reject"]].sum(axis=1) == 15).all()


@pytest.mark.parametrize(
    ("council", "said"),
    [
        ({"groups": {"all": {"of": ["South Amerika"], "seats": [1, 1]}}}, "South Amer"),
        ({"groups": {"all": {"of": ["CHL"], "seats": [2, 2]}}, "elected": {2024: ["CHL"]}},
         "1 states for 2 seats"),
        ({"groups": {"all": {"of": ["CHL"], "seats": [1, 1]}}, "elected": {2024: ["CHX"]}}, "CHX"),
    ],
)  # fmt: skip
def test_a_council_of_nobody_known_is_refused(council, said, composed):
    with pytest.raises(ConfigError, match=said):
        setting_for(
            _scenario(composed, ["UN"], UN={"council": {"reference": "invented", **council}}), 1
        )


# ------------------------------------------------------------------ good offices, High Council


def _border(setting, thailand, cambodia):
    rows = setting.axes.state("THA"), setting.axes.state("KHM")
    nothing = np.zeros(len(setting.axes.states))
    return Case("THA-KHM", "good offices", rows, (thailand, cambodia), nothing)


@pytest.mark.parametrize(
    ("thailand", "cambodia", "refusing"),
    [(-100.0, -100.0, ()), (100.0, -100.0, ("THA",)), (100.0, 100.0, ("THA", "KHM"))],
)
def test_the_chair_needs_both_sides_and_nobody_else(thailand, cambodia, refusing, composed):
    setting = setting_for(_scenario(composed, ["ASEAN"]), 1)
    state = initial_state(setting)
    state.step = 0
    case = _border(setting, thailand, cambodia)
    verdict = good_offices(setting, state, "ASEAN", case, manner(setting))
    assert (verdict.is_adopted, verdict.blockers) == (not refusing, refusing)
    council = vote(setting, state, "ASEAN", case, manner(setting))
    assert council.is_adopted <= verdict.is_adopted  # the High Council, which has never met


def test_asean_acts_by_its_chair_alone(composed):
    """The High Council is open to those alone who could have had the chair: never used."""
    pairs = [("KHM", "THA"), ("IDN", "MYS"), ("MYS", "PHL"), ("LAO", "THA"), ("MMR", "THA")]
    shocks = {
        f"border_{n}": {"kind": "dispute", "date": "2024-02-01", "state": one, "against": other,
                        "level": "force", "months": 12, "offered": True}
        for n, (one, other) in enumerate(pairs)
    }  # fmt: skip
    stubborn = {"council_party_readiness": 2.3, "council_resistance": 4.0, "mediator_outside": 0.48}
    scenario = _scenario(composed, ["ASEAN"], shocks, quarters=3, parameters=stubborn)
    found = [simulate(scenario, seed).tables()["third_parties"] for seed in range(1, 5)]
    rows = [row for table in found for row in table.to_pylist() if row["organisation"] == "ASEAN"]
    between = [row for row in rows if row["against"]]
    assert {row["instrument"] for row in between if row["outcome"] == "accepted"} <= {
        "good_offices"
    }
    assert {row["outcome"] for row in between} == {"accepted", "refused"}


# ------------------------------------------------------------------ mediators within states


def test_who_does_not_interfere_mediates_within_a_state_only_if_asked(composed):
    tables = simulate(
        _scenario(composed, ["ASEAN", "AU"], quarters=40), 1
    ).tables()["third_parties"].to_pylist()  # fmt: skip
    within = [row for row in tables if not row["against"] and row["organisation"]]
    assert {row["organisation"] for row in within} >= {"AU", "outside"}
    unasked = {row["organisation"] for row in within if row["text"].endswith("unasked")}
    assert unasked == {"AU"}


def test_mediators_shorten_civil_conflict_and_leave_its_mean_rate_as_counted():
    """The mean over mediated and other years is that of the estimate, which had both in it."""
    model = CivilEnd(1.2, 0.28, -0.37, -0.08, -0.8, -1.3, 0.378)
    world = Society(np.full(2, 8.0), np.full(2, 9.0), np.full(2, 0.3))
    share, effect = 1 / 6, 0.7

    def yearly(mediation):
        chance = civil_end(world, np.full(2, 3.0), np.zeros(2, bool), model,
                           troops=np.zeros(2), mediation=mediation)  # fmt: skip
        return 1.0 - (1.0 - chance) ** 4

    without, mediated = yearly(Mediators(np.array([0.0, effect]), effect, share))
    assert mediated > without
    mean = (1 - share) * without + share * mediated
    assert mean == pytest.approx(yearly(None)[0], rel=1e-9)


def test_agreements_end_civil_conflict_about_as_often_as_counted(composed):
    ends = []
    for seed in range(1, 4):
        events = simulate(_scenario(composed, ["UN", "AU"], quarters=64), seed).tables()["events"]
        ends += [e["reason"] for e in events.to_pylist() if e["kind"] == "civil_conflict_ended"]
    agreed = ends.count("agreement") / len(ends)
    spread = 2.6 * np.sqrt(0.3 * 0.7 / len(ends))
    assert len(ends) > 60
    assert abs(agreed - 0.3) < spread + 0.1  # .2 to .4 (Kreutz 2010)
