"""What a run remembers to save time: results of functions, under what they were worked out from.

A remembered function names the fields and records of the state that it reads and is handed nothing
else of it, so that its key cannot leave out what its result follows from. Turning a memo off
changes the time of a run and nothing else.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar

import numpy as np
from pydantic import BaseModel

from sim.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

__all__ = ["Memo", "Reading", "Same", "remembered", "token"]

P = ParamSpec("P")
T = TypeVar("T")

Reads = tuple[str, ...]
_NOTHING = object()
_PLAIN = (type(None), bool, int, float, str, bytes, date)
_KINDS = frozenset(_PLAIN)


class Same:
    """A value that is told apart by identity: equal to itself alone, and kept alive.

    Examples
    --------
    >>> agreements = ("one",)
    >>> Same(agreements) == Same(agreements), Same([]) == Same([])
    (True, False)
    """

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)


class Reading:
    """Some fields and records of a state, and nothing else of it.

    Parameters
    ----------
    state
        A state, or a reading of one.
    names
        What may be read.

    Examples
    --------
    >>> from sim.axes import Axes
    >>> from sim.state import State
    >>> reading = Reading(State(Axes(("CHL", "NZL"), ())), ("welfare",))
    >>> reading.welfare.tolist()
    [0.0, 0.0]
    >>> reading.flows
    Traceback (most recent call last):
    sim.errors.StateError: 'flows' was read and not declared. Expected it among `reads`: welfare.
    """

    def __init__(self, state: Any, names: Iterable[str]) -> None:
        self._state, self._names = state, frozenset(names)

    def __getattr__(self, name: str) -> Any:
        inner = [one.removeprefix(f"{name}.") for one in self._names if one.startswith(f"{name}.")]
        if inner:  # the block of a mechanism
            return Reading(getattr(self._state, name), inner)
        self._check(name)
        return getattr(self._state, name)

    def __getitem__(self, name: str) -> Any:
        """The array or the records of a full name."""
        self._check(name)
        return self._state[name]

    def _check(self, name: str) -> None:
        if name not in self._names:
            raise StateError(
                f"{name!r} was read and not declared",
                expected=f"it among `reads`: {', '.join(sorted(self._names)) or 'nothing'}",
            )

    def token(self, name: str) -> Hashable:
        """The token of a field or record, as of the state."""
        self._check(name)
        found: Hashable = self._state.token(name)
        return found


def token(value: Any) -> Hashable:
    """Something hashable that is equal for two values only when they hold the same.

    Raises
    ------
    StateError
        Values of this kind may change, so that nothing can be remembered under them.

    Examples
    --------
    >>> token(np.zeros(2)) == token(np.zeros(2)), token(np.zeros(2)) == token(np.ones(2))
    (True, False)
    >>> token(["a list"])
    Traceback (most recent call last):
    sim.errors.StateError: nothing can be remembered under a list. Expected plain values, arrays \
or frozen dataclasses.
    """
    kind = type(value)
    if isinstance(value, tuple):
        return tuple([token(part) for part in value])
    if kind in _KINDS or isinstance(value, _PLAIN):  # the second for what derives from one
        return (kind, value)
    if isinstance(value, np.ndarray):
        return (value.dtype.str, value.shape, value.tobytes())
    if hasattr(value, "remembered_as"):
        return (kind, value.remembered_as)
    made = getattr(kind, "__dataclass_params__", None)
    if made is not None and made.frozen and not made.eq:
        return Same(value)
    parts = _parts(value, made)
    if parts is not None:
        return (kind, *parts)
    raise StateError(
        f"nothing can be remembered under a {kind.__name__}",
        expected="plain values, arrays or frozen dataclasses",
    )


def _parts(value: Any, made: Any) -> tuple[Hashable, ...] | None:
    """What a frozen model or dataclass holds."""
    if isinstance(value, BaseModel) and value.model_config.get("frozen"):
        return (value.model_dump_json(),)
    if made is not None and made.frozen:
        return tuple(token(getattr(value, part.name)) for part in dataclasses.fields(value))
    return None


class Memo:
    """Results by function and key, the last few of each function.

    Parameters
    ----------
    is_on
        Whether anything is remembered; without, every result is worked out anew.
    """

    def __init__(self, *, is_on: bool = True) -> None:
        self.is_on = is_on
        self._results: dict[str, dict[Hashable, Any]] = {}

    def recall(self, name: str, key: Hashable, keep: int, work_out: Callable[[], T]) -> T:
        """The result under a key, worked out when it is not there; `keep` are kept, last used."""
        if not self.is_on:
            return work_out()
        results = self._results.setdefault(name, {})
        found = results.pop(key, _NOTHING)
        if found is _NOTHING:
            found = work_out()
            while len(results) >= keep:
                results.pop(next(iter(results)))
        results[key] = found  # now the last used
        kept: T = found
        return kept

    def counts(self) -> dict[str, int]:
        """How many results are remembered of each function."""
        return {name: len(results) for name, results in self._results.items()}

    def clear(self) -> None:
        """Forget everything."""
        self._results.clear()


class _HasMemo(Protocol):
    @property
    def memo(self) -> Memo: ...


S = TypeVar("S", bound=_HasMemo)


def remembered(
    *, reads: Reads | Callable[..., Reads] = (), keep: int = 24
) -> Callable[[Callable[Concatenate[S, Any, P], T]], Callable[Concatenate[S, Any, P], T]]:
    """Remember a function of a setting, what it reads of a state, and further arguments.

    The function gets a `Reading` of the declared fields in place of the state (which may be None
    where nothing of it is read). Its results are shared and must not be written to.

    Parameters
    ----------
    reads
        Fields and records that it reads, or a function of the further arguments that lists them.
    keep
        How many results are kept.
    """

    def decorate(
        function: Callable[Concatenate[S, Any, P], T],
    ) -> Callable[Concatenate[S, Any, P], T]:
        name = f"{function.__module__}.{function.__qualname__}"

        @functools.wraps(function)
        def recalled(setting: S, state: Any, /, *args: P.args, **kwargs: P.kwargs) -> T:
            names = reads(*args) if callable(reads) else reads
            if names and state is None:
                raise StateError(f"{name} reads {names[0]!r}", expected="a state")

            def work_out() -> T:
                return function(setting, Reading(state, names), *args, **kwargs)

            if not setting.memo.is_on:
                return work_out()
            key = (
                tuple([state.token(field) for field in names]),
                token(args),
                token(tuple(sorted(kwargs.items()))) if kwargs else (),
            )
            return setting.memo.recall(name, key, keep, work_out)

        return recalled

    return decorate
