"""Exits fall due; treaties follow their members."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import TRANSITIONS, Agreement, Status
from sim.memo import remembered
from sim.phase import Phase
from sim.shocks.membership import ExitShock
from sim.types import Bools

if TYPE_CHECKING:
    from datetime import date

    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["MEMBERSHIP"]


def run(setting: Setting, state: State, log: Log) -> None:
    """Carry out exits that are due, then ask which treaties bind whom."""
    due = (state.leaves_at >= 0) & (state.leaves_at <= state.step)
    for row, column in np.argwhere(due & state.is_member):
        _leave(setting, state, log, int(row), int(column))
    state.leaves_at[due] = -1
    _wind_up(setting, state, log)
    _follow_members(setting, state)


def _wind_up(setting: Setting, state: State, log: Log) -> None:
    """Dissolved organisations have no members, and their agreements end with them."""
    gone = state.is_dissolved & state.is_member.any(axis=1)
    if not gone.any():
        return
    codes = {setting.axes.organisations[row] for row in np.flatnonzero(gone)}
    day = setting.calendar.first_day(state.step)
    kept = []
    for one in state.agreements:
        if one.organisation in codes and one.status not in _ENDED:
            log.event(
                state.step,
                day,
                "agreement_ended",
                organisation=one.organisation,
                agreement=one.code,
                reason="the organisation was dissolved",
            )
            one = one.advance(Status.WITHDRAWN, ended=day)  # noqa: PLW2901
        kept.append(one)
    state.agreements = tuple(kept)
    state.is_member[gone] = False
    state.leaves_at[gone] = -1


def _leave(setting: Setting, state: State, log: Log, row: int, column: int) -> None:
    code, actor = setting.axes.organisations[row], setting.axes.states[column]
    state.is_member[row, column] = False
    state.n_exits[row] += 1
    day = _effective(setting, state, code, actor)
    log.event(state.step, day, "exit", actor=actor, organisation=code, reason="notice expired")
    spoken_for = {one.code for one in state.forums if code in one.rules.parties}
    touched = [
        agreement
        for agreement in state.agreements
        if agreement.organisation in {code, *spoken_for} and agreement.signatories[column]
    ]
    after = {a.code: _after_exit(a, column, day) for a in touched}
    for agreement in touched:
        if after[agreement.code].status is Status.WITHDRAWN is not agreement.status:
            log.event(
                state.step,
                day,
                "agreement_ended",
                actor=actor,
                organisation=code,
                agreement=agreement.code,
                reason="fewer than two parties are left",
            )
    if touched:
        state.agreements = tuple(after.get(a.code, a) for a in state.agreements)


def _after_exit(agreement: Agreement, column: int, day: date) -> Agreement:
    """The agreement without one state; it ends when fewer than two are left."""
    left = agreement.without(column)
    if left.signatories.sum() < 2 and left.status not in _ENDED:
        return left.advance(Status.WITHDRAWN, ended=day)
    return left


_ENDED = frozenset(status for status in Status if not TRANSITIONS[status])
_TERRITORIES = {"EU_CU": "EU"}
"""Customs territories that treaties name, and the union whose members make them up."""


def _effective(setting: Setting, state: State, code: str, actor: str) -> date:
    """The day of the exit: the announced one, of a shock or of record, where there is one."""
    for known in setting.scenario.organisation[code].withdrawals:
        if known.state == actor and setting.calendar.step_of(known.leaves) == state.step:
            return known.leaves
    for _, shock in setting.scenario.dated:
        if isinstance(shock, ExitShock) and (shock.organisation, shock.state) == (code, actor):
            day = shock.effective(setting)
            if setting.calendar.step_of(day) == state.step:
                return day
    return setting.calendar.first_day(state.step)


def _follow_members(setting: Setting, state: State) -> None:
    """Pairs bound by a treaty of the outside world, whoever moved those who belong to what."""
    rows = [setting.axes.organisation(code) for code in _with_treaties(setting, None)]
    as_before = _keeps_trade(setting, None) & ~state.is_dissolved[:, None]
    bound = _bound(setting, None, (state.is_member | as_before)[rows])
    fresh = bound & ~state.has_treaty
    state.treaty_since[~bound] = -1
    # pairs bound on the first day have phased in long ago; those of a shock of that day have not
    is_old = setting.world.has_agreement & (state.step == 0)
    state.treaty_since[fresh] = np.where(is_old, -1, state.step)[fresh]
    state.has_treaty[:] = bound


@remembered(keep=1)
def _keeps_trade(setting: Setting, _: None) -> Bools:
    """(O, S) members of the first day whom a body treats as such in trade when they have left."""
    found = np.zeros((len(setting.axes.organisations), len(setting.axes.states)), dtype=bool)
    if not setting.is_on("withdrawals"):
        return found
    for row, code in enumerate(setting.axes.organisations):
        known = setting.scenario.organisation[code].withdrawals
        names = [one.state for one in known if one.keeps_trade]
        found[row] = setting.axes.mask(names) & setting.world.members(code, setting.scenario.start)
    return found


@remembered(keep=1)
def _with_treaties(setting: Setting, _: None) -> tuple[str, ...]:
    """Organisations whose members some treaty binds."""
    named: set[str] = set()
    for treaty in setting.world.treaties:
        named.add(treaty.organisation)
        for side in (treaty.side_a, treaty.side_b):
            named.update(side.groups if side else ())
    named.update(union for territory, union in _TERRITORIES.items() if territory in named)
    return tuple(code for code in setting.axes.organisations if code in named)


@remembered(keep=1)
def _bound(setting: Setting, _: None, is_member: Bools) -> Bools:
    """(S, S) pairs that a treaty binds, given the members of the bodies that treaties name."""
    members = dict(zip(_with_treaties(setting, None), is_member, strict=True))
    for territory, union in _TERRITORIES.items():
        if union in members:
            members[territory] = members[union]
    return setting.world.agreement_mask(setting.scenario.start, members)


MEMBERSHIP = Phase(
    name="membership",
    meaning="announced exits fall due, dissolved bodies lose their members, treaties follow",
    source="exit clauses of the charters",
    reads=(
        "n_exits",
        "is_member",
        "is_dissolved",
        "leaves_at",
        "has_treaty",
        "treaty_since",
        "agreements",
        "forums",
    ),
    writes=("n_exits", "is_member", "leaves_at", "has_treaty", "treaty_since", "agreements"),
    run=run,
)
