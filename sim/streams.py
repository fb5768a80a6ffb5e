"""Random numbers keyed by name, never by order of use.

A stream belongs to (seed, name, step). Adding a phase that draws leaves every other stream as it
was, and two scenarios with one seed share all draws that both make. Draw for *all* entities and
mask afterwards, so that a state that left does not shift the draws of the others.
"""

from __future__ import annotations

import zlib

import numpy as np

__all__ = ["stream"]


def stream(seed: int, name: str, step: int = 0) -> np.random.Generator:
    """The generator of one named stream at one step.

    Parameters
    ----------
    seed
        Seed of the run, non-negative.
    name
        What is drawn, for example ``"ratification"`` or ``"vote/WTO/market_access"``.
    step
        Quarter counted from 0; 0 for draws made once in a run.

    Returns
    -------
    numpy.random.Generator

    Examples
    --------
    The same key gives the same draws, whatever was drawn elsewhere in between:

    >>> a = stream(1, "ratification", 3).random(2)
    >>> _ = stream(1, "another", 3).random(100)
    >>> bool((a == stream(1, "ratification", 3).random(2)).all())
    True
    """
    key = (zlib.crc32(name.encode()), step)
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))
