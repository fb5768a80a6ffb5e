"""The world as committed, and what any change to it would bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.economy.block import Block
from sim.economy.committed import committed_terms
from sim.economy.digital import has_rules
from sim.kernels.armington import Changes, Economy
from sim.memo import remembered
from sim.types import Bools, Floats

if TYPE_CHECKING:
    from sim.agreements import Agreement, Commitment
    from sim.economy.committed import World
    from sim.economy.terms import Terms
    from sim.setting import Setting
    from sim.state import State

__all__ = ["Outlook", "committed_outlook", "outlook", "standing_gain"]


@dataclass(frozen=True, eq=False)
class Outlook:
    """Some terms, and an economy that starts from them.

    Any change can be valued: commitments on top (`gains`), or other terms altogether (`worth`),
    such as those without an agreement, or those after a tariff and the answers to it.
    """

    terms: Terms
    economy: Economy

    def gains(self, changes: Sequence[Commitment]) -> Floats:
        """(B, S) gains of B changes over the world of these terms, percent of annual income."""
        welfare = self._welfare(self.after(changes))
        income = [self.terms.income_after(change) for change in changes]
        return 100.0 * (welfare * self._income(income) - 1.0)

    def displaced(self, changes: Sequence[Commitment]) -> Floats:
        """(B, S) home sales that imports displace, in points of spending, by B changes."""
        options = self.after(changes)
        shares = np.zeros((len(options), self.terms.income.size))
        before = self.economy.solve()
        home = before.flows.diagonal() / before.expenditure
        for row, option in enumerate(options):
            after = self.economy.solve_changes([option])
            shares[row] = home - after.flows_of(0).diagonal() / after.expenditure[0]
        return 100.0 * shares

    def worth(self, others: Sequence[Terms]) -> Floats:
        """(B, S) gains of this world over others, by their B terms; percent of annual income."""
        welfare = self._welfare([self._under(terms) for terms in others])
        income = [terms.income for terms in others]
        return 100.0 * (1.0 / (welfare * self._income(income)) - 1.0)

    def changes(self, change: Commitment) -> Bools:
        """(S, S) pairs of parties for which a change makes any difference, either way."""
        at = change.pairs(change.reach)
        tariff, cost = Block.of(self.terms, change).after(change)
        differs = np.zeros((change.inside.size,) * 2, dtype=bool)
        before = self.economy.baseline_tariffs[at]
        if has_rules(change):
            differs |= np.abs(self._rules_ratio(change) - 1.0) > 1e-6
        differs[at] |= (np.abs(tariff - before) > 1e-6) | (np.abs(cost - 1.0) > 1e-6)
        if (np.abs(self.terms.income_after(change) - self.terms.income) > 1e-9).any():
            differs[:] = True
        both = np.outer(change.inside, change.inside)
        np.fill_diagonal(both, False)
        found: Bools = both & (differs | differs.T)
        return found

    def after(self, changes: Sequence[Commitment]) -> list[Changes]:
        """What changes do to tariffs and trade costs: new ones, where they are others."""
        found: list[Changes] = []
        block = None
        for change in changes:
            if has_rules(change):
                found.append(self._with_rules(change))
                continue
            if not any(effect.is_on_pairs for effect in change.effects):
                found.append(Changes([], [], [], []))
                continue
            if block is None or not block.fits(change):
                block = Block.of(self.terms, change)
                before = self.economy.baseline_tariffs[block.exporters[:, None], block.importers]
            tariff, cost = block.after(change)
            differs = (tariff != before) | (cost != 1.0)
            row, column = np.nonzero(differs)
            pairs = block.exporters[row], block.importers[column]
            found.append(Changes(*pairs, tariff[differs], cost[differs]))
        return found

    def _with_rules(self, change: Commitment) -> Changes:
        """What a change does that has digital rules, which reach whoever has rules like them."""
        tariff, cost = self.economy.baseline_tariffs.copy(), self._rules_ratio(change)
        if any(effect.is_on_pairs for effect in change.effects):
            at = change.pairs(change.reach)
            tariff[at], more = Block.of(self.terms, change).after(change)
            cost[at] *= more
        differs = (tariff != self.economy.baseline_tariffs) | (cost != 1.0)
        exporter, importer = np.nonzero(differs)
        return Changes(exporter, importer, tariff[differs], cost[differs])

    def _rules_ratio(self, change: Commitment) -> Floats:
        """(S, S) trade costs under the digital rules of a change, relative to these."""
        rules = self.terms.digital
        if rules is None:
            return np.ones_like(self.terms.base)
        return np.asarray(rules.after(change).ratio / rules.ratio)

    def _under(self, other: Terms) -> Changes:
        """Where tariffs and trade costs are not these, under other terms."""
        at = self.terms.differing(other)
        tariff, cost = other.on(at)
        before, cost_before = self.terms.on(at)
        cost = cost / cost_before
        differs = (tariff != before) | (cost != 1.0)
        return Changes(at[0][differs], at[1][differs], tariff[differs], cost[differs])

    def _welfare(self, options: Sequence[Changes]) -> Floats:
        """(B, S) real expenditure relative to this world, as far as it follows from trade."""
        if not any(np.size(option.exporter) for option in options):
            return np.ones((len(options), self.terms.income.size))
        return np.asarray(self.economy.solve_changes(options).welfare, dtype=float)

    def _income(self, after: Sequence[Floats]) -> Floats:
        """(B, S) income relative to this world, as far as it is added beside trade."""
        percent = np.array(after).reshape(len(after), self.terms.income.size)
        result: Floats = (1.0 + percent / 100.0) / (1.0 + self.terms.income / 100.0)
        return result


def committed_outlook(setting: Setting, state: State, *, without: str = "") -> Outlook:
    """The outlook from the committed terms, with or without an agreement."""
    return outlook(setting, committed_terms(setting, state, without=without))


def standing_gain(setting: Setting, world: World, without: Terms, agreement: Agreement) -> Floats:
    """(S,) gain of a world with an agreement over the one without it, percent of income.

    One that the world has not, or not among the same parties, is added to the terms without it.
    """
    if world.has(agreement):
        found = outlook(setting, world.terms).worth([without])
    else:
        found = outlook(setting, without).gains([agreement.committed()])
    gain: Floats = found[0]
    return gain


def outlook(setting: Setting, terms: Terms) -> Outlook:
    """The outlook from some terms."""
    return _outlook(setting, None, terms)


@remembered()
def _outlook(setting: Setting, _: None, terms: Terms) -> Outlook:
    return Outlook(terms, _economy(setting, None, terms.tariff, terms.cost))


@remembered(keep=4)
def _economy(setting: Setting, _: None, tariff: Floats, cost: Floats) -> Economy:
    """The economy under some terms of trade, whatever else moves income."""
    one = setting.economy.solve(tariffs=tariff, trade_costs=cost)
    return Economy(one.flows, tariff, elasticity=setting["trade_elasticity"], deficits="fixed")
