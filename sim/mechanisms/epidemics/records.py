"""What is known of an outbreak while it lasts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np

from sim.kernels.epidemics import QUARTERS
from sim.types import Bools

__all__ = ["Outbreak"]


@dataclass(frozen=True, eq=False)
class Outbreak:
    """An outbreak of international concern.

    Attributes
    ----------
    origin
        Row of the state in which it begins.
    began, since
        Its day, and the quarter of it.
    severity
        Deaths a year per thousand people of the world, if surveillance were as it is on average
        and nobody helped.
    size
        The same by the surveillance that it met with, -1 until its first quarter.
    declared_by
        Organisation that declared it, empty where there is none for its origin.
    struck
        (S,) whom it has struck, empty until its first quarter.
    """

    origin: int
    began: date
    since: int
    severity: float
    size: float = -1.0
    declared_by: str = ""
    struck: Bools = field(default_factory=lambda: np.zeros(0, dtype=bool))

    def age(self, step: int) -> int:
        """Quarters since its first."""
        return step - self.since

    def is_over(self, step: int) -> bool:
        """Whether its last quarter has gone."""
        return self.age(step) >= QUARTERS
