"""Menus: the proposals on one item, and what they are worth to every state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sim.agreements import Commitment, Proposal
from sim.economy import committed_outlook
from sim.issues import areas
from sim.memo import remembered

if TYPE_CHECKING:
    from sim.agreements import Effect
    from sim.charter import DocketItem
    from sim.economy import Outlook
    from sim.issues.base import IssueArea
    from sim.memo import Reading
    from sim.setting import Setting
    from sim.state import State

__all__ = ["Acceptance", "Menu", "Valuation", "ValueIn", "menu_of", "red_lines_held"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
ValueIn: TypeAlias = Callable[[int, Bools, Bools], Floats]


@dataclass(frozen=True)
class Acceptance:
    """Coefficients of the acceptance utility in an area.

    Attributes
    ----------
    gain
        Logits per unit of asinh(weight · gain / half_gain).
    half_gain
        Percent of income at which the scale turns from linear to logarithmic.
    weight
        What a percent of income in this area counts, relative to one in trade.
    constant
        Logits of any agreement of the area once the negotiation is open.
    state
        (S,) logits of each state, None without.
    """

    gain: float
    half_gain: float
    weight: float = 1.0
    constant: float = 0.0
    state: Floats | None = None


@dataclass(frozen=True)
class Valuation:
    """What states have of proposals: (…, S) or (S,) each.

    Attributes
    ----------
    acceptance
        Coefficients of the area.
    gain
        Gain over no agreement, percent of annual income.
    red_lines
        Strength of the red lines crossed.
    partner_term
        (S,) logits: mean over partners.
    """

    acceptance: Acceptance
    gain: Floats
    red_lines: Floats
    partner_term: Floats


@dataclass(frozen=True)
class Menu:
    """M proposals on one item, valued for all S states.

    Attributes
    ----------
    proposals
        The M proposals.
    scale
        (M,) share of the level that takes effect, after exemptions and form.
    effects
        What each proposal does once adopted.
    value
        (M, S) gains if all participants adopt, red lines crossed, partners.
    has_obligation
        (S,) whether the item asks anything new of the state.
    value_in
        ``value_in(m, coalition, units)`` → (S,) gain of being in over being out, given the others
        of the coalition (S,) bool, when states leave by units (P, S) bool; NaN outside.
    """

    proposals: tuple[Proposal, ...]
    scale: Floats
    effects: tuple[tuple[Effect, ...], ...]
    value: Valuation
    has_obligation: Bools
    value_in: ValueIn = field(compare=False, repr=False)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing left to negotiate."""
        return not self.proposals or not bool(self.has_obligation.any())


def menu_of(
    setting: Setting, state: State, area: IssueArea, docket: tuple[str, DocketItem], members: Bools
) -> Menu:
    """The menu of a docket item, (organisation, item), among the members (S,)."""
    outlook = committed_outlook(setting, state)
    return _menu(setting, state, area.name, *docket, members, state.step // 4, outlook)


@remembered(reads=lambda area, *_: areas()[area].reads, keep=64)
def _menu(
    setting: Setting,
    state: Reading,
    area: str,
    organisation: str,
    item: DocketItem,
    members: Bools,
    year: int,
    outlook: Outlook,
) -> Menu:
    builder = _Builder(setting, state, areas()[area], item, members, year, outlook)
    return builder.build(allows_binding=(organisation, area) not in setting.soft_bodies)


@dataclass(frozen=True)
class _Builder:
    """What the menu of one item follows from."""

    setting: Setting
    state: Reading
    area: IssueArea
    item: DocketItem
    members: Bools
    year: int
    outlook: Outlook

    def build(self, *, allows_binding: bool) -> Menu:
        """Value the menu; an empty one when the item changes nothing for anybody."""
        offered = self._offered()
        ambitious = self.area.propose({name: max(values) for name, values in offered.items()})
        most = self._change(ambitious, 1.0, self.members)
        partners = self.outlook.changes(most)
        proposals = self._proposals(offered, allows_binding) if partners.any() else []
        scale = np.array([self.area.scale(self.setting, p) for p in proposals])
        changes = [
            self._change(p, float(s), self.members) for p, s in zip(proposals, scale, strict=True)
        ]
        size = self.members.size
        crossed = [self.area.red_lines(self.setting, self.year, p) for p in proposals]
        gain = np.zeros((0, size))
        if changes:
            gain = self.area.gains(self.setting, self.outlook, changes, most)
        value = Valuation(
            acceptance=self.area.acceptance(self.setting),
            gain=gain,
            red_lines=np.array(crossed).reshape(len(proposals), size),
            partner_term=self.area.partner_term(self.setting, partners),
        )
        effects = tuple(change.effects for change in changes)
        asked = np.asarray(partners.any(axis=1))
        return Menu(tuple(proposals), scale, effects, value, asked, self._value_in(effects))

    def _offered(self) -> dict[str, list[float]]:
        """Values of each term on offer, in the model's unit."""
        shown = self.area.offered(self.item)
        return {t.name: [value / t.scale for value in shown[t.name]] for t in self.area.terms}

    def _proposals(self, offered: dict[str, list[float]], allows_binding: bool) -> list[Proposal]:
        forms = [False] if allows_binding and "binding" in self.area.claims.forms else []
        if "soft" in self.area.claims.forms and (not forms or self.setting.is_on("soft_forms")):
            forms.append(True)
        proposals = []
        for values in product(*offered.values()):
            terms = dict(zip(offered, values, strict=True))
            if any(value > 0 for value in values):
                full = self.area.propose(terms)
                exempt = self.area.exemptions(self.setting, self.year, full, self.members)
                proposals += [
                    self.area.propose(terms, is_soft=form, exemptions=e)
                    for form in forms
                    for e in exempt
                ]
        return proposals

    def _change(self, proposal: Proposal, scale: float, inside: Bools) -> Commitment:
        kind = self.item.kind
        effects = self.area.effects(self.setting, self.state, kind, proposal, scale)
        return Commitment(effects, inside)

    def _value_in(self, effects: tuple[tuple[Effect, ...], ...]) -> ValueIn:
        found = self.outlook

        def value_in(m: int, coalition: Bools, units: Bools) -> Floats:
            inside = [unit for unit in units if (unit & coalition).any()]
            staying = [coalition & ~unit for unit in inside]
            gains = found.gains([Commitment(effects[m], s) for s in (*staying, coalition)])
            value = np.full(coalition.size, np.nan)
            for row, unit in enumerate(inside):
                value[unit] = gains[-1, unit] - gains[row, unit]
            return value

        return value_in


def red_lines_held(setting: Setting, year: int) -> dict[str, Floats]:
    """Matter → (S,) strength of the red lines held, one line a matter and state.

    Looked up on the first day of a year of the run, so that a menu follows from its year and its
    terms alone.
    """
    return _red_lines_held(setting, None, year)


@remembered(keep=8)
def _red_lines_held(setting: Setting, _: None, year: int) -> dict[str, Floats]:
    day = setting.calendar.first_day(year * 4)
    strength: dict[str, Floats] = {}
    for line in setting.world.red_lines:
        if line.is_held(day):
            held = strength.setdefault(line.matter, np.zeros(len(setting.axes.states)))
            rows = list(line.states)
            held[rows] = np.maximum(held[rows], line.strength)
    return dict(sorted(strength.items()))
