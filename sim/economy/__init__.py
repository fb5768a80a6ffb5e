"""The economy as shared ground: it adds up what agreements and mechanisms do, and knows no area."""

from __future__ import annotations

from sim.economy.committed import World, committed_terms, expected_terms
from sim.economy.outlook import Outlook, committed_outlook, outlook, standing_gain
from sim.economy.terms import Terms, current_terms, trade_cost_cut

__all__ = [
    "Outlook",
    "Terms",
    "World",
    "committed_outlook",
    "committed_terms",
    "current_terms",
    "expected_terms",
    "outlook",
    "standing_gain",
    "trade_cost_cut",
]
