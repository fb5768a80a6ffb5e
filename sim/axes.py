"""The fixed order of states, organisations and issue areas.

Axes never move: birth, death and exit are masks, so that an array keeps its meaning for a run.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from sim.errors import unknown
from sim.types import Bools

__all__ = ["Axes"]


@dataclass(frozen=True)
class Axes:
    """Codes along the axes of every array, in their fixed order.

    Attributes
    ----------
    states
        ISO 3166-1 alpha-3 codes (S).
    organisations
        Codes of the charters (O).

    Examples
    --------
    >>> axes = Axes(("CHL", "NZL", "SGP"), ("FITP",))
    >>> axes.state("NZL"), axes.mask(["SGP"]).tolist()
    (1, [False, False, True])
    """

    states: tuple[str, ...]
    organisations: tuple[str, ...]
    _state: dict[str, int] = field(init=False, repr=False, compare=False)
    _organisation: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_state", {c: n for n, c in enumerate(self.states)})
        object.__setattr__(self, "_organisation", {c: n for n, c in enumerate(self.organisations)})

    def state(self, code: str, where: str = "") -> int:
        """Row of a state.

        Raises
        ------
        ConfigError
            No such state; the message has the nearest codes.
        """
        if code not in self._state:
            raise unknown("state", code, self.states, where)
        return self._state[code]

    def organisation(self, code: str, where: str = "") -> int:
        """Row of an organisation; raises `ConfigError` when there is none of that code."""
        if code not in self._organisation:
            raise unknown("organisation", code, self.organisations, where)
        return self._organisation[code]

    def mask(self, codes: Iterable[str], where: str = "") -> Bools:
        """(S,) bool, True for the states named."""
        chosen = np.zeros(len(self.states), dtype=bool)
        for code in codes:
            chosen[self.state(code, where)] = True
        return chosen

    def names(self, mask: Bools) -> tuple[str, ...]:
        """Codes of the states in a mask (S,), in the fixed order."""
        return tuple(self.states[n] for n in np.flatnonzero(mask))
