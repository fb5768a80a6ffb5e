"""Nationalist leaders take their states out of organisations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.calendar import add_months
from sim.phase import Phase
from sim.streams import stream

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["LEADER_WITHDRAWALS"]

QUARTER = 0.25


def run(setting: Setting, state: State, log: Log) -> None:
    """Draw who announces its exit on top of those who would leave under any leader."""
    draws = stream(setting.seed, "leader_withdrawals", state.step).random(
        (2, *state.is_member.shape)
    )
    above = np.maximum(state.orientation, 0.0)
    yearly = setting["leader_withdrawal_base"] * np.expm1(setting["leader_withdrawal"] * above)
    chance = np.minimum(QUARTER * yearly, 1.0)
    if not setting.is_on("leader_withdrawals"):
        return
    # a body of another body is left with it
    charters = [setting.charter(code, state.step) for code in setting.axes.organisations]
    is_own = np.array([not charter.part_of for charter in charters])
    may = state.is_member & (state.leaves_at < 0) & (is_own & ~state.is_dissolved)[:, None]
    for row, column in np.argwhere(may & (draws[0] < chance)):
        day = setting.calendar.day_at(state.step, float(draws[1, row, column]))
        out = add_months(day, charters[row].exit_notice_months)
        state.leaves_at[row, column] = max(setting.calendar.step_of(out), state.step + 1)
        log.event(
            state.step,
            day,
            "exit_announced",
            actor=setting.axes.states[column],
            organisation=setting.axes.organisations[row],
            reason=f"by its leader; effective {out.isoformat()}",
        )


LEADER_WITHDRAWALS = Phase(
    name="leader_withdrawals",
    meaning="nationalist leaders announce that their states leave organisations",
    source="assumption (docs/institutions.md); Correlates of War IGO 3.0 for the level",
    reads=("orientation", "is_member", "is_dissolved", "leaves_at"),
    writes=("leaves_at",),
    run=run,
)
