"""Loading the world: embedded tables and parameters in, a `World` out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from sim.errors import ConfigError, DataError
from sim.kernels.gravity import great_circle
from sim.types import Bools, Floats
from sim.world.adapters import Coverage, Wishes, read_flows
from sim.world.beside_trade import BESIDE_TRADE, read_beside_trade
from sim.world.codes import CodeBook
from sim.world.flows import KnownFlows, known_flows
from sim.world.matters import read_matters, read_red_lines
from sim.world.path_tables import COLUMNS, PATHS, SHARES, read_paths
from sim.world.sectors import SECTOR_COLUMNS, read_sectors
from sim.world.tables import Table, read_table
from sim.world.tariffs import baseline_tariffs, common_external_tariff
from sim.world.trade import (
    Geography,
    baseline_trade,
    parameter,
    with_domestic_sales,
    without_younger_agreements,
)
from sim.world.treaties import Membership, is_current, read_memberships, read_treaties
from sim.world.world import World

__all__ = ["FACTS_DATE", "FIRST_START", "LAST_START", "World", "load_world"]

FACTS_DATE = date(2023, 12, 31)
"""The day the tables describe: trade and output are of 2023, with the members of that year."""

FIRST_START, LAST_START = date(1948, 1, 1), date(2035, 12, 31)
"""Days between which a run may start: from the GATT on, and not long after the facts."""

SCHEDULES = ("us_tariffs_2025",)
"""Tables of additional tariffs that scenarios can call by name."""

COMMON_TARIFF = "EU_CU"
"""The union all of whose members charge one tariff."""

_COLUMNS = {
    "states": "iso3 numeric comtrade name region lat lon gdp population exports imports tariff cinc"
    " milex polyarchy ideal_point hurdle major_power official_languages colonizer",
    "pairs": "iso1 iso2 contiguity defence_pact pact_since rivalry rivalry_since shared_igos",
    "flows": "exporter importer musd",
    "flows_other": "exporter importer musd source",
    "memberships": "organisation state joined left",
    "treaties": "id name kind side_a side_b signed in_force until organisation source",
    "red_lines": "state matter since until strength source",
    "matters": "id name from_depth trade_share trade_share_low trade_share_high applies_to source",
    **dict.fromkeys(SCHEDULES, "iso3 additional_pp"),
    **dict.fromkeys(PATHS, COLUMNS),
    SHARES: "importer exporter product share",
    "sectors": SECTOR_COLUMNS,
    **BESIDE_TRADE,
}


def load_world(
    start: date,
    trade: Path | None = None,
    parameters: Mapping[str, float] = MappingProxyType({}),
    *,
    wishes: Wishes | None = None,
    without: tuple[str, ...] = (),
) -> World:
    """Load the world as it stands on a day.

    Parameters
    ----------
    start
        Day for which tariffs, agreements, pacts, rivalries and memberships are taken. Before the
        facts' own day, pairs whose agreement is younger trade less by what an agreement adds.
    trade
        A user's own bilateral trade matrix (see `sim.world.adapters`); None for the baseline.
    parameters
        Values of ``scenarios/parameters/world.yaml`` by name.
    wishes
        What the user says about the file: year, unit, names of columns, what gaps in it mean.
    without
        Treaties of the table that do not exist (`World.without`).

    Returns
    -------
    World

    Raises
    ------
    ConfigError
        If a parameter is missing, the tables cannot stand for the year of the start, or there is
        no such treaty.
    DataError
        If a table or the user's matrix cannot be used; with line and alternatives.
    """
    if not FIRST_START <= start <= LAST_START:
        raise ConfigError(
            f"{start} is outside the years that the tables of treaties and members can stand for",
            where="start",
            expected=f"{FIRST_START} to {LAST_START}",
        )
    found = {name: read_table(f"{name}.csv", needed.split()) for name, needed in _COLUMNS.items()}
    world = _recorded(start, tuple(found.values())).without(without)
    world = _with_trade(world, found, parameters)
    if trade is not None:
        book = CodeBook(world.iso3, *_other_codes(found["states"]))
        read = read_flows(
            trade, book, world.flows, wishes=wishes, totals=(world.exports, world.imports)
        )
        world = _with_users_trade(world, read, parameters)
    return _with_tariffs(world, parameters)


@lru_cache(maxsize=4)
def _recorded(start: date, tables: tuple[Table, ...]) -> World:
    """What the tables say, remembered: runs that differ in parameters share it."""
    found = {table.name.removesuffix(".csv"): table for table in tables}
    world = _facts(start, found)
    sectors = read_sectors(found["sectors"], world.iso3)
    world = replace(world, paths=read_paths(found, world.index, world.group), sectors=sectors)
    world = replace(world, **read_beside_trade(found, world))
    return _with_matters(world, found)


@lru_cache(maxsize=2)
def _published(iso3: tuple[str, ...], main: Table, other: Table) -> KnownFlows:
    return known_flows(main, other, {code: i for i, code in enumerate(iso3)})


def _facts(start: date, found: Mapping[str, Table]) -> World:
    """States, pairs, memberships and treaties, before anything is computed from them."""
    states = found["states"]
    iso3 = tuple(row.text("iso3") for row in states)
    index = {code: i for i, code in enumerate(iso3)}
    if len(index) < len(iso3):
        raise DataError("a state stands twice", where="states.csv", expected="one row for each")
    rows = read_memberships(found["memberships"], index)
    spells: dict[str, tuple[Membership, ...]] = {}
    for spell in rows:
        spells[spell.organisation] = (*spells.get(spell.organisation, ()), spell)
    numbers: dict[str, Any] = {
        name: np.array([row.number(name) for row in states])
        for name in ("lat", "lon", "gdp", "population", "exports", "imports", "tariff", "cinc",
                     "milex", "polyarchy", "ideal_point", "hurdle")
    }  # fmt: skip
    return World(
        start=start,
        iso3=iso3,
        names=tuple(row.text("name") for row in states),
        index=MappingProxyType(index),
        region=np.array([row.text("region") for row in states]),
        is_major_power=np.array([row.truth("major_power") for row in states]),
        distance=great_circle(numbers["lat"], numbers["lon"]),
        has_common_language=_shared([row.items("official_languages") for row in states]),
        has_colonial_link=_colonial(states, index),
        membership_rows=rows,
        spells=MappingProxyType(spells),
        treaties=read_treaties(found["treaties"], index, tuple(spells)),
        schedules=MappingProxyType({n: _schedule(found[n], index) for n in SCHEDULES}),
        checksums=MappingProxyType({t.name: t.checksum for t in found.values()}),
        **numbers,
        **_pairs(found["pairs"], index, start),
    )


def _pairs(table: Table, index: Mapping[str, int], start: date) -> dict[str, Any]:
    """What the table of pairs says, as symmetric matrices."""
    shape = (len(index), len(index))
    contiguity = np.zeros(shape, dtype=np.int8)
    has_pact, is_rival = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    shared = np.full(shape, np.nan)
    for row in table:
        i, j = (row.state(column, index) for column in ("iso1", "iso2"))
        for a, b in ((i, j), (j, i)):
            contiguity[a, b] = int(row.number_or("contiguity", 0.0))
            shared[a, b] = row.number_or("shared_igos", np.nan)
            has_pact[a, b] = row.truth("defence_pact") and is_current(
                start, row.day("pact_since"), None
            )
            is_rival[a, b] = row.truth("rivalry") and is_current(
                start, row.day("rivalry_since"), None
            )
    return {
        "contiguity": contiguity,
        "is_contiguous": contiguity == 1,
        "has_defence_pact": has_pact,
        "is_rival": is_rival,
        "shared_igos": shared,
    }


def _shared(lists: list[tuple[str, ...]]) -> Bools:
    """Whether two states have an entry in common, False on the diagonal."""
    entries = sorted(set().union(*lists))
    has = np.array([[entry in held for entry in entries] for held in lists])
    shared = (has.astype(np.int64) @ has.T.astype(np.int64)) > 0
    np.fill_diagonal(shared, False)
    return np.asarray(shared)


def _colonial(states: Table, index: Mapping[str, int]) -> Bools:
    """Pairs of which one was the last long colonial ruler of the other."""
    linked = np.zeros((len(index), len(index)), dtype=bool)
    for i, row in enumerate(states):
        if row.text("colonizer"):
            j = row.state("colonizer", index)
            linked[i, j] = linked[j, i] = True
    return linked


def _schedule(table: Table, index: Mapping[str, int]) -> Floats:
    """Additional tariff by exporter, fraction; states without a row pay none."""
    added = np.zeros(len(index))
    for row in table:
        added[row.state("iso3", index)] = row.number("additional_pp") / 100
    return added


def _other_codes(states: Table) -> tuple[list[str], ...]:
    """Further codes of the states: numbers, numbers in trade statistics, names."""
    return tuple([row.text(c) for row in states] for c in ("numeric", "comtrade", "name"))


def _with_matters(world: World, found: Mapping[str, Table]) -> World:
    """Add matters and red lines."""
    matters = read_matters(found["matters"])
    lines = read_red_lines(
        found["red_lines"], world.index, matters, lambda o: world.members(o, world.start)
    )
    return replace(world, matters=MappingProxyType(matters), red_lines=lines)


def _with_trade(world: World, found: Mapping[str, Table], parameters: Mapping[str, float]) -> World:
    """Add the baseline flows."""
    geography = Geography(
        world.distance,
        world.is_contiguous,
        world.has_common_language,
        world.has_colonial_link,
        world.recorded_agreements(FACTS_DATE),
    )
    known = _published(world.iso3, found["flows"], found["flows_other"])
    recorded = (world.exports, world.imports)
    baseline = baseline_trade(known, recorded, geography, world.gdp, parameters)
    dated = without_younger_agreements(
        baseline.flows, world.younger_agreements(FACTS_DATE), parameter(parameters, "agreement")
    )
    flows = with_domestic_sales(dated, world.gdp, parameters)
    return replace(world, flows=flows, baseline=baseline)


def _with_users_trade(
    world: World, read: tuple[Floats, Coverage], parameters: Mapping[str, float]
) -> World:
    """Put a user's flows where the file speaks, and keep the baseline where it is silent."""
    flows, coverage = read
    merged = np.where(np.isfinite(flows), flows, world.flows)
    np.fill_diagonal(merged, 0.0)
    ceiling = parameter(parameters, "deficit_ceiling") * world.gdp
    # The baseline stands at the ceiling where it was cut: rounding there is no excess.
    is_beyond = merged.sum(axis=0) - merged.sum(axis=1) > ceiling * (1 + 1e-6)
    beyond = tuple(world.iso3[i] for i in np.flatnonzero(is_beyond))
    return replace(
        world,
        # Also of the user's file: what follows from it is made anew when it changes.
        checksums=MappingProxyType({**world.checksums, "world.trade": coverage.checksum}),
        coverage=replace(coverage, beyond_ceiling=beyond),
        flows=with_domestic_sales(merged, world.gdp, parameters),
    )


def _with_tariffs(world: World, parameters: Mapping[str, float]) -> World:
    """Add tariffs, and the agreements they rest on, at the start."""
    has_agreement = world.agreement_mask(world.start)
    mfn = common_external_tariff(
        world.tariff / 100, world.imports, world.members(COMMON_TARIFF, world.start)
    )
    tariffs = baseline_tariffs(
        mfn,
        has_agreement,
        world.customs_union_mask(world.start),
        residual=parameter(parameters, "residual_preferential_tariff"),
    )
    depth = np.where(has_agreement, parameter(parameters, "existing_agreement_depth"), 0.0)
    single_market = world.members(COMMON_TARIFF, world.start)
    inside = has_agreement & np.outer(single_market, single_market)
    depth[inside] = parameter(parameters, "existing_single_market_depth")
    return replace(
        world, mfn=mfn, tariffs=tariffs, has_agreement=has_agreement, agreement_depth=depth
    )
