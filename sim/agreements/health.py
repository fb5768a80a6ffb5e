"""What agreements on health do: they add to surveillance, or to what vaccines reach the parties."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.agreements.effects import Commitment, Effect
from sim.errors import unknown
from sim.kernels.public_goods import POWERS, provision
from sim.types import Floats

__all__ = ["CAPACITIES", "HealthCapacity"]

CAPACITIES = ("surveillance", "vaccines")
"""What parties can add to."""


@dataclass(frozen=True, eq=False)
class HealthCapacity(Effect):
    """Capacity against outbreaks. The total is (2, S): surveillance, and vaccines.

    Each party's surveillance is its own. Vaccines are pooled: all parties have what the party with
    the best access brings (best shot, Barrett 2007). Of several agreements the one that gives most
    counts.

    Attributes
    ----------
    capacity
        One of `CAPACITIES`.
    brought
        (S,) what each brings, a share (0 to 1): of what it lacks, for surveillance; of its people
        who are served at once, for vaccines.

    Raises
    ------
    ConfigError
        An unknown capacity.

    Examples
    --------
    A pool gives all parties what its best one has, and those outside nothing:

    >>> from sim.agreements.effects import accumulate
    >>> pool = HealthCapacity("vaccines", np.array([0.1, 0.6, 0.9]))
    >>> bound = Commitment((pool,), np.array([True, True, False]))
    >>> accumulate(HealthCapacity, [bound], size=3)[1].tolist()
    [0.6, 0.6, 0.0]
    """

    capacity: str
    brought: Floats

    # Indices of the first day are of what states had by themselves.
    is_in_baseline: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if self.capacity not in CAPACITIES:
            raise unknown("capacity", self.capacity, CAPACITIES, "HealthCapacity")
        self.brought.flags.writeable = False

    @classmethod
    def none(cls, size: int) -> Floats:
        """(2, S) nothing."""
        return np.zeros((len(CAPACITIES), size))

    def add_to(self, total: Floats, commitment: Commitment) -> None:
        """Raise the parties to what it gives, as far as it is phased in, where they have less."""
        row, inside = total[CAPACITIES.index(self.capacity)], commitment.inside
        given = self.brought
        if self.capacity == "vaccines":
            best = provision(given, inside.astype(float), POWERS["best_shot"])
            given = np.full(given.shape, best)
        done = 1.0 if commitment.done is None else commitment.done
        np.maximum(row, np.where(inside, given * done, 0.0), out=row)

    def __str__(self) -> str:
        """As tables show it."""
        return f"{self.capacity} up to {100 * self.brought.max():.3g} %"
