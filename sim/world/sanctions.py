"""Reading which sanctions bodies and states have in force, or will have, on the first day."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sim.errors import DataError, nearest
from sim.world.tables import Table

__all__ = ["FOR", "SCOPES", "KnownSanction", "sanctions"]

FOR = ("war", "civil", "coup", "nuclear", "other")
"""What a sanction of the record answers; ``other`` is what no mechanism has."""
SCOPES = ("trade", "targeted")
"""Trade or whole sectors of it; or arms, persons and their money."""


@dataclass(frozen=True)
class KnownSanction:
    """A sanction of the record.

    Attributes
    ----------
    body
        Organisation, or a state that acts alone.
    target
        Row of the state.
    occasion, scope
        One of `FOR`, one of `SCOPES`.
    since, until
        First day; first day no longer in force, None while none is known.
    """

    body: str
    target: int
    occasion: str
    scope: str
    since: date
    until: date | None


def sanctions(
    table: Table, index: Mapping[str, int], bodies: Collection[str], day: date
) -> tuple[KnownSanction, ...]:
    """Sanctions in force on a day or from later on, in the order of the table.

    Parameters
    ----------
    table
        ``sanctions.csv``.
    index
        State → its row.
    bodies
        Organisations that there are.
    day
        First day of the run.

    Raises
    ------
    DataError
        An unknown body, target, occasion or scope, a sanction of oneself, no first day, or an end
        that is not after it.
    """
    found = []
    for row in table:
        body, target = row.text("body"), row.state("target", index)
        if body not in bodies and body not in index:
            expected = nearest(body, (*bodies, *index))
            raise DataError(f"unknown body {body!r}", where=row.where, expected=expected)
        if index.get(body) == target:
            raise DataError(f"{body} sanctions itself", where=row.where, expected="another state")
        occasion, scope = row.word("occasion", FOR), row.word("scope", SCOPES)
        since, until = row.day("since"), row.day("until")
        if since is None or (until is not None and until <= since):
            expected = "a first day, and an end after it if any"
            raise DataError(f"from {since} to {until}", where=row.where, expected=expected)
        if until is None or until > day:
            found.append(KnownSanction(body, target, occasion, scope, since, until))
    return tuple(found)
