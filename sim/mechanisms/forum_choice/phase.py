"""Pairs of states come to want an agreement, and bring it where it is worth most."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import convene, open_item
from sim.behaviour.meetings import meetings_per_quarter
from sim.clauses import Specification
from sim.kernels.forum_choice import need_chance
from sim.mechanisms.forum_choice.expected import look_again, settle
from sim.mechanisms.forum_choice.options import (
    TALKS,
    TALKS_A_YEAR,
    Option,
    Pairs,
    Scene,
    convention,
    offer_of,
    options,
    pairs_of,
)
from sim.mechanisms.forum_choice.records import Brought, Place, Terms
from sim.phase import Phase
from sim.streams import stream

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State
    from sim.types import Bools

__all__ = ["FORUM_CHOICE"]

NOWHERE = Option(Place("none"), 0.0, 0.0)
BROUGHT = "brought_"
"""How names of items begin that are brought to a body, beside those of its charter."""


def run(setting: Setting, state: State, log: Log) -> None:
    """Learn from what has ended; bring what is newly wanted where it is worth most."""
    terms = Terms.of(setting)
    if not setting.is_on("forum_choice"):
        return
    pairs, block = pairs_of(setting, state), state.forum_choice
    size = len(pairs.codes)
    uniform = stream(setting.seed, "forum_choice", state.step).random((size, size))
    going = settle(setting, state)
    wanting = _wanting(state, pairs, going)
    records = look_again(setting, state, going, terms)
    scene = Scene(setting, state, terms, pairs, records, wanting)
    due = np.triu(wanting & (uniform < need_chance(pairs.mutual, terms.need_rate, 0.25)), 1)
    brought: list[Brought] = []
    for i, j in np.argwhere(due).tolist():
        # the side that would rather have it asks
        one = _bring(scene, (i, j) if pairs.own[i, j] >= pairs.own[j, i] else (j, i))
        brought.append(one)
        if one.place.form != "none":
            record = scene.records[one.place]
            scene.records[one.place] = replace(record, n_brought=record.n_brought + 1)
            _tell(setting, state, log, one)
    block.records = tuple(scene.records.values())
    block.needs = (*going, *brought)


def _wanting(state: State, pairs: Pairs, going: tuple[Brought, ...]) -> Bools:
    """(U, U) pairs without an agreement, signed or in force, and without talks of their own."""
    states = pairs.units.states
    lead = np.argmax(states, axis=1)
    has = state.has_agreement[np.ix_(lead, lead)].copy()
    for one in state.agreements:
        if one.is_of_the_run and one.kind == "preferential":
            inside = (states & one.signatories).any(axis=1)
            has |= np.outer(inside, inside)
    for talk in going:
        first, second = (_units(state, pairs, code) for code in talk.sides)
        has |= np.outer(first, second) | np.outer(second, first)
    return np.asarray(~has & ~np.eye(len(states), dtype=bool))


def _units(state: State, pairs: Pairs, code: str) -> Bools:
    """(U,) a unit by its code, or those that belong to a body."""
    if code in pairs.codes:
        return np.asarray(np.array(pairs.codes) == code)
    members = state.is_member[state.axes.organisation(code)]
    return np.asarray((pairs.units.states & members).any(axis=1))


def _bring(scene: Scene, pair: tuple[int, int]) -> Brought:
    """Open an item where it is worth most, if anywhere it is worth its cost."""
    found = [one for one in options(scene, pair) if not _is_taken(scene, one.place, pair)]
    chosen, second = ([*found, NOWHERE, NOWHERE])[:2]
    if chosen.value <= 0:
        chosen, second = NOWHERE, chosen
    forum, item = _open(scene, chosen.place, pair) if chosen is not NOWHERE else ("", "")
    record = scene.records.get(chosen.place)
    return Brought(
        demandeur=scene.pairs.codes[pair[0]],
        partner=scene.pairs.codes[pair[1]],
        place=chosen.place,
        sides=_sides(scene, chosen.place, pair),
        forum=forum,
        item=item,
        step=scene.state.step,
        chance=record.chance if record else float("nan"),
        delay=record.delay if record else float("nan"),
        gain=chosen.gain,
        value=chosen.value,
        n_options=len(found),
        next_place=second.place,
        next_value=second.value,
    )


def _sides(scene: Scene, place: Place, pair: tuple[int, int]) -> tuple[str, str]:
    """Codes of the two sides: of a pair, or of a body and the one of the pair outside it."""
    codes, states = scene.pairs.codes, scene.pairs.units.states
    if place.form != "party":
        return codes[pair[0]], codes[pair[1]]
    members = scene.state.is_member[scene.setting.axes.organisation(place.body)]
    outsider = pair[1] if (states[pair[0]] & members).any() else pair[0]
    return place.body, codes[outsider]


def _forum_code(scene: Scene, place: Place, pair: tuple[int, int]) -> str:
    """A body, or the forum of its own that two sides have whenever they talk."""
    if place.form == "body":
        return place.body
    return "_".join(("TALKS", *sorted(_sides(scene, place, pair))))


def _is_taken(scene: Scene, place: Place, pair: tuple[int, int]) -> bool:
    """Whether what was brought there goes on, or has led to an agreement of the two sides."""
    forum, state = _forum_code(scene, place, pair), scene.state
    names = [item.name for item in state.docket if item.organisation == forum]
    if place.form == "body":
        return any(name.startswith(BROUGHT) for name in names)
    return bool(names) or any(one.organisation == forum for one in state.agreements)


def _open(scene: Scene, place: Place, pair: tuple[int, int]) -> tuple[str, str]:
    """Put the item on the table: code of the forum, and name of the item."""
    setting, state, forum = scene.setting, scene.state, _forum_code(scene, place, pair)
    if place.form == "body":
        offer = offer_of(setting, state, place.body)
        given = offer.model_dump(exclude={"opens", "every_quarters"}) if offer else {}
        item = f"{BROUGHT}{state.step}"
        open_item(state, forum, item, Specification(**given))
        return forum, item
    meetings = TALKS_A_YEAR
    if place.body:  # which cannot meet others more often than itself
        meetings = min(meetings, 4.0 * meetings_per_quarter(setting, state, place.body))
    first, second = (int(np.argmax(scene.pairs.units.states[row])) for row in pair)
    near = bool(setting.world.region[first] == setting.world.region[second])
    convene(state, convention(forum, _sides(scene, place, pair), meetings, near=near))
    open_item(state, forum, "agreement", TALKS)
    return forum, "agreement"


def _tell(setting: Setting, state: State, log: Log, one: Brought) -> None:
    log.event(
        state.step,
        setting.calendar.first_day(state.step),
        "item_brought",
        actor=one.demandeur,
        target=one.partner,
        organisation=one.forum,
        item=f"{one.forum}/{one.item}/0",
        value=one.value,
    )


FORUM_CHOICE = Phase(
    name="forum_choice",
    meaning="pairs of states come to want an agreement, and bring it where it is worth most",
    source="Busch 2007; Alter & Meunier 2009; Poirier 1980 for who wants one",
    reads=(
        "is_member",
        "has_no_vote",
        "capacity",
        "orientation",
        "has_agreement",
        "agreements",
        "docket",
        "forums",
        "n_agreed",
        "n_lapsed",
        "forum_choice.records",
        "forum_choice.needs",
    ),
    writes=(
        "docket",
        "forums",
        "forum_choice.records",
        "forum_choice.needs",
    ),
    run=run,
)
