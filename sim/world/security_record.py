"""What is known of conflict on the first day of a run, put together from its tables."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from sim.types import Bools, Floats
from sim.world.sanctions import KnownSanction, sanctions
from sim.world.security import (
    Mission,
    OpenDispute,
    SecurityAgreement,
    SecurityFacts,
    last_disputes,
    missions,
    open_disputes,
    read_security_facts,
    security_agreements,
)
from sim.world.tables import Table
from sim.world.treaties import MembersOf

__all__ = ["SecurityRecord", "read_security"]


def _nothing() -> SecurityFacts:
    none, off = np.zeros(0), np.zeros(0, dtype=bool)
    status = np.zeros(0, dtype=np.int64)
    return SecurityFacts(none, off, off, none, none, off, none, status, none, off, off)


@dataclass(frozen=True, eq=False)
class SecurityRecord:
    """Conflict, missions and agreements on security at the start.

    Attributes
    ----------
    facts
        Facts of each state.
    years_since
        (S, S) years since the last dispute of a pair, infinite without one.
    open
        Disputes under way.
    missions
        Peace operations of the table, running and to come.
    agreements
        Agreements on security in force.
    sanctions
        Sanctions of the record, in force and to come.
    """

    facts: SecurityFacts = field(default_factory=_nothing)
    years_since: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    open: tuple[OpenDispute, ...] = ()
    missions: tuple[Mission, ...] = ()
    agreements: tuple[SecurityAgreement, ...] = ()
    sanctions: tuple[KnownSanction, ...] = ()

    def parties(self, kind: str) -> Bools:
        """(S,) parties to any agreement of a kind."""
        masks = [one.parties for one in self.agreements if one.kind == kind]
        return np.any(masks, axis=0) if masks else np.zeros(len(self.years_since), dtype=bool)


def read_security(
    found: Mapping[str, Table],
    index: Mapping[str, int],
    start: date,
    members: MembersOf,
    *,
    bodies: Collection[str],
) -> SecurityRecord:
    """The tables of security as they stand on the first day.

    Parameters
    ----------
    found
        Tables by name.
    index
        State → its row.
    start
        First day of the run.
    members
        Members (S,) of an organisation on that day.
    bodies
        Organisations that there are.

    Raises
    ------
    DataError
        A fault in a table, with its line.
    """
    return SecurityRecord(
        facts=read_security_facts(found["security_states"], index, start.year),
        years_since=last_disputes(found["last_disputes"], index, start),
        open=open_disputes(found["open_disputes"], index, start),
        missions=missions(found["peace_missions"], index),
        agreements=security_agreements(found["security_agreements"], index, start, members),
        sanctions=sanctions(found["sanctions"], index, bodies, start),
    )
