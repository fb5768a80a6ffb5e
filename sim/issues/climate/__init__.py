"""Climate: parties cut emissions, which costs them and spares everybody damage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import AbatementCost, AvoidedDamage, EmissionCut, PoliticalWorth
from sim.issues.base import Claims, IssueArea, Term
from sim.issues.climate.finance import FINANCE, finance_effects
from sim.mitigation import READS, abatement_plan

if TYPE_CHECKING:
    from sim.agreements import Depth, Effect, Proposal
    from sim.clauses import Specification
    from sim.issues.menu import Deal, Valuation
    from sim.memo import Reading
    from sim.setting import Setting
    from sim.types import Bools

LEAST_GAIN = 1e-9
"""Percent of income below which a text counts as asking for nothing."""

__all__ = ["AREA", "DEPTHS", "ClimateArea"]

DEPTHS: dict[str, Depth] = {"common_cut": "same", "contributions": "own", "joint_cut": "joint"}
"""Kind of item → how far each party goes."""


class ClimateArea(IssueArea):
    """The issue area of climate: a public good by summation.

    Of a ``common_cut`` every party takes the same share; ``contributions`` are set by each for
    itself, as far as that is in its own interest; of a ``joint_cut`` it takes what is best for the
    parties together. The text says the most that is asked of anybody, and what is in place already
    counts. Of ``finance`` the levels are amounts, and the cuts those that are paid for.
    """

    name = "climate"
    kinds = (*DEPTHS, FINANCE)
    terms = (
        Term("cut", "%", "emissions below those without pledges or agreements", scale=100),
        Term("finance", "billion USD a year", "paid by parties of Annex II", high=2000),
    )
    claims = Claims(is_club_good=frozenset(), may_lose=True)
    reads = READS

    def effects(
        self, setting: Setting, state: Reading, kind: str, proposal: Proposal, scale: float
    ) -> tuple[Effect, ...]:
        """Parties cut emissions at a cost, or pay others who do; everybody is spared damage."""
        if kind == FINANCE:
            return finance_effects(setting, state, proposal["finance"] * scale)
        plan = abatement_plan(setting, state, DEPTHS[kind], proposal.level * scale)
        return EmissionCut(plan), AbatementCost(plan), AvoidedDamage(plan), PoliticalWorth(plan)

    def offered(self, item: Specification) -> dict[str, tuple[float, ...]]:
        """Cuts, or amounts."""
        nothing = (0.0,)
        is_money = item.kind == FINANCE
        return {
            "cut": nothing if is_money else item.levels,
            "finance": item.levels if is_money else nothing,
        }

    def is_wanted(self, setting: Setting, deal: Deal, value: Valuation, asked: Bools) -> Bools:
        """Texts by which somebody would cut more than is in place."""
        return np.asarray((np.abs(value.gain[:, asked]) > LEAST_GAIN).any(axis=1))


AREA = ClimateArea()
