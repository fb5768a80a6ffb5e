"""Agents are views of the arrays: they hold no numbers, and models stand side by side."""

from __future__ import annotations

from collections.abc import Callable

import mesa
import pytest

from sim.agents import BlocAgent, StateAgent
from sim.engine import open_model
from sim.errors import ConfigError
from sim.model import ConcordModel
from sim.scenario import Scenario


@pytest.fixture(scope="module")
def models(scenario_of: Callable[..., Scenario]) -> tuple[ConcordModel, ConcordModel]:
    """One that has run two quarters, one that has not."""
    scenario = scenario_of("baseline", "quarters=5")
    one, two = open_model(scenario, 1), open_model(scenario, 2)
    for _ in range(5):
        one.step()
    return one, two


def test_every_state_and_organisation_is_an_agent(models: tuple[ConcordModel, ...]) -> None:
    model = models[0]
    axes = model.setting.axes
    assert isinstance(model, mesa.Model)
    assert [a.code for a in model.agents_by_type[StateAgent]] == list(axes.states)
    assert [a.code for a in model.agents_by_type[BlocAgent]] == list(axes.organisations)
    assert len(model.agents) == len(axes.states) + len(axes.organisations)


def test_an_agent_sees_its_row(models: tuple[ConcordModel, ...]) -> None:
    model = models[0]
    state, axes = model.state, model.setting.axes
    chile = model.agent_of("CHL")
    row = axes.state("CHL")
    assert (chile.code, chile.name, chile.row) == ("CHL", "Chile", row)
    assert chile.welfare == pytest.approx(100 * (state.welfare[row] - 1))
    assert "CPTPP" in chile.organisations
    assert "EU" not in chile.organisations
    assert set(chile.partners) == set(axes.names(state.has_agreement[row]))
    assert chile.orientation == 0
    for exporter in ("USA", "IND"):
        assert chile.tariff_on(exporter) == pytest.approx(
            100 * state.tariff[axes.state(exporter), row]  # of the importer on the exporter
        )


def test_an_organisation_sees_its_own(models: tuple[ConcordModel, ...]) -> None:
    model = models[0]
    asean = model.agent_of("ASEAN")
    row = model.setting.axes.organisation("ASEAN")
    assert isinstance(asean, BlocAgent)
    assert len(asean.members) == 10
    assert asean.charter is model.setting.charter("ASEAN")
    assert asean.vitality == model.state.vitality.level[row] > 0
    assert {i.organisation for i in asean.docket} == {"ASEAN"}
    made = [a for bloc in model.blocs for a in bloc.agreements]
    assert len(made) == len(model.state.agreements) > 0
    assert all(a.organisation == bloc.code for bloc in model.blocs for a in bloc.agreements)


def test_two_models_do_not_mix(models: tuple[ConcordModel, ...]) -> None:
    run, fresh = models
    before = run.agent_of("CHL").welfare
    with fresh.state.opened(["welfare", "orientation"]):
        fresh.state.welfare[:] = 2.0
        fresh.state.orientation[:] = 1.0
    assert fresh.agent_of("CHL").welfare == 100.0
    assert run.agent_of("CHL").welfare == before
    assert run.agent_of("CHL").orientation == 0
    before = {one.code for one in fresh.agent_of("ASEAN").agreements}
    assert before == {"ASEAN/electronic_commerce/start"}  # of the first day alone


def test_agents_hold_no_numbers_of_their_own(models: tuple[ConcordModel, ...]) -> None:
    for agent in models[0].agents:
        held = set(vars(agent)) - {"model", "unique_id", "pos", "row", "_mesa_event"}
        assert not {name for name in held if not name.startswith("_")}


def test_a_run_ends_with_its_last_quarter(scenario_of: Callable[..., Scenario]) -> None:
    model = open_model(scenario_of("baseline", "quarters=1"), 1)
    assert model.running
    model.step()
    assert not model.running
    assert model.state.step == 0


def test_an_unknown_code_is_named(models: tuple[ConcordModel, ...]) -> None:
    with pytest.raises(ConfigError, match="'CHX'"):
        models[0].agent_of("CHX")


def test_a_copy_goes_on_as_the_original(models: tuple[ConcordModel, ...]) -> None:
    """A checkpoint branched without a change is the same run."""
    model = open_model(models[0].setting.scenario, 1)
    model.step()
    branch = ConcordModel(model.setting, model.state.copy())
    model.step()
    branch.step()
    for name in ("welfare", "flows", "tariff", "vitality.level", "n_vetoes"):
        assert (model.state[name] == branch.state[name]).all()
    for _ in range(3):
        branch.step()
    assert (branch.state.flows == models[0].state.flows).all()
