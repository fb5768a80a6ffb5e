"""What agreements on digital rules do: whoever is bound by rules that work together trades cheaper.

Unlike a cut of trade costs, the same rule given twice counts once, and what it does to a pair may
follow from texts that the two did not sign together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.agreements.effects import Commitment, Effect
from sim.errors import unknown
from sim.kernels.interoperability import bind
from sim.types import Floats

__all__ = ["VERSIONS", "Interoperability"]

VERSIONS = ("open", "conditional", "control", "facilitation", "principles")
"""Whose text a digital rule follows. The first three are models of how data may leave (Ferracane
& van der Marel 2025, *RIE* 33:243): freely (CPTPP, DEPA), on conditions of protection (European
Union), under a state's control (RCEP). The others leave data out: electronic documents and
signatures (WTO joint statement), and principles (UN, UNESCO)."""


@dataclass(frozen=True)
class Interoperability(Effect):
    """Trade costs fall between those bound by rules that work together.

    The total is (versions, S, S): what pairs hold by one text of each version, and on the diagonal
    the level at which a state is bound by it. Who adds it up says what different texts and versions
    make of that (`sim.kernels.interoperability`).

    Attributes
    ----------
    version
        One of `VERSIONS`.
    share
        Fraction of trade costs that goes between two who are bound by one text, 0-1.

    Raises
    ------
    ConfigError
        An unknown version.

    Examples
    --------
    >>> from sim.agreements.effects import accumulate
    >>> rule = Interoperability("open", 0.02)
    >>> bound = Commitment((rule,), np.array([True, True, False]))
    >>> held = accumulate(Interoperability, [bound, bound], size=3)
    >>> held[0].tolist(), held[1:].any().item()
    ([[0.02, 0.02, 0.0], [0.02, 0.02, 0.0], [0.0, 0.0, 0.0]], False)
    """

    version: str
    share: float

    def __post_init__(self) -> None:
        if self.version not in VERSIONS:
            raise unknown("version", self.version, VERSIONS, "Interoperability")

    @classmethod
    def none(cls, size: int) -> Floats:
        """(versions, S, S) nobody is bound."""
        return np.zeros((len(VERSIONS), size, size))

    def add_to(self, total: Floats, commitment: Commitment) -> None:
        """Put in what the parties hold in common, as far as it is phased in."""
        done = 1.0 if commitment.done is None else commitment.done[commitment.inside]
        level = self.share * np.ones(int(commitment.inside.sum())) * done
        at = (VERSIONS.index(self.version), *commitment.pairs("parties"))
        total[at] = commitment.across(total[at], bind(total[at], level), "parties")

    def __str__(self) -> str:
        """As tables show it."""
        return f"trade costs -{100 * self.share:.4g} % under {self.version} rules"
