"""Chances that a state leaves an organisation, asks to join one, or is welcome there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.kernels.bargaining import logistic
from sim.kernels.conflict.rates import per_quarter
from sim.types import Bools, Floats

__all__ = [
    "Accession",
    "Belonging",
    "Welcome",
    "Withdrawal",
    "accession_chance",
    "belonging",
    "welcome",
    "withdrawal_chance",
]


@dataclass(frozen=True, eq=False)
class Belonging:
    """Where states stand towards organisations.

    Attributes
    ----------
    distance
        (O, S) distance of a state's ideal point from the members' mean.
    subregion
        (O, S) share of the states of its sub-region, itself among them, that are members.
    members
        (O,) number of members.
    world
        (O,) share of all states that are members.
    """

    distance: Floats
    subregion: Floats
    members: Floats
    world: Floats


def belonging(is_member: Bools, ideal_point: Floats, same_region: Bools) -> Belonging:
    """Where states stand towards organisations, from who belongs to what.

    Parameters
    ----------
    is_member
        (O, S) who belongs to what.
    ideal_point
        (S,) UN General Assembly ideal points, units of about a standard deviation.
    same_region
        (S, S) pairs of one sub-region, a state with itself included.

    Examples
    --------
    >>> found = belonging(np.array([[True, True, False]]), np.array([0.0, 2.0, 3.0]), np.eye(3) > 0)
    >>> found.distance.tolist(), found.subregion.tolist()
    ([[1.0, 1.0, 2.0]], [[1.0, 1.0, 0.0]])
    """
    inside = is_member.astype(float)
    count = inside.sum(axis=1)
    mean = inside @ ideal_point / np.maximum(count, 1.0)
    region = same_region.astype(float)
    share = inside @ region / region.sum(axis=0)
    distance = np.abs(ideal_point[None, :] - mean[:, None])
    return Belonging(distance, share, count, count / ideal_point.size)


@dataclass(frozen=True)
class Withdrawal:
    """Coefficients of a withdrawal per member-year, logits."""

    prefix: ClassVar[str] = "withdrawal"
    constant: float
    distance: float
    contagion: float
    members: float
    age: float
    subregion: float


def withdrawal_chance(where: Belonging, has_left: Bools, age: Floats, model: Withdrawal) -> Floats:
    """Chance that a member announces its withdrawal within a quarter.

    Parameters
    ----------
    where
        Where states stand.
    has_left
        (O,) whether another member left in the last three years.
    age
        (O,) years since the foundation.
    model
        Coefficients.

    Returns
    -------
    (O, S) chances per quarter, for members and others alike.

    Examples
    --------
    One exit calls for the next.

    >>> model = Withdrawal(-5.234, 0.351, 1.123, -0.418, 0.024, -1.749)
    >>> place = Belonging(np.zeros((2, 1)), np.ones((2, 1)), np.full(2, 12.0), np.full(2, 0.06))
    >>> chance = withdrawal_chance(place, np.array([False, True]), np.full(2, 10.0), model)
    >>> round(float(chance[1, 0] / chance[0, 0]), 1)
    3.1
    """
    of_body = (
        model.constant
        + model.contagion * has_left
        + model.members * np.log(np.maximum(where.members, 1.0))
        + model.age * np.log(np.maximum(age, 1.0))
    )
    index = of_body[:, None] + model.distance * where.distance + model.subregion * where.subregion
    return per_quarter(logistic(index))


@dataclass(frozen=True)
class Accession:
    """Coefficients of an accession per year of a state outside, logits."""

    prefix: ClassVar[str] = "accession_to_bodies"
    constant: float
    subregion: float
    world: float
    age: float
    distance: float


def accession_chance(where: Belonging, age: Floats, model: Accession) -> Floats:
    """Chance that a state outside moves to join within a quarter.

    Parameters
    ----------
    where
        Where states stand.
    age
        (O,) years since the foundation.
    model
        Coefficients.

    Returns
    -------
    (O, S) chances per quarter, for members and others alike.

    Examples
    --------
    Neighbours inside draw a state in.

    >>> model = Accession(-5.772, 3.07, 3.074, -0.243, -0.513)
    >>> place = Belonging(np.zeros((1, 2)), np.array([[0.0, 0.9]]), np.ones(1), np.array([0.05]))
    >>> chance = accession_chance(place, np.array([20.0]), model)[0]
    >>> bool(chance[1] > 10 * chance[0])
    True
    """
    of_body = model.constant + model.world * where.world + model.age * np.log(np.maximum(age, 1.0))
    index = of_body[:, None] + model.subregion * where.subregion + model.distance * where.distance
    return per_quarter(logistic(index))


@dataclass(frozen=True)
class Welcome:
    """What a member makes of an applicant, logits."""

    prefix: ClassVar[str] = "admission"
    readiness: float
    trade: float
    distance: float
    rivalry: float


def welcome(trade: Floats, distance: Floats, is_rival: Bools, model: Welcome) -> Floats:
    """Utility of letting an applicant in, for each state.

    Parameters
    ----------
    trade
        (S,) trade with the applicant in percent of income.
    distance
        (S,) distance of ideal points.
    is_rival
        (S,) whether the two are strategic rivals.
    model
        Coefficients.

    Returns
    -------
    (S,) logits; negative for a state that would rather not.

    Examples
    --------
    >>> model = Welcome(2.0, 0.1, 1.0, 4.0)
    >>> welcome(np.array([5.0, 5.0]), np.array([1.0, 1.0]), np.array([False, True]), model).tolist()
    [1.5, -2.5]
    """
    return np.asarray(
        model.readiness + model.trade * trade - model.distance * distance - model.rivalry * is_rival
    )
