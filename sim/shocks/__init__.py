"""Dated events, one module a family: data, names to check and effect of a kind in one class.

A class of this package that names its ``kind`` is found by itself, and so are those that a
mechanism brings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from sim.mechanism import Collected, Mechanism, unique
from sim.registry import import_modules
from sim.shocks.base import Lasting, Shock

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["SHOCKS", "Lasting", "Shock"]


def _defined_in(module: ModuleType) -> Iterator[type[Shock]]:
    for one in vars(module).values():
        is_shock = isinstance(one, type) and issubclass(one, Shock)
        if is_shock and one.__module__ == module.__name__ and "kind" in one.model_fields:
            yield one


def _all(found: Mapping[str, Mechanism]) -> dict[str, type[Shock]]:
    modules = import_modules(__name__, __path__)
    return unique(
        "kind of shock",
        ((one.kind_name(), one) for module in modules for one in _defined_in(module)),
        ((one.kind_name(), one) for mechanism in found.values() for one in mechanism.shocks),
    )


SHOCKS: Collected[type[Shock]] = Collected(_all)
"""All kinds of shock by name."""
