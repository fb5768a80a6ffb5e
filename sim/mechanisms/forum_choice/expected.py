"""What is expected of each place: by its rule, then by what it delivers and how busy it is."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from sim.behaviour.expectation import chance_by_rule
from sim.behaviour.meetings import meetings_per_quarter
from sim.forum import body
from sim.kernels.forum_choice import believed_chance, talks_years
from sim.mechanisms.forum_choice.options import AREA, TALKS_A_YEAR, bodies_of
from sim.mechanisms.forum_choice.records import Place, Record

if TYPE_CHECKING:
    from sim.mechanisms.forum_choice.records import Brought, Terms
    from sim.setting import Setting
    from sim.state import State

__all__ = ["look_again", "settle"]


def settle(setting: Setting, state: State) -> tuple[Brought, ...]:
    """Count talks that have ended since the last quarter; those that go on.

    Ended talks leave the docket, and their forum goes where it has no agreement to keep.
    """
    block = state.forum_choice
    signed = {(a.organisation, a.item): a for a in state.agreements if a.is_of_the_run}
    pending = {(i.organisation, i.name) for i in state.docket if i.is_open or i.opens_at >= 0}
    records = {one.place: one for one in block.records}
    talks = [one for one in block.needs if one.place.form != "none"]
    going = []
    for talk in talks:
        key = (talk.forum, talk.item)
        if key in pending:
            going.append(talk)
            continue
        one = records[talk.place]
        if key in signed and signed[key].signed is not None:
            # a body's own counts hold what was brought to it
            years = (state.step - talk.step) / 4.0
            records[talk.place] = replace(one, settled=one.settled + 1, years=one.years + years)
        else:
            records[talk.place] = replace(one, failed=one.failed + 1)
    block.records = tuple(records.values())
    _clear(state, {(one.forum, one.item) for one in talks} - pending)
    return tuple(going)


def _clear(state: State, ended: set[tuple[str, str]]) -> None:
    if not ended:
        return
    state.docket = tuple(i for i in state.docket if (i.organisation, i.name) not in ended)
    kept = {a.organisation for a in state.agreements}
    over = {forum for forum, _ in ended} - kept
    state.forums = tuple(one for one in state.forums if one.code not in over)


def look_again(
    setting: Setting, state: State, going: tuple[Brought, ...], terms: Terms
) -> dict[Place, Record]:
    """Records of all places that exist today, with what is now expected of them."""
    before = {one.place: one for one in state.forum_choice.records}
    open_items = Counter(item.organisation for item in state.docket if item.is_open)
    open_talks = Counter(talk.place.body for talk in going if talk.place.form == "party")
    found = {}
    for place in (Place("bilateral"), *_places(setting, state)):
        one = before.get(place) or Record(place, _level(setting, state, place), 0.0)
        if place.form == "body":
            one = _delivered(setting, state, one)
        load = open_items[place.body] + open_talks[place.body] if place.body else 0
        found[place] = _expected(setting, state, replace(one, n_open=load), terms)
    return found | {place: one for place, one in before.items() if place not in found}


def _places(setting: Setting, state: State) -> list[Place]:
    codes = bodies_of(setting, state)
    joint = [code for code in codes if setting.charter(code, state.step).treaty_making]
    return [Place("body", code) for code in codes] + [Place("party", code) for code in joint]


def _level(setting: Setting, state: State, place: Place) -> str:
    return setting.charter(place.body, state.step).level if place.body else "bilateral"


def _delivered(setting: Setting, state: State, one: Record) -> Record:
    """What a body has settled and let die, brought by choice or on its own docket."""
    row = setting.axes.organisation(one.place.body)
    made = [a for a in state.agreements if a.organisation == one.place.body and a.is_of_the_run]
    took = [(a.signed - a.opened).days / 365.25 for a in made if a.signed is not None]
    # agreements that have ended are no longer listed
    settled = int(state.n_agreed[row])
    mean = sum(took) / len(took) if took else 0.0
    return replace(one, settled=settled, failed=int(state.n_lapsed[row]), years=mean * settled)


def _expected(setting: Setting, state: State, one: Record, terms: Terms) -> Record:
    consent, strength = terms.consent, terms.strength
    prior, parties, pace = consent**2, 2, TALKS_A_YEAR
    if one.place.body:
        prior, parties = chance_by_rule(
            setting, state, body(setting, one.place.body, AREA, state.step), consent
        )
        pace = 4.0 * meetings_per_quarter(setting, state, one.place.body)
    if one.place.form == "party":
        prior, parties = prior * consent, parties + 1
    usual = talks_years(parties, terms.years_two, terms.years_doubling)
    seen = (strength * usual + one.years) / (strength + one.settled)
    turns = terms.meetings * (one.n_open + 1) / pace if pace > 0 else float("inf")
    chance = believed_chance(prior, strength, one.settled, one.failed)
    return replace(one, prior=prior, chance=chance, delay=max(seen, turns))
