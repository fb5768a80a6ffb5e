"""What was known of the world when it was last assessed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.agreements.records import Agreement
from sim.memo import Same
from sim.types import Bools, Floats

if TYPE_CHECKING:
    from collections.abc import Hashable

__all__ = ["OUTSIDE", "Assessment"]

_IMPOSED = ("extra_tariff", "extra_trade_cost", "extra_income")
OUTSIDE = ("has_treaty", *_IMPOSED)
"""Fields that what negotiators expect of the economy follows from, besides agreements."""


@dataclass(frozen=True, eq=False)
class Assessment:
    """Agreements and `OUTSIDE` as they were on a day; may be read in place of a state.

    Attributes
    ----------
    agreements
        All of the run by then, and those from before it.
    has_treaty
        (S, S) pairs that a treaty binds.
    extra_tariff, extra_trade_cost
        (S, S) what else acts on tariffs and trade costs (fractions).
    extra_income
        (S,) percent of annual income.
    """

    agreements: tuple[Agreement, ...]
    has_treaty: Bools
    extra_tariff: Floats
    extra_trade_cost: Floats
    extra_income: Floats

    @classmethod
    def of(cls, state: Any) -> Assessment:
        """Of a state as it is now."""
        arrays = [state[name].copy() for name in OUTSIDE]
        for array in arrays:
            array.flags.writeable = False
        return cls(state.agreements, *arrays)

    def holds(self, state: Any) -> bool:
        """Whether a state is the same but for agreements and treaties."""
        return all(np.array_equal(getattr(self, name), state[name]) for name in _IMPOSED)

    def token(self, name: str) -> Hashable:
        """As of a state (`sim.state.State.token`): nothing of an assessment ever changes."""
        return Same(getattr(self, name))

    @cached_property
    def by_code(self) -> dict[str, Agreement]:
        """Its agreements by code."""
        return {one.code: one for one in self.agreements}

    def knows(self, agreement: Agreement) -> bool:
        """Whether it has an agreement with the same parties as now."""
        known = self.by_code.get(agreement.code)
        return known is not None and np.array_equal(known.is_committed, agreement.is_committed)
