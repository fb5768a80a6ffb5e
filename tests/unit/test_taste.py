"""What lasts of a state's taste: with the state, with the family of items, with its union."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from sim.agreements import Item
from sim.behaviour.taste import draw_taste, state_effect, taste_of
from sim.clauses import Specification
from sim.forum import body
from sim.setting import Setting

LOGISTIC_VARIANCE = math.pi**2 / 3
NO_STATE = "switches.state_effects=false"
ALONE = "switches.blocs_vote_as_one=false"
SettingOf = Callable[..., Setting]


def draws(setting: Setting, *, step: int = 3, is_global: bool = False) -> np.ndarray:
    """(60, S) tastes of all states for sixty families."""
    tastes = [draw_taste(setting, "trade", f"X/{n}", is_global=is_global) for n in range(60)]
    return np.stack([one.at(setting, f"X/{n}/0", (step, 0)) for n, one in enumerate(tastes)])


@pytest.mark.parametrize("share", [0.0, 0.05, 0.1])
def test_its_variance_is_that_of_a_logistic_however_it_is_split(
    setting_of: SettingOf, share: float
) -> None:
    setting = setting_of("baseline", 1, f"parameters.noise_passing_share={share}", NO_STATE, ALONE)
    found = draws(setting)
    # 11,640 draws: the standard error of the variance is about 2 %
    assert found.var() == pytest.approx(LOGISTIC_VARIANCE, rel=0.08)
    passing = (found - draws(setting, step=4)).var() / 2
    assert passing == pytest.approx(share * LOGISTIC_VARIANCE, rel=0.1, abs=1e-12)


def test_a_state_effect_is_the_same_for_all_items_of_a_run(setting_of: SettingOf) -> None:
    setting, off = (setting_of("baseline", 1, ALONE, *s) for s in ([], [NO_STATE]))
    effect = draws(setting) - draws(off)
    assert np.allclose(effect, effect[0])
    assert np.allclose(effect[0], state_effect(setting, "trade"))
    assert effect[0].std() == pytest.approx(setting["state_effect_sd"], rel=0.2)
    other = setting_of("baseline", 2, ALONE)
    assert not np.allclose(state_effect(other, "trade"), effect[0])
    assert not np.allclose(state_effect(setting, "digital"), effect[0])


def test_estimated_effects_are_drawn_with_their_own_spread(setting_of: SettingOf) -> None:
    on = setting_of("baseline", 1, ALONE, "switches.estimated_state_effects=true")
    plain = state_effect(setting_of("baseline", 1, ALONE), "trade") / on["state_effect_sd"]
    assert np.allclose(state_effect(on, "trade"), plain * on.estimated_state_effects[1])


def test_reopening_keeps_it(setting: Setting) -> None:
    spec = Specification(deadline_quarters=4)
    first, later = (Item("CPTPP", "review", 0, spec, opening=n) for n in (0, 3))
    forum = body(setting, "CPTPP", "trade")
    one, two = (taste_of(setting, forum, item.name).lasting for item in (first, later))
    assert np.array_equal(one, two)
    assert not np.allclose(one, taste_of(setting, forum, "x").lasting)


def test_a_union_has_one_taste_but_for_dissent(setting_of: SettingOf) -> None:
    setting = setting_of("baseline", 1)
    union = setting.unions("trade")["EU"]
    assert union.sum() == 27
    found = draws(setting)
    within = np.corrcoef(found[:, union].T)[np.triu_indices(27, 1)].mean()
    assert within == pytest.approx(1 - setting["bloc_dissent"], abs=0.08)
    assert found[:, union].var() == pytest.approx(LOGISTIC_VARIANCE + 0.85**2, rel=0.5)
    one = setting_of("baseline", 1, "parameters.bloc_dissent=0")
    assert np.allclose(np.ptp(draws(one)[:, union], axis=1), 0.0)
    apart = draws(setting_of("baseline", 1, ALONE))
    assert abs(np.corrcoef(apart[:, union].T)[np.triu_indices(27, 1)].mean()) < 0.4


def test_a_factor_widens_it_in_a_distant_forum(setting_of: SettingOf) -> None:
    setting = setting_of("baseline", 1, "parameters.noise_global_factor=1.5", NO_STATE)
    assert np.allclose(draws(setting, is_global=True), 1.5 * draws(setting))


def test_without_persistence_nothing_of_an_item_lasts(setting_of: SettingOf) -> None:
    setting = setting_of("baseline", 1, "switches.persistent_taste=false", NO_STATE)
    assert not draw_taste(setting, "trade", "X/1").lasting.any()


def test_seeds_steps_and_meetings_have_their_own(setting_of: SettingOf) -> None:
    one, two = setting_of("baseline", 1), setting_of("baseline", 2)
    taste = draw_taste(one, "trade", "X/1")
    first = taste.at(one, "X/1/0", (3, 0))
    assert np.array_equal(first, taste.at(one, "X/1/0", (3, 0)))
    others = (
        taste.at(one, "X/1/0", (4, 0)),
        taste.at(one, "X/1/0", (3, 1)),
        draw_taste(two, "trade", "X/1").at(two, "X/1/0", (3, 0)),
    )
    assert all((other != first).all() for other in others)


def test_who_is_asked_alone_has_the_taste_that_it_has_among_all(setting_of: SettingOf) -> None:
    setting = setting_of("baseline", 1)
    taste, everybody = draw_taste(setting, "trade", "X/1"), np.ones(len(setting.axes.states), bool)
    of_all = taste.at(setting, "X/1/0", (3, 0))
    assert np.array_equal(taste.at(setting, "X/1/0", (3, 0), everybody), of_all)
    for codes in (["NZL"], ["FRA", "NZL"]):  # outside a union, and with one of its members
        asked = setting.axes.mask(codes)
        found = taste.at(setting, "X/1/0", (3, 0), asked)
        assert np.array_equal(found[asked], of_all[asked])
        assert not found[~asked].any()
