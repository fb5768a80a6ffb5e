"""What is known of leaders: rates of exit by regime, and who came when up to the end of 2025."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from sim.kernels.leaders import EXITS, ExitRates, band, stationary_tenure
from sim.streams import stream
from sim.types import Floats, Ints
from sim.world.tables import read_table

if TYPE_CHECKING:
    from sim.setting import Setting

__all__ = ["KNOWN_TO", "Known", "chance_from", "exit_rates", "first_tenure", "known", "regimes"]

KNOWN_TO = date(2025, 12, 31)
"""Day to which the table of known changes is complete for the states in it."""

_YEARS = ("year_1", "year_2_3", "year_4_5", "year_6_10", "year_11_on")


@dataclass(frozen=True)
class Known:
    """A leader who came, or is bound to come, on a known day; `how` the one before left."""

    state: int
    day: date
    how: int


@cache
def exit_rates() -> ExitRates:
    """Rates of exit by band of polyarchy (Archigos 4.1, 1960-2000)."""
    needed = ("polyarchy_from", "p_change", "p_irregular", "p_death", *_YEARS)
    rows = list(read_table("leader_exits.csv", needed))
    column = {name: np.array([row.number(name) for row in rows]) for name in needed}
    return ExitRates(
        floor=column["polyarchy_from"],
        yearly=np.stack([column[name] for name in _YEARS], axis=1),
        irregular=column["p_irregular"] / column["p_change"],
        death=column["p_death"] / column["p_change"],
    )


def known(setting: Setting) -> Iterator[Known]:
    """Known changes of the states of the world, in the order of the table."""
    for row in read_table("known_leaders.csv", ("state", "day", "how")):
        day = row.day("day")
        if day is not None:
            yield Known(row.state("state", setting.world.index), day, EXITS.index(row.text("how")))


def regimes(setting: Setting) -> Ints:
    """(S,) band of democracy of each state."""
    return band(setting.world.polyarchy, exit_rates())


def chance_from(setting: Setting) -> Ints:
    """(S,) quarter from which leaders leave by chance: the first, or after what is known."""
    first = np.zeros(len(setting.axes.states), dtype=np.int64)
    for one in known(setting):
        last = setting.calendar.step_of(max(one.day, KNOWN_TO))
        first[one.state] = max(first[one.state], last + 1)
    return first


def first_tenure(setting: Setting) -> Floats:
    """(S,) years in office on the first day: known, or drawn from those found in office."""
    uniform = stream(setting.seed, "leaders/tenure").random(len(setting.axes.states))
    years = stationary_tenure(
        regimes(setting), uniform, exit_rates(), setting["leader_exit_factor"]
    )
    for one in known(setting):
        if one.day <= setting.scenario.start:
            years[one.state] = (setting.scenario.start - one.day).days / 365.25
    return years
