"""A sanction, what it answers, a vote on one, and those of the record."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from sim.kernels.conflict.ladder import Stage
from sim.kernels.conflict.nuclear import NuclearStatus
from sim.security.verdicts import Verdict
from sim.types import Bools, Floats

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.setting import Setting
    from sim.state import State

__all__ = [
    "NOBODY",
    "Motion",
    "Occasion",
    "Sanction",
    "answers",
    "first_occasions",
    "first_sanctions",
    "occasions",
    "strength",
]

NOBODY = -1
_FIGHT = {int(Stage.FORCE): "force", int(Stage.WAR): "war"}


Key: TypeAlias = tuple[str, int, int]


def _key(kind: str, target: int, other: int) -> Key:
    """Of a fight the two states, whoever began it and however far it has gone."""
    return "war" if kind == "force" else kind, min(target, other), max(target, other)


@dataclass(frozen=True)
class Occasion:
    """What a state may be sanctioned for, as long as it lasts.

    Attributes
    ----------
    kind
        One of `sim.mandates.OCCASIONS`; a use of force may become a war.
    target, other
        Row of the state that may be sanctioned; of the one that it fights, else `NOBODY`.
    level
        The highest it has come to: stage of a dispute, level of a conflict, nuclear status, and of
        coups the quarter of the last.
    """

    kind: str
    target: int
    other: int
    level: int

    @property
    def key(self) -> Key:
        """What tells it from others."""
        return _key(self.kind, self.target, self.other)


@dataclass(frozen=True)
class Sanction:
    """Sanctions of a body, or of a state alone, from their first day to the quarter of their end.

    Attributes
    ----------
    body
        Organisation or state.
    target, other
        As of the occasion.
    occasion
        Its kind; ``other`` for what no mechanism has.
    scope
        ``trade`` or ``targeted``.
    since, until
        First day; first day no longer in force, None while none is set.
    how
        How they end: over (what they answer), lapsed, widened (from targeted to trade), or dated;
        empty while there is no end.
    is_dated
        Whether they are of the record or of a scenario, so that nobody votes on them.
    is_over
        Whether what they answer is over.
    """

    body: str
    target: int
    other: int
    occasion: str
    scope: str
    since: date
    until: date | None = None
    how: str = ""
    is_dated: bool = False
    is_over: bool = False

    @property
    def key(self) -> Key:
        """That of the occasion which they answer."""
        return _key(self.occasion, self.target, self.other)

    def is_in_force(self, day: date) -> bool:
        """Whether they are on a day."""
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True)
class Motion:
    """Sanctions put to the vote: target's row, occasion, scope, day, whether to keep, verdict."""

    target: int
    occasion: str
    scope: str
    day: date
    keeps: bool
    verdict: Verdict


def strength(setting: Setting) -> Floats:
    """(S, S) share of the first of two states in the capabilities of both."""
    own = np.maximum(setting.world.cinc, 1e-6)
    return np.asarray(own[:, None] / (own[:, None] + own[None, :]))


def first_occasions(setting: Setting) -> tuple[Occasion, ...]:
    """What is under way on the first day: it has been judged before."""
    return tuple(_under_way(setting))


def _under_way(setting: Setting) -> Iterator[Occasion]:
    record = setting.world.security
    judged = {one.target for one in record.sanctions if one.occasion == "war"}
    for one in record.open if setting.is_on("disputes") else ():
        if one.level >= Stage.FORCE:
            i_is = (one.i in judged, strength(setting)[one.i, one.j] >= 0.5)
            sides = (one.i, one.j) if i_is > (one.j in judged, False) else (one.j, one.i)
            yield Occasion(_FIGHT[one.level], *sides, one.level)
    if setting.is_on("civil_conflict"):
        facts = record.facts
        for row in np.flatnonzero(facts.has_conflict):
            yield Occasion("civil", int(row), NOBODY, 1 + int(facts.at_war[row]))
    status = record.facts.nuclear_status
    for row in np.flatnonzero(status >= NuclearStatus.PURSUE):
        yield Occasion("nuclear", int(row), NOBODY, int(status[row]))


def first_sanctions(setting: Setting) -> tuple[Sanction, ...]:
    """Those of the record, in force and to come, each with what it answers if that goes on."""
    if not setting.is_on("sanctions"):
        return ()
    going_on = first_occasions(setting)
    return tuple(
        Sanction(
            one.body, one.target, *answers(going_on, one.occasion, one.target),
            one.scope, one.since, one.until, "dated" if one.until else "", is_dated=True,
        )
        for one in setting.world.security.sanctions
    )  # fmt: skip


def answers(going_on: tuple[Occasion, ...], kind: str, target: int) -> tuple[int, str]:
    """The other side, if any, and the kind of what sanctions answer."""
    for one in going_on:
        if one.kind == kind and target in (one.target, one.other):
            return (one.other if one.target == target else one.target), kind
    return NOBODY, "other"


def occasions(
    state: State, before: tuple[Occasion, ...], is_aggressor: Bools
) -> tuple[Occasion, ...]:
    """What states may be sanctioned for in the quarter.

    Parameters
    ----------
    before
        What it was a quarter ago: a war has the aggressor that it had.
    is_aggressor
        (S, S) whether the first of two states is the aggressor, if a war of theirs is new.
    """
    known = {one.key: one for one in before}
    found = []
    for i, j in np.argwhere(np.triu(state.dispute_stage) >= Stage.FORCE):
        sides = (int(i), int(j)) if is_aggressor[i, j] else (int(j), int(i))
        level = int(state.dispute_stage[i, j])
        found.append(Occasion(_FIGHT[level], *sides, level))
    for kind, levels, least in (
        ("civil", state.civil_conflict, 1),
        ("nuclear", state.nuclear.status, int(NuclearStatus.PURSUE)),
    ):
        for row in np.flatnonzero(levels >= least):
            found.append(Occasion(kind, int(row), NOBODY, int(levels[row])))
    juntas = {one.target: one.level for one in before if one.kind == "coup"}
    juntas = {row: step for row, step in juntas.items() if not state.order_returns[row]}
    juntas |= {int(row): state.step for row in np.flatnonzero(state.coup == 2)}
    found += [Occasion("coup", row, NOBODY, step) for row, step in sorted(juntas.items())]
    return tuple(
        replace(old, kind=one.kind, level=max(one.level, old.level))
        if (old := known.get(one.key))
        else one
        for one in found
    )
