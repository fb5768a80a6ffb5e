"""Which exports a file's rows come to: as exporters report them, and as importers do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from sim.errors import DataError
from sim.types import Bools, Floats, Ints
from sim.world.adapters.layouts import Columns
from sim.world.adapters.tally import ELSEWHERE, WORLD, Tally

__all__ = ["Matrix", "Wishes", "any_along", "matrix_of"]


@dataclass(frozen=True)
class Wishes:
    """What the user says about the file.

    Attributes
    ----------
    year
        The year to take from a file with several.
    unit
        Unit of the values (`layouts.UNITS`); by default that of the layout or the column's name,
        else the one that makes the total plausible.
    complete
        What pairs without trade in the file, of an exporter and an importer that it has, trade:
        ``"zero"`` nothing, ``"estimate"`` what they do without the file.
    columns
        Names of columns by role (`columns.ROLES`).
    """

    year: int | None = None
    unit: str | None = None
    complete: str = "zero"
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Matrix:
    """Flows in the file's unit, shape (N, N).

    Attributes
    ----------
    flows, cells
        Value and number of rows of each pair.
    is_given, is_mirrored
        Pairs the file speaks of; pairs that the importer reported.
    mirrored
        Exporters without reports of their own.
    outside
        Trade with territories.
    of_world
        The partners' share of what exporters have with the world, NaN without such rows.
    """

    flows: Floats
    cells: Ints
    is_given: Bools
    is_mirrored: Bools
    mirrored: Bools
    outside: float
    of_world: float


def matrix_of(tally: Tally, columns: Columns, wishes: Wishes, where: str) -> Matrix:
    """Exports as exporters report them, and as importers do where those are silent.

    Raises
    ------
    DataError
        One product only, several levels of products, or no row that can be used.
    """
    _refuse_one_product(tally, where)
    n = tally.size
    is_nested = columns.layout.name in {"Comtrade", "WITS"}
    x, x_cells = tally.chosen("X", where, is_nested)
    f, f_cells = tally.chosen("F", where, is_nested)
    m, m_cells = tally.chosen("M", where, is_nested)
    m, m_cells = np.where(f_cells > 0, f, m).T, np.where(f_cells > 0, f_cells, m_cells).T
    some_x, some_m = x[:n, :n] > 0, m[:n, :n] > 0
    # A state all of whose rows are zero does not report: no economy trades nothing.
    reports, reported = any_along(some_x, 1), any_along(some_m, 1) & ~any_along(some_x, 1)
    has_x, has_m = (x_cells[:n, :n] > 0) & reports[:, None], m_cells[:n, :n] > 0
    if not (x_cells[:n, :n].any() or has_m.any()):
        raise _nothing(tally, columns, wishes, where)
    is_mirrored = has_m & ~has_x
    repeats = int(m_cells[:n, :n][has_m & has_x].sum())
    tally.left_out["of imports that repeat reported exports"] += repeats
    is_given = np.outer(reports, any_along(some_x, 0)) | np.outer(reported, any_along(some_m, 0))
    is_given |= is_mirrored & some_m
    np.fill_diagonal(is_given, False)
    world = x[:n, n + WORLD]
    inside = x[:n, : n + ELSEWHERE + 1].sum(axis=1)[world > 0].sum()
    return Matrix(
        flows=np.where(has_x, x[:n, :n], np.where(has_m, m[:n, :n], 0.0)),
        cells=np.where(has_x, x_cells[:n, :n], m_cells[:n, :n]),
        is_given=np.asarray(is_given),
        is_mirrored=is_mirrored,
        mirrored=reported,
        outside=float(x[:n, n + ELSEWHERE].sum() + m[n + ELSEWHERE, :n].sum()),
        of_world=float(inside / world.sum()) if world.sum() > 0 else np.nan,
    )


def _refuse_one_product(tally: Tally, where: str) -> None:
    """Refuse a file of one product: it is not the trade of a state."""
    if len(tally.products) == 1 and tally.sums and all(kind.is_detail for kind in tally.sums):
        product, line = next(iter(tally.products.items()))
        raise DataError(
            f"the file has one product only ({product}), which is not all goods trade",
            where=f"{where} line {line}",
            expected="all products (TOTAL), or, if these values are of all goods, "
            "world.columns.product=none",
        )


def _nothing(tally: Tally, columns: Columns, wishes: Wishes, where: str) -> DataError:
    """Say why no row is left."""
    left = ", ".join(f"{n} {why}" for why, n in tally.left_out.items() if n)
    has_year = wishes.year is None or str(wishes.year) in tally.years or not tally.years
    found = "no row with trade between two states of the world" + (
        f" (left out: {left})" if left else ""
    )
    if not has_year:
        years = ", ".join(sorted(tally.years))
        return DataError(f"the year {wishes.year} is not in the file", where=where,
                         expected=f"world.trade_year to be one of {years}")  # fmt: skip
    hint = f"; {columns.value} is empty, world.columns.value={columns.others[0]} takes another" if (
        columns.others and not tally.sums) else ""  # fmt: skip
    return DataError(found, where=where, expected=f"rows of one pair of states each{hint}")


def any_along(is_true: Bools, axis: int) -> Bools:
    """Whether any entry along an axis is true."""
    return np.asarray(is_true.any(axis=axis))
