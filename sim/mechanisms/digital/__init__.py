"""How far digital rules reach: whom they bind, how much they take off, how strict they are.

What the rules do is the issue area's (`sim.issues.digital`) and the economy's; here it is counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.agreements import Interoperability, accumulate
from sim.columns import COUNT, NUMBER, Measure
from sim.kernels.interoperability import interoperable_cut
from sim.mechanism import Mechanism
from sim.memo import remembered
from sim.switches import Switch

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.agreements import Agreement
    from sim.memo import Reading
    from sim.setting import Setting
    from sim.state import State
    from sim.types import Floats

__all__ = ["MECHANISM"]

_AREA = "digital"


def _in_force(state: Reading) -> list[Agreement]:
    return [one for one in state.agreements if one.area == _AREA and one.is_bound.any()]


def _weights(setting: Setting) -> Floats:
    """(S, S) share of the baseline's trade between states."""
    flows = setting.economy.flows.copy()
    np.fill_diagonal(flows, 0.0)
    share: Floats = flows / flows.sum()
    return share


@remembered(reads=("agreements",), keep=2)
def _measures(setting: Setting, state: Reading, step: int) -> dict[str, Any]:
    """All of them, from the rules in force in a quarter, those of the start among them."""
    size = len(setting.axes.states)
    found, weights = _in_force(state), _weights(setting)
    held = accumulate(Interoperability, [one.current(step, 0.0) for one in found], size=size)
    cut = interoperable_cut(held, setting["digital_same_version"], setting["digital_other_version"])
    level = np.diagonal(held, axis1=1, axis2=2) > 0
    together = (level[:, :, None] & level[:, None, :]).any(axis=0)
    strictest = np.zeros(size)
    for one in found:
        strictest = np.maximum(strictest, one.proposal["stringency"] * one.scale * one.is_bound)
    return {
        "states": int(level.any(axis=0).sum()),
        "trade": float(100.0 * (weights * together).sum()),
        "cut": float(100.0 * (weights * cut).sum()),
        "stringency": float(100.0 * strictest @ setting.income / setting.income.sum()),
    }


def _measure(name: str) -> Callable[[Setting, State], Any]:
    return lambda setting, state: _measures(setting, state, _last_change(state))[name]


def _last_change(state: State) -> int:
    """The quarter, as far as it matters: that in which the last one was bound, of those bound."""
    bound = [
        one.bound_at[one.bound_at <= state.step].max(initial=0)
        for one in state.agreements
        if one.area == _AREA
    ]
    return int(max(bound, default=0))


MECHANISM = Mechanism(
    name="digital",
    meaning="states bound by digital rules that work together trade cheaper",
    source="Katz & Shapiro 1985; versions of Ferracane & van der Marel 2025; sizes assumed",
    switches=(
        Switch("digital_rules", "digital rules of charters bind, and are on their dockets"),
    ),
    columns={
        "summary": (
            Measure("digital_states", COUNT, "states", "states bound by a digital rule",
                    _measure("states")),
            Measure("digital_trade", NUMBER, "%",
                    "trade of the baseline between states bound by one version of digital rules",
                    _measure("trade")),
            Measure("digital_cut", NUMBER, "% of trade costs",
                    "cut by digital rules in force, those of the start among them, by trade of the "
                    "baseline", _measure("cut")),
            Measure("digital_stringency", NUMBER, "% of the whole rule",
                    "how much of the strictest rule that binds a state can be enforced, by income",
                    _measure("stringency")),
        ),
    },
)  # fmt: skip
