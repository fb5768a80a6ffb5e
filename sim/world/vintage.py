"""Which years' data stand behind a world that may start on another day than its facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.world.loader import FACTS_DATE
from sim.world.tables import read_table

if TYPE_CHECKING:
    from sim.world.record import World

__all__ = ["vintage"]

_FIGURES = {
    ("flows", "musd"): "trade",
    ("states", "gdp"): "output",
    ("states", "tariff"): "tariffs",
    ("states", "polyarchy"): "democracy",
    ("states", "ideal_point"): "votes in the General Assembly",
    ("states", "hurdle"): "hurdles of ratification",
}
"""Columns that weigh on what an agreement is worth and on who accepts it, in words."""


def vintage(world: World) -> str:
    """Say which years' figures a world rests on, and what in it is of its first day.

    Parameters
    ----------
    world
        From `sim.world.loader.load_world`.

    Returns
    -------
    str
        One line, for the notes of a run and its manifest.

    Examples
    --------
    >>> from datetime import date
    >>> from sim.load import parameter_table
    >>> from sim.world.loader import load_world
    >>> parameters = {name: entry.value for name, entry in parameter_table().items()}
    >>> vintage(load_world(date(2024, 1, 1), None, parameters)).split(";")[:2]
    ['trade and output and votes in the General Assembly of 2023', ' tariffs of 2019']
    """
    table = read_table("columns.csv", ["table", "column", "year"])
    years = {(row.text("table"), row.text("column")): row.text("year") for row in table}
    named: dict[str, list[str]] = {}
    for key, name in _FIGURES.items():
        named.setdefault(years[key], []).append(name)
    figures = "; ".join(f"{' and '.join(names)} of {year}" for year, names in named.items())
    younger = int(world.younger_agreements(FACTS_DATE).sum()) // 2
    own = "; trade of the user's file where it speaks" if world.coverage else ""
    less = f"; trade less what younger agreements of {younger} pairs have added" if younger else ""
    return (
        f"{figures}{own}{less}; members, treaties and the preferences they give, pacts, rivalries "
        f"and red lines as of {world.start}"
    )
