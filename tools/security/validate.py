"""Simulated rates of disputes, civil conflict and coups beside those observed, from kernels alone.

    python tools/security/validate.py [replications]

Observed rates are of 1946-2000 (disputes) and 1990-2010 (civil conflict, coups), so that
differences also show how the world has changed since. Intervals hold the middle 95 % of
replications of 16 years each.
"""

from __future__ import annotations

import sys
from datetime import date

import numpy as np
from numpy.typing import NDArray
from security_rates import (
    LEVELS,
    QUARTERS,
    YEARS,
    Base,
    Floats,
    base,
    simulate_disputes,
    simulate_states,
    years_since,
)

from sim.kernels.bargaining import logistic
from sim.kernels.conflict import disputes
from sim.kernels.conflict.rates import coefficients
from sim.world.security import COLUMNS
from sim.world.tables import read_table

DAYS = 365.25 / 4
WESTERN = "AUT BEL DNK FIN FRA DEU GRC IRL ITA LUX NLD PRT ESP SWE GBR"
SOVIET = "ARM AZE BLR EST GEO KAZ KGZ LVA LTU MDA RUS TJK TKM UKR UZB"


def classes(b: Base) -> dict[str, NDArray[np.bool_]]:
    """Pairs of each class of the observed table."""
    t, w = b.traits, b.world
    land, sea, rival = t.land > 0, t.sea > 0, t.rivalry > 0
    close, both = land | sea, w.is_major_power[t.i] & w.is_major_power[t.j]
    democratic, pact, ratio = t.lower_polyarchy >= 0.5, t.pact > 0, np.exp(t.log_ratio)
    inside = regions(b)
    return {
        "all politically relevant pairs": np.ones(land.shape, bool),
        "land-contiguous": land,
        "land-contiguous, rivals": land & rival,
        "land-contiguous, not rivals": land & ~rival,
        "sea-contiguous (up to 400 miles), not rivals": sea & ~rival,
        "rivals, all": rival,
        "rivals, not land-contiguous": rival & ~land,
        "major power with non-contiguous non-rival": (t.major_power > 0) & ~close & ~rival,
        "two major powers": both,
        "both democratic (lower polyarchy >= 0.5), contiguous": close & democratic,
        "not both democratic, contiguous": close & ~democratic,
        "defence pact, contiguous or rival": (close | rival) & pact,
        "no defence pact, contiguous or rival": (close | rival) & ~pact,
        "strong asymmetry (ratio > 10), land-contiguous": land & (ratio > 10),
        "near parity (ratio < 3), land-contiguous": land & (ratio < 3),
        **{f"region {name}": close & m[t.i] & m[t.j] for name, m in inside.items()},
    }


def regions(b: Base) -> dict[str, NDArray[np.bool_]]:
    """States of each region of the observed table."""
    w = b.world
    members = {name: w.members(code, b.start) for name, code in (
        ("ASEAN ten", "ASEAN"), ("Africa (AU)", "AU"), ("Arab League", "ARAB_LEAGUE"),
        ("South Asia (SAARC)", "SAARC"))}  # fmt: skip
    western = WESTERN.split()
    soviet = SOVIET.split()
    return members | {
        "South America (UNASUR twelve)": w.region == "South America",
        "Central America and Caribbean (OAS)": np.isin(w.region, ["Central America", "Caribbean"]),
        "East Asia": w.region == "Eastern Asia",
        "Western Europe (EU fifteen)": np.isin(w.iso3, western),
        "former Soviet states": np.isin(w.iso3, soviet),
    }


def dispute_rows(b: Base, d: dict[str, Floats], replications: int) -> dict[tuple[str, str], Floats]:
    """Measures of simulated disputes by (measure, group), one number per replication."""
    found: dict[tuple[str, str], Floats] = {}
    pair, rep = d["pair"].astype(int), d["replication"].astype(int)
    year, days = d["quarter"] // QUARTERS, d["length"] * DAYS
    again = recurs(d)
    for name, is_in in classes(b).items():
        here = is_in[pair]
        key = np.unique(np.stack([rep, pair, year])[:, here], axis=1)
        count = np.bincount(key[0].astype(int), minlength=replications)
        found["onset", name] = count / (is_in.sum() * YEARS)
        for measure, x, among in (
            *((f"share_{n}", d["highest"] == k + 1, here) for k, n in enumerate(LEVELS)),
            ("share_force_or_war", d["highest"] >= 3, here),
            ("share_negotiated", d["settlement"] == 1, here),
            ("share_imposed", d["settlement"] == 2, here),
            ("duration_mean", days, here),
            ("recurrence_5y", again, here & np.isfinite(again)),
        ):
            found[measure, name] = _means(x, rep, among, replications)
        found["duration_median", name] = np.array(
            [np.median(days[here & (rep == r)]) if (here & (rep == r)).any() else np.nan
             for r in range(replications)]
        )  # fmt: skip
    return found


def _means(x: Floats, rep: Floats, among: Floats, replications: int) -> Floats:
    """Mean of each replication, NaN where there is nothing."""
    n = np.bincount(rep[among], minlength=replications)
    total = np.bincount(rep[among], np.asarray(x, float)[among], replications)
    return np.divide(total, n, out=np.full(replications, np.nan), where=n > 0)


def recurs(d: dict[str, Floats]) -> Floats:
    """Whether a new dispute of the pair begins within five years of the end; NaN if unseen."""
    end = d["quarter"] + np.maximum(d["length"], 0.0)
    order = np.lexsort((d["quarter"], d["pair"], d["replication"]))
    again = np.full(end.size, np.nan)
    seen = end + 5 * QUARTERS <= YEARS * QUARTERS
    again[seen] = 0.0
    one, two = order[:-1], order[1:]
    same = (d["pair"][one] == d["pair"][two]) & (d["replication"][one] == d["replication"][two])
    soon = same & (d["quarter"][two] <= end[one] + 5 * QUARTERS)
    again[one[soon & seen[one]]] = 1.0
    return again


def area_under_curve(score: Floats, is_positive: NDArray[np.bool_]) -> float:
    """Chance that a positive scores above a negative; ties count half.

    Examples
    --------
    >>> area_under_curve(np.array([0.1, 0.4, 0.4]), np.array([False, True, False]))
    0.75
    """
    yes, no = score[is_positive][:, None], score[~is_positive][None, :]
    return float((yes > no).mean() + 0.5 * (yes == no).mean())


def auc_since_2015(b: Base) -> tuple[float, float, int]:
    """How well onset foresees which pairs have a recorded dispute from 2015 on.

    With memory of the disputes to 2014, and without. Traits are of 2024; only disputes that one
    coder recalled count, so that this is a check of order, not an estimate.
    """
    table = read_table("last_disputes.csv", COLUMNS["last_disputes"].split())
    t, onset = b.traits, coefficients(disputes.Onset, b.values)
    since = years_since(b, date(2015, 1, 1))
    later = np.zeros((len(b.world.iso3),) * 2, bool)
    for row in table:
        if row.number("year") >= 2015:
            i, j = sorted((row.state("iso1", b.world.index), row.state("iso2", b.world.index)))
            later[i, j] = True
    seen, index = later[t.i, t.j], onset.index(t)
    with_memory = logistic(index + onset.memory * disputes.memory_of(since))
    return area_under_curve(with_memory, seen), area_under_curve(index, seen), int(seen.sum())


def observed() -> dict[tuple[str, str, str], tuple[float, float]]:
    """Value and number of cases by (process, measure, group)."""
    table = read_table("security_observed.csv", ["process", "measure", "group", "value", "n"])
    return {
        (r.text("process"), r.text("measure"), r.text("group")): (r.number("value"), r.number("n"))
        for r in table
    }


def main(replications: int = 100) -> None:
    """Print the comparison."""
    b, seen = base(), observed()
    found = dispute_rows(b, simulate_disputes(b, replications), replications)
    rows = [(("dispute", *key), x) for key, x in found.items()]
    rows += list(simulate_states(b, replications, 1.0).items())
    print(f"{'what':78} observed  simulated [95 %]")
    for key, x in rows:
        if key in seen and np.isfinite(x).any():
            low, high = np.nanpercentile(x, [2.5, 97.5])
            mean = np.nanmean(x)
            print(f"{' · '.join(key):78} {seen[key][0]:8.4g} {mean:8.4g} [{low:.4g}, {high:.4g}]")
    factor = b.values["civil_end_factor_since_2011"]
    for key, x in simulate_states(b, replications, factor).items():
        if key[2] in {"mean", "all"}:
            print(f"with the end rate since 2011: {' · '.join(key):48} {x.mean():8.4g}")
    with_memory, without, n = auc_since_2015(b)
    print(f"AUC, pairs with a recorded dispute from 2015 on ({n}): {with_memory:.3f} with memory, "
          f"{without:.3f} without")  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
