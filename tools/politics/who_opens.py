"""Why counts of negotiations miss those expected of a constant rate (see README.md here).

Everything is estimated on 2008-2014; other years are only looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np
from items import Bools, Floats
from openings import PERIODS, Opened, at_risk, chance_of_both, is_worthwhile, opened
from scipy.optimize import minimize_scalar
from scipy.special import gammaln

from experiments.compose import compose
from sim.issues.trade.history import Units
from sim.load import scenario_from, setting_for
from sim.setting import Setting

# States that came to be in the 1990s, and began without agreements; with their neighbour Albania.
SUCCESSORS = frozenset(
    [
        "ALB",
        "ARM",
        "AZE",
        "BIH",
        "BLR",
        "CZE",
        "EST",
        "GEO",
        "HRV",
        "KAZ",
        "KGZ",
        "LTU",
        "LVA",
        "MDA",
        "MKD",
        "MNE",
        "RUS",
        "SRB",
        "SVK",
        "SVN",
        "TJK",
        "TKM",
        "UKR",
        "UZB",
        "XKX",
    ]
)
# Large negotiations, years in which they were on (recalled from public record).
LARGE = (
    ("AUS BRN CAN CHL JPN MYS MEX NZL PER SGP USA VNM", range(2010, 2016)),  # TPP
    ("AUS BRN KHM CHN IND IDN JPN KOR LAO MYS MMR NZL PHL SGP THA VNM", range(2013, 2020)),  # RCEP
    ("USA EU", range(2013, 2017)),
    ("CHN JPN KOR", range(2012, 2020)),
)

Pools = Mapping[int, Bools]
Found = Mapping[int, Floats]


def by_pair(items: Iterable[Opened], pools: Pools) -> Found:
    """Year → (U, U) items signed, each shared among its pairs that had no agreement."""
    found = {year: np.zeros(pool.shape) for year, pool in pools.items()}
    for one in items:
        if one.year in pools:
            pairs = [(a, b) for a in one.units for b in one.units if pools[one.year][a, b]]
            for pair in pairs:
                found[one.year][pair] += 1.0 / len(pairs)
    return found


def activity(strength: float, mutual: Floats, pools: Pools, found: Found) -> tuple[Floats, float]:
    """(U,) how much more often each opens talks than its pairs let expect, and log likelihood.

    Gamma with mean 1 and the strength given; counts of a unit are negative binomial given the
    others' activity.
    """
    years = PERIODS["calibrate"]
    counted = sum((found[year] + found[year].T for year in years), np.zeros(mutual.shape))
    at_risk_for = sum((mutual * (pools[year] | pools[year].T) for year in years), 0.0 * mutual)
    at_risk_for = at_risk_for * (counted.sum() / at_risk_for.sum())
    own, seen = counted.sum(axis=1), np.ones(len(mutual))
    for _ in range(60):
        expected = at_risk_for @ seen
        seen = (strength + own) / (strength + expected)
    terms = gammaln(own + strength) - gammaln(strength) - gammaln(own + 1.0)
    terms += strength * np.log(strength / (strength + expected))
    terms += own * np.log(np.maximum(expected, 1e-12) / (strength + expected))
    return seen, float(terms[expected > 1e-9].sum())


def expected(hazard: Floats, pools: Pools, count: float) -> dict[str, float]:
    """Items by period, at a rate that gives the count of the years of calibration."""
    hoped = {
        name: sum(float(hazard[pools[year]].sum()) for year in years)
        for name, years in PERIODS.items()
    }
    return {name: count * value / hoped["calibrate"] for name, value in hoped.items()}


def without_large(setting: Setting, units: Units, pools: Pools) -> Pools:
    """Pools without pairs that sit in a large negotiation."""
    kept = {year: pool.copy() for year, pool in pools.items()}
    for names, years in LARGE:
        codes = names.replace("EU", "DEU").split()
        rows = np.unique([units.unit[setting.axes.state(code)] for code in codes])
        for year in years:
            kept[year][np.ix_(rows, rows)] = False
    return kept


def groups(setting: Setting, units: Units) -> dict[str, Bools]:
    """(U, U) pairs by kind, each in one."""
    lead = np.argmax(units.states, axis=1)
    is_new = np.isin(np.array(setting.axes.states)[lead], list(SUCCESSORS))
    new = is_new[:, None] | is_new
    region = np.array(setting.world.region)[lead]
    near = region[:, None] == region
    return {"of a new state": new, "others of one region": ~new & near, "others": ~new & ~near}


def show(name: str, values: Mapping[str, float]) -> None:
    """Print a row of figures by period."""
    print(f"{name:34}", *(f"{key} {value:6.0f}" for key, value in values.items()))


def of_periods(value: Callable[[int], float]) -> dict[str, float]:
    """Sums over the years of each period."""
    return {name: sum(map(value, years)) for name, years in PERIODS.items()}


def main() -> None:
    """Print counts beside what is expected, by kind of pair and with each cause."""
    setting = setting_for(scenario_from(compose(["scenario=baseline"]).mapping), 1)
    units = Units.of(setting)
    mutual, gain = chance_of_both(setting, units)
    mutual = mutual * is_worthwhile(setting, units, gain)
    items = opened(setting, units)
    scale = len(items) / sum(bool(one.year) for one in items)
    pools = {year: at_risk(setting, units, year) for year in range(1995, 2020)}
    found = by_pair(items, pools)
    counts = of_periods(lambda year: scale * sum(one.year == year for one in items))
    count = counts["calibrate"]
    show("counted", counts)
    constant = expected(mutual, pools, count)
    show("expected at one rate", constant)
    rate = count / sum(float(mutual[pools[year]].sum()) for year in PERIODS["calibrate"])
    for name, mask in groups(setting, units).items():
        show(f"  {name}: counted", of_periods(lambda y, m=mask: scale * (found[y] * m).sum()))
        hoped = of_periods(lambda y, m=mask: rate * (mutual * m)[pools[y]].sum())
        show(f"  {name}: expected", hoped)
    pools_left = without_large(setting, units, pools)
    show("without pairs in large talks", expected(mutual, pools_left, count))
    best = minimize_scalar(
        lambda x: -activity(np.exp(x), mutual, pools, found)[1], bounds=(-2, 5), method="bounded"
    )
    none = activity(1e4, mutual, pools, found)[1]
    seen, likely = activity(float(np.exp(best.x)), mutual, pools, found)
    print(
        f"activity: strength {np.exp(best.x):.2f}, log likelihood {likely:.1f}, without {none:.1f}"
    )
    show("activity differs", expected(mutual * np.outer(seen, seen), pools, count))


if __name__ == "__main__":
    main()
