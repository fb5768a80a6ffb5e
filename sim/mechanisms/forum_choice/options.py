"""The forums that are open to a need, and what each is worth to the side that brings it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.clauses import AdHocForum, EntryIntoForce, RuleUse, Specification
from sim.forum import body
from sim.issues.trade.history import Units, known_units
from sim.kernels.bargaining import logistic
from sim.kernels.forum_choice import present_value
from sim.mechanisms.forum_choice.records import Place
from sim.rules.ballot import Ballot

if TYPE_CHECKING:
    from sim.charter import DocketItem
    from sim.mechanisms.forum_choice.records import Record, Terms
    from sim.setting import Setting
    from sim.state import State
    from sim.types import Bools, Floats

__all__ = ["Option", "Pairs", "Scene", "bodies_of", "convention", "offer_of", "options", "pairs_of"]

AREA = "trade"
FULL_DEPTH = 5.0
"""Percent: the agreement of which the gains of pairs are those (`sim.issues.trade.history`)."""
TALKS = Specification(
    area=AREA, deadline_quarters=40, levels=(2.5, 5.0, 10.0), tariff_cuts=(50.0, 100.0)
)
"""What talks between two sides are about, as in the negotiations of `docs/hindcasts.md`."""
TALKS_A_YEAR = 4.0


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of units: states, and customs unions as one.

    Attributes
    ----------
    units
        Their states and gains.
    codes
        (U,) of a state or a union.
    own
        (U, U) chance that a unit would have an agreement with another; 0 for pairs that have one.
    mutual
        (U, U) chance that both would.
    income
        (U,) bn USD.
    """

    units: Units
    codes: tuple[str, ...]
    own: Floats
    mutual: Floats
    income: Floats


@dataclass(frozen=True, eq=False)
class Scene:
    """What a choice follows from.

    Attributes
    ----------
    records
        What is expected of each place.
    wanting
        (U, U) pairs that have no agreement, and no talks of their own.
    """

    setting: Setting
    state: State
    terms: Terms
    pairs: Pairs
    records: dict[Place, Record]
    wanting: Bools


@dataclass(frozen=True)
class Option:
    """A place open to a need, with its gain a year (percent of the bringer's income) and value."""

    place: Place
    gain: float
    value: float


def pairs_of(setting: Setting, state: State) -> Pairs:
    """Units and what they want in the quarter: gains of the first day, wishes of their leaders."""
    units = known_units(setting)
    utility = units.every_utility(setting)
    if setting.is_on("orientation"):
        leader = setting["acceptance_orientation"] * (units.weight @ state.orientation)
        utility = utility + leader[:, None]
    own = np.nan_to_num(logistic(utility))
    income = units.states @ setting.income
    return Pairs(units, _codes(setting, units), own, own * own.T, income)


def _codes(setting: Setting, units: Units) -> tuple[str, ...]:
    """Of states, and of customs unions."""
    names = setting.axes.states
    union = {mask.tobytes(): code for code, mask in setting.unions(AREA).items()}
    return tuple(union.get(mask.tobytes(), names[int(np.argmax(mask))]) for mask in units.states)


def bodies_of(setting: Setting, state: State) -> tuple[str, ...]:
    """Organisations that have members and a rule for trade, and are no customs union."""
    codes = setting.axes.organisations
    return tuple(
        code
        for row, code in enumerate(codes)
        if AREA in setting.charter(code, max(state.step, 0)).decision
        and code not in setting.unions(AREA)
        and state.is_member[row].sum() >= 2
    )


def offer_of(setting: Setting, state: State, code: str) -> DocketItem | None:
    """What a body negotiates on trade: the item of its charter that offers most, if any."""
    docket = setting.charter(code, max(state.step, 0)).docket
    those = [one for _, one in sorted(docket.items()) if one.area == AREA]
    return max(those, key=ambition, default=None)


def ambition(item: Specification) -> float:
    """Share of the gain of a pair that an item offers: half of it tariffs, half trade costs."""
    depth, cut = max(item.levels) / FULL_DEPTH, max(item.tariff_cuts) / 100.0
    return 0.5 * min(depth, 1.0) + 0.5 * cut


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


def options(scene: Scene, pair: tuple[int, int]) -> list[Option]:
    """Forums open to a need of a unit towards another (rows), best first."""
    found = []
    for place, partners in _open_to(scene, pair):
        record = scene.records[place]
        gain = _gain(scene, pair[0], place, partners & scene.wanting[pair[0]])
        if gain > 0 and np.isfinite(record.delay):
            found.append(Option(place, gain, _value(scene, pair[0], record, gain)))
    return sorted(found, key=lambda one: (-one.value, one.place.form, one.place.body))


def _open_to(scene: Scene, pair: tuple[int, int]) -> list[tuple[Place, Bools]]:
    """Places, and (U,) with whom the first of the pair would have an agreement."""
    setting, state, states = scene.setting, scene.state, scene.pairs.units.states
    rows = np.arange(len(states))
    found = [(Place("bilateral"), rows == pair[1])]
    for code in bodies_of(setting, state):
        members = state.is_member[setting.axes.organisation(code)]
        inside = ~(states & ~members).any(axis=1)
        partly = (states & members).any(axis=1) & ~inside
        is_in = inside[list(pair)]
        if partly[list(pair)].any() or not is_in.any():
            continue
        if is_in.all():
            found.append((Place("body", code), inside & (rows != pair[0])))
        elif _is_welcome(scene, code, inside, pair[1] if is_in[0] else pair[0]):
            found.append((Place("party", code), inside if is_in[1] else rows == pair[1]))
    return found


def _is_welcome(scene: Scene, code: str, inside: Bools, outsider: int) -> bool:
    """Whether a body's members would, by its rule, open talks with an outsider as one.

    Each is for it to whom talks are worth their cost, or who has an agreement already.
    """
    setting, step = scene.setting, scene.state.step
    if not setting.charter(code, step).treaty_making:
        return False
    record, only = scene.records[Place("party", code)], np.arange(len(inside)) == outsider
    votes = [
        1 if not scene.wanting[row, outsider] or _value(scene, row, record, gain) > 0 else -1
        for row in np.flatnonzero(inside).tolist()
        for gain in [_gain(scene, row, record.place, only)]
    ]
    return body(setting, code, AREA, step).decide(Ballot.of(votes)).is_adopted


def _gain(scene: Scene, row: int, place: Place, partners: Bools) -> float:
    """Percent of income a year, over the agreements that a unit has."""
    offer: Specification | None = TALKS
    if place.form == "body":
        offer = offer_of(scene.setting, scene.state, place.body)
    if offer is None:
        return 0.0
    gain = np.nan_to_num(scene.pairs.units.gain[row])
    return float(gain @ partners) * ambition(offer)


def _value(scene: Scene, row: int, record: Record, gain: float) -> float:
    """Million USD of today."""
    cost, discount = scene.terms.cost[_kind(record)], scene.terms.discount
    yearly = 10.0 * gain * scene.pairs.income[row]  # a percent of a bn is 10 million
    return present_value(record.chance, yearly, record.delay, discount, cost)


def _kind(record: Record) -> str:
    if record.place.form != "body":
        return record.place.form
    return "global" if record.level == "global" else "regional"
