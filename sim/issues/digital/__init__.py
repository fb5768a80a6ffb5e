"""Digital rules: whose text one is bound by, how much of it, and who else is.

A coordination game with network externalities (Katz & Shapiro 1985, *AER* 75:424). The kind of an
item is the version of the rule. That more partners make it worth more is not put in: trade costs
fall pair by pair, and the economy says what that is worth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import VERSIONS, Interoperability
from sim.issues.base import Acceptance, Claims, IssueArea, Offered, Term

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.agreements import Effect, Proposal
    from sim.issues.menu import Deal
    from sim.memo import Reading
    from sim.setting import Setting
    from sim.types import Floats

__all__ = ["AREA", "DATA", "LETS_DATA_GO", "DigitalArea"]

DATA = "data"
"""Matter of the red lines on where data may go."""
LETS_DATA_GO = frozenset({"open"})
"""Versions that oblige their parties to let data go, against which red lines on data are held."""


class DigitalArea(IssueArea):
    """The issue area of digital rules."""

    name = "digital"
    kinds = VERSIONS
    terms = (
        Term("interoperability", "% of the whole rule", "how much of it works together", scale=100),
        Term("stringency", "% of the whole rule", "how much of it can be enforced", scale=100),
    )
    claims = Claims(is_club_good=frozenset(VERSIONS))

    def forms(self, kind: str) -> tuple[str, ...]:
        """Principles are soft, whoever adopts them."""
        return ("soft",) if kind == "principles" else self.claims.forms

    def effects(
        self, setting: Setting, state: Reading, kind: str, proposal: Proposal, scale: float
    ) -> tuple[Effect, ...]:
        """Trade costs fall among those bound, the more the more of it can be enforced.

        A rule of which nothing can be enforced does as much as a soft text.
        """
        soft = setting["soft_effect"]
        holds = soft + (1.0 - soft) * proposal["stringency"]
        share = setting["digital_cut"] * proposal["interoperability"] * holds * scale
        return (Interoperability(kind, share),)

    def acceptance(self, setting: Setting) -> Acceptance:
        """As ready to conclude as in trade, whose ministries negotiate it."""
        return Acceptance(
            setting["acceptance_gain"],
            setting["acceptance_half_gain"],
            constant=setting["acceptance_constant"],
        )

    def parts(
        self, setting: Setting, deal: Deal, offered: Offered, gain: Floats
    ) -> dict[str, Floats]:
        """What states give up by being bound, as far as it can be enforced."""
        bound = [p["stringency"] * self.scale(setting, p) for p in offered[0]]
        cost = setting["digital_sovereignty_cost"] * np.array(bound).reshape(-1, 1)
        return {"sovereignty": -cost * np.ones(len(deal.partners))}

    def covers(self, setting: Setting, matter: str, proposal: Proposal) -> float:
        """Where data may go, as far as it can be enforced."""
        return proposal["stringency"] if matter == DATA else 0.0

    def red_lines(
        self,
        setting: Setting,
        year: int,
        proposals: Sequence[Proposal],
        deal: Deal | None = None,
    ) -> tuple[Floats, Floats]:
        """None are crossed by versions that leave data out, or keep them at home or protected."""
        crossed, protected = super().red_lines(setting, year, proposals, deal)
        if deal is not None and deal.kind not in LETS_DATA_GO:
            return np.zeros_like(crossed), np.zeros_like(protected)
        return crossed, protected


AREA = DigitalArea()
