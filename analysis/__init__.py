"""From files to findings: load, measure, compare, plot. Never imports sim."""
