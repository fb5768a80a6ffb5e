"""Which years' facts stand behind a start: some tables have a history, others one year."""

from __future__ import annotations

from datetime import date

from sim.world.tables import read_table

__all__ = ["facts_behind"]

_USED = ("gdp", "population", "exports", "imports", "tariff", "polyarchy", "ideal_point", "hurdle")


def facts_behind(start: date) -> str:
    """What is of the day of a start and what is of other years, in one sentence.

    Empty for the year after that of the tables, which they are meant for.

    Examples
    --------
    >>> facts_behind(date(2024, 1, 1))
    ''
    >>> print(facts_behind(date(2012, 1, 1)))
    start 2012-01-01: members, treaties, pacts, rivalries and red lines are those of that day; \
trade and output are of 2023, other facts of states of 2009 to 2025
    """
    years = {
        row.text("column"): int(row.number("year"))
        for row in read_table("columns.csv", ["table", "column", "year"])
        if row.text("table") == "states" and row.text("column") in _USED
    }
    economy = years["gdp"]
    if start.year == economy + 1:
        return ""
    return (
        f"start {start}: members, treaties, pacts, rivalries and red lines are those of that day; "
        f"trade and output are of {economy}, other facts of states of {min(years.values())} to "
        f"{max(years.values())}"
    )
