"""Reading the rows of a user's trade file, piece by piece, and refusing those that cannot be right.

Line numbers count lines of the file, the header being line 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.errors import DataError
from sim.types import Bools, Floats, Ints
from sim.world.adapters import cells
from sim.world.adapters.columns import unit_in
from sim.world.adapters.layouts import TOTAL, WHOLE, Columns
from sim.world.adapters.places import Places
from sim.world.adapters.repeats import Repeats
from sim.world.adapters.tally import Kind, Tally
from sim.world.adapters.textfile import Source
from sim.world.adapters.wide import PART, VALUE, long_pieces
from sim.world.codes import CodeBook

if TYPE_CHECKING:
    import pandas as pd

    Text = pd.Series[str]


FIRST_SERVICE = 154
"""Industries of ITPD-E from this number on are services (Borchert et al. 2021, industry table)."""


HARMONIZED = ("BACI", "Comtrade", "WITS")
"""Layouts whose products have codes of the Harmonized System."""


class _OtherStyleError(Exception):
    """Numbers are not written plainly: the file has to be read again."""


def read_rows(source: Source, columns: Columns, book: CodeBook, year: int | None) -> Tally:
    """Read all rows of a file.

    Parameters
    ----------
    source
        The file.
    columns
        Its columns.
    book
        Codes of the states.
    year
        The year to keep; None when the file has one year only.

    Raises
    ------
    DataError
        For the first line that cannot be right.
    """
    try:
        return _read(_Reader(source, columns, book, year))
    except _OtherStyleError:
        style = ""
        for piece in long_pieces(source, columns, year):
            style = cells.number_style(piece[VALUE], style)
        if style == "?" and source.separator != ",":
            raise DataError("commas in the values can be decimal marks or stand between thousands",
                            where=str(source.path),
                            expected="numbers without marks between thousands"
                            ) from None  # fmt: skip
        return _read(_Reader(source, columns, book, year, "." if style in {"", "?"} else style))


def _read(reader: _Reader) -> Tally:
    for piece in long_pieces(reader.source, reader.columns, reader.year):
        reader.add(piece)
    reader.repeats.refuse()
    return reader.tally


def _mapped(text: Text, meaning: Callable[[str], str]) -> Text:
    """Map each different text once."""
    return text.map({cell: meaning(cell) for cell in text.unique()})


class _Reader:
    """Checks pieces of a file and adds them up."""

    def __init__(
        self, source: Source, columns: Columns, book: CodeBook, year: int | None, style: str = ""
    ) -> None:
        self.source, self.where, self.columns, self.year = source, str(source.path), columns, year
        self.style, self.tally = style, Tally(book.size)
        self.places = Places(book, self.where)
        self.tally.unmatched = self.places.unmatched
        self.repeats = Repeats(self.where)

    def add(self, piece: pd.DataFrame) -> None:
        """Check one piece and add it to the tally."""
        piece = self._dollars(self._of_year(self._with_values(piece)))
        piece, flow = self._with_flows(piece)
        value = self._values(piece)
        is_good = self._are_goods(piece, value)
        piece, flow, value = piece[is_good], flow[is_good], value[is_good]
        i, from_ = self.places.rows(piece, self.columns.exporter)
        j, to = self.places.rows(piece, self.columns.importer)
        product, is_detail = self._products(piece)
        split = self._split(piece)
        part = self._parts(piece)
        of = self._full_product(piece, product, split)
        of = of if part is None else of + "|" + part
        self.repeats.remember(piece.index, flow, (from_, to), of)
        n, left, is_own = self.tally.size, self.tally.left_out, (i == j) & (i < self.tally.size)
        left["of a state with itself"] += int(is_own.sum())
        self.tally.left_value["of a state with itself"] += float(value[is_own].sum())
        counts = ~is_own
        outside = counts & ((i >= n) | (j >= n))
        left["with a partner that is no state of the world"] += int(outside.sum())
        frequency = np.zeros(len(piece), dtype=np.int64)
        if part is not None:
            frequency = np.select([part.str.startswith("Q"), part != ""], [1, 2], 0)
        self._tally((flow, frequency, is_detail, split), counts, i * (n + 3) + j, value)

    def _tally(
        self, what: tuple[NDArray[np.str_], Ints, Bools, Ints], counts: Bools,
        pair: Ints, value: Floats,
    ) -> None:  # fmt: skip
        """Add each kind of row by itself."""
        flow, frequency, is_detail, split = what
        letter = np.select([flow == "X", flow == "M"], [0, 1], 2)
        code = ((letter * 3 + frequency) * 2 + is_detail) * (1 << 16) + split
        for number in np.unique(code[counts]):
            keep = counts & (code == number)
            at = int(np.flatnonzero(keep)[0])
            kind = Kind(str(flow[at]), int(frequency[at]), bool(is_detail[at]), int(split[at]))
            self.tally.add(kind, pair[keep], value[keep])

    def _with_values(self, piece: pd.DataFrame) -> pd.DataFrame:
        """Leave out rows that say that there is no value, and those of notes on values."""
        if self.columns.attribute:
            kind = piece[self.columns.attribute].str.strip().str.casefold()
            piece = piece[kind.isin(["", "value"])]
        if self.columns.layout.has_gaps:
            is_gap = piece[VALUE].str.strip().str.upper().isin(cells.GAPS)
            self.tally.left_out["without a value"] += int(is_gap.sum())
            piece = piece[~is_gap]
        return piece

    def _dollars(self, piece: pd.DataFrame) -> pd.DataFrame:
        """Keep rows in US dollars; remember what the unit cells say."""
        if not self.columns.currency:
            return piece
        unit = piece[self.columns.currency].str.strip()
        meant = {text: cells.is_dollar(text) for text in unit.unique()}
        is_kept = unit.map(meant).to_numpy(dtype=bool)
        self.tally.left_out["that are not in US dollars"] += int((~is_kept).sum())
        told = {unit_in(text) for text, is_dollar in meant.items() if is_dollar}
        self.tally.units |= told - {"", "usd"}
        return piece[is_kept]

    def _of_year(self, piece: pd.DataFrame) -> pd.DataFrame:
        """Keep the year asked for; refuse a second year when none was."""
        if not self.columns.year:
            return piece
        text = piece[self.columns.year].str.strip()
        year_of: dict[str, str] = {}
        for line, cell in text.drop_duplicates().items():
            found = cells.year_and_part(cell)
            if found is None:
                raise self._wrong(line, f"the year is {cell!r}", "a year such as 2023")
            year_of[cell] = found[0]
            self.tally.years.setdefault(found[0], int(str(line)))
        years = sorted(self.tally.years)
        if self.year is None and len(years) > 1:
            last = max(self.tally.years.values())
            raise self._wrong(last, f"a second year (the file has {years[0]} and {years[1]})",
                              "one year, or world.trade_year=YEAR")  # fmt: skip
        is_kept = (text.map(year_of) == str(self.year or "".join(years[:1]))).to_numpy(dtype=bool)
        self.tally.left_out["of other years"] += int((~is_kept).sum())
        return piece[is_kept]

    def _values(self, piece: pd.DataFrame) -> Floats:
        """Values as numbers, refusing anything that is not a finite one of zero or more."""
        text = piece[VALUE].str.strip()
        value = cells.numbers(text, self.style)
        if not np.isfinite(value).all():
            if not self.style and cells.number_style(text[~np.isfinite(value)]):
                raise _OtherStyleError
            line, cell = self._first(text, ~np.isfinite(value))
            name = self.columns.value or "the value"
            raise self._wrong(line, f"{name} is {cell!r}", "a number, such as 12.5")
        if (value < 0).any():
            line, cell = self._first(text, value < 0)
            raise self._wrong(line, f"{self.columns.value or 'the value'} is negative ({cell})",
                              "zero or more")  # fmt: skip
        if self.columns.multiplier:
            power = cells.numbers(piece[self.columns.multiplier].replace("", "0"), "")
            value = value * 10.0 ** np.nan_to_num(power)
        return value

    def _are_goods(self, piece: pd.DataFrame, value: Floats) -> Bools:
        """Whether rows are of goods; services are left out."""
        is_service = np.zeros(len(piece), dtype=bool)
        if self.columns.sector:
            sector = piece[self.columns.sector].str.strip().str.casefold()
            is_service |= (sector.str.contains("service") | sector.eq("s")).to_numpy(dtype=bool)
        if self.columns.product:
            product = piece[self.columns.product].str.strip()
            self._note_products(product)
            is_service |= product.str.contains("services", case=False).to_numpy(dtype=bool)
            if self.columns.layout.name == "ITPD" and not self.columns.sector:
                is_service |= cells.numbers(product, "") >= FIRST_SERVICE
        self.tally.left_out["of services"] += int(is_service.sum())
        self.tally.left_value["of services"] += float(value[is_service].sum())
        return ~is_service

    def _note_products(self, product: Text) -> None:
        """Remember which products there are, and the length of their codes."""
        for line, text in product.drop_duplicates().items():
            if text.upper() in TOTAL:
                continue
            self.tally.products.setdefault(text, int(str(line)))
            # A spreadsheet drops the zero in front of 01 to 09.
            length = len(text) + len(text) % 2 if text.isdigit() else len(text)
            self.tally.lengths.setdefault(length, int(str(line)))
            if text.isdigit() and self.columns.layout.name in HARMONIZED:
                self.tally.chapters.add(text.zfill(length)[:2])

    def _with_flows(self, piece: pd.DataFrame) -> tuple[pd.DataFrame, NDArray[np.str_]]:
        """Rows of exports (X) and imports (M, F), without parts of them and other measures."""
        flow = np.full(len(piece), "" if self.columns.flow else self.columns.only_flow, dtype="<U8")
        for column in reversed(self.columns.flow):
            text = piece[column].str.strip()
            meant = {cell: cells.flow_in(cell) for cell in text.unique()}
            found = text.map(meant).to_numpy(dtype="<U8")
            flow = np.where(found == "", flow, found)
        self.tally.left_out["of other flows, such as re-exports"] += int((flow == "").sum())
        return piece[flow != ""], flow[flow != ""]

    def _products(self, piece: pd.DataFrame) -> tuple[Text, Bools]:
        """Product of each row, and whether it is one of several."""
        if not self.columns.product:
            return piece[VALUE].str.slice(0, 0), np.zeros(len(piece), dtype=bool)
        product = piece[self.columns.product].str.strip()
        return product, ~product.str.upper().isin(TOTAL).to_numpy(dtype=bool)

    def _split(self, piece: pd.DataFrame) -> Ints:
        """Bits of the columns that split each row's flow."""
        bits = np.zeros(len(piece), dtype=np.int64)
        for n, column in enumerate(self.columns.breakdowns):
            text = piece[column].str.strip().str.upper().str.replace(r"\.0+$", "", regex=True)
            bits |= np.where(text.isin(WHOLE).to_numpy(dtype=bool), 0, 1 << n)
        return bits

    def _parts(self, piece: pd.DataFrame) -> Text | None:
        """Month or quarter of each row, empty for whole years; None where no column says it."""
        c = self.columns
        part = piece.get(PART)
        if part is None and c.year:
            part = _mapped(piece[c.year], lambda cell: (cells.year_and_part(cell) or ("", ""))[1])
        if c.period and c.period != c.year:
            other = _mapped(piece[c.period], cells.part_alone)
            part = other if part is None else part.where(part != "", other)
        if part is not None:
            self.tally.parts.update(part.unique())
        return part

    def _full_product(self, piece: pd.DataFrame, product: Text, split: Ints) -> Text:
        """Product together with the cells that split it, to tell rows apart."""
        is_split = split > 0
        for column in self.columns.breakdowns if is_split.any() else ():
            product = product.where(~is_split, product + "|" + piece[column])
        return product

    def _first(self, text: Text, is_bad: Bools) -> tuple[int, str]:
        """Line and cell of the first bad row."""
        at = int(np.flatnonzero(is_bad)[0])
        return int(text.index[at]), str(text.iloc[at])[:60]

    def _wrong(self, line: object, found: str, expected: str) -> DataError:
        return DataError(found, where=f"{self.where} line {line}", expected=expected)
