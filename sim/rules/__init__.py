"""The rules of organisations: one registry a kind, small pure functions bound from YAML."""
