"""Meetings of a forum: earned by its rules, shared by the items that are open, and counted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sim.forum import convened
from sim.kernels.choice import TOLERANCE

if TYPE_CHECKING:
    from sim.setting import Setting
    from sim.state import State

__all__ = ["Slot", "count", "earn_meetings", "meetings_due", "meetings_per_quarter"]


@dataclass(frozen=True)
class Slot:
    """A meeting of a quarter: its number, how many there are, and how many items share them."""

    meeting: int
    held: int
    n_open: int

    @property
    def middle(self) -> float:
        """Share of the quarter that has passed in the middle of its time."""
        return (self.meeting + 0.5) / self.held

    @property
    def end(self) -> float:
        """Share of the quarter that has passed at its end."""
        return (self.meeting + 1) / self.held


def earn_meetings(setting: Setting, state: State) -> dict[str, int]:
    """How many meetings each forum holds in the quarter; what is left counts for the next."""
    held = {}
    for code in setting.axes.organisations:
        row = setting.axes.organisation(code)
        earned = meetings_per_quarter(setting, state, code)
        number, state.meetings_due[row] = _split(float(state.meetings_due[row]) + earned)
        held[code] = number if state.is_member[row].sum() >= 2 else 0
    forums = []
    for one in state.forums:
        held[one.code], left = _split(one.meetings_due + one.rules.meetings_per_year / 4.0)
        forums.append(one if left == one.meetings_due else replace(one, meetings_due=left))
    state.forums = tuple(forums)
    return held


def _split(due: float) -> tuple[int, float]:
    """Whole meetings, and what is left of one."""
    held = int(due + TOLERANCE)  # dues that sum to 1 but for rounding
    return held, max(due - held, 0.0)


def meetings_due(setting: Setting, state: State, code: str) -> float:
    """Meetings earned and not yet held."""
    if code in setting.axes.organisations:
        return float(state.meetings_due[setting.axes.organisation(code)])
    return convened(setting, state, code).meetings_due


def meetings_per_quarter(setting: Setting, state: State, code: str) -> float:
    """Meetings by the rules, in proportion to what is left of the secretariat's capacity."""
    if code not in setting.axes.organisations:
        return convened(setting, state, code).rules.meetings_per_year / 4.0
    secretariat = setting.charter(code, state.step).secretariat
    left = state.capacity[setting.axes.organisation(code)] / max(secretariat.capacity, 1e-12)
    return float(secretariat.meetings_per_year / 4.0 * left)


def count(setting: Setting, state: State, code: str, name: str, number: int = 1) -> None:
    """Add to a count that organisations have in arrays, and other forums by themselves."""
    if code in setting.axes.organisations:
        state[name][setting.axes.organisation(code)] += number
    elif number:
        one = convened(setting, state, code)
        more = replace(one, **{name: getattr(one, name) + number})
        state.forums = tuple(more if other is one else other for other in state.forums)
