"""Who sits at a table: single states, and customs unions that speak with one voice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sim.forum import body
from sim.memo import remembered
from sim.rules.ballot import Ballot

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.forum import Forum
    from sim.rules.ballot import Decision
    from sim.setting import Setting
    from sim.state import State

__all__ = ["Parties", "seat_parties"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_Members: TypeAlias = tuple[tuple[str, Bools], ...]  # by the code of an organisation
_HALVINGS = 40  # of a distance of a few logits: to about 1e-11


@dataclass(frozen=True)
class Parties:
    """P parties to a negotiation over S states.

    Attributes
    ----------
    codes
        State or bloc code of each party, states first by code, then blocs.
    states
        (P, S) bool: which states a party speaks for.
    own_rule
        Decision rule inside a bloc, None for a single state.
    income, population, trade
        (P,) bn USD, millions, share of world trade.
    """

    codes: tuple[str, ...]
    states: Bools
    own_rule: tuple[Callable[[Ballot], Decision] | None, ...]
    income: Floats
    population: Floats
    trade: Floats
    weight: Floats
    has_veto: Bools
    objection_cost: float
    _weights: dict[int, tuple[Floats, Floats]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def mean(self, value: Floats, income: Floats) -> Floats:
        """(…, P) income-weighted mean of (…, S) values over the states of each party.

        Outsiders, the chair among them, see a bloc as one actor: the acceptance utility was
        estimated with the EU as one.
        """
        if id(income) not in self._weights:
            weight = self.states * income[None, :]
            self._weights[id(income)] = income, weight / weight.sum(axis=1, keepdims=True)
        result: Floats = value @ self._weights[id(income)][1].T
        return result

    def margins(self, margin: Floats, population: Floats) -> Floats:
        """(P,) margins from the states' (S,): a bloc's is that of its pivotal members."""
        out = np.empty(len(self.codes))
        for p, rule in enumerate(self.own_rule):
            rows = self.states[p]
            if rule is None:
                out[p] = margin[rows][0]
            else:
                out[p] = _pivotal(rule, margin[rows], population[rows], self.objection_cost)
        return out

    def to_states(self, mask: Bools) -> Bools:
        """(S,) states that the parties in a mask (P,) speak for."""
        return np.asarray(self.states[mask].any(axis=0))


def _pivotal(
    rule: Callable[[Ballot], Decision], margin: Floats, population: Floats, cost: float
) -> float:
    """The largest x for which the bloc's own rule still adopts when x is taken off all margins.

    A bloc at x ≥ 0 accepts; one at x < 0 would have accepted had all its members been better off
    by |x|. Votes change only where a margin crosses 0 or minus the objection cost, and rules are
    monotone, so the answer is found by bisection over those points; rules that also look at the
    size of a loss (asean_way) are followed beyond.
    """
    until = margin + cost

    def adopts(x: float) -> bool:
        # compared with the points themselves: margin - x would round to either side of -cost
        votes = np.where(margin >= x, 1, np.where(until < x, -1, 0))
        return rule(Ballot.of(votes, margin=margin - x, population=population)).is_adopted

    points = np.unique(np.concatenate([margin, until]))
    low, high = 0, points.size - 1  # the lowest point makes everybody accept
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if adopts(points[middle]) else (low, middle - 1)
    found, beyond = float(points[low]), float(points[min(low + 1, points.size - 1)])
    just_beyond = found + min(1e-9, 0.5 * (beyond - found))
    for _ in range(_HALVINGS if just_beyond > found and adopts(just_beyond) else 0):
        middle_point = 0.5 * (found + beyond)
        found, beyond = (middle_point, beyond) if adopts(middle_point) else (found, middle_point)
    return found


def seat_parties(setting: Setting, state: State, forum: Forum, members: Bools) -> Parties:
    """Seat members of a forum: blocs whose members all sit there vote as one.

    So do the organisations that are parties by the forum's own rules, as far as they are there.

    Parameters
    ----------
    members
        (S,) those who sit there.
    """
    step = setting.charters_since(state.step)
    own: dict[str, Bools] = {}
    blocs: dict[str, Bools] = {}
    if setting.is_on("blocs_vote_as_one"):
        own = forum.voices(setting, state)
        codes = (code for code in _blocs(setting, None, forum.area, step) if code != forum.code)
        blocs = {code: state.is_member[setting.axes.organisation(code)] for code in codes}
    # members of those alone: who belongs to what changes nearly every quarter
    speaking = tuple(own.items()), tuple(blocs.items())
    return _seat(setting, None, forum, members, speaking, step=step)


@remembered()
def _blocs(setting: Setting, _: None, area: str, step: int) -> tuple[str, ...]:
    """Organisations that vote as one in an area."""
    codes = setting.axes.organisations
    return tuple(code for code in codes if area in setting.charter(code, step).votes_as_bloc)


@remembered(keep=512)
def _seat(
    setting: Setting,
    _: None,
    forum: Forum,
    members: Bools,
    speaking: tuple[_Members, _Members],
    *,
    step: int,
) -> Parties:
    """Seat members by who may speak for several: organisations by the forum's rules, and blocs."""
    world, axes, area = setting.world, setting.axes, forum.area
    left = members.copy()
    blocs: list[tuple[str, Bools]] = []
    for code, voices in speaking[0]:
        if (voices & left).any():
            blocs.append((code, voices & left))
            left &= ~voices
    for code, inside in speaking[1]:
        if inside.sum() > 1 and not (inside & ~left).any():
            blocs.append((code, inside.copy()))
            left &= ~inside
    singles = np.flatnonzero(left)
    rows = [np.eye(left.size, dtype=bool)[singles], *(mask[None] for _, mask in blocs)]
    states = np.concatenate(rows)
    trade = world.exports + world.imports
    return Parties(
        codes=(*(axes.states[n] for n in singles), *(code for code, _ in blocs)),
        states=states,
        own_rule=(
            *(None for _ in singles),
            *(body(setting, c, area, step).decide for c, _ in blocs),
        ),
        income=states @ setting.income,
        population=states @ world.population,
        trade=states @ (trade / trade.sum()),
        weight=_weights(setting, forum.rules.weights, states),
        has_veto=np.asarray((states & axes.mask(forum.rules.vetoes)).any(axis=1)),
        objection_cost=setting["objection_cost"],
    )


def _weights(setting: Setting, kind: str | dict[str, float], states: Bools) -> Floats:
    """(P,) voting weights; a bloc has those of its members together."""
    if kind == "population":
        single = setting.world.population
    elif kind == "gdp":
        single = setting.world.gdp
    elif isinstance(kind, dict):
        single = np.array([kind.get(code, 0.0) for code in setting.axes.states])
    else:
        single = np.ones(len(setting.axes.states))
    result: Floats = states @ single
    return result
