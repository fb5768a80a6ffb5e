"""Who sits at a table, and how a customs union comes to its one voice."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.behaviour.parties import Parties, _pivotal, seat_parties
from sim.forum import body
from sim.kernels.bargaining import votes_from_margins
from sim.rules.ballot import Ballot
from sim.rules.decision import DECISION_RULES
from sim.setting import Setting
from sim.state import State

SettingOf = Callable[..., Setting]
RULES = {
    "unanimity": {},
    "consensus": {},
    "consensus_minus": {"x": 1},
    "asean_way": {"tolerance": 0.875},
    "simple_majority": {},
    "qualified_majority": {},
    "double_majority": {},
    "weighted_majority": {"threshold": 0.6},
    "partial_adoption": {"minimum_members": 2},
}


def seat(setting: Setting, state: State, code: str, area: str = "trade") -> Parties:
    members = state.is_member[setting.axes.organisation(code)].copy()
    return seat_parties(setting, state, body(setting, code, area), members)


def pivotal_by_scan(
    rule: Callable[[Ballot], object], margin: np.ndarray, population: np.ndarray, cost: float
) -> float:
    """The largest x that still adopts, tried from above on a grid that numbers in eighths hit."""
    for x in np.arange(16 * (margin.max() + 2), 16 * margin.min() - 1, -1) / 16:
        ballot = Ballot.of(
            votes_from_margins(margin - x, cost), margin=margin - x, population=population
        )
        if rule(ballot).is_adopted:
            return float(x)
    raise AssertionError("nothing adopts")


class TestSeats:
    def test_the_union_speaks_as_one_in_the_wto(self, setting: Setting, start: State) -> None:
        parties, axes = seat(setting, start, "WTO"), setting.axes
        members = start.is_member[axes.organisation("WTO")]
        for bloc, size in (("EU", 27), ("GCC", 6), ("MERCOSUR", 4)):
            row = parties.codes.index(bloc)
            inside = start.is_member[axes.organisation(bloc)]
            assert inside.sum() == size
            assert np.array_equal(parties.states[row], inside)
            assert parties.own_rule[row] is body(setting, bloc, "trade").decide
        assert not {"DEU", "SAU", "BRA"} & set(parties.codes)
        assert np.array_equal(parties.states.sum(axis=0), members.astype(int))

    def test_a_bloc_with_a_member_outside_does_not(self, setting: Setting, start: State) -> None:
        """Belarus is not in the WTO: the members of the Eurasian union speak for themselves."""
        axes = setting.axes
        assert not start.is_member[axes.organisation("WTO"), axes.state("BLR")]
        codes = seat(setting, start, "WTO").codes
        assert "EAEU" not in codes
        assert {"RUS", "KAZ", "ARM", "KGZ"} <= set(codes)
        with start.opened(["is_member"]):
            start.is_member[axes.organisation("WTO"), axes.state("BLR")] = True
        codes = seat(setting, start, "WTO").codes
        assert "EAEU" in codes
        assert not {"RUS", "BLR"} & set(codes)

    def test_no_bloc_sits_in_its_own_house(self, setting: Setting, start: State) -> None:
        for code in ("EU", "GCC", "MERCOSUR", "EAEU"):
            parties = seat(setting, start, code)
            assert code not in parties.codes
            assert all(rule is None for rule in parties.own_rule)

    def test_single_states_first_by_code_then_blocs(self, setting: Setting, start: State) -> None:
        codes = seat(setting, start, "WTO").codes
        first_bloc = codes.index("EU")
        assert list(codes[:first_bloc]) == sorted(codes[:first_bloc])
        assert codes[first_bloc:] == ("EU", "GCC", "MERCOSUR", "SACU")

    def test_a_member_that_left_the_union_speaks_for_itself(
        self, setting: Setting, start: State
    ) -> None:
        before = seat(setting, start, "WTO")
        axes = setting.axes
        with start.opened(["is_member"]):
            start.is_member[axes.organisation("EU"), axes.state("HUN")] = False
        after = seat(setting, start, "WTO")
        assert "HUN" in after.codes
        assert "HUN" not in before.codes
        assert after.states[after.codes.index("EU")].sum() == 26

    def test_the_switch_seats_every_state(self, setting_of: SettingOf, start: State) -> None:
        off = setting_of("baseline", 1, "switches.blocs_vote_as_one=false")
        parties = seat(off, start, "WTO")
        assert len(parties.codes) == start.is_member[off.axes.organisation("WTO")].sum()

    def test_a_bloc_weighs_what_its_members_weigh(
        self, setting_of: SettingOf, start: State
    ) -> None:
        world = setting_of("baseline", 1).world
        axes = setting_of("baseline", 1).axes
        eu = start.is_member[axes.organisation("EU")]
        for weights, expected in (
            ("population", world.population[eu].sum()),
            ("gdp", world.gdp[eu].sum()),
            ("equal", 27),
            ("{DEU: 3, FRA: 2, USA: 5}", 5),
        ):
            setting = setting_of("baseline", 1, f"organisation.WTO.weights={weights}")
            parties = seat(setting, start, "WTO")
            row = parties.codes.index("EU")
            assert parties.weight[row] == pytest.approx(expected)
            assert parties.income[row] == pytest.approx(setting.income[eu].sum())
            assert parties.population[row] == pytest.approx(world.population[eu].sum())
        assert 0.2 < parties.trade[row] < 0.4
        assert parties.trade.sum() <= 1.0

    def test_a_bloc_has_the_veto_of_a_member(self, setting_of: SettingOf, start: State) -> None:
        setting = setting_of("baseline", 1, "organisation.WTO.vetoes=[FRA, USA]")
        parties = seat(setting, start, "WTO")
        holders = [c for c, veto in zip(parties.codes, parties.has_veto, strict=True) if veto]
        assert holders == ["USA", "EU"]

    def test_states_of_parties(self, setting: Setting, start: State) -> None:
        parties = seat(setting, start, "WTO")
        mask = np.array([c in {"EU", "JPN"} for c in parties.codes])
        expected = start.is_member[setting.axes.organisation("EU")] | setting.axes.mask(["JPN"])
        assert np.array_equal(parties.to_states(mask), expected)

    def test_trade_is_the_share_in_all_exports_and_imports(
        self, setting: Setting, start: State
    ) -> None:
        parties, world = seat(setting, start, "WTO"), setting.world
        eu = parties.states[parties.codes.index("EU")]
        theirs = world.exports[eu].sum() + world.imports[eu].sum()
        everybody = world.exports.sum() + world.imports.sum()
        share = parties.trade[parties.codes.index("EU")]
        assert share == pytest.approx(theirs / everybody, rel=1e-9)

    def test_outsiders_see_the_mean_weighted_by_income(
        self, setting: Setting, start: State
    ) -> None:
        parties = seat(setting, start, "WTO")
        eu = parties.states[parties.codes.index("EU")]
        value = np.arange(eu.size, dtype=float)
        mean = parties.mean(np.stack([value, -value]), setting.income)
        expected = np.average(value[eu], weights=setting.income[eu])
        assert mean[:, parties.codes.index("EU")].tolist() == pytest.approx([expected, -expected])
        usa = parties.codes.index("USA")
        assert mean[0, usa] == setting.axes.state("USA")


class TestTheUnionsMargin:
    """55 % of members and 65 % of people, or fewer than four against."""

    @pytest.fixture
    def eu(self, setting: Setting, start: State) -> tuple[Parties, np.ndarray, int]:
        parties = seat(setting, start, "WTO")
        row = parties.codes.index("EU")
        return parties, np.flatnonzero(parties.states[row]), row

    def margin(self, setting: Setting, eu: tuple[Parties, np.ndarray, int], **loss: float) -> float:
        parties, _, row = eu
        margin = np.full(len(setting.axes.states), 2.0)
        for code, value in loss.items():
            margin[setting.axes.state(code)] = value
        return float(parties.margins(margin, setting.world.population)[row])

    def test_all_agree(self, setting: Setting, eu: tuple) -> None:
        assert self.margin(setting, eu) == 2.0

    def test_one_giant_cannot_stop_it(self, setting: Setting, eu: tuple) -> None:
        assert self.margin(setting, eu, DEU=-5.0) == 2.0
        assert self.margin(setting, eu, DEU=-5.0, FRA=-4.0, ITA=-3.0) == 2.0

    def test_four_with_a_third_of_the_people_can(self, setting: Setting, eu: tuple) -> None:
        found = self.margin(setting, eu, DEU=-5.0, FRA=-4.0, ITA=-3.0, ESP=-1.0)
        assert found == -1.0  # winning Spain would carry it

    def test_thirteen_small_ones_can(self, setting: Setting, eu: tuple) -> None:
        few = ["AUT", "BGR", "CYP", "CZE", "DNK", "EST", "FIN", "GRC", "HRV", "HUN", "IRL", "LTU"]
        small = dict.fromkeys(few, -0.5)
        assert self.margin(setting, eu, **small) == 2.0
        assert self.margin(setting, eu, **small, LVA=-0.25) == -0.25


@pytest.mark.parametrize("name", RULES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_the_pivotal_margin_is_what_a_scan_finds(name: str, data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 6))
    number = st.integers(-16, 16).map(lambda v: v / 8)
    margin = np.array(data.draw(st.lists(number, min_size=size, max_size=size)))
    people = np.array(data.draw(st.lists(st.floats(1, 90), min_size=size, max_size=size)))
    cost = data.draw(st.sampled_from([0.0, 0.25, 0.5]))
    rule = DECISION_RULES.bind(name, RULES[name])
    found = _pivotal(rule, margin, people, cost)
    assert found == pytest.approx(pivotal_by_scan(rule, margin, people, cost), abs=1e-9)


@given(
    margin=st.lists(st.floats(-3, 3), min_size=2, max_size=9),
    cost=st.floats(0, 1),
)
def test_under_consensus_it_is_the_least_margin_and_what_that_one_swallows(
    margin: list[float], cost: float
) -> None:
    """Exactly, whatever rounding makes of margin − (margin + cost)."""
    rule = DECISION_RULES.bind("consensus", {})
    found = _pivotal(rule, np.array(margin), np.ones(len(margin)), cost)
    assert found == min(m + cost for m in margin)


def test_where_all_must_accept_the_last_one_decides() -> None:
    rule = DECISION_RULES.bind("unanimity", {})
    assert _pivotal(rule, np.array([3.0, -0.7, 1.0]), np.ones(3), 0.5) == -0.7
