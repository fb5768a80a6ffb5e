"""Reading the facts that travel inside the package.

Tables are small CSV files beside this module, read as package resources so that an installed wheel
works like a checkout. Every cell is reached through a `Row`, which knows its file and line: a bad
cell is reported where it stands.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, cast

from sim.errors import DataError, nearest

TRUE, FALSE = {"1", "1.0", "true", "yes"}, {"", "0", "0.0", "false", "no"}


@dataclass(frozen=True)
class Row:
    """One line of a table, with the place it comes from.

    Examples
    --------
    >>> Row("states.csv line 7", {"gdp": "12"}).number("gdp")
    12.0
    """

    where: str
    cells: dict[str, str]

    def _wrong(self, column: str, expected: str) -> DataError:
        found = f"column {column} holds {self.cells[column]!r}"
        return DataError(found, where=self.where, expected=expected)

    def text(self, column: str) -> str:
        """Cell as text, empty if empty."""
        return self.cells[column]

    def word(self, column: str, allowed: Collection[str]) -> str:
        """Cell as text, which has to be one of the allowed words.

        Raises
        ------
        DataError
            If it is none of them; with the nearest.
        """
        found = self.cells[column]
        if found not in allowed:
            raise self._wrong(column, nearest(found, allowed))
        return found

    def number(self, column: str) -> float:
        """Cell as a finite number.

        Raises
        ------
        DataError
            If the cell is empty or not a finite number.
        """
        try:
            value = float(self.cells[column])
        except ValueError:
            raise self._wrong(column, "a number") from None
        if not math.isfinite(value):
            raise self._wrong(column, "a finite number")
        return value

    def number_or(self, column: str, empty: float) -> float:
        """Cell as a finite number, or the given value where the cell is empty."""
        return self.number(column) if self.cells[column] else empty

    def truth(self, column: str) -> bool:
        """Cell as yes (1, true) or no (0, false, empty)."""
        cell = self.cells[column].casefold()
        if cell not in TRUE | FALSE:
            raise self._wrong(column, "1 or 0")
        return cell in TRUE

    def day(self, column: str) -> date | None:
        """Cell as a date, ``YYYY-MM-DD`` or a bare year (its first day); None where empty."""
        cell = self.cells[column]
        try:
            return _parse_day(cell) if cell else None
        except ValueError:
            raise self._wrong(column, "a date such as 2018-12-30, or a year") from None

    def state(self, column: str, index: Mapping[str, int]) -> int:
        """Row of the state whose code the cell holds.

        Raises
        ------
        DataError
            If there is no such state; with the nearest codes.
        """
        code = self.cells[column]
        if code not in index:
            raise DataError(
                f"unknown state {code!r}", where=self.where, expected=nearest(code, index)
            )
        return index[code]

    def items(self, column: str) -> tuple[str, ...]:
        """Cell as the ``;``-separated list it holds."""
        return tuple(p.strip() for p in self.cells[column].split(";") if p.strip())


def _parse_day(cell: str) -> date:
    """Read an ISO date or a year."""
    if len(cell) <= 6:  # a year, perhaps written by a spreadsheet as 1959.0
        return date(int(float(cell)), 1, 1)
    return date.fromisoformat(cell)


@dataclass(frozen=True, eq=False)
class Table:
    """A table and the checksum of the bytes it was read from; equal to itself only.

    Attributes
    ----------
    name
        File name without folder.
    rows
        Its lines in file order.
    checksum
        SHA-256 of the file, hexadecimal.
    """

    name: str
    rows: tuple[Row, ...]
    checksum: str

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def read_table(name: str, columns: Iterable[str]) -> Table:
    """Read an embedded table; it is read once in a process, unless its file changes.

    Parameters
    ----------
    name
        File name, such as ``states.csv``.
    columns
        Columns that must be there; others are kept too.

    Raises
    ------
    DataError
        If the table, a column or a cell separator is missing.

    Examples
    --------
    >>> table = read_table("memberships.csv", ["organisation", "state"])
    >>> len(table) > 0 and len(table.checksum) == 64
    True
    """
    source = resources.files("sim.world").joinpath("tables", name)
    if not source.is_file():
        raise DataError("the embedded table is missing", where=name, expected="a whole package")
    return _read(name, cast("Any", source), tuple(columns), _stamp(source))


@lru_cache(maxsize=32)
def _read(name: str, source: Any, columns: tuple[str, ...], _stamp: tuple[int, int]) -> Table:
    return parse_table(name, source.read_bytes(), columns)


def _stamp(source: Any) -> tuple[int, int]:
    """When a file was last changed, and its size; what lies in an archive does not change."""
    if not isinstance(source, Path):
        return (0, 0)
    found = source.stat()
    return (found.st_mtime_ns, found.st_size)


def parse_table(name: str, content: bytes, columns: Iterable[str]) -> Table:
    r"""Turn the bytes of a CSV file into rows.

    Parameters
    ----------
    name
        What to call the file in messages.
    content
        The file, UTF-8 with a header line.
    columns
        Columns that must be there.

    Raises
    ------
    DataError
        If a column is missing or a line has too few or too many cells.

    Examples
    --------
    >>> [r.number("b") for r in parse_table("t.csv", b"a,b\nx,1\n", ["a", "b"])]
    [1.0]
    """
    reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    header = next(reader, [])
    if not header:
        raise DataError("is empty", where=name, expected=f"a head with {', '.join(columns)}")
    for column in columns:
        if column not in header:
            raise DataError(f"column {column!r} is missing", where=name,
                            expected=nearest(column, header))  # fmt: skip
    rows = []
    for cells in reader:
        where = f"{name} line {reader.line_num}"
        if not cells:
            continue
        if len(cells) != len(header):
            raise DataError(f"{len(cells)} cells", where=where, expected=f"{len(header)} cells")
        rows.append(Row(where, dict(zip(header, (c.strip() for c in cells), strict=True))))
    return Table(name, tuple(rows), hashlib.sha256(content).hexdigest())
