"""What is written down at the end of a quarter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.agreements import Status
from sim.calendar import months_between
from sim.forum import level_of
from sim.kernels.choice import TOLERANCE
from sim.kernels.indicators import dependence, gini, mean_change, modularity, weighted_rate
from sim.mechanism import mechanisms
from sim.memo import remembered
from sim.phase import EVERYTHING, Phase

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["RECORD"]


def run(setting: Setting, state: State, log: Log) -> None:
    """Write the quarter's rows of states, organisations and summary measures."""
    time = {"step": state.step, "date": setting.calendar.first_day(state.step)}
    rows: dict[str, dict[str, Any]] = {
        "states": _states(setting, state),
        "organisations": _organisations(setting, state),
        "summary": _trade(setting, state) | _institutions(setting, state),
    }
    for mechanism in mechanisms().values():
        for name, measures in mechanism.columns.items():
            rows[name] |= {one.name: one.of(setting, state) for one in measures}
        rows |= {table.name: dict(table.rows(setting, state)) for table in mechanism.tables}
    for name, columns in rows.items():
        log.append(name, {**time, **columns})
    log.agreements = state.agreements


def _states(setting: Setting, state: State) -> dict[str, Any]:
    outside = state.flows.copy()
    np.fill_diagonal(outside, 0.0)
    duty = state.tariff * outside
    exports, imports = outside.sum(axis=1), outside.sum(axis=0)
    return {
        "state": list(setting.axes.states),
        "region": setting.world.region.tolist(),
        "welfare": 100.0 * (state.welfare - 1.0),
        "income": setting.income,
        "welfare_trade": 100.0 * (state.welfare_trade - 1.0),
        "income_effect": state.income_effect,
        "exports": exports,
        "imports": imports,
        "tariff_charged": 100.0 * duty.sum(axis=0) / np.maximum(imports, 1e-12),
        "tariff_faced": 100.0 * duty.sum(axis=1) / np.maximum(exports, 1e-12),
        "revenue": 100.0 * state.revenue,
        "orientation": state.orientation,
        "n_partners": state.has_agreement.sum(axis=1),
        "n_organisations": state.is_member.sum(axis=0),
    }


def _organisations(setting: Setting, state: State) -> dict[str, Any]:
    n_open = [
        sum(item.is_open for item in state.docket if item.organisation == code)
        for code in setting.axes.organisations
    ]
    return {
        "organisation": list(setting.axes.organisations),
        "level": [setting.scenario.organisation[code].level for code in setting.axes.organisations],
        "n_members": state.is_member.sum(axis=1),
        "capacity": state.capacity,
        "is_vacant": state.is_vacant,
        "n_open": n_open,
        "n_agreed": state.n_agreed,
        "n_lapsed": state.n_lapsed,
        "n_blocks": state.n_blocks,
    }


def _trade(setting: Setting, state: State) -> dict[str, float]:
    income, axes = setting.income, setting.axes
    start = setting.economy.flows
    total = _between(state.flows).sum()
    before = _between(start).sum()
    usa, chn = axes.state("USA"), axes.state("CHN")
    eu = state.is_member[axes.organisation("EU")] if "EU" in axes.organisations else None
    us_imports = _between(state.flows)[:, usa].sum() / _between(start)[:, usa].sum()
    us_tariff = _between(start)[:, usa] @ state.tariff[:, usa] / _between(start)[:, usa].sum()
    others = 1.0 + state.extra_trade_cost + state.passing_trade_cost
    per_head = income / setting.world.population * (state.welfare - 1.0)
    is_moved = bool((100.0 * np.abs(state.welfare - 1.0) > TOLERANCE).any())
    return {
        "world_trade": float(total),
        "world_trade_change": float(100.0 * (total / before - 1.0)),
        "world_welfare": mean_change(state.welfare, income),
        "welfare_small_mid": mean_change(state.welfare, income * setting.is_small_or_mid),
        "welfare_usa": float(100.0 * (state.welfare[usa] - 1.0)),
        "welfare_eu": mean_change(state.welfare, income * eu) if eu is not None else np.nan,
        "welfare_chn": float(100.0 * (state.welfare[chn] - 1.0)),
        "dependence_small_mid": 100.0
        * dependence(_between(state.flows), setting.world.is_major_power, setting.is_small_or_mid),
        "us_imports_change": float(100.0 * (us_imports - 1.0)),
        "mean_applied_tariff": weighted_rate(state.tariff, start),
        "us_tariff": float(100.0 * us_tariff),
        "trade_cost_cut": -weighted_rate(state.trade_cost / others - 1.0, start),
        "trade_cost_of_conflict": weighted_rate(others - 1.0, start),
        "trade_under_agreements": float(
            100.0 * (_between(state.flows) * state.has_agreement).sum() / total
        ),
        "gini_gains": gini(is_moved * (per_head - per_head.min()), setting.world.population),
    }


def _between(flows: Any) -> Any:
    outside = np.array(flows, dtype=float)
    np.fill_diagonal(outside, 0.0)
    return outside


def _institutions(setting: Setting, state: State) -> dict[str, float | int]:
    agreements = [a for a in state.agreements if a.is_of_the_run]
    months = [months_between(a.opened, a.agreed) for a in agreements if a.agreed]
    regional = [
        level_of(setting, state, a.organisation) != "global" for a in agreements if a.agreed
    ]
    return {
        "agreements_in_force": sum(
            a.status is Status.IN_FORCE and bool((a.bound_at[a.is_bound] <= state.step).any())
            for a in agreements
        ),
        "agreements_signed": sum(a.signed is not None for a in agreements),
        "items_agreed": _in_all(state, "n_agreed"),
        "items_lapsed": _in_all(state, "n_lapsed"),
        "vetoes": _in_all(state, "n_vetoes"),
        "months_to_agreement": float(np.mean(months)) if months else float("nan"),
        "accessions": int(sum(a.acceded.sum() for a in agreements)),
        "withdrawals": int(state.n_exits.sum()),
        "regional_share": 100.0 * float(np.mean(regional)) if regional else float("nan"),
        "fragmentation": _fragmentation(setting, state),
    }


def _in_all(state: State, name: str) -> int:
    """A count of all organisations, and of forums outside charters."""
    return int(state[name].sum() + sum(getattr(one, name) for one in state.forums))


@remembered(reads=("has_agreement",))
def _fragmentation(setting: Setting, state: State) -> float:
    """Modularity of the agreement network."""
    return float(modularity(state.has_agreement))


RECORD = Phase(
    name="record",
    meaning="the quarter is written down",
    source="docs/outputs.md",
    reads=(EVERYTHING,),
    writes=(),
    run=run,
)
