"""The menu of a trade item: every level, exemption and form, valued for all states."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.behaviour.utility import partner_term
from sim.events import Proposal
from sim.issues.menu import Menu, ValueIn
from sim.issues.trade_outlook import Outlook, is_covered, red_lines_crossed, red_lines_held
from sim.issues.trade_terms import Level
from sim.kernels.scaling import NODES, gains_on_surface

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.config import DocketItem
    from sim.setting import Setting
    from sim.state import State

__all__ = ["MenuBuilder"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class MenuBuilder:
    """Builds the menu of one item.

    Parameters
    ----------
    item
        Levels and tariff cuts on offer.
    members
        (S,) bool, who would take part.
    outlook
        The committed world.
    """

    def __init__(
        self, setting: Setting, state: State, item: DocketItem, members: Bools, outlook: Outlook
    ) -> None:
        self.setting, self.state, self.item = setting, state, item
        self.members, self.outlook = members, outlook
        self.partners = self._new_partners()

    def build(self, *, allows_binding: bool) -> Menu:
        """Value the menu; an empty one when the item changes nothing for anybody."""
        if not self.partners.any():
            return self._menu([])
        levels = [
            (depth / 100.0, cut / 100.0)
            for depth in self.item.levels
            for cut in self.item.tariff_cuts
            if depth > 0 or cut > 0
        ]
        return self._menu([p for lv in levels for p in self._variants(lv, allows_binding)])

    def _menu(self, proposals: list[Proposal]) -> Menu:
        scale = np.array([self._scale(p) for p in proposals])
        cut = scale * [p.tariff_cut for p in proposals]
        depth = scale * [p.depth for p in proposals]
        surface = self._surface() if proposals else None
        crossed = [red_lines_crossed(self.setting, self.state, p) for p in proposals]
        size = self.members.size
        return Menu(
            proposals=tuple(proposals),
            scale=scale,
            gain=surface(cut, depth) if surface else np.zeros((0, size)),
            red_lines=np.array(crossed).reshape(len(proposals), size),
            has_obligation=np.asarray(self.partners.any(axis=1)),
            partner_term=partner_term(self.setting, self.partners),
            value_in=self._value_in(tuple(proposals), scale),
        )

    @property
    def _most(self) -> tuple[float, float]:
        """The largest tariff cut and trade-cost cut on offer (fractions)."""
        return max(self.item.tariff_cuts) / 100.0, max(self.item.levels) / 100.0

    def _surface(self) -> Callable[[Floats, Floats], Floats]:
        """Gains (K, S) at any tariff and trade-cost cut (K,), from exact solutions on a grid."""
        cut, depth = self._most
        if self.outlook.terms.hits_ceiling(Level(self.item.kind, self.members, cut, depth)):
            return self._exact  # gains have a kink, which no cubic follows
        cuts = [cut * n for n in NODES] if cut else [0.0]
        depths = [depth * n for n in NODES] if depth else [0.0]
        levels = [Level(self.item.kind, self.members, c, d) for c in cuts for d in depths]
        solved = self.outlook.gains(levels[1:])  # the first is no change
        grid = np.concatenate([np.zeros((1, self.members.size)), solved])
        grid = grid.reshape(len(cuts), len(depths), -1)

        def gains(at_cut: Floats, at_depth: Floats) -> Floats:
            return gains_on_surface(grid, at_cut / (cut or 1.0), at_depth / (depth or 1.0))

        return gains

    def _exact(self, at_cut: Floats, at_depth: Floats) -> Floats:
        """The same, each level solved."""
        levels, back = np.unique(np.stack([at_cut, at_depth], axis=1), axis=0, return_inverse=True)
        solved = self.outlook.gains([Level(self.item.kind, self.members, c, d) for c, d in levels])
        return solved[back.ravel()]

    def _new_partners(self) -> Bools:
        """(S, S) pairs of members for which the most ambitious level changes anything."""
        most = Level(self.item.kind, self.members, *self._most)
        tariff, cost = self.outlook.terms.block_after(most)
        changes = np.zeros((self.members.size, self.members.size), dtype=bool)
        before = self.outlook.economy.baseline_tariffs[most.block]
        changes[most.block] = (np.abs(tariff - before) > 1e-6) | (np.abs(cost - 1.0) > 1e-6)
        both = np.outer(self.members, self.members)
        np.fill_diagonal(both, False)
        found: Bools = both & (changes | changes.T)
        return found

    def _variants(self, level: tuple[float, float], allows_binding: bool) -> list[Proposal]:
        forms = [False] if allows_binding else []
        if not allows_binding or self.setting.is_on("soft_forms"):
            forms.append(True)
        exempt = self._exemptions(Proposal(*level))
        return [Proposal(*level, is_soft=form, exemptions=e) for form in forms for e in exempt]

    def _exemptions(self, full: Proposal) -> list[tuple[str, ...]]:
        """No exemption, each single one, and the most protected matters one after another."""
        if not (self.setting.is_on("exemptions") and self.setting.is_on("red_lines")):
            return [()]
        held = {
            matter: int((strength[self.members] > 0).sum())
            for matter, strength in red_lines_held(self.setting, self.state).items()
            if is_covered(self.setting.world.matters[matter].from_depth, full)
        }
        order = sorted((m for m in held if held[m]), key=lambda m: (-held[m], m))
        nested = [tuple(sorted(order[:n])) for n in range(len(order) + 1)]
        return sorted({*nested, *((m,) for m in order)}, key=lambda e: (len(e), e))

    def _scale(self, proposal: Proposal) -> float:
        exempt = sum(self.setting.world.matters[m].trade_share for m in proposal.exemptions)
        form = self.setting["soft_effect"] if proposal.is_soft else 1.0
        return max(1.0 - exempt, 0.0) * form

    def _value_in(self, proposals: tuple[Proposal, ...], scale: Floats) -> ValueIn:
        found, kind = self.outlook, self.item.kind

        def value_in(m: int, coalition: Bools, units: Bools) -> Floats:
            level = proposals[m].tariff_cut * scale[m], proposals[m].depth * scale[m]
            inside = [unit for unit in units if (unit & coalition).any()]
            options = [Level(kind, coalition & ~unit, *level) for unit in inside]
            gains = found.gains([*options, Level(kind, coalition, *level)])
            value = np.full(coalition.size, np.nan)
            for row, unit in enumerate(inside):
                value[unit] = gains[-1, unit] - gains[row, unit]
            return value

        return value_in
