"""Reading the rows of a user's trade file, piece by piece, and refusing those that cannot be right.

Line numbers count lines of the file, the header being line 1.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.errors import DataError
from sim.world.codes import CodeBook
from sim.world.layouts import Columns
from sim.world.textfile import not_text

if TYPE_CHECKING:
    import pandas as pd

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

CELLS_AT_A_TIME = 2_400_000
"""Cells held in memory as text at a time, some hundreds of megabytes."""

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


def read_rows(path: Path, shape: tuple[Columns, str], book: CodeBook, year: int | None) -> Tally:
    """Read all rows of a file.

    Parameters
    ----------
    path
        The file.
    shape
        Its columns and the character between cells.
    book
        Codes of the states.
    year
        The year to keep; None when the file has one year only.

    Raises
    ------
    DataError
        For the first line that cannot be right.
    """
    columns, separator = shape
    reader = _Reader(str(path), columns, book, year)
    try:
        for piece in _pieces(path, columns, separator):
            reader.add(piece)
    except UnicodeDecodeError:
        raise not_text(path) from None
    reader.refuse_duplicates()
    return reader.tally


def _pieces(path: Path, columns: Columns, separator: str) -> Iterator[pd.DataFrame]:
    """Pieces of the file as stripped text, indexed by line number, without blank lines."""
    import pandas as pd

    try:
        with pd.read_csv(
            path,
            sep=separator,
            dtype=str,
            chunksize=max(1, CELLS_AT_A_TIME // columns.width),
            keep_default_na=False,
            skip_blank_lines=False,
            encoding="utf-8-sig",
        ) as reader:
            line = 2
            for raw in reader:
                piece = _aligned(raw, line, str(path))
                line += len(piece)
                used = piece[columns.used()]
                yield used[~piece.isin(["", np.nan]).all(axis=1)].fillna("")
    except (pd.errors.ParserError, EOFError, OSError) as fault:
        text = " ".join(str(fault).split())
        raise DataError(f"the rows cannot be split into cells ({text})",
                        where=f"{path}{_place(text)}",
                        expected="the same number of cells in every line") from None  # fmt: skip


def _place(text: str) -> str:
    """Place a complaint of the CSV reader, which counts lines from one and rows from zero."""
    line, row = re.search(r"line (\d+)", text), re.search(r"row (\d+)", text)
    if line:
        return f" line {line[1]}"
    return f" line {int(row[1]) + 1}" if row else ""


def _aligned(piece: pd.DataFrame, line: int, where: str) -> pd.DataFrame:
    """Number the lines; undo the shift of columns when every line ends with a separator."""
    import pandas as pd

    names = [str(name).strip() for name in piece.columns]
    if not isinstance(piece.index, pd.RangeIndex):  # one cell more than the header has
        piece = piece.reset_index()
        if len(piece.columns) > len(names) + 1 or piece.iloc[:, -1].fillna("").ne("").any():
            raise DataError(f"{len(piece.columns)} cells", where=f"{where} line {line}",
                            expected=f"{len(names)} cells, as in the header")  # fmt: skip
        piece = piece.iloc[:, :-1]
    return piece.set_axis(names, axis=1).set_axis(range(line, line + len(piece)), axis=0)


class _Reader:
    """Checks pieces of a file and adds them up."""

    def __init__(self, where: str, columns: Columns, book: CodeBook, year: int | None) -> None:
        self.where, self.columns, self.book, self.year = where, columns, book, year
        self.tally = Tally()
        self._numbers: dict[str, dict[str, int]] = {"code": {}, "product": {}}
        self._keys: list[IntArray] = []
        self._lines: list[IntArray] = []

    def add(self, piece: pd.DataFrame) -> None:
        """Check one piece and add it to the tally."""
        piece = self._unsplit(self._of_year(piece))
        value, flow = self._values(piece), self._flows(piece)
        i, j = self._rows(piece, self.columns.exporter), self._rows(piece, self.columns.importer)
        is_own = (i == j) & (i >= 0)
        if not self.columns.layout.keeps_own_trade and is_own.any():
            line, code = self._first(piece, is_own, self.columns.exporter)
            raise self._wrong(line, f"{code} trades with itself", "two different states")
        is_total = self._products(piece, flow)
        counts = (i >= 0) & (j >= 0) & ~is_own & (flow != "")
        left = self.tally.left_out
        left["of a state with itself"] += int(is_own.sum())
        left["of other flows, such as re-exports"] += int((flow == "").sum())
        left["with a partner that is no state of the world"] += int(((i < 0) | (j < 0)).sum())
        for letter in ("X", "M"):
            for total in (False, True):
                keep = counts & (flow == letter) & (is_total == total)
                if keep.any():
                    self._accumulate(
                        (letter, total), i[keep] * self.book.size + j[keep], value[keep]
                    )

    def _accumulate(self, kind: tuple[str, bool], pair: IntArray, value: FloatArray) -> None:
        """Add values to the pairs they belong to."""
        size = self.book.size
        shape, cells = (size, size), size * size
        sums = np.bincount(pair, weights=value, minlength=cells).reshape(shape)
        count = np.bincount(pair, minlength=cells).reshape(shape)
        self.tally.sums[kind] = self.tally.sums.get(kind, np.zeros(shape)) + sums
        self.tally.cells[kind] = self.tally.cells.get(kind, np.zeros(shape, np.int64)) + count

    def _of_year(self, piece: pd.DataFrame) -> pd.DataFrame:
        """Keep the year asked for; refuse a second year when none was."""
        if not self.columns.year:
            return piece
        text = piece[self.columns.year].str.strip()
        for line, cell in text.drop_duplicates().items():
            number = cell[:4]
            if not (number.isascii() and number.isdigit() and len(number) == 4):
                raise self._wrong(line, f"the year is {cell!r}", "a year such as 2023")
            self.tally.years.setdefault(int(number), int(str(line)))
        years = sorted(self.tally.years)
        if self.year is None and len(years) > 1:
            last = max(self.tally.years.values())
            raise self._wrong(last, f"a second year (the file has {years[0]} and {years[1]})",
                              "one year, or the option that says which to take")  # fmt: skip
        is_kept = text.str[:4] == str(self.year or years[0])
        self.tally.left_out["of other years"] += int((~is_kept).sum())
        return piece[is_kept]

    def _unsplit(self, piece: pd.DataFrame) -> pd.DataFrame:
        """Leave out rows that split a flow which another row gives whole."""
        for column, whole in self.columns.breakdowns.items():
            is_whole = piece[column].str.strip().str.upper().isin(whole)
            self.tally.left_out[f"that split flows by {column}"] += int((~is_whole).sum())
            piece = piece[is_whole]
        return piece

    def _values(self, piece: pd.DataFrame) -> FloatArray:
        """Values as numbers, refusing anything that is not a finite one of zero or more."""
        import pandas as pd

        cells = piece[self.columns.value]
        value = np.asarray(pd.to_numeric(cells.str.strip(), errors="coerce"), dtype=np.float64)
        if not np.isfinite(value).all():
            line, cell = self._first(piece, ~np.isfinite(value), self.columns.value)
            raise self._wrong(line, f"{self.columns.value} is {cell!r}", "a number, such as 12.5")
        if (value < 0).any():
            line, cell = self._first(piece, value < 0, self.columns.value)
            raise self._wrong(line, f"{self.columns.value} is negative ({cell})", "zero or more")
        return value

    def _flows(self, piece: pd.DataFrame) -> NDArray[np.str_]:
        """X for exports, M for imports, empty for what is a part of them or something else."""
        if not self.columns.flow:
            return np.full(len(piece), "X")
        text = piece[self.columns.flow].str.strip().str.casefold()
        exports, imports = (
            text.isin(["x", "export", "exports", "2"]),
            text.isin(["m", "import", "imports", "1"]),
        )
        return np.where(exports, "X", np.where(imports, "M", ""))

    def _rows(self, piece: pd.DataFrame, column: str) -> IntArray:
        """Row of each code, -1 for known codes that are no state; refuses unknown ones."""
        meant: dict[str, int] = {}
        cells = piece[column].str.strip()
        for line, code in cells.drop_duplicates().items():
            row = self.book.row(code)
            if row is None and not self.book.is_known_elsewhere(code):
                raise self._wrong(line, f"{column} is {code!r}, which is no code of a state",
                                  self.book.nearest(code))  # fmt: skip
            meant[code] = -1 if row is None else row
        rows = cells.map(meant).to_numpy(dtype=np.int64)
        self.tally.unmatched.update(cells[rows < 0].tolist())
        return np.asarray(rows, dtype=np.int64)

    def _products(self, piece: pd.DataFrame, flow: NDArray[np.str_]) -> NDArray[np.bool_]:
        """Remember the key of each row; say which rows are of all products together."""
        none = piece[self.columns.exporter].str.slice(0, 0)
        product = piece[self.columns.product].str.strip() if self.columns.product else none
        is_total = product.str.upper().isin(TOTAL).to_numpy()
        for line, length in product[~is_total].str.len().drop_duplicates().items():
            self.tally.lengths.setdefault(int(length), int(str(line)))
        codes = [piece[c].str.strip() for c in (self.columns.exporter, self.columns.importer)]
        e, m = (self._number("code", c) for c in codes)
        if max(e.max(initial=0), m.max(initial=0)) >= MAX_CODES:
            raise DataError("more different codes than there are countries", where=self.where,
                            expected="codes of states in both columns")  # fmt: skip
        letter = np.where(flow == "X", 0, np.where(flow == "M", 1, 2))
        key = ((letter * MAX_CODES + e) * MAX_CODES + m) * (1 << 32) + self._number(
            "product", product
        )
        counts = flow != ""
        self._keys.append(key[counts])
        self._lines.append(piece.index.to_numpy(dtype=np.int64)[counts])
        return np.asarray(is_total)

    def _number(self, kind: str, cells: pd.Series[str]) -> IntArray:
        """Give each distinct text a number, the same in every piece."""
        import pandas as pd

        numbers = self._numbers[kind]
        local, texts = pd.factorize(cells)
        lasting = np.array([numbers.setdefault(t, len(numbers)) for t in texts], dtype=np.int64)
        return lasting[local] if len(texts) else np.zeros(0, np.int64)

    def refuse_duplicates(self) -> None:
        """Refuse a second row for one exporter, importer, product and flow."""
        none = np.zeros(0, np.int64)
        keys, lines = np.concatenate([none, *self._keys]), np.concatenate([none, *self._lines])
        order = np.argsort(keys, kind="stable")
        repeats = order[1:][np.diff(keys[order]) == 0]
        if len(repeats):
            line = int(lines[repeats].min())
            first = int(lines[keys == keys[lines == line][0]].min())
            raise self._wrong(line, f"the same exporter, importer and product as line {first}",
                              "one row for each")  # fmt: skip

    def _first(
        self, piece: pd.DataFrame, is_bad: NDArray[np.bool_], column: str
    ) -> tuple[int, str]:
        """Line and cell of the first bad row."""
        at = int(np.flatnonzero(is_bad)[0])
        return int(piece.index[at]), str(piece[column].iloc[at])

    def _wrong(self, line: object, found: str, expected: str) -> DataError:
        return DataError(found, where=f"{self.where} line {line}", expected=expected)
