"""Matters a trade agreement can cover, and the red lines of governments in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from sim.errors import DataError, nearest
from sim.types import Bools
from sim.world.tables import Row, Table
from sim.world.treaties import is_current


@dataclass(frozen=True)
class Matter:
    """Something an agreement can cover or exempt.

    Attributes
    ----------
    id, name, source
        As in the table.
    from_depth
        Depth of an agreement (cut of trade cost, fraction) from which it covers the matter.
    trade_share, trade_share_low, trade_share_high
        Share of trade the matter concerns, with its range, fraction.
    applies_to
        Issue areas or kinds of agreement the matter belongs to.
    """

    id: str
    name: str
    from_depth: float
    trade_share: float
    trade_share_low: float
    trade_share_high: float
    applies_to: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class RedLine:
    """A matter that a government will not concede, known before the talks.

    Attributes
    ----------
    states
        Rows of the states that hold it: one, or all members of a union on the first day.
    holder
        The code in the table, a state or ``@ORGANISATION``.
    matter
        Identifier of the matter.
    since, until
        Dates; an empty `until` has no end.
    strength
        As in the table.
    source
        Where it is documented.
    """

    states: tuple[int, ...]
    holder: str
    matter: str
    since: date | None
    until: date | None
    strength: float
    source: str

    def is_held(self, day: date) -> bool:
        """Whether the line stands on a day.

        Examples
        --------
        >>> line = RedLine((0,), "IND", "agriculture", date(1995, 1, 1), None, 1.0, "")
        >>> line.is_held(date(2024, 1, 1)), line.is_held(date(1990, 1, 1))
        (True, False)
        """
        return is_current(day, self.since, self.until)


def read_matters(table: Table) -> dict[str, Matter]:
    """Read the matters, in the order of the table."""
    return {
        row.text("id"): Matter(
            id=row.text("id"),
            name=row.text("name"),
            from_depth=row.number("from_depth") / 100,
            trade_share=row.number("trade_share"),
            trade_share_low=row.number("trade_share_low"),
            trade_share_high=row.number("trade_share_high"),
            applies_to=row.items("applies_to"),
            source=row.text("source"),
        )
        for row in table
    }


def read_red_lines(
    table: Table,
    index: Mapping[str, int],
    matters: Mapping[str, Matter],
    members: Callable[[str], Bools],
) -> tuple[RedLine, ...]:
    """Read the red lines.

    Parameters
    ----------
    table
        The table.
    index
        Row of each state's code.
    matters
        Known matters.
    members
        Members of an organisation on the first day, shape (N,).

    Raises
    ------
    DataError
        If a state or matter is not known.
    """
    lines = []
    for row in table:
        if row.text("matter") not in matters:
            raise _unknown(row, "matter", matters)
        holder = row.text("state")
        if holder.startswith("@"):
            states = tuple(int(i) for i in np.flatnonzero(members(holder[1:])))
        elif holder in index:
            states = (index[holder],)
        else:
            raise _unknown(row, "state", index)
        lines.append(
            RedLine(
                states,
                holder,
                row.text("matter"),
                row.day("since"),
                row.day("until"),
                row.number_or("strength", 1.0),
                row.text("source"),
            )
        )
    return tuple(lines)


def _unknown(row: Row, column: str, known: Mapping[str, object]) -> DataError:
    """Say which name is not known."""
    return DataError(
        f"unknown {column} {row.text(column)!r}",
        where=row.where,
        expected=nearest(row.text(column), known),
    )
