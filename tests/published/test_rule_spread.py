"""Deep trade agreements have spread along shared partners, at the hazard that the model uses.

A unit (a state, or the EU) has an agreement of depth 5 or more (DESTA index, 0-7) from a year on
(`deep_agreements.csv`). How near such rules were follows from the embedded treaties: the share of
its partners that had one. Estimated on 1996-2007; the later years do not show it, and the range of
the parameter begins at zero.
"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import chi2, rankdata

from sim.load import parameter_table

LAST_OF_ESTIMATE, NEVER = 2007, 9999


@pytest.fixture(scope="module")
def panel(setting):
    """Rows year, share of partners with a deep agreement, whether the unit has its first one."""
    path = Path(__file__).parent / "deep_agreements.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        first = {row["unit"]: int(row["year"] or NEVER) for row in csv.DictReader(stream)}
    eu = setting.world.members("EU", date(2024, 1, 1))
    of = np.array([eu if unit == "EU" else setting.axes.mask((unit,)) for unit in first])
    since = np.array(list(first.values()))
    rows = []
    for year in range(1996, 2021):
        pairs = setting.world.agreement_mask(date(year, 1, 1))
        partners = (of.astype(float) @ pairs @ of.T) > 0
        np.fill_diagonal(partners, False)
        has = since < year
        share = (partners & has).sum(axis=1) / np.maximum(partners.sum(axis=1), 1)
        rows += [(year, share[n], since[n] == year) for n in np.flatnonzero(~has)]
    return np.array(rows, dtype=float)


def early(panel):
    return panel[panel[:, 0] <= LAST_OF_ESTIMATE]


def late(panel):
    return panel[panel[:, 0] > LAST_OF_ESTIMATE]


def fitted(rows, shared=None):
    """Yearly hazard at full contact, and the loss; the hazard without contact is free."""

    def loss(logs):
        contact = np.exp(logs[1]) if shared is None else shared
        chance = -np.expm1(-np.exp(logs[0]) - contact * rows[:, 1])
        return -np.log(np.where(rows[:, 2] > 0, chance, 1.0 - chance)).sum()

    found = minimize(loss, [-4.0, -1.5] if shared is None else [-4.0], method="Nelder-Mead")
    return float(np.exp(found.x[-1])), float(found.fun)


def ranked(rows, score):
    """Chance that who took it up in a year ranks above who did not."""
    won = pairs = 0.0
    for year in np.unique(rows[:, 0]):
        here = rows[:, 0] == year
        event = rows[here, 2] > 0
        n, m = event.sum(), (~event).sum()
        won += rankdata(score[here])[event].sum() - n * (n + 1) / 2
        pairs += n * m
    return won / pairs


def test_the_hazard_is_that_of_the_years_of_the_estimate(panel):
    value = parameter_table()["diffusion_shared"].value
    rows = early(panel)
    found, loss = fitted(rows)
    assert found == pytest.approx(0.2, abs=0.01)
    assert 2 * (fitted(rows, value)[1] - loss) < chi2.ppf(0.95, 1)
    assert 2 * (fitted(rows, 0.0)[1] - loss) > 20  # nothing by contact is far off


def test_contact_ranks_who_is_next_better_than_the_same_contacts_shuffled(panel):
    """Within years, against the shares given to others at random (the placebo)."""
    draws = np.random.default_rng(1)
    for rows, least in ((early(panel), 0.7), (late(panel), 0.58)):
        years = [rows[:, 0] == year for year in np.unique(rows[:, 0])]
        shuffled = []
        for _ in range(100):
            score = rows[:, 1].copy()
            for here in years:
                score[here] = draws.permutation(score[here])
            shuffled.append(ranked(rows, score))
        found = ranked(rows, rows[:, 1])
        assert found > np.quantile(shuffled, 0.95)
        assert found > least


def test_the_later_years_do_not_show_it_and_the_range_allows_for_that(panel):
    """Refitted on 2008-2020 the hazard by contact is nothing: many came at once, from outside."""
    assert fitted(late(panel))[0] < 0.02
    assert parameter_table()["diffusion_shared"].range[0] == 0
