"""How often members join and leave in the model, beside what was counted.

Counts are those of the embedded table of memberships: they are not what the coefficients were
estimated on (Correlates of War IGO 3.0, 1966-2000).
"""

from __future__ import annotations

import numpy as np
import pytest

from experiments.base_rates import along_the_record
from experiments.counts import ESTIMATED, LATER, RECORD, counted
from sim.log import Log
from sim.mechanisms.membership import ENLARGEMENT, WITHDRAWAL
from sim.model import initial_state
from sim.phases.membership import MEMBERSHIP

QUARTERS, SEEDS = 64, 4


@pytest.fixture(scope="module")
def counts(setting):
    return counted(setting).set_index(["measure", "group", "use"])


@pytest.mark.parametrize(("use", "years"), [("calibrated", ESTIMATED), ("kept back", LATER)])
def test_lone_withdrawals_come_as_often_along_the_record_as_counted(use, years, setting, counts):
    row = counts.loc["lone_withdrawals", RECORD, use]
    rate, low, high = along_the_record(setting, *years)
    assert row["from"] <= rate <= row["to"]
    assert low <= row["value"] <= high


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


def test_states_join_existing_bodies_as_often_as_counted_since_2008(counts, joins):
    row = counts.loc["accessions", "own", "kept back"]
    assert row["from"] * 0.9 <= joins.mean() <= row["to"] * 1.1
