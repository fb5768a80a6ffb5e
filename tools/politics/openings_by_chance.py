"""Whether counts of negotiations lie within what a constant rate allows (see README.md here).

Posterior predictive counts of years held back: a rate for each pair of which both would have an
agreement, from 2008-2014, and counts that differ from year to year by a gamma with mean 1 besides
chance (negative binomial), whose strength is learned from 2008-2014 or from all years before 2015.
And a trend of the rate within 2008-2014, followed to other years.
"""

from __future__ import annotations

import numpy as np
from items import Bools, Floats
from openings import PERIODS, at_risk, chance_of_both, is_worthwhile, opened
from scipy.optimize import minimize
from scipy.stats import nbinom, poisson

from experiments.compose import compose
from sim.issues.trade.history import Units
from sim.load import scenario_from, setting_for
from sim.types import Ints

YEARS = np.arange(1995, 2020)
DRAWS = 100_000
# Flat in the logarithm: gamma shapes from a doubling to nothing beside chance, and rates.
SHAPES, RATES = np.geomspace(1.0, 1000.0, 60), np.geomspace(0.015, 0.07, 80)


def counted() -> tuple[Ints, Floats, float]:
    """Signed a year, hoped for a year at a rate of one, and opened over signed."""
    setting = setting_for(scenario_from(compose(["scenario=baseline"]).mapping), 1)
    units = Units.of(setting)
    mutual, gain = chance_of_both(setting, units)
    mutual = mutual * is_worthwhile(setting, units, gain)
    items = opened(setting, units)
    count = np.array([sum(one.year == year for one in items) for year in YEARS.tolist()])
    hoped = [float(mutual[at_risk(setting, units, year)].sum()) for year in YEARS.tolist()]
    return count, np.array(hoped), len(items) / sum(bool(one.year) for one in items)


def likelihood(count: Ints, hoped: Floats) -> Floats:
    """(shapes, rates) likelihood of yearly counts, 1 at the best."""
    shape, mean = SHAPES[:, None, None], RATES[:, None] * hoped
    found = nbinom.logpmf(count, shape, shape / (shape + mean)).sum(axis=-1)
    return np.asarray(np.exp(found - found.max()))


def predicted(rate: Floats, spread: Floats, hoped: Floats) -> Floats:
    """(DRAWS,) totals of some years, by a likelihood for the rate and one for the shape."""
    random = np.random.default_rng(1)
    shape = spread.sum(axis=1, keepdims=True)
    joint = rate / rate.sum(axis=1, keepdims=True) * shape / shape.sum()
    drawn = random.choice(joint.size, DRAWS, p=joint.ravel())
    k, mean = SHAPES[drawn // RATES.size, None], RATES[drawn % RATES.size, None] * hoped
    return random.poisson(random.gamma(k, mean / k)).sum(axis=1).astype(float)


def trend(count: Ints, hoped: Floats, used: Bools) -> tuple[Floats, Floats]:
    """Log rate and its change a year within some years, and their covariance."""
    since = YEARS[used] - YEARS[used].mean()

    def unlikely(x: Floats) -> float:
        mean = np.exp(x[0] + x[1] * since) * hoped[used]
        return float(-poisson.logpmf(count[used], mean).sum())

    start = np.array([np.log(count[used].sum() / hoped[used].sum()), 0.0])
    best = minimize(unlikely, start, method="Nelder-Mead").x
    mean = np.exp(best[0] + best[1] * since) * hoped[used]
    design = np.stack([np.ones_like(since), since])
    return best, np.linalg.inv((design * mean) @ design.T)


def main() -> None:
    """Print predictive intervals of the periods held back, and what a trend would say."""
    count, hoped, scale = counted()
    used = np.isin(YEARS, list(PERIODS["calibrate"]))
    rate = likelihood(count[used], hoped[used])
    best, cov = trend(count, hoped, used)
    print(
        f"trend within the years used: {best[1]:.3f} a year, standard error {cov[1, 1] ** 0.5:.3f}"
    )
    for name in ("held back", "before"):
        those = np.isin(YEARS, list(PERIODS[name]))
        seen = count[those].sum()
        for learned, years in (("years used", used), ("before 2015", YEARS < 2015)):
            spread = likelihood(count[years], hoped[years])
            draws = predicted(rate, spread, hoped[those])
            low, middle, high = scale * np.percentile(draws, [2.5, 50, 97.5])
            few = np.mean(draws <= seen)
            print(f"{name}: counted {scale * seen:.0f}; spread from {learned}:", end=" ")
            print(f"{middle:.0f} ({low:.0f} to {high:.0f}), as few or fewer {few:.3f}")
        followed = np.exp(best[0] + best[1] * (YEARS[those] - YEARS[used].mean())) * hoped[those]
        print(f"  with the trend {scale * followed.sum():.0f}")


if __name__ == "__main__":
    main()
