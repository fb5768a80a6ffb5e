"""Civil conflict, with what peacekeepers change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.kernels.bargaining import logistic
from sim.kernels.conflict.rates import per_quarter, two_state_per_quarter
from sim.kernels.conflict.third_parties import net_of_mediation
from sim.types import Bools, Floats

__all__ = [
    "CivilEnd",
    "CivilOnset",
    "CivilRecurrence",
    "Mediators",
    "Society",
    "WarLevel",
    "civil_end",
    "civil_onset",
    "war_level",
]


@dataclass(frozen=True)
class Society:
    """What hazards inside states depend on.

    Attributes
    ----------
    log_income
        (S,) log of GDP per head in dollars at purchasing power parity.
    log_population
        (S,) log of population in thousands.
    polyarchy
        (S,) electoral democracy, 0–1.
    """

    log_income: Floats
    log_population: Floats
    polyarchy: Floats


@dataclass(frozen=True)
class CivilOnset:
    """Coefficients of civil conflict onset per year, logits."""

    prefix: ClassVar[str] = "civil_onset"
    constant: float
    income: float
    population: float
    polyarchy: float
    polyarchy_squared: float
    peace: float
    neighbour: float


@dataclass(frozen=True)
class CivilRecurrence:
    """What a peacekeeping force adds to onset after a conflict.

    Attributes
    ----------
    force
        Logits, negative if it keeps the peace.
    troops
        Least strength that counts, persons.
    window
        Years after the end of a conflict in which it counts.
    """

    prefix: ClassVar[str] = "civil_recurrence"
    force: float
    troops: float
    window: float


@dataclass(frozen=True)
class CivilEnd:
    """Coefficients of the end of a civil conflict per year, logits."""

    prefix: ClassVar[str] = "civil_end"
    constant: float
    income: float
    population: float
    polyarchy: float
    duration: float
    war: float
    troops: float


@dataclass(frozen=True)
class WarLevel:
    """Coefficients of being at war level next year, for a conflict that goes on, logits."""

    prefix: ClassVar[str] = "civil_war_level"
    constant: float
    troops: float
    war: float
    income: float
    population: float
    duration: float


@dataclass(frozen=True, eq=False)
class Mediators:
    """Mediators in civil conflicts.

    Attributes
    ----------
    added
        (S,) logits that a mediator adds to the yearly chance of an end, 0 without one.
    most
        Logits that one adds.
    share
        Share of conflict years with a mediator in the years of the estimate, which has what they
        add in its mean.
    """

    added: Floats
    most: float
    share: float

    @property
    def share_of_ends(self) -> float:
        """Share of ends with a mediator, where ends are rare."""
        raised = self.share * np.exp(self.most)
        return float(raised / (1.0 - self.share + raised))


def civil_onset(
    society: Society,
    peace: Floats,
    has_neighbour: Bools,
    model: CivilOnset,
    *,
    troops: Floats,
    recurrence: CivilRecurrence,
    had_conflict: Bools,
    quiet_years: float,
) -> Floats:
    """Chance that a civil conflict begins within a quarter.

    Parameters
    ----------
    society
        Income, population, democracy.
    peace
        (S,) years since the last civil conflict, or since the state or the data began.
    has_neighbour
        (S,) whether a land neighbour is in civil conflict.
    model
        Coefficients.
    troops
        (S,) peacekeepers in the country, persons.
    recurrence
        What a force adds after a conflict.
    had_conflict
        (S,) whether the state has had a conflict, so that a new one would be a recurrence.
    quiet_years
        Years after an end before an onset can be, by definition of both.

    Returns
    -------
    (S,) chances per quarter; 0 within the quiet years. States in conflict are the caller's to mask.

    Examples
    --------
    The chance has its top at middling democracy.

    >>> model = CivilOnset(-3.0, -0.3, 0.24, 4.9, -7.6, -0.5, 1.1)
    >>> world = Society(np.full(3, 8.0), np.full(3, 9.0), np.array([0.0, 0.3, 0.9]))
    >>> chance = civil_onset(world, np.full(3, 10.0), np.zeros(3, dtype=bool), model,
    ...     troops=np.zeros(3), recurrence=CivilRecurrence(-0.7, 500.0, 10.0),
    ...     had_conflict=np.ones(3, dtype=bool), quiet_years=2.0)
    >>> int(chance.argmax())
    1
    """
    index = (
        model.constant
        + model.income * society.log_income
        + model.population * society.log_population
        + model.polyarchy * society.polyarchy
        + model.polyarchy_squared * society.polyarchy**2
        + model.peace * np.log1p(peace)
        + model.neighbour * has_neighbour
    )
    is_guarded = had_conflict & (peace <= recurrence.window) & (troops >= recurrence.troops)
    chance = per_quarter(logistic(index + recurrence.force * is_guarded))
    return np.where(had_conflict & (peace < quiet_years), 0.0, chance)


def civil_end(
    society: Society,
    so_far: Floats,
    at_war: Bools,
    model: CivilEnd,
    *,
    troops: Floats,
    mediation: Mediators | None = None,
    factor: float = 1.0,
) -> Floats:
    """Chance that a civil conflict ends within a quarter.

    Parameters
    ----------
    society
        Income, population, democracy.
    so_far
        (S,) years that the conflict has lasted.
    at_war
        (S,) whether it is at war level.
    model
        Coefficients.
    troops
        (S,) peacekeepers in the country, persons.
    mediation
        Who has a mediator, and what that adds; None where there are none beside the estimate.
    factor
        Factor on the yearly chance, for a time in which conflicts end more rarely.

    Returns
    -------
    (S,) chances per quarter.

    Examples
    --------
    >>> model = CivilEnd(1.2, 0.28, -0.37, -0.08, -0.8, -1.3, 0.378)
    >>> world = Society(np.full(2, 8.0), np.full(2, 9.0), np.full(2, 0.3))
    >>> chance = civil_end(world, np.full(2, 3.0), np.zeros(2, dtype=bool), model,
    ...                    troops=np.array([0.0, 10000.0]))
    >>> bool(chance[1] > chance[0])
    True
    """
    index = (
        model.constant
        + model.income * society.log_income
        + model.population * society.log_population
        + model.polyarchy * society.polyarchy
        + model.duration * np.log1p(so_far)
        + model.war * at_war
        + model.troops * np.log1p(troops / 1000.0)
    )
    if mediation is not None:
        index = net_of_mediation(index, mediation.share, mediation.most) + mediation.added
    return per_quarter(np.minimum(factor * logistic(index), 1.0))


def war_level(
    society: Society, so_far: Floats, model: WarLevel, *, troops: Floats
) -> tuple[Floats, Floats]:
    """Chances that a conflict that goes on moves up to war level, or down from it, in a quarter.

    Parameters
    ----------
    society, so_far, model, troops
        As for `civil_end`; democracy is not read.

    Returns
    -------
    up, down
        (S,) chances per quarter that compound to those of the yearly model.

    Examples
    --------
    War is lasting: it is left more rarely than it is missed.

    >>> model = WarLevel(-0.66, 0.19, 2.7, -0.07, -0.04, -0.12)
    >>> world = Society(np.array([8.0]), np.array([9.0]), np.array([0.3]))
    >>> up, down = war_level(world, np.array([3.0]), model, troops=np.zeros(1))
    >>> bool(down[0] < 1 - up[0])
    True
    """
    index = (
        model.constant
        + model.income * society.log_income
        + model.population * society.log_population
        + model.duration * np.log1p(so_far)
        + model.troops * np.log1p(troops / 1000.0)
    )
    return two_state_per_quarter(logistic(index), 1.0 - logistic(index + model.war))
