"""The committed world, and what changes to it would bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.issues.trade_terms import Level, Terms
from sim.kernels.armington import Economy

if TYPE_CHECKING:
    from sim.events import Proposal
    from sim.setting import Setting
    from sim.state import State

__all__ = ["Outlook", "is_covered", "outlook", "red_lines_crossed", "red_lines_held"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Outlook:
    """The committed terms, and an economy that starts from them.

    Attributes
    ----------
    scratch
        Working memory shared by the outlooks of a run.
    """

    terms: Terms
    economy: Economy
    scratch: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def gains(self, levels: Sequence[Level]) -> Floats:
        """(B, S) gains of B levels over the committed world, percent of annual income."""
        tariff, cost = self._scratch(len(levels))
        tariff[:], cost[:] = self.economy.baseline_tariffs, 1.0
        for n, level in enumerate(levels):
            at = level.block
            tariff[n][at], cost[n][at] = self.terms.block_after(level)
        many = self.economy.solve_batch(tariffs=tariff, trade_costs=cost, workers=1)
        return 100.0 * (np.asarray(many.welfare, dtype=float) - 1.0)

    def _scratch(self, count: int) -> tuple[Floats, Floats]:
        """Two (B, S, S) arrays that are used again: fresh memory costs more than the solving."""
        if self.scratch.get("size", 0) < count:
            size = len(self.economy.baseline_tariffs)
            self.scratch.update(size=count, arrays=np.empty((2, count, size, size)))
        tariff, cost = self.scratch["arrays"][:, :count]
        return tariff, cost

    def worth(self, without: Terms) -> Floats:
        """(S,) gain of the committed world over the terms without something, percent of income."""
        cost = without.cost / self.terms.cost
        one = self.economy.solve(tariffs=without.tariff, trade_costs=cost)
        return 100.0 * (1.0 / np.asarray(one.welfare, dtype=float) - 1.0)


def outlook(setting: Setting, terms: Terms) -> Outlook:
    """The outlook from some terms; the last few are remembered."""
    store = setting.memo.setdefault("outlook", {})
    if id(terms) not in store:
        while len(store) >= 24:
            store.pop(next(iter(store)))
        tariff = terms.tariff
        one = setting.economy.solve(tariffs=tariff, trade_costs=terms.cost)
        economy = Economy(
            one.flows, tariff, elasticity=setting["trade_elasticity"], deficits="fixed"
        )
        # the outlook holds the terms, so that their id stays theirs
        store[id(terms)] = Outlook(terms, economy, setting.memo.setdefault("scratch", {}))
    found: Outlook = store[id(terms)]
    return found


def red_lines_held(setting: Setting, state: State) -> dict[str, Floats]:
    """Matter → (S,) strength of the red lines held, one line a matter and state.

    Looked up once a year, so that a menu follows from its year and its terms alone.
    """
    day = setting.calendar.first_day(state.step // 4 * 4)
    store = setting.memo.setdefault("red lines", {})
    if day not in store:
        strength: dict[str, Floats] = {}
        for line in setting.world.red_lines:
            if line.is_held(day):
                held = strength.setdefault(line.matter, np.zeros(len(setting.axes.states)))
                rows = list(line.states)
                held[rows] = np.maximum(held[rows], line.strength)
        store[day] = dict(sorted(strength.items()))
    kept: dict[str, Floats] = store[day]
    return kept


def red_lines_crossed(setting: Setting, state: State, proposal: Proposal) -> Floats:
    """(S,) strength of the red lines that a proposal crosses; less for a soft one."""
    crossed = np.zeros(len(setting.axes.states))
    for matter, strength in red_lines_held(setting, state).items():
        if is_covered(setting.world.matters[matter].from_depth, proposal):
            crossed += strength * (matter not in proposal.exemptions)
    return crossed * (setting["soft_red_line_share"] if proposal.is_soft else 1.0)


def is_covered(from_depth: float, proposal: Proposal) -> bool:
    """Whether a proposal covers a matter.

    Matters of the border (`from_depth` 0) are covered by any tariff cut, the others by rules from
    their depth on.
    """
    return proposal.tariff_cut > 0 if from_depth == 0 else proposal.depth >= from_depth
