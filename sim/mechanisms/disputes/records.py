"""What is known of a dispute while it lasts, and how it stands on the first day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from sim.hazards import crisis_shares, durations
from sim.kernels.conflict.ladder import draw_duration
from sim.streams import stream
from sim.types import Floats

if TYPE_CHECKING:
    from sim.calendar import Calendar
    from sim.setting import Setting

__all__ = [
    "DAYS",
    "OPEN",
    "Dispute",
    "first_disputes",
    "first_years",
]

OPEN = -1
NEVER = -1.0
DAYS = 365.25 / 4


@dataclass(frozen=True)
class Dispute:
    """A dispute of a pair of states, from its first day to the quarter in which it ends.

    Attributes
    ----------
    i, j
        Rows of the states, ``i < j``.
    began
        First day.
    stage, highest
        Where it stands (`Stage`), and where it will rise unless somebody ends it.
    duration
        Quarters after which it ends, once it has been at its highest.
    risen_at
        Quarter in which it came to its stage.
    settlement
        `OPEN`, or how it was settled (`sim.kernels.conflict.ladder.Settlement`).
    ended
        Last day, None while it is open.
    stopped_on
        Day of a ceasefire that ends it in the quarter, if any.
    is_crisis
        Whether it is a crisis in the sense of ICB: only those find mediators.
    offered
        Whether a third party is known to have offered itself, however often that is so.
    """

    i: int
    j: int
    began: date
    stage: int
    highest: int
    duration: float
    risen_at: int = -1
    settlement: int = OPEN
    ended: date | None = None
    stopped_on: date | None = None
    is_crisis: bool = False
    offered: bool = False

    def days(self, calendar: Calendar, step: int) -> tuple[date, date]:
        """First and last day of a quarter on which it is open, by the length drawn."""
        first, last = calendar.first_day(step), calendar.first_day(step + 1) - timedelta(days=1)
        start = max(self.began, first)
        end = min(last, self.began + timedelta(days=int(self.duration * DAYS)))
        return start, max(start, end)

    def code(self, states: tuple[str, ...]) -> str:
        """``<state>-<state>/<first day>``."""
        return f"{states[self.i]}-{states[self.j]}/{self.began}"


def first_disputes(setting: Setting) -> tuple[Dispute, ...]:
    """Those under way on the first day; how long they go on is drawn, given how long they have."""
    if not setting.is_on("disputes"):
        return ()
    rng, size = stream(setting.seed, "open_disputes"), len(setting.axes.states)
    draws, acute = rng.random((size, size)), rng.random((size, size))
    normal, found = NormalDist(), []
    for one in setting.world.security.open:
        past = (setting.scenario.start - one.since).days / DAYS
        level = np.array([one.level])
        middle, above = (
            float(draw_duration(level, np.array([z]), durations(setting))[0]) for z in (0.0, 1.0)
        )
        spread = max(np.log(above / middle), 1e-9)
        below = normal.cdf(np.log(max(past, 1e-9) / middle) / spread)
        share = min(below + (1.0 - below) * draws[one.i, one.j], 1.0 - 1e-12)
        length = max(middle * np.exp(spread * normal.inv_cdf(max(share, 1e-12))), past)
        found.append(
            Dispute(
                one.i, one.j, one.since, one.level, one.level, float(length),
                is_crisis=bool(acute[one.i, one.j] < crisis_shares(setting)[one.level]),
            )
        )  # fmt: skip
    return tuple(found)


def first_years(setting: Setting) -> Floats:
    """(S, S) years since the last dispute of each pair on the first day, `NEVER` without one."""
    record = setting.world.security
    years = np.where(np.isfinite(record.years_since), record.years_since, NEVER)
    for one in record.open:
        past = (setting.scenario.start - one.since).days / 365.25
        years[one.i, one.j] = years[one.j, one.i] = past
    return years
