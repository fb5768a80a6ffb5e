"""Trade: tariff and trade-cost cuts among participants, or towards everybody, valued exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.behaviour.utility import partner_term
from sim.events import Proposal
from sim.issues.menu import Menu, ValueIn
from sim.issues.trade_terms import Terms, committed_terms
from sim.kernels.armington import Economy
from sim.kernels.scaling import NODES, gains_at_scale

if TYPE_CHECKING:
    from sim.config import DocketItem
    from sim.events import Agreement
    from sim.setting import Setting
    from sim.state import State

__all__ = ["AREA", "TradeArea"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class _Outlook:
    """The committed world: its terms, and an economy that starts from it."""

    terms: Terms
    economy: Economy

    def gains(self, changed: Sequence[Terms]) -> Floats:
        """(B, S) gains over the committed world in percent of annual income."""
        cost = self.terms.cost
        many = self.economy.solve_batch(
            tariffs=np.stack([t.tariff for t in changed]),
            trade_costs=np.stack([t.cost / cost for t in changed]),
        )
        return 100.0 * (np.asarray(many.welfare, dtype=float) - 1.0)


class TradeArea:
    """The issue area of trade."""

    name = "trade"

    def menu(
        self, setting: Setting, state: State, organisation: str, item: DocketItem, members: Bools
    ) -> Menu:
        """Value every combination of depth, tariff cut, exemptions and form for all states."""
        terms = committed_terms(setting, state)
        key = ("menu", organisation, item, members.tobytes(), terms.key, state.step // 4)
        last = setting.memo.get(("menu", organisation, item))
        if last is not None and last[0] == key:
            kept: Menu = last[1]
            return kept
        menu = _Builder(setting, state, item, members, _outlook(setting, terms)).build(
            allows_binding=setting.charter(organisation).form == "binding"
        )
        setting.memo["menu", organisation, item] = (key, menu)
        return menu

    def join_values(
        self, setting: Setting, state: State, agreement: Agreement, joiners: Bools
    ) -> tuple[Floats, Floats, Floats]:
        """What joining an agreement alone is worth to each joiner.

        Returns
        -------
        tuple
            (S,) gain in percent, (S,) partner term, (S,) red lines; 0 for the others.
        """
        outlook = _outlook(setting, committed_terms(setting, state))
        rows = np.flatnonzero(joiners)
        gain = np.zeros(joiners.size)
        options = []
        base = committed_terms(setting, state, without=agreement.code)
        for row in rows:
            inside = agreement.signatories.copy()
            inside[row] = True
            options.append(_apply(base, agreement.kind, inside, *_effect(agreement)))
        if options:
            gain[rows] = outlook.gains(options)[np.arange(rows.size), rows]
        partners = np.repeat(agreement.signatories[None, :], joiners.size, axis=0)
        crossed = _red_lines(setting, state, agreement.proposal)
        return gain, partner_term(setting, partners), crossed

    def standing_gain(self, setting: Setting, state: State, agreement: Agreement) -> Floats:
        """(S,) what an agreement that is signed is worth in today's world, percent of income."""
        base = committed_terms(setting, state, without=agreement.code)
        outlook = _outlook(setting, base)
        changed = _apply(base, agreement.kind, agreement.signatories, *_effect(agreement))
        return outlook.gains([changed])[0]


    def red_lines(self, setting: Setting, state: State, proposal: Proposal) -> Floats:
        """(S,) strength of the red lines that a proposal crosses."""
        return _red_lines(setting, state, proposal)


AREA = TradeArea()


def _effect(agreement: Agreement) -> tuple[float, float]:
    level = agreement.proposal
    return level.tariff_cut * agreement.scale, level.depth * agreement.scale


def _apply(terms: Terms, kind: str, inside: Bools, cut: float, depth: float) -> Terms:
    bound = inside.astype(float)
    if kind == "mfn":
        return terms.with_mfn(bound, cut, depth)
    return terms.with_preference(np.outer(bound, bound), cut, depth)


def _outlook(setting: Setting, terms: Terms) -> _Outlook:
    """The committed world, rebuilt when the terms change; the last few are remembered."""
    store = setting.memo.setdefault("outlook", {})
    if terms.key not in store:
        while len(store) >= 4:
            store.pop(next(iter(store)))
        one = setting.economy.solve(tariffs=terms.tariff, trade_costs=terms.cost)
        economy = Economy(
            one.flows, terms.tariff, elasticity=setting["trade_elasticity"], deficits="fixed"
        )
        store[terms.key] = _Outlook(terms, economy)
    outlook: _Outlook = store[terms.key]
    return outlook


def _red_lines(setting: Setting, state: State, proposal: Proposal) -> Floats:
    """(S,) strength of the red lines that a proposal crosses, one line a matter and state."""
    day = _red_line_day(setting, state)
    strength: dict[str, Floats] = {}
    for line in setting.world.red_lines:
        matter = setting.world.matters[line.matter]
        is_covered = _is_covered(matter.from_depth, proposal) and line.is_held(day)
        if is_covered and line.matter not in proposal.exemptions:
            held = strength.setdefault(line.matter, np.zeros(len(setting.axes.states)))
            rows = list(line.states)
            held[rows] = np.maximum(held[rows], line.strength)
    crossed = sum(strength.values(), start=np.zeros(len(setting.axes.states)))
    return crossed * (setting["soft_red_line_share"] if proposal.is_soft else 1.0)


def _red_line_day(setting: Setting, state: State) -> date:
    """Red lines are looked up once a year, so that a menu follows from its year and its terms."""
    return setting.calendar.first_day(state.step // 4 * 4)


def _is_covered(from_depth: float, proposal: Proposal) -> bool:
    """A matter of border measures is covered by any tariff cut, the others from their depth on."""
    if from_depth == 0:
        return proposal.tariff_cut > 0 or proposal.depth > 0
    return proposal.depth >= from_depth


class _Builder:
    """Builds the menu of one item."""

    def __init__(
        self, setting: Setting, state: State, item: DocketItem, members: Bools, outlook: _Outlook
    ) -> None:
        self.setting, self.state, self.item = setting, state, item
        self.members, self.outlook = members, outlook

    def build(self, *, allows_binding: bool) -> Menu:
        levels = [
            (depth / 100.0, cut / 100.0)
            for depth in self.item.levels
            for cut in self.item.tariff_cuts
            if depth > 0 or cut > 0
        ]
        directions = sorted({d for lv in levels for d in (lv, (lv[0], 0.0), (0.0, lv[1]))})
        solved = self._solve([d for d in directions if d != (0.0, 0.0)])
        proposals = [p for level in levels for p in self._variants(level, allows_binding)]
        scale = np.array([self._scale(p) for p in proposals])
        return Menu(
            proposals=tuple(proposals),
            scale=scale,
            gain=self._gains(proposals, scale, solved, (True, True)),
            part_gain=np.stack(
                [
                    self._gains(proposals, scale, solved, (False, True)),
                    self._gains(proposals, scale, solved, (True, False)),
                ],
                axis=1,
            ),
            red_lines=np.stack([_red_lines(self.setting, self.state, p) for p in proposals]),
            has_obligation=self.new_partners.any(axis=1) & self.members,
            partner_term=partner_term(self.setting, self.new_partners),
            value_in=self._value_in(tuple(proposals), scale),
        )

    def _solve(self, directions: list[tuple[float, float]]) -> dict[tuple[float, float], Floats]:
        terms, changed = self.outlook.terms, []
        for depth, cut in directions:
            changed += [
                _apply(terms, self.item.kind, self.members, cut * s, depth * s) for s in NODES
            ]
        gains = self.outlook.gains(changed).reshape(len(directions), len(NODES), -1)
        return dict(zip(directions, gains, strict=True))

    @property
    def new_partners(self) -> Bools:
        """(S, S) pairs for which the most ambitious level changes anything."""
        terms = self.outlook.terms
        most = _apply(
            terms,
            self.item.kind,
            self.members,
            max(self.item.tariff_cuts) / 100.0,
            max(self.item.levels) / 100.0,
        )
        both = np.outer(self.members, self.members)
        np.fill_diagonal(both, False)
        changes = ~np.isclose(most.tariff, terms.tariff, atol=1e-6)
        changes |= ~np.isclose(most.cost, terms.cost, atol=1e-6)
        return both & (changes | changes.T)

    def _variants(self, level: tuple[float, float], allows_binding: bool) -> list[Proposal]:
        depth, cut = level
        forms = [False] if allows_binding else []
        if not allows_binding or self.setting.is_on("soft_forms"):
            forms.append(True)
        return [
            Proposal(depth, cut, form, exempt)
            for form in forms
            for exempt in self._exemptions(Proposal(depth, cut))
        ]

    def _exemptions(self, full: Proposal) -> list[tuple[str, ...]]:
        """No exemption, each single one, and the most protected matters one after another."""
        if not (self.setting.is_on("exemptions") and self.setting.is_on("red_lines")):
            return [()]
        day = _red_line_day(self.setting, self.state)
        held: dict[str, int] = {}
        for line in self.setting.world.red_lines:
            matter = self.setting.world.matters[line.matter]
            holders = [s for s in line.states if self.members[s]]
            if holders and line.is_held(day) and _is_covered(matter.from_depth, full):
                held[line.matter] = held.get(line.matter, 0) + len(holders)
        order = sorted(held, key=lambda m: (-held[m], m))
        nested = [tuple(sorted(order[:n])) for n in range(len(order) + 1)]
        return sorted({*nested, *((m,) for m in order)}, key=lambda e: (len(e), e))

    def _scale(self, proposal: Proposal) -> float:
        exempt = sum(self.setting.world.matters[m].trade_share for m in proposal.exemptions)
        form = self.setting["soft_effect"] if proposal.is_soft else 1.0
        return max(1.0 - exempt, 0.0) * form

    def _gains(
        self,
        proposals: list[Proposal],
        scale: Floats,
        solved: dict[tuple[float, float], Floats],
        keep: tuple[bool, bool],
    ) -> Floats:
        gain = np.zeros((len(proposals), self.members.size))
        groups: dict[tuple[float, float], list[int]] = {}
        for m, p in enumerate(proposals):
            groups.setdefault((p.depth * keep[0], p.tariff_cut * keep[1]), []).append(m)
        for direction, rows in groups.items():
            if direction in solved:
                gain[rows] = gains_at_scale(solved[direction], scale[rows])
        return gain

    def _value_in(self, proposals: tuple[Proposal, ...], scale: Floats) -> ValueIn:
        outlook, kind = self.outlook, self.item.kind

        def value_in(m: int, coalition: Bools, units: Bools) -> Floats:
            level = proposals[m].tariff_cut * scale[m], proposals[m].depth * scale[m]
            inside = [unit for unit in units if (unit & coalition).any()]
            options = [_apply(outlook.terms, kind, coalition & ~unit, *level) for unit in inside]
            options.append(_apply(outlook.terms, kind, coalition, *level))
            gains = outlook.gains(options)
            value = np.full(coalition.size, np.nan)
            for row, unit in enumerate(inside):
                value[unit] = gains[-1, unit] - gains[row, unit]
            return value

        return value_in
