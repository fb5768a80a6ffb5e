"""Pure functions of arrays: no state, no configuration, no files."""
