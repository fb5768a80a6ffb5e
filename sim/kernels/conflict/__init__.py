"""Disputes, civil conflict, third parties, arms and nuclear restraint, as functions of arrays.

Yearly logits estimated on public data (`docs/security.md`) become hazards of a quarter; what is
drawn is handed in as uniform numbers, so that the caller keeps the random streams.
"""
