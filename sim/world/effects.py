"""State effects estimated together with their own coefficients of the acceptance utility."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.types import Bools, Floats
from sim.world.tables import read_table

__all__ = ["state_effects"]


def state_effects(index: Mapping[str, int], groups: Mapping[str, Bools]) -> Floats:
    """(S,) logits, 0 for states that the estimates do not cover.

    Parameters
    ----------
    index
        Row of each state's code.
    groups
        Members (S,) of organisations that were one unit in the estimates (the EU).

    Examples
    --------
    >>> state_effects({"USA": 0, "CHE": 1}, {"EU": np.zeros(2, bool)}).tolist()
    [-1.64, 2.21]
    """
    effects = np.zeros(len(index))
    for row in read_table("state_effects.csv", ("state", "effect")):
        code = row.text("state")
        if code.startswith("@"):
            effects[groups[code[1:]]] = row.number("effect")
        elif code in index:
            effects[index[code]] = row.number("effect")
    return effects
