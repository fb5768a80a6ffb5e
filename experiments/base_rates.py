"""Base rates of institutions: what runs come to, beside what was counted."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.counts import (
    BANDS,
    ESTIMATED,
    LATER,
    RECORD,
    SUSPENDING,
    counted,
    lasting_exits,
    own_bodies,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from analysis.institutions import Key
    from sim.setting import Setting

__all__ = ["along_the_record", "compare", "simulated"]

MEMORY = timedelta(days=1096)  # how long another's exit counts, as in the estimate
G20 = ("ARG", "AUS", "BRA", "CAN", "CHN", "DEU", "FRA", "GBR", "IDN", "IND", "ITA", "JPN", "KOR",
       "MEX", "RUS", "SAU", "TUR", "USA", "ZAF")  # fmt: skip
_TABLES = ("states", "organisations", "events", "agreements")


def compare(setting: Setting, runs: Sequence[dict[Key, float]], use: str) -> pd.DataFrame:
    """Counts of one use beside the runs, and withdrawals along the record.

    Returns
    -------
    DataFrame
        As of `analysis.security.compared`, with the interval of the count (`from`, `to`), unit,
        the parameter that sets the rate, and the value of it that would meet the count.
    """
    from analysis.security import compared

    seen = counted(setting)
    seen = seen[seen["use"] == use]
    rate, low, high = along_the_record(setting, *(ESTIMATED if use == "calibrated" else LATER))
    key = ("membership", "lone_withdrawals", RECORD)
    found = compared([{**run, key: rate} for run in runs], seen)
    is_record = found["group"] == RECORD
    found.loc[is_record, ["low", "high"]] = low, high
    names = ["process", "measure", "group"]
    found = found.merge(seen[[*names, "from", "to", "unit", "parameter"]], on=names)
    # a count is a draw as well: the two intervals should meet
    least, most = found["from"].fillna(found["observed"]), found["to"].fillna(found["observed"])
    found["is_within"] = (found["low"] <= most) & (least <= found["high"])
    would = [_would_meet(setting, row) for row in found.to_dict("records")]
    return found.assign(would_meet=would)


def _would_meet(setting: Setting, row: Mapping[str, Any]) -> float:
    """Value of the parameter that would make up a gap, where the rate goes with it as a hazard."""
    name, simulated = row["parameter"], row["simulated"]
    if row["is_within"] or not name or name == "ratification_support" or not simulated:
        return float("nan")
    ratio = row["observed"] / simulated
    if name.endswith("_constant"):
        return setting[name] + float(np.log(ratio))
    return setting[name] * (1.0 / ratio if row["unit"] == "days" else ratio)


def along_the_record(setting: Setting, first: date, last: date) -> tuple[float, float, float]:
    """Lone withdrawals per member and year that the logit expects of those who were members.

    Year by year with the members, ages and withdrawals of record; ideal points are today's.

    Returns
    -------
    tuple
        The rate, and the middle 95 % of what chance makes of it (Poisson).
    """
    from scipy.stats import poisson

    from sim.kernels.conflict.rates import coefficients
    from sim.kernels.membership import Withdrawal, belonging, withdrawal_chance
    from sim.mechanisms.membership.clauses import same_region

    model, world = coefficients(Withdrawal, setting), setting.world
    codes = own_bodies(setting)
    exits = {code: lasting_exits(world.spells[code], date.min, last) for code in codes}
    founded = {code: min(one.joined or last for one in world.spells[code]) for code in codes}
    expected = spent = 0.0
    for year in range(first.year, last.year):
        day = date(year, 7, 1)
        inside = np.array([world.members(code, day) for code in codes])
        age = np.array([max((day - founded[code]).days / 365.25, 0.0) for code in codes])
        has_left = np.array([any(day - MEMORY <= d < day for d in exits[code]) for code in codes])
        where = belonging(inside, world.ideal_point, same_region(setting, None))
        stays = 1.0 - withdrawal_chance(where, has_left, age, model)[inside]
        expected += float((1.0 - stays**4).sum())
        spent += float(inside.sum())
    low, high = poisson.ppf([0.025, 0.975], expected)
    return expected / spent, float(low / spent), float(high / spent)


def simulated(seeds: range, overrides: tuple[str, ...], quiet: bool) -> list[dict[Key, float]]:
    """Rates of each run of the baseline."""
    from analysis.institutions import institution_rates
    from experiments.compose import compose
    from experiments.console import progress
    from sim.engine import simulate
    from sim.load import scenario_from, setting_for

    scenario = scenario_from(compose(["scenario=baseline", *overrides]).mapping)
    setting = setting_for(scenario, 0)
    states, bodies = _state_groups(setting), _body_groups(setting)
    found = []
    with progress("institutions", [f"seed {seed}" for seed in seeds], quiet) as tell:
        for n, seed in enumerate(seeds):
            log = simulate(scenario, seed)
            tables = {name: log.table(name).to_pandas() for name in _TABLES}
            found.append(institution_rates(tables, states, bodies))
            tell(n, 1.0)
    return found


def _state_groups(setting: Setting) -> dict[str, list[str]]:
    from sim.mechanisms.leaders.facts import regimes

    names = np.array(setting.axes.states)
    bands = regimes(setting)
    groups = {name: list(names[bands == n]) for n, name in enumerate(BANDS)}
    return {**groups, "states of the G20": list(G20)}


def _body_groups(setting: Setting) -> dict[str, list[str]]:
    charters = setting.scenario.organisation
    economic = [
        c for c, one in charters.items() if one.level == "regional" and "trade" in one.mandate
    ]
    return {
        "own": own_bodies(setting),
        "regional economic organisations": economic,
        "suspending": [SUSPENDING],
    }
