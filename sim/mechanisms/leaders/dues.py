"""Nationalist leaders withhold dues."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.phase import Phase

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["LEADER_DUES"]


def run(setting: Setting, state: State, log: Log) -> None:
    """What members withhold for as long as such a leader governs, in all bodies alike."""
    share = np.minimum(setting["leader_dues"] * np.maximum(state.orientation, 0.0), 1.0)
    withholds = state.is_member & setting.is_on("leader_dues")
    state.leaders.withheld[:] = np.where(withholds, share, 0.0)


LEADER_DUES = Phase(
    name="leader_dues",
    meaning="nationalist leaders withhold dues of their states",
    source="assumption (docs/institutions.md)",
    reads=("orientation", "is_member"),
    writes=("leaders.withheld",),
    run=run,
)
