"""Tuples of frozen records that stand beside the arrays of the state and obey the same rule."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import numpy as np
from pydantic import BaseModel

from sim.agreements import Agreement, Assessment, Convened, Item
from sim.mechanism import Collected, unique

if TYPE_CHECKING:
    from sim.setting import Setting

__all__ = ["RECORDS", "Record", "classes_of"]


def _none(_: Setting) -> tuple[Any, ...]:
    return ()


@dataclass(frozen=True)
class Record:
    """One named tuple of frozen dataclasses.

    Attributes
    ----------
    name
        Its name in its block of the state.
    kind
        Class of its records.
    initial
        From the setting to the records on the first day of the run.
    """

    name: str
    kind: type
    meaning: str
    initial: Callable[[Setting], tuple[Any, ...]] = _none

    def first(self, setting: Setting) -> tuple[Any, ...]:
        """The records on the first day of the run."""
        return self.initial(setting)


_FOREIGN = {"builtins", "datetime", "numpy", "typing"}


def classes_of(kind: Any) -> Iterator[type]:
    """The classes that a record is made of, itself first: what a checkpoint of it holds.

    They follow from the types of its attributes, with all classes derived from them.

    Examples
    --------
    >>> sorted(one.__name__ for one in classes_of(Item))
    ['DocketItem', 'Item', 'Proposal', 'Specification']
    """
    seen: list[type] = []
    todo = [kind]
    while todo:
        one = todo.pop(0)
        todo += get_args(one)
        if not isinstance(one, type) or one in seen or one.__module__ in _FOREIGN:
            continue
        seen.append(one)
        if issubclass(one, BaseModel):
            todo += [*(field.annotation for field in one.model_fields.values())]
        elif not issubclass(one, enum.Enum):
            todo += get_type_hints(one).values()
        todo += one.__subclasses__()
    yield from seen


_TALKS = {
    "climate": "climate_talks",
    "digital": "digital_rules",
    "health": "health_talks",
    "security": "security_talks",
}
"""Area → switch that has its items of charters negotiated; those of other areas always are."""


def _docket(setting: Setting) -> tuple[Item, ...]:
    """The items of all charters, waiting; of some areas only where they are to be negotiated."""
    off = {area for area, switch in _TALKS.items() if not setting.is_on(switch)}
    return tuple(
        Item(
            code,
            name,
            opens_at=max(setting.calendar.step_of(spec.opens), 0),
            specification=spec,
            belief=np.zeros(len(setting.axes.states)),
        )
        for code in setting.axes.organisations
        for name, spec in sorted(setting.charter(code).docket.items())
        if spec.area not in off
    )


_SHARED = (
    Record("agreements", Agreement, "agreements of the run, from adoption to their end"),
    Record("docket", Item, "items under negotiation, or waiting for it", _docket),
    Record("forums", Convened, "forums outside charters that have met"),
    Record("assessments", Assessment, "the world as last assessed, one or none"),
)

RECORDS: Collected[Record] = Collected(
    lambda found: unique(
        "record",
        ((one.name, one) for one in _SHARED),
        (
            (mechanism.full(one.name), dataclasses.replace(one, name=mechanism.full(one.name)))
            for mechanism in found.values()
            for one in mechanism.records
        ),
    )
)
"""All tuples of records by name, those of a mechanism as ``mechanism.record``."""
