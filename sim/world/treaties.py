"""Who belongs to what, and which pairs of states are bound by which treaty, on a given day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from sim.errors import DataError, nearest, unknown
from sim.types import Bools, Indices
from sim.world.codes import OUTSIDE
from sim.world.tables import Row, Table

MembersOf = Callable[[str], Bools]

SERVICES_ONLY = "EIA"
"""Kind of treaty that leaves goods alone (economic integration agreement, GATS Article V)."""

CUSTOMS_UNIONS = ("CU",)
"""Kinds of treaty inside which goods move free of duty (GATT Article XXIV:8(a))."""


def is_current(day: date, since: date | None, until: date | None) -> bool:
    """Whether a spell covers a day: from its first day on, until the day before its end.

    Examples
    --------
    >>> is_current(date(2020, 1, 31), date(1973, 1, 1), date(2020, 2, 1))
    True
    >>> is_current(date(2020, 2, 1), date(1973, 1, 1), date(2020, 2, 1))
    False
    """
    return (since is None or since <= day) and (until is None or day < until)


@dataclass(frozen=True)
class Membership:
    """One spell of one state in one organisation; the end day is the first day outside."""

    organisation: str
    state: int
    joined: date | None
    left: date | None


@dataclass(frozen=True)
class Side:
    """One side of a treaty: named states and the members of named organisations."""

    states: tuple[int, ...]
    groups: tuple[str, ...]

    def rows(self, members: MembersOf) -> Indices:
        """Rows of the states on this side, given who the members are; a state may stand twice."""
        named = np.array(self.states, dtype=np.intp)
        if not self.groups:
            return named
        return np.concatenate([named, *(np.flatnonzero(members(group)) for group in self.groups)])


@dataclass(frozen=True)
class Treaty:
    """A trade agreement: all pairs within one side, or all pairs across two.

    Attributes
    ----------
    id, name, kind, organisation, source
        As in the table; `organisation` is the body that keeps the treaty, empty if none does.
    side_a, side_b
        The parties; `side_b` is None when the treaty binds all pairs within `side_a`.
    signed, in_force, until
        Dates; a treaty without `in_force` is not in force.
    """

    id: str
    name: str
    kind: str
    organisation: str
    side_a: Side
    side_b: Side | None
    signed: date | None
    in_force: date | None
    until: date | None
    source: str

    def is_in_force(self, day: date) -> bool:
        """Whether the treaty binds on a day."""
        return self.in_force is not None and is_current(day, self.in_force, self.until)

    def pairs(self, members: MembersOf, size: int) -> Bools:
        """Pairs of states the treaty binds, shape (N, N), symmetric, False on the diagonal.

        Examples
        --------
        >>> one, others = Side((0,), ()), Side((1, 2), ())
        >>> two = Treaty("t", "T", "fta", "", one, others, None, None, None, "")
        >>> two.pairs(lambda _: np.zeros(3, dtype=bool), 3).astype(int).tolist()
        [[0, 1, 1], [1, 0, 0], [1, 0, 0]]
        """
        bound = np.zeros((size, size), dtype=bool)
        self.bind(bound, members)
        np.fill_diagonal(bound, False)
        return bound

    def bind(self, bound: Bools, members: MembersOf) -> None:
        """Mark the pairs the treaty binds in a matrix, shape (N, N); the diagonal may be marked.

        Most treaties bind a handful of states: writing their cells costs a tenth of combining
        whole matrices.
        """
        a = self.side_a.rows(members)
        b = a if self.side_b is None else self.side_b.rows(members)
        bound[a[:, None], b[None, :]] = True
        bound[b[:, None], a[None, :]] = True


def read_memberships(table: Table, index: Mapping[str, int]) -> tuple[Membership, ...]:
    """Read spells of membership; members that are not states of the world are left out.

    Raises
    ------
    DataError
        If a code is neither a state nor a known territory, or a spell ends before it begins.
    """
    rows = []
    for row in table:
        code = row.text("state")
        if code not in index and code in OUTSIDE:
            continue
        spell = Membership(row.text("organisation"), _state(row, code, index),
                           row.day("joined"), row.day("left"))  # fmt: skip
        if spell.joined and spell.left and spell.left <= spell.joined:
            raise DataError(f"left on {spell.left}, joined on {spell.joined}", where=row.where,
                            expected="an end after the beginning")  # fmt: skip
        rows.append(spell)
    return tuple(rows)


def read_treaties(
    table: Table, index: Mapping[str, int], organisations: tuple[str, ...]
) -> tuple[Treaty, ...]:
    """Read trade agreements, checking every state and organisation they name."""
    treaties = []
    for row in table:
        side_b = row.items("side_b")
        treaties.append(
            Treaty(
                id=row.text("id"),
                name=row.text("name"),
                kind=row.text("kind"),
                organisation=row.text("organisation"),
                side_a=_side(row, row.items("side_a"), index, organisations),
                side_b=_side(row, side_b, index, organisations) if side_b else None,
                signed=row.day("signed"),
                in_force=row.day("in_force"),
                until=row.day("until"),
                source=row.text("source"),
            )
        )
    return tuple(treaties)


def _side(
    row: Row, items: tuple[str, ...], index: Mapping[str, int], organisations: tuple[str, ...]
) -> Side:
    """Split a side into states and organisations."""
    states, groups = [], []
    for item in items:
        if not item.startswith("@"):
            if item in index or item not in OUTSIDE:
                states.append(_state(row, item, index))
        elif item[1:] in organisations:
            groups.append(item[1:])
        else:
            raise unknown("organisation", item[1:], organisations, row.where)
    return Side(tuple(states), tuple(groups))


def _state(row: Row, code: str, index: Mapping[str, int]) -> int:
    """Row of a state, or an error with the nearest codes."""
    if code not in index:
        raise DataError(f"unknown state {code!r}", where=row.where, expected=nearest(code, index))
    return index[code]


def bound_pairs(
    treaties: tuple[Treaty, ...], day: date, members: MembersOf, left: MembersOf, size: int
) -> Bools:
    """Pairs bound by any of the treaties on goods in force on a day, shape (N, N).

    A treaty that an organisation carries does not bind those who `left` the organisation, whether
    it names its parties or goes by the members.
    """
    bound = np.zeros((size, size), dtype=bool)
    for treaty in treaties:
        if treaty.kind != SERVICES_ONLY and treaty.is_in_force(day):
            gone = left(treaty.organisation) if treaty.organisation else None
            if gone is None or not gone.any():
                treaty.bind(bound, members)
            else:
                own = np.zeros_like(bound)
                treaty.bind(own, members)
                bound |= own & ~gone[:, None] & ~gone[None, :]
    np.fill_diagonal(bound, False)
    return bound
