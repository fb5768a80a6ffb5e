"""A user's own bilateral trade matrix, from a long CSV file.

The file is read in pieces, so that a year of BACI (some five million rows) passes through a few
hundred megabytes. Nothing is repaired: a line that cannot be right stops the reading and is named.
"""

from __future__ import annotations

import codecs
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.errors import DataError, nearest
from sim.world.codes import CodeBook
from sim.world.layouts import UNITS, Columns, recognise, unit_factor

if TYPE_CHECKING:
    import pandas as pd

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

CHUNK_ROWS = 400_000
"""Rows held in memory at a time."""

PLAUSIBLE = 31.6
"""How far a file's total may be from the known trade of its pairs: half of the factor of one
thousand between two units, on the log scale, so that a wrong unit cannot pass."""


@dataclass(frozen=True)
class Coverage:
    """What a user's trade file contained.

    Attributes
    ----------
    path, checksum
        The file and its SHA-256.
    layout, unit, unit_is_inferred, year
        How it was read; the year is None when the file has none.
    rows_used, rows_left_out
        Number of rows behind the flows; number left out for each reason.
    exporters, importers
        Codes of states whose exports, imports the file contains.
    estimated
        Codes of states the file does not contain at all: their trade stays the gravity estimate.
    share_of_exports
        Share of the world's known exports that flows between these exporters and importers
        make up in the gravity estimate.
    unmatched
        Codes that are no state of the world (aggregates, territories), with their rows.
    """

    path: str
    checksum: str
    layout: str
    unit: str
    unit_is_inferred: bool
    year: int | None
    rows_used: int
    rows_left_out: Mapping[str, int]
    exporters: tuple[str, ...]
    importers: tuple[str, ...]
    estimated: tuple[str, ...]
    share_of_exports: float
    unmatched: Mapping[str, int]

    def summary(self) -> str:
        """Put the coverage in a few lines of text."""
        inferred = " (inferred from the total)" if self.unit_is_inferred else ""
        left = ", ".join(f"{n} {why}" for why, n in self.rows_left_out.items()) or "none"
        codes = ", ".join(f"{c} ({n})" for c, n in list(self.unmatched.items())[:20]) or "none"
        few = ", ".join(self.estimated[:20]) + (" …" if len(self.estimated) > 20 else "")
        return "\n".join(
            [
                f"{self.path}: {self.layout} layout, {self.unit}{inferred}, year "
                f"{self.year or 'not given'}",
                f"{self.rows_used} rows used; left out: {left}",
                f"{len(self.exporters)} exporters, {len(self.importers)} importers, "
                f"{100 * self.share_of_exports:.1f} % of the world's exports",
                f"codes that are no state of the world (rows): {codes}",
                f"states that keep the gravity estimate: {len(self.estimated)} {few}".rstrip(),
            ]
        )


@dataclass
class _Tally:
    """What has been read so far."""

    size: int
    sums: dict[tuple[str, bool], FloatArray] = field(default_factory=dict)
    rows: Counter[tuple[str, bool]] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    unmatched: Counter[str] = field(default_factory=Counter)
    years: dict[int, int] = field(default_factory=dict)
    product_lengths: dict[int, int] = field(default_factory=dict)
    numbers: dict[str, dict[str, int]] = field(default_factory=dict)
    keys: list[NDArray[np.int64]] = field(default_factory=list)
    lines: list[NDArray[np.int64]] = field(default_factory=list)


def read_flows(
    path: Path,
    book: CodeBook,
    known: FloatArray,
    *,
    year: int | None = None,
    unit: str | None = None,
) -> tuple[FloatArray, Coverage]:
    """Read bilateral exports from a user's file.

    Parameters
    ----------
    path
        The CSV file (comma, semicolon, tab or bar between cells; UTF-8).
    book
        Codes of the N states.
    known
        Flows of the gravity estimate, billion USD, shape (N, N), against which the file's total is
        held.
    year
        The year to take from a file with several.
    unit
        Unit of the values (`layouts.UNITS`); by default that of the layout, for a plain file the
        one in the column's name or the one that makes the total plausible.

    Returns
    -------
    flows, coverage
        Exports from i to j, billion USD, shape (N, N), NaN where the file is silent because it has
        no exports of i or no imports of j; and what was read. Pairs of an exporter and an importer
        that the file has, without a row of their own, trade nothing.

    Raises
    ------
    DataError
        For a file or line that cannot be right; it names the line and the nearest alternatives.
    """
    from sim.world.rows import read_rows

    where = str(path)
    columns = recognise(_header(path), where)
    tally = read_rows(path, columns, book, year)
    sums, used = _choose(tally, columns, where)
    exporters, importers = sums.sum(axis=1) > 0, sums.sum(axis=0) > 0
    if not exporters.any():
        raise DataError("no trade between two states of the world", where=where,
                        expected="rows with a positive value")  # fmt: skip
    given = np.outer(exporters, importers) & ~np.eye(len(known), dtype=bool)
    name, inferred = _unit(sums[given].sum(), known[given].sum(), columns.unit, unit, where)
    ...
