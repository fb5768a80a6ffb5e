"""Agreements: what is proposed, what it does, and the life of what is agreed."""

from __future__ import annotations

from sim.agreements.assessment import OUTSIDE, Assessment
from sim.agreements.climate import (
    AbatementCost,
    AbatementPlan,
    AvoidedDamage,
    Depth,
    EmissionCut,
    PoliticalWorth,
)
from sim.agreements.digital import VERSIONS, Interoperability
from sim.agreements.economic import Facilitation, IncomeEffect, PairEffect, TariffCut, TradeCostCut
from sim.agreements.effects import EFFECTS, Commitment, Effect, Reach, accumulate, in_baseline
from sim.agreements.health import CAPACITIES, HealthCapacity
from sim.agreements.opening import convene, open_item
from sim.agreements.records import (
    TRANSITIONS,
    Agreement,
    Convened,
    Item,
    Proposal,
    Status,
    replaced,
)
from sim.agreements.security import HAZARDS, HazardEffect, IncomeSaved

__all__ = [
    "CAPACITIES",
    "EFFECTS",
    "HAZARDS",
    "OUTSIDE",
    "TRANSITIONS",
    "VERSIONS",
    "AbatementCost",
    "AbatementPlan",
    "Agreement",
    "Assessment",
    "AvoidedDamage",
    "Commitment",
    "Convened",
    "Depth",
    "Effect",
    "EmissionCut",
    "Facilitation",
    "HazardEffect",
    "HealthCapacity",
    "IncomeEffect",
    "IncomeSaved",
    "Interoperability",
    "Item",
    "PairEffect",
    "PoliticalWorth",
    "Proposal",
    "Reach",
    "Status",
    "TariffCut",
    "TradeCostCut",
    "accumulate",
    "convene",
    "in_baseline",
    "open_item",
    "replaced",
]
