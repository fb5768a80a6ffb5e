"""The terms on which states trade and what else moves their income, summed over all that acts.

What acts are the effects of agreements, whatever their issue area, and the totals of the state to
which shocks and mechanisms contribute (``part_of`` in `sim.fields`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from types import EllipsisType
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from sim.agreements import (
    AbatementCost,
    AvoidedDamage,
    Commitment,
    Facilitation,
    IncomeEffect,
    IncomeSaved,
    PoliticalWorth,
    TariffCut,
    TradeCostCut,
    accumulate,
    in_baseline,
)
from sim.economy.block import Block
from sim.economy.digital import DigitalRules, digital_rules
from sim.memo import remembered
from sim.types import Bools, Floats, Indices, Ints

if TYPE_CHECKING:
    from sim.agreements import Effect
    from sim.setting import Setting
    from sim.state import State

__all__ = [
    "EXPECTED",
    "Terms",
    "both",
    "current_terms",
    "summed_terms",
    "sums",
    "trade_cost_cut",
    "treaties",
]


Pairs: TypeAlias = tuple[Indices, Indices]

_CLOSE = 1e-9
_ON_PAIRS = (
    "base",
    "keep",
    "depth",
    "depth_start",
    "facilitation",
    "facilitation_start",
    "extra",
    "extra_cost",
)
EXPECTED = (IncomeSaved, AbatementCost, AvoidedDamage, PoliticalWorth)
"""Kinds of effect that negotiators count as income and the economy does not."""


@dataclass(frozen=True, eq=False)
class Terms:
    """Terms between all pairs, exporter i to importer j, and what is added to income.

    Attributes
    ----------
    base
        (S, S) tariff before the agreements of the run (fraction).
    keep
        (S, S) share of it that the agreements of the run leave.
    depth, facilitation
        (S, S) trade-cost cut reached by agreements of the pair, and of importer j towards all.
    depth_start, facilitation_start
        (S, S) the part of them that the baseline trade already reflects.
    extra, extra_cost
        (S, S) what other mechanisms add to tariffs and to trade costs (fractions).
    income
        (S,) percent of annual income that is added, beside what follows from trade.
    digital
        What digital rules held in common do to trade costs; None where nobody knows of any.
    """

    base: Floats
    keep: Floats
    depth: Floats
    depth_start: Floats
    facilitation: Floats
    facilitation_start: Floats
    extra: Floats
    extra_cost: Floats
    income: Floats
    digital: DigitalRules | None = None

    @property
    def tariff(self) -> Floats:
        """(S, S) applied tariff, 0 on the diagonal."""
        rate = self._rate(...)
        np.fill_diagonal(rate, 0.0)
        return rate

    @property
    def cost(self) -> Floats:
        """(S, S) trade cost relative to the baseline, 1 on the diagonal."""
        ratio = self._ratio(...)
        np.fill_diagonal(ratio, 1.0)
        return ratio

    def on(self, at: Pairs) -> tuple[Floats, Floats]:
        """(K,) tariffs, and (K,) trade costs, of some pairs of different states."""
        return self._rate(at), self._ratio(at)

    def _rate(self, at: Pairs | EllipsisType) -> Floats:
        return np.asarray(self.base[at] * self.keep[at] + self.extra[at])

    def _ratio(self, at: Pairs | EllipsisType) -> Floats:
        ratio = (1.0 - self.depth[at]) / (1.0 - self.depth_start[at])
        ratio *= (1.0 - self.facilitation[at]) / (1.0 - self.facilitation_start[at])
        ratio *= 1.0 + self.extra_cost[at]
        if self.digital is not None and not self.digital.is_as_before:
            ratio *= self.digital.ratio[at]
        return np.asarray(ratio)

    def differing(self, other: Terms) -> Pairs:
        """Pairs of different states for which other terms are not the same."""
        differs = np.zeros(self.base.shape, dtype=bool)
        for name in _ON_PAIRS:
            mine, theirs = getattr(self, name), getattr(other, name)
            if mine is not theirs:
                differs |= mine != theirs
        if self.digital is not other.digital:
            mine, theirs = (1.0 if d is None else d.ratio for d in (self.digital, other.digital))
            differs |= mine != theirs
        np.fill_diagonal(differs, False)
        exporter, importer = np.nonzero(differs)
        return exporter, importer

    @cached_property
    def bound(self) -> Bools:
        """(S, S) pairs with an agreement: lower trade costs, or tariffs that not all others pay."""
        others = np.where(np.eye(len(self.keep), dtype=bool), -np.inf, self.keep)
        preferred = self.keep < others.max(axis=0) - _CLOSE
        return np.asarray((self.depth > 0) | preferred | preferred.T)

    def income_after(self, change: Commitment) -> Floats:
        """(S,) percent of annual income that is added once a change comes on top."""
        income = self.income.copy()
        there = {type(effect) for effect in change.effects}  # mostly none of these kinds
        for kind in (IncomeEffect, *EXPECTED):
            if kind in there:
                income = accumulate(kind, [change], income)
        return income

    def hits_ceiling(self, change: Commitment) -> bool:
        """Whether a change would take a pair's trade-cost cut from below its ceiling beyond it."""
        block = Block.of(self, change)
        for effect in change.effects:
            if isinstance(effect, TradeCostCut):
                reached = block.reached(effect)
                hits = effect.hits_ceiling(reached)
                hits[block.own] = False
                if block.reach == effect.reach:
                    hits = change.across(np.zeros(hits.shape), hits.astype(float), effect.reach) > 0
                if hits.any():
                    return True
        return False


def trade_cost_cut(setting: Setting, share: float, *, towards_all: bool = False) -> TradeCostCut:
    """A cut of trade costs among the parties, or of the parties towards all, with its ceiling."""
    if towards_all:
        return Facilitation(share, setting["facilitation_ceiling"])
    return TradeCostCut(share, setting["depth_ceiling"])


def current_terms(setting: Setting, state: State) -> Terms:
    """Terms of the present quarter: agreements as far as they are phased in, and what passes.

    What is added for a time (conflict) is part of the quarter and not of what negotiators look to.
    """
    length = setting["phase_in_years"] * 4.0 if setting.is_on("phase_in") else 0.0
    bound = tuple(a.current(state.step, length) for a in state.agreements)
    at_start = tuple(a.initial() for a in state.agreements if not a.is_of_the_run)
    lasting = summed_terms(
        setting, state, _done(state.treaty_since, state.step, length), (bound, at_start)
    )
    return replace(
        lasting,
        extra_cost=lasting.extra_cost + state.passing_trade_cost,
        income=lasting.income + state.passing_income,
    )


def _done(since: Ints, step: int, length: float) -> Floats:
    """Share of a phase-in done; all of it where `since` is negative (bound from the start)."""
    share = np.clip((step - since + 1.0) / length, 0.0, 1.0) if length else np.ones(since.shape)
    return np.where(since >= 0, share, 1.0)


def summed_terms(
    setting: Setting,
    state: State,
    treaty_share: Floats | float,
    commitments: tuple[tuple[Commitment, ...], tuple[Commitment, ...]],
) -> Terms:
    """The sum of treaties, commitments (now, and at the start) and what mechanisms add."""
    now, start = commitments
    mfn, inside, held, in_data = treaties(setting, None)
    size = len(mfn)
    depth = np.where(state.has_treaty, held * treaty_share, 0.0)
    keep, keep_start = both(TariffCut, now, start, size)
    facilitation, facilitation_start = both(Facilitation, now, start, size)
    income, income_start = both(IncomeEffect, now, start, size)
    terms = Terms(
        base=np.where(state.has_treaty, mfn + treaty_share * (inside - mfn), mfn),
        keep=keep / keep_start,
        depth=accumulate(TradeCostCut, now, depth),
        depth_start=accumulate(TradeCostCut, in_baseline(TradeCostCut, start), in_data.copy()),
        facilitation=facilitation,
        facilitation_start=facilitation_start,
        extra=state.extra_tariff.copy(),
        extra_cost=state.extra_trade_cost.copy(),
        income=income - income_start + state.extra_income,
        digital=digital_rules(setting, now, start),
    )
    for array in vars(terms).values():
        if isinstance(array, np.ndarray):
            array.flags.writeable = False
    return terms


@remembered(keep=1)
def treaties(setting: Setting, _: None) -> tuple[Floats, Floats, Floats, Floats]:
    """(S, S) tariffs without a treaty and within one; its trade-cost cut, and that in the data."""
    world = setting.world
    mfn = np.repeat(world.mfn[None, :], world.mfn.size, axis=0)
    residual = mfn * setting["residual_preferential_tariff"]
    inside = np.where(world.has_agreement, world.tariffs, residual)
    held = np.where(world.has_agreement, world.agreement_depth, setting["existing_agreement_depth"])
    return mfn, inside, held, np.where(world.has_agreement, world.agreement_depth, 0.0)


def both(
    kind: type[Effect], now: tuple[Commitment, ...], start: tuple[Commitment, ...], size: int
) -> tuple[Floats, Floats]:
    """The total of a kind of effect now, and the part of it that the baseline data have."""
    return (
        accumulate(kind, now, size=size),
        accumulate(kind, in_baseline(kind, start), size=size),
    )


def sums(
    kinds: tuple[type[Effect], ...],
    now: tuple[Commitment, ...],
    start: tuple[Commitment, ...],
    size: int,
) -> tuple[Floats, Floats]:
    """The sum of the totals of several kinds now, and the part of it that the baseline data have.

    (S,) each.
    """
    found = [both(kind, now, start, size) for kind in kinds]
    return sum((a for a, _ in found), np.zeros(size)), sum((b for _, b in found), np.zeros(size))
