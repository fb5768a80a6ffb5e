"""The record that holds the world at the start of a run, and what can be asked of it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from sim.errors import unknown
from sim.types import Bools, Floats
from sim.world.adapters import Coverage
from sim.world.climate import ClimateFacts
from sim.world.health import HealthRecord
from sim.world.matters import Matter, RedLine
from sim.world.politics import PoliticsRecord
from sim.world.sectors import Sectors
from sim.world.security_record import SecurityRecord
from sim.world.tariff_paths import TariffPath
from sim.world.trade import TradeBaseline
from sim.world.treaties import CUSTOMS_UNIONS, Membership, Treaty, bound_pairs, is_current


@dataclass(frozen=True, eq=False, repr=False)
class World:
    """The world at the start: N states in a fixed order, and what is known of them and of pairs.

    All arrays are read-only. Where a figure is of another year than the start of the run, the
    table says so (``columns.csv``): trade and output are of 2023 whatever the start.

    Attributes
    ----------
    start
        Day for which tariffs, agreements, pacts and rivalries hold.
    iso3, names, index
        Codes and names of the states; row of each code.
    region, lat, lon
        UN M49 sub-region; degrees north and east of the capital; shape (N,).
    gdp, exports, imports
        Billion USD of 2023 as recorded, shape (N,); `flows` holds the trade that is used.
    population
        Millions, shape (N,).
    tariff, mfn
        Mean applied MFN tariff, shape (N,): in percent as recorded; as the fraction that is used
        (one rate for all members of the EU).
    cinc, milex, polyarchy, ideal_point, hurdle, is_major_power
        Share of world capability; military spending in million USD; electoral democracy 0-1; UN
        General Assembly ideal point; ratification hurdle 1-4; shape (N,).
    distance
        Great-circle distance of capitals, km, shape (N, N).
    contiguity
        Correlates of War code, 0 none, 1 land or river border … 5, shape (N, N).
    is_contiguous, has_common_language, has_colonial_link, has_defence_pact, is_rival
        Shape (N, N), symmetric, False on the diagonal.
    shared_igos
        Intergovernmental organisations in common in 2014, NaN where unknown, shape (N, N).
    flows
        Sales of i to j at producer prices, billion USD, domestic sales on the diagonal, (N, N).
    tariffs
        Applied tariff of importer j on exporter i, fraction, shape (N, N).
    has_agreement, agreement_depth
        Pairs with a trade agreement in force at the start; cut of trade cost reached there
        (fraction), shape (N, N).
    membership_rows, treaties, red_lines, matters
        Records, in the order of the tables.
    left_out
        Treaties of the table that do not exist in this world.
    spells
        `membership_rows` by organisation.
    schedules
        Additional tariffs by name, shape (N,) each, fraction.
    paths
        Additional tariffs that change on known days, by name.
    baseline
        The embedded trade of 2023, which flows of it are published, and what was cut.
    security
        What is known of conflict on the first day.
    health
        What states and bodies have against outbreaks on the first day.
    sectors
        What states trade and protect by sector.
    climate
        What states emit and have pledged.
    politics
        What is known of leaders, enforcement and tastes of states.
    coverage
        What a user's own trade matrix contained; None without one.
    checksums
        SHA-256 of every table read.
    """

    start: date
    iso3: tuple[str, ...]
    names: tuple[str, ...]
    index: Mapping[str, int]
    region: NDArray[np.str_]
    lat: Floats
    lon: Floats
    gdp: Floats
    population: Floats
    exports: Floats
    imports: Floats
    tariff: Floats
    cinc: Floats
    milex: Floats
    polyarchy: Floats
    ideal_point: Floats
    hurdle: Floats
    is_major_power: Bools
    distance: Floats
    contiguity: NDArray[np.int8]
    is_contiguous: Bools
    has_common_language: Bools
    has_colonial_link: Bools
    has_defence_pact: Bools
    is_rival: Bools
    shared_igos: Floats
    membership_rows: tuple[Membership, ...]
    spells: Mapping[str, tuple[Membership, ...]]
    treaties: tuple[Treaty, ...]
    schedules: Mapping[str, Floats]
    checksums: Mapping[str, str]
    paths: Mapping[str, TariffPath] = field(default_factory=dict)
    left_out: tuple[Treaty, ...] = ()
    red_lines: tuple[RedLine, ...] = ()
    matters: Mapping[str, Matter] = field(default_factory=dict)
    mfn: Floats = field(default_factory=lambda: np.zeros(0))
    flows: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    tariffs: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    has_agreement: Bools = field(default_factory=lambda: np.zeros((0, 0), dtype=bool))
    agreement_depth: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    baseline: TradeBaseline | None = None
    coverage: Coverage | None = None
    security: SecurityRecord = field(default_factory=SecurityRecord)
    health: HealthRecord = field(default_factory=HealthRecord)
    sectors: Sectors = field(default_factory=Sectors)
    climate: ClimateFacts = field(default_factory=ClimateFacts)
    politics: PoliticsRecord = field(default_factory=PoliticsRecord)

    def __post_init__(self) -> None:
        for value in itertools.chain(vars(self).values(), self.schedules.values()):
            if isinstance(value, np.ndarray):
                value.setflags(write=False)

    @property
    def organisations(self) -> tuple[str, ...]:
        """Codes of the organisations whose members are known, sorted."""
        return tuple(sorted(self.spells))

    def __repr__(self) -> str:
        return f"World({len(self.iso3)} states, start {self.start})"

    def members(self, organisation: str, day: date) -> Bools:
        """Members of an organisation on a day, shape (N,).

        Raises
        ------
        ConfigError
            If there is no such organisation; with the nearest names.
        """
        if organisation not in self.spells:
            raise unknown("organisation", organisation, self.spells)
        is_member = np.zeros(len(self.iso3), dtype=bool)
        for spell in self.spells[organisation]:
            if is_current(day, spell.joined, spell.left):
                is_member[spell.state] = True
        return is_member

    def group(self, code: str) -> Bools | None:
        """Members of an organisation at the start, shape (N,); None where it is not known."""
        return self.members(code, self.start) if code in self.spells else None

    def agreement_mask(self, day: date, membership: Mapping[str, Bools] | None = None) -> Bools:
        """Pairs bound by a trade agreement in force on a day, shape (N, N).

        Parameters
        ----------
        day
            The day.
        membership
            Members of organisations, shape (N,) each, where they differ from the table because
            somebody has joined or left during the run.
        """
        return self._bound(self.treaties, day, membership)

    def recorded_agreements(self, day: date) -> Bools:
        """Pairs bound on a day by a treaty of the table, left out of this world or not, (N, N)."""
        return self._bound((*self.treaties, *self.left_out), day, None)

    def younger_agreements(self, day: date) -> Bools:
        """Pairs with an agreement on record on a day that they do not have at the start, (N, N).

        When the day comes before the start, only those whose agreement is left out of this world.
        """
        had = self.recorded_agreements(day)
        if day <= self.start:
            had &= self.recorded_agreements(self.start)
        return np.asarray(had & ~self.agreement_mask(self.start))

    def without(self, treaties: tuple[str, ...]) -> World:
        """The world in which treaties (by their `id`) do not exist; itself when none is named.

        Asked for before trade and tariffs are added: pairs that only these bind pay MFN tariffs,
        and trade less by what an agreement adds to trade on record.

        Raises
        ------
        ConfigError
            If there is no such treaty; with the nearest names.
        """
        known = {one.id for one in self.treaties}
        for name in treaties:
            if name not in known:
                raise unknown("treaty", name, sorted(known), "world.without")
        if not treaties:
            return self
        kept = tuple(one for one in self.treaties if one.id not in treaties)
        out = tuple(one for one in self.treaties if one.id in treaties)
        return replace(self, treaties=kept, left_out=out)

    def with_members(self, bodies: Mapping[str, tuple[Membership, ...]]) -> World:
        """The world with bodies of a scenario's own, which the table of memberships has not.

        Parameters
        ----------
        bodies
            Code of each body with spells of membership; without any, it is this world.
        """
        if not bodies:
            return self
        return replace(self, spells=MappingProxyType({**self.spells, **bodies}))

    def customs_union_mask(self, day: date, membership: Mapping[str, Bools] | None = None) -> Bools:
        """Pairs within a customs union in force on a day, shape (N, N)."""
        unions = tuple(t for t in self.treaties if t.kind in CUSTOMS_UNIONS)
        return self._bound(unions, day, membership)

    def schedule(self, name: str) -> Floats:
        """Additional tariff by exporter from a table, shape (N,), fraction.

        Raises
        ------
        ConfigError
            If there is no such table; with the nearest names.
        """
        if name not in self.schedules:
            raise unknown("tariff schedule", name, self.schedules)
        return self.schedules[name]

    def _bound(
        self,
        treaties: tuple[Treaty, ...],
        day: date,
        membership: Mapping[str, Bools] | None,
    ) -> Bools:
        now: dict[str, Bools] = dict(membership or {})

        def members(organisation: str) -> Bools:
            if organisation not in now:
                now[organisation] = self.members(organisation, day)
            return now[organisation]

        def left(organisation: str) -> Bools:
            return self.members(organisation, day) & ~members(organisation)

        return bound_pairs(treaties, day, members, left, len(self.iso3))
