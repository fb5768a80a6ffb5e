"""Organisations meet and work their dockets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import Agreement, Commitment, Item, Status
from sim.behaviour.bargaining import Round, Table, hold_round, reference_solutions
from sim.behaviour.parties import seat_parties
from sim.behaviour.taste import taste_of
from sim.economy import committed_terms
from sim.issues import areas
from sim.kernels.choice import TOLERANCE, is_at_least
from sim.phase import Phase

if TYPE_CHECKING:
    from datetime import date

    from sim.charter import DocketItem
    from sim.issues.menu import Menu
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["NEGOTIATION"]


def run(setting: Setting, state: State, log: Log) -> None:
    """Open what is due, hold the quarter's meetings, let die what has passed its deadline."""
    state.n_blocks[:] = 0
    for row, code in enumerate(setting.axes.organisations):
        state.meetings_due[row] += _meetings_per_quarter(setting, state, code)
        held = int(state.meetings_due[row] + TOLERANCE)  # dues that sum to 1 but for rounding
        state.meetings_due[row] = max(state.meetings_due[row] - held, 0.0)
        if state.is_member[row].sum() < 2:
            continue
        for position, item in enumerate(state.docket):
            if item.organisation == code:
                worked = _work_on(setting, state, log, item, held)
                state.docket = (
                    *state.docket[:position],
                    worked,
                    *state.docket[position + 1 :],
                )


def _meetings_per_quarter(setting: Setting, state: State, code: str) -> float:
    """Meetings of the charter, in proportion to what is left of the secretariat's capacity."""
    secretariat = setting.charter(code).secretariat
    left = state.capacity[setting.axes.organisation(code)] / max(secretariat.capacity, 1e-12)
    return float(secretariat.meetings_per_year / 4.0 * left)


def _work_on(setting: Setting, state: State, log: Log, item: Item, held: int) -> Item:
    """The quarter's work on one item: open it, meet, see whether its time is up."""
    now = _take_up(setting, state, log, item)
    for meeting in range(held):
        if now.is_open:
            now = _meet(setting, state, log, now, meeting, held)
    return _check_deadline(setting, state, log, now)


def _spec(setting: Setting, item: Item) -> DocketItem:
    return setting.charter(item.organisation).docket[item.name]


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
    return _next_opening(setting, item, state.step)


def _menu(setting: Setting, state: State, item: Item) -> Menu:
    row = setting.axes.organisation(item.organisation)
    spec = _spec(setting, item)
    area = areas()[spec.area]
    members = state.is_member[row].copy()
    return area.menu(setting, state, item.organisation, spec, members, name=item.name)


def _next_opening(setting: Setting, item: Item, step: int) -> Item:
    """The item waits for its next opening, or for ever when it is taken up once."""
    every = _spec(setting, item).every_quarters
    return replace(
        item,
        opens_at=step + every if every else -1,
        opening=item.opening + 1,
        opened_at=-1,
        round=0,
        tabled=None,
        objected=np.zeros(1, dtype=bool),
    )


def _meet(setting: Setting, state: State, log: Log, item: Item, meeting: int, held: int) -> Item:
    """One meeting on one item."""
    spec = _spec(setting, item)
    row = setting.axes.organisation(item.organisation)
    menu = _menu(setting, state, item)
    if menu.is_empty:
        return _drop(setting, state, log, item)
    elapsed = (state.step - item.opened_at + (meeting + 1) / held) / spec.deadline_quarters
    taste = taste_of(setting, spec.area, item)
    table = Table(
        organisation=item.organisation,
        area=spec.area,
        item=item,
        menu=menu,
        parties=seat_parties(
            setting, state, item.organisation, spec.area, state.is_member[row].copy()
        ),
        elapsed=elapsed,
        is_last=_is_last(setting, state, item, meeting, held),
        noise=taste.at(setting, item.code, state.step, meeting),
        taste=taste.parts,
    )
    day = setting.calendar.day_at(state.step, (meeting + 0.5) / held)
    outcome = hold_round(setting, state, table)
    if outcome is None:
        log.event(
            state.step,
            day,
            "not_tabled",
            organisation=item.organisation,
            item=item.code,
            reason="every proposal touches a protected matter",
        )
        return replace(item, round=item.round + 1)
    references = reference_solutions(setting, state, table)
    log.round(state.step, day, table, outcome, references, meeting)
    blocking = int((outcome.decision.blockers).sum())
    state.n_blocks[row] += blocking
    state.n_vetoes[row] += blocking
    if outcome.decision.is_adopted:
        _adopt(setting, state, log, table, outcome, day)
        state.n_agreed[row] += 1
        return _next_opening(setting, item, state.step)
    return replace(
        item,
        round=item.round + 1,
        tabled=outcome.proposal,
        belief=outcome.belief,
        objected=table.parties.to_states(outcome.decision.blockers),
    )


def _is_last(setting: Setting, state: State, item: Item, meeting: int, held: int) -> bool:
    """Whether no further meeting is expected before the deadline."""
    left = item.opened_at + _spec(setting, item).deadline_quarters - 1 - state.step
    row = setting.axes.organisation(item.organisation)
    expected = left * _meetings_per_quarter(setting, state, item.organisation)
    return bool(meeting == held - 1 and not is_at_least(state.meetings_due[row] + expected, 1.0))


def _adopt(
    setting: Setting, state: State, log: Log, table: Table, outcome: Round, day: date
) -> None:
    """The agreement is agreed and signed by its adopters."""
    item, spec = table.item, _spec(setting, table.item)
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
    )
    hits_ceiling = committed_terms(setting, state).hits_ceiling(
        Commitment(agreement.effects, signatories)
    )
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
    spec = _spec(setting, item)
    if state.step - item.opened_at + 1 < spec.deadline_quarters:
        return item
    row = setting.axes.organisation(item.organisation)
    day = setting.calendar.day_at(state.step, 1.0)
    kind = setting.fallback(item.organisation, spec.area) or "item_lapsed"
    if kind == "item_lapsed":
        state.n_lapsed[row] += 1
    log.event(
        state.step,
        day,
        kind,
        organisation=item.organisation,
        item=item.code,
        value=float(item.round),
        reason=f"deadline of {spec.deadline_quarters} quarters passed",
    )
    return _next_opening(setting, replace(item, refused=item.refused | item.objected), state.step)


NEGOTIATION = Phase(
    name="negotiation",
    meaning="organisations meet, chairs table, members vote under their rules",
    source="Faratin, Sierra & Jennings 1998; McKelvey & Palfrey 1995; charters",
    reads=(
        "is_member",
        "capacity",
        "orientation",
        "has_treaty",
        "extra_tariff",
        "extra_trade_cost",
        "extra_income",
        "meetings_due",
        "n_vetoes",
        "n_agreed",
        "n_lapsed",
        "agreements",
        "docket",
    ),
    writes=("meetings_due", "n_blocks", "n_vetoes", "n_agreed", "n_lapsed", "agreements", "docket"),
    run=run,
)
