"""What opened negotiations say of each state: state effects of the acceptance utility."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.types import Bools, Floats
from sim.world.tables import read_table

__all__ = ["state_effects"]


def state_effects(
    index: Mapping[str, int], groups: Mapping[str, Bools], unknown: float
) -> tuple[Floats, Floats]:
    """(S,) posterior means and (S,) standard deviations, in logits.

    Parameters
    ----------
    index
        Row of each state's code.
    groups
        Members (S,) of organisations that were one unit in the estimates (the EU).
    unknown
        Standard deviation of states that the estimates do not cover, whose mean is 0.

    Examples
    --------
    >>> mean, sd = state_effects({"USA": 0, "XXX": 1}, {"EU": np.zeros(2, bool)}, 0.85)
    >>> mean.tolist(), sd.tolist()
    ([0.29, 0.0], [0.56, 0.85])
    """
    mean, spread = np.zeros(len(index)), np.full(len(index), unknown)
    for row in read_table("state_effects.csv", ("state", "effect", "spread")):
        code = row.text("state")
        states = groups[code[1:]] if code.startswith("@") else index.get(code)
        if states is not None:
            mean[states], spread[states] = row.number("effect"), row.number("spread")
    return mean, spread
