"""The pairs that a change touches: what it does to their tariffs and trade costs."""

from __future__ import annotations

from dataclasses import dataclass
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

    reach: Reach
    exporters: Indices
    importers: Indices
    own: tuple[Indices, Indices]
    rate: Floats
    extra: Floats
    depth: Floats
    facilitation: Floats

    @classmethod
    def of(cls, terms: Terms, change: Commitment) -> Block:
        """The block that a change touches."""
        at = change.pairs(change.reach)
        exporters, importers = at[0][:, 0], at[1][0]
        columns = np.arange(importers.size)
        own = importers if change.reach == "all" else columns, columns
        rate = terms.base[at] * terms.keep[at]
        parts = terms.extra[at], terms.depth[at], terms.facilitation[at]
        return cls(change.reach, exporters, importers, own, rate, *parts)

    def after(self, change: Commitment) -> tuple[Floats, Floats]:
        """Tariffs, and trade costs relative to those before, with a change on top."""
        rate, cost = self.rate.copy(), np.ones(self.rate.shape)
        for effect in change.effects:
            if isinstance(effect, PairEffect):
                inner, share = self._within(effect.reach), change.share(effect.reach)
                if isinstance(effect, TariffCut):
                    rate[inner] = effect.on(rate[inner], share)
                else:
                    old = self.reached(effect)[inner]
                    cost[inner] *= (1.0 - effect.on(old, share)) / (1.0 - old)
        rate += self.extra
        rate[self.own], cost[self.own] = 0.0, 1.0
        return rate, cost

    def reached(self, effect: PairEffect) -> Floats:
        """The trade-cost cut reached so far through one kind of effect."""
        return self.facilitation if isinstance(effect, Facilitation) else self.depth

    def _within(self, reach: Reach) -> EllipsisType | tuple[Indices, Indices]:
        """Where the pairs of one reach lie in the block."""
        if reach == self.reach:
            return ...
        rows, columns = self.own
        return rows[:, None], columns[None, :]
