"""Mediators in civil conflict: bodies by their charters and votes, third states and persons."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from sim.kernels.conflict.rates import per_quarter
from sim.mechanisms.third_parties.attempts import (
    COUNTS,
    NOBODY,
    Attempt,
    attempt_of,
    from_outside,
    tell,
)
from sim.phase import Phase
from sim.security.councils import Case, Manner, bodies_for, exposure, manner, vote
from sim.streams import stream

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["CIVIL_MEDIATION"]

QUARTER = 0.25


def run(setting: Setting, state: State, log: Log) -> None:
    """Look for mediators to civil conflicts without one; those there are stay for some years."""
    block, size = state.third_parties, state.civil_conflict.size
    uniform = stream(setting.seed, "civil_mediation", state.step).random((4, size))
    offered = state.civil.offered
    ready = (uniform[0] < per_quarter(np.array(setting["civil_mediated"]))) | offered
    outside = uniform[1] < setting["civil_mediator_outside"]
    asks = uniform[2] < setting["council_consent"]
    # Those from outside that were counted had been accepted; one that offers itself may not be.
    accepted = ~offered | (uniform[2] < setting["mediation_accepted"])
    years, effect = setting["civil_mediation_years"], setting["civil_end_mediated"]
    spill = setting["conflict_neutral_trade_fall"] / setting["trade_elasticity"]
    terms = spill, setting["civil_income_loss_war"], manner(setting)
    if not setting.is_on("civil_mediation"):
        return
    active = state.civil_conflict > 0
    block.civil_years[:] = np.where(active, np.maximum(block.civil_years - QUARTER, 0.0), 0.0)
    block.civil_attempts = ()
    for row in (int(n) for n in np.flatnonzero(active & ready & (block.civil_years == 0))):
        day = setting.calendar.day_at(state.step, float(uniform[3, row]))
        own = (
            [from_outside((row, NOBODY), day)] * bool(accepted[row])
            if outside[row]
            else _to_bodies(setting, state, (row, day, bool(asks[row])), terms)
        )
        for one in own:
            tell(setting, state, log, one)
        if any(one.outcome == "accepted" for one in own):
            block.civil_years[row] = years
        block.civil_attempts = (*block.civil_attempts, *own)
    state.civil_mediation[:] = effect * (block.civil_years > 0)


def _to_bodies(
    setting: Setting,
    state: State,
    where: tuple[int, date, bool],
    terms: tuple[float, float, Manner],
) -> list[Attempt]:
    """Bodies one after the other, regional ones first, until one mediates.

    Where the government has not asked, only those that may interfere.
    """
    host, day, asks = where
    spill, loss, by = terms
    tried = []
    for body in bodies_for(setting, state, "mediation", (host,)):
        mandate = setting.charter(body, state.step).security
        if not asks and not (mandate and mandate.interferes):
            continue
        name = setting.axes.states[host]
        case = Case(
            f"civil/{name}",
            f"mediation within {name}, {'asked for' if asks else 'unasked'}",
            (host,),
            (-loss if asks else loss,),
            spill * exposure(setting, (host,)),
        )
        verdict = vote(setting, state, body, case, by)
        tried.append(attempt_of((host, NOBODY), day, "mediation", verdict))
        if verdict.is_adopted:
            break
    return tried or [Attempt(host, NOBODY, day, "mediation", "", "", "no_body")]


CIVIL_MEDIATION = Phase(
    name="civil_mediation",
    meaning="bodies, third states and persons mediate in civil conflicts",
    source="Regan, Frank & Aydin 2009; DeRouen, Bercovitch & Pospieszna 2011; charters",
    reads=(
        "is_member",
        "has_no_vote",
        "civil_conflict",
        "civil.offered",
        "third_parties.civil_years",
        "third_parties.civil_attempts",
        *COUNTS,
    ),
    writes=(
        "civil_mediation",
        "third_parties.civil_years",
        "third_parties.civil_attempts",
        *COUNTS,
    ),
    run=run,
)
