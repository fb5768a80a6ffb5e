"""From yearly chances to chances of a quarter."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np

from sim.types import Floats

__all__ = ["coefficients", "per_quarter", "shifted", "two_state_per_quarter"]


class _Coefficients(Protocol):
    prefix: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]


class _ByName(Protocol):
    def __getitem__(self, name: str, /) -> float: ...


C = TypeVar("C", bound=_Coefficients)


def coefficients(kind: type[C], values: _ByName) -> C:
    """The coefficients of a model, from parameters named ``<prefix>_<field>``.

    Parameters
    ----------
    kind
        A dataclass of coefficients of this package.
    values
        Parameters by name; others are passed over.

    Raises
    ------
    KeyError
        A coefficient is missing.

    Examples
    --------
    >>> from sim.kernels.conflict.third_parties import ArbitrationTerms
    >>> coefficients(ArbitrationTerms, {"arbitration_cost": 0.01, "other": 1.0})
    ArbitrationTerms(cost=0.01)
    """
    return kind(**{f.name: values[f"{kind.prefix}_{f.name}"] for f in fields(kind)})


def per_quarter(yearly: Floats) -> Floats:
    """Chance within a quarter that compounds to a yearly one at a constant hazard.

    Parameters
    ----------
    yearly
        Chances per year, any shape, 0–1.

    Returns
    -------
    Chances per quarter, same shape: ``1 − (1 − p)^(1/4)``.

    Examples
    --------
    >>> quarter = per_quarter(np.array([0.0, 0.5, 1.0]))
    >>> (1 - (1 - quarter) ** 4).round(12).tolist()
    [0.0, 0.5, 1.0]
    """
    return np.asarray(1.0 - (1.0 - yearly) ** 0.25)


def two_state_per_quarter(up: Floats, down: Floats) -> tuple[Floats, Floats]:
    """Quarterly chances of moving between two states that compound to the yearly ones.

    Parameters
    ----------
    up, down
        Chances per year of being in the upper state a year after the lower one, and the other way
        round; same shape.

    Returns
    -------
    up, down
        The same per quarter. Where ``up + down > 1``, which no chain in continuous time gives, the
        state is drawn anew each quarter in the long-run shares.

    Notes
    -----
    The fourth root of a two-state transition matrix: the long-run shares stay, and the second
    eigenvalue ``1 − up − down`` is replaced by its fourth root.

    Examples
    --------
    >>> up, down = two_state_per_quarter(np.array([0.15]), np.array([0.33]))
    >>> chain = np.array([[1 - up[0], up[0]], [down[0], 1 - down[0]]])
    >>> np.linalg.matrix_power(chain, 4).round(12).tolist()
    [[0.85, 0.15], [0.33, 0.67]]
    """
    total = up + down
    moved = 1.0 - np.maximum(1.0 - total, 0.0) ** 0.25
    scale = np.divide(moved, total, out=np.full_like(total, 0.25), where=total > 0)
    return up * scale, down * scale


def shifted(chance: Floats, logits: Floats) -> Floats:
    """Chances with their log odds moved.

    Parameters
    ----------
    chance
        Chances, any shape, 0–1.
    logits
        What is added to their log odds, same shape.

    Returns
    -------
    Chances, same shape; where nothing is added, to the last bit the same.

    Examples
    --------
    Even odds become two to one.

    >>> shifted(np.array([0.5, 0.0]), np.log([2.0, 2.0])).round(3).tolist()
    [0.667, 0.0]
    """
    odds = np.exp(logits)
    return np.where(logits == 0.0, chance, chance * odds / (1.0 - chance + chance * odds))
