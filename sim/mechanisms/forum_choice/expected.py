"""What states expect of each place: by its rule, what it delivers, and how busy it is."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sim.behaviour.expectation import chance_by_rule
from sim.behaviour.meetings import meetings_per_quarter
from sim.forum import body
from sim.kernels.forum_choice import chance_and_years, talks_years
from sim.mechanisms.forum_choice.areas import TALKS_A_YEAR, bodies_of, of_pairs
from sim.mechanisms.forum_choice.beliefs import open_ages
from sim.mechanisms.forum_choice.records import Place, Record

if TYPE_CHECKING:
    from sim.mechanisms.forum_choice.records import Brought, Terms
    from sim.setting import Setting
    from sim.state import State
    from sim.types import Floats

__all__ = ["look_again"]


def look_again(
    setting: Setting,
    state: State,
    going: tuple[Brought, ...],
    terms: Terms,
    areas: tuple[str, ...] = ("trade",),
) -> dict[Place, Record]:
    """Records of all places that exist today, with what is now expected of them."""
    before = {one.place: one for one in state.forum_choice.records}
    open_items = Counter(item.organisation for item in state.docket if item.is_open)
    open_talks = Counter(talk.place.body for talk in going if talk.place.form == "party")
    ages = open_ages(state, state.forum_choice.watched, terms.others)
    none = np.zeros(0), np.zeros((len(setting.axes.states), 0))
    found = {}
    for place in [place for area in areas for place in _places(setting, state, area)]:
        one = before.get(place) or _unknown(setting, state, place)
        load = open_items[place.body] + open_talks[place.body] if place.body else 0
        one = replace(one, n_open=load)
        found[place] = _expected(setting, state, one, terms, ages.get(place, none))
    return found | {place: one for place, one in before.items() if place not in found}


def _places(setting: Setting, state: State, area: str) -> list[Place]:
    codes = bodies_of(setting, state, area)
    found = [Place("body", code, area) for code in codes]
    if not of_pairs(area):
        return found
    joint = [code for code in codes if setting.charter(code, state.step).treaty_making]
    return [Place("bilateral", "", area), *found, *(Place("party", code, area) for code in joint)]


def _unknown(setting: Setting, state: State, place: Place) -> Record:
    level = setting.charter(place.body, state.step).level if place.body else "bilateral"
    blank = np.zeros(len(setting.axes.states))
    return Record(place, level, 0.0, np.zeros(3), np.zeros((3, blank.size)), blank, blank)


def _expected(
    setting: Setting, state: State, one: Record, terms: Terms, ages: tuple[Floats, Floats]
) -> Record:
    prior, parties, pace = one.prior, one.parties, TALKS_A_YEAR
    if state.step % 4 == 0 or not parties:
        prior, parties = _by_rule(setting, state, one.place, terms)
    if one.place.body:
        pace = 4.0 * meetings_per_quarter(setting, state, one.place.body)
    usual = talks_years(parties, terms.years_two, terms.years_doubling)
    ended = terms.others * one.seen[:, None] + (1.0 - terms.others) * one.own
    chance, years = chance_and_years((prior, usual, terms.strength), ended, *ages)
    turns = terms.meetings * (one.n_open + 1) / pace if pace > 0 else float("inf")
    delay = np.maximum(years, turns)
    return replace(one, prior=prior, parties=parties, chance=chance, delay=delay)


def _by_rule(setting: Setting, state: State, place: Place, terms: Terms) -> tuple[float, int]:
    """Chance before anything was seen, and how many must agree: looked at once a year."""
    # a body with an outsider are two sides; of such talks in DESTA, 1995-2020, as many were signed
    # (39 of 48) as of talks of two (247 of 298)
    if place.form != "body":
        return terms.consent**2, 2
    forum = body(setting, place.body, place.area, state.step)
    return chance_by_rule(setting, state, forum, terms.consent)
