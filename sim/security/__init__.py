"""Shared ground of the mechanisms of conflict: traits, rules in force, votes of bodies."""

from __future__ import annotations

from sim.hazards import rates, society, traits
from sim.restraints import PARAMETERS, hazard_shift

__all__ = ["PARAMETERS", "hazard_shift", "rates", "society", "traits"]
