"""A user's own bilateral trade, from a file to a matrix and what is to be said of it.

The file is read in pieces, so that a year of BACI passes through a few hundred megabytes. Nothing
is repaired: a line that cannot be right stops the reading and is named.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from sim.errors import DataError
from sim.types import Bools, Floats
from sim.world.adapters.columns import recognise
from sim.world.adapters.coverage import Coverage, warnings_of
from sim.world.adapters.layouts import UNITS, Columns, unit_factor
from sim.world.adapters.matrix import Matrix, Wishes, any_along, matrix_of
from sim.world.adapters.rows import read_rows
from sim.world.adapters.tally import Tally
from sim.world.adapters.textfile import checksum, open_source
from sim.world.adapters.wide import matrix_columns, year_of
from sim.world.codes import CodeBook

PLAUSIBLE = 31.6
"""How far a file's total may be from the known trade of its pairs: the square root of the factor
of one thousand between two units, so that a wrong unit cannot pass."""

FEW_CHAPTERS = 20
"""Products of fewer chapters than these (the Harmonized System has 96) are warned of."""


def read_flows(
    path: Path,
    book: CodeBook,
    known: Floats,
    *,
    wishes: Wishes | None = None,
    totals: tuple[Floats, Floats] | None = None,
) -> tuple[Floats, Coverage]:
    """Read bilateral exports from a user's file.

    Parameters
    ----------
    path
        The file: CSV (also packed, in any usual encoding), Parquet or Stata.
    book
        Codes of the N states.
    known
        Flows as they are known without the file, billion USD, shape (N, N), against which the
        file's are held.
    wishes
        What the user says about the file.
    totals
        Known exports and imports of each state, billion USD, shape (N,) each; by default the sums
        of `known`.

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
    ConfigError
        A column or unit of the user's that there is not.
    """
    wishes = wishes or Wishes()
    where = str(path)
    source = open_source(path)
    columns = _columns_of(source.header, book, wishes, where)
    tally = read_rows(source, columns, book, wishes.year)
    matrix = matrix_of(tally, columns, wishes, where)
    if wishes.complete == "estimate":
        matrix = replace(matrix, is_given=matrix.is_given & (matrix.flows > 0))
    known = np.where(np.eye(book.size, dtype=bool), 0.0, known)
    unit, is_inferred = _unit(matrix, known, _told(wishes, columns, tally, where), where)
    flows = np.where(matrix.is_given, matrix.flows * UNITS[unit], np.nan)
    year = wishes.year or _only_year(tally, columns, where)
    coverage = _coverage(matrix, flows, book, (known, totals or (known.sum(1), known.sum(0))))
    coverage = replace(
        coverage,
        path=where,
        checksum=checksum(path),
        layout=columns.layout.name,
        unit=unit,
        unit_is_inferred=is_inferred,
        year=year,
        encoding=source.encoding.removesuffix("-sig"),
        columns=_roles(columns),
        rows_left_out={why: n for why, n in tally.left_out.items() if n},
        value_left_out={w: v * UNITS[unit] for w, v in tally.left_value.items() if v},
        unmatched=dict(sorted(tally.unmatched.items())),
        territories=matrix.outside * UNITS[unit],
    )
    warnings = [*_doubts(tally, matrix, columns), *warnings_of(coverage)]
    return flows, replace(coverage, warnings=tuple(warnings))


def _columns_of(header: tuple[str, ...], book: CodeBook, wishes: Wishes, where: str) -> Columns:
    """What each column holds: a matrix of codes, or columns by name."""
    columns = None if wishes.columns else matrix_columns(header, book)
    columns = columns or recognise(header, where, wishes.columns)
    if wishes.year is not None and not columns.year and not columns.by_year:
        raise DataError(f"no column says the year, so that {wishes.year} cannot be taken",
                        where=where,
                        expected="no world.trade_year, or world.columns.year=NAME")  # fmt: skip
    return columns


def _told(wishes: Wishes, columns: Columns, tally: Tally, where: str) -> str:
    """The unit that user, layout or cells tell; empty if none does."""
    if wishes.unit is not None:
        unit_factor(wishes.unit)
        return " ".join(wishes.unit.casefold().replace("_", " ").split())
    if columns.multiplier:
        return "usd"
    if len(tally.units) > 1:
        raise DataError(f"several units ({', '.join(sorted(tally.units))})", where=where,
                        expected="one unit")  # fmt: skip
    return columns.unit or "".join(tally.units)


def _unit(matrix: Matrix, known: Floats, told: str, where: str) -> tuple[str, bool]:
    """Name of the unit of the values, and whether it had to be inferred.

    Units are a factor of one thousand apart, so the total of a file tells them apart with
    certainty unless trade itself is off by a factor of thirty, which is refused.
    """
    total, here = float(matrix.flows[matrix.is_given].sum()), float(known[matrix.is_given].sum())
    if not total > 0 or not here > 0:
        raise DataError("the values add up to nothing", where=where, expected="positive trade")
    apart = {name: abs(np.log(total * factor / here)) for name, factor in UNITS.items()}
    best = min(apart, key=lambda name: apart[name])
    name = told or best
    if apart[name] > np.log(PLAUSIBLE):
        raise DataError(
            f"the total is {total * UNITS[name]:.4g} billion USD if values are in {name}, but "
            f"these states are known to trade {here:.4g} billion USD",
            where=where,
            expected=f"values in {name} that are all goods trade"
            + (f"; these look like {best} (world.trade_unit)" if best != name else ""),
        )
    return name, not told


def _only_year(tally: Tally, columns: Columns, where: str) -> int | None:
    """The one year of a file."""
    if columns.by_year:
        years = {name[:4] for name in (c.lstrip("xXyY_") for c in year_of(columns, None, where))}
    else:
        years = set(tally.years)
    return int(min(years)) if years else None


def _roles(columns: Columns) -> dict[str, str]:
    """Columns that were used, by what for."""
    found = {
        "exporter": columns.exporter[0] if not columns.by_partner else "rows",
        "importer": columns.importer[0] if not columns.by_partner else "columns",
        "value": columns.value or ("by year" if columns.by_year else "by partner"),
        "year": columns.year,
        "product": columns.product,
        "flow": ", ".join(columns.flow),
    }
    return {role: name for role, name in found.items() if name}


def _coverage(
    matrix: Matrix, flows: Floats, book: CodeBook,
    facts: tuple[Floats, tuple[Floats, Floats]],
) -> Coverage:  # fmt: skip
    """Figures of the coverage that follow from the matrix."""
    known, totals = facts
    filled, here = np.nan_to_num(flows), np.where(matrix.is_given, known, 0.0)
    has = matrix.cells > 0
    exports, imports = any_along(filled > 0, 1), any_along(filled > 0, 0)
    is_zeroed = matrix.is_given & ~has
    largest = np.argsort(np.where(is_zeroed, -known, 0.0), axis=None, kind="stable")[:10]
    pairs = [divmod(int(at), book.size) for at in largest]
    by_state = _by_state(filled, here, known, totals)
    states = {book.iso3[i]: by_state[i] for i in np.flatnonzero(exports | imports)}
    return Coverage(
        path="", checksum="", layout="", unit="", unit_is_inferred=False, year=None,
        rows_used=int(matrix.cells[matrix.is_given].sum()), rows_left_out={},
        exporters=_named(exports, book), importers=_named(imports, book),
        estimated=_named(~(exports | imports), book),
        share_of_exports=float(here.sum() / known.sum()),
        pairs_without_row=int(is_zeroed.sum()), unmatched={},
        total=float(filled.sum()), known=float(here.sum()), states=states,
        zeroed=float(known[is_zeroed].sum()),
        zeroed_pairs={
            f"{book.iso3[i]}-{book.iso3[j]}": float(known[i, j])
            for i, j in pairs if is_zeroed[i, j] and known[i, j] >= 0.05
        },
        mirrored=_named(matrix.mirrored, book),
        mirrored_value=float(filled[matrix.is_mirrored].sum()),
    )  # fmt: skip


def _by_state(
    filled: Floats, here: Floats, known: Floats, totals: tuple[Floats, Floats]
) -> list[dict[str, float]]:
    """Exports and imports of each state: in the file, on its pairs as known, and in all.

    Known flows may be cut where trade only passes through; states are held against the record.
    """
    found: list[dict[str, float]] = [{} for _ in known]
    for name, axis, total in (("exports", 1, totals[0]), ("imports", 0, totals[1])):
        sums = known.sum(axis)
        uncut = total / np.where(sums > 0, sums, np.inf)
        for i, one in enumerate(found):
            row = i if axis else (slice(None), i)
            one[name] = float(filled[row].sum())
            one[f"known_{name}"] = float(here[row].sum() * uncut[i])
            one[f"all_{name}"] = float(total[i])
    return found


def _named(is_chosen: Bools, book: CodeBook) -> tuple[str, ...]:
    """Codes of the chosen states."""
    return tuple(book.iso3[i] for i in np.flatnonzero(is_chosen))


def _doubts(tally: Tally, matrix: Matrix, columns: Columns) -> list[str]:
    """What the rows themselves say against total goods trade of a year."""
    found = []
    kinds = list(tally.sums)
    if kinds and all(kind.is_detail for kind in kinds) and 0 < len(tally.chapters) < FEW_CHAPTERS:
        found.append(
            f"the file has products of few chapters only ({len(tally.chapters)} of 96): is it all "
            "goods trade?"
        )
    for letter, whole, word in (("M", 12, "months"), ("Q", 4, "quarters")):
        parts = {part for part in tally.parts if part.startswith(letter)}
        if 0 < len(parts) < whole and "" not in tally.parts:
            found.append(f"the file has {len(parts)} {word} of the year, not {whole}")
    is_told = columns.flow or "port" in columns.value.casefold()
    if columns.layout.is_reported and not is_told:
        found.append(
            "no column says whether these are exports or imports: they are taken as the exports "
            f"of {columns.exporter[0]}"
        )
    if matrix.of_world < 0.9:
        found.append(
            f"partners add up to {100 * matrix.of_world:.0f} % of the file's rows for the world: "
            "some are missing"
        )
    return found
