"""Trade under the terms of the quarter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.issues.trade_terms import current_terms
from sim.phase import Phase

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["ECONOMY"]


def run(setting: Setting, state: State, log: Log) -> None:
    """Solve the trade equilibrium when the terms have changed since the last quarter."""
    terms = current_terms(setting, state)
    tariff, cost = terms.tariff, terms.cost
    state.has_agreement[:] = state.has_treaty
    for agreement in state.agreements:
        if agreement.area == "trade" and agreement.kind != "mfn":
            state.has_agreement[:] |= np.outer(agreement.is_bound, agreement.is_bound)
    np.fill_diagonal(state.has_agreement, False)
    if (
        state.step > 0
        and np.array_equal(tariff, state.tariff)
        and np.array_equal(cost, state.trade_cost)
    ):
        return
    state.tariff[:], state.trade_cost[:] = tariff, cost
    one = setting.economy.solve(tariffs=tariff, trade_costs=cost)
    state.flows[:] = one.flows
    state.welfare[:] = one.welfare
    state.revenue[:] = one.revenue / one.expenditure


ECONOMY = Phase(
    name="economy",
    meaning="trade equilibrium under the quarter's tariffs and trade costs",
    source="Dekle, Eaton & Kortum 2008; Ossa 2014",
    reads=(
        "agreements",
        "has_treaty",
        "treaty_since",
        "extra_tariff",
        "tariff",
        "trade_cost",
        "flows",
        "welfare",
        "revenue",
    ),
    writes=("tariff", "trade_cost", "flows", "welfare", "revenue", "has_agreement"),
    run=run,
)
