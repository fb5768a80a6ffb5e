"""The Mesa model: a setting, a state, agents that look at it, and the step."""

from __future__ import annotations

from collections import defaultdict
from time import perf_counter
from typing import TYPE_CHECKING

import mesa

from sim.agents import BlocAgent, StateAgent
from sim.collector import LogCollector
from sim.errors import StateError
from sim.fields import FIELDS
from sim.issues import areas
from sim.log import Log
from sim.memo import Reading
from sim.phases import PHASES
from sim.records import RECORDS
from sim.state import State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.agreements import Agreement
    from sim.setting import Setting

__all__ = ["ConcordModel", "initial_state"]


def initial_state(setting: Setting) -> State:
    """The world on the first day of the run, before its first quarter."""
    state = State(setting.axes)
    with state.opened(state.names):
        for name in state.names:
            state[name] = (FIELDS.get(name) or RECORDS[name]).first(setting)
        state.agreements = tuple(_standing_agreements(setting, state))
    return state


def _standing_agreements(setting: Setting, state: State) -> Iterator[Agreement]:
    """What was in force on the first day, by organisation and name."""
    for code in setting.axes.organisations:
        for name, given in sorted(setting.charter(code).agreements.items()):
            if given.area == "digital" and not setting.is_on("digital_rules"):
                continue
            area = areas()[given.area]
            reading = Reading(state, area.reads)
            found = area.standing_agreement(setting, reading, (code, name), given)
            if found is not None:
                yield found


class ConcordModel(mesa.Model):  # type: ignore[misc]
    """States and organisations that negotiate, one quarter a step.

    Parameters
    ----------
    setting
        Scenario, seed and world.
    state
        Where to start; the first day of the run when None. A copy of a checkpoint continues it.
    log
        Where to write; a new log when None.

    Attributes
    ----------
    seconds
        Phase → seconds that it has taken so far.

    Examples
    --------
    Run it as any Mesa model (`sim.engine.open_model` builds one from a scenario)::

        model = open_model(scenario, seed=1)
        while model.running:
            model.step()
        model.datacollector.get_model_vars_dataframe()["world_trade_change"].plot()
        model.agents_by_type[StateAgent].select(lambda s: s.welfare < 0)
    """

    def __init__(
        self, setting: Setting, state: State | None = None, log: Log | None = None
    ) -> None:
        super().__init__(rng=setting.seed)
        self.setting = setting
        self.state = state or initial_state(setting)
        self.log = log or Log(setting)
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.states = [StateAgent(self, row) for row in range(len(setting.axes.states))]
        self.blocs = [BlocAgent(self, row) for row in range(len(setting.axes.organisations))]
        _forget_numbering(self)
        self.running = self.state.step + 1 < setting.scenario.quarters

    @property
    def datacollector(self) -> LogCollector:
        """Mesa's frames of the run so far: `get_model_vars_dataframe()` and its like."""
        numbers = {
            "states": {agent.code: agent.unique_id for agent in self.states},
            "organisations": {agent.code: agent.unique_id for agent in self.blocs},
        }
        kinds: dict[type, str] = {StateAgent: "states", BlocAgent: "organisations"}
        return LogCollector(self.log, numbers, kinds)

    def step(self) -> None:
        """One quarter: every phase in order, each with the fields that it declares.

        `running` is False once the last quarter is done.

        Raises
        ------
        StateError
            The run has ended.
        """
        quarters = self.setting.scenario.quarters
        if self.state.step + 1 >= quarters:
            raise StateError(
                f"the run has ended: all {quarters} quarters are done",
                where="model.step",
                expected="'while model.running: model.step()', or a scenario of more quarters",
            )
        self.state.step += 1
        for phase in PHASES:
            start = perf_counter()
            phase(self.setting, self.state, self.log)
            self.seconds[phase.name] += perf_counter() - start
        self.running = self.state.step + 1 < quarters

    def agent_of(self, code: str) -> StateAgent | BlocAgent:
        """The agent of a state or organisation by its code."""
        axes = self.setting.axes
        if code in axes.organisations:
            return self.blocs[axes.organisation(code)]
        return self.states[axes.state(code)]


def _forget_numbering(model: ConcordModel) -> None:
    """Take a model out of Mesa's register of agent numbers, which would keep it for ever.

    Mesa 3.3 counts agents per model in a dictionary of the class, so that no run's memory was
    ever given back: some 200 MB each. All agents are made by now; none comes later.
    """
    numbering = getattr(mesa.Agent, "_ids", None)
    if numbering is not None:
        numbering.pop(model, None)
