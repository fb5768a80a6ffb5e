"""States ask to join, wait, and are let in or kept out by the members' own rule."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from sim.kernels.bargaining import votes_from_margins
from sim.kernels.conflict.rates import coefficients
from sim.kernels.membership import Accession, Welcome, accession_chance, welcome
from sim.mechanisms.membership.clauses import age, may_join, standing_of
from sim.phase import Phase
from sim.rules.ballot import Ballot
from sim.rules.decision import DECISION_RULES
from sim.security.councils import exposure
from sim.streams import stream

if TYPE_CHECKING:
    from sim.charter import Charter
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State
    from sim.types import Floats

__all__ = ["ENLARGEMENT", "Application", "first_applications"]


@dataclass(frozen=True)
class Application:
    """A state that asks to be let in.

    Attributes
    ----------
    organisation
        Code.
    state
        Row of the state.
    applied
        Day of the application, which may be to come.
    accedes
        Day on which it is known to become a member, None where members have yet to decide.
    votes
        How often members have decided on it and said no.
    """

    organisation: str
    state: int
    applied: date
    accedes: date | None = None
    votes: int = 0


@dataclass(frozen=True)
class _Taste:
    """What members make of applicants, and the loss from which they object."""

    welcome: Welcome
    objection_cost: float


def first_applications(setting: Setting) -> tuple[Application, ...]:
    """Applications of record: those that wait on the first day, and those that are to come."""
    if not setting.is_on("accession_to_bodies"):
        return ()
    found = []
    for code in setting.axes.organisations:
        admission = setting.scenario.organisation[code].admission
        members = setting.world.members(code, setting.scenario.start)
        for one in admission.applicants if admission else ():
            row = setting.axes.state(one.state)
            if not members[row]:
                found.append(Application(code, row, one.applied, one.accedes))
    return tuple(found)


def run(setting: Setting, state: State, log: Log) -> None:
    """New applications, and those that come to a decision."""
    shape = state.is_member.shape
    draws = stream(setting.seed, "accession_to_bodies", state.step).random((3, *shape))
    model = coefficients(Accession, setting)
    taste = _Taste(coefficients(Welcome, setting), setting["objection_cost"])
    if not setting.is_on("accession_to_bodies"):
        return
    chance = accession_chance(standing_of(setting, state), age(setting, state.step), model)
    queue = _still_asked(setting, state)
    queue += _ask(setting, state, draws[:2], chance, queue)
    left = []
    for one in queue:
        _tell_of(setting, state, log, one)
        at = setting.axes.organisation(one.organisation), one.state
        kept = _decide(setting, state, log, one, float(draws[2][at]), taste)
        left += [kept] if kept else []
    state.membership.applications = tuple(left)


def _still_asked(setting: Setting, state: State) -> list[Application]:
    """Applications that have something to ask for: no union has taken their state in by now."""
    open_to = may_join(setting, state) & ~state.is_member & ~state.is_dissolved[:, None]
    row_of = setting.axes.organisation
    queue = state.membership.applications
    return [one for one in queue if open_to[row_of(one.organisation), one.state]]


def _ask(
    setting: Setting, state: State, draws: Floats, chance: Floats, queue: list[Application]
) -> list[Application]:
    """Applications of the quarter, by chance."""
    alive = (state.is_member.sum(axis=1) > 0) & ~state.is_dissolved
    stayed_out = (state.step - state.membership.left_at) * 0.25 >= setting["return_years"]
    may = may_join(setting, state) & ~state.is_member & alive[:, None] & stayed_out
    for one in queue:
        may[setting.axes.organisation(one.organisation), one.state] = False
    return [
        Application(
            setting.axes.organisations[row],
            int(column),
            setting.calendar.day_at(state.step, float(draws[1, row, column])),
        )
        for row, column in np.argwhere(may & (draws[0] < chance))
    ]


def _tell_of(setting: Setting, state: State, log: Log, one: Application) -> None:
    if setting.calendar.step_of(one.applied) == state.step:
        actor = setting.axes.states[one.state]
        log.event(state.step, one.applied, "applied", actor=actor, organisation=one.organisation)


def _decide(
    setting: Setting, state: State, log: Log, one: Application, uniform: float, taste: _Taste
) -> Application | None:
    """The application, where it goes on waiting."""
    calendar, row = setting.calendar, setting.axes.organisation(one.organisation)
    if one.accedes is not None:
        if calendar.step_of(one.accedes) > state.step:
            return one
        _let_in(setting, state, log, one, one.accedes)
        return None
    charter = setting.charter(one.organisation, state.step)
    is_waiting = calendar.step_of(one.applied) < state.step
    if charter.admission is None or not is_waiting or not state.is_member[row].any():
        return one
    if uniform >= -np.expm1(-0.25 / charter.admission.years):  # talks go on
        return one
    blockers = _blockers(setting, state, charter, one, taste)
    if not blockers:
        _let_in(setting, state, log, one, calendar.day_at(state.step, 0.5))
        return None
    log.event(
        state.step,
        calendar.day_at(state.step, 0.5),
        "accession_refused",
        actor=setting.axes.states[one.state],
        organisation=one.organisation,
        reason=", ".join(blockers),
    )
    return replace(one, votes=one.votes + 1)


def _let_in(setting: Setting, state: State, log: Log, one: Application, day: date) -> None:
    row = setting.axes.organisation(one.organisation)
    state.is_member[row, one.state] = True
    log.event(
        state.step,
        day,
        "join",
        actor=setting.axes.states[one.state],
        organisation=one.organisation,
        reason=f"applied on {one.applied.isoformat()}",
    )


def _blockers(
    setting: Setting, state: State, charter: Charter, one: Application, taste: _Taste
) -> tuple[str, ...]:
    """Members whose no keeps an applicant out; none when it is let in."""
    assert charter.admission is not None
    world, row = setting.world, setting.axes.organisation(one.organisation)
    seats = np.flatnonzero(state.is_member[row] & ~state.has_no_vote[row])
    rule = charter.admission.rule
    if rule is None:
        return ()
    trade = exposure(setting, (one.state,)) * ("trade" in charter.mandate)
    distance = np.abs(world.ideal_point - world.ideal_point[one.state])
    margin = welcome(trade, distance, world.is_rival[:, one.state], taste.welcome)[seats]
    goods = world.exports + world.imports
    decide = DECISION_RULES.bind(rule.rule, rule.parameters, f"organisation.{one.organisation}")
    decision = decide(
        Ballot(
            vote=votes_from_margins(margin, taste.objection_cost),
            margin=margin,
            weight=np.ones(seats.size),
            population=world.population[seats],
            trade_share=goods[seats] / goods.sum(),
            has_veto=np.isin(np.array(setting.axes.states)[seats], charter.vetoes),
        )
    )
    if decision.is_adopted:
        return ()
    against = decision.blockers if decision.blockers.any() else margin < 0
    return tuple(setting.axes.states[n] for n in seats[against]) or ("too few in favour",)


ENLARGEMENT = Phase(
    name="enlargement",
    meaning="states ask to join, wait, and are admitted by the members' rule",
    source="own logit on Correlates of War IGO 3.0; accession clauses of the charters",
    reads=(
        "is_member",
        "is_dissolved",
        "has_no_vote",
        "membership.left_at",
        "membership.applications",
    ),
    writes=("is_member", "membership.applications"),
    run=run,
)
