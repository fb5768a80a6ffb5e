"""Forums meet and work on what is before them; open items share the meetings."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import Agreement, Item, Status
from sim.behaviour.bargaining import Round, Table, hold_round, reference_solutions
from sim.behaviour.meetings import (
    Slot,
    count,
    earn_meetings,
    meetings_due,
    meetings_per_quarter,
)
from sim.behaviour.parties import seat_parties
from sim.behaviour.taste import taste_of
from sim.behaviour.utility import systematic_utility
from sim.economy import committed_terms
from sim.forum import forum_of
from sim.issues import areas
from sim.kernels.choice import TOLERANCE
from sim.phase import Phase

if TYPE_CHECKING:
    from datetime import date

    from sim.forum import Forum
    from sim.issues.menu import Menu
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["NEGOTIATION"]


def run(setting: Setting, state: State, log: Log) -> None:
    """Open what is due, hold the quarter's meetings, let die what has passed its deadline."""
    state.n_blocks[:] = 0
    places = defaultdict(list)
    for place, item in enumerate(state.docket):
        places[item.organisation].append(place)
    for code, held in earn_meetings(setting, state).items():
        if places[code]:
            _work(setting, state, log, places[code], held)


def _work(setting: Setting, state: State, log: Log, places: list[int], held: int) -> None:
    """A forum's quarter: take up what is due, share the meetings, drop what is out of time.

    Parameters
    ----------
    places
        Of its items in the docket.
    """
    if _forum(setting, state, state.docket[places[0]]).members(setting, state).sum() < 2:
        return
    for place in places:
        _put(state, place, _take_up(setting, state, log, state.docket[place]))
    for meeting in range(held):
        middle = state.step + Slot(meeting, held, 0).middle
        waiting = [n for n in places if _is_ready(setting, state, state.docket[n], middle)]
        if waiting:
            # those that have waited longest, and among equals the first of the docket
            place = min(waiting, key=lambda n: state.docket[n].met_at)
            item = state.docket[place]
            _put(state, place, _meet(setting, state, log, item, Slot(meeting, held, len(waiting))))
    for place in places:
        _put(state, place, _check_deadline(setting, state, log, state.docket[place]))


def _is_ready(setting: Setting, state: State, item: Item, now: float) -> bool:
    """Whether an open item has been prepared long enough to be voted on, by the forum's rules."""
    if not item.is_open or not setting.is_on("procedures"):
        return item.is_open
    months = _forum(setting, state, item).rules.procedure_months
    return 3.0 * (now - item.opened_at) >= months


def _put(state: State, place: int, item: Item) -> None:
    """Replace an item of the docket."""
    state.docket = (*state.docket[:place], item, *state.docket[place + 1 :])


def _take_up(setting: Setting, state: State, log: Log, item: Item) -> Item:
    """Open a waiting item when its quarter has come and there is something to negotiate."""
    if item.is_open or item.opens_at < 0 or state.step < item.opens_at:
        return item
    day = setting.calendar.first_day(state.step)
    if _menu(setting, state, item).is_empty:
        return _drop(setting, state, log, item)
    log.event(state.step, day, "item_opened", organisation=item.organisation, item=item.code)
    blank = np.zeros(len(setting.axes.states))
    return replace(item, opened_at=state.step, round=0, tabled=None, belief=blank)


def _drop(setting: Setting, state: State, log: Log, item: Item) -> Item:
    """Nothing on the menu changes anything for anybody (any more)."""
    log.event(
        state.step,
        setting.calendar.first_day(state.step),
        "nothing_to_negotiate",
        organisation=item.organisation,
        item=item.code,
    )
    return _next_opening(item, state.step)


def _forum(setting: Setting, state: State, item: Item) -> Forum:
    return forum_of(setting, state, item.organisation, item.specification.area)


def _menu(setting: Setting, state: State, item: Item) -> Menu:
    spec, forum = item.specification, _forum(setting, state, item)
    members = forum.members(setting, state)
    return areas()[spec.area].menu(setting, state, forum, spec, members, name=item.name)


def _next_opening(item: Item, step: int) -> Item:
    """The item waits for its next opening, or for ever when it is taken up once.

    What is settled before its deadline rests until the term is over, as a plan of five years does.
    """
    every = item.specification.every_quarters
    end = item.opened_at + item.specification.deadline_quarters - 1 if item.is_open else step
    return replace(
        item,
        opens_at=max(step, end) + every if every else -1,
        opening=item.opening + 1,
        opened_at=-1,
        round=0,
        tabled=None,
        objected=np.zeros(1, dtype=bool),
    )


def _meet(setting: Setting, state: State, log: Log, waiting: Item, slot: Slot) -> Item:
    """One meeting on one item."""
    item = replace(waiting, met_at=state.step + slot.middle)
    spec, forum = item.specification, _forum(setting, state, item)
    menu = _menu(setting, state, item)
    if menu.is_empty:
        return _drop(setting, state, log, item)
    taste = taste_of(setting, forum, item.name)
    table = Table(
        forum=forum,
        item=item,
        menu=menu,
        parties=seat_parties(setting, state, forum, forum.members(setting, state)),
        utility=systematic_utility(setting, state, menu),
        elapsed=(state.step - item.opened_at + slot.end) / spec.deadline_quarters,
        is_last=_is_last(setting, state, item, slot),
        noise=taste.at(setting, item.code, (state.step, slot.meeting), menu.has_obligation),
        taste=taste.parts,
    )
    day = setting.calendar.day_at(state.step, slot.middle)
    outcome = hold_round(setting, state, table)
    if outcome is None:
        common = {"organisation": item.organisation, "item": item.code}
        reason = "every proposal touches a protected matter"
        log.event(state.step, day, "not_tabled", reason=reason, **common)
        return replace(item, round=item.round + 1)
    references = reference_solutions(setting, table)
    log.round(state.step, day, table, outcome, references, slot.meeting)
    _count_blocks(setting, state, item.organisation, int(outcome.decision.blockers.sum()))
    if outcome.decision.is_adopted:
        _adopt(setting, state, log, table, outcome, day)
        count(setting, state, item.organisation, "n_agreed")
        return _next_opening(item, state.step)
    return replace(
        item,
        round=item.round + 1,
        tabled=outcome.proposal,
        belief=outcome.belief,
        objected=table.parties.to_states(outcome.decision.blockers),
    )


def _count_blocks(setting: Setting, state: State, code: str, blocking: int) -> None:
    if code in setting.axes.organisations:
        state.n_blocks[setting.axes.organisation(code)] += blocking
    count(setting, state, code, "n_vetoes", blocking)


def _is_last(setting: Setting, state: State, item: Item, slot: Slot) -> bool:
    """Whether the item is not expected to be met on again before the deadline."""
    code = item.organisation
    left = item.opened_at + item.specification.deadline_quarters - 1 - state.step
    expected = left * meetings_per_quarter(setting, state, code)
    due = meetings_due(setting, state, code) + slot.held - 1 - slot.meeting
    return due + expected < slot.n_open - TOLERANCE


def _adopt(
    setting: Setting, state: State, log: Log, table: Table, outcome: Round, day: date
) -> None:
    """The agreement is agreed and signed by its adopters."""
    item, spec = table.item, table.item.specification
    signatories = table.parties.to_states(outcome.decision.adopters)
    size = signatories.size
    nobody = np.zeros(size, dtype=bool)
    agreement = Agreement(
        code=item.code,
        organisation=item.organisation,
        item=item.name,
        area=spec.area,
        kind=spec.kind,
        proposal=outcome.proposal,
        scale=float(table.menu.scale[outcome.chosen]),
        effects=table.menu.effects[outcome.chosen],
        opened=setting.calendar.first_day(item.opened_at),
        signatories=signatories,
        ratified=nobody,
        acceded=nobody.copy(),
        bound_at=np.full(size, -1, dtype=np.int64),
        leaders=state.orientation.copy(),
        sides=table.forum.sides(setting, state),
    )
    revision = table.forum.revision
    if revision:
        old = next(one for one in state.agreements if one.code == revision.agreement)
        agreement = agreement.in_place_of(old)
    hits_ceiling = committed_terms(setting, state).hits_ceiling(agreement.among(signatories))
    agreement = agreement.advance(Status.TABLED).advance(Status.AGREED, agreed=day)
    state.agreements = (*state.agreements, agreement.advance(Status.SIGNED, signed=day))
    common = {"organisation": item.organisation, "agreement": agreement.code, "item": item.code}
    names = ";".join(setting.axes.names(signatories))
    for kind in ("agreed", "signed"):
        log.event(state.step, day, kind, actor=names, value=float(signatories.sum()), **common)
    if hits_ceiling:
        log.event(state.step, day, "ceiling_reached", **common)


def _check_deadline(setting: Setting, state: State, log: Log, item: Item) -> Item:
    """An item that was not settled in time dies; some bodies then issue a statement."""
    if not item.is_open:
        return item
    spec = item.specification
    if state.step - item.opened_at + 1 < spec.deadline_quarters:
        return item
    day = setting.calendar.day_at(state.step, 1.0)
    kind = _forum(setting, state, item).fallback or "item_lapsed"
    ended = "n_lapsed" if kind == "item_lapsed" else "n_statements"
    count(setting, state, item.organisation, ended)
    log.event(
        state.step,
        day,
        kind,
        organisation=item.organisation,
        item=item.code,
        value=float(item.round),
        reason=f"deadline of {spec.deadline_quarters} quarters passed",
    )
    return _next_opening(replace(item, refused=item.refused | item.objected), state.step)


NEGOTIATION = Phase(
    name="negotiation",
    meaning="organisations meet, chairs table, members vote under their rules",
    source="Faratin, Sierra & Jennings 1998; McKelvey & Palfrey 1995; charters",
    reads=(
        "is_member",
        "has_no_vote",
        "capacity",
        "orientation",
        "trust",
        "has_treaty",
        "extra_tariff",
        "extra_trade_cost",
        "extra_income",
        "meetings_due",
        "n_vetoes",
        "n_agreed",
        "n_lapsed",
        "n_statements",
        "agreements",
        "docket",
        "forums",
        "assessments",
    ),
    writes=(
        "meetings_due",
        "n_blocks",
        "n_vetoes",
        "n_agreed",
        "n_lapsed",
        "n_statements",
        "agreements",
        "docket",
        "forums",
    ),
    run=run,
)
