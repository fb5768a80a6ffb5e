"""Trade and income under the terms of the quarter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import TariffCut, TradeCostCut
from sim.economy.terms import current_terms
from sim.phase import Phase

if TYPE_CHECKING:
    from sim.agreements import Effect
    from sim.economy.terms import Terms
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["ECONOMY"]


def run(setting: Setting, state: State, log: Log) -> None:
    """Solve the trade equilibrium when its terms have changed; add up what moves income."""
    terms = current_terms(setting, state)
    _open_trade(state)
    _trade(setting, state, terms)
    state.income_effect[:] = terms.income
    state.welfare[:] = state.welfare_trade * (1.0 + terms.income / 100.0)


def _open_trade(state: State) -> None:
    """Who trades under an agreement: a treaty, or one that eases trade between its parties."""
    state.has_agreement[:] = state.has_treaty
    for agreement in state.agreements:
        if any(_eases_trade(effect) for effect in agreement.effects):
            state.has_agreement[:] |= np.outer(agreement.is_bound, agreement.is_bound)
    np.fill_diagonal(state.has_agreement, False)


def _eases_trade(effect: Effect) -> bool:
    """Whether an effect is one on tariffs or trade costs between the parties."""
    return isinstance(effect, TariffCut | TradeCostCut) and effect.reach == "parties"


def _trade(setting: Setting, state: State, terms: Terms) -> None:
    """The trade equilibrium."""
    tariff, cost = terms.tariff, terms.cost
    is_as_before = np.array_equal(tariff, state.tariff) and np.array_equal(cost, state.trade_cost)
    if state.step > 0 and is_as_before:
        return
    state.tariff[:], state.trade_cost[:] = tariff, cost
    one = setting.economy.solve(tariffs=tariff, trade_costs=cost)
    state.flows[:] = one.flows
    state.welfare_trade[:] = one.welfare
    state.revenue[:] = one.revenue / one.expenditure


ECONOMY = Phase(
    name="economy",
    meaning="trade and income under all that acts on them in the quarter",
    source="Dekle, Eaton & Kortum 2008; Ossa 2014",
    reads=(
        "agreements",
        "has_treaty",
        "treaty_since",
        "extra_tariff",
        "extra_trade_cost",
        "extra_income",
        "passing_trade_cost",
        "passing_income",
        "tariff",
        "trade_cost",
        "flows",
        "welfare_trade",
        "revenue",
    ),
    writes=(
        "tariff",
        "trade_cost",
        "flows",
        "welfare",
        "welfare_trade",
        "income_effect",
        "revenue",
        "has_agreement",
    ),
    run=run,
)
