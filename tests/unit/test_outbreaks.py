"""What states have against outbreaks, whom outbreaks strike, and what is expected of them."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agreements import Commitment
from sim.engine import open_model
from sim.issues import areas
from sim.issues.health.worth import capacity_added, saved_by
from sim.kernels.epidemics import (
    AT_HOME,
    MARANI,
    QUARTERS,
    UNTIL_VACCINES,
    deaths_where_struck,
    reach,
    strike_chance,
)
from sim.outbreaks import (
    Defence,
    contacts,
    defence_if_signed,
    defence_now,
    expected,
    origins,
    own_access,
    size_factor,
)


def expected_losses(setting, origin, defence):
    """(S, S) percent of annual income that states i expect to lose by outbreaks of o, [o, i]."""
    return sum(
        kind.lost(setting, defence.access) * kind.spared(setting, defence.support)
        for kind in expected(setting, None, origin)
    )


@pytest.fixture(scope="module")
def model(scenario_of, only):
    bodies = only("WHO", "PAHO", "AFRICA_CDC", "NORDIC", "EU")
    found = open_model(scenario_of("baseline", "quarters=2", *bodies), 1)
    found.step()
    return found


def test_contacts_are_relative_to_the_mean_of_the_world(setting):
    people = setting.world.population / setting.world.population.sum()
    found = contacts(setting, None)
    assert np.allclose(found @ people, 1.0)
    assert (found.diagonal() == 0).all()


def test_neighbours_are_struck_before_those_far_away(setting):
    row, at = contacts(setting, None)[setting.axes.state("GIN")], setting.axes.state
    assert row[at("LBR")] > row[at("GHA")] > row[at("PER")]


def test_small_outbreaks_strike_the_share_of_people_that_they_reach(setting):
    people = setting.world.population / setting.world.population.sum()
    for share, error in ((1e-7, 0.01), (1e-2, 0.4)):  # the larger, the less beyond those near by
        found = strike_chance(np.array(share), contacts(setting, None)) @ people
        assert (found <= share * (1 + 1e-9)).all()
        assert np.median(found) > (1 - error) * share


def test_the_queue_for_vaccines_goes_by_spending(setting):
    access, at = own_access(setting, None), setting.axes.state
    assert access[at("CHE")] > access[at("CHN")] > access[at("NER")] > 0
    people = setting.world.population / setting.world.population.sum()
    assert people @ access == pytest.approx(0.5)


def test_expected_losses_are_the_mean_of_what_is_drawn(model):
    """A slow twin: many outbreaks drawn in one state, as the mechanism does, and averaged."""
    setting, state = model.setting, model.state
    defence, local = defence_now(setting, state), setting["epidemic_local"]
    known = origins(setting, None)
    o, rng = setting.axes.state("COD"), np.random.default_rng(1)
    share = (np.arange(20_000) + rng.random(20_000)) / 20_000
    size = MARANI.quantile(share) * size_factor(setting, defence.support)[o]
    chance = strike_chance(reach(size, local)[:, None], contacts(setting, None)[o])
    struck = rng.random(chance.shape) < chance
    struck[:, o] = True
    where = deaths_where_struck(size, local)[:, None] * struck
    where = where * np.exp(-setting["epidemic_surveillance"] * defence.support)
    late = where * (1 - setting["epidemic_vaccines"] * defence.access)
    at_home = np.arange(struck.shape[1]) == o
    early = UNTIL_VACCINES - AT_HOME * ~at_home
    root = early * np.sqrt(where) + (QUARTERS - UNTIL_VACCINES) * np.sqrt(late)
    yearly = setting["epidemic_rate"] * known.share[o] / 4
    drawn = yearly * setting["epidemic_loss"] * root.mean(axis=0)
    kind = expected(setting, None, defence.support)[0]
    found = kind.lost(setting, defence.access)[o] * kind.spared(setting, defence.support)
    assert found.sum() == pytest.approx(drawn.sum(), rel=0.03)
    near = [setting.axes.state(code) for code in ("COD", "AGO", "ZMB", "FRA")]
    assert found[near] == pytest.approx(drawn[near], rel=0.12)


def test_more_surveillance_in_one_state_spares_all(model):
    setting, state = model.setting, model.state
    defence = defence_now(setting, state)
    o, more = setting.axes.state("IND"), defence.support.copy()
    more[o] += 0.2
    before, after = (expected_losses(setting, s, defence) for s in (defence.support, more))
    assert (after[o] < before[o]).all()
    others = np.arange(more.size) != o
    assert np.array_equal(before[others], after[others])


def test_a_body_adds_to_what_its_members_lack_and_to_nobody_elses(model):
    setting, state = model.setting, model.state
    found, at = defence_now(setting, state).support, setting.axes.state
    assert found[at("TWN")] == 0  # a member of none
    assert found[at("HTI")] > found[at("USA")] > 0
    assert found[at("BOL")] / (1 - origins(setting, None).capacity[at("BOL")]) > (
        found[at("IND")] / (1 - origins(setting, None).capacity[at("IND")])
    )


def test_what_all_save_together_is_what_preparing_saves(model):
    """Parts for each pair add up to the difference of the losses, when all are bound."""
    setting, state = model.setting, model.state
    everybody = np.ones(len(setting.axes.states), dtype=bool)
    added = Commitment((capacity_added(setting, "preparedness", 0.5),), everybody)
    before = defence_if_signed(setting, state)
    after = defence_if_signed(setting, state, [added])
    loss = [expected_losses(setting, d.support, d).sum(axis=0) for d in (before, after)]
    total = np.zeros(everybody.size)
    for effect in saved_by(setting, state, "preparedness", 0.5):
        effect.add_to(total, Commitment((effect,), everybody))
    assert total == pytest.approx(loss[0] - loss[1])
    assert (total > 0).all()


def test_outsiders_gain_by_preparing_and_not_by_a_pool(model):
    setting, state = model.setting, model.state
    inside = np.zeros(len(setting.axes.states), dtype=bool)
    inside[[setting.axes.state(code) for code in ("DEU", "COD", "IND")]] = True
    outside = {}
    for kind in ("preparedness", "procurement"):
        total = np.zeros(inside.size)
        for effect in saved_by(setting, state, kind, 1.0):
            effect.add_to(total, Commitment((effect,), inside))
        outside[kind] = total[~inside]
        assert total[setting.axes.state("COD")] > 0
    assert (outside["preparedness"] > 0).all()
    assert (outside["procurement"] == 0).all()


def test_a_pool_is_worth_what_its_best_served_party_brings(model):
    setting, state = model.setting, model.state
    at, total = setting.axes.state, {}
    (effect,) = saved_by(setting, state, "procurement", 1.0)
    for best in ("DEU", "CHN"):
        inside = np.isin(setting.axes.states, ("COD", "IND", best))
        total[best] = np.zeros(inside.size)
        effect.add_to(total[best], Commitment((effect,), inside))
    assert total["DEU"][at("COD")] > total["CHN"][at("COD")] > 0
    assert total["DEU"][at("DEU")] == 0


def test_nothing_is_saved_where_nothing_happens(scenario_of, only):
    for switch in ("epidemics", "epidemic_costs"):
        off = f"switches.{switch}=false"
        found = open_model(scenario_of("baseline", "quarters=1", *only("WHO"), off), 1)
        for kind in areas()["health"].kinds:
            saved = saved_by(found.setting, found.state, kind, 1.0)
            assert not any(effect.worth.any() for effect in saved)


def test_help_is_none_where_the_parameter_says_so(scenario_of, only):
    none = ("parameters.health_body_help=0", "quarters=1", *only("WHO"))
    found = open_model(scenario_of("baseline", *none), 1)
    found.step()
    assert not defence_now(found.setting, found.state).support.any()
    assert isinstance(defence_now(found.setting, found.state), Defence)
