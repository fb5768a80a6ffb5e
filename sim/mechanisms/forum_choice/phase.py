"""States come to want agreements, and bring them where they are worth most."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import convene, open_item
from sim.behaviour.meetings import meetings_per_quarter
from sim.clauses import Specification
from sim.kernels.forum_choice import need_chance
from sim.mechanisms.forum_choice.areas import (
    TALKS,
    TALKS_A_YEAR,
    active,
    codes_of,
    hazards,
    lacking,
    of_pairs,
    offer_of,
    pairs_of,
    units_of,
)
from sim.mechanisms.forum_choice.beliefs import settle, watch
from sim.mechanisms.forum_choice.expected import look_again
from sim.mechanisms.forum_choice.options import OfPairs, Option, Scene, alone, convention, options
from sim.mechanisms.forum_choice.records import Brought, Place, Record, Terms
from sim.phase import Phase
from sim.streams import stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.issues.trade.history import Units
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State
    from sim.types import Bools

__all__ = ["FORUM_CHOICE"]

NOWHERE = Option(Place("none"), 0.0, 0.0)
BROUGHT = "brought_"
"""How names of items begin that are brought to a body, beside those of its charter."""
YEARS = 0.25


def run(setting: Setting, state: State, log: Log) -> None:
    """Learn from what has ended; bring what is newly wanted where it is worth most."""
    terms, block = Terms.of(setting), state.forum_choice
    if not setting.is_on("forum_choice"):
        return
    going = settle(state)
    block.needs, block.watched = going, watch(setting, state)
    every = active(setting)
    records = look_again(setting, state, going, terms, every)
    brought: list[Brought] = []
    for area in every:
        for one in _needs(setting, state, area, records, going):
            brought.append(one)
            if one.place.form != "none":
                record = records[one.place]
                records[one.place] = replace(record, n_brought=record.n_brought + 1)
                _tell(setting, state, log, one)
    block.records = tuple(records.values())
    block.needs = (*going, *brought)
    block.watched = watch(setting, state)


def _needs(
    setting: Setting,
    state: State,
    area: str,
    records: dict[Place, Record],
    going: tuple[Brought, ...],
) -> Iterator[Brought]:
    """What comes to be wanted in an area, and where it is brought, one after another."""
    terms = Terms.of(setting)
    rate = terms.rate[area]
    size = len(setting.axes.states)
    if not of_pairs(area):
        scene = Scene(setting, state, terms, records, area)
        uniform = stream(setting.seed, f"forum_choice/{area}", state.step).random(size)
        due = uniform < need_chance(hazards(setting, state, area, 1.0), rate, YEARS)
        for row in np.flatnonzero(due).tolist():
            yield _bring_alone(scene, row)
        return
    units = units_of(setting, None, area)
    name = "forum_choice" if area == "trade" else f"forum_choice/{area}"
    uniform = stream(setting.seed, name, state.step).random((len(units.states),) * 2)
    wanting = _wanting(setting, state, units, area, going)
    asked = np.triu(wanting, 1)
    if area == "trade":  # gains of those alone who would want it if both surely would have it
        asked &= uniform < need_chance(np.ones(1), rate, YEARS)
    pairs = pairs_of(setting, state, area, asked)
    scene = OfPairs(setting, state, terms, records, area, pairs, wanting)
    due = asked & (uniform < need_chance(pairs.need, rate, YEARS))
    for i, j in np.argwhere(due).tolist():
        # the side that would rather have it asks
        yield _bring(scene, (i, j) if pairs.own[i, j] >= pairs.own[j, i] else (j, i))


def _wanting(
    setting: Setting, state: State, units: Units, area: str, going: tuple[Brought, ...]
) -> Bools:
    """(U, U) pairs without an agreement of an area, and without talks of their own on it."""
    found = lacking(state, units, area)
    for talk in going:
        if talk.place.area == area:
            first, second = (_units(setting, state, area, code) for code in talk.sides)
            found &= ~(np.outer(first, second) | np.outer(second, first))
    return found


def _units(setting: Setting, state: State, area: str, code: str) -> Bools:
    """(U,) a unit by its code, or those that belong to a body."""
    codes = codes_of(setting, None, area)
    if code in codes:
        return np.asarray(np.array(codes) == code)
    members = state.is_member[state.axes.organisation(code)]
    return np.asarray((units_of(setting, None, area).states & members).any(axis=1))


def _bring(scene: OfPairs, pair: tuple[int, int]) -> Brought:
    """Open an item of a pair where it is worth most, if anywhere it is worth its cost."""
    codes = scene.pairs.codes
    found = [one for one in options(scene, pair) if not _is_taken(scene, one.place, pair)]
    chosen, second = _best(found)
    forum, item = _open(scene, chosen.place, pair) if chosen is not NOWHERE else ("", "")
    sides = _sides(scene, chosen.place, pair)
    lead = int(np.argmax(scene.pairs.units.states[pair[0]]))
    who = codes[pair[0]], codes[pair[1]]
    return _brought(scene, who, lead, (chosen, second, len(found)), (sides, forum, item))


def _bring_alone(scene: Scene, row: int) -> Brought:
    """Open an item of a state in the body in which it is worth most."""
    found = alone(scene, row)
    chosen, second = _best(found)
    forum, item = "", ""
    if chosen is not NOWHERE:
        forum, item = _open_in_body(scene, chosen.place)
    who = scene.setting.axes.states[row], ""
    return _brought(scene, who, row, (chosen, second, len(found)), (who, forum, item))


def _best(found: list[Option]) -> tuple[Option, Option]:
    chosen, second = ([*found, NOWHERE, NOWHERE])[:2]
    return (NOWHERE, chosen) if chosen.value <= 0 else (chosen, second)


def _brought(
    scene: Scene,
    who: tuple[str, str],
    lead: int,
    choice: tuple[Option, Option, int],
    opened: tuple[tuple[str, str], str, str],
) -> Brought:
    chosen, second, n_options = choice
    record = scene.records.get(chosen.place)
    return Brought(
        demandeur=who[0],
        partner=who[1],
        area=scene.area,
        place=chosen.place,
        sides=opened[0],
        forum=opened[1],
        item=opened[2],
        step=scene.state.step,
        chance=float(record.chance[lead]) if record else float("nan"),
        delay=float(record.delay[lead]) if record else float("nan"),
        gain=chosen.gain,
        value=chosen.value,
        n_options=n_options,
        next_place=second.place,
        next_value=second.value,
    )


def _sides(scene: OfPairs, place: Place, pair: tuple[int, int]) -> tuple[str, str]:
    """Codes of the two sides: of a pair, or of a body and the one of the pair outside it."""
    codes, states = scene.pairs.codes, scene.pairs.units.states
    if place.form != "party":
        return codes[pair[0]], codes[pair[1]]
    members = scene.state.is_member[scene.setting.axes.organisation(place.body)]
    outsider = pair[1] if (states[pair[0]] & members).any() else pair[0]
    return place.body, codes[outsider]


def _forum_code(scene: OfPairs, place: Place, pair: tuple[int, int]) -> str:
    """A body, or the forum of its own that two sides have whenever they talk."""
    if place.form == "body":
        return place.body
    name = "TALKS" if scene.area == "trade" else f"TALKS_{scene.area.upper()}"
    return "_".join((name, *sorted(_sides(scene, place, pair))))


def _is_taken(scene: OfPairs, place: Place, pair: tuple[int, int]) -> bool:
    """Whether what was brought there goes on, or has led to an agreement of the two sides."""
    forum, state = _forum_code(scene, place, pair), scene.state
    names = [item.name for item in state.docket if item.organisation == forum]
    if place.form == "body":
        return any(name.startswith(BROUGHT + scene.area) for name in names)
    return bool(names) or any(one.organisation == forum for one in state.agreements)


def _open(scene: OfPairs, place: Place, pair: tuple[int, int]) -> tuple[str, str]:
    """Put the item on the table: code of the forum, and name of the item."""
    setting, state, forum = scene.setting, scene.state, _forum_code(scene, place, pair)
    if place.form == "body":
        return _open_in_body(scene, place)
    meetings = TALKS_A_YEAR
    if place.body:  # which cannot meet others more often than itself
        meetings = min(meetings, 4.0 * meetings_per_quarter(setting, state, place.body))
    first, second = (int(np.argmax(scene.pairs.units.states[row])) for row in pair)
    near = bool(setting.world.region[first] == setting.world.region[second])
    convene(state, convention(forum, _sides(scene, place, pair), meetings, near=near))
    open_item(state, forum, "agreement", TALKS[scene.area])
    return forum, "agreement"


def _open_in_body(scene: Scene, place: Place) -> tuple[str, str]:
    """The item that a body offers in the area, once more."""
    state = scene.state
    offer = offer_of(scene.setting, state, place.body, scene.area)
    given = offer.model_dump(exclude={"opens", "every_quarters"}) if offer else {}
    item = f"{BROUGHT}{scene.area}_{state.step}"
    open_item(state, place.body, item, Specification(**given))
    return place.body, item


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
    meaning="states come to want agreements, and bring them where they are worth most",
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
        "assessments",
        "forum_choice.records",
        "forum_choice.needs",
        "forum_choice.watched",
        "epidemics.income",
    ),
    writes=(
        "docket",
        "forums",
        "forum_choice.records",
        "forum_choice.needs",
        "forum_choice.watched",
    ),
    run=run,
)
