"""An area as a stranger would write it: a public good that costs those who provide it."""

from __future__ import annotations

import numpy as np

from sim.agreements import IncomeEffect
from sim.issues.base import Acceptance, Claims, IssueArea, Term


class Surveillance(IssueArea):
    """Outbreaks are found early: the parties pay, everybody gains by what is paid in all."""

    name = "surveillance"
    kinds = ("early_warning",)
    terms = (Term("effort", "% of income", "what each party pays", high=1),)
    # Few parties may pay for many: what they provide together need not be worth it to them.
    claims = Claims(is_club_good=frozenset(), may_lose=True, forms=("soft",))

    def effects(self, setting, state, kind, proposal, scale):
        """All parties pay alike; everybody gains in proportion to what is paid."""
        size = len(setting.axes.states)
        effort = proposal["effort"] * scale
        share = setting.income / setting.income.sum()
        paid, reached = np.full(size, -effort), np.full(size, 20.0 * effort)
        return (IncomeEffect(paid, share, reached, reach="all"),)

    def acceptance(self, setting):
        """A percent of income counts half of what it does in trade."""
        return Acceptance(setting["acceptance_gain"], setting["acceptance_half_gain"], weight=0.5)


AREA = Surveillance()
