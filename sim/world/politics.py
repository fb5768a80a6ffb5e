"""Reading what is known of politics at home and in bodies: leaders, enforcement, tastes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

import numpy as np

from sim.errors import DataError
from sim.kernels.compliance import FORMS
from sim.kernels.leaders import EXITS, TENURES, ExitRates
from sim.types import Bools, Floats
from sim.world.tables import Row, Table
from sim.world.treaties import is_current

__all__ = [
    "POLITICS_COLUMNS",
    "CountryMandateOfRecord",
    "Enforcement",
    "LeaderChange",
    "PoliticsRecord",
    "read_politics",
]

_BY_TENURE = "year_1 year_2_3 year_4_5 year_6_10 year_11_on"

POLITICS_COLUMNS = {
    "leader_exits": f"polyarchy_from p_change p_irregular p_death {_BY_TENURE}",
    "known_leaders": "state day how",
    "enforcement": "organisation form since until",
    "rights_mandates": "organisation state since has_consent",
    "state_effects": "state effect spread",
}
"""Columns read of each table."""

Group: TypeAlias = Callable[[str], Bools | None]


@dataclass(frozen=True)
class LeaderChange:
    """A leader who came on a known day; `how` the one before left (row of `EXITS`)."""

    state: int
    day: date
    how: int


@dataclass(frozen=True)
class Enforcement:
    """How a body answers breaches from a day on, until another (None: open)."""

    organisation: str
    form: str
    since: date | None
    until: date | None


@dataclass(frozen=True)
class CountryMandateOfRecord:
    """A mandate to look into human rights in a state, with its consent or not."""

    organisation: str
    state: int
    since: date
    has_consent: bool


@dataclass(frozen=True, eq=False)
class PoliticsRecord:
    """What is known of politics, whatever the day of the start.

    Attributes
    ----------
    exits
        Chances that leaders leave, by band of electoral democracy.
    leaders
        Known changes of leader, in the order of the table.
    enforcement
        Spells of enforcement, in the order of the table.
    country_mandates
        Mandates on human rights, in the order of the table.
    effect, effect_spread
        (S,) means and standard deviations of state effects in trade, logits; NaN where there is
        no estimate. A row for a body (``@EU``) is that of its members on the first day.
    """

    exits: ExitRates = field(
        default_factory=lambda: ExitRates(
            np.zeros(1), np.zeros((1, len(TENURES) + 1)), np.zeros(1), np.zeros(1)
        )
    )
    leaders: tuple[LeaderChange, ...] = ()
    enforcement: tuple[Enforcement, ...] = ()
    country_mandates: tuple[CountryMandateOfRecord, ...] = ()
    effect: Floats = field(default_factory=lambda: np.zeros(0))
    effect_spread: Floats = field(default_factory=lambda: np.zeros(0))

    def enforcement_of(self, code: str, day: date) -> str:
        """How a body answers breaches on a day; ``none`` for one that the table does not have.

        Examples
        --------
        >>> until = Enforcement("WTO", "adjudication", None, date(2019, 12, 11))
        >>> record = PoliticsRecord(enforcement=(until,))
        >>> [record.enforcement_of("WTO", date(2019, 12, day)) for day in (10, 11)]
        ['adjudication', 'none']
        """
        for one in self.enforcement:
            if one.organisation == code and is_current(day, one.since, one.until):
                return one.form
        return "none"


def read_politics(
    found: Mapping[str, Table], index: Mapping[str, int], group: Group
) -> PoliticsRecord:
    """Read the tables.

    Parameters
    ----------
    found
        Tables by name.
    index
        State → its row.
    group
        Members (S,) of an organisation on the first day, None where it is not known.

    Raises
    ------
    DataError
        An unknown state, form of enforcement or way out of office, or a row without its day.
    """
    effect, spread = _effects(found["state_effects"], index, group)
    return PoliticsRecord(
        exits=_exits(found["leader_exits"]),
        leaders=tuple(
            LeaderChange(
                row.state("state", index), _day(row, "day"), EXITS.index(row.word("how", EXITS))
            )
            for row in found["known_leaders"]
        ),
        enforcement=tuple(
            Enforcement(
                row.text("organisation"), row.word("form", FORMS),
                row.day("since"), row.day("until"),
            )
            for row in found["enforcement"]
        ),
        country_mandates=tuple(
            CountryMandateOfRecord(
                row.text("organisation"), row.state("state", index),
                _day(row, "since"), row.truth("has_consent"),
            )
            for row in found["rights_mandates"]
        ),
        effect=effect,
        effect_spread=spread,
    )  # fmt: skip


def _exits(table: Table) -> ExitRates:
    """Rates of exit by band of polyarchy (Archigos 4.1, 1960-2000)."""
    column = {
        name: np.array([row.number(name) for row in table])
        for name in POLITICS_COLUMNS["leader_exits"].split()
    }
    return ExitRates(
        floor=column["polyarchy_from"],
        yearly=np.stack([column[name] for name in _BY_TENURE.split()], axis=1),
        irregular=column["p_irregular"] / column["p_change"],
        death=column["p_death"] / column["p_change"],
    )


def _effects(table: Table, index: Mapping[str, int], group: Group) -> tuple[Floats, Floats]:
    mean, spread = np.full(len(index), np.nan), np.full(len(index), np.nan)
    for row in table:
        code = row.text("state")
        states = group(code[1:]) if code.startswith("@") else row.state("state", index)
        if states is not None:
            mean[states], spread[states] = row.number("effect"), row.number("spread")
    return mean, spread


def _day(row: Row, column: str) -> date:
    found = row.day(column)
    if found is None:
        raise DataError(f"column {column} is empty", where=row.where, expected="a day")
    return found
