"""How far digital rules reach: trade between states bound together, how much they take off, how strict.

What the rules do is the issue area's (`sim.issues.digital`) and the economy's; here it is counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import Interoperability, accumulate
from sim.columns import COUNT, NUMBER, Measure
from sim.kernels.interoperability import interoperable_cut
from sim.mechanism import Mechanism
from sim.switches import Switch

if TYPE_CHECKING:
    from sim.agreements import Agreement
    from sim.setting import Setting
    from sim.state import State
    from sim.types import Floats

__all__ = ["MECHANISM"]

_AREA = "digital"


def _in_force(state: State) -> list[Agreement]:
    return [one for one in state.agreements if one.area == _AREA and one.is_bound.any()]


def _cut(setting: Setting, state: State) -> Floats:
    """(S, S) cut of trade costs of each pair by digital rules in force, those of the start too."""
    bound = [one.current(max(state.step, 0), 0.0) for one in _in_force(state)]
    held = accumulate(Interoperability, bound, size=len(setting.axes.states))
    across = setting["digital_same_version"], setting["digital_other_version"]
    return interoperable_cut(held, *across)


def _weights(setting: Setting) -> Floats:
    """(S, S) share of the baseline's trade between states."""
    flows = setting.economy.flows.copy()
    np.fill_diagonal(flows, 0.0)
    share: Floats = flows / flows.sum()
    return share


def _trade(setting: Setting, state: State) -> float:
    """Share of trade between states that are bound by one text or version."""
    together = np.zeros((len(setting.axes.states),) * 2, dtype=bool)
    for kind in {one.kind for one in _in_force(state)}:
        bound = np.any([one.is_bound for one in _in_force(state) if one.kind == kind], axis=0)
        together |= np.outer(bound, bound)
    return float(100.0 * (_weights(setting) * together).sum())


def _mean_cut(setting: Setting, state: State) -> float:
    return float(100.0 * (_weights(setting) * _cut(setting, state)).sum())


def _bound(_: Setting, state: State) -> int:
    found = [one.is_bound for one in _in_force(state)]
    return int(np.any(found, axis=0).sum()) if found else 0


def _stringency(setting: Setting, state: State) -> float:
    """Mean over all states, by income, of the strictest rule that binds each."""
    strictest = np.zeros(len(setting.axes.states))
    for one in _in_force(state):
        level = one.proposal["stringency"] * one.scale
        strictest = np.maximum(strictest, level * one.is_bound)
    return float(100.0 * strictest @ setting.income / setting.income.sum())


MECHANISM = Mechanism(
    name="digital",
    meaning="states bound by digital rules that work together trade cheaper",
    source="Katz & Shapiro 1985; versions of Ferracane & van der Marel 2025; sizes assumed",
    switches=(
        Switch("digital_rules", "digital rules of charters bind, and are on their dockets"),
    ),
    parameters=("digital_same_version", "digital_other_version"),
    columns={
        "summary": (
            Measure("digital_states", COUNT, "states", "states bound by a digital rule", _bound),
            Measure("digital_trade", NUMBER, "%",
                    "trade of the baseline between states bound by one version of digital rules",
                    _trade),
            Measure("digital_cut", NUMBER, "% of trade costs",
                    "cut by digital rules in force, those of the start among them, by trade of the "
                    "baseline", _mean_cut),
            Measure("digital_stringency", NUMBER, "% of the whole rule",
                    "how much of the strictest rule that binds a state can be enforced, by income",
                    _stringency),
        ),
    },
)  # fmt: skip
