"""Mechanisms, one module or package each, found by themselves (`sim.mechanism.mechanisms`)."""
