"""What cuts are worth to voters, and to who sells fuels."""

from __future__ import annotations

import numpy as np
import pytest

from sim.load import scenario_from, setting_for
from sim.mitigation import abatement_plan, baseline, in_own_interest
from sim.model import initial_state


@pytest.fixture(scope="module")
def setting_with(composed):
    def make(**parameters):
        mapping = composed("baseline", quarters=1)
        mapping["parameters"] |= parameters
        return setting_for(scenario_from(mapping), 0)

    return make


def plan_of(setting):
    return abatement_plan(setting, initial_state(setting), "same", 0.3)


def test_what_sellers_of_fuels_lose_buyers_gain(setting_with):
    setting = setting_with()
    fuel = plan_of(setting).fuel
    assert fuel.sum() == pytest.approx(0.0, abs=1e-9)
    sells, buys = (fuel[setting.axes.state(code)] for code in ("SAU", "JPN"))
    assert sells < 0 < buys


def test_without_voters_and_fuels_own_interest_is_damage_and_cleaner_air(setting_with):
    bare = setting_with(climate_fuel_response=0.0, climate_voters_share=0.0)
    plan = plan_of(bare)
    assert not plan.fuel.any()
    assert not plan.voters.any()
    worth = plan.side_benefit + plan.acts_for
    np.testing.assert_allclose(in_own_interest(bare, None), np.clip(worth / plan.slope, 0, 1))


def test_voters_count_as_far_as_the_government_answers_to_them(setting_with):
    setting = setting_with()
    voters, world = plan_of(setting).voters, setting.world
    emitted = baseline(setting, None, 2030.0)
    has_any = emitted > 0
    given = voters * emitted / (1000 * setting.income)  # share of income for a complete cut
    np.testing.assert_allclose(given[has_any], 0.005 * world.polyarchy[has_any])
    assert not voters[~has_any].any()
