"""The model: states and blocs that negotiate, as arrays, phases and rules."""
