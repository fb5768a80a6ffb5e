"""A peace mission, and those known on the first day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sim.security.verdicts import Verdict
from sim.world.treaties import is_current

if TYPE_CHECKING:
    from sim.setting import Setting

__all__ = ["Motion", "PeaceMission", "first_missions"]


@dataclass(frozen=True)
class PeaceMission:
    """A mission from its mandate to its end.

    Attributes
    ----------
    name, body, kind
        Of the mission; body that mandates it.
    host
        Row of the state.
    since, until
        First day; day of the end, None while none is set.
    mandate
        Strength that it is to have, persons.
    """

    name: str
    body: str
    host: int
    since: date
    until: date | None
    mandate: float
    kind: str

    def is_there(self, day: date) -> bool:
        """Whether it is there on a day."""
        return is_current(day, self.since, self.until)


@dataclass(frozen=True)
class Motion:
    """A mission that was put to the vote: host's row, day, whether the host asked, the verdict."""

    host: int
    day: date
    is_asked: bool
    verdict: Verdict


def first_missions(setting: Setting) -> tuple[PeaceMission, ...]:
    """Missions on the first day, and those that are known to follow."""
    if not setting.is_on("missions"):
        return ()
    return tuple(
        PeaceMission(m.name, m.body, m.host, m.since, m.until, m.personnel, m.kind)
        for m in setting.world.security.missions
        if m.until is None or m.until > setting.scenario.start
    )
