"""What base rates say of a conflict of the past: a forecast that knows its class alone.

A model that does no better than this has lost something on the way from the estimates to the case.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from experiments.security_cases import YEARS, YEARS_OF_QUIET

if TYPE_CHECKING:
    from experiments.security_cases import SecurityCase

__all__ = ["base_rates"]

_QUIET_BY_DEFINITION = 2
"""Years without conflict that make an end of civil conflict (UCDP/PRIO, as estimated)."""


def base_rates(case: SecurityCase, agreement: float) -> dict[str, float]:
    """Chance of each event by what was counted elsewhere, none of it in the cases.

    Between states: of crises (ICB, 1946–2000), those in which somebody offered to mediate or all,
    the share that ended in an agreement, and that without a new one for five years. Within: the
    chance of an end by years of conflict so far (UCDP/PRIO, 1990–2010) through the years given, and
    of that the share of agreements; quiet by the chance of a new onset two to five years after an
    end. Nobody has counted ends of civil conflict by whether somebody offered to mediate.

    Parameters
    ----------
    case
        Of its kind, and of a civil conflict how long it had lasted.
    agreement
        Share of ends of civil conflict that are agreements (`civil_agreement`).

    Examples
    --------
    >>> from experiments.case_files import read_cases
    >>> from experiments.security_cases import SecurityCase
    >>> for one in read_cases(SecurityCase, ["cenepa", "gambia", "mozambique"]):
    ...     print({name: round(rate, 2) for name, rate in base_rates(one, 0.3).items()})
    {'settled': 0.59, 'quiet': 0.6}
    {'settled': 0.24, 'quiet': 0.67}
    {'settled': 0.12, 'quiet': 0.33}
    """
    rates, counts = _counted()
    if case.kind == "interstate":
        names = {"settled": "agreement", "quiet": "no_new_crisis_5y"}
        groups = ("mediated", "mediation offered, refused") if case.offered else ("all crises",)
        found = {}
        for event, name in names.items():
            keys = [("mediation", name, group) for group in groups]
            total = sum(counts[key] for key in keys)
            found[event] = sum(rates[key] * counts[key] for key in keys) / total
        return found
    before = (case.opened - case.since).days // 365 if case.since else 0
    goes_on = 1.0
    for year in range(before + 1, before + YEARS + 1):
        goes_on *= 1.0 - _end(rates, year)
    again = rates["civil_conflict", "onset", "2-5 years of peace"]
    quiet = (1.0 - again) ** (YEARS_OF_QUIET - _QUIET_BY_DEFINITION)
    return {"settled": agreement * (1.0 - goes_on), "quiet": quiet * (1.0 - goes_on)}


def _end(rates: Mapping[tuple[str, str, str], float], year: int) -> float:
    """Chance that a civil conflict ends in a year of it, the first being 1."""
    spans = ("1-1", "2-3", "4-7", "8-15", "16-99")
    span = next(one for one in spans if year <= int(one.split("-")[1]))
    return rates["civil_conflict", "end", f"{span} years so far"]


def _counted() -> tuple[dict[tuple[str, str, str], float], ...]:
    """Rates and numbers of cases of `security_observed.csv`, by process, measure and group."""
    from sim.world.tables import read_table

    rows = tuple(read_table("security_observed.csv", ["process", "measure", "group", "value", "n"]))
    keys = [(row.text("process"), row.text("measure"), row.text("group")) for row in rows]
    rates, counts = ([row.number(name) for row in rows] for name in ("value", "n"))
    return dict(zip(keys, rates, strict=True)), dict(zip(keys, counts, strict=True))
