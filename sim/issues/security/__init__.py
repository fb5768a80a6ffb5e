"""Security: rules that make conflict and nuclear programmes less likely among the parties."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import IncomeSaved
from sim.issues.base import Acceptance, Claims, IssueArea, Term
from sim.issues.security.worth import income_saved_by
from sim.restraints import HAZARDS_OF, READS, given_up, hazard_effects

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.agreements import Commitment, Effect, Proposal
    from sim.issues.menu import Deal, Valuation
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

    def valued(
        self,
        setting: Setting,
        year: int,
        deal: Deal,
        offered: tuple[Sequence[Proposal], Sequence[Commitment]],
        gain: Floats,
    ) -> Valuation:
        """What proposals are worth: income saved, less what states give up by being bound."""
        value = super().valued(setting, year, deal, offered, gain)
        levels = [p.level * self.scale(setting, p) for p in offered[0]]
        level = np.array(levels).reshape(-1, 1)
        parts = {name: -cost * level for name, cost in given_up(setting, deal.kind).items()}
        return replace(value, parts={**value.parts, **parts})


AREA = SecurityArea()
