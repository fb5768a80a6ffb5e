"""Sweeps: many runs from one frozen plan, in chunks, by whatever does the work."""
