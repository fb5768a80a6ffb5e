"""The one place where numbers live: an array for each field, read-only unless a phase opened it."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.axes import Axes
from sim.errors import StateError, nearest
from sim.fields import FIELDS
from sim.memo import Same
from sim.records import RECORDS
from sim.types import Bools, Floats, Ints

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.agreements import Agreement, Assessment, Convened, Item

__all__ = ["Block", "State"]


class Block:
    """Arrays and records under one name: those of a mechanism, ``state.<mechanism>.<name>``.

    The state itself is the block of the shared ones.

    Parameters
    ----------
    prefix
        What stands before the names of the block in the whole state: "" or ``mechanism.``.
    own
        Names of its fields and records.
    is_open
        Full names of what may be written now, shared by all blocks of a state.
    """

    _prefix: str
    _own: frozenset[str]
    _open: set[str]

    def __init__(self, prefix: str, own: Iterable[str], is_open: set[str]) -> None:
        vars(self).update(_prefix=prefix, _own=frozenset(own), _open=is_open)

    def __setattr__(self, name: str, value: Any) -> None:
        full = self._prefix + name
        if name in self._own and full not in self._open:
            raise StateError(f"{full!r} was assigned but not opened", expected="it among `writes`")
        super().__setattr__(name, value)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """An array or the records of a mechanism."""


class State(Block):
    """Arrays by field name, tuples of records, and a block for each mechanism that has its own.

    A phase opens what it declares and writes in place (arrays) or assigns (records); everything
    else refuses to be written, so that an undeclared write stops the run. ``state["name"]`` is the
    same by full name.

    Examples
    --------
    >>> state = State(Axes(("CHL", "NZL"), ("FITP",)))
    >>> state.welfare[0] = 2.0
    Traceback (most recent call last):
    ValueError: assignment destination is read-only
    >>> with state.opened(["welfare", "vitality.level"]):
    ...     state.welfare[0] = 2.0
    ...     state.vitality.level[:] = 0.5
    >>> float(state["welfare"][0]), float(state["vitality.level"][0])
    (2.0, 0.5)
    """

    orientation: Floats
    public_discontent: Floats
    trust: Floats
    is_member: Bools
    leaves_at: Ints
    has_no_vote: Bools
    is_dissolved: Bools
    arrears: Floats
    shock_arrears: Floats
    is_vacant: Bools
    shock_vacancy: Bools
    capacity: Floats
    meetings_due: Floats
    n_done: Ints
    n_failed: Ints
    n_agreed: Ints
    n_lapsed: Ints
    n_statements: Ints
    n_blocks: Ints
    n_vetoes: Ints
    n_exits: Ints
    extra_tariff: Floats
    shock_tariff: Floats
    extra_trade_cost: Floats
    extra_income: Floats
    passing_trade_cost: Floats
    passing_income: Floats
    dispute_stage: Ints
    mediation: Floats
    civil_mediation: Floats
    civil_conflict: Ints
    coup: Ints
    shock_coup: Ints
    order_returns: Bools
    sanction_pressure: Floats
    peacekeepers: Floats
    is_condemned: Bools
    has_agreement: Bools
    has_treaty: Bools
    treaty_since: Ints
    tariff: Floats
    trade_cost: Floats
    flows: Floats
    welfare: Floats
    welfare_trade: Floats
    income_effect: Floats
    revenue: Floats
    agreements: tuple[Agreement, ...]
    docket: tuple[Item, ...]
    forums: tuple[Convened, ...]
    assessments: tuple[Assessment, ...]
    step: int

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Block:
            """The block of a mechanism."""

    def __init__(self, axes: Axes) -> None:
        names = (*FIELDS, *RECORDS)
        is_open: set[str] = set()
        super().__init__("", (name for name in names if "." not in name), is_open)
        self.axes = axes
        self._digests: dict[str, bytes] = {}
        self._parts: dict[str, list[str]] = {}
        self.step = -1
        for mechanism in sorted({name.partition(".")[0] for name in names if "." in name}):
            prefix = f"{mechanism}."
            own = (name.removeprefix(prefix) for name in names if name.startswith(prefix))
            vars(self)[mechanism] = Block(prefix, own, is_open)
        size = {"S": len(axes.states), "O": len(axes.organisations)}
        for spec in FIELDS.values():
            array: NDArray[Any] = np.zeros([size[d] for d in spec.dims], dtype=spec.dtype)
            array.flags.writeable = False
            self._put(spec.name, array)
            if spec.part_of:
                self._parts.setdefault(spec.part_of, []).append(spec.name)
        for name in RECORDS:
            self._put(name, ())

    def __getitem__(self, name: str) -> Any:
        """The array or the records of a full name."""
        block, own = self._place(name)
        return getattr(block, own)

    def __setitem__(self, name: str, value: Any) -> None:
        """Write an array in place, or assign records; only when open."""
        block, own = self._place(name)
        if name in FIELDS:
            self._array(name)[...] = value
        else:
            setattr(block, own, value)

    def _put(self, name: str, value: Any) -> None:
        block, own = self._place(name)
        vars(block)[own] = value

    def _array(self, name: str) -> NDArray[Any]:
        block, own = self._place(name)
        found: NDArray[Any] = vars(block)[own]
        return found

    def _place(self, name: str) -> tuple[Block, str]:
        mechanism, _, own = name.rpartition(".")
        return (vars(self)[mechanism] if mechanism else self), own

    @property
    def names(self) -> tuple[str, ...]:
        """Full names of all that can be written: fields but for totals, and records."""
        return (*(name for name, one in FIELDS.items() if one.total is None), *RECORDS)

    def total(self, name: str) -> NDArray[Any]:
        """A field that several contribute to, from its parts as they are now.

        Inside a phase the field itself is as it was when the phase began.
        """
        return self._combined(name, self[name].copy())

    @contextmanager
    def opened(self, names: Iterable[str]) -> Iterator[State]:
        """Allow writing to the named fields within the block, and check their bounds after it.

        Raises
        ------
        StateError
            Unknown field, or one that follows from others; a value out of the field's bounds or
            not finite.
        """
        wanted = tuple(names)
        for name in wanted:
            if name not in FIELDS and name not in RECORDS:
                known = [*FIELDS, *RECORDS]
                raise StateError(f"unknown field {name!r}", expected=nearest(name, known))
            if name in FIELDS and FIELDS[name].total is not None:
                found = f"{name!r} is a total, which nobody writes"
                parts = ", ".join(self._parts.get(name, []))
                raise StateError(found, expected=f"a part of it ({parts})")
        self._open.update(wanted)
        arrays = [name for name in wanted if name in FIELDS]
        for name in arrays:
            self._array(name).flags.writeable = True
        try:
            yield self
        finally:
            for name in arrays:
                self._array(name).flags.writeable = False
            self._open.clear()
            totals = {FIELDS[name].part_of for name in arrays} - {""}
            for name in (*wanted, *totals):
                self._digests.pop(name, None)
        for name in totals:
            array = self._array(name)
            array.flags.writeable = True
            self._combined(name, array).flags.writeable = False
        for name in (*arrays, *totals):
            self._check(name, FIELDS[name].low, FIELDS[name].high)

    def _combined(self, name: str, result: NDArray[Any]) -> NDArray[Any]:
        """A total from its parts, put into an array that is given."""
        combine = FIELDS[name].total
        parts = [self._array(part) for part in self._parts.get(name, [])]
        if combine is not None and parts:
            combine.reduce(parts, out=result)
        return result

    def _check(self, name: str, low: float, high: float) -> None:
        array = self._array(name)
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
        value = self[name]
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
        other = State(self.axes)
        with other.opened(self.names):
            for name in self.names:
                other[name] = self[name]
        other.step = self.step
        return other
