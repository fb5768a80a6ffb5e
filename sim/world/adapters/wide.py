"""Files with a column per year, or per partner, made long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.errors import DataError
from sim.world.adapters.columns import year_in
from sim.world.adapters.layouts import Columns, Layout
from sim.world.adapters.textfile import Source
from sim.world.codes import CodeBook

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PART", "PARTNER", "VALUE", "long_pieces", "matrix_columns", "year_of"]

VALUE, PART, PARTNER = "\0value", "\0part", "\0partner"
"""Columns of the pieces: the value; the month or quarter, where these are columns; the partner."""


def matrix_columns(header: tuple[str, ...], book: CodeBook) -> Columns | None:
    """The columns of a matrix with exporters in rows and importers in columns, if it is one.

    Examples
    --------
    >>> book = CodeBook(["FRA", "USA"])
    >>> matrix_columns(("", "FRA", "USA"), book).by_partner
    ('FRA', 'USA')
    >>> matrix_columns(("exporter", "importer", "value"), book) is None
    True
    """
    names = header[1:]
    places = [book.row(name) for name in names]
    n_states = sum(place is not None for place in places)
    is_all = all(
        p is not None or book.is_known_elsewhere(n) for n, p in zip(names, places, strict=True)
    )
    if n_states < 2 or not is_all:
        return None
    layout = Layout("matrix", (), (), ())
    return Columns(layout, (header[0],), (PARTNER,), "", by_partner=tuple(names))


def year_of(columns: Columns, year: int | None, where: str) -> dict[str, str]:
    """The columns of the year wanted, and the month or quarter of each.

    Raises
    ------
    DataError
        There are several years and none is chosen, or the one chosen is not there.
    """
    found = {name: match for name in columns.by_year if (match := year_in(name))}
    years = sorted({match[1] for match in found.values()})
    wanted = str(year) if year is not None else years[0]
    if (year is None and len(years) > 1) or wanted not in years:
        raise DataError(
            "several years in the file" if year is None else f"the year {year} is not in the file",
            where=f"{where} line 1",
            expected=f"world.trade_year to be one of {', '.join(years)}",
        )  # fmt: skip
    return {
        name: f"{match[2] or 'M'}{int(match[3]):02d}" if match[3] else ""
        for name, match in found.items()
        if match[1] == wanted
    }


def long_pieces(source: Source, columns: Columns, year: int | None) -> Iterator[pd.DataFrame]:
    """Pieces of the file with one value in each row."""
    if columns.by_partner:
        yield from _melted(source, columns, {name: name for name in columns.by_partner}, PARTNER)
    elif columns.by_year:
        yield from _melted(source, columns, year_of(columns, year, str(source.path)), PART)
    else:
        for piece in source.pieces(columns.used()):
            yield piece.rename(columns={columns.value: VALUE})


def _melted(
    source: Source, columns: Columns, taken: dict[str, str], name: str
) -> Iterator[pd.DataFrame]:
    """One row for each of the taken columns; `name` has what each stands for."""
    import pandas as pd

    fixed = [c for c in columns.used() if c not in columns.by_year and c not in columns.by_partner]
    fixed = [c for c in fixed if c != PARTNER]
    for piece in source.pieces([*fixed, *taken]):
        # Line by line, so that the first fault is the first in the file.
        parts = [_with(piece[fixed], piece[column], name, meant) for column, meant in taken.items()]
        yield pd.concat(parts).sort_index(kind="stable")


def _with(piece: pd.DataFrame, value: pd.Series[str], name: str, meant: str) -> pd.DataFrame:
    """Add value and meaning of one column to the fixed ones."""
    part = piece.copy()
    part[VALUE], part[name] = value, meant
    return part
