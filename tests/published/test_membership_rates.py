"""How often members join and leave in the model, beside what was counted.

Counts are those of the embedded table of memberships: they are not what the coefficients were
estimated on (Correlates of War IGO 3.0, 1966-2000).
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from scipy.stats import poisson

from sim.kernels.conflict.rates import coefficients
from sim.kernels.membership import Withdrawal, withdrawal_chance
from sim.log import Log
from sim.mechanisms.membership import ENLARGEMENT, WITHDRAWAL
from sim.mechanisms.membership.clauses import age, is_own, standing_of
from sim.model import initial_state
from sim.phases.membership import MEMBERSHIP

QUARTERS, SEEDS = 64, 4
LASTING = timedelta(days=1826)  # not back within five years, as in the estimate


def interval(count: int) -> tuple[float, float]:
    """Exact 95 percent interval of a Poisson count, widened for the chance of the runs."""
    low = next(m for m in np.arange(0.0, count + 1, 0.1) if poisson.sf(count - 1, m) > 0.025)
    high = next(m for m in np.arange(count, 3 * count + 9, 0.1) if poisson.cdf(count, m) < 0.025)
    return low, high


@pytest.fixture(scope="module")
def bodies(setting):
    own = is_own(setting, None)
    codes = [code for row, code in enumerate(setting.axes.organisations) if own[row]]
    return {code: setting.world.spells[code] for code in codes}


def _lone_exits(spells, first: date, last: date) -> int:
    """Lasting exits in a period, where no more than two left within three years."""
    left = [
        one.left
        for one in spells
        if one.left
        and first <= one.left < last
        and not any(
            other.state == one.state and one.left <= other.joined < one.left + LASTING
            for other in spells
        )
    ]
    near = timedelta(days=1096)
    return sum(sum(abs(a - b) <= near for b in left) <= 2 for a in left)


def test_lone_withdrawals_come_as_often_as_counted_since_2000(setting, bodies):
    first, last = date(2000, 1, 1), date(2024, 1, 1)
    exits = sum(_lone_exits(spells, first, last) for spells in bodies.values())
    years = sum(
        max((min(one.left or last, last) - max(one.joined, first)).days, 0) / 365.25
        for spells in bodies.values()
        for one in spells
    )
    state = initial_state(setting)
    state.step = 0
    chance = withdrawal_chance(
        standing_of(setting, state),
        np.zeros(len(setting.axes.organisations), dtype=bool),
        age(setting, 0),
        coefficients(Withdrawal, setting),
    )
    inside = state.is_member & is_own(setting, None)[:, None]
    expected = 4.0 * float(chance[inside].mean()) * years
    low, high = interval(exits)
    assert exits >= 5
    assert low <= expected <= high


@pytest.fixture(scope="module")
def joins(setting_of):
    """Accessions a year in runs of membership alone."""
    found = []
    for seed in range(1, SEEDS + 1):
        setting = setting_of("baseline", seed)
        state, log = initial_state(setting), Log(setting)
        for state.step in range(QUARTERS):
            for phase in (ENLARGEMENT, WITHDRAWAL, MEMBERSHIP):
                phase(setting, state, log)
        kinds = log.tables()["events"].to_pydict()["kind"]
        found.append(4 * kinds.count("join") / QUARTERS)
    return np.array(found)


def test_states_join_existing_bodies_as_often_as_counted_since_2008(bodies, joins):
    first, last = date(2008, 1, 1), date(2024, 1, 1)
    count = 0
    for spells in bodies.values():
        founded = min(one.joined for one in spells)
        count += sum(
            first <= one.joined < last and one.joined > founded + LASTING / 2.5 for one in spells
        )
    low, high = interval(count)
    assert low * 0.9 <= joins.mean() * 16 <= high * 1.1
