"""What an agreement does while it binds: typed effects, and how those of several add up.

An effect is set when an agreement is adopted and read by what it acts on, whatever the issue area
it came from. A mechanism adds a kind of effect by defining a subclass of `Effect`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "EFFECTS",
    "Commitment",
    "Effect",
    "Facilitation",
    "IncomeEffect",
    "TariffCut",
    "TradeCostCut",
    "accumulate",
    "in_baseline",
]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Index = NDArray[np.intp]
Reach: TypeAlias = Literal["parties", "all"]

EFFECTS: dict[str, type[Effect]] = {}
"""Kinds of effect by name; a subclass of `Effect` enters itself."""


@dataclass(frozen=True)
class Commitment:
    """Effects among the states that they bind, as far as they are phased in.

    Attributes
    ----------
    effects
        What binds.
    inside
        (S,) bool, whom it binds.
    done
        (S,) share of it phased in for each state (0–1), None when all of it is.
    """

    effects: tuple[Effect, ...]
    inside: Bools
    done: Floats | None = None

    @property
    def token(self) -> tuple[object, ...]:
        """What it holds, to remember results under."""
        return (self.effects, self.inside.tobytes(), self.done is None or self.done.tobytes())

    @property
    def reach(self) -> Reach:
        """``all`` when an effect on pairs of states reaches beyond the parties."""
        beyond = any(e.reach == "all" for e in self.effects if isinstance(e, PairEffect))
        return "all" if beyond else "parties"

    def pairs(self, reach: Reach) -> tuple[Index, Index]:
        """Index of the pairs [exporter, importer]: parties among each other, or all to a party."""
        rows = np.flatnonzero(self.inside)
        exporters = np.arange(self.inside.size) if reach == "all" else rows
        return exporters[:, None], rows[None, :]

    def share(self, reach: Reach) -> Floats | float:
        """Share phased in on those pairs: for parties, as far as the slower one is."""
        if self.done is None:
            return 1.0
        done = self.done[self.inside]
        result: Floats = done if reach == "all" else np.minimum.outer(done, done)
        return result


class Effect:
    """A kind of effect: what a total is without it, and how a commitment adds to the total.

    Attributes
    ----------
    is_in_baseline
        Whether data of the first day reflect agreements then in force, so that only what changes
        since then counts. A kind whose baseline is that of a world without agreements, such as a
        hazard estimated net of them, says False, and counts from its first day.

    Examples
    --------
    A later mechanism's own kind:

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Calm(Effect):
    ...     cut: float
    ...     is_in_baseline: ClassVar[bool] = False
    ...     @classmethod
    ...     def none(cls, size):
    ...         return np.ones((size, size))
    ...     def add_to(self, total, commitment):
    ...         total[commitment.pairs("parties")] *= 1 - self.cut
    >>> calm = Commitment((Calm(0.5),), np.array([True, True, False]))
    >>> accumulate(Calm, [calm], size=3)[0].tolist()
    [0.5, 0.5, 1.0]
    >>> del EFFECTS["Calm"]
    """

    is_in_baseline: ClassVar[bool] = True

    def __init_subclass__(cls, *, is_kind: bool = True, **options: Any) -> None:
        super().__init_subclass__(**options)
        if is_kind:
            EFFECTS[cls.__name__] = cls

    @classmethod
    def none(cls, size: int) -> Floats:
        """The total over no agreements, for S states."""
        raise NotImplementedError

    def add_to(self, total: Floats, commitment: Commitment) -> None:
        """Add what it does among those bound to a running total, in place."""
        raise NotImplementedError


class PairEffect(Effect, is_kind=False):
    """An effect on pairs [exporter i, importer j] that is worked out pair by pair."""

    @property
    def reach(self) -> Reach:
        """Whether it holds among ``parties``, or of parties as importers towards ``all``."""
        return "parties"

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


def accumulate(
    kind: type[Effect],
    commitments: Iterable[Commitment],
    onto: Floats | None = None,
    *,
    size: int = 0,
) -> Floats:
    """What commitments do together through one kind of effect, in their order.

    Parameters
    ----------
    kind
        A kind of `EFFECTS`.
    commitments
        What binds whom.
    onto
        A total to add to, which is changed; that of no agreements when None.
    size
        Number of states S, for a total of no agreements.

    Returns
    -------
    The total, in shape and unit of the kind.
    """
    total = kind.none(size) if onto is None else onto
    for commitment in commitments:
        for effect in commitment.effects:
            if type(effect) is kind and commitment.inside.any():
                effect.add_to(total, commitment)
    return total


def in_baseline(kind: type[Effect], at_start: Iterable[Commitment]) -> tuple[Commitment, ...]:
    """Of what bound on the first day, that whose effects of a kind the baseline data have."""
    return tuple(at_start) if kind.is_in_baseline else ()
