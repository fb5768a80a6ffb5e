"""Coup attempts, by the military or within the palace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.kernels.bargaining import logistic
from sim.kernels.conflict.civil import Society
from sim.kernels.conflict.rates import per_quarter
from sim.types import Bools, Floats

__all__ = ["Coup", "coup_attempt"]


@dataclass(frozen=True)
class Coup:
    """Coefficients of a coup attempt per year, logits, and the coding of memory.

    Attributes
    ----------
    years_if_never
        Years since the last attempt of a state that never had one.
    """

    prefix: ClassVar[str] = "coup"
    constant: float
    polyarchy: float
    polyarchy_squared: float
    income: float
    memory: float
    conflict: float
    years_if_never: float


def coup_attempt(society: Society, years_since: Floats, has_conflict: Bools, model: Coup) -> Floats:
    """Chance of a coup attempt within a quarter.

    Parameters
    ----------
    society
        Income and democracy; population is not read.
    years_since
        (S,) years since the last attempt, infinite if there was none.
    has_conflict
        (S,) whether the state is in civil conflict.
    model
        Coefficients.

    Returns
    -------
    (S,) chances per quarter.

    Examples
    --------
    One attempt calls for the next.

    >>> model = Coup(-0.27, 6.7, -8.8, -0.29, -0.756, 0.25, 30.0)
    >>> world = Society(np.full(2, 8.0), np.full(2, 9.0), np.full(2, 0.3))
    >>> chance = coup_attempt(world, np.array([1.0, np.inf]), np.zeros(2, dtype=bool), model)
    >>> bool(chance[0] > 4 * chance[1])
    True
    """
    years = np.where(np.isfinite(years_since), years_since, model.years_if_never)
    index = (
        model.constant
        + model.polyarchy * society.polyarchy
        + model.polyarchy_squared * society.polyarchy**2
        + model.income * society.log_income
        + model.memory * np.log1p(years)
        + model.conflict * has_conflict
    )
    return per_quarter(logistic(index))
