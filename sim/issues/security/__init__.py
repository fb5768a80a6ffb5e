"""Security: rules that make conflict and nuclear programmes less likely among the parties."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import IncomeSaved
from sim.issues.base import Acceptance, Claims, IssueArea, Offered, Term
from sim.issues.security.worth import income_saved_by
from sim.restraints import HAZARDS_OF, READS, given_up, hazard_effects

if TYPE_CHECKING:
    from sim.agreements import Effect, Proposal
    from sim.issues.menu import Deal
    from sim.memo import Reading
    from sim.setting import Setting
    from sim.types import Floats

__all__ = ["AREA", "SecurityArea"]


class SecurityArea(IssueArea):
    """The issue area of security."""

    name = "security"
    kinds = tuple(HAZARDS_OF)
    terms = (Term("strictness", "% of the whole rule", "how far the rule goes", scale=100),)
    claims = Claims(is_club_good=frozenset(HAZARDS_OF))
    reads = (*READS, "nuclear.status", "disputes.years_since", "disputes.calm")

    def effects(
        self, setting: Setting, state: Reading, kind: str, proposal: Proposal, scale: float
    ) -> tuple[Effect, ...]:
        """Hazards fall among the parties, by so much of the whole rule, which saves income."""
        level = proposal.level * scale
        saved = IncomeSaved(income_saved_by(setting, state, kind, level))
        return (*hazard_effects(setting, kind, level), saved)

    def acceptance(self, setting: Setting) -> Acceptance:
        """A percent of income saved counts as one gained in trade."""
        return Acceptance(
            setting["acceptance_gain"],
            setting["acceptance_half_gain"],
            constant=setting["security_constant"],
        )

    def parts(
        self, setting: Setting, deal: Deal, offered: Offered, gain: Floats
    ) -> dict[str, Floats]:
        """What states give up by being bound, so far as a rule goes."""
        levels = [p.level * self.scale(setting, p) for p in offered[0]]
        level = np.array(levels).reshape(-1, 1)
        return {name: -cost * level for name, cost in given_up(setting, deal.kind).items()}


AREA = SecurityArea()
