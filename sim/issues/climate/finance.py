"""Finance: what parties of Annex II pay, for cuts of the others and for what these lose."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import AvoidedDamage, EmissionCut, IncomeEffect, PoliticalWorth
from sim.kernels.abatement import damage_shares, percent_of_income
from sim.mitigation import abatement_plan

if TYPE_CHECKING:
    from sim.agreements import Effect
    from sim.memo import Reading
    from sim.setting import Setting

__all__ = ["FINANCE", "finance_effects", "in_place"]

FINANCE = "finance"
"""Kind of item on what is paid."""
PAYS = 2
"""Annex of the Convention whose parties pay."""
MILLIONS_PER_BILLION = 1000.0


def in_place(setting: Setting, state: Reading) -> float:
    """What is paid already, billion USD a year: by earlier goals, and by what is signed."""
    signed = [
        one.proposal["finance"]
        for one in state.agreements
        if one.kind == FINANCE and one.committed().inside.any()
    ]
    return float(max([setting["climate_finance_in_place"], *signed]))


def finance_effects(setting: Setting, state: Reading, amount: float) -> tuple[Effect, ...]:
    """What a goal of so many billion USD a year does beyond what is in place.

    Parties of Annex II pay the same share of income. A part pays for cuts of parties in neither
    annex, what they cost and no more; the rest reaches them as damage falls on them. Of loans only
    what they are worth to who has them counts.
    """
    annex, income = setting.world.climate.annex, setting.income
    moved = max(amount - in_place(setting, state), 0.0) * setting["climate_finance_grant_share"]
    pays = (annex == PAYS) & (income > 0)
    receives = (annex == 0) & (income > 0)
    given = moved * np.where(pays, income, 0.0) / income[pays].sum() if pays.any() else 0.0 * income
    for_cuts = setting["climate_finance_mitigation_share"]
    people, poverty = setting.world.population, setting["climate_poverty_elasticity"]
    key = damage_shares(np.where(receives, income, 0.0), people, poverty)
    reached = percent_of_income(MILLIONS_PER_BILLION * (1.0 - for_cuts) * key, income)
    cost = -percent_of_income(MILLIONS_PER_BILLION * given, income)
    plan = replace(
        abatement_plan(setting, state, "paid", 1.0),
        paid=MILLIONS_PER_BILLION * for_cuts * given,
        is_paid=receives,
    )
    money = IncomeEffect(cost, given, reached)
    return money, EmissionCut(plan), AvoidedDamage(plan), PoliticalWorth(plan)
