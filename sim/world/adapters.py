"""A user's own bilateral trade matrix, from a long CSV file.

The file is read in pieces, so that a year of BACI (some five million rows) passes through a few
hundred megabytes. Nothing is repaired: a line that cannot be right stops the reading and is named.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.errors import DataError
from sim.world.codes import CodeBook
from sim.world.layouts import UNITS, Columns, recognise, unit_factor
from sim.world.rows import Tally, read_rows
from sim.world.textfile import read_header

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

PLAUSIBLE = 31.6
"""How far a file's total may be from the known trade of its pairs: the square root of the factor
of one thousand between two units, so that a wrong unit cannot pass."""


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
    pairs_without_row
        Pairs of these exporters and importers that the file has no row for: they trade nothing.
    unmatched
        Codes that are no state of the world (aggregates, territories), with their rows.
    beyond_ceiling
        Codes of states whose deficit in the file is above the ceiling of the baseline: entrepôts
        and ship registers, whose results are not to be read as those of an economy.
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
    pairs_without_row: int
    unmatched: Mapping[str, int]
    beyond_ceiling: tuple[str, ...] = ()

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
                f"{100 * self.share_of_exports:.1f} % of the world's exports; "
                f"{self.pairs_without_row} pairs without a row, taken to trade nothing",
                f"codes that are no state of the world (rows): {codes}",
                f"states that keep the gravity estimate: {len(self.estimated)} {few}".rstrip(),
                f"deficits no economy of its size has: {', '.join(self.beyond_ceiling) or 'none'}",
            ]
        )


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
    where = str(path)
    header, separator = read_header(path)
    columns = recognise(header, where)
    tally = read_rows(path, (columns, separator), book, year)
    sums, cells = _choose(tally, columns, where)
    exports, imports = np.asarray(cells.any(axis=1)), np.asarray(cells.any(axis=0))
    off = ~np.eye(book.size, dtype=bool)
    is_given = np.outer(exports, imports) & off
    known_total = float(known[is_given].sum())
    name, is_inferred = _unit(
        float(sums.sum()), known_total, (unit or columns.unit, columns.layout.name), where
    )
    flows = np.where(is_given, sums * UNITS[name], np.nan)
    coverage = Coverage(
        path=where,
        checksum=_checksum(path),
        layout=columns.layout.name,
        unit=name,
        unit_is_inferred=is_inferred,
        year=year or next(iter(tally.years), None),
        rows_used=int(cells.sum()),
        rows_left_out={why: n for why, n in tally.left_out.items() if n},
        exporters=_named(exports, book),
        importers=_named(imports, book),
        estimated=_named(~(exports | imports), book),
        share_of_exports=known_total / float(known[off].sum()),
        pairs_without_row=int((is_given & (cells == 0)).sum()),
        unmatched=dict(sorted(tally.unmatched.items())),
    )
    return flows, coverage


def _named(is_chosen: BoolArray, book: CodeBook) -> tuple[str, ...]:
    """Codes of the chosen states."""
    return tuple(book.iso3[i] for i in np.flatnonzero(is_chosen))


def _choose(tally: Tally, columns: Columns, where: str) -> tuple[FloatArray, NDArray[np.int64]]:
    """Take the sum over products where the file has it, and exports before mirrored imports.

    Comtrade files repeat a flow at several levels of products; adding levels would count it twice.
    """
    letter = "X" if ("X", True) in tally.sums or ("X", False) in tally.sums else "M"
    kind = (letter, (letter, True) in tally.sums)
    if kind not in tally.sums:
        wanted = "rows of one pair of states each"
        if columns.year and tally.years:
            wanted += f"; the file has the years {', '.join(map(str, sorted(tally.years)))}"
        raise DataError("no row with trade between two states of the world", where=where,
                        expected=wanted)  # fmt: skip
    if columns.layout.name == "Comtrade" and not kind[1] and len(tally.lengths) > 1:
        lines = sorted(tally.lengths.values())
        raise DataError("product codes of different length would count trade twice",
                        where=f"{where} line {lines[-1]}",
                        expected="one level of products, or rows for TOTAL")  # fmt: skip
    for other, cells in tally.cells.items():
        if other != kind:
            tally.left_out["that repeat a flow (other level of products, imports)"] += int(
                cells.sum()
            )
    sums, cells = tally.sums[kind], tally.cells[kind]
    return (sums, cells) if letter == "X" else (sums.T.copy(), cells.T.copy())


def _unit(total: float, known: float, told: tuple[str, str], where: str) -> tuple[str, bool]:
    """Name of the unit of the values, and whether it had to be inferred.

    Units are a factor of one thousand apart, so the total of a file tells them apart with
    certainty unless trade itself is off by a factor of thirty, which is refused.
    """
    unit, layout = told
    if not total > 0 or not known > 0:
        raise DataError("the values add up to nothing", where=where, expected="positive trade")
    apart = {name: abs(np.log(total * factor / known)) for name, factor in UNITS.items()}
    best = min(apart, key=lambda name: apart[name])
    if unit:
        unit_factor(unit)
    name = " ".join(unit.casefold().replace("_", " ").split()) or best
    if apart[name] > np.log(PLAUSIBLE):
        raise DataError(
            f"the total is {total * UNITS[name]:.4g} billion USD if values are in {name}, but "
            f"these states are known to trade {known:.4g} billion USD",
            where=where,
            expected=f"values in {name}"
            + (f" ({layout} layout)" if layout != "plain" else "")
            + (f"; these look like {best}" if best != name else ""),
        )
    return name, not unit


def _checksum(path: Path) -> str:
    """SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
