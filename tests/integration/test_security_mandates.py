"""What charters let bodies do about conflict: inspect, stay out, be denied by a member."""

from __future__ import annotations

import numpy as np
import pytest

from sim.engine import simulate
from sim.errors import ConfigError
from sim.load import scenario_from, setting_for
from sim.model import initial_state
from sim.security.councils import bodies_for, inspected


def _scenario(composed, codes, shocks=None, quarters=8, **security):
    mapping = composed("baseline", quarters=quarters, shocks=shocks or {})
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
    assert inspected(setting, state)[[argentina, brazil]].all()
    with state.opened(["is_member"]):
        state.is_member[setting.axes.organisation("ABACC"), argentina] = False
    assert inspected(setting, state)[[argentina, brazil]].tolist() == [False, True]


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
