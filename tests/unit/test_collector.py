"""Mesa's frames of a run, and how a run ends."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agents import BlocAgent, StateAgent
from sim.engine import open_model, simulate
from sim.errors import ConfigError, StateError


@pytest.fixture(scope="module")
def scenario(scenario_of, only):
    return scenario_of("baseline", "quarters=3", *only("ASEAN", "WTO"))


@pytest.fixture(scope="module")
def model(scenario):
    model = open_model(scenario, seed=1)
    while model.running:
        model.step()
    return model


def test_frames_are_the_tables_of_the_run(model, scenario):
    tables = simulate(scenario, seed=1).tables()
    frame = model.datacollector.get_model_vars_dataframe()
    assert frame.index.tolist() == [1, 2, 3]
    assert frame.index.name == "Step"
    assert frame["world_trade"].tolist() == tables["summary"]["world_trade"].to_pylist()
    rounds = model.datacollector.get_table_dataframe("rounds")
    depth = tables["rounds"]["depth"].to_numpy()  # of other areas than trade there is none
    np.testing.assert_array_equal(rounds["depth"], depth)
    assert str(rounds["date"].dtype).startswith("datetime64")


def test_agents_are_found_by_their_mesa_numbers(model):
    collector = model.datacollector
    everyone = collector.get_agent_vars_dataframe()
    assert everyone.index.names == ["Step", "AgentID"]
    assert len(everyone) == 3 * len(model.agents)
    chile, bloc = model.agent_of("CHL"), model.agent_of("ASEAN")
    assert everyone.loc[(3, chile.unique_id), "welfare"] == pytest.approx(chile.welfare)
    assert everyone.loc[(3, bloc.unique_id), "vitality"] == bloc.vitality
    states = collector.get_agenttype_vars_dataframe(StateAgent)
    assert set(states["code"]) == {agent.code for agent in model.agents_by_type[StateAgent]}
    assert "vitality" not in states
    assert len(collector.get_agenttype_vars_dataframe(BlocAgent)) == 3 * 2


def test_frames_grow_with_the_run(scenario):
    model = open_model(scenario, seed=1)
    assert len(model.datacollector.get_model_vars_dataframe()) == 0
    model.step()
    assert len(model.datacollector.get_model_vars_dataframe()) == 1


def test_unknown_names_are_told(model):
    with pytest.raises(ConfigError, match="'rounds'"):
        model.datacollector.get_table_dataframe("round")
    with pytest.raises(ConfigError, match="StateAgent"):
        model.datacollector.get_agenttype_vars_dataframe(int)


def test_a_run_that_has_ended_does_not_go_on(model):
    assert model.running is False
    assert model.steps == 3
    with pytest.raises(StateError, match=r"all 3 quarters are done.*while model.running"):
        model.step()
    assert model.state.step == 2
    assert len(model.datacollector.get_model_vars_dataframe()) == 3


def test_mesa_runs_a_model_to_its_end(scenario):
    model = open_model(scenario, seed=1)
    model.run_model()
    assert model.state.step == 2
