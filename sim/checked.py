"""What charters, shocks and scenarios are made of: models and values that refuse what is wrong."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from sim.errors import as_yaml

__all__ = [
    "FIRST_YEAR",
    "LAST_YEAR",
    "LONGEST_NOTICE",
    "Day",
    "Model",
    "Names",
    "Share",
    "States",
    "Weight",
    "distinct",
]

Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
Weight: TypeAlias = Annotated[float, Field(ge=0)]
FIRST_YEAR, LAST_YEAR = 1900, 2200
"""Years in which a run may start; charters and their dockets may be some older."""

_OLDEST = 1800  # founding of the oldest organisations: the Rhine commission, 1815
LONGEST_NOTICE = 1200.0
"""Months: a century, as long as the longest run."""


def _day(value: Any) -> Any:
    """A day as it is written, and no number of seconds or time of day that could be read as one."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    is_written = isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value)
    try:
        day = date.fromisoformat(str(value)) if is_written else None
    except ValueError:
        day = None
    if day is None:
        raise ValueError(f"{as_yaml(value)} is no day of the calendar, such as '2025-01-20'")
    return day


def _in_reach(day: date) -> date:
    if not _OLDEST <= day.year <= LAST_YEAR + 100:
        raise ValueError(f"{day} is out of reach, {_OLDEST} to {LAST_YEAR + 100}")
    return day


def distinct(values: Any) -> Any:
    """Refuse an entry that a list has twice: one of the two was meant to be another.

    Examples
    --------
    >>> distinct(("BRA", "BRA"))
    Traceback (most recent call last):
    ValueError: 'BRA' comes twice, where each should come once
    """
    seen: set[Hashable] = set()
    for value in values if isinstance(values, tuple) else ():
        if value in seen:
            raise ValueError(f"{value!r} comes twice, where each should come once")
        seen.add(value)
    return values


Day: TypeAlias = Annotated[date, BeforeValidator(_day), AfterValidator(_in_reach)]
Names: TypeAlias = Annotated[tuple[str, ...], AfterValidator(distinct)]
States: TypeAlias = Annotated[tuple[str, ...] | Literal["all", "targets"], AfterValidator(distinct)]


class Model(BaseModel):
    """Base of all configuration: frozen, numbers finite, and nothing unknown passes."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _true_is_no_number(cls, given: Any) -> Any:
        """Python takes True for 1; who writes ``quarters: true`` means neither."""
        if isinstance(given, Mapping):
            for name, field in cls.model_fields.items():
                kind = repr(field.annotation)
                if ("int" in kind or "float" in kind) and "bool" not in kind:
                    _refuse_true(name, given.get(name))
        return given


def _refuse_true(name: str, value: Any) -> None:
    parts = {name: value}
    if isinstance(value, Mapping):
        parts = {f"{name}.{key}": one for key, one in value.items()}
    elif isinstance(value, list | tuple):
        parts = {f"{name}.{n}": one for n, one in enumerate(value)}
    for place, one in parts.items():
        if isinstance(one, bool):
            raise ValueError(f"{place}: {as_yaml(one)} will not do, where a number should be")
