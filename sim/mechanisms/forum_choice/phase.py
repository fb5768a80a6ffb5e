"""States bring what they want settled to the forum where it is worth most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import open_item
from sim.behaviour.meetings import meetings_per_quarter
from sim.clauses import Specification
from sim.forum import body
from sim.kernels.forum_choice import belief, prior_chance, worth
from sim.memo import remembered
from sim.phase import Phase
from sim.rules.ballot import Ballot
from sim.streams import stream
from sim.types import Bools, Floats

if TYPE_CHECKING:
    from sim.forum import Forum
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["FORUM_CHOICE", "options"]

AREA = "trade"
"""The area in which items are valued by trade; the only one of the package."""


def run(setting: Setting, state: State, log: Log) -> None:
    """Learn from what forums delivered, then bring what is wanted where it is worth most."""
    if not setting.is_on("forum_choice"):
        return
    rng = stream(setting.seed, "forum_choice", state.step)
    size = len(setting.axes.states)
    askers = rng.integers(size, size=rng.poisson(setting["need_rate"] / 4.0)).tolist()
    returned = rng.random(len(setting.axes.organisations))
    block = state.forum_choice
    block.belief[:] = _beliefs(setting, state)
    for row in np.flatnonzero(state.n_lapsed > block.lapsed_seen):
        # what died in one forum is wanted still, by one of its members
        there = np.flatnonzero(state.is_member[row])
        if there.size:
            askers.append(int(there[int(returned[row] * there.size)]))
    block.lapsed_seen[:] = state.n_lapsed
    for number, asker in enumerate(askers):
        _bring(setting, state, log, asker, number)


def options(setting: Setting, state: State, asker: int) -> Floats:
    """(O,) what an item of a state is worth in each organisation; zero where it cannot be brought.

    Gain is the deepest cut of trade costs on offer times the share of the state's trade that is
    with members with whom it has no agreement.
    """
    seats = _seats(setting, state)
    open_to = seats[:, asker] & np.array([bool(one) for one in _offers(setting, None)])
    trade = state.flows[asker] + state.flows[:, asker]
    trade[asker] = 0.0
    share = np.where(state.has_agreement[asker], 0.0, trade) / max(trade.sum(), 1e-12)
    levels = [max(one[0].levels) if one else 0.0 for one in _offers(setting, None)]
    gain = seats @ share * np.array(levels) * open_to
    return worth(
        state.forum_choice.belief, gain, _delays(setting, state), setting["forum_discount"]
    )


def _bring(setting: Setting, state: State, log: Log, asker: int, number: int) -> None:
    values = options(setting, state, asker)
    row = int(values.argmax())
    if values[row] <= 0:
        return
    code, name = setting.axes.organisations[row], f"brought_{max(state.step, 0)}_{number}"
    open_item(state, code, name, _offers(setting, None)[row][0])
    state.forum_choice.brought[row] += 1
    log.event(
        state.step,
        setting.calendar.first_day(state.step),
        "item_brought",
        actor=setting.axes.states[asker],
        organisation=code,
        item=name,
        value=float(values[row]),
    )


def _seats(setting: Setting, state: State) -> Bools:
    """(O, S) who sits and votes where, in bodies that are alive."""
    return np.asarray(state.is_member & ~state.has_no_vote & ~state.is_dissolved[:, None])


def _delays(setting: Setting, state: State) -> Floats:
    """(O,) years until one more item would be settled; open items share the meetings."""
    codes = setting.axes.organisations
    load = np.ones(len(codes))
    for item in state.docket:
        if item.organisation in codes and (item.is_open or item.opens_at == state.step):
            load[setting.axes.organisation(item.organisation)] += 1
    pace = 4.0 * np.array([meetings_per_quarter(setting, state, code) for code in codes])
    needed = setting["forum_meetings"] * load
    return np.asarray(np.divide(needed, pace, out=np.full(len(codes), np.inf), where=pace > 0))


def _beliefs(setting: Setting, state: State) -> Floats:
    """(O,) chance that a forum settles an item: its charter's first, then by its record."""
    members, consent = _seats(setting, state).sum(axis=1), setting["forum_consent"]
    prior = np.zeros(members.size)
    for row, code in enumerate(setting.axes.organisations):
        forum = body(setting, code, AREA, max(state.step, 0))
        if _offers(setting, None)[row] and forum.decision is not None and members[row] >= 2:
            needed = _needed(setting, None, forum, int(members[row]))
            prior[row] = prior_chance(needed, int(members[row]), consent)
    agreed, lapsed = state.n_agreed.astype(float), state.n_lapsed.astype(float)
    return belief(prior, setting["belief_strength"], agreed, lapsed)


@remembered(keep=512)
def _needed(_: Setting, __: None, forum: Forum, members: int) -> int:
    """Fewest votes of yes that carry, one vote each, members + 1 if none do."""
    low, high = 1, members + 1
    while low < high:
        middle = (low + high) // 2
        if forum.decide(Ballot.of([1] * middle + [-1] * (members - middle))).is_adopted:
            high = middle
        else:
            low = middle + 1
    return low


@remembered(keep=1)
def _offers(setting: Setting, _: None) -> tuple[tuple[Specification, ...], ...]:
    """Per organisation what it offers in the area, taken up once; empty where it offers nothing."""
    names = Specification.model_fields
    found = []
    for code in setting.axes.organisations:
        charter = setting.scenario.organisation[code]
        items = [one for one in charter.docket.values() if one.area == AREA]
        given = [{name: getattr(one, name) for name in names} for one in items[:1]]
        found.append(tuple(Specification(**{**one, "every_quarters": 0}) for one in given))
    return tuple(found)


FORUM_CHOICE = Phase(
    name="forum_choice",
    meaning="states bring what they want settled to the forum where it is worth most",
    source="Busch 2007; Alter & Meunier 2009; Buchanan & Tullock 1962",
    reads=(
        "is_member",
        "has_no_vote",
        "is_dissolved",
        "capacity",
        "flows",
        "has_agreement",
        "n_agreed",
        "n_lapsed",
        "docket",
        "forum_choice.belief",
        "forum_choice.brought",
        "forum_choice.lapsed_seen",
    ),
    writes=(
        "docket",
        "forum_choice.belief",
        "forum_choice.brought",
        "forum_choice.lapsed_seen",
    ),
    run=run,
)
