"""Effects of agreements on the economy: tariffs, trade costs and income."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.agreements.effects import Commitment, Effect, Reach
from sim.types import Bools, Floats

__all__ = ["Facilitation", "IncomeEffect", "PairEffect", "TariffCut", "TradeCostCut"]


class PairEffect(Effect, is_kind=False):
    """An effect on pairs [exporter i, importer j] that is worked out pair by pair."""

    is_on_pairs: ClassVar[bool] = True

    @classmethod
    def none(cls, size: int) -> Floats:
        """No cut between any pair, (S, S)."""
        return np.zeros((size, size))

    def on(self, total: Floats, done: Floats | float = 1.0) -> Floats:
        """The total of some pairs with the effect on top, as far as it is phased in."""
        raise NotImplementedError

    def add_to(self, total: Floats, commitment: Commitment) -> None:
        """Add it to a running total (S, S), in place."""
        at = commitment.pairs(self.reach)
        total[at] = self.on(total[at], commitment.share(self.reach))


@dataclass(frozen=True)
class TariffCut(PairEffect):
    """A share of the applied tariff goes. The total is the share that is left, (S, S).

    Attributes
    ----------
    share
        Fraction, 0–1.
    reach
        Cut for the other parties, or for all exporters.

    Examples
    --------
    Cuts follow one another:

    >>> cut = TariffCut(0.5)
    >>> cut.on(cut.on(np.ones(1))).tolist()
    [0.25]
    """

    share: float
    reach: Reach = "parties"

    @classmethod
    def none(cls, size: int) -> Floats:
        """All of the tariff is left."""
        return np.ones((size, size))

    def __str__(self) -> str:
        return f"tariffs -{100 * self.share:.4g} % for {self.reach}"

    def on(self, total: Floats, done: Floats | float = 1.0) -> Floats:
        """What is left after the cut."""
        return np.asarray(total * (1.0 - self.share * done))


@dataclass(frozen=True)
class TradeCostCut(PairEffect):
    """Trade costs among the parties fall. The total is the cut reached, (S, S).

    Attributes
    ----------
    share
        Fraction, 0–1.
    ceiling
        The most that agreements together take off.

    Examples
    --------
    A cut comes on top of an older one, up to the ceiling, and never takes anything back:

    >>> TradeCostCut(0.05, ceiling=0.18).on(np.array([0.05, 0.17, 0.3])).round(4).tolist()
    [0.0975, 0.18, 0.3]
    """

    share: float
    ceiling: float = 1.0

    def __str__(self) -> str:
        return f"trade costs -{100 * self.share:.4g} % for {self.reach}"

    def on(self, total: Floats, done: Floats | float = 1.0) -> Floats:
        """The cut reached with this one on top."""
        reached = np.minimum(1.0 - (1.0 - total) * (1.0 - self.share * done), self.ceiling)
        return np.asarray(np.maximum(total, reached))

    def hits_ceiling(self, total: Floats) -> Bools:
        """Pairs that it would take from below the ceiling beyond it."""
        beyond = 1.0 - (1.0 - total) * (1.0 - self.share) > self.ceiling
        return np.asarray(beyond & (total < self.ceiling))


@dataclass(frozen=True)
class Facilitation(TradeCostCut):
    """Trade costs of the parties as importers fall towards everybody, as at a simpler border."""

    @property
    def reach(self) -> Reach:
        """Towards all."""
        return "all"


@dataclass(frozen=True, eq=False)
class IncomeEffect(Effect):
    """Real income of states changes. The total is in percent of annual income, (S,).

    What states gain = what being bound brings them + what the parties provide, as far as it
    reaches them.

    Attributes
    ----------
    own
        (S,) percent of its income that a state gains by being bound; below zero, what it pays.
    provided
        (S,) what each state provides when bound, in any unit.
    reached
        (S,) percent of its income that a state gains for each unit provided by the parties.
    reach
        Whether what is provided reaches ``parties`` (a club good) or ``all`` (a public good).

    Examples
    --------
    A public good reaches those who do not pay for it:

    >>> good = IncomeEffect(np.full(3, -0.1), np.ones(3), np.full(3, 0.2), reach="all")
    >>> inside = np.array([True, True, False])
    >>> from sim.agreements import accumulate
    >>> accumulate(IncomeEffect, [Commitment((good,), inside)], size=3).round(3).tolist()
    [0.3, 0.3, 0.4]
    """

    own: Floats
    provided: Floats
    reached: Floats
    reach: Reach = "parties"

    def __post_init__(self) -> None:
        for array in (self.own, self.provided, self.reached):
            array.flags.writeable = False

    def __str__(self) -> str:
        return f"income {self.own.min():+.3g} to {self.own.max():+.3g} %, shared by {self.reach}"

    @classmethod
    def none(cls, size: int) -> Floats:
        """No change."""
        return np.zeros(size)

    def add_to(self, total: Floats, commitment: Commitment) -> None:
        """Add it to a running total (S,), in place."""
        bound = commitment.inside * (1.0 if commitment.done is None else commitment.done)
        total += self.own * bound
        reached = self.reached * float(self.provided @ bound)
        total += reached if self.reach == "all" else reached * bound
