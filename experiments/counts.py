"""Base rates of institutions as they were counted in the world, each with its interval."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.institutions import lone_withdrawals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analysis.institutions import Key
    from sim.setting import Setting
    from sim.world.treaties import Membership

__all__ = [
    "BANDS",
    "ESTIMATED",
    "LATER",
    "RECORD",
    "SUSPENDING",
    "counted",
    "interval",
    "lasting_exits",
    "own_bodies",
]

BANDS = ("polyarchy below .2", ".2-.4", ".4-.6", ".6-.8", ".8 and above")
SUSPENDING = "AU"
RECORD = "own, along the record"
ESTIMATED, LATER = (date(1966, 1, 1), date(2001, 1, 1)), (date(2001, 1, 1), date(2024, 1, 1))
ACCESSIONS, SUSPENSIONS = (date(2008, 1, 1), date(2024, 1, 1)), (date(2005, 1, 1), date(2024, 1, 1))
LASTING = timedelta(days=1826)  # not back within five years, as in the estimate
_LEVERS = {
    ("leader", "left_in_year"): "leader_exit_factor",
    ("membership", "lone_withdrawals"): "withdrawal_constant",
    ("membership", "accessions"): "accession_to_bodies_constant",
    ("membership", "suspensions"): "suspension_chance",
    ("ratification", "days_median"): "ratification_rate",
    ("ratification", "never_in_force"): "ratification_support",
}
"""Which parameter sets which rate first of all."""


def counted(setting: Setting) -> pd.DataFrame:
    """Base rates counted in the world.

    Returns
    -------
    DataFrame
        `process`, `measure`, `group`, `years`, `value`, its 95 % interval `from` and `to` (NaN
        where the number of cases is not known), `unit`, `parameter` that sets it, and `use`:
        ``calibrated`` where a parameter rests on the row, ``kept back`` otherwise.
    """
    rows = [*_leaders(), *_memberships(setting), *_others()]
    frame = pd.DataFrame(rows)
    keys = zip(frame["process"], frame["measure"], strict=True)
    return frame.assign(parameter=[_LEVERS.get(key, "") for key in keys])


def interval(events: float, of: float, is_share: bool) -> tuple[float, float]:
    """Exact 95 % interval of a share (Clopper & Pearson 1934) or of a rate (Poisson).

    Examples
    --------
    >>> low, high = interval(0, 10, is_share=True)
    >>> low, round(high, 2)
    (0.0, 0.31)
    """
    from scipy.stats import beta, chi2

    if is_share:
        low = beta.ppf(0.025, events, of - events + 1) if events else 0.0
        high = beta.ppf(0.975, events + 1, of - events) if events < of else 1.0
        return float(low), float(high)
    low = chi2.ppf(0.025, 2 * events) / 2 if events else 0.0
    return float(low / of), float(chi2.ppf(0.975, 2 * events + 2) / 2 / of)


def _row(
    key: Key, years: str, use: str, cases: tuple[float, float], unit: str
) -> dict[str, object]:
    events, of = cases
    low, high = interval(events, of, unit.startswith("share"))
    names = ("process", "measure", "group")
    found = {"years": years, "value": events / of, "from": low, "to": high, "unit": unit}
    return {**dict(zip(names, key, strict=True)), **found, "use": use}


def _leaders() -> list[dict[str, object]]:
    from sim.world.tables import read_table

    found = []
    table = read_table("leader_exits.csv", ("leader_years", "p_change"))
    for name, row in zip(BANDS, table, strict=True):
        of = row.number("leader_years")
        cases = round(of * row.number("p_change")), of
        key = ("leader", "left_in_year", name)
        found.append(_row(key, "1960-2000", "calibrated", cases, "share"))
    return found


def _others() -> list[dict[str, object]]:
    """Rows of the table of counts."""
    from sim.world.tables import read_table

    names = ("process", "measure", "group", "years", "use", "unit")
    found = []
    for row in read_table("institutions_observed.csv", (*names, "events", "of", "value")):
        text = {name: row.text(name) for name in names}
        if row.text("events"):
            key = (text["process"], text["measure"], text["group"])
            cases = row.number("events"), row.number("of")
            found.append(_row(key, text["years"], text["use"], cases, text["unit"]))
        else:
            found.append({**text, "value": row.number("value"), "from": np.nan, "to": np.nan})
    return found


def _memberships(setting: Setting) -> list[dict[str, object]]:
    """Withdrawals, accessions and suspensions by the embedded records."""
    spells = {code: setting.world.spells[code] for code in own_bodies(setting)}
    found = []
    for use, (first, last) in (("calibrated", ESTIMATED), ("kept back", LATER)):
        years, rate = f"{first.year}-{last.year - 1}", "per member and year"
        spent = sum(_years_inside(one, first, last) for own in spells.values() for one in own)
        exits = {code: lasting_exits(own, first, last) for code, own in spells.items()}
        n = sum(lone_withdrawals(days) for days in exits.values())
        key = ("membership", "lone_withdrawals", RECORD)
        found.append(_row(key, years, use, (n, spent), rate))
        if use == "kept back":
            every = sum(len(days) for days in exits.values())
            for measure, count in (("lone_withdrawals", n), ("withdrawals", every)):
                key = ("membership", measure, "own")
                found.append(_row(key, years, use, (count, spent), rate))
    first, last = ACCESSIONS
    joined = sum(_joined(own, first, last) for own in spells.values())
    length, years = (last - first).days / 365.25, f"{first.year}-{last.year - 1}"
    key = ("membership", "accessions", "own")
    return [
        *found,
        _row(key, years, "kept back", (joined, length), "a year"),
        _suspensions(setting),
    ]


def _suspensions(setting: Setting) -> dict[str, object]:
    (first, last), clause = SUSPENSIONS, setting.scenario.organisation[SUSPENDING].suspension
    n = sum(first <= one.since < last for one in (clause.spells if clause else ()))
    key, length = ("membership", "suspensions", SUSPENDING), (last - first).days / 365.25
    return _row(key, f"{first.year}-{last.year - 1}", "calibrated", (n, length), "a year")


def own_bodies(setting: Setting) -> list[str]:
    """Bodies that states join and leave by themselves."""
    charters = setting.scenario.organisation
    return [code for code in setting.axes.organisations if not charters[code].part_of]


def _years_inside(one: Membership, first: date, last: date) -> float:
    days = (min(one.left or last, last) - max(one.joined or first, first)).days
    return max(days, 0) / 365.25


def lasting_exits(own: Sequence[Membership], first: date, last: date) -> list[date]:
    """Days of the withdrawals of a period after which the state stayed out."""
    return [
        one.left
        for one in own
        if one.left is not None
        and first <= one.left < last
        and not any(
            other.state == one.state
            and other.joined is not None
            and one.left <= other.joined < one.left + LASTING
            for other in own
        )
    ]


def _joined(own: Sequence[Membership], first: date, last: date) -> int:
    """Accessions of a period to a body that had existed for two years."""
    days = [one.joined for one in own if one.joined is not None]
    founded = min(days)
    return sum(first <= day < last and day > founded + LASTING / 2.5 for day in days)
