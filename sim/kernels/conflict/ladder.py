"""How far a dispute rises, how long it lasts and how it ends."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from sim.kernels.bargaining import logistic
from sim.types import Bools, Floats, Ints

__all__ = [
    "LEVELS",
    "Durations",
    "Settlement",
    "Stage",
    "draw_duration",
    "draw_level",
    "draw_settlement",
    "has_ended",
    "level_shares",
    "rise",
]


DAYS_PER_QUARTER = 365.25 / 4


class Stage(IntEnum):
    """Stage of the dispute of a pair."""

    LATENT = 0
    THREAT = 1
    DISPLAY = 2
    FORCE = 3
    WAR = 4


LEVELS = (Stage.THREAT, Stage.DISPLAY, Stage.FORCE, Stage.WAR)
"""Highest levels a dispute can have, in the order of the last axis of `level_shares`."""


class Settlement(IntEnum):
    """How a dispute is settled."""

    NONE = 0
    NEGOTIATED = 1
    IMPOSED = 2


def level_shares(force: Floats, *, threat_below_force: float, war_of_force: float) -> Floats:
    """Chances of each highest level.

    Parameters
    ----------
    force
        (P,) chance that the dispute reaches use of force or more.
    threat_below_force
        Share of threats among disputes that stay below force.
    war_of_force
        Share of wars among disputes that reach force.

    Returns
    -------
    (P, 4) chances in the order of `LEVELS`, each row adding up to 1.

    Notes
    -----
    Only the step to force is predicted by traits of the pair, and barely (AUC .60); the 32 wars of
    1946–2000 are too few to tell who goes from force to war.

    Examples
    --------
    >>> level_shares(np.array([0.7]), threat_below_force=0.09, war_of_force=0.035).round(3).tolist()
    [[0.027, 0.273, 0.676, 0.024]]
    """
    below = 1.0 - force
    return np.stack(
        [
            below * threat_below_force,
            below * (1.0 - threat_below_force),
            force * (1.0 - war_of_force),
            force * war_of_force,
        ],
        axis=-1,
    )


def draw_level(shares: Floats, uniform: Floats) -> Ints:
    """The highest level each dispute will reach unless somebody stops it.

    Parameters
    ----------
    shares
        (P, 4) `level_shares`.
    uniform
        (P,) numbers drawn evenly from [0, 1).

    Returns
    -------
    (P,) values of `Stage`, `THREAT` to `WAR`.

    Examples
    --------
    >>> shares = np.array([[0.1, 0.2, 0.6, 0.1]] * 3)
    >>> draw_level(shares, np.array([0.05, 0.5, 0.999])).tolist()
    [1, 3, 4]
    """
    bounds = np.cumsum(shares[..., :-1], axis=-1)
    return np.asarray(1 + (uniform[..., None] >= bounds).sum(axis=-1), dtype=np.int64)


def rise(stage: Ints, highest: Ints, is_rising: Bools, stages: int = 1) -> Ints:
    """Open disputes rise towards their highest level, a stage at a time.

    Parameters
    ----------
    stage, highest
        (P,) present stage and the highest that will be reached.
    is_rising
        (P,) whether the dispute has begun and is not held back.
    stages
        Stages that it can rise at most.

    Returns
    -------
    (P,) new stages: never lower than before, never beyond `highest` unless they were.

    Examples
    --------
    No war without a dispute that came to force before.

    >>> stage, seen = np.array([0]), []
    >>> for _ in range(5):
    ...     stage = rise(stage, np.array([4]), np.array([True]))
    ...     seen.append(int(stage[0]))
    >>> seen
    [1, 2, 3, 4, 4]
    """
    reached = np.maximum(stage, np.minimum(stage + stages, highest))
    return np.where(is_rising, reached, stage)


@dataclass(frozen=True)
class Durations:
    """Median and mean length in days by highest level, in the order of `LEVELS`."""

    median: tuple[float, float, float, float]
    mean: tuple[float, float, float, float]


def draw_duration(highest: Ints, normal: Floats, durations: Durations) -> Floats:
    """Length of disputes in quarters, log-normal with the median and mean of their highest level.

    Parameters
    ----------
    highest
        (P,) values of `Stage`, `THREAT` to `WAR`.
    normal
        (P,) standard normal draws.
    durations
        Median and mean, days; a mean below its median counts as equal.

    Returns
    -------
    (P,) quarters.

    Examples
    --------
    >>> lengths = Durations((1.0, 12.0, 51.0, 403.0), (17.0, 56.0, 201.0, 776.0))
    >>> draw_duration(np.array([3, 4]), np.zeros(2), lengths).round(2).tolist()
    [0.56, 4.41]
    """
    median, mean = np.array(durations.median), np.array(durations.mean)
    spread = np.sqrt(2.0 * np.log(np.maximum(mean / median, 1.0)))
    k = highest - 1
    return np.asarray(median[k] * np.exp(spread[k] * normal) / DAYS_PER_QUARTER)


def has_ended(elapsed: Floats, duration: Floats, stage: Ints, highest: Ints) -> Bools:
    """Whether disputes are over: their time has passed and they have been where they would go.

    Parameters
    ----------
    elapsed, duration
        (P,) quarters since the start, and length drawn, quarters.
    stage, highest
        (P,) present and highest stage; a latent dispute has no end.

    Examples
    --------
    >>> stage, highest = np.array([3, 3, 0]), np.array([3, 4, 0])
    >>> has_ended(np.full(3, 2.0), np.full(3, 1.0), stage, highest).tolist()
    [True, False, False]
    """
    return np.asarray((stage > Stage.LATENT) & (elapsed >= duration) & (stage >= highest))


def draw_settlement(
    index: Floats, highest: Ints, uniform: Floats, *, at_level: Floats, imposed: Floats
) -> Ints:
    """How disputes that end are settled.

    Parameters
    ----------
    index
        (P,) logits of a negotiated settlement by traits of the pair and by third parties.
    highest
        (P,) values of `Stage`, `THREAT` to `WAR`.
    uniform
        (P,) numbers drawn evenly from [0, 1).
    at_level
        (4,) logits added by the highest level.
    imposed
        (4,) share imposed of those that are not negotiated, by highest level.

    Returns
    -------
    (P,) values of `Settlement`.

    Examples
    --------
    >>> at_level, imposed = np.array([-2.4, -0.8, 0.1, 2.1]), np.array([0.0, 0.01, 0.03, 0.7])
    >>> draw_settlement(np.full(3, -1.9), np.array([4, 4, 3]), np.array([0.1, 0.6, 0.6]),
    ...                 at_level=at_level, imposed=imposed).tolist()
    [1, 2, 0]
    """
    k = highest - 1
    negotiated = logistic(index + at_level[k])
    either = negotiated + (1.0 - negotiated) * imposed[k]
    is_imposed = (uniform >= negotiated) & (uniform < either)
    settlement = np.where(is_imposed, Settlement.IMPOSED, Settlement.NONE)
    return np.asarray(np.where(uniform < negotiated, Settlement.NEGOTIATED, settlement))
