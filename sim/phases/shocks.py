"""Dated events of the scenario happen, and what they hold in force is filled anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.mechanism import Collected
from sim.phase import Phase
from sim.shocks import SHOCKS as KINDS

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["SHOCKS"]


def run(setting: Setting, state: State, log: Log) -> None:
    """Apply what happens this quarter, and fill anew what is in force for a time."""
    dated = [shock for _, shock in setting.scenario.dated]
    for shock in dated:
        if state.step in {setting.calendar.step_of(day) for day in shock.days()}:
            shock.apply(setting, state, log)
        shock.end(setting, state, log)
    for name in _HELD:
        state[name] = 0
    in_force = [shock for shock in dated if shock.is_in_force(setting, state.step)]
    # Answers come last: they depend on all that they answer, whatever the order of dates and names.
    for shock in sorted(in_force, key=lambda one: one.is_answer):
        shock.keep_in_force(setting, state)


_HELD: Collected[None] = Collected(
    lambda _: dict.fromkeys(name for kind in KINDS.values() for name in kind.holds)
)

SHOCKS = Phase(
    name="shocks",
    meaning="dated events of the scenario happen",
    source="scenario file",
    reads=Collected(lambda _: dict.fromkeys(n for kind in KINDS.values() for n in kind.reads)),
    writes=Collected(
        lambda _: dict.fromkeys(n for kind in KINDS.values() for n in (*kind.writes, *kind.holds))
    ),
    run=run,
)
