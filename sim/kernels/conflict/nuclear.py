"""Nuclear status: none, consider, pursue, weapons."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

import numpy as np

from sim.types import Bools, Floats, Ints

__all__ = ["NuclearRates", "NuclearStatus", "Restraint", "draw_status", "nuclear_transitions"]


YEARS_PER_QUARTER = 0.25
"""Years in a quarter."""


class NuclearStatus(IntEnum):
    """How near a state is to nuclear weapons (Bleek 2017)."""

    NONE = 0
    CONSIDER = 1
    PURSUE = 2
    WEAPONS = 3


@dataclass(frozen=True)
class NuclearRates:
    """Hazards per year, and logs of the ratios that multiply them.

    Attributes
    ----------
    start, start_rival
        None → consider, without and with a rival that has or seeks weapons.
    pursue, acquire
        Consider → pursue, pursue → weapons, at a proficiency of 0.
    drop, step_back, abandon, disarm
        Consider → none, pursue → consider, pursue → none, weapons → none.
    proficiency
        Log ratio on `pursue` and `acquire` per standard score.
    umbrella
        Log ratio on `start` and `pursue`.
    zone, inspection
        Log ratios on `start`, `pursue` and `acquire`.
    """

    prefix: ClassVar[str] = "nuclear"
    start: float
    start_rival: float
    pursue: float
    acquire: float
    drop: float
    step_back: float
    abandon: float
    disarm: float
    proficiency: float
    umbrella: float
    zone: float
    inspection: float


@dataclass(frozen=True)
class Restraint:
    """What holds a state back or pushes it on; all (S,).

    Attributes
    ----------
    has_nuclear_rival
        Whether a strategic rival has or seeks weapons.
    proficiency
        Nuclear proficiency, standard scores; unknown (NaN) counts as 0.
    has_umbrella, in_zone, is_inspected
        Under another's umbrella; party to a zone in force; under mutual inspection in force.
    further
        Log ratio on `start`, `pursue` and `acquire` of further rules in force.
    """

    has_nuclear_rival: Bools
    proficiency: Floats
    has_umbrella: Bools
    in_zone: Bools
    is_inspected: Bools
    further: Floats | float = 0.0


def nuclear_transitions(restraint: Restraint, rates: NuclearRates) -> Floats:
    """Chances of each status after a quarter, by status before.

    Parameters
    ----------
    restraint
        What the hazards depend on.
    rates
        Hazards and ratios.

    Returns
    -------
    (S, 4, 4) chances, from the status on axis 1 to that on axis 2; rows add up to 1.

    Notes
    -----
    Competing hazards: a status is left with chance ``1 − exp(−R/4)``, where R is the sum of its
    hazards, and for each next status in proportion. What zones and umbrellas do is not identified:
    states that want no weapons join zones, threatened ones get umbrellas.

    Examples
    --------
    >>> ratios = {"proficiency": 0.5, "umbrella": -0.5, "zone": -0.5, "inspection": -0.7}
    >>> rates = NuclearRates(0.0005, 0.012, 0.05, 0.05, 0.05, 0.01, 0.02, 0.0, **ratios)
    >>> off = np.zeros(2, dtype=bool)
    >>> state = Restraint(np.array([True, True]), np.zeros(2), off, off, np.array([False, True]))
    >>> chance = nuclear_transitions(state, rates)
    >>> bool(np.allclose(chance.sum(axis=2), 1.0)), bool(chance[1, 0, 1] < chance[0, 0, 1])
    (True, True)
    """
    held = rates.zone * restraint.in_zone + rates.inspection * restraint.is_inspected
    held = held + restraint.further
    skilled = rates.proficiency * np.nan_to_num(restraint.proficiency)
    umbrella = rates.umbrella * restraint.has_umbrella
    hazard = np.zeros((held.size, 4, 4))
    none, consider, pursue, weapons = NuclearStatus
    start = np.where(restraint.has_nuclear_rival, rates.start_rival, rates.start)
    hazard[:, none, consider] = start * np.exp(held + umbrella)
    hazard[:, consider, pursue] = rates.pursue * np.exp(held + umbrella + skilled)
    hazard[:, pursue, weapons] = rates.acquire * np.exp(held + skilled)
    hazard[:, consider, none] = rates.drop
    hazard[:, pursue, consider] = rates.step_back
    hazard[:, pursue, none] = rates.abandon
    hazard[:, weapons, none] = rates.disarm
    total = hazard.sum(axis=2, keepdims=True)
    share = np.divide(hazard, total, out=np.zeros_like(hazard), where=total > 0)
    chance = share * -np.expm1(-total * YEARS_PER_QUARTER)
    every = np.arange(4)
    chance[:, every, every] = np.exp(-total[..., 0] * YEARS_PER_QUARTER)
    return np.asarray(chance)


def draw_status(status: Ints, chance: Floats, uniform: Floats) -> Ints:
    """Status after a quarter.

    Parameters
    ----------
    status
        (S,) values of `NuclearStatus`.
    chance
        (S, 4, 4) `nuclear_transitions`.
    uniform
        (S,) numbers drawn evenly from [0, 1).

    Returns
    -------
    (S,) values of `NuclearStatus`.

    Examples
    --------
    >>> draw_status(np.array([0, 3]), np.stack([np.eye(4)] * 2), np.array([0.0, 0.99])).tolist()
    [0, 3]
    """
    bounds = np.cumsum(chance[np.arange(status.size), status], axis=1)[:, :-1]
    return np.asarray((uniform[:, None] >= bounds).sum(axis=1), dtype=np.int64)
