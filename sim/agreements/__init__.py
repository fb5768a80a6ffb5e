"""Agreements: what is proposed, what it does, and the life of what is agreed."""

from __future__ import annotations

from sim.agreements.effects import (
    EFFECTS,
    Commitment,
    Effect,
    Facilitation,
    IncomeEffect,
    TariffCut,
    TradeCostCut,
    accumulate,
)
from sim.agreements.records import TRANSITIONS, Agreement, Item, Proposal, Status

__all__ = [
    "EFFECTS",
    "TRANSITIONS",
    "Agreement",
    "Commitment",
    "Effect",
    "Facilitation",
    "IncomeEffect",
    "Item",
    "Proposal",
    "Status",
    "TariffCut",
    "TradeCostCut",
    "accumulate",
]
