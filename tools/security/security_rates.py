"""Disputes, civil conflict and coups simulated by the kernels alone, from the start of 2024.

The traits of pairs and states stay as they are; what moves is memory, open disputes, conflicts and
their neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from importlib import resources

import numpy as np
import yaml
from numpy.typing import NDArray

from sim.kernels.conflict import civil, coups, disputes, ladder
from sim.kernels.conflict.rates import coefficients
from sim.load import parameter_table
from sim.world.loader import load_world
from sim.world.security import COLUMNS, SecurityFacts, last_disputes, read_security_facts
from sim.world.tables import read_table
from sim.world.world import World

YEARS, QUARTERS = 16, 4
Floats = NDArray[np.float64]
LEVELS = ("threat", "display", "force", "war")


@dataclass
class Base:
    """The world at the start, the estimates, and what follows from them once."""

    world: World
    facts: SecurityFacts
    values: dict[str, float]
    traits: disputes.PairTraits
    start: date = date(2024, 1, 1)


def base() -> Base:
    """Read the start of 2024 and the estimates."""
    named = {name: parameter.value for name, parameter in parameter_table().items()}
    file = resources.files("scenarios") / "estimates" / "security.yaml"
    values = named | {
        name: float(e["value"]) for name, e in yaml.safe_load(file.read_text("utf-8")).items()
    }
    world = load_world(Base.start, None, named)
    table = read_table("security_states.csv", COLUMNS["security_states"].split())
    traits = disputes.pair_traits(
        world.contiguity, world.is_rival, world.has_defence_pact,
        is_major_power=world.is_major_power, polyarchy=world.polyarchy, capability=world.cinc,
    )  # fmt: skip
    facts = read_security_facts(table, world.index, Base.start.year)
    return Base(world, facts, values, traits)


def simulate_disputes(b: Base, replications: int, seed: int = 1) -> dict[str, Floats]:
    """Run all pairs for 16 years; one column per dispute: when, how high, how long, how settled."""
    rng, v, t = np.random.default_rng(seed), b.values, b.traits
    onset, settled = coefficients(disputes.Onset, v), coefficients(disputes.Negotiated, v).index(t)
    force = coefficients(disputes.Force, v).chance(t)
    shares = ladder.level_shares(
        force, threat_below_force=v["dispute_threat_below_force"],
        war_of_force=v["dispute_war_of_force"],
    )  # fmt: skip
    median, mean, at_level, imposed = (
        tuple(v[f"dispute_{m}_{n}"] for n in LEVELS)
        for m in ("duration_median", "duration_mean", "negotiated_at", "imposed")
    )
    index, shape = onset.index(t), (replications, t.i.size)
    years = np.broadcast_to(years_since(b, b.start), shape).copy()
    stage, highest = np.zeros((2, *shape), np.int64)
    elapsed, length = np.zeros((2, *shape))
    rows = []
    for quarter in range(YEARS * QUARTERS):
        chance = disputes.onset_per_quarter(index, disputes.memory_of(years), weight=onset.memory)
        new = disputes.start(chance, rng.random(shape), stage > 0)
        level = ladder.draw_level(np.broadcast_to(shares, (*shape, 4)), rng.random(shape))
        drawn = ladder.draw_duration(
            level, rng.standard_normal(shape), ladder.Durations(median, mean)
        )
        end = ladder.draw_settlement(
            settled, level, rng.random(shape), at_level=np.array(at_level),
            imposed=np.array(imposed),
        )  # fmt: skip
        r, p = np.nonzero(new)
        rows.append(np.stack([r, p, np.full(r.size, quarter), level[r, p], drawn[r, p], end[r, p]]))
        highest, length = np.where(new, level, highest), np.where(new, drawn, length)
        elapsed, years = np.where(new, 0.0, elapsed) + 1.0, np.where(new, 0.0, years) + 0.25
        stage = ladder.rise(stage, highest, new | (stage > 0), int(v["dispute_stages_per_quarter"]))
        stage = np.where(ladder.has_ended(elapsed, length, stage, highest), 0, stage)
    names = ("replication", "pair", "quarter", "highest", "length", "settlement")
    return dict(zip(names, np.concatenate(rows, axis=1), strict=True))


def years_since(b: Base, day: date) -> Floats:
    """Years since the last dispute of each relevant pair."""
    table = read_table("last_disputes.csv", COLUMNS["last_disputes"].split())
    return last_disputes(table, b.world.index, day)[b.traits.i, b.traits.j]


class States:
    """Civil conflict and coups of all replications, (replications, S), a quarter at a time."""

    def __init__(self, b: Base, replications: int, factor: float, seed: int) -> None:
        v, f, w = b.values, b.facts, b.world
        self.rng, self.v, self.factor = np.random.default_rng(seed), v, factor
        self.society = civil.Society(
            np.log(f.gdp_per_head), np.log(w.population * 1000), w.polyarchy
        )
        self.models = {k: coefficients(k, v) for k in (civil.CivilOnset, civil.CivilEnd,
                       civil.CivilRecurrence, civil.WarLevel, coups.Coup)}  # fmt: skip
        self.land, self.none = w.is_contiguous.astype(float), np.zeros(f.peace.size)
        start = (f.has_conflict, f.at_war, f.had_conflict, f.conflict_age, f.peace, f.coup_memory)
        self.active, self.war, self.had, self.age, self.peace, self.memory = (
            np.tile(x, (replications, 1)) for x in start
        )

    def step(self) -> dict[str, NDArray[np.bool_]]:
        """One quarter; who was at risk or in conflict before, and what happened."""
        m, v, none, was = self.models, self.v, self.none, self.active
        u = self.rng.random((5, *was.shape))
        begins = civil.civil_onset(
            self.society, self.peace, was @ self.land > 0, m[civil.CivilOnset], troops=none,
            recurrence=m[civil.CivilRecurrence], had_conflict=self.had,
            quiet_years=v["civil_quiet_years"],
        )  # fmt: skip
        stops = civil.civil_end(
            self.society, self.age, self.war, m[civil.CivilEnd], troops=none, factor=self.factor
        )
        up, down = civil.war_level(self.society, self.age, m[civil.WarLevel], troops=none)
        tries = u[2] < coups.coup_attempt(self.society, self.memory, was, m[coups.Coup])
        at_risk = ~was & ~(self.had & (self.peace < v["civil_quiet_years"]))
        new, over = (u[0] < begins) & ~was, (u[1] < stops) & was
        self.active = (was & ~over) | new
        goes_on = np.where(self.war, u[4] >= down, u[4] < up)
        self.war = np.where(new, u[3] < v["civil_starts_at_war"], goes_on) & self.active
        self.had = self.had | new
        self.age = np.where(self.active & ~new, self.age + 0.25, 0.0)
        self.peace = np.where(self.active, 0.0, self.peace + 0.25)
        self.memory = np.where(tries, 0.25, self.memory + 0.25)
        return {"risk": at_risk, "in": was, "onset": new, "end": over, "coup": tries}


def simulate_states(
    b: Base, replications: int, factor: float, seed: int = 1
) -> dict[tuple[str, str, str], Floats]:
    """Civil conflict and coups: measures by (process, measure, group), one number a replication."""
    states, polyarchy = States(b, replications, factor, seed), b.world.polyarchy
    total = dict.fromkeys(("risk", "in", "onset", "end", "coup", "busy", "hot"), 0.0)
    busy, hot = np.zeros((2, *states.active.shape), bool)
    for quarter in range(YEARS * QUARTERS):
        for name, happened in states.step().items():
            total[name] = total[name] + happened
        busy, hot = busy | states.active, hot | states.war
        if quarter % QUARTERS == QUARTERS - 1:  # a state-year counts if any of its quarters does
            total["busy"], total["hot"] = total["busy"] + busy, total["hot"] + hot
            busy, hot = np.zeros_like(busy), np.zeros_like(hot)
    groups = {"polyarchy < 0.3": polyarchy < 0.3, "polyarchy >= 0.6": polyarchy >= 0.6}
    groups["polyarchy 0.3-0.6"] = ~np.any(list(groups.values()), axis=0)

    def rate(name: str, exposure: str, m: NDArray[np.bool_]) -> Floats:
        return QUARTERS * total[name][:, m].sum(1) / total[exposure][:, m].sum(1)

    every = np.ones(polyarchy.size, bool)
    return {
        ("civil_conflict", "onset", "all"): rate("onset", "risk", every),
        ("civil_conflict", "end", "all"): rate("end", "in", every),
        ("civil_conflict", "states_in_conflict", "mean"): total["busy"].sum(1) / YEARS,
        ("civil_conflict", "states_in_war", "mean"): total["hot"].sum(1) / YEARS,
        ("coup", "attempts", "mean"): total["coup"].sum(1) / YEARS,
        **{("civil_conflict", "onset", g): rate("onset", "risk", m) for g, m in groups.items()},
        **{("coup", "attempt", g): total["coup"][:, m].sum(1) / (m.sum() * YEARS)
           for g, m in groups.items()},
    }  # fmt: skip
