"""Reading the rows of a user's trade file, piece by piece, and refusing those that cannot be right.

Line numbers count lines of the file, the header being line 1.
"""

from __future__ import annotations

import codecs
import gzip
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from sim.errors import DataError, nearest
from sim.world.codes import CodeBook
from sim.world.layouts import Columns

if TYPE_CHECKING:
    import pandas as pd

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

CHUNK_ROWS = 400_000
"""Rows held in memory at a time."""

MAX_CODES = 1 << 12
"""Different country codes a file can have; they share one integer with product and flow."""

TOTAL = frozenset({"TOTAL", "AG0"})
"""Product codes of Comtrade that mean all products together."""


@dataclass
class Tally:
    """What has been read so far, by flow (X exports, M imports) and whether of all products.

    Attributes
    ----------
    sums, cells
        Value and number of rows of each pair, shape (N, N); value in the file's unit.
    left_out, unmatched
        Rows left out for each reason; rows of each code that is no state of the world.
    years, lengths
        First line of each year, and of each length of product code.
    """

    sums: dict[tuple[str, bool], FloatArray] = field(default_factory=dict)
    cells: dict[tuple[str, bool], IntArray] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    unmatched: Counter[str] = field(default_factory=Counter)
    years: dict[int, int] = field(default_factory=dict)
    lengths: dict[int, int] = field(default_factory=dict)
    numbers: dict[str, dict[str, int]] = field(default_factory=dict)
    keys: list[tuple[IntArray, IntArray]] = field(default_factory=list)


def read_header(path: Path) -> tuple[list[str], str]:
    """Column names of a file and the character between its cells.

    Raises
    ------
    DataError
        If there is no such file, it is empty or it is not text.
    """
    where = str(path)
    if not path.is_file():
        raise DataError("there is no such file", where=where, expected="a CSV file with trade")
    try:
        with open_bytes(path) as file:
            first = file.readline().removeprefix(codecs.BOM_UTF8)
        line = first.decode("utf-8").strip()
    except (OSError, UnicodeDecodeError, EOFError):
        raise not_text(path) from None
    if "\0" in line or line.startswith("PK\x03\x04"):
        raise not_text(path)
    if not line:
        raise DataError("the file is empty", where=where,
                        expected="a header line and rows of exporter, importer, value")  # fmt: skip
    separator = max(",;\t|", key=line.count)
    return [cell.strip().strip('"') for cell in line.split(separator)], separator


def open_bytes(path: Path) -> IO[bytes]:
    """Open a file, unpacking gzip."""
    if path.suffix == ".gz":
        return cast("IO[bytes]", gzip.open(path, "rb"))
    return path.open("rb")


def not_text(path: Path) -> DataError:
    """Say on which line a file stops being UTF-8 text."""
    line = 1
    try:
        with open_bytes(path) as file:
            for line, content in enumerate(file, start=1):  # noqa: B007 - the count is the result
                content.decode("utf-8")
                if b"\0" in content:
                    break
    except (OSError, EOFError, UnicodeDecodeError):
        pass
    return DataError("the text is not UTF-8", where=f"{path} line {line}",
                     expected="a CSV file saved as UTF-8 (unpack archives first)")  # fmt: skip


def read_rows(path: Path, columns: Columns, separator: str, book: CodeBook, year: int | None) -> Tally:
    """Read all rows of a file.

    Raises
    ------
    DataError
        For the first line that cannot be right.
    """
    tally = Tally()
    try:
        for piece in _pieces(path, columns, separator):
            _add(piece, columns, book, year, tally, str(path))
    except UnicodeDecodeError:
        raise not_text(path) from None
    _refuse_duplicates(tally, str(path))
    return tally


def _pieces(path: Path, columns: Columns, separator: str) -> Iterator[pd.DataFrame]:
    """Pieces of the file as text, indexed by line number."""
    import pandas as pd

    try:
        with pd.read_csv(
            path,
            sep=separator,
            usecols=columns.used(),
            dtype=str,
            chunksize=CHUNK_ROWS,
            keep_default_na=False,
            skip_blank_lines=False,
            skipinitialspace=True,
            index_col=False,
            encoding="utf-8-sig",
        ) as reader:
            for piece in reader:
                piece.index += 2
                yield piece[~(piece.isna() | (piece == "")).all(axis=1)].fillna("")
    except (pd.errors.ParserError, EOFError, OSError) as fault:
        raise DataError(f"the rows cannot be split into cells ({fault})".replace("\n", " "),
                        where=str(path),
                        expected="the same number of cells in every line")  # fmt: skip


def _add(
    piece: pd.DataFrame,
    columns: Columns,
    book: CodeBook,
    year: int | None,
    tally: Tally,
    where: str,
) -> None:
    """Check a piece and add it to the tally."""
    piece = _of_year(piece, columns, year, tally, where)
    piece = _unsplit(piece, columns, tally)
    value = _values(piece, columns, where)
    flow = _flows(piece, columns)
    i = _rows(piece, columns.exporter, book, where)
    j = _rows(piece, columns.importer, book, where)
    _refuse_own_trade(piece, (i, j), columns, where)
    _remember(piece, columns, flow, tally, where)
    product = piece[columns.product].str.strip() if columns.product else None
    is_total = np.zeros(len(piece), bool) if product is None else product.isin(TOTAL).to_numpy()
    if product is not None:
        for length, line in product[~is_total].str.len().drop_duplicates().items():
            tally.lengths.setdefault(int(cast(Any, line)), int(cast(Any, length)))
    counts = (i >= 0) & (j >= 0) & (i != j)
    size = book.size
    for letter in ("X", "M"):
        for total in (False, True):
            keep = counts & (flow == letter) & (is_total == total)
            if keep.any():
                _accumulate(tally, (letter, total), i[keep] * size + j[keep], value[keep], size)
    _count_left_out(piece, columns, (i, j), flow, tally)
