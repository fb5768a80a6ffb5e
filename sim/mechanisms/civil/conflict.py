"""Civil conflict begins, rises to war and ends, state by state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.kernels.bargaining import logistic
from sim.kernels.conflict import civil
from sim.kernels.conflict.rates import shifted
from sim.kernels.conflict.third_parties import net_of_mediation
from sim.phase import Phase
from sim.security import hazard_shift, rates, society
from sim.streams import stream
from sim.types import Bools, Floats, Ints

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["CIVIL", "losses"]

QUARTER = 0.25
BELOW_WAR, WAR = 1, 2


def run(setting: Setting, state: State, log: Log) -> None:
    """Onset, end and war level of all states, and the income they lose."""
    block, was = state.civil, state.civil_conflict.copy()
    begins, stops, up, down = _chances(setting, state)
    uniform = stream(setting.seed, "civil", state.step).random((6, was.size))
    agreed = over_by_agreement(setting, state, uniform[5])
    at_once = setting["civil_starts_at_war"]
    loss = losses(setting)
    if not setting.is_on("civil_conflict"):
        return
    active = was > 0
    new, over = (uniform[0] < begins) & ~active, (uniform[1] < stops) & active
    goes_on = active & ~over
    in_war = np.where(was == WAR, uniform[2] >= down, uniform[2] < up) & goes_on
    in_war |= new & (uniform[3] < at_once)
    state.civil_conflict[:] = np.where(goes_on | new, np.where(in_war, WAR, BELOW_WAR), 0)
    block.had[:] |= new
    block.offered[:] = False
    block.age[:] = np.where(goes_on, block.age + QUARTER, 0.0)
    block.peace[:] = np.where(goes_on | new, 0.0, block.peace + QUARTER)
    start = _level_at_start(setting)
    block.income[:] = loss[start] - loss[state.civil_conflict]
    if not setting.is_on("civil_costs"):
        block.income[:] = 0.0
    _tell(setting, state, log, was, (uniform[4], agreed))


def _chances(setting: Setting, state: State) -> tuple[Floats, ...]:
    """(S,) chances in the quarter: onset, end, up to war level, down from it."""
    block, world = state.civil, society(setting, None)
    active = state.civil_conflict > 0
    troops = state.peacekeepers
    onset = civil.civil_onset(
        world,
        block.peace,
        setting.world.is_contiguous @ active,
        rates(setting, civil.CivilOnset),
        troops=troops,
        recurrence=rates(setting, civil.CivilRecurrence),
        had_conflict=block.had,
        quiet_years=setting["civil_quiet_years"],
    )
    onset = shifted(onset, np.diagonal(hazard_shift(setting, state, "civil_onset")))
    since = setting["civil_end_factor_since_2011"]
    is_late = setting.calendar.first_day(state.step).year >= 2011
    end = civil.civil_end(
        world,
        block.age,
        state.civil_conflict == WAR,
        rates(setting, civil.CivilEnd),
        troops=troops,
        mediation=_mediators(setting, state),
        factor=since if is_late else 1.0,
    )
    end = shifted(end, state.sanction_pressure)
    up, down = civil.war_level(world, block.age, rates(setting, civil.WarLevel), troops=troops)
    condemned = np.asarray(setting["scrutiny_calms"] * state.is_condemned, dtype=np.float64)
    return (onset, end, up, shifted(down, condemned))


def _mediators(setting: Setting, state: State) -> civil.Mediators | None:
    """Mediators beside the share of them that the estimate has; None where nobody mediates."""
    found, years = setting["civil_mediated"], setting["civil_mediation_years"]
    effect = setting["civil_end_mediated"]
    if not setting.is_on("civil_mediation"):
        return None
    return civil.Mediators(state.civil_mediation, effect, found * years / (1.0 + found * years))


def over_by_agreement(setting: Setting, state: State, uniform: Floats) -> Bools:
    """(S,) whether a conflict that ends in the quarter does so by agreement.

    The share of ends that are agreements is a mean over those with and without a mediator.
    """
    mean, effect = setting["civil_agreement"], setting["crisis_agreement_mediated"]
    index = np.full(uniform.size, np.log(mean / (1.0 - mean)))
    mediators = _mediators(setting, state)
    if mediators is not None:
        index = net_of_mediation(index, mediators.share_of_ends, effect)
        index = index + effect * (mediators.added > 0)
    return np.asarray(uniform < logistic(index))


def losses(setting: Setting) -> Floats:
    """(3,) percent of annual income lost a year: at peace, below war level, at war level."""
    return np.array([0.0, setting["civil_income_loss_minor"], setting["civil_income_loss_war"]])


def _level_at_start(setting: Setting) -> Ints:
    """(S,) level on the first day, which the data of income have in them."""
    facts = setting.world.security.facts
    return np.asarray(facts.has_conflict * 1 + facts.at_war * 1, dtype=np.int64)


def _tell(
    setting: Setting,
    state: State,
    log: Log,
    was: Ints,
    how: tuple[Floats, Bools],
) -> None:
    """Events of what changed, each on a day of the quarter, an end with whether it was agreed."""
    now, (share, agreed) = state.civil_conflict, how
    for row in np.flatnonzero(now != was):
        day = setting.calendar.day_at(state.step, float(share[row]))
        actor = setting.axes.states[row]
        if not was[row]:
            kind = "civil_conflict_began"
        elif not now[row]:
            kind = "civil_conflict_ended"
        else:
            kind = "civil_conflict_changed"
        reason = "agreement" if kind == "civil_conflict_ended" and agreed[row] else ""
        log.event(state.step, day, kind, actor=actor, value=int(now[row]), reason=reason)


CIVIL = Phase(
    name="civil",
    meaning="civil conflict begins, rises to war level, falls and ends",
    source="UCDP/PRIO 1990-2010, estimates of docs/security.md; Collier 1999",
    reads=(
        "agreements",
        "is_member",
        "civil_conflict",
        "civil_mediation",
        "is_condemned",
        "peacekeepers",
        "sanction_pressure",
        "civil.age",
        "civil.peace",
        "civil.had",
    ),
    writes=(
        "civil_conflict",
        "civil.age",
        "civil.peace",
        "civil.had",
        "civil.offered",
        "civil.income",
    ),
    run=run,
)
