"""Trade equilibrium of many countries with tariffs (equations: ``docs/kernels/armington.md``)."""

from sim.kernels.armington.counterfactuals import Changes
from sim.kernels.armington.economy import Economy
from sim.kernels.armington.equilibrium import Equilibrium

__all__ = ["Changes", "Economy", "Equilibrium"]
