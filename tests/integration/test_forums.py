"""Negotiations outside charters, from YAML alone: two organisations, a bloc and a power."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from experiments.compose import compose
from sim.agreements import Commitment, TariffCut, TradeCostCut, accumulate
from sim.engine import simulate
from sim.errors import ConfigError
from sim.issues.base import IssueArea
from sim.issues.trade import TradeArea
from sim.load import scenario_from, setting_for

FORUM = """
    kind: open_item
    date: 2024-01-01
    reference: a test
    specification: {deadline_quarters: 8, levels: [1, 2.5], tariff_cuts: [50]}
"""
RULES = """
      decision: {rule: unanimity}
      agenda: {rule: widest}
      meetings_per_year: 4
      entry_into_force: {ratifications: 2, delay_days: 30}
      reference: a test
"""
SCENARIO = f"""# @package _global_
defaults: [baseline, _self_]
title: Forums outside charters
quarters: 8
parameters: {{ratification_rate: 0.4}}
shocks:
  two_organisations:{FORUM}    item: association
    forum:
      code: EU_MERCOSUR
      parties: [EU, MERCOSUR]{RULES}
  bloc_and_power:{FORUM}    item: reciprocal_trade
    forum:
      code: ASEAN_US
      parties: [ASEAN, USA]{RULES}
"""


def leaders(states: list[str]) -> dict[str, Any]:
    """All of them as far from nationalism as leaders are, so that everybody accepts."""
    return {
        f"leader_{state.lower()}": {
            "kind": "leader_change",
            "date": "2024-01-01",
            "state": state,
            "orientation": -5,
            "reference": "a test",
        }
        for state in states
    }


@pytest.fixture(autouse=True, scope="module")
def everything_is_wanted():
    """Where and when items are negotiated is tried here, not which texts members would want."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TradeArea, "is_wanted", IssueArea.is_wanted)
        yield


@pytest.fixture(scope="module")
def setting():
    return setting_for(scenario_from(compose([]).mapping), 1)


def members(setting, code):
    return list(setting.axes.names(setting.world.members(code, setting.scenario.start)))


@pytest.fixture(scope="module")
def run(tmp_path_factory, setting):
    folder = tmp_path_factory.mktemp("mine")
    content = yaml.safe_load(SCENARIO)
    all_states = [
        "USA",
        *(s for code in ("EU", "MERCOSUR", "ASEAN") for s in members(setting, code)),
    ]
    content["shocks"] |= leaders(all_states)
    text = "# @package _global_\n" + yaml.safe_dump(content)
    (folder / "scenario").mkdir()
    (folder / "scenario" / "mine.yaml").write_text(text, encoding="utf-8")
    dropped = [f"~organisation.{code}" for code in ("WTO", "RCEP", "CPTPP", "FITP")]
    composed = compose(["scenario=mine", *dropped], Path(folder))
    return {
        name: table.to_pandas()
        for name, table in simulate(scenario_from(composed.mapping), 1).tables().items()
    }


@pytest.mark.parametrize(
    ("code", "parties"), [("EU_MERCOSUR", "EU;MERCOSUR"), ("ASEAN_US", "USA;ASEAN")]
)
class TestEndToEnd:
    def test_each_party_speaks_with_one_voice(self, run, code, parties):
        votes = run["votes"][run["votes"]["organisation"] == code]
        assert list(votes["party"].unique()) == parties.split(";")

    def test_it_is_agreed_signed_ratified_and_in_force(self, run, setting, code, parties):
        [agreement] = run["agreements"][run["agreements"]["organisation"] == code].to_dict(
            "records"
        )
        names = {
            s for p in parties.split(";") for s in ([p] if len(p) == 3 else members(setting, p))
        }
        assert set(agreement["signatories"].split(";")) == names
        assert agreement["status"] == "in_force"
        events = run["events"]
        kinds = list(events[events["organisation"] == code]["kind"])
        order = ["convened", "item_opened", "agreed", "signed", "ratified", "in_force"]
        assert [kind for kind in order if kind in kinds] == order
        assert sorted(order, key=kinds.index) == order


def test_an_item_between_sides_changes_nothing_within_one(setting, run):
    """EU members trade with each other as before: the cut holds between the two sides."""
    axes = setting.axes
    inside = axes.mask([*members(setting, "EU"), *members(setting, "MERCOSUR")])
    sides = -1 + axes.mask(members(setting, "EU")) + 2 * axes.mask(members(setting, "MERCOSUR"))
    change = Commitment((TariffCut(0.5), TradeCostCut(0.02)), inside, None, sides.astype("int64"))
    left = accumulate(TariffCut, [change], size=len(axes.states))
    depth = accumulate(TradeCostCut, [change], size=len(axes.states))
    deu, fra, bra, ury, usa = (axes.state(c) for c in ("DEU", "FRA", "BRA", "URY", "USA"))
    assert left[deu, bra] == left[ury, fra] == 0.5
    assert depth[deu, bra] == pytest.approx(0.02)
    assert left[deu, fra] == left[bra, ury] == left[deu, usa] == 1.0
    assert not depth[deu, fra]


@pytest.fixture(scope="module")
def rounds(composed):
    """Meetings on the first item of a body with one item, and of one with three."""
    found = []
    for count in (1, 3):
        mapping = composed("baseline", quarters=8)
        item = {
            "opens": "2024-01-01",
            "deadline_quarters": 8,
            "levels": [5],
            "tariff_cuts": [0],
        }
        asean = mapping["organisation"]["ASEAN"]
        asean["docket"] = dict.fromkeys("abc"[:count], item)
        asean["decision"]["trade"] = {"rule": "unanimity"}
        asean["protects_red_lines"] = False
        mapping["organisation"] = {"ASEAN": asean}
        mapping["shocks"]["opposed"] = {
            "kind": "leader_change",
            "date": "2024-01-01",
            "state": "SGP",
            "orientation": 5,
        }
        found.append(simulate(scenario_from(mapping), 1).tables()["rounds"].to_pandas())
    return found


class TestAFullDocketTakesLonger:
    def test_meetings_are_shared(self, rounds):
        alone, shared = rounds
        assert len(alone) == len(shared)
        counts = shared["item"].value_counts()
        assert set(counts.index) == {"ASEAN/a/0", "ASEAN/b/0", "ASEAN/c/0"}
        assert counts.max() - counts.min() <= 1

    def test_no_two_items_have_one_meeting(self, rounds):
        meetings = rounds[1][["step", "meeting"]].apply(tuple, axis=1)
        assert meetings.is_unique


BAD = {
    "no such party": ({"parties": ["EU", "MERKOSUR"]}, "MERCOSUR"),
    "a member twice": ({"parties": ["EU", "DEU"]}, "DEU sits there twice"),
    "the code of an organisation": ({"code": "WTO"}, "WTO is an organisation"),
    "no such rule": ({"decision": {"rule": "unanimty"}}, "unanimity"),
    "one party": ({"parties": ["EU"]}, "two parties"),
    "an unknown key": ({"partys": ["EU"]}, "'parties' \\(nearest\\)"),
}


@pytest.mark.parametrize(("changes", "told"), BAD.values(), ids=BAD)
def test_a_forum_that_cannot_be_is_refused(composed, changes, told):
    shocks = yaml.safe_load(SCENARIO)["shocks"]
    shocks["two_organisations"]["forum"] |= changes
    with pytest.raises(ConfigError, match=told):
        setting_for(scenario_from(composed("baseline", shocks=shocks)), 1)


def test_an_item_can_be_put_before_an_organisation(composed):
    shock = {
        "kind": "open_item",
        "date": "2024-04-01",
        "item": "extra",
        "organisation": "ASEAN",
        "specification": {"deadline_quarters": 4, "levels": [1], "tariff_cuts": [0]},
    }
    mapping = composed("baseline", quarters=3, shocks={"extra": shock})
    mapping["organisation"] = {"ASEAN": mapping["organisation"]["ASEAN"]}
    events = simulate(scenario_from(mapping), 1).tables()["events"].to_pandas()
    opened = events[events["item"] == "ASEAN/extra/0"]
    assert opened["kind"].iloc[0] == "item_opened"
    assert str(opened["date"].iloc[0])[:10] == "2024-04-01"
