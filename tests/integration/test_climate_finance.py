"""A goal for climate finance: who pays, who receives, and what is cut for it."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agreements import Commitment, EmissionCut, IncomeEffect, accumulate
from sim.issues.climate.finance import finance_effects
from sim.mitigation import baseline
from sim.model import initial_state

BODIES = ("UNFCCC",)
PASSES = "organisation.UNFCCC.decision.climate.rule=simple_majority"


def effects_of(setting, amount):
    return finance_effects(setting, initial_state(setting), amount)


def total(kind, effects, inside):
    return accumulate(kind, [Commitment(effects, inside)], size=inside.size)


@pytest.fixture(scope="module")
def everybody(setting):
    return setting.income > 0


def test_what_is_paid_arrives_as_cuts_and_as_income(setting, everybody):
    """Payers lose what receivers have of it and what their cuts cost, to the dollar."""
    effects = effects_of(setting, 316.0)
    billions = total(IncomeEffect, effects, everybody) * setting.income / 100.0
    moved = 200.0 * setting["climate_finance_grant_share"]
    for_cuts = setting["climate_finance_mitigation_share"]
    assert billions[billions < 0].sum() == pytest.approx(-moved)
    assert billions[billions > 0].sum() == pytest.approx((1 - for_cuts) * moved)
    plan = next(one for one in effects if isinstance(one, EmissionCut)).plan
    after = plan.in_place + total(EmissionCut, effects, everybody)
    cost = baseline(setting, None, 2030.0) @ (after**2 - plan.in_place**2) * plan.slope / 2
    assert cost == pytest.approx(1000.0 * for_cuts * moved)


def test_annex_two_pays_the_same_share_and_annex_one_alone_has_no_part(setting, everybody):
    change = total(IncomeEffect, effects_of(setting, 316.0), everybody)
    annex = setting.world.climate.annex
    assert np.ptp(change[annex == 2]) == pytest.approx(0.0, abs=1e-12)
    assert (change[annex == 2] < 0).all()
    assert not change[annex == 1].any()
    assert (change[(annex == 0) & everybody] > 0).all()


def test_what_is_paid_already_asks_for_nothing(setting, everybody):
    effects = effects_of(setting, setting["climate_finance_in_place"])
    assert not total(IncomeEffect, effects, everybody).any()
    assert not total(EmissionCut, effects, everybody).any()


def test_payers_who_stay_out_leave_less(setting, everybody):
    """And nothing at all arrives where none of them is in."""
    effects = effects_of(setting, 316.0)
    without = everybody & (setting.world.climate.annex != 2)
    one = setting.axes.state("IND")
    alone = everybody.copy()
    alone[setting.axes.state("USA")] = False
    given = [total(IncomeEffect, effects, inside)[one] for inside in (everybody, alone, without)]
    assert given[0] > given[1] > given[2] == 0


def test_a_goal_that_passes_moves_income_and_emissions(run_of, only):
    tables = {
        rule: run_of("baseline", 1, *only(*BODIES), "quarters=10", *changes)
        for rule, changes in {"consensus": (), "majority": (PASSES,)}.items()
    }
    last = {}
    for rule, found in tables.items():
        states = found["states"].to_pandas()
        last[rule] = states[states["step"] == 9].set_index("state")
    assert not tables["consensus"]["agreements"].num_rows
    change = last["majority"]["income_effect"] - last["consensus"]["income_effect"]
    assert change["USA"] < 0 < change["IND"]
    emitted = last["majority"]["emissions"] - last["consensus"]["emissions"]
    assert emitted["IND"] < 0
    assert emitted["USA"] == 0


def test_without_talks_nobody_meets_on_it(run_of, only):
    off = run_of("baseline", 1, *only(*BODIES), "quarters=4", "switches.climate_talks=false")
    assert "UNFCCC" not in off["rounds"]["organisation"].to_pylist()
