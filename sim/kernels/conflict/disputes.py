"""Which pairs of states fall into a militarised dispute, and what kind of dispute it will be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.kernels.bargaining import logistic
from sim.kernels.conflict.rates import per_quarter
from sim.types import Bools, Floats, Ints

__all__ = [
    "Deaths",
    "DisputeModel",
    "Force",
    "Negotiated",
    "Onset",
    "PairTraits",
    "Reciprocated",
    "memory_of",
    "onset_per_quarter",
    "pair_traits",
    "start",
]


SEA = (2, 5)
"""Correlates of War codes of contiguity over up to 400 miles of water."""


@dataclass(frozen=True)
class DisputeModel:
    """Coefficients of a logit over traits of a pair, in logits.

    Examples
    --------
    >>> DisputeModel(-2.0, land=1.0).pact
    0.0
    """

    constant: float
    land: float = 0.0
    major_power: float = 0.0
    rivalry: float = 0.0
    pact: float = 0.0
    lower_polyarchy: float = 0.0
    capability_ratio: float = 0.0

    def index(self, traits: PairTraits) -> Floats:
        """Linear index of each pair, shape (P,), logits."""
        return (
            self.constant
            + self.land * traits.land
            + self.major_power * traits.major_power
            + self.rivalry * traits.rivalry
            + self.pact * traits.pact
            + self.lower_polyarchy * traits.lower_polyarchy
            + self.capability_ratio * traits.log_ratio
        )

    def chance(self, traits: PairTraits, shift: Floats | float = 0.0) -> Floats:
        """Chance for each pair, shape (P,), with `shift` logits added."""
        return logistic(self.index(traits) + shift)


@dataclass(frozen=True)
class Onset(DisputeModel):
    """Coefficients of dispute onset per year, with what memory adds."""

    prefix: ClassVar[str] = "dispute_onset"
    sea: float = 0.0
    memory: float = 0.0

    def index(self, traits: PairTraits) -> Floats:
        """Linear index of each pair without memory, shape (P,), logits."""
        return super().index(traits) + self.sea * traits.sea


@dataclass(frozen=True)
class Force(DisputeModel):
    """Coefficients of a dispute reaching use of force."""

    prefix: ClassVar[str] = "dispute_force"


@dataclass(frozen=True)
class Deaths(DisputeModel):
    """Coefficients of a dispute having deaths."""

    prefix: ClassVar[str] = "dispute_deaths"


@dataclass(frozen=True)
class Reciprocated(DisputeModel):
    """Coefficients of a dispute being answered in kind."""

    prefix: ClassVar[str] = "dispute_reciprocated"


@dataclass(frozen=True)
class Negotiated(DisputeModel):
    """Coefficients of a dispute ending in a negotiated settlement."""

    prefix: ClassVar[str] = "dispute_negotiated"


@dataclass(frozen=True)
class PairTraits:
    """What is known of the politically relevant pairs, each once (upper triangle).

    Attributes
    ----------
    i, j
        Rows of the two states, ``i < j``, shape (P,).
    land, sea, major_power, rivalry, pact
        0 or 1, shape (P,): land border; border over up to 400 miles of water; at least one major
        power; strategic rivalry; defence pact.
    lower_polyarchy
        Lower electoral democracy of the two, 0–1, shape (P,).
    log_ratio
        Log of the ratio of capabilities, stronger to weaker, shape (P,).
    """

    i: Ints
    j: Ints
    land: Floats
    sea: Floats
    major_power: Floats
    rivalry: Floats
    pact: Floats
    lower_polyarchy: Floats
    log_ratio: Floats


def pair_traits(
    contiguity: NDArray[np.int8],
    is_rival: Bools,
    has_pact: Bools,
    *,
    is_major_power: Bools,
    polyarchy: Floats,
    capability: Floats,
) -> PairTraits:
    """The politically relevant pairs and their traits.

    Parameters
    ----------
    contiguity
        (S, S) Correlates of War code, 0 none, 1 land, 2–5 up to 12, 24, 150, 400 miles of water.
    is_rival, has_pact
        (S, S) strategic rivalry, defence pact; symmetric.
    is_major_power, polyarchy, capability
        (S,) major power; electoral democracy 0–1; share of world capability (CINC).

    Returns
    -------
    PairTraits
        Of pairs that are contiguous, rivals, or have a major power among them; the others had
        hardly any dispute and are left out of the estimates as of the run.

    Notes
    -----
    A capability of zero counts as one in a million, the least that CINC tells apart.

    Examples
    --------
    >>> none = np.zeros((3, 3), dtype=bool)
    >>> border = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]], dtype=np.int8)
    >>> traits = pair_traits(border, none, none, is_major_power=np.zeros(3, dtype=bool),
    ...                      polyarchy=np.array([0.2, 0.9, 0.5]), capability=np.full(3, 0.01))
    >>> list(zip(traits.i.tolist(), traits.j.tolist())), traits.lower_polyarchy.tolist()
    ([(0, 1)], [0.2])
    """
    either = is_major_power[:, None] | is_major_power[None, :]
    relevant = np.triu((contiguity > 0) | is_rival | either, k=1)
    i, j = np.nonzero(relevant)
    code = contiguity[i, j]
    log_capability = np.log(np.maximum(capability, 1e-6))
    return PairTraits(
        i=i,
        j=j,
        land=(code == 1).astype(float),
        sea=((code >= SEA[0]) & (code <= SEA[1])).astype(float),
        major_power=either[i, j].astype(float),
        rivalry=is_rival[i, j].astype(float),
        pact=has_pact[i, j].astype(float),
        lower_polyarchy=np.minimum(polyarchy[i], polyarchy[j]),
        log_ratio=np.abs(log_capability[i] - log_capability[j]),
    )


def memory_of(years_since: Floats) -> Floats:
    """Memory of the last dispute, ``1/√years``.

    Parameters
    ----------
    years_since
        Years since the last dispute began, any shape; infinite if there was none. Less than a year
        counts as one, as in the yearly data of the estimates.

    Returns
    -------
    1 within a year of the last dispute, falling to 0.

    Examples
    --------
    >>> memory_of(np.array([0.25, 4.0, np.inf])).tolist()
    [1.0, 0.5, 0.0]
    """
    return np.asarray(1.0 / np.sqrt(np.maximum(years_since, 1.0)))


def onset_per_quarter(
    index: Floats, memory: Floats, *, weight: float, shift: Floats | float = 0.0
) -> Floats:
    """Chance that a dispute begins in each pair within a quarter.

    Parameters
    ----------
    index
        (P,) `DisputeModel.index`, which changes only when traits do.
    memory
        (P,) `memory_of`.
    weight
        What memory adds, logits.
    shift
        Logits added by rules in force and by what scenarios assume; (P,) or one number.

    Returns
    -------
    (P,) chances per quarter.

    Examples
    --------
    A dispute last year weighs more than twenty years of peace.

    >>> chance = onset_per_quarter(np.array([-4.0, -4.0]), np.array([1.0, 0.22]), weight=2.9)
    >>> bool(chance[0] > 5 * chance[1])
    True
    """
    return per_quarter(logistic(index + weight * memory + shift))


def start(chance: Floats, uniform: Floats, is_open: Bools) -> Bools:
    """Pairs in which a dispute begins; none where one is already open.

    Parameters
    ----------
    chance, uniform
        (P,) chances, and numbers drawn evenly from [0, 1) for all pairs.
    is_open
        (P,) whether the pair has an unsettled dispute.

    Returns
    -------
    (P,) booleans.

    Examples
    --------
    >>> draws, is_open = np.array([0.1, 0.1, 0.9]), np.array([False, True, False])
    >>> start(np.full(3, 0.5), draws, is_open).tolist()
    [True, False, False]
    """
    return np.asarray((uniform < chance) & ~is_open)
