"""What a decision rule sees, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.types import Bools, Floats

__all__ = ["ABSTAIN", "ACCEPT", "REJECT", "Ballot", "Decision"]


ACCEPT, ABSTAIN, REJECT = 1, 0, -1


@dataclass(frozen=True)
class Ballot:
    """The votes of P parties on one proposal, and what a rule may weigh them by.

    Attributes
    ----------
    vote
        (P,) int8: 1 accept, 0 abstain, -1 reject.
    margin
        (P,) logits: utility of the proposal less what the party still insists on; negative for a
        party that would rather not.
    weight
        (P,) voting weights of the charter (any unit), one each when the charter has none.
    population
        (P,) millions.
    trade_share
        (P,) share of world trade (0–1).
    has_veto
        (P,) whether the charter gives the party a veto.
    is_last_resort
        Whether this is the last round before the deadline (enhanced cooperation asks for it).
    parts
        (K, P) int8 votes on the K parts of a package, one row when it has one part.
    reassess
        Margins (P,) when the coalition in the mask (P,) bool goes ahead and every party compares
        being in with being out *given the others*; asked by rules with partial participation.
        None when the issue area has no such notion: then `margin` stands for every coalition.
    """

    vote: NDArray[np.int8]
    margin: Floats
    weight: Floats
    population: Floats
    trade_share: Floats
    has_veto: Bools
    is_last_resort: bool = False
    parts: NDArray[np.int8] | None = None
    reassess: Callable[[Bools], Floats] | None = field(default=None, compare=False)

    @classmethod
    def of(cls, vote: object, **given: object) -> Ballot:
        """A ballot from votes alone, everything else even: for examples and tests.

        Examples
        --------
        >>> Ballot.of([1, 0, -1]).n
        3
        """
        votes = np.asarray(vote, dtype=np.int8)
        even = np.ones(votes.size)
        values: dict[str, object] = {
            "vote": votes,
            "margin": votes.astype(float),
            "weight": even,
            "population": even,
            "trade_share": even / max(votes.size, 1),
            "has_veto": np.zeros(votes.size, bool),
        }
        for key, value in given.items():
            like = values.get(key)
            kind = like.dtype if isinstance(like, np.ndarray) else None
            values[key] = np.asarray(value, dtype=kind) if kind is not None else value
        return cls(**values)  # type: ignore[arg-type]

    @property
    def n(self) -> int:
        """Number of parties."""
        return int(self.vote.size)

    @property
    def accepts(self) -> Bools:
        """(P,) who votes for."""
        return np.equal(self.vote, ACCEPT)

    @property
    def abstains(self) -> Bools:
        """(P,) who abstains."""
        return np.equal(self.vote, ABSTAIN)

    @property
    def objects(self) -> Bools:
        """(P,) who votes against."""
        return np.equal(self.vote, REJECT)


@dataclass(frozen=True)
class Decision:
    """What the rule makes of a ballot.

    Attributes
    ----------
    is_adopted
        Whether the proposal passes.
    adopters
        (P,) who is bound by it; nobody when it fails.
    blockers
        (P,) whose vote, had it been an acceptance, would have changed or helped to change a
        failure; nobody when the proposal passes.
    is_soft
        Whether the rule makes the outcome a soft agreement, whatever was tabled.
    fallback
        What the body does instead when nothing passes by the deadline: "" or "statement".
    """

    is_adopted: bool
    adopters: Bools
    blockers: Bools
    is_soft: bool = False
    fallback: str = ""
