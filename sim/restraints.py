"""Rules on security in force, of the run and from before it: what they add to hazards, each once.

What was in force on the first day is in the estimates and in the facts of the start, so that only
what has changed since then counts. Where two agreements have the same rule, that which does most
counts; different rules add up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import HAZARDS, Commitment, HazardEffect, accumulate
from sim.kernels.conflict.nuclear import NuclearStatus
from sim.memo import remembered
from sim.types import Bools, Floats, Ints

if TYPE_CHECKING:
    from sim.memo import Reading
    from sim.setting import Setting
    from sim.state import State
    from sim.world.security import SecurityAgreement

__all__ = [
    "HAZARDS_OF",
    "PARAMETERS",
    "READS",
    "given_up",
    "hazard_effects",
    "hazard_shift",
    "shift_if_signed",
]

HAZARDS_OF = {
    "non_use_of_force": {
        "dispute_onset": "security_nonuse_onset",
        "dispute_force": "security_nonuse_force",
    },
    "dispute_settlement": {"third_party": "security_settlement_third"},
    "inspection": {
        "nuclear": "nuclear_inspection",
        "dispute_onset": "security_inspection_onset",
    },
    "zone": {"nuclear": "nuclear_zone"},
    "arms_limit": {"arms": "security_arms_rest"},
}
"""Kind of rule → hazard that it acts on → parameter that says how much at its full level."""

TREATIES = {
    "zone": "zone",
    "inspection": "inspection",
    "arms_limit": "arms_limit",
    "amity": "non_use_of_force",
    "non_aggression": "non_use_of_force",
    "settlement": "dispute_settlement",
}
"""Kind of treaty from before the run → the rule that it has."""
VERIFIED = ("zone", "inspection", "arms_limit")
"""Kinds of treaty that somebody checks, which are whole rules; the others only declare."""

READS = ("agreements", "is_member")
"""What rules in force follow from."""
PARAMETERS = (
    *sorted({name for hazards in HAZARDS_OF.values() for name in hazards.values()}),
    "security_declared_level",
)
"""Parameters that say how much rules do."""


def hazard_effects(setting: Setting, rule: str, level: float) -> tuple[HazardEffect, ...]:
    """What a rule does to hazards at a level (1 = the whole of it)."""
    return tuple(
        HazardEffect(hazard, level * setting[name], rule)
        for hazard, name in HAZARDS_OF[rule].items()
    )


def given_up(setting: Setting, rule: str) -> dict[str, Floats]:
    """Logits that a whole rule costs each state (S,), by name: sovereignty, and an arsenal."""
    held = setting.world.security.facts.nuclear_status == NuclearStatus.WEAPONS
    lost = setting["security_arsenal_cost"] * held * ("nuclear" in HAZARDS_OF[rule])
    return {
        "sovereignty": np.full(held.size, setting["security_sovereignty_cost"]),
        "arsenal": lost,
    }


def hazard_shift(setting: Setting, state: State, hazard: str) -> Floats:
    """(S, S) what rules in force add to a hazard since the first day."""
    now = [one.current(state.step, 0.0) for one in state.agreements]
    return np.asarray(_since_the_start(setting, state, now)[HAZARDS.index(hazard)])


def shift_if_signed(setting: Setting, state: Reading, rule: str = "", level: float = 0.0) -> Floats:
    """(hazards, S, S) what all that is signed adds, with one more rule that binds all states.

    Parameters
    ----------
    rule, level
        The rule, and how far it goes (1 = the whole of it); none where the name is empty.
    """
    signed = [one.committed() for one in state.agreements]
    if rule:
        everybody = np.ones(len(setting.axes.states), dtype=bool)
        signed.append(Commitment(hazard_effects(setting, rule, level), everybody))
    return _since_the_start(setting, state, signed)


def _since_the_start(
    setting: Setting, state: State | Reading, bound: Sequence[Commitment]
) -> Floats:
    sizes = tuple(setting[name] for name in PARAMETERS)
    old = [one.initial() for one in state.agreements if not one.is_of_the_run]
    before = (*_treaties(setting, None, sizes), *_restraining(old))
    now = (*_treaties_kept(setting, state, sizes), *_restraining(bound))
    return _difference(setting, None, now, before)


@remembered(keep=4)
def _difference(
    setting: Setting, _: None, now: tuple[Commitment, ...], before: tuple[Commitment, ...]
) -> Floats:
    size = len(setting.axes.states)
    if [one.remembered_as for one in now] == [one.remembered_as for one in before]:
        return HazardEffect.none(size)
    return _together(now, size) - _together(before, size)


def _together(bound: Sequence[Commitment], size: int) -> Floats:
    """(hazards, S, S) the sum over rules of what the most effective agreement on each adds."""
    rules = {effect.rule for one in bound for effect in _hazards_in(one)}
    total = HazardEffect.none(size)
    for rule in sorted(rules):
        own = [one for one in bound if any(e.rule == rule for e in _hazards_in(one))]
        total += accumulate(HazardEffect, own, size=size)
    return total


def _hazards_in(one: Commitment) -> tuple[HazardEffect, ...]:
    return tuple(effect for effect in one.effects if isinstance(effect, HazardEffect))


def _restraining(bound: Sequence[Commitment]) -> tuple[Commitment, ...]:
    """What binds anybody and acts on hazards, a rule at a time."""
    found = []
    for one in bound:
        effects = _hazards_in(one) if one.inside.any() else ()
        for rule in sorted({effect.rule for effect in effects}):
            own = tuple(effect for effect in effects if effect.rule == rule)
            found.append(Commitment(own, one.inside, one.done, one.sides))
    return tuple(found)


@remembered(keep=1)
def _treaties(setting: Setting, _: None, sizes: tuple[float, ...]) -> tuple[Commitment, ...]:
    """What treaties from before the run do, among those who were parties on the first day."""
    return tuple(
        Commitment(_of_treaty(one.kind, rule, sizes), one.parties)
        for one in setting.world.security.agreements
        if (rule := TREATIES.get(one.kind)) is not None
    )


@remembered(reads=("is_member",), keep=2)
def _treaties_kept(
    setting: Setting, state: Reading, sizes: tuple[float, ...]
) -> tuple[Commitment, ...]:
    """The same among those who still are.

    Nobody is inspected who is no member of the body that inspects, or by one that may not; treaties
    bind also those who have left the body under whose roof they were made.
    """
    return tuple(
        Commitment(_of_treaty(one.kind, rule, sizes), _still_bound(setting, state, one, rule))
        for one in setting.world.security.agreements
        if (rule := TREATIES.get(one.kind)) is not None
    )


def _still_bound(
    setting: Setting, state: State | Reading, one: SecurityAgreement, rule: str
) -> Bools:
    """(S,) parties to a treaty, but for those whom its body may not inspect, or no more."""
    if rule != "inspection" or one.organisation not in setting.axes.organisations:
        return one.parties
    mandate = setting.charter(one.organisation).security
    may = mandate is not None and "inspection" in mandate.instruments
    members = state.is_member[setting.axes.organisation(one.organisation)]
    return np.asarray(one.parties & members & may)


def watched(setting: Setting, state: State, rule: str) -> Ints:
    """(O,) states bound by a rule in force under each body's treaties and agreements.

    Parameters
    ----------
    rule
        ``inspection`` or ``zone``, which hold in every quarter without an act being told.
    """
    codes = setting.axes.organisations
    bound = np.zeros((len(codes), len(setting.axes.states)), dtype=bool)
    for one in setting.world.security.agreements:
        if TREATIES.get(one.kind) == rule and one.organisation in codes:
            row = setting.axes.organisation(one.organisation)
            bound[row] |= _still_bound(setting, state, one, rule)
    for made in state.agreements:
        now = made.current(state.step, 0.0)
        if made.organisation in codes and rule in {effect.rule for effect in _hazards_in(now)}:
            bound[setting.axes.organisation(made.organisation)] |= now.inside
    return np.asarray(bound.sum(axis=1))


def _of_treaty(kind: str, rule: str, sizes: tuple[float, ...]) -> tuple[HazardEffect, ...]:
    size = dict(zip(PARAMETERS, sizes, strict=True))
    level = 1.0 if kind in VERIFIED else size["security_declared_level"]
    return tuple(
        HazardEffect(hazard, level * size[name], rule) for hazard, name in HAZARDS_OF[rule].items()
    )
