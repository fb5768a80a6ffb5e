"""Health: surveillance and response that each party provides, and vaccines that they pool."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import IncomeEffect
from sim.issues.base import Claims, IssueArea, Term
from sim.issues.health.worth import CAPACITY_OF, capacity_added, saved_by
from sim.outbreaks import READS

if TYPE_CHECKING:
    from sim.agreements import Effect, Proposal
    from sim.memo import Reading
    from sim.setting import Setting

__all__ = ["AREA", "HealthArea"]

COST_OF = {"preparedness": "preparedness_cost", "procurement": "procurement_cost"}


class HealthArea(IssueArea):
    """The issue area of health."""

    name = "health"
    kinds = tuple(CAPACITY_OF)
    terms = (Term("effort", "% of a full programme", "how much of it parties do", scale=100),)
    # Outsiders gain by what is prepared, and few parties may pay for many; a pool of one costs.
    claims = Claims(is_club_good=frozenset(), may_lose=True)
    reads = READS

    def effects(
        self, setting: Setting, state: Reading, kind: str, proposal: Proposal, scale: float
    ) -> tuple[Effect, ...]:
        """Parties have more against outbreaks, expect to lose less by them, and pay for it."""
        effort = proposal.level * scale
        size = len(setting.axes.states)
        cost = np.full(size, -effort * setting[COST_OF[kind]])
        return (
            capacity_added(setting, kind, effort),
            *saved_by(setting, state, kind, effort),
            IncomeEffect(cost, np.zeros(size), np.zeros(size)),
        )


AREA = HealthArea()
