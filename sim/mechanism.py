"""What a mechanism declares, where mechanisms are found, and how their parts are collected.

A mechanism is one module or package of `sim.mechanisms` with a ``MECHANISM``. Nothing else names
it: state, checkpoint, log, tables, lists and documentation ask the collected mappings, which hold
the shared parts of the model and those of every mechanism.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sim.errors import ConfigError
from sim.registry import import_modules

if TYPE_CHECKING:
    from pathlib import Path

    from sim.columns import Measure, QuarterlyTable
    from sim.events import EventKind
    from sim.fields import Field
    from sim.phase import Phase
    from sim.records import Record
    from sim.setting import Setting
    from sim.shocks import Shock
    from sim.switches import Switch

__all__ = ["Collected", "Mechanism", "mechanisms", "parameter_files", "unique"]

T = TypeVar("T")


@dataclass(frozen=True)
class Mechanism:
    """Everything that a mechanism adds to the model.

    Attributes
    ----------
    name
        Name of its module, and of its block of the state: ``state.<name>.<field>``.
    meaning, source
        What it does, and where that is from.
    fields, records
        Arrays and tuples of records of its block.
    switches
        What of it a scenario can turn off.
    parameters
        Names of the parameters that it reads, of ``scenarios/parameters`` or its own
        ``parameters.yaml``.
    columns
        Table (``states``, ``organisations`` or ``summary``) → columns that it adds.
    tables
        Tables of its own.
    events
        Kinds of event that it logs.
    shocks
        Kinds of dated event that a scenario may have of it.
    phases
        Its parts of the step; their place in the step is said in `sim.phases`.
    check
        Refuses, with a `ConfigError`, a setting in which it cannot run.
    """

    name: str
    meaning: str
    source: str
    fields: tuple[Field, ...] = ()
    records: tuple[Record, ...] = ()
    switches: tuple[Switch, ...] = ()
    parameters: tuple[str, ...] = ()
    columns: Mapping[str, tuple[Measure, ...]] = field(default_factory=dict)
    tables: tuple[QuarterlyTable, ...] = ()
    events: tuple[EventKind, ...] = ()
    shocks: tuple[type[Shock], ...] = ()
    phases: tuple[Phase, ...] = ()
    check: Callable[[Setting], None] | None = None

    def full(self, name: str) -> str:
        """Name of a field or record of its block in the whole state."""
        return f"{self.name}.{name}"


@cache
def mechanisms() -> Mapping[str, Mechanism]:
    """Mechanisms by name.

    Raises
    ------
    ConfigError
        A module of `sim.mechanisms` that declares none, or one of another name.

    Examples
    --------
    >>> "vitality" in mechanisms()
    True
    """
    package = importlib.import_module("sim.mechanisms")
    found: dict[str, Mechanism] = {}
    for module in import_modules(package.__name__, package.__path__):
        name = module.__name__.rpartition(".")[2]
        declared = getattr(module, "MECHANISM", None)
        if not isinstance(declared, Mechanism) or declared.name != name:
            expected = f"MECHANISM = Mechanism({name!r}, …)"
            raise ConfigError(
                "declares no mechanism of its name", where=module.__name__, expected=expected
            )
        found[name] = declared
    return found


def parameter_files() -> Iterator[Path]:
    """Files of parameters that lie beside a mechanism, ``parameters.yaml`` in its package."""
    from pathlib import Path

    package = importlib.import_module("sim.mechanisms")
    for folder in package.__path__:
        yield from sorted(Path(folder).glob("*/parameters.yaml"))


class Collected(Mapping[str, T], Generic[T]):
    """Parts of one kind by name: the shared ones and those of all mechanisms.

    Put together when first looked at, since mechanisms import what they are made of.

    Parameters
    ----------
    collect
        From the mechanisms to all parts by name.

    Examples
    --------
    >>> letters = Collected(lambda found: {"shared": 1, **{name: 2 for name in found}})
    >>> letters["shared"], letters["vitality"]
    (1, 2)
    """

    def __init__(self, collect: Callable[[Mapping[str, Mechanism]], Mapping[str, T]]) -> None:
        self._collect = collect
        self._from: Mapping[str, Mechanism] | None = None
        self._parts: Mapping[str, T] = {}

    def _all(self) -> Mapping[str, T]:
        now = mechanisms()
        if self._from is not now:
            self._parts, self._from = self._collect(now), now
        return self._parts

    def __getitem__(self, name: str) -> T:
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __contains__(self, name: object) -> bool:
        return name in self._all()


def unique(
    kind: str, shared: Iterable[tuple[str, Any]], own: Iterable[tuple[str, Any]]
) -> dict[str, Any]:
    """One mapping of shared parts and those of mechanisms, each name once.

    Raises
    ------
    ConfigError
        Two parts of one name.

    Examples
    --------
    >>> unique("switch", [("a", 1)], [("a", 2)])
    Traceback (most recent call last):
    sim.errors.ConfigError: switch 'a' is declared twice
    """
    parts = dict(shared)
    for name, part in own:
        if name in parts:
            raise ConfigError(f"{kind} {name!r} is declared twice")
        parts[name] = part
    return parts
