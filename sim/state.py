"""The one place where numbers live: an array for each field, read-only unless a phase opened it."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.axes import Axes
from sim.errors import StateError, nearest
from sim.fields import FIELDS, RECORDS
from sim.memo import Same

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.agreements import Agreement, Item

__all__ = ["State"]

_NAMES = tuple(f.name for f in FIELDS) + RECORDS


class State:
    """Arrays by field name, and the tuples of agreements and docket items.

    A phase opens what it declares and writes in place (arrays) or assigns (records); everything
    else refuses to be written, so that an undeclared write stops the run.

    Examples
    --------
    >>> state = State(Axes(("CHL", "NZL"), ("FITP",)))
    >>> state.welfare[0] = 2.0
    Traceback (most recent call last):
    ValueError: assignment destination is read-only
    >>> with state.opened(["welfare"]):
    ...     state.welfare[0] = 2.0
    >>> float(state.welfare[0])
    2.0
    """

    orientation: NDArray[np.float64]
    is_member: NDArray[np.bool_]
    leaves_at: NDArray[np.int64]
    arrears: NDArray[np.float64]
    is_vacant: NDArray[np.bool_]
    funding: NDArray[np.float64]
    capacity: NDArray[np.float64]
    vitality: NDArray[np.float64]
    meetings_due: NDArray[np.float64]
    n_agreed: NDArray[np.int64]
    n_lapsed: NDArray[np.int64]
    n_blocks: NDArray[np.int64]
    n_vetoes: NDArray[np.int64]
    n_exits: NDArray[np.int64]
    extra_tariff: NDArray[np.float64]
    has_agreement: NDArray[np.bool_]
    has_treaty: NDArray[np.bool_]
    treaty_since: NDArray[np.int64]
    tariff: NDArray[np.float64]
    trade_cost: NDArray[np.float64]
    flows: NDArray[np.float64]
    welfare: NDArray[np.float64]
    welfare_trade: NDArray[np.float64]
    income_effect: NDArray[np.float64]
    revenue: NDArray[np.float64]
    agreements: tuple[Agreement, ...]
    docket: tuple[Item, ...]
    step: int

    def __init__(self, axes: Axes) -> None:
        self.axes = axes
        size = {"S": len(axes.states), "O": len(axes.organisations)}
        self._open: frozenset[str] = frozenset(_NAMES)
        self._digests: dict[str, bytes] = {}
        self.step = -1
        for spec in FIELDS:
            array: NDArray[Any] = np.zeros([size[d] for d in spec.dims], dtype=spec.dtype)
            array.flags.writeable = False
            setattr(self, spec.name, array)
        self.agreements = ()
        self.docket = ()
        self._open = frozenset()

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _NAMES and name not in self._open:
            raise StateError(f"{name!r} was assigned but not opened", expected="it among `writes`")
        super().__setattr__(name, value)

    @contextmanager
    def opened(self, names: Iterable[str]) -> Iterator[State]:
        """Allow writing to the named fields within the block, and check their bounds after it.

        Raises
        ------
        StateError
            Unknown field; a value out of the field's bounds or not finite.
        """
        wanted = tuple(names)
        for name in wanted:
            if name not in _NAMES:
                raise StateError(f"unknown field {name!r}", expected=nearest(name, _NAMES))
        self._open = frozenset(wanted)
        arrays = [spec for spec in FIELDS if spec.name in self._open]
        for spec in arrays:
            getattr(self, spec.name).flags.writeable = True
        try:
            yield self
        finally:
            for spec in arrays:
                getattr(self, spec.name).flags.writeable = False
            self._open = frozenset()
            for name in wanted:
                self._digests.pop(name, None)
        for spec in arrays:
            self._check(spec.name, spec.low, spec.high)

    def _check(self, name: str, low: float, high: float) -> None:
        array = getattr(self, name)
        if array.dtype == np.bool_:
            return
        worst = float(array.min(initial=0)), float(array.max(initial=0))
        if not (low <= worst[0] and worst[1] <= high and np.isfinite(worst).all()):  # or NaN
            found = f"{name!r} runs from {worst[0]:g} to {worst[1]:g}"
            raise StateError(found, where=f"step {self.step}", expected=f"{low:g} to {high:g}")

    def token(self, name: str) -> Hashable:
        """What a field or record holds, as a key to remember results under.

        A digest of an array, worked out when the field was opened since it was last asked for; the
        identity of a tuple of records, which is replaced and never changed.
        """
        value = getattr(self, name)
        if not isinstance(value, np.ndarray):
            return value if isinstance(value, int) else Same(value)
        known = self._digests.get(name)
        if known is None:
            known = hashlib.blake2b(value.tobytes(), digest_size=16).digest()
            if name not in self._open:  # who has it open may still write to it
                self._digests[name] = known
        return known

    def copy(self) -> State:
        """An independent copy, for checkpoints and branches."""
        other = copy.copy(self)
        other._digests = dict(self._digests)
        other._open = frozenset(_NAMES)
        for spec in FIELDS:
            array = getattr(self, spec.name).copy()
            array.flags.writeable = False
            setattr(other, spec.name, array)
        other._open = frozenset()
        return other
