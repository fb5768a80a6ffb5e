"""States and organisations as Mesa agents: views of rows of the model's arrays.

The arrays are the truth; an agent holds its row and looks it up in `agent.model.state`, so that
two models live side by side. Use agents to inspect a run (`model.agents_by_type[StateAgent]`,
`AgentSet.select`, `groupby`); phases work on the arrays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa
import numpy as np

if TYPE_CHECKING:
    from sim.agreements import Agreement, Item
    from sim.charter import Charter
    from sim.model import ConcordModel

__all__ = ["BlocAgent", "StateAgent"]


class StateAgent(mesa.Agent):  # type: ignore[misc]
    """A state.

    Parameters
    ----------
    model
        The model it belongs to.
    row
        Its place on the axis of states.
    """

    model: ConcordModel

    def __init__(self, model: ConcordModel, row: int) -> None:
        super().__init__(model)
        self.row = row

    @property
    def code(self) -> str:
        """ISO 3166-1 alpha-3 code."""
        return self.model.setting.axes.states[self.row]

    @property
    def name(self) -> str:
        """English short name."""
        return self.model.setting.world.names[self.row]

    @property
    def welfare(self) -> float:
        """Change of real expenditure on the baseline world, percent."""
        return 100.0 * float(self.model.state.welfare[self.row] - 1.0)

    @property
    def orientation(self) -> float:
        """Leader's orientation towards nationalism, standard deviations."""
        return float(self.model.state.orientation[self.row])

    @property
    def organisations(self) -> tuple[str, ...]:
        """Codes of the organisations it belongs to."""
        rows = np.flatnonzero(self.model.state.is_member[:, self.row])
        return tuple(self.model.setting.axes.organisations[o] for o in rows)

    @property
    def partners(self) -> tuple[str, ...]:
        """States with which a trade agreement is in force."""
        return self.model.setting.axes.names(self.model.state.has_agreement[self.row])

    def tariff_on(self, exporter: str) -> float:
        """Tariff charged on an exporter, percent."""
        i = self.model.setting.axes.state(exporter)
        return 100.0 * float(self.model.state.tariff[i, self.row])


class BlocAgent(mesa.Agent):  # type: ignore[misc]
    """An organisation: blocs are organisations too.

    Parameters
    ----------
    model
        The model it belongs to.
    row
        Its place on the axis of organisations.
    """

    model: ConcordModel

    def __init__(self, model: ConcordModel, row: int) -> None:
        super().__init__(model)
        self.row = row

    @property
    def code(self) -> str:
        """Code of the charter."""
        return self.model.setting.axes.organisations[self.row]

    @property
    def charter(self) -> Charter:
        """Its rules."""
        return self.model.setting.charter(self.code)

    @property
    def members(self) -> tuple[str, ...]:
        """Codes of the members."""
        return self.model.setting.axes.names(self.model.state.is_member[self.row])

    @property
    def vitality(self) -> float:
        """Vitality, 0–1."""
        return float(self.model.state.vitality.level[self.row])

    @property
    def docket(self) -> tuple[Item, ...]:
        """Items on its docket."""
        return tuple(i for i in self.model.state.docket if i.organisation == self.code)

    @property
    def agreements(self) -> tuple[Agreement, ...]:
        """Agreements made under its roof during the run."""
        return tuple(a for a in self.model.state.agreements if a.organisation == self.code)
