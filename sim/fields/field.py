"""What a field is: dimensions, unit, meaning, type, bounds, first value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.setting import Setting

__all__ = ["Field"]


@dataclass(frozen=True)
class Field:
    """One named array.

    Attributes
    ----------
    name
        Its name in its block of the state.
    dims
        Axes in order: S states, O organisations.
    low, high
        Inclusive bounds that hold after every phase.
    initial
        Its value on the first day of the run: a number, or a function of the setting that returns
        the array.
    total
        How a field that several contribute to follows from its parts: ``np.add`` (their sum),
        ``np.maximum`` or ``np.logical_or``. Nobody writes it; whoever contributes writes a part of
        its own, so that nobody wipes what another has settled.
    part_of
        Name of the total that this field contributes to.
    """

    name: str
    dims: tuple[str, ...]
    unit: str
    meaning: str
    dtype: type = np.float64
    low: float = -np.inf
    high: float = np.inf
    initial: float | Callable[[Setting], NDArray[Any]] = 0
    total: np.ufunc | None = None
    part_of: str = ""

    def first(self, setting: Setting) -> NDArray[Any] | float:
        """Its value on the first day of the run."""
        return self.initial(setting) if callable(self.initial) else self.initial
