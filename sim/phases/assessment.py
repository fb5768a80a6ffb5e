"""The world is assessed anew: once a year, and when a tariff or another cost is imposed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.agreements import OUTSIDE, Assessment
from sim.phase import Phase

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["ASSESSMENT"]


def run(setting: Setting, state: State, log: Log) -> None:
    """Note what negotiators, parliaments and parties look to until the next assessment."""
    last = state.assessments
    if state.step % 4 == 0 or not last or not last[0].holds(state):
        state.assessments = (Assessment.of(state),)


ASSESSMENT = Phase(
    name="assessment",
    meaning="the world that texts are valued in is assessed, yearly and when costs are imposed",
    source="assumption: impact assessments are made once, not after each signature elsewhere",
    reads=("agreements", *OUTSIDE, "assessments"),
    writes=("assessments",),
    run=run,
)
