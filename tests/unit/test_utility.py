"""What a state thinks of a proposal: the utility by hand, in parts that add up to it."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.behaviour.utility import (
    standing_utility,
    systematic_utility,
    utility_of_gain,
    utility_parts,
)
from sim.charter import DocketItem
from sim.issues import areas
from sim.issues.menu import Acceptance, Menu, Valuation
from sim.model import initial_state
from sim.setting import Setting
from sim.state import State
from sim.streams import stream

TRIO = ["BRA", "KEN", "USA"]  # none of them has an agreement with another
SettingOf = Callable[..., Setting]


def menu_of(setting: Setting, start: State, codes: list[str] = TRIO, **item: object) -> Menu:
    given = {"levels": (0.0, 10.0), "tariff_cuts": (50.0,), **item}
    spec = DocketItem(opens=date(2024, 1, 1), deadline_quarters=1, **given)
    return areas()["trade"].menu(setting, start, "CPTPP", spec, setting.axes.mask(codes), name="x")


def value(setting: Setting, gain: np.ndarray, red_lines: np.ndarray) -> Valuation:
    """A proposal in trade, without partners."""
    return Valuation(areas()["trade"].acceptance(setting), gain, red_lines)


class TestByHand:
    def test_one_state_and_proposal(self, setting_of: SettingOf) -> None:
        setting = setting_of("baseline", 1, "switches.history=false")
        start = initial_state(setting)
        bra = setting.axes.state("BRA")
        with start.opened(["orientation"]):
            start.orientation[bra] = 0.5
        menu, world = menu_of(setting, start), setting.world
        found = systematic_utility(setting, start, menu)
        partners = [setting.axes.state(code) for code in ("KEN", "USA")]
        low = np.mean([min(world.polyarchy[bra], world.polyarchy[j]) for j in partners])
        heads = world.gdp / world.population
        others = np.median(heads[partners])
        draw = stream(1, "depth/CPTPP/x").normal()
        index = 0.87 + 0.154 * 15 + 1.59 * low + 1.45 * draw
        index += 0.21 * math.log(min(heads[bra], others))
        index += 0.48 * math.log(max(heads[bra], others))
        best = 0.10 * min(max(index, 0.7), 7.0) / 7
        for m, gain in enumerate(menu.value.gain[:, bra]):
            depth = menu.proposals[m]["depth"] * menu.scale[m]
            by_hand = 2.12 + 0.42 * math.asinh(gain / 0.03) + 1.6 * low - 1.6 * 0.5
            by_hand -= 0.42 * (depth - 0.025) / best
            by_hand -= 1.0 * menu.value.red_lines[m, bra]
            assert found[m, bra] == pytest.approx(by_hand, abs=1e-9)

    def test_the_parts_add_up(self, setting: Setting, start: State) -> None:
        menu = menu_of(setting, start)
        parts = utility_parts(setting, start, menu.value)
        total = sum(np.broadcast_to(part, menu.value.gain.shape) for part in parts.values())
        assert np.allclose(total, standing_utility(setting, start, menu.value), atol=1e-12)
        assert {"constant", "gain", "democracy", "history", "depth", "red_lines"} <= set(parts)

    def test_who_is_asked_nothing_is_indifferent(self, setting: Setting, start: State) -> None:
        menu = menu_of(setting, start)
        found = systematic_utility(setting, start, menu)
        outside = ~setting.axes.mask(TRIO)
        assert (menu.value.gain[:, outside] != 0).any()  # bystanders lose, but have no say
        assert not found[:, outside].any()

    @given(st.floats(-10, 10), st.floats(0.01, 2), st.floats(1e-3, 0.1), st.floats(0, 5))
    def test_gains_and_losses_weigh_the_same_and_more_is_better(
        self, gain: float, coefficient: float, half: float, reached: float
    ) -> None:
        area = Acceptance(coefficient, half)
        found = utility_of_gain(area, np.array([gain, -gain, gain + 0.01]), np.full(3, reached))
        assert found[0] == pytest.approx(-found[1])
        assert found[2] > found[0] or (reached > 0 and abs(gain) > half)


class TestSwitchesAndParameters:
    def test_orientation_costs_its_coefficient_a_standard_deviation(
        self, setting: Setting, start: State
    ) -> None:
        none = np.zeros(len(setting.axes.states))
        before = standing_utility(setting, start, value(setting, none, none))
        with start.opened(["orientation"]):
            start.orientation[3] = 1.0
            start.orientation[4] = -0.5
        change = standing_utility(setting, start, value(setting, none, none)) - before
        assert change[3:6].tolist() == pytest.approx([-1.6, 0.8, 0.0])

    @pytest.mark.parametrize("switch", ["orientation", "red_lines"])
    def test_what_is_off_does_not_count(
        self, setting: Setting, setting_of: SettingOf, start: State, switch: str
    ) -> None:
        off = setting_of("baseline", 1, f"switches.{switch}=false")
        none = np.zeros(len(setting.axes.states))
        plain = standing_utility(setting, start, value(setting, none, none))
        with start.opened(["orientation"]):
            start.orientation[:] = 1.0 if switch == "orientation" else 0.0
        crossed = np.full(none.size, 0.0 if switch == "orientation" else 1.0)
        assert (standing_utility(setting, start, value(setting, none, crossed)) < plain - 0.9).all()
        assert np.allclose(standing_utility(off, start, value(off, none, crossed)), plain)

    def test_red_lines_weigh_by_strength(self, setting: Setting, start: State) -> None:
        none = np.zeros(len(setting.axes.states))
        strength = none.copy()
        strength[:2] = 1.0, 0.5
        change = standing_utility(setting, start, value(setting, none, strength))
        change -= standing_utility(setting, start, value(setting, none, none))
        assert change[:3].tolist() == pytest.approx([-1.0, -0.5, 0.0])

    def test_estimated_state_effects_are_known_to_all(
        self, setting_of: SettingOf, setting: Setting, start: State
    ) -> None:
        on = setting_of("baseline", 1, "switches.estimated_state_effects=true")
        none = np.zeros(len(setting.axes.states))
        change = standing_utility(on, start, value(on, none, none))
        change -= standing_utility(setting, start, value(setting, none, none))
        mean, spread = on.estimated_state_effects
        assert np.allclose(change, mean)
        assert mean[on.axes.state("FRA")] == mean[on.axes.state("DEU")] > 0
        assert spread[on.axes.state("FRA")] < 0.5 < spread[on.axes.state("USA")] < 0.85

    def test_displaced_home_sales_count_where_they_are_given_a_weight(
        self, setting_of: SettingOf, setting: Setting, start: State
    ) -> None:
        on = setting_of("baseline", 1, "parameters.acceptance_displacement=-0.5")
        plain = systematic_utility(setting, start, menu_of(setting, start))
        found = systematic_utility(on, start, menu_of(on, start))
        inside = setting.axes.mask(TRIO)
        assert (found[:, inside] < plain[:, inside]).all()  # imports from partners rise


class TestDepth:
    def test_a_utility_that_is_proportional_to_depth_is_best_at_the_best_depth(
        self, setting: Setting, start: State
    ) -> None:
        menu = menu_of(
            setting,
            start,
            levels=tuple(float(d) for d in np.arange(0.5, 20.5, 0.5)),
            tariff_cuts=(0.0,),
        )
        plain = [m for m, p in enumerate(menu.proposals) if not p.is_soft and not p.exemptions]
        depth = np.array([menu.proposals[m]["depth"] for m in plain])
        usa = setting.axes.state("USA")
        slope = menu.value.parts["depth"][plain][:, usa]
        rate = -(slope[-1] - slope[0]) / (depth[-1] - depth[0])
        best = setting["acceptance_gain"] / rate
        utility = (
            utility_of_gain(menu.value.acceptance, 1000.0 * depth, np.zeros(depth.size)) + slope
        )
        assert depth[np.argmax(utility)] == pytest.approx(best, abs=0.0051)
        assert 0.01 <= best <= setting["depth_full"]

    def test_what_is_in_place_counts(self, setting: Setting, start: State) -> None:
        """More depth among those that have an agreement is valued on top of it."""
        menu = menu_of(setting, start, ["CAN", "MEX", "USA"], levels=(5.0,), tariff_cuts=(0.0,))
        inside = setting.axes.mask(["CAN", "MEX", "USA"])
        assert (menu.value.reached[:, inside] > 0).all()
        fresh = menu_of(setting, start, levels=(5.0,), tariff_cuts=(0.0,))
        assert not fresh.value.reached[:, setting.axes.mask(TRIO)].any()

    def test_the_draw_belongs_to_body_and_item(self, setting: Setting, start: State) -> None:
        one = menu_of(setting, start).value.parts["depth"]
        assert np.array_equal(one, menu_of(setting, start).value.parts["depth"])
        spec = DocketItem(
            opens=date(2024, 1, 1), deadline_quarters=1, levels=(0.0, 10.0), tariff_cuts=(50.0,)
        )
        members = setting.axes.mask(TRIO)
        area = areas()["trade"]
        other = area.menu(setting, start, "CPTPP", spec, members, name="y").value.parts["depth"]
        assert not np.allclose(one, other)


class TestCoverage:
    @pytest.mark.parametrize("least", [0.7, 0.9, 1.0])
    def test_exemptions_leave_substantially_all_trade(
        self, setting_of: SettingOf, start: State, least: float
    ) -> None:
        setting = setting_of("baseline", 1, f"parameters.coverage_minimum={least}")
        menu = menu_of(setting, start)
        matters = setting.world.matters
        left = [sum(matters[x].trade_share for x in p.exemptions) for p in menu.proposals]
        assert max(left) <= 1 - least + 1e-12
        assert (max(left) > 0) == (least < 1)

    def test_those_that_opt_in_one_by_one_are_free(self, setting: Setting, start: State) -> None:
        assert ("FITP", "trade") in setting.opt_in_bodies
        assert ("CPTPP", "trade") not in setting.opt_in_bodies
        assert areas()["trade"].most_exempt(setting, "FITP", "preferential") == 1.0
        assert areas()["trade"].most_exempt(setting, "WTO", "mfn") == 1.0

    def test_an_exempted_matter_keeps_its_share_of_the_penalty(self, setting: Setting) -> None:
        trade = areas()["trade"]
        full = trade.propose({"depth": 0.1, "tariff_cut": 1.0})
        less = trade.propose({"depth": 0.1, "tariff_cut": 1.0}, exemptions=("agriculture",))
        flat = trade.propose({"depth": 0.0, "tariff_cut": 1.0})
        (a, b, c), (pa, pb, _) = trade.red_lines(setting, 0, [full, less, flat])
        assert np.allclose(a - b, 0.5 * c)  # agriculture alone is of the border
        assert np.allclose(pa - pb, c)
