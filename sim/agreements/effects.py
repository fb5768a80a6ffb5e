"""What an agreement does while it binds: typed effects, and how those of several add up.

An effect is set when an agreement is adopted and read by what it acts on, whatever the issue area
it came from. A mechanism adds a kind of effect by defining a subclass of `Effect`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np

from sim.types import Bools, Floats, Indices, Ints

__all__ = ["EFFECTS", "Commitment", "Effect", "Reach", "accumulate", "in_baseline"]

Reach: TypeAlias = Literal["parties", "all"]

_NO_SIDES = np.zeros(0, dtype=np.int64)
_NO_SIDES.flags.writeable = False

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
    sides
        (S,) side of each state, -1 for none, empty when there are no sides: among states of one
        side, effects on pairs change nothing.
    """

    effects: tuple[Effect, ...]
    inside: Bools
    done: Floats | None = None
    sides: Ints = field(default_factory=lambda: _NO_SIDES)

    @property
    def remembered_as(self) -> tuple[object, ...]:
        """What it holds, as a key for what follows from it (`sim.memo.token`)."""
        done = self.done is None or self.done.tobytes()
        return (self.effects, self.inside.tobytes(), done, self.sides.tobytes())

    @cached_property
    def reach(self) -> Reach:
        """``all`` when an effect on pairs of states reaches beyond the parties."""
        beyond = any(e.is_on_pairs and e.reach == "all" for e in self.effects)
        return "all" if beyond else "parties"

    @cached_property
    def rows(self) -> Indices:
        """Positions of those whom it binds."""
        return np.flatnonzero(self.inside)

    def pairs(self, reach: Reach) -> tuple[Indices, Indices]:
        """Positions of pairs [exporter, importer]: parties among each other, or all to a party."""
        rows = self.rows
        exporters = np.arange(self.inside.size) if reach == "all" else rows
        return exporters[:, None], rows[None, :]

    def across(self, before: Floats, after: Floats, reach: Reach) -> Floats:
        """Values on those pairs after a change, which leaves pairs within one side as they were."""
        if not self.sides.size:
            return after
        exporters, importers = (self.sides[index] for index in self.pairs(reach))
        return np.where((exporters == importers) & (importers >= 0), before, after)

    def of(self, rows: Indices) -> Commitment:
        """The same among some states alone, as if there were no others."""
        done = None if self.done is None else self.done[rows]
        sides = self.sides[rows] if self.sides.size else self.sides
        return Commitment(self.effects, self.inside[rows], done, sides)

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
    is_on_pairs
        Whether it is worked out pair by pair.

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
    is_on_pairs: ClassVar[bool] = False

    @property
    def reach(self) -> Reach:
        """Whether it holds among ``parties``, or of parties towards ``all``."""
        return "parties"

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
            if type(effect) is kind and commitment.rows.size:
                effect.add_to(total, commitment)
    return total


def in_baseline(kind: type[Effect], at_start: Iterable[Commitment]) -> tuple[Commitment, ...]:
    """Of what bound on the first day, that whose effects of a kind the baseline data have."""
    return tuple(at_start) if kind.is_in_baseline else ()
