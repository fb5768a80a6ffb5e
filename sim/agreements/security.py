"""What agreements on security do: they make conflict more or less likely among their parties.

What that saves in income is expected (`IncomeSaved`): negotiators count it, and the economy does
not, since fewer conflicts cost it less already.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.agreements.effects import Commitment, Effect, Reach
from sim.errors import unknown
from sim.types import Floats

__all__ = ["HAZARDS", "HazardEffect", "IncomeSaved"]


HAZARDS = ("dispute_onset", "dispute_force", "third_party", "civil_onset", "nuclear", "arms")
"""What can be made more or less likely: a dispute of a pair, its coming to force, its being taken
to a third party; and of a state (read on the diagonal) civil conflict, a step towards nuclear
weapons, and military spending at rest (in logs)."""


@dataclass(frozen=True)
class HazardEffect(Effect):
    """Logits added to a hazard among the parties (log of the ratio for nuclear steps and spending).

    Of several agreements with the same rule the one that does most counts between two states; what
    different rules add is summed up by whoever asks (`sim.restraints`).

    Attributes
    ----------
    hazard
        One of `HAZARDS`.
    log_odds
        What is added while it binds; negative where it restrains.
    rule
        Kind of rule by which it does.

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

    The same promise given twice restrains once:

    >>> accumulate(HazardEffect, [bound, bound], size=3)[0, 0, 1]
    np.float64(-0.5)
    """

    hazard: str
    log_odds: float
    rule: str = ""

    def __post_init__(self) -> None:
        if self.hazard not in HAZARDS:
            raise unknown("hazard", self.hazard, HAZARDS, "HazardEffect")

    @classmethod
    def none(cls, size: int) -> Floats:
        """(hazards, S, S) nothing added."""
        return np.zeros((len(HAZARDS), size, size))

    def add_to(self, total: Floats, commitment: Commitment) -> None:
        """Put the logits in among those bound, as far as phased in, where they are the larger."""
        at = (HAZARDS.index(self.hazard), *commitment.pairs("parties"))
        before, added = total[at], self.log_odds * commitment.share("parties")
        total[at] = np.where(np.abs(added) > np.abs(before), added, before)

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
    reach
        Whether what the parties do saves something for ``parties`` alone or for ``all``.
    is_best_shot
        Whether of what a state saves by several parties the most counts, and not their sum.

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
    reach: Reach = "parties"
    is_best_shot: bool = False

    def __post_init__(self) -> None:
        self.worth.flags.writeable = False

    @classmethod
    def none(cls, size: int) -> Floats:
        """(S,) nothing saved."""
        return np.zeros(size)

    def add_to(self, total: Floats, commitment: Commitment) -> None:
        """Add what the parties save those it reaches, as far as it is phased in."""
        at = commitment.pairs(self.reach)
        saved = self.worth[at] * commitment.share(self.reach)
        saved = commitment.across(np.zeros(saved.shape), saved, self.reach)
        total[at[0][:, 0]] += saved.max(axis=1) if self.is_best_shot else saved.sum(axis=1)

    def __str__(self) -> str:
        """As tables show it."""
        return f"expected losses down by up to {self.worth.sum(axis=1).max():.3g} % of income"
