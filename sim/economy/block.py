"""The pairs that a change touches: what it does to their tariffs and trade costs."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import EllipsisType
from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import Facilitation, PairEffect, TariffCut
from sim.types import Floats, Indices

if TYPE_CHECKING:
    from sim.agreements import Commitment, Reach
    from sim.economy.terms import Terms

__all__ = ["Block"]


@dataclass(frozen=True, eq=False)
class Block:
    """Terms of the pairs [exporter, importer] among some states, or of all with some states.

    Read off once for all changes among the same states.

    Attributes
    ----------
    whom
        A change that it is the block of.
    reach
        ``parties`` or ``all``.
    exporters, importers
        Rows of the states, in their order.
    own
        Where the pairs of a state with itself lie in the block.
    rate, extra
        Tariffs that agreements leave, and what is added to them (fractions).
    depth, facilitation
        Trade-cost cuts reached.
    """

    whom: Commitment
    reach: Reach
    exporters: Indices
    importers: Indices
    own: tuple[Indices, Indices]
    rate: Floats
    extra: Floats
    depth: Floats
    facilitation: Floats
    _rates: dict[tuple[TariffCut, ...], Floats] = field(default_factory=dict, repr=False)
    _costs: dict[tuple[PairEffect, ...], Floats] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, terms: Terms, change: Commitment) -> Block:
        """The block that a change touches."""
        at = change.pairs(change.reach)
        exporters, importers = at[0][:, 0], at[1][0]
        columns = np.arange(importers.size)
        own = importers if change.reach == "all" else columns, columns
        rate = terms.base[at] * terms.keep[at]
        parts = terms.extra[at], terms.depth[at], terms.facilitation[at]
        return cls(change, change.reach, exporters, importers, own, rate, *parts)

    def fits(self, change: Commitment) -> bool:
        """Whether it is the block of a change that binds the same states in the same way."""
        whom, same = self.whom, self.reach == change.reach and self.whom.done is change.done
        return same and whom.inside is change.inside and whom.sides is change.sides

    def after(self, change: Commitment) -> tuple[Floats, Floats]:
        """Tariffs, and trade costs relative to those before, with a change on top.

        Of changes that the block fits. They have many effects in common, and each is worked out
        once; the arrays are shared and must not be written to.
        """
        pairs = [effect for effect in change.effects if isinstance(effect, PairEffect)]
        cuts = tuple(effect for effect in pairs if isinstance(effect, TariffCut))
        others = tuple(effect for effect in pairs if not isinstance(effect, TariffCut))
        if cuts not in self._rates:
            self._rates[cuts] = self._rate(cuts)
        if others not in self._costs:
            self._costs[others] = self._cost(others)
        return self._rates[cuts], self._costs[others]

    def _rate(self, cuts: tuple[TariffCut, ...]) -> Floats:
        rate = self.rate.copy()
        for effect in cuts:
            inner = self._within(effect.reach)
            rate[inner] = self._on(effect, rate[inner])
        rate += self.extra
        rate[self.own] = 0.0
        return rate

    def _cost(self, effects: tuple[PairEffect, ...]) -> Floats:
        cost = np.ones(self.rate.shape)
        for effect in effects:
            inner = self._within(effect.reach)
            old = self.reached(effect)[inner]
            cost[inner] *= (1.0 - self._on(effect, old)) / (1.0 - old)
        cost[self.own] = 1.0
        return cost

    def _on(self, effect: PairEffect, old: Floats) -> Floats:
        """What an effect makes of the pairs of its reach, but for those within one side."""
        new = effect.on(old, self.whom.share(effect.reach))
        return self.whom.across(old, new, effect.reach)

    def reached(self, effect: PairEffect) -> Floats:
        """The trade-cost cut reached so far through one kind of effect."""
        return self.facilitation if isinstance(effect, Facilitation) else self.depth

    def _within(self, reach: Reach) -> EllipsisType | tuple[Indices, Indices]:
        """Where the pairs of one reach lie in the block."""
        if reach == self.reach:
            return ...
        rows, columns = self.own
        return rows[:, None], columns[None, :]
