"""All arrays of the state: those that several parts of the model share, and those of mechanisms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sim.errors import ConfigError
from sim.fields.conflict import CONFLICT
from sim.fields.field import Field
from sim.fields.politics import POLITICS
from sim.fields.trade import TRADE
from sim.mechanism import Collected, Mechanism, unique

__all__ = ["FIELDS", "Field"]

_SHARED = (*POLITICS, *CONFLICT, *TRADE)


def _all(found: Mapping[str, Mechanism]) -> dict[str, Field]:
    fields = unique(
        "field",
        ((one.name, one) for one in _SHARED),
        (
            (mechanism.full(one.name), replace(one, name=mechanism.full(one.name)))
            for mechanism in found.values()
            for one in mechanism.fields
        ),
    )
    for name, one in fields.items():
        whole = fields.get(one.part_of)
        if one.part_of and (whole is None or whole.total is None or whole.dims != one.dims):
            totals = [key for key, other in fields.items() if other.total is not None]
            raise ConfigError(
                f"field {name!r} is part of {one.part_of!r}",
                expected=f"a total of the same dimensions among {', '.join(totals)}",
            )
    return fields


FIELDS: Collected[Field] = Collected(_all)
"""All arrays of the state by name, those of a mechanism as ``mechanism.field``."""
