"""What a state wants: the estimated acceptance utility, by hand, and the taste around it."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.behaviour.utility import (
    acceptance_utility,
    draw_taste,
    standing_utility,
    systematic_utility,
)
from sim.charter import DocketItem
from sim.issues import areas
from sim.issues.menu import Menu, Valuation
from sim.setting import Setting
from sim.state import State

LOGISTIC_VARIANCE = math.pi**2 / 3
TRIO = ["GBR", "KEN", "USA"]  # Britain and the United States are allies
SettingOf = Callable[..., Setting]


def menu_of(setting: Setting, start: State) -> Menu:
    item = DocketItem(
        opens=date(2024, 1, 1), deadline_quarters=1, levels=(0.0, 10.0), tariff_cuts=(50.0,)
    )
    return areas()["trade"].menu(setting, start, "CPTPP", item, setting.axes.mask(TRIO))


def value(setting: Setting, gain: np.ndarray, red_lines: np.ndarray) -> Valuation:
    """A proposal in trade, without partners."""
    acceptance = areas()["trade"].acceptance(setting)
    return Valuation(acceptance, gain, red_lines, np.zeros(len(setting.axes.states)))


class TestByHand:
    """MODEL 4.2: 0.61 asinh(G / 0.003) − 1.92 + mean over partners + 1.9 − 1.6 · orientation."""

    def test_one_state_and_proposal(self, setting: Setting, start: State) -> None:
        gbr = setting.axes.state("GBR")
        with start.opened(["orientation"]):
            start.orientation[gbr] = 0.5
        menu, world = menu_of(setting, start), setting.world
        found = systematic_utility(setting, start, menu)
        for m, gain in enumerate(menu.value.gain[:, gbr]):
            partners = []
            for code in ("KEN", "USA"):
                j = setting.axes.state(code)
                low = min(world.polyarchy[gbr], world.polyarchy[j])
                partners.append(0.75 * low + 1.97 * world.has_defence_pact[gbr, j])
            by_hand = 0.61 * math.asinh(gain / 0.003) - 1.92 + sum(partners) / 2 + 1.9 - 1.6 * 0.5
            by_hand -= 2.0 * menu.value.red_lines[m, gbr]
            assert found[m, gbr] == pytest.approx(by_hand, abs=1e-12)
        assert world.has_defence_pact[gbr, setting.axes.state("USA")]
        assert not world.has_defence_pact[gbr, setting.axes.state("KEN")]

    def test_who_is_asked_nothing_is_indifferent(self, setting: Setting, start: State) -> None:
        menu = menu_of(setting, start)
        found = systematic_utility(setting, start, menu)
        outside = ~setting.axes.mask(TRIO)
        assert (menu.value.gain[:, outside] != 0).any()  # bystanders lose, but have no say
        assert not found[:, outside].any()

    @given(st.floats(-10, 10), st.floats(0.01, 2), st.floats(1e-3, 0.1))
    def test_gains_and_losses_weigh_the_same_and_more_is_better(
        self, gain: float, coefficient: float, half: float
    ) -> None:
        value = acceptance_utility(np.array([gain, -gain, gain + 0.01]), coefficient, half)
        assert value[0] == pytest.approx(-value[1])
        assert value[2] > value[0]


class TestSwitches:
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
        assert (standing_utility(setting, start, value(setting, none, crossed)) < plain - 1).all()
        assert np.allclose(standing_utility(off, start, value(off, none, crossed)), plain)

    def test_state_effects_come_with_their_own_coefficients(
        self, setting: Setting, setting_of: SettingOf, start: State
    ) -> None:
        on = setting_of("baseline", 1, "switches.state_effects=true")
        none = np.zeros(len(setting.axes.states))
        gain = np.full(none.size, 0.1)
        found = standing_utility(on, start, value(on, gain, none))
        by_hand = 0.78 * np.arcsinh(0.1 / 0.003) - 2.48 + 1.9 + on.state_effects
        assert np.allclose(found, by_hand)
        assert np.std(on.state_effects) > 0.5

    def test_red_lines_weigh_by_strength(self, setting: Setting, start: State) -> None:
        none = np.zeros(len(setting.axes.states))
        strength = none.copy()
        strength[:2] = 1.0, 0.5
        change = standing_utility(setting, start, value(setting, none, strength))
        change -= standing_utility(setting, start, value(setting, none, none))
        assert change[:3].tolist() == pytest.approx([-2.0, -1.0, 0.0])


class TestPartners:
    def test_no_new_partner_adds_nothing(self, setting: Setting) -> None:
        size = len(setting.axes.states)
        assert not areas()["trade"].partner_term(setting, np.zeros((size, size), dtype=bool)).any()

    def test_covariates_that_are_set_count(self, setting_of: SettingOf) -> None:
        """Distance, rivalry and the own tariff are nought by default and can be tried."""
        other = setting_of(
            "baseline",
            1,
            "parameters.acceptance_own_tariff=-0.05",
            "parameters.acceptance_rivalry=1.0",
            "parameters.acceptance_ideal_distance=-0.3",
        )
        plain = setting_of("baseline", 1)
        axes, world = plain.axes, plain.world
        i, j = axes.state("IND"), axes.state("PAK")
        partners = np.zeros((len(axes.states),) * 2, dtype=bool)
        partners[i, j] = partners[j, i] = True
        change = areas()["trade"].partner_term(other, partners) - areas()["trade"].partner_term(
            plain, partners
        )
        apart = abs(world.ideal_point[i] - world.ideal_point[j])
        assert world.is_rival[i, j]
        assert change[i] == pytest.approx(1.0 - 0.3 * apart - 0.05 * 100 * world.mfn[i])
        assert change[j] == pytest.approx(1.0 - 0.3 * apart - 0.05 * 100 * world.mfn[j])


class TestTaste:
    @staticmethod
    def draws(setting: Setting, is_global: bool = False, items: int = 60) -> np.ndarray:
        return np.concatenate(
            [
                draw_taste(setting, f"X/{n}", is_global).at(setting, f"X/{n}", 3, 0)
                for n in range(items)
            ]
        )

    @pytest.mark.parametrize("share", [0.0, 0.3, 0.5, 1.0])
    def test_its_variance_is_that_of_a_logistic_however_it_is_split(
        self, setting_of: SettingOf, share: float
    ) -> None:
        setting = setting_of("baseline", 1, f"parameters.noise_lasting_share={share}")
        found = self.draws(setting)
        # 11,760 draws: the standard error of the variance is about 2 %
        assert found.var() == pytest.approx(LOGISTIC_VARIANCE, rel=0.08)
        assert abs(found.mean()) < 4 * math.sqrt(LOGISTIC_VARIANCE / found.size)

    @pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
    def test_the_lasting_part_has_its_share_and_stays(
        self, setting_of: SettingOf, share: float
    ) -> None:
        setting = setting_of("baseline", 1, f"parameters.noise_lasting_share={share}")
        taste = [draw_taste(setting, f"X/{n}", False) for n in range(60)]
        now, later = (
            np.concatenate([t.at(setting, f"X/{n}", step, meeting) for n, t in enumerate(taste)])
            for step, meeting in ((3, 0), (3, 1))
        )
        assert np.corrcoef(now, later)[0, 1] == pytest.approx(share, abs=0.05)
        again = draw_taste(setting, "X/7", False)
        assert np.array_equal(again.lasting, taste[7].lasting)
        lasting = np.concatenate([t.lasting for t in taste])
        assert lasting.var() == pytest.approx(share * LOGISTIC_VARIANCE, rel=0.1, abs=1e-12)

    def test_it_is_wider_in_a_distant_forum(self, setting: Setting) -> None:
        near, far = self.draws(setting), self.draws(setting, is_global=True)
        assert np.allclose(far, setting["noise_global_factor"] * near)
        assert setting["noise_global_factor"] > 1

    def test_without_persistence_nothing_lasts(self, setting_of: SettingOf) -> None:
        setting = setting_of("baseline", 1, "switches.persistent_taste=false")
        taste = draw_taste(setting, "X/1", False)
        assert not taste.lasting.any()
        assert self.draws(setting).var() == pytest.approx(LOGISTIC_VARIANCE, rel=0.08)

    def test_items_steps_meetings_and_seeds_have_their_own(self, setting_of: SettingOf) -> None:
        one, two = setting_of("baseline", 1), setting_of("baseline", 2)
        taste = draw_taste(one, "X/1", False)
        first = taste.at(one, "X/1", 3, 0)
        assert np.array_equal(first, taste.at(one, "X/1", 3, 0))
        for other in (
            taste.at(one, "X/1", 4, 0),
            taste.at(one, "X/1", 3, 1),
            draw_taste(one, "X/2", False).at(one, "X/2", 3, 0),
            draw_taste(two, "X/1", False).at(two, "X/1", 3, 0),
        ):
            assert (other != first).all()
