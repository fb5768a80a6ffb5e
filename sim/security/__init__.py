"""Shared ground of the mechanisms of conflict: traits, rules in force, votes of bodies."""

from __future__ import annotations

from sim.hazards import hazard_shift, rates, society, traits

__all__ = ["hazard_shift", "rates", "society", "traits"]
