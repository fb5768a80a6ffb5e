"""Packages: a rule on security and cuts in trade as one undertaking, both of them or none.

What each half does is as the area of trade and that of security have it; a package adds only that
nobody signs one without the other (Tollison and Willett 1979, *IO* 33:425: linkage of issues lets
states agree that would not agree on each).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sim.agreements import Proposal
from sim.issues import areas
from sim.issues.base import Acceptance, Claims, IssueArea, Offered, Term
from sim.restraints import HAZARDS_OF, READS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.agreements import Commitment, Effect
    from sim.charter import Specification
    from sim.forum import Forum
    from sim.issues.menu import Deal
    from sim.memo import Reading
    from sim.setting import Setting
    from sim.types import Bools, Floats

__all__ = ["AREA", "PackageArea"]

PREFERENCES = "preferential"
"""Kind of the half on trade."""


class PackageArea(IssueArea):
    """The issue area of packages of trade and security; the kind is that of the rule."""

    name = "package"
    kinds = tuple(HAZARDS_OF)
    terms = (
        Term("depth", "%", "trade-cost cut", high=30, scale=100),
        Term("tariff_cut", "% of the applied tariff", "tariff cut", scale=100),
        Term("strictness", "% of the whole rule", "how far the rule goes", scale=100),
    )
    claims = Claims(is_club_good=frozenset(HAZARDS_OF))
    reads = (*READS, "nuclear.status", "disputes.years_since", "disputes.calm")
    shares_taste_of = "trade"

    def offered(self, item: Specification) -> dict[str, tuple[float, ...]]:
        """Values of the item; the whole rule where it says nothing of strictness."""
        found = {"tariff_cut": item.tariff_cuts, "strictness": (100.0,)}
        return {**found, **super().offered(item)}

    def effects(
        self, setting: Setting, state: Reading, kind: str, proposal: Proposal, scale: float
    ) -> tuple[Effect, ...]:
        """Those of both halves; what trade leaves out does not make the rule weaker."""
        form = setting["soft_effect"] if proposal.is_soft else 1.0
        trade, rule = _halves(proposal)
        return (
            *areas()["trade"].effects(setting, state, PREFERENCES, trade, scale),
            *areas()["security"].effects(setting, state, kind, rule, form),
        )

    def acceptance(self, setting: Setting) -> Acceptance:
        """That of trade, since a percent of income saved counts as one gained."""
        return areas()["trade"].acceptance(setting)

    def parts(
        self, setting: Setting, deal: Deal, offered: Offered, gain: Floats
    ) -> dict[str, Floats]:
        """What both halves have."""
        halves = [_halves(one) for one in offered[0]]
        trade, rules = ([pair[n] for pair in halves] for n in (0, 1))
        as_trade = replace(deal, kind=PREFERENCES)
        return {
            **areas()["trade"].parts(setting, as_trade, (trade, offered[1]), gain),
            **areas()["security"].parts(setting, deal, (rules, offered[1]), gain),
        }

    def reached(self, setting: Setting, deal: Deal, changes: Sequence[Commitment]) -> Floats:
        """Depth in place."""
        return areas()["trade"].reached(setting, deal, changes)

    def covers(self, setting: Setting, matter: str, proposal: Proposal) -> float:
        """As the half on trade does."""
        return areas()["trade"].covers(setting, matter, _halves(proposal)[0])

    def covered_already(self, setting: Setting, deal: Deal, matter: str) -> Floats:
        """By the depth in place."""
        return areas()["trade"].covered_already(setting, deal, matter)

    def most_exempt(self, setting: Setting, forum: Forum, kind: str) -> float:
        """As in trade (GATT Art. XXIV:8)."""
        return areas()["trade"].most_exempt(setting, forum, PREFERENCES)

    def exemptions(
        self, setting: Setting, year: int, proposal: Proposal, members: Bools, most: float
    ) -> Sequence[tuple[str, ...]]:
        """As in trade."""
        trade = _halves(proposal)[0]
        return areas()["trade"].exemptions(setting, year, trade, members, most)


def _halves(proposal: Proposal) -> tuple[Proposal, Proposal]:
    """The texts on trade and on security."""
    parts = {
        area: tuple((term.name, proposal[term.name]) for term in areas()[area].terms)
        for area in ("trade", "security")
    }
    return (
        Proposal("trade", parts["trade"], proposal.is_soft, proposal.exemptions),
        Proposal("security", parts["security"], proposal.is_soft),
    )


AREA = PackageArea()
