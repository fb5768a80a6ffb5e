"""Reading tariffs that change from day to day, and the shares of goods that weight them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from sim.errors import DataError, nearest
from sim.types import Bools, Floats
from sim.world.tables import Row, Table, read_table
from sim.world.tariff_paths import ALL, CODE, GROUP, NOT, REST, Step, TariffPath

__all__ = ["COLUMNS", "PATHS", "SHARES", "Milestone", "milestones", "read_paths"]

MembersOf = Callable[[str], Bools | None]

PATHS = ("answers_to_us_tariffs_2025", "us_tariffs_as_applied")
"""Tables of dated tariffs that scenarios can call by name."""

SHARES = "import_shares"
"""Table of goods in what an importer buys from an exporter."""

COLUMNS = "from until importer exporters instrument products rate basis charged text source note"

BASES = ("added", "all_in")


@dataclass(frozen=True)
class Milestone:
    """What is told of a path on a day: lines with one text, taken together."""

    date: date
    text: str
    source: str
    importer: str
    exporters: tuple[str, ...]
    rate: float


def read_paths(
    found: Mapping[str, Table], index: Mapping[str, int], members: MembersOf
) -> Mapping[str, TariffPath]:
    """Paths by name, from their tables and the table of shares.

    Parameters
    ----------
    found
        Tables by name, those of `PATHS` and `SHARES` among them.
    index
        State → its row.
    members
        Group → its members (N,), or None for what is no group.

    Raises
    ------
    DataError
        An unknown state, group, kind of goods or basis; a number out of range; shares above one.
    """
    goods, shares = _shares(found[SHARES], index)
    return MappingProxyType(
        {
            name: TariffPath(
                name,
                tuple(_step(row, index, members, goods) for row in found[name]),
                goods,
                shares,
            )
            for name in PATHS
        }
    )


@lru_cache(maxsize=len(PATHS))
def milestones(name: str) -> tuple[Milestone, ...]:
    """What a path's table tells, by day; lines without a text are not told.

    Examples
    --------
    >>> first = milestones("us_tariffs_as_applied")[0]
    >>> first.date.isoformat(), first.exporters, first.rate
    ('2025-02-04', ('CHN', 'HKG'), 10.0)
    """
    groups: dict[tuple[date, str], list[Row]] = {}
    for row in read_table(f"{name}.csv", COLUMNS.split()):
        if row.text("text"):
            groups.setdefault((_first(row), row.text("text")), []).append(row)
    return tuple(
        Milestone(
            day,
            text,
            "; ".join(dict.fromkeys(row.text("source") for row in rows)),
            ";".join(dict.fromkeys(row.text("importer") for row in rows)),
            tuple(dict.fromkeys(code for row in rows for code in row.items("exporters"))),
            max(row.number("rate") for row in rows),
        )
        for (day, text), rows in sorted(groups.items(), key=lambda group: group[0])
    )


def _first(row: Row) -> date:
    day = row.day("from")
    if day is None:
        raise DataError("column from is empty", where=row.where, expected="a date")
    return day


def _step(
    row: Row,
    index: Mapping[str, int],
    members: MembersOf,
    goods: tuple[str, ...],
) -> Step:
    products = () if row.text("products") == "all" else row.items("products")
    for name in products:
        if name not in goods:
            raise DataError(
                f"unknown goods {name!r}", where=row.where, expected=nearest(name, goods)
            )
    if row.text("basis") not in BASES:
        raise DataError(
            f"unknown basis {row.text('basis')!r}", where=row.where, expected=nearest("", BASES)
        )
    first, until, charged = _first(row), row.day("until"), row.number("charged")
    if until is not None and until <= first:
        raise DataError(f"ends on {until}", where=row.where, expected=f"a day after {first}")
    if not 0 <= charged <= 1:
        raise DataError(f"column charged holds {charged:g}", where=row.where, expected="0 to 1")
    return Step(
        first=first,
        until=until,
        importers=frozenset(
            np.flatnonzero(_named(row, "importer", index, members) != NOT).tolist()
        ),
        exporter=_named(row, "exporters", index, members),
        instrument=row.text("instrument"),
        products=products,
        rate=row.number("rate") / 100,
        is_all_in=row.text("basis") == "all_in",
        charged=charged,
    )


def _named(row: Row, column: str, index: Mapping[str, int], members: MembersOf) -> NDArray[np.int8]:
    """How narrowly each state is named in a cell, (N,)."""
    width = np.full(len(index), NOT, dtype=np.int8)
    for code in row.items(column):
        if code == "all":
            width = np.maximum(width, ALL)
        elif code in index:
            width[index[code]] = CODE
        elif (group := members(code)) is not None:
            width[group] = np.maximum(width[group], GROUP)
        else:
            found = f"unknown state or group {code!r}"
            raise DataError(found, where=row.where, expected=nearest(code, index))
    return width


def _shares(table: Table, index: Mapping[str, int]) -> tuple[tuple[str, ...], Floats]:
    """Kinds of goods, and shares [importer, exporter, goods]; what is not named is the rest."""
    goods = (*sorted({row.text("product") for row in table}), REST)
    shares = np.zeros((len(index), len(index), len(goods)))
    own = {(row.text("importer"), row.text("exporter")) for row in table}
    for row in table:
        j, who = row.text("importer"), row.text("exporter")
        if who != "all":
            rows = [_known(row, who, index)]
        else:  # those without rows of their own
            rows = [i for code, i in index.items() if (j, code) not in own]
        shares[_known(row, j, index), rows, goods.index(row.text("product"))] = _share(row)
    if (shares.sum(axis=2) > 1 + 1e-9).any():
        raise DataError("shares add up to more than 100", where=table.name)
    shares[:, :, -1] = 1.0 - shares.sum(axis=2)
    shares.setflags(write=False)
    return goods, shares


def _known(row: Row, code: str, index: Mapping[str, int]) -> int:
    if code not in index:
        raise DataError(f"unknown state {code!r}", where=row.where, expected=nearest(code, index))
    return index[code]


def _share(row: Row) -> float:
    value = row.number("share")
    if not 0 < value <= 100:
        raise DataError(f"column share holds {value:g}", where=row.where, expected="0 to 100")
    return value / 100
