"""What agreements on security do: they make conflict more or less likely among their parties.

What that saves in income is expected (`IncomeSaved`): negotiators count it, and the economy does
not, since fewer conflicts cost it less already.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.agreements.effects import Commitment, Effect
from sim.errors import unknown
from sim.types import Floats

__all__ = ["HAZARDS", "HazardEffect", "IncomeSaved"]


HAZARDS = ("dispute_onset", "dispute_force", "civil_onset", "nuclear")
"""What can be made more or less likely: a dispute of a pair, its coming to force; civil conflict of
a state, a step towards nuclear weapons (read on the diagonal)."""


@dataclass(frozen=True)
class HazardEffect(Effect):
    """Logits added to a hazard among the parties (log of the ratio of rates for nuclear steps).

    Attributes
    ----------
    hazard
        One of `HAZARDS`.
    log_odds
        What is added while it binds; negative where it restrains.

    Raises
    ------
    ConfigError
        An unknown hazard.

    Examples
    --------
    >>> from sim.agreements.effects import accumulate
    >>> pact = HazardEffect("dispute_onset", -0.5)
    >>> bound = Commitment((pact,), np.array([True, True, False]))
    >>> total = accumulate(HazardEffect, [bound], size=3)
    >>> total[0, 0, 1], total[0, 0, 2], total[1:].any()
    (np.float64(-0.5), np.float64(0.0), np.False_)
    """

    hazard: str
    log_odds: float

    is_in_baseline: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if self.hazard not in HAZARDS:
            raise unknown("hazard", self.hazard, HAZARDS, "HazardEffect")

    @classmethod
    def none(cls, size: int) -> Floats:
        """(hazards, S, S) nothing added."""
        return np.zeros((len(HAZARDS), size, size))

    def add_to(self, total: Floats, commitment: Commitment) -> None:
        """Add the logits among those bound, as far as they are phased in."""
        rows, columns = commitment.pairs("parties")
        share = commitment.share("parties")
        total[HAZARDS.index(self.hazard), rows, columns] += self.log_odds * share

    def __str__(self) -> str:
        """As tables show it."""
        return f"{self.hazard} {self.log_odds:+g} logits"


@dataclass(frozen=True, eq=False)
class IncomeSaved(Effect):
    """Income that parties expect to save by a rule. The total is in percent of annual income, (S,).

    Attributes
    ----------
    worth
        (S, S) percent of its annual income that state i saves by the rule's binding it and j.

    Examples
    --------
    It saves nothing where one of the two is not bound:

    >>> from sim.agreements.effects import accumulate
    >>> rule = IncomeSaved(np.array([[0.0, 0.2, 0.1], [0.2, 0.0, 0.0], [0.1, 0.0, 0.0]]))
    >>> bound = Commitment((rule,), np.array([True, True, False]))
    >>> accumulate(IncomeSaved, [bound], size=3).tolist()
    [0.2, 0.2, 0.0]
    """

    worth: Floats

    def __post_init__(self) -> None:
        self.worth.flags.writeable = False

    @classmethod
    def none(cls, size: int) -> Floats:
        """(S,) nothing saved."""
        return np.zeros(size)

    def add_to(self, total: Floats, commitment: Commitment) -> None:
        """Add what the parties save among each other, as far as it is phased in."""
        at = commitment.pairs("parties")
        saved = self.worth[at] * commitment.share("parties")
        total[commitment.inside] += commitment.across(np.zeros(saved.shape), saved, "parties").sum(
            axis=1
        )

    def __str__(self) -> str:
        """As tables show it."""
        return f"expected losses down by up to {self.worth.sum(axis=1).max():.3g} % of income"
