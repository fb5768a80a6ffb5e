"""Every fault of a scenario is found before the first quarter, with its place and its remedy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from pydantic import ValidationError

from sim.errors import ConcordError, ConfigError
from sim.load import Parameter, parameter_table, scenario_from, setting_for
from sim.switches import SWITCHES

Change = Callable[[dict[str, Any]], object]


def put(path: str, value: Any) -> Change:
    """Set the entry at a path with slashes."""

    def change(mapping: dict[str, Any]) -> None:
        *parents, last = path.split("/")
        for key in parents:
            mapping = mapping[key]
        mapping[last] = value

    return change


def drop(path: str) -> Change:
    def change(mapping: dict[str, Any]) -> None:
        *parents, last = path.split("/")
        for key in parents:
            mapping = mapping[key]
        del mapping[last]

    return change


def shock(kind: str, **given: Any) -> Change:
    return put("shocks/mine", {"kind": kind, "date": "2025-06-01", **given})


def both(*changes: Change) -> Change:
    return lambda mapping: [change(mapping) for change in changes]


ASEAN = "organisation/ASEAN"
ITEM = f"{ASEAN}/docket/atiga_upgrade"
WHO = "shocks/us_leaves_who"

# what is wrong: (change, where, what the message names)
FAULTS: dict[str, tuple[Change, str, tuple[str, ...]]] = {
    # names
    "unknown state": (put(f"{WHO}/state", "USB"), "shocks.us_leaves_who.state", ("'USB'", "'USA'")),
    "unknown organisation of a shock": (
        put(f"{WHO}/organisation", "WH0"),
        "shocks.us_leaves_who.organisation",
        ("'WH0'", "'WHO' (nearest)"),
    ),
    "unknown organisation": (
        lambda m: put("organisation/ASAEN", m["organisation"]["ASEAN"])(m),
        "organisation.ASAEN",
        ("'ASAEN'", "'ASEAN' (nearest)"),
    ),
    "unknown rule": (
        put(f"{ASEAN}/decision/trade", {"rule": "asean_wey"}),
        "organisation.ASEAN.decision.trade",
        ("'asean_wey'", "'asean_way' (nearest)"),
    ),
    "unknown agenda rule": (
        put(f"{ASEAN}/agenda", {"rule": "rotating"}),
        "organisation.ASEAN.agenda",
        ("'rotating'", "rotating_chair"),
    ),
    "unknown parameter of a rule": (
        put(f"{ASEAN}/decision/trade", {"rule": "asean_way", "tolerence": 1}),
        "organisation.ASEAN.decision.trade",
        ("'tolerence'", "'tolerance' (nearest)"),
    ),
    "unknown state of an agenda rule": (
        put(f"{ASEAN}/agenda", {"rule": "hegemon", "state": "IDX"}),
        "organisation.ASEAN.agenda.state",
        ("'IDX'", "'IDN'"),
    ),
    "unknown parameter": (
        put("parameters/trade_elasticty", 4),
        "parameters",
        ("'trade_elasticty'", "'trade_elasticity'"),
    ),
    "unknown switch": (put("switches/lerning", False), "switches", ("'lerning'", "'learning'")),
    "unknown response": (put("response", "retalliate"), "response", ("'retaliate' (nearest)",)),
    "unknown schedule": (
        put("shocks/us_liberation_day/schedule", "us_tariffs_2026"),
        "shocks.us_liberation_day.schedule",
        ("'us_tariffs_2025' (nearest)",),
    ),
    "unknown area of an item": (
        put(f"{ITEM}/area", "culture"),
        "organisation.ASEAN.docket.atiga_upgrade.area",
        ("'culture'", "trade"),
    ),
    "misspelt area of an item": (put(f"{ITEM}/area", "trad"), "organisation.ASEAN", ("'trad'",)),
    "misspelt area of a decision": (
        put(f"{ASEAN}/decision/trde", {"rule": "consensus"}),
        "organisation.ASEAN",
        ("'trde'", "mandate"),
    ),
    "misspelt area of a bloc": (
        put(f"{ASEAN}/votes_as_bloc", ["trde"]),
        "organisation.ASEAN",
        ("'trde'",),
    ),
    "unknown kind of item": (
        put(f"{ITEM}/kind", "preferentail"),
        "organisation.ASEAN.docket.atiga_upgrade.kind",
        ("'preferential' (nearest)",),
    ),
    "unknown kind of shock": (shock("exitt"), "shocks.mine", ("'exitt'", "'exit' (nearest)")),
    "no kind of shock": (put("shocks/mine", {"date": "2025-01-01"}), "shocks.mine", ("exit",)),
    "unknown exporter": (
        put("shocks/us_liberation_day/exporters", ["CHX"]),
        "shocks.us_liberation_day.exporters",
        ("'CHN'",),
    ),
    "unknown state in a response that is not chosen": (
        put("responses/retaliate/retaliation_in_kind/against", "USX"),
        "responses.retaliate.retaliation_in_kind.against",
        ("'USX'",),
    ),
    "unknown state in a response that is chosen": (
        both(
            put("responses/retaliate/retaliation_in_kind/states", ["CHX"]),
            put("response", "retaliate"),
        ),
        "responses.retaliate.retaliation_in_kind.states",
        ("'CHX'",),
    ),
    "unknown organisation in a response that is not chosen": (
        put("responses/regional_activism/fitp_is_launched/organisation", "FITPP"),
        "responses.regional_activism.fitp_is_launched.organisation",
        ("'FITPP'", "'FITP'"),
    ),
    "a body whose charter is left out in the response that is chosen": (
        both(drop("organisation/FITP"), put("response", "regional_activism")),
        "response=regional_activism",
        ("FITP has no charter",),
    ),
    "unknown veto holder": (
        put(f"{ASEAN}/vetoes", ["IDX"]),
        "organisation.ASEAN.vetoes",
        ("'IDN'",),
    ),
    "unknown weight": (
        put(f"{ASEAN}/weights", {"IDX": 1}),
        "organisation.ASEAN.weights",
        ("'IDN'",),
    ),
    "unknown payer": (
        put(f"{ASEAN}/budget", {"shares": {"IDX": 0.1}}),
        "organisation.ASEAN.budget.shares",
        ("'IDN'",),
    ),
    "unknown group": (
        put(f"{ASEAN}/entry_into_force/groups", [{"members_of": "ASAEN", "count": 1}]),
        "organisation.ASEAN.entry_into_force.groups",
        ("'ASEAN' (nearest)",),
    ),
    # misspelt keys, from the top down
    "key at the top": (put("quaters", 8), "quaters", ("'quarters' (nearest)",)),
    "key of the world": (put("world/trad", "x"), "world.trad", ("'trade' (nearest)",)),
    "key of a charter": (put(f"{ASEAN}/formm", "soft"), "organisation.ASEAN.formm", ("'form'",)),
    "key of a secretariat": (
        put(f"{ASEAN}/secretariat/capcity", 1),
        "organisation.ASEAN.secretariat.capcity",
        ("'capacity' (nearest)",),
    ),
    "key of an item": (
        put(f"{ITEM}/levls", [1]),
        "organisation.ASEAN.docket.atiga_upgrade.levls",
        ("'levels' (nearest)",),
    ),
    "key of a group": (
        put(f"{ASEAN}/entry_into_force/groups", [{"member_of": "ASEAN", "count": 1}]),
        "organisation.ASEAN.entry_into_force.groups.0.member_of",
        ("'members_of' (nearest)",),
    ),
    "key of a shock": (
        put(f"{WHO}/organization", "WHO"),
        "shocks.us_leaves_who.organization",
        ("'organisation' (nearest)",),
    ),
    "key of a shock that is called as another kind": (
        put("shocks/exit", {"kind": "tariff", "date": "2025-01-01", "importer": "USA", "rat": 3}),
        "shocks.exit.rat",
        ("'rate' (nearest)",),
    ),
    "key of a response": (
        put("responses/retaliate/retaliation_in_kind/proprtion", 1),
        "responses.retaliate.retaliation_in_kind.proprtion",
        ("'proportion' (nearest)",),
    ),
    # values
    "parameter out of range": (
        put("parameters/trade_elasticity", 40),
        "parameters.trade_elasticity",
        ("40", "2.5 to 7.5"),
    ),
    "parameter that is no number": (
        put("parameters/trade_elasticity", float("nan")),
        "parameters.trade_elasticity",
        ("nan",),
    ),
    "parameter that is a word": (
        put("parameters/trade_elasticity", "four"),
        "parameters.trade_elasticity",
        ("'four'",),
    ),
    "parameter of a rule out of range": (
        put(f"{ASEAN}/decision/trade", {"rule": "asean_way", "tolerance": -1}),
        "organisation.ASEAN.decision.trade",
        ("tolerance = -1",),
    ),
    "no quarter": (put("quarters", 0), "quarters", ("0",)),
    "orientation out of range": (
        put("shocks/us_new_president/orientation", 9),
        "shocks.us_new_president.orientation",
        ("9",),
    ),
    "share out of range": (
        put("shocks/us_reviews_un/share", 1.5),
        "shocks.us_reviews_un.share",
        ("1.5",),
    ),
    "negative weight": (
        put(f"{ASEAN}/weights", {"IDN": -1}),
        "organisation.ASEAN.weights.IDN",
        ("-1",),
    ),
    "shares beyond the budget": (
        put(f"{ASEAN}/budget", {"shares": {"IDN": 0.7, "SGP": 0.7}}),
        "organisation.ASEAN.budget.shares",
        ("1.4",),
    ),
    "switch that is no switch": (
        put("switches/learning", "perhaps"),
        "switches.learning",
        ("'perhaps'",),
    ),
    "switches that are none": (put("switches", "abc"), "switches", ("'abc'",)),
    "start within a quarter": (put("start", "2024-02-01"), "start", ("2024-02-01", "quarter")),
    "start that is no date": (put("start", "2024-13-01"), "start", ("2024-13-01",)),
    "name that is none": (put("name", "Bad Name"), "name", ("'Bad Name'",)),
    "exporters that are none": (
        put("shocks/us_liberation_day/exporters", "everybody"),
        "shocks.us_liberation_day.exporters",
        ("'everybody'",),
    ),
    "item without levels": (
        put(f"{ITEM}/levels", []),
        "organisation.ASEAN.docket.atiga_upgrade",
        ("levels",),
    ),
    "item that offers nothing": (
        both(put(f"{ITEM}/levels", [0]), put(f"{ITEM}/tariff_cuts", [0])),
        "organisation.ASEAN.docket.atiga_upgrade",
        ("offers nothing",),
    ),
    "item without a rule": (
        drop(f"{ASEAN}/decision/trade"),
        "organisation.ASEAN",
        ("no decision rule", "'trade'"),
    ),
    # what is missing
    "missing parameter": (
        drop("parameters/trade_elasticity"),
        "parameters",
        ("'trade_elasticity'",),
    ),
    "missing key": (drop("quarters"), "quarters", ("missing",)),
    "no references": (put(f"{ASEAN}/references", []), "organisation.ASEAN.references", ("[]",)),
    "charter that is none": (put(ASEAN, None), "organisation.ASEAN", ("null",)),
    # what cannot happen
    "shock before the start": (
        put(f"{WHO}/date", "2023-12-31"),
        "shocks.us_leaves_who.date",
        ("2023-12-31", "2024-01-01 or later"),
    ),
    "rate and schedule": (
        put("shocks/us_liberation_day/rate", 3),
        "shocks.us_liberation_day",
        ("either",),
    ),
    "neither rate nor schedule": (
        drop("shocks/us_liberation_day/schedule"),
        "shocks.us_liberation_day",
        ("either",),
    ),
    "end before the beginning": (
        put("shocks/us_liberation_day/until", "2025-04-05"),
        "shocks.us_liberation_day",
        ("later than",),
    ),
    "joins twice in one list": (
        shock("join", states=["CHL", "CHL"], organisation="ASEAN"),
        "shocks.mine.states",
        ("CHL", "member of ASEAN already"),
    ),
    "joins twice in two shocks": (
        both(
            shock("join", states=["CHL"], organisation="ASEAN"),
            put(
                "shocks/other",
                {
                    "kind": "join",
                    "date": "2026-01-01",
                    "states": ["NZL", "CHL"],
                    "organisation": "ASEAN",
                },
            ),
        ),
        "shocks.other.states",
        ("CHL",),
    ),
    "joins as a member": (
        shock("join", states=["SGP"], organisation="ASEAN"),
        "shocks.mine.states",
        ("SGP",),
    ),
    "nobody joins": (shock("join", states=[], organisation="ASEAN"), "shocks.mine.states", ("[]",)),
    "exit of a non-member": (
        put(f"{WHO}/organisation", "EU"),
        "shocks.us_leaves_who.state",
        ("USA is not a member of EU", "AUT"),
    ),
    "exit before the join": (
        both(
            shock("join", states=["CHL"], organisation="ASEAN"),
            put(
                "shocks/other",
                {"kind": "exit", "date": "2025-03-01", "state": "CHL", "organisation": "ASEAN"},
            ),
        ),
        "shocks.other.state",
        ("CHL is not a member",),
    ),
    "two exits": (
        shock("exit", state="USA", organisation="WHO"),
        "shocks.mine",
        ("announced its exit from WHO already",),
    ),
    "second exit after the first": (
        put(
            "shocks/mine",
            {"kind": "exit", "date": "2027-06-01", "state": "USA", "organisation": "WHO"},
        ),
        "shocks.mine.state",
        ("USA is not a member of WHO",),
    ),
    "withholds dues that it has not": (
        put("shocks/us_reviews_un/organisation", "EU"),
        "shocks.us_reviews_un.contributor",
        ("pays nothing to EU",),
    ),
    "trade file that is not there": (
        put("world/trade", "/nowhere/trade.csv"),
        "/nowhere/trade.csv",
        ("no such file",),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_has_its_place_and_its_remedy(
    fault: str, composed: Callable[..., dict[str, Any]]
) -> None:
    change, where, words = FAULTS[fault]
    mapping = composed("us_withdrawal")
    change(mapping)
    with pytest.raises(ConcordError) as caught:
        setting_for(scenario_from(mapping), 1)
    error = caught.value
    assert error.exit_code == 2
    assert error.where == where
    assert str(error).startswith(where)
    for word in words:
        assert word in str(error)
    assert "\n" not in str(error)


def test_a_negative_seed_is_refused(scenario_of: Callable[..., Any]) -> None:
    with pytest.raises(ConfigError, match="seed: -1 will not do"):
        setting_for(scenario_of("baseline"), -1)


class TestWhatIsAllowed:
    """The checks refuse what is wrong, and nothing beside it."""

    ALLOWED: ClassVar[dict[str, Change]] = {
        "a join on the first day": put(
            "shocks/mine",
            {"kind": "join", "date": "2024-01-01", "states": ["CHL"], "organisation": "ASEAN"},
        ),
        "back after the exit": put(
            "shocks/mine",
            {"kind": "join", "date": "2026-02-01", "states": ["USA"], "organisation": "WHO"},
        ),
        "in, and out again": both(
            shock("join", states=["CHL"], organisation="ASEAN"),
            put(
                "shocks/other",
                {"kind": "exit", "date": "2025-07-01", "state": "CHL", "organisation": "ASEAN"},
            ),
        ),
        "a shock after the last quarter": put(f"{WHO}/date", "2100-01-01"),
        "a parameter at its bound": put("parameters/trade_elasticity", 7.5),
        "a world without the EU": drop("organisation/EU"),
        "no switch named": put("switches", None),
    }

    @pytest.mark.parametrize("case", ALLOWED)
    def test_it_loads(self, case: str, composed: Callable[..., dict[str, Any]]) -> None:
        mapping = composed("us_withdrawal")
        self.ALLOWED[case](mapping)
        setting_for(scenario_from(mapping), 0)


class TestSwitches:
    def test_all_are_on_but_what_is_not_estimated(self, scenario_of: Callable[..., Any]) -> None:
        switches = scenario_of("baseline").switches
        assert set(switches) == set(SWITCHES)
        off = {
            *("compliance", "diffusion", "discontent", "estimated_state_effects", "forum_choice"),
            *("leader_dues", "leader_withdrawals", "multilateralisation", "sectors"),
            *("joint_withdrawals", "renegotiation", "security_talks", "trust_in_votes"),
        }
        assert {s for s in switches if not switches[s]} == off

    def test_one_is_turned_off_and_the_others_stay(self, scenario_of: Callable[..., Any]) -> None:
        switches = scenario_of("baseline", "switches.learning=false").switches
        usual = scenario_of("baseline").switches
        assert {s for s in switches if switches[s] != usual[s]} == {"learning"}


class TestDated:
    def test_shocks_come_by_date_and_name(self, scenario_of: Callable[..., Any]) -> None:
        dated = scenario_of("us_withdrawal", "response=retaliate").dated
        keys = [(shock.date, name) for name, shock in dated]
        assert keys == sorted(keys)
        assert keys[-1][1] == "retaliation_in_kind"

    def test_only_the_chosen_response_counts(self, scenario_of: Callable[..., Any]) -> None:
        names = [name for name, _ in scenario_of("us_withdrawal").dated]
        assert "retaliation_in_kind" not in names

    def test_a_response_that_is_not_chosen_asks_for_no_charter(
        self, scenario_of: Callable[..., Any]
    ) -> None:
        setting_for(scenario_of("us_withdrawal", "~organisation.FITP"), 1)

    def test_a_response_may_replace_a_shock(self, composed: Callable[..., Any]) -> None:
        other = {"kind": "exit", "date": "2030-01-01", "state": "USA", "organisation": "WHO"}
        mapping = composed(
            "us_withdrawal", responses={"late": {"us_leaves_who": other}}, response="late"
        )
        assert dict(scenario_from(mapping).dated)["us_leaves_who"].date.year == 2030


class TestParameters:
    def test_every_parameter_is_in_its_range_with_unit_and_reference(self) -> None:
        for name, entry in parameter_table().items():
            assert entry.range[0] <= entry.value <= entry.range[1], name
            assert entry.unit, name
            assert len(entry.reference) > 3, name

    def test_a_value_outside_its_range_is_refused(self) -> None:
        with pytest.raises(ValidationError, match="outside its range"):
            Parameter(value=3, unit="1", range=(0, 1), reference="none", meaning="a share")

    def test_another_table_may_be_given(self, composed: Callable[..., Any]) -> None:
        table = dict(parameter_table())
        table["noise_scale"] = table["noise_scale"].model_copy(update={"range": (0.0, 9.0)})
        mapping = composed("baseline", parameters={"noise_scale": 8.0})
        assert scenario_from(mapping, table).parameters["noise_scale"] == 8.0


def test_settings_of_one_start_share_their_world(scenario_of: Callable[..., Any]) -> None:
    one, two = setting_for(scenario_of("baseline"), 1), setting_for(scenario_of("us_withdrawal"), 2)
    assert one.world is two.world
    assert one.memo is not two.memo


def test_loading_changes_nothing_in_the_mapping(composed: Callable[..., Any]) -> None:
    mapping, before = composed("us_withdrawal"), composed("us_withdrawal")
    scenario_from(mapping)
    assert mapping == before
