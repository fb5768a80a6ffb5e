"""Scenarios, charters and parameters: data only."""
