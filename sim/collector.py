"""Frames of a run where users of Mesa look for them, made from the run's own log when asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.errors import unknown
from sim.schema import TABLES

if TYPE_CHECKING:
    import pandas as pd

    from sim.log import Log

__all__ = ["LogCollector"]

_MODEL = "summary"
_AGENTS = ("states", "organisations")


class LogCollector:
    """What `model.datacollector` offers: Mesa's frames, with nothing collected twice.

    Every run is logged as it goes (`docs/outputs.md`), so there are no reporters to name and there
    is nothing to `collect`: a frame is the table of the log up to now, in Mesa's shape.

    Parameters
    ----------
    log
        What the run has left behind so far.
    agents
        Agent's number by table and code: ``{"states": {"CHL": 31, …}, "organisations": {…}}``.
    kinds
        Table by class of agent.
    """

    def __init__(self, log: Log, agents: dict[str, dict[str, int]], kinds: dict[type, str]) -> None:
        self._log, self._agents, self._kinds = log, agents, kinds

    def get_model_vars_dataframe(self) -> pd.DataFrame:
        """The table `summary`: a row per quarter, indexed by `Step` (quarters done)."""
        frame: pd.DataFrame = self._frame(_MODEL).set_index("Step")
        return frame

    def get_agent_vars_dataframe(self) -> pd.DataFrame:
        """The tables `states` and `organisations`, indexed by `Step` and `AgentID`.

        The column `code` names the agent. What only states or only organisations have is NaN for
        the others; `get_agenttype_vars_dataframe` gives each without.
        """
        import pandas as pd

        both: pd.DataFrame = pd.concat([self._of_agents(name) for name in _AGENTS]).sort_index()
        return both

    def get_agenttype_vars_dataframe(self, agent_type: type) -> pd.DataFrame:
        """The agents of one class, `StateAgent` or `BlocAgent`, indexed by `Step` and `AgentID`.

        Raises
        ------
        ConfigError
            A class without a table.
        """
        if agent_type not in self._kinds:
            known = {kind.__name__ for kind in self._kinds}
            raise unknown("class of agents", agent_type.__name__, known)
        frame: pd.DataFrame = self._of_agents(self._kinds[agent_type])
        return frame

    def get_table_dataframe(self, table_name: str) -> pd.DataFrame:
        """Any table of the run so far, as `docs/outputs.md` describes it.

        Raises
        ------
        ConfigError
            No such table.
        """
        if table_name not in TABLES:
            raise unknown("table", table_name, TABLES)
        frame: pd.DataFrame = self._log.table(table_name).to_pandas(date_as_object=False)
        return frame

    def _frame(self, table: str) -> Any:
        frame = self.get_table_dataframe(table).rename(columns={"step": "Step"})
        frame["Step"] += 1  # Mesa counts a step when it is done
        return frame

    def _of_agents(self, table: str) -> Any:
        frame = self._frame(table).rename(columns={table[:-1]: "code"})
        frame.insert(1, "AgentID", frame["code"].map(self._agents[table]))
        return frame.set_index(["Step", "AgentID"])
