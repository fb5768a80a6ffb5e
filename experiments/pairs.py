"""Pairs of states, by class and region, and what a file of past disputes says of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.errors import DataError
from sim.kernels.bargaining import logistic
from sim.kernels.conflict.disputes import Onset, memory_of
from sim.security import rates, traits
from sim.world.security import COLUMNS, last_disputes
from sim.world.tables import Table, parse_table, read_table

if TYPE_CHECKING:
    from sim.setting import Setting

__all__ = ["classes", "forecast", "read_pair_years", "state_groups"]

WESTERN = [
    "AUT",
    "BEL",
    "DNK",
    "FIN",
    "FRA",
    "DEU",
    "GRC",
    "IRL",
    "ITA",
    "LUX",
    "NLD",
    "PRT",
    "ESP",
    "SWE",
    "GBR",
]
SOVIET = [
    "ARM",
    "AZE",
    "BLR",
    "EST",
    "GEO",
    "KAZ",
    "KGZ",
    "LVA",
    "LTU",
    "MDA",
    "RUS",
    "TJK",
    "TKM",
    "UKR",
    "UZB",
]
BODIES = {
    "ASEAN ten": "ASEAN",
    "Africa (AU)": "AU",
    "Arab League": "ARAB_LEAGUE",
    "South Asia (SAARC)": "SAARC",
}


def classes(setting: Setting) -> pd.DataFrame:
    """Politically relevant pairs with a truth value for each class of the table of counts."""
    t = traits(setting, None)
    names = np.array(setting.axes.states)
    land, sea, rival, pact = (x > 0 for x in (t.land, t.sea, t.rivalry, t.pact))
    close, ratio = land | sea, np.exp(t.log_ratio)
    democratic = t.lower_polyarchy >= 0.5
    regions = {
        f"region {name}": close & inside[t.i] & inside[t.j]
        for name, inside in _regions(setting).items()
    }
    return pd.DataFrame(
        {
            "state": names[t.i],
            "against": names[t.j],
            "all politically relevant pairs": np.ones(land.shape, bool),
            "land-contiguous": land,
            "land-contiguous, rivals": land & rival,
            "land-contiguous, not rivals": land & ~rival,
            "sea-contiguous (up to 400 miles), not rivals": sea & ~rival,
            "rivals, all": rival,
            "rivals, not land-contiguous": rival & ~land,
            "major power with non-contiguous non-rival": (t.major_power > 0) & ~close & ~rival,
            "both democratic (lower polyarchy >= 0.5), contiguous": close & democratic,
            "not both democratic, contiguous": close & ~democratic,
            "defence pact, contiguous or rival": (close | rival) & pact,
            "no defence pact, contiguous or rival": (close | rival) & ~pact,
            "strong asymmetry (ratio > 10), land-contiguous": land & (ratio > 10),
            "near parity (ratio < 3), land-contiguous": land & (ratio < 3),
            **regions,
        }
    )


def _regions(setting: Setting) -> dict[str, np.ndarray]:
    """States (S,) of each region of the table of counts."""
    world = setting.world
    bodies = {name: world.members(code, world.start) for name, code in BODIES.items()}
    return bodies | {
        "South America (UNASUR twelve)": world.region == "South America",
        "Central America and Caribbean (OAS)": np.isin(
            world.region, ["Central America", "Caribbean"]
        ),
        "East Asia": world.region == "Eastern Asia",
        "Western Europe (EU fifteen)": np.isin(world.iso3, WESTERN),
        "former Soviet states": np.isin(world.iso3, SOVIET),
    }


def state_groups(setting: Setting) -> dict[str, list[str]]:
    """Codes of the states of each group of the table of counts."""
    polyarchy, names = setting.world.polyarchy, np.array(setting.axes.states)
    low, high = polyarchy < 0.3, polyarchy >= 0.6
    return {
        "all": list(names),
        "polyarchy < 0.3": list(names[low]),
        "polyarchy 0.3-0.6": list(names[~low & ~high]),
        "polyarchy >= 0.6": list(names[high]),
    }


def read_pair_years(file: Path, setting: Setting) -> pd.DataFrame:
    """A user's pair-years: `state`, `against`, `year`, `dispute` (0 or 1), perhaps `years_since`.

    Raises
    ------
    DataError
        No such file, a column is missing, an unknown state, a state with itself, a pair-year that
        stands twice, a cell that is no number; with the line.
    """
    try:
        content = file.read_bytes()
        table = parse_table(file.name, content, ("state", "against", "year", "dispute"))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            "cannot be read", where=str(file), expected="a CSV file in UTF-8"
        ) from error
    rows, seen = [], {}
    for row in table:
        i, j = sorted(row.state(name, setting.world.index) for name in ("state", "against"))
        year = int(row.number("year"))
        if i == j:
            raise DataError("a pair of a state with itself", where=row.where, expected="two states")
        if not 1900 <= year <= 2200:
            raise DataError(f"year {year}", where=row.where, expected="a year of 1900 to 2200")
        if (i, j, year) in seen:
            other = seen[i, j, year]
            raise DataError(f"the pair and year of {other}", where=row.where, expected="each once")
        seen[i, j, year] = row.where
        since = row.number_or("years_since", np.nan) if "years_since" in row.cells else np.nan
        rows.append((i, j, year, row.truth("dispute"), since))
    frame = pd.DataFrame(rows, columns=["i", "j", "year", "dispute", "years_since"])
    if frame.empty or frame["dispute"].nunique() < 2:
        raise DataError("all pair-years are alike", where=table.name,
                        expected="some with and some without a dispute")  # fmt: skip
    return frame


def forecast(setting: Setting, frame: pd.DataFrame) -> pd.DataFrame:
    """The yearly chance of a dispute of each pair-year, for politically relevant pairs.

    Traits are those of the start of the setting. Years since the last dispute are the file's where
    it has them; else the last dispute of the embedded table or of the file before the year.
    """
    t, onset = traits(setting, None), rates(setting, Onset)
    size = len(setting.axes.states)
    place = np.full((size, size), -1)
    place[t.i, t.j] = np.arange(t.i.size)
    known = place[frame["i"], frame["j"]]
    own = frame[known >= 0].copy()
    p = known[known >= 0]
    years = _years_since(setting, own)
    own["chance"] = logistic(onset.index(t)[p] + onset.memory * memory_of(years))
    names = np.array(setting.axes.states)
    own["pair"] = names[own["i"]] + "-" + names[own["j"]]
    return own


def _years_since(setting: Setting, own: pd.DataFrame) -> np.ndarray:
    table: Table = read_table("last_disputes.csv", COLUMNS["last_disputes"].split())
    years = own["years_since"].to_numpy(float).copy()
    disputed = own[own["dispute"]]
    for year in own["year"].unique():
        here = (own["year"] == year).to_numpy() & np.isnan(years)
        since = last_disputes(table, setting.world.index, date(int(year), 1, 1))
        for one in disputed[disputed["year"] < year].itertuples():
            since[one.i, one.j] = min(since[one.i, one.j], year - one.year)
        years[here] = since[own["i"][here], own["j"][here]]
    return years
