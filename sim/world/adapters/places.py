"""Which state the cells of a row mean, when several columns name it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from sim.errors import DataError
from sim.types import Bools, Ints
from sim.world.adapters.tally import AGGREGATE, ELSEWHERE, WORLD
from sim.world.codes import CodeBook

if TYPE_CHECKING:
    import pandas as pd


_EMPTY = frozenset({"", "NAN", "N/A", "NULL", "NONE", "_X", "-", "."})
_WORLD = frozenset(
    {"WLD", "W00", "0", "000", "0.0", "WORLD", "W", "ALL", "TOTAL", "001", "_W", "WL", "W1", "WXD"}
)

MAX_NAMES = 1 << 12
"""Different names of places that a file can have: far more than there are countries."""


class Places:
    """Finds rows of states; each text is looked up once.

    Parameters
    ----------
    book
        Codes and names of the states.
    where
        The file, for messages.
    """

    def __init__(self, book: CodeBook, where: str) -> None:
        self.book, self.where = book, where
        self.unmatched: Counter[str] = Counter()
        self._meant: dict[str, int] = {}
        self._numbers: dict[str, int] = {}

    def rows(self, piece: pd.DataFrame, columns: tuple[str, ...]) -> tuple[Ints, Ints]:
        """Place of each row (N and more for what is no state), and a number for each meaning.

        The first column counts whose cell is not empty; a column whose text is not known is passed
        over where another one is.

        Raises
        ------
        DataError
            A text that means nothing.
        """
        cells = piece[columns[0]].str.strip()
        for column in columns[1:]:
            is_open = cells.str.upper().isin(_EMPTY | {"NA"} if len(columns) > 1 else _EMPTY)
            is_open |= ~cells.isin(self._known(cells))
            if not is_open.any():
                break
            other = piece[column].str.strip()
            cells = cells.where(~is_open | other.str.upper().isin(_EMPTY), other)
        known = self._known(cells)
        is_bad = ~cells.isin(known)
        if is_bad.any():
            self._refuse(piece, cells, is_bad.to_numpy(), columns)
        rows = cells.map(known).to_numpy(dtype=np.int64)
        size = self.book.size
        self.unmatched.update(cells[rows >= size].tolist())
        numbers = np.where(rows < size, rows, size + self._number(cells))
        return np.asarray(rows, dtype=np.int64), np.asarray(numbers, dtype=np.int64)

    def _known(self, cells: pd.Series[str]) -> dict[str, int]:
        """Place of each text that means one."""
        for text in cells.unique():
            if text not in self._meant:
                place = self._place(text)
                if place is not None:
                    self._meant[text] = place
        return self._meant

    def _place(self, text: str) -> int | None:
        row, size = self.book.row(text), self.book.size
        if row is not None:
            return row
        if text.upper() in _WORLD:
            return size + WORLD
        if not text or not self.book.is_known_elsewhere(text):
            return None
        return size + (ELSEWHERE if self.book.is_territory(text) else AGGREGATE)

    def _number(self, cells: pd.Series[str]) -> Ints:
        """A number for each different text, the same in every piece."""
        import pandas as pd

        local, texts = pd.factorize(cells)
        lasting = [self._numbers.setdefault(str(t), len(self._numbers)) for t in texts]
        if len(self._numbers) >= MAX_NAMES:
            raise DataError("more different names than there are countries", where=self.where,
                            expected="states in both columns")  # fmt: skip
        return np.asarray(np.array(lasting, dtype=np.int64)[local]) if lasting else local

    def _refuse(
        self, piece: pd.DataFrame, cells: pd.Series[str], is_bad: Bools,
        columns: tuple[str, ...],
    ) -> None:  # fmt: skip
        at = int(np.flatnonzero(is_bad)[0])
        code, column = str(cells.iloc[at])[:60], columns[0]
        raise DataError(
            f"{column} is {code!r}, which is no code or name of a state",
            where=f"{self.where} line {piece.index[at]}",
            expected=self.book.nearest(code),
        )
