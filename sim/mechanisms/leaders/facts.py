"""What follows for leaders from what is known: bands, years in office, when chance begins."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from sim.kernels.leaders import band, stationary_tenure
from sim.streams import stream
from sim.types import Floats, Ints

if TYPE_CHECKING:
    from sim.setting import Setting

__all__ = ["KNOWN_TO", "chance_from", "first_tenure", "regimes"]

KNOWN_TO = date(2025, 12, 31)
"""Day to which the table of known changes is complete for the states in it."""


def regimes(setting: Setting) -> Ints:
    """(S,) band of democracy of each state."""
    return band(setting.world.polyarchy, setting.world.politics.exits)


def chance_from(setting: Setting) -> Ints:
    """(S,) quarter from which leaders leave by chance: the first, or after what is known."""
    first = np.zeros(len(setting.axes.states), dtype=np.int64)
    for one in setting.world.politics.leaders:
        last = setting.calendar.step_of(max(one.day, KNOWN_TO))
        first[one.state] = max(first[one.state], last + 1)
    return first


def first_tenure(setting: Setting) -> Floats:
    """(S,) years in office on the first day: known, or drawn from those found in office."""
    uniform = stream(setting.seed, "leaders/tenure").random(len(setting.axes.states))
    years = stationary_tenure(
        regimes(setting), uniform, setting.world.politics.exits, setting["leader_exit_factor"]
    )
    for one in setting.world.politics.leaders:
        if one.day <= setting.scenario.start:
            years[one.state] = (setting.scenario.start - one.day).days / 365.25
    return years
