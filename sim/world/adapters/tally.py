"""What the rows of a file add up to, kept apart by what kind of row they came from.

Files repeat a flow: exports and mirrored imports, all products and single ones, the whole and its
parts by second partner, transport or customs procedure, the year and its months. Rows of different
kinds are never added; for each pair the kind that says most directly what is wanted is taken.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

import numpy as np

from sim.errors import DataError
from sim.types import Floats, Ints

ELSEWHERE, AGGREGATE, WORLD = 0, 1, 2
"""Places after the N states in a tally: territories, aggregates, the whole world."""

FREQUENCIES = ("year", "quarter", "month")


@dataclass(frozen=True, order=True)
class Kind:
    """What a row is of; kinds that sort first are preferred.

    Attributes
    ----------
    flow
        X exports, M imports, F imports free on board.
    frequency
        Index into `FREQUENCIES`.
    is_detail
        Of one product, not all.
    split
        Bit for each column that splits the flow.
    """

    flow: str
    frequency: int
    is_detail: bool
    split: int

    @property
    def rank(self) -> tuple[int, bool, int, int]:
        """Order of preference within a flow."""
        return self.frequency, self.is_detail, self.split.bit_count(), self.split


@dataclass
class Tally:
    """What has been read so far.

    Attributes
    ----------
    size
        Number of states N.
    sums, cells
        Value and number of rows by exporter (reporter) and importer (partner), shape
        (N + 3, N + 3); value in the file's unit.
    left_out, left_value
        Rows left out for each reason; their value where it adds up to something.
    unmatched
        Rows of each code that is no state of the world.
    years, lengths, products, parts, chapters, units
        First line of each year and each length of product code; different products; months or
        quarters; first two digits of products; cells that tell the unit.
    """

    size: int
    sums: dict[Kind, Floats] = field(default_factory=dict)
    cells: dict[Kind, Ints] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    left_value: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    unmatched: Counter[str] = field(default_factory=Counter)
    years: dict[str, int] = field(default_factory=dict)
    lengths: dict[int, int] = field(default_factory=dict)
    products: dict[str, int] = field(default_factory=dict)
    parts: set[str] = field(default_factory=set)
    chapters: set[str] = field(default_factory=set)
    units: set[str] = field(default_factory=set)

    def add(self, kind: Kind, pair: Ints, value: Floats) -> None:
        """Add values to the pairs (row-major numbers) that they belong to."""
        side = self.size + 3
        shape, cells = (side, side), side * side
        sums = np.bincount(pair, weights=value, minlength=cells).reshape(shape)
        count = np.bincount(pair, minlength=cells).reshape(shape)
        self.sums[kind] = self.sums.get(kind, np.zeros(shape)) + sums
        self.cells[kind] = self.cells.get(kind, np.zeros(shape, np.int64)) + count

    def chosen(self, flow: str, where: str, is_nested: bool) -> tuple[Floats, Ints]:
        """Value and rows of the preferred kind of each pair.

        Parameters
        ----------
        flow
            X, M or F.
        where
            The file, for messages.
        is_nested
            Whether longer product codes are parts of shorter ones, as in UN Comtrade.

        Raises
        ------
        DataError
            Products of several levels and no row of all.
        """
        side = self.size + 3
        sums, cells = np.zeros((side, side)), np.zeros((side, side), np.int64)
        kinds = sorted((k for k in self.sums if k.flow == flow), key=lambda k: k.rank)
        has_levels = is_nested and len(self.lengths) > 1
        if has_levels and kinds and all(k.is_detail for k in kinds):
            line = max(self.lengths.values())
            raise DataError("product codes of different length would count trade twice",
                            where=f"{where} line {line}",
                            expected="one level of products, or rows for TOTAL")  # fmt: skip
        repeated = 0
        for kind in kinds:
            is_new = (cells == 0) & (self.cells[kind] > 0)
            is_new &= not (has_levels and kind.is_detail)
            sums[is_new], cells[is_new] = self.sums[kind][is_new], self.cells[kind][is_new]
            repeated += int(self.cells[kind][~is_new].sum())
        if repeated:
            self.left_out["that repeat a flow in parts (products, months, procedures)"] += repeated
        return sums, cells
