"""Disputes begin, and rise a stage at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from sim.hazards import NAMES, crisis_shares, dispute_chances, durations, traits
from sim.kernels.conflict import disputes, ladder
from sim.mechanisms.disputes.records import OPEN, Dispute
from sim.phase import Phase
from sim.security import hazard_shift
from sim.streams import stream
from sim.types import Floats

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State


__all__ = ["ONSET"]

QUARTER = 0.25


def run(setting: Setting, state: State, log: Log) -> None:
    """Draw who falls into a dispute and how far it will go, and let open ones rise."""
    block, pairs = state.disputes, traits(setting, None)
    chance, shares = _chances(setting, state)
    stages = int(setting["dispute_stages_per_quarter"])
    lengths = durations(setting)
    rng = stream(setting.seed, "disputes", state.step)
    uniform, normal = rng.random((3, pairs.i.size)), rng.standard_normal(pairs.i.size)
    acute, crises = rng.random(pairs.i.size), crisis_shares(setting)
    if not setting.is_on("disputes"):
        return
    new = disputes.start(chance, uniform[0], state.dispute_stage[pairs.i, pairs.j] > 0)
    highest = ladder.draw_level(shares, uniform[1])
    length = ladder.draw_duration(highest, normal, lengths)
    begun = [
        Dispute(
            int(pairs.i[p]),
            int(pairs.j[p]),
            setting.calendar.day_at(state.step, float(uniform[2, p])),
            stage=0,
            highest=int(highest[p]),
            duration=float(length[p]),
            is_crisis=bool(acute[p] < crises[highest[p]]),
        )
        for p in np.flatnonzero(new)
    ]
    still = [one for one in block.open if one.settlement == OPEN]
    block.open = tuple(_risen(setting, state, log, one, stages) for one in (*still, *begun))
    _remember(state)


def _chances(setting: Setting, state: State) -> tuple[Floats, Floats]:
    """(P,) chance of a new dispute in the quarter, and (P, 4) shares of its highest level."""
    block, pairs = state.disputes, traits(setting, None)
    at = pairs.i, pairs.j
    return dispute_chances(
        setting,
        block.years_since[at],
        block.calm[at] > 0,
        hazard_shift(setting, state, "dispute_onset")[at],
        hazard_shift(setting, state, "dispute_force")[at],
    )


def _risen(setting: Setting, state: State, log: Log, one: Dispute, stages: int) -> Dispute:
    """A dispute after it has risen in the quarter, each stage told on a day of its own."""
    reached = ladder.rise(np.array([one.stage]), np.array([one.highest]), np.array([True]), stages)
    top = int(reached[0])
    start, end = one.days(setting.calendar, state.step)
    days = (end - start).days
    pair = setting.axes.states[one.i], setting.axes.states[one.j]
    for k, stage in enumerate(range(one.stage + 1, top + 1)):
        day = start + timedelta(days=days * k // (top - one.stage))
        kind = "dispute_began" if stage == 1 else "dispute_rose"
        log.event(
            state.step, day, kind, actor=pair[0], target=pair[1], value=stage, reason=NAMES[stage]
        )
    return replace(one, stage=top, risen_at=state.step) if top > one.stage else one


def _remember(state: State) -> None:
    """Time passes: years since the last dispute, and of calm after a mediated one."""
    block, stage = state.disputes, state.dispute_stage
    years = block.years_since
    for one in block.open:
        if one.stage and not stage[one.i, one.j]:
            years[one.i, one.j] = years[one.j, one.i] = 0.0
        stage[one.i, one.j] = stage[one.j, one.i] = one.stage
    years[years >= 0] += QUARTER
    block.calm[:] = np.maximum(block.calm - QUARTER, 0.0)


ONSET = Phase(
    name="disputes",
    meaning="disputes of pairs of states begin and rise a stage at a time",
    source="Correlates of War MID 5.0, estimates of docs/security.md",
    reads=(
        "agreements",
        "is_member",
        "dispute_stage",
        "disputes.open",
        "disputes.years_since",
        "disputes.calm",
    ),
    writes=("dispute_stage", "disputes.open", "disputes.years_since", "disputes.calm"),
    run=run,
)
