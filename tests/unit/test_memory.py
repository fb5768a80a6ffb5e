"""A run that is over gives its memory back."""

from __future__ import annotations

import gc
import weakref

from sim.engine import open_model


def test_nothing_keeps_a_model_that_is_no_longer_used(scenario_of, only):
    model = open_model(scenario_of("baseline", "quarters=1", *only("FITP")), 1)
    model.step()
    left = [weakref.ref(model), weakref.ref(model.setting), weakref.ref(model.state)]
    del model
    gc.collect()
    assert [reference() for reference in left] == [None, None, None]


def test_two_models_number_their_agents_alike(scenario_of, only):
    scenario = scenario_of("baseline", "quarters=1", *only("FITP"))
    one, other = open_model(scenario, 1), open_model(scenario, 1)
    assert [a.unique_id for a in one.agents] == [a.unique_id for a in other.agents]
    assert len({agent.unique_id for agent in one.agents}) == len(one.agents)
