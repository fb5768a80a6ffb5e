"""Reading what is known of security on the first day: disputes, conflicts, missions, agreements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from sim.errors import DataError, nearest
from sim.types import Bools, Floats, Ints
from sim.world.codes import OUTSIDE
from sim.world.tables import Row, Table
from sim.world.treaties import MembersOf, is_current

__all__ = [
    "COLUMNS",
    "LEVELS",
    "MISSIONS",
    "STATUSES",
    "Mission",
    "OpenDispute",
    "SecurityAgreement",
    "SecurityFacts",
    "last_disputes",
    "missions",
    "open_disputes",
    "read_security_facts",
    "security_agreements",
]


LEVELS = ("threat", "display", "force", "war")
STATUSES = ("none", "consider", "pursue", "weapons")
MISSIONS = (
    "observers", "police", "verification", "peacekeeping", "enforcement", "administration",
)  # fmt: skip
AGREEMENTS = (
    "zone", "inspection", "amity", "mandate", "constitutional_order", "collective_defence",
    "settlement", "non_aggression", "arms_limit",
)  # fmt: skip

COLUMNS = {
    "open_disputes": "iso1 iso2 since until level",
    "last_disputes": "iso1 iso2 year highest_level",
    "security_states": "iso3 gdp_per_head_ppp has_civil_conflict is_at_war_level conflict_years"
    " conflict_onsets last_conflict last_coup_attempt nuclear_status nuclear_proficiency"
    " has_umbrella zone_status",
    "peace_missions": "mission body host since until personnel kind",
    "sanctions": "body target occasion scope since until",
    "security_agreements": "id kind parties signed in_force until organisation",
}
"""Columns read of each table."""


@dataclass(frozen=True, eq=False)
class SecurityFacts:
    """What is known of each state on the first day; all (S,), in the order of the states.

    Attributes
    ----------
    gdp_per_head
        Dollars at purchasing power parity.
    has_conflict, at_war
        Civil conflict in 2024, and whether it reached war level in 2022 to 2024.
    conflict_age
        Years that a conflict has lasted: conflict years since 1990 by number of starts (at least
        one), since the spells themselves are not in the table; 0 without conflict.
    peace
        Years since the last civil conflict, counted from 1946 where there was none.
    had_conflict
        Whether there was one since 1946.
    coup_memory
        Years since the last coup attempt, infinite where there was none.
    nuclear_status
        0 none, 1 consider, 2 pursue, 3 weapons.
    proficiency
        Nuclear proficiency, NaN where unknown.
    has_umbrella, in_zone
        Under another state's umbrella; party to a nuclear-weapon-free zone.
    """

    gdp_per_head: Floats
    has_conflict: Bools
    at_war: Bools
    conflict_age: Floats
    peace: Floats
    had_conflict: Bools
    coup_memory: Floats
    nuclear_status: Ints
    proficiency: Floats
    has_umbrella: Bools
    in_zone: Bools


@dataclass(frozen=True)
class Mission:
    """A peace operation: who mandates it, where, how strong, from when to when."""

    name: str
    body: str
    host: int
    since: date
    until: date | None
    personnel: float
    kind: str


@dataclass(frozen=True)
class SecurityAgreement:
    """An agreement on security in force on a day, with its parties (S,)."""

    id: str
    kind: str
    organisation: str
    parties: Bools


def read_security_facts(table: Table, index: Mapping[str, int], year: int) -> SecurityFacts:
    """Facts of each state on the first day of a year.

    Parameters
    ----------
    table
        ``security_states.csv``.
    index
        State → its row.
    year
        Year of the start; years since an event are counted to it.

    Raises
    ------
    DataError
        A state is missing or unknown, a status is none of the known ones.
    """
    rows: dict[int, Row] = {row.state("iso3", index): row for row in table}
    missing = [code for code, i in index.items() if i not in rows]
    if missing:
        raise DataError(f"no row for {', '.join(missing[:5])}", where=table.name,
                        expected="a row for each state")  # fmt: skip
    ordered = [rows[i] for i in range(len(index))]

    def numbers(column: str, empty: float = np.nan) -> Floats:
        return np.array([row.number_or(column, empty) for row in ordered])

    def truths(column: str) -> Bools:
        return np.array([row.truth(column) for row in ordered])

    has_conflict, last = truths("has_civil_conflict"), numbers("last_conflict")
    age = numbers("conflict_years") / np.maximum(numbers("conflict_onsets"), 1.0)
    return SecurityFacts(
        gdp_per_head=numbers("gdp_per_head_ppp"),
        has_conflict=has_conflict,
        at_war=has_conflict & truths("is_at_war_level"),
        conflict_age=np.where(has_conflict, age, 0.0),
        peace=np.where(
            has_conflict, 0.0, np.maximum(year - np.where(np.isnan(last), 1946, last), 0)
        ),
        had_conflict=np.isfinite(last),
        coup_memory=np.maximum(year - numbers("last_coup_attempt", -np.inf), 0.0),
        nuclear_status=np.array(
            [STATUSES.index(r.word("nuclear_status", STATUSES)) for r in ordered]
        ),
        proficiency=numbers("nuclear_proficiency"),
        has_umbrella=truths("has_umbrella"),
        in_zone=np.array([row.text("zone_status") == "party" for row in ordered]),
    )


def last_disputes(table: Table, index: Mapping[str, int], start: date) -> Floats:
    """Years since the last dispute of each pair.

    Parameters
    ----------
    table
        ``last_disputes.csv``.
    index
        State → its row.
    start
        Day to which years are counted; disputes of its year and later are not yet known. Up to
        2014 the table has the last dispute of a pair only, so that starts before 2015 lose memory.

    Returns
    -------
    (S, S) symmetric, infinite for a pair without a dispute since 1946.

    Raises
    ------
    DataError
        A dispute of a state with itself, an unknown state or level.
    """
    years = np.full((len(index), len(index)), np.inf)
    for row in table:
        i, j = row.state("iso1", index), row.state("iso2", index)
        if i == j:
            raise DataError("a dispute of a state with itself", where=row.where,
                            expected="two states")  # fmt: skip
        row.word("highest_level", LEVELS)
        since = start.year - row.number("year")
        if since > 0:
            years[i, j] = years[j, i] = min(years[i, j], since)
    return years


@dataclass(frozen=True)
class OpenDispute:
    """A dispute that is under way: rows of the states, its first day, its level (1 to 4)."""

    i: int
    j: int
    since: date
    level: int


def open_disputes(table: Table, index: Mapping[str, int], day: date) -> tuple[OpenDispute, ...]:
    """Disputes under way on a day, in the order of the table.

    Raises
    ------
    DataError
        A dispute of a state with itself, an unknown state or level, no first day.
    """
    found = []
    for row in table:
        i, j = sorted((row.state("iso1", index), row.state("iso2", index)))
        since = row.day("since")
        if i == j or since is None:
            raise DataError("a dispute without a first day or of a state with itself",
                            where=row.where, expected="two states and a first day")  # fmt: skip
        level = 1 + LEVELS.index(row.word("level", LEVELS))
        if is_current(day, since, row.day("until")):
            found.append(OpenDispute(i, j, since, level))
    return tuple(found)


def missions(table: Table, index: Mapping[str, int]) -> tuple[Mission, ...]:
    """Peace operations, in the order of the table.

    Raises
    ------
    DataError
        An unknown host or kind, no first day, or an end that is not after it.
    """
    found = []
    for row in table:
        since, until = row.day("since"), row.day("until")
        if since is None or (until is not None and until <= since):
            raise DataError(f"a mission from {since} to {until}", where=row.where,
                            expected="a first day, and an end after it if any")  # fmt: skip
        name, body, host = row.text("mission"), row.text("body"), row.state("host", index)
        personnel, kind = row.number("personnel"), row.word("kind", MISSIONS)
        found.append(Mission(name, body, host, since, until, personnel, kind))
    return tuple(found)


def security_agreements(
    table: Table, index: Mapping[str, int], day: date, members: MembersOf
) -> tuple[SecurityAgreement, ...]:
    """Agreements in force on a day, in the order of the table.

    Parameters
    ----------
    table
        ``security_agreements.csv``.
    index
        State → its row.
    day
        The day.
    members
        Members (S,) on the day of an organisation that is written ``@ORGANISATION``.

    Raises
    ------
    DataError
        An unknown kind or state.
    ConfigError
        An unknown organisation.
    """
    found = []
    for row in table:
        kind, in_force = row.word("kind", AGREEMENTS), row.day("in_force")
        if in_force is None or not is_current(day, in_force, row.day("until")):
            continue
        parties = np.zeros(len(index), dtype=bool)
        for item in row.items("parties"):
            if item.startswith("@"):
                parties |= members(item[1:])
            elif item in index:
                parties[index[item]] = True
            elif item not in OUTSIDE:
                raise DataError(f"unknown state {item!r}", where=row.where,
                                expected=nearest(item, index))  # fmt: skip
        found.append(SecurityAgreement(row.text("id"), kind, row.text("organisation"), parties))
    return tuple(found)
