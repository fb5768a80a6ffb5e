"""The forums that are open to a need, and what each is worth to the side that brings it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import Commitment
from sim.clauses import AdHocForum, EntryIntoForce, RuleUse, Specification
from sim.economy import World, outlook
from sim.forum import body
from sim.issues import areas
from sim.kernels.forum_choice import present_value
from sim.mechanisms.forum_choice.areas import TALKS, Pairs, ambition, bodies_of, lacking, offer_of
from sim.mechanisms.forum_choice.records import Place
from sim.memo import remembered
from sim.rules.ballot import Ballot
from sim.types import Bools, Floats

if TYPE_CHECKING:
    from sim.economy import Outlook
    from sim.mechanisms.forum_choice.records import Record, Terms
    from sim.memo import Reading
    from sim.setting import Setting
    from sim.state import State

__all__ = ["OfPairs", "Option", "Scene", "alone", "convention", "options"]


@dataclass(frozen=True, eq=False)
class Scene:
    """What a choice follows from.

    Attributes
    ----------
    records
        What is expected of each place.
    area
        In which something is wanted.
    """

    setting: Setting
    state: State
    terms: Terms
    records: dict[Place, Record]
    area: str

    def at(self, form: str, code: str = "") -> Place:
        """A place, for its area."""
        return Place(form, code, self.area)


@dataclass(frozen=True, eq=False)
class OfPairs(Scene):
    """The same where two want something of one another.

    Attributes
    ----------
    wanting
        (U, U) pairs that have no agreement, and no talks of their own.
    """

    pairs: Pairs
    wanting: Bools

    @cached_property
    def belonging(self) -> dict[str, tuple[Bools, Bools]]:
        """Body → (U,) units of which all states belong to it, and those of which only some do."""
        found, states = {}, self.pairs.units.states
        for code in bodies_of(self.setting, self.state, self.area):
            members = self.state.is_member[self.setting.axes.organisation(code)]
            inside = ~(states & ~members).any(axis=1)
            found[code] = inside, (states & members).any(axis=1) & ~inside
        return found


@dataclass(frozen=True)
class Option:
    """A place open to a need, with its gain a year (percent of the bringer's income) and value.

    The gain is NaN where the place is thought to settle nothing whatever it might bring.
    """

    place: Place
    gain: float
    value: float


def convention(code: str, parties: tuple[str, str], meetings: float, *, near: bool) -> AdHocForum:
    """Rules of talks outside charters: both sides must agree, and ratify."""
    return AdHocForum(
        code=code,
        level="regional" if near else "interregional",
        parties=parties,
        decision=RuleUse(rule="unanimity"),
        agenda=RuleUse(rule="widest"),
        meetings_per_year=meetings,
        entry_into_force=EntryIntoForce(ratifications=0, delay_days=60),
        reference="Vienna Convention on the Law of Treaties (1969), Art. 9 and 11: by consent",
    )


def options(scene: OfPairs, pair: tuple[int, int]) -> list[Option]:
    """Forums open to a need of a unit towards another (rows), best first."""
    found = []
    lead = _lead(scene, pair[0])
    for place, partners in _open_to(scene, pair):
        record = scene.records[place]
        if not np.isfinite(record.delay[lead]):
            continue
        if record.chance[lead] <= 0.0:
            found.append(Option(place, float("nan"), -scene.terms.cost[_kind(record)]))
            continue
        gain = _gain(scene, pair[0], place, partners & _lacks(scene, pair[0], place))
        if gain > 0:
            found.append(Option(place, gain, _value(scene, pair[0], record, gain)))
    return _best_first(found)


def _lacks(scene: OfPairs, row: int, place: Place) -> Bools:
    """(U,) with whom a unit wants an agreement, and has not the kind of text that a body offers."""
    wanting: Bools = scene.wanting[row]
    if place.form != "body" or scene.area == "trade":
        return wanting
    offer = offer_of(scene.setting, scene.state, place.body, scene.area)
    kind = offer.kind if offer else ""
    lacks = lacking(scene.state, scene.pairs.units, scene.area, kind)
    return np.asarray(wanting & lacks[row])


def _best_first(found: list[Option]) -> list[Option]:
    return sorted(found, key=lambda one: (-one.value, one.place.form, one.place.body))


def alone(scene: Scene, row: int) -> list[Option]:
    """Bodies open to a need of a state (row) towards all who belong to them, best first.

    Where nothing of the area is on the table.
    """
    setting, state, found = scene.setting, scene.state, []
    busy = {
        item.organisation
        for item in state.docket
        if item.specification.area == scene.area
        and (item.is_open or 0 <= item.opens_at <= state.step)
    }
    for code in bodies_of(setting, state, scene.area):
        record = scene.records[scene.at("body", code)]
        if code in busy or not state.is_member[setting.axes.organisation(code), row]:
            continue
        gain = float(_worth_in(scene, code)[row]) if record.chance[row] > 0 else 0.0
        if gain > 0 and np.isfinite(record.delay[row]):
            value = _value_of(scene, row, record, gain, float(setting.income[row]))
            found.append(Option(record.place, gain, value))
    return _best_first(found)


def _worth_in(scene: Scene, code: str) -> Floats:
    """(S,) what states gain by the best for them of what a body may settle, all members in it."""
    setting, state = scene.setting, scene.state
    item = offer_of(setting, state, code, scene.area) or TALKS[scene.area]
    members = state.is_member[setting.axes.organisation(code)].copy()
    found = outlook(setting, World.of_year(setting, state).terms)
    return _worth(setting, state, item, members, found)


@remembered(reads=lambda item, *_: areas()[item.area].reads, keep=64)
def _worth(
    setting: Setting, state: Reading, item: Specification, members: Bools, found: Outlook
) -> Floats:
    area = areas()[item.area]
    offered, changes = area.offered(item), []
    scale = {term.name: term.scale for term in area.terms}
    for values in product(*offered.values()):
        pairs = zip(offered, values, strict=True)
        offer = area.propose({name: value / scale[name] for name, value in pairs})
        changes.append(Commitment(area.effects(setting, state, item.kind, offer, 1.0), members))
    return np.asarray(found.gains(changes).max(axis=0))


def _open_to(scene: OfPairs, pair: tuple[int, int]) -> list[tuple[Place, Bools]]:
    """Places, and (U,) with whom the first of the pair would have an agreement."""
    rows = np.arange(len(scene.pairs.units.states))
    found = [(scene.at("bilateral"), rows == pair[1])]
    for code, (inside, partly) in scene.belonging.items():
        is_in = inside[list(pair)]
        if partly[list(pair)].any() or not is_in.any():
            continue
        if is_in.all():
            found.append((scene.at("body", code), inside & (rows != pair[0])))
        elif _is_welcome(scene, code, inside, pair[1] if is_in[0] else pair[0]):
            found.append((scene.at("party", code), inside if is_in[1] else rows == pair[1]))
    return found


def _is_welcome(scene: OfPairs, code: str, inside: Bools, outsider: int) -> bool:
    """Whether a body's members would, by its rule, open talks with an outsider as one.

    Each is for it to whom talks are worth its part of their cost, by the body's scale of dues, or
    who has an agreement already.
    """
    setting, step = scene.setting, scene.state.step
    if not setting.charter(code, step).treaty_making:
        return False
    record, wanting = scene.records[scene.at("party", code)], inside & scene.wanting[:, outsider]
    gains = scene.pairs.gains_by(setting, outsider, wanting)
    gains = gains * ambition(setting, TALKS[scene.area])
    rows = np.flatnonzero(inside).tolist()
    parts = scene.pairs.units.states[rows] @ setting.dues(code, step)
    votes = [
        1
        if not wanting[row] or _value(scene, row, record, float(gains[row]), float(part)) > 0
        else -1
        for row, part in zip(rows, parts, strict=True)
    ]
    return body(setting, code, scene.area, step).decide(Ballot.of(votes)).is_adopted


def _gain(scene: OfPairs, row: int, place: Place, partners: Bools) -> float:
    """Percent of income a year, over the agreements that a unit has."""
    setting = scene.setting
    offer: Specification | None = TALKS[scene.area]
    if place.form == "body":
        offer = offer_of(setting, scene.state, place.body, scene.area)
    if offer is None:
        return 0.0
    return float(scene.pairs.gains(setting, row, partners).sum()) * ambition(setting, offer)


def _lead(scene: OfPairs, row: int) -> int:
    """A state of a unit: all took part in the same."""
    return int(np.argmax(scene.pairs.units.states[row]))


def _value(scene: OfPairs, row: int, record: Record, gain: float, part: float = 1.0) -> float:
    """Million USD of today, to a unit that bears a part of the cost."""
    lead, income = _lead(scene, row), float(scene.pairs.income[row])
    return _value_of(scene, lead, record, gain, income, part)


def _value_of(
    scene: Scene, state: int, record: Record, gain: float, income: float, part: float = 1.0
) -> float:
    cost, discount = part * scene.terms.cost[_kind(record)], scene.terms.discount
    yearly = 10.0 * gain * income  # a percent of a bn is 10 million
    chance, delay = float(record.chance[state]), float(record.delay[state])
    return present_value(chance, yearly, delay, discount, cost)


def _kind(record: Record) -> str:
    if record.place.form != "body":
        return record.place.form
    return "global" if record.level == "global" else "regional"
