"""What states learn from items that end, and which items they wait for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sim.forum import forum_of
from sim.mechanisms.forum_choice.records import Place, Watched

if TYPE_CHECKING:
    from sim.agreements import Item
    from sim.mechanisms.forum_choice.records import Brought, Record
    from sim.setting import Setting
    from sim.state import State
    from sim.types import Bools, Floats

__all__ = ["open_ages", "settle", "watch"]

QUARTERS = 4.0


def settle(state: State) -> tuple[Brought, ...]:
    """Count what has ended since the last quarter; talks that states brought and that go on.

    Ended talks leave the docket, and their forum goes where it has no agreement to keep.
    """
    block = state.forum_choice
    pending = {item.code for item in state.docket if item.is_open or item.opens_at >= 0}
    signed = {
        one.code: one.signatories
        for one in state.agreements
        if one.is_of_the_run and one.signed is not None
    }
    records = {one.place: one for one in block.records}
    for one in block.watched:
        if one.code not in pending and one.place in records:
            records[one.place] = _learn(records[one.place], one, state.step, signed.get(one.code))
    block.records = tuple(records.values())
    talks = [one for one in block.needs if one.place.form != "none"]
    going = tuple(one for one in talks if f"{one.forum}/{one.item}/0" in pending)
    _clear(state, {(one.forum, one.item) for one in talks if one not in going})
    return going


def _learn(record: Record, one: Watched, step: int, signed: Bools | None) -> Record:
    """A record with what has become of an item: who has signed it (S,), or that nobody has."""
    if signed is None and one.since < 0 and not one.is_brought:
        return record  # of a charter, and there was nothing to negotiate
    # what was settled in the quarter in which it was brought was never seen open
    years = (step - one.since) / QUARTERS if one.since >= 0 else 1.0 / QUARTERS
    # where some may go first, as far as those who took part have signed
    share = 0.0 if signed is None else float(signed[one.inside].sum() / one.inside.sum())
    seen = np.array([share, 1.0 - share, share * years])
    return replace(
        record,
        settled=record.settled + int(signed is not None),
        failed=record.failed + int(signed is None),
        seen=record.seen + seen,
        own=record.own + np.outer(seen, one.inside),
    )


def _clear(state: State, ended: set[tuple[str, str]]) -> None:
    if not ended:
        return
    state.docket = tuple(i for i in state.docket if (i.organisation, i.name) not in ended)
    kept = {a.organisation for a in state.agreements}
    over = {forum for forum, _ in ended} - kept
    state.forums = tuple(one for one in state.forums if one.code not in over)


def watch(setting: Setting, state: State) -> tuple[Watched, ...]:
    """Items that are open or wait before places that have a record."""
    block = state.forum_choice
    before = {one.code: one for one in block.watched}
    brought = {(one.forum, one.item): one.place for one in block.needs}
    places = {one.place for one in block.records}
    found = []
    for item in state.docket:
        area = item.specification.area
        place = brought.get((item.organisation, item.name), Place("body", item.organisation, area))
        if place in places and (item.is_open or item.opens_at >= 0):
            known = before.get(item.code)
            inside = known.inside if known else _inside(setting, state, item)
            is_brought = (item.organisation, item.name) in brought
            found.append(Watched(place, item.code, item.opened_at, inside, is_brought))
    return tuple(found)


def _inside(setting: Setting, state: State, item: Item) -> Bools:
    forum = forum_of(setting, state, item.organisation, item.specification.area)
    return forum.members(setting, state)


def open_ages(
    state: State, watched: tuple[Watched, ...], others: float
) -> dict[Place, tuple[Floats, Floats]]:
    """Place → (N,) years for which its items have been open, (S, N) what each state makes of them.

    Parameters
    ----------
    others
        What an item counts in which a state takes no part.
    """
    found: dict[Place, list[Watched]] = {}
    for one in watched:
        if one.since >= 0:
            found.setdefault(one.place, []).append(one)
    return {
        place: (
            np.array([(state.step - one.since) / QUARTERS for one in those]),
            np.where(np.array([one.inside for one in those]).T, 1.0, others),
        )
        for place, those in found.items()
    }
