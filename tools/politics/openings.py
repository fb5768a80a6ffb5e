"""How often pairs of states open talks, by what an agreement would bring them (see README.md here).

Calibrates `need_rate` on negotiations signed from 2008 to 2014 and tries it on those of later and
earlier years, beside a rate that is the same for all pairs.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from estimate import ITEMS, area_under_curve
from items import Bools, Floats, parameters

from experiments.compose import compose
from sim.issues.trade.history import Units
from sim.kernels.acceptance import gain_utility
from sim.kernels.armington import Changes
from sim.kernels.bargaining import logistic
from sim.kernels.forum_choice import present_value
from sim.load import scenario_from, setting_for
from sim.setting import Setting
from sim.world.loader import load_world

PERIODS = {
    "calibrate": range(2008, 2015),
    "held back": range(2015, 2020),
    "before": range(1995, 2008),
}


@dataclass(frozen=True)
class Opened:
    """A negotiation: units that take part, and the year of signature (0 when never concluded)."""

    year: int
    units: tuple[int, ...]
    is_in_force: bool


def opened(setting: Setting, units: Units) -> list[Opened]:
    """Negotiations of the table, among units of the model: states and customs unions."""
    rows = []
    with ITEMS.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            codes = line["parties"].replace("EU", "DEU").split()
            known = [code for code in codes if code in setting.axes.states]
            parties = sorted({int(units.unit[setting.axes.state(code)]) for code in known})
            if len(parties) > 1:
                year = int(line["signed"] or 0)
                rows.append(Opened(year, tuple(parties), line["in_force"] == "1"))
    return rows


def chance_of_both(setting: Setting, units: Units) -> tuple[Floats, Floats]:
    """(U, U) chance that both would have an agreement, and gains, also of pairs that have one."""
    chance = logistic(units.every_utility(setting))
    one, two = np.nonzero(np.triu(units.has_agreement, 1))
    mfn, gain = setting.world.mfn, np.zeros(chance.shape)
    for at in range(0, one.size, 256):
        pairs = list(zip(one[at : at + 256].tolist(), two[at : at + 256].tolist(), strict=True))
        solved = setting.economy.solve_changes([_without(units, mfn, *pair) for pair in pairs])
        lost = 100.0 * (1.0 - np.asarray(solved.welfare))
        for row, (a, b) in enumerate(pairs):
            gain[a, b], gain[b, a] = lost[row] @ units.weight[a], lost[row] @ units.weight[b]
    old = gain_utility(gain, setting["stock_gain"], setting["stock_half_gain"]) + units.fixed
    chance = np.where(units.has_agreement, logistic(old), chance)
    return np.nan_to_num(chance * chance.T), np.where(units.has_agreement, gain, units.gain)


def _without(units: Units, mfn: Floats, a: int, b: int) -> Changes:
    """Tariffs of everybody else, and the trade costs of before, between two units."""
    first, second = np.flatnonzero(units.states[a]), np.flatnonzero(units.states[b])
    i, j = (g.ravel() for g in np.meshgrid(first, second, indexing="ij"))
    exporter, importer = np.concatenate([i, j]), np.concatenate([j, i])
    return Changes(exporter, importer, mfn[importer], np.full(exporter.size, 1.0 / 0.95))


def at_risk(setting: Setting, units: Units, year: int) -> Bools:
    """(U, U) pairs without an agreement on the first day of a year, each once."""
    world = load_world(date(year, 1, 1), None, parameters())
    lead = np.argmax(units.states, axis=1)
    return np.triu(~world.has_agreement[np.ix_(lead, lead)], 1)


def pairs_of(items: Sequence[Opened], size: int) -> Bools:
    """(U, U) pairs of which some negotiation is, each once."""
    found = np.zeros((size, size), dtype=bool)
    for one in items:
        found[np.ix_(one.units, one.units)] = True
    return np.triu(found, 1)


def is_worthwhile(setting: Setting, units: Units, gain: Floats) -> Bools:
    """(U, U) pairs of which one side at least would open talks between the two at its cost."""
    income = units.states @ setting.income
    of_two = setting["forum_consent"] ** 2, setting["talks_years_two"]
    factor = present_value(of_two[0], 1.0, of_two[1], setting["forum_discount"], 0.0)
    worth = factor * 10.0 * np.nan_to_num(gain) * income[:, None]  # million USD
    asks = worth > setting["forum_cost_bilateral"]
    return np.asarray(asks | asks.T)


def by_bodies(setting: Setting, units: Units, items: Sequence[Opened]) -> tuple[int, int]:
    """Items of a body's members with outsiders: how many the body opened as one, of how many."""
    joint, every = 0, 0
    charters = setting.scenario.organisation
    for code in (code for code, one in charters.items() if one.treaty_making):
        members = setting.world.members(code, setting.scenario.start)
        inside = set(np.flatnonzero((units.states & members).any(axis=1)).tolist())
        mixed = [one for one in items if inside & set(one.units) and set(one.units) - inside]
        joint += sum(len(inside & set(one.units)) >= 0.6 * len(inside) for one in mixed)
        every += len(mixed)
    return joint, every


def main() -> None:
    """Print rates, what they say of other years, who opens, and in which forms."""
    setting = setting_for(scenario_from(compose(["scenario=baseline"]).mapping), 1)
    units = Units.of(setting)
    mutual, gain = chance_of_both(setting, units)
    mutual = mutual * is_worthwhile(setting, units, gain)
    items = opened(setting, units)
    signed = [one for one in items if one.year]
    opened_per_signed = len(items) / len(signed)
    pools = {year: at_risk(setting, units, year) for year in range(1995, 2020)}
    print(f"items {len(items)}, signed {len(signed)}")
    for name, years in PERIODS.items():
        those = [one for one in signed if one.year in years]
        count = opened_per_signed * len(those)
        hoped = sum(float(mutual[pools[year]].sum()) for year in years)
        flat = sum(int(pools[year].sum()) for year in years)
        if name == "calibrate":
            rate, even = count / hoped, count / flat
            print(f"need_rate {rate:.4f} a year and pair of which both would; even {even:.5f}")
        print(f"{name} {years.start}-{years.stop - 1}: counted {count:.0f}, "
              f"expected {rate * hoped:.0f}, even {even * flat:.0f}")  # fmt: skip
        pool = pools[years[0]]
        pairs = [one for one in those if len(one.units) == 2]
        area = area_under_curve(mutual[pool], pairs_of(pairs, len(mutual))[pool])
        print(f"  two units {len(pairs)} of {len(those)}; AUC of which two {area:.3f}")
        print("  by a body as one, of items of its members with outsiders:",
              *by_bodies(setting, units, those))  # fmt: skip
    now = np.triu(~units.has_agreement, 1)
    print(f"from 2024 on: {rate * float(mutual[now].sum()):.1f} a year")


if __name__ == "__main__":
    main()
