"""What a column of a table is, and what a mechanism declares to add columns and tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from sim.setting import Setting
    from sim.state import State

__all__ = [
    "COUNT",
    "DAY",
    "FLAG",
    "NUMBER",
    "WORD",
    "Column",
    "Measure",
    "QuarterlyTable",
    "columns_from",
]

WORD, DAY, COUNT, NUMBER, FLAG = pa.string(), pa.date32(), pa.int32(), pa.float64(), pa.bool_()


@dataclass(frozen=True)
class Column:
    """One column."""

    name: str
    type: pa.DataType
    unit: str
    meaning: str


@dataclass(frozen=True)
class Measure(Column):
    """A column that a mechanism adds to a table of the quarter, and how it is filled.

    Attributes
    ----------
    of
        From setting and state to the quarter's values: one for each row of the table.
    """

    of: Callable[[Setting, State], Any]


@dataclass(frozen=True)
class QuarterlyTable:
    """A table of a mechanism's own, filled at the end of each quarter.

    Attributes
    ----------
    row
        What one row is for ("war and quarter").
    columns
        Its columns; `step` and `date` go before them.
    rows
        From setting and state to the quarter's rows by column; scalars are repeated.
    """

    name: str
    row: str
    columns: tuple[Column, ...]
    rows: Callable[[Setting, State], Mapping[str, Any]]


def columns_from(text: str) -> tuple[Column, ...]:
    """Columns from lines of ``name | type | unit | meaning``."""
    types = {"word": WORD, "day": DAY, "count": COUNT, "number": NUMBER, "flag": FLAG}
    rows = [[cell.strip() for cell in line.split("|")] for line in text.splitlines() if line]
    return tuple(Column(name, types[kind], unit, meaning) for name, kind, unit, meaning in rows)
