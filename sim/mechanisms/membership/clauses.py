"""What charters say of belonging, as arrays, and whether the names in it exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.belonging import ANYBODY
from sim.errors import ConfigError, nearest, unknown
from sim.kernels.membership import Belonging, belonging
from sim.memo import remembered
from sim.rules.decision import DECISION_RULES
from sim.types import Bools, Floats, Ints

if TYPE_CHECKING:
    from sim.belonging import Admission
    from sim.setting import Setting
    from sim.state import State

__all__ = [
    "NEVER",
    "age",
    "check",
    "eligible",
    "first_members",
    "is_own",
    "left_at",
    "may_join",
    "same_region",
    "standing_of",
    "suspended",
]

NEVER = -(10**6)
"""Quarter of an exit that never was."""


def check(setting: Setting) -> None:
    """Names in clauses of belonging exist, and rules of admission bind.

    Raises
    ------
    ConfigError
        Unknown state, sub-region, organisation, rule or parameter of a rule.
    """
    for code, charter in setting.scenario.organisation.items():
        where = f"organisation.{code}"
        admission, suspension = charter.admission, charter.suspension
        if admission:
            rule = admission.rule
            if rule:
                DECISION_RULES.bind(rule.rule, rule.parameters, f"{where}.admission.rule")
            for name in admission.eligible:
                _mask(setting, name, f"{where}.admission.eligible")
            for one in admission.applicants:
                setting.axes.state(one.state, f"{where}.admission.applicants")
                _check_applicant(setting, admission, one.state, where)
        for spell in suspension.spells if suspension else ():
            setting.axes.state(spell.state, f"{where}.suspension.spells")
        for known in charter.withdrawals:
            setting.axes.state(known.state, f"{where}.withdrawals")


def _check_applicant(setting: Setting, admission: Admission, state: str, where: str) -> None:
    if not _eligible(setting, admission)[setting.axes.state(state)]:
        raise ConfigError(
            f"{state} applies and is not eligible",
            where=f"{where}.admission.applicants",
            expected="it among 'eligible', by itself or with its sub-region",
        )


def _mask(setting: Setting, name: str, where: str = "") -> Bools:
    """(S,) the states that a name stands for."""
    world = setting.world
    if name == ANYBODY:
        return np.ones(len(setting.axes.states), dtype=bool)
    if name.startswith("@"):
        members = world.group(name[1:])
        if members is None:
            raise unknown("organisation", name[1:], world.organisations, where)
        return members
    if name in set(world.region):
        return np.asarray(world.region == name)
    if name not in setting.axes.states:
        known = [*setting.axes.states, *sorted({str(one) for one in world.region})]
        raise ConfigError(
            f"unknown state or sub-region {name!r}", where=where, expected=nearest(name, known)
        )
    return np.asarray(np.arange(len(setting.axes.states)) == setting.axes.state(name))


def _eligible(setting: Setting, admission: Admission) -> Bools:
    masks = [_mask(setting, name) for name in admission.eligible]
    return np.asarray(np.logical_or.reduce(masks))


@remembered(keep=1)
def eligible(setting: Setting, _: None) -> Bools:
    """(O, S) who may join what."""
    found = np.zeros((len(setting.axes.organisations), len(setting.axes.states)), dtype=bool)
    for row, code in enumerate(setting.axes.organisations):
        admission = setting.scenario.organisation[code].admission
        if admission:
            found[row] = _eligible(setting, admission)
    return found


@remembered(reads=("is_member",), keep=1)
def may_join(setting: Setting, state: State) -> Bools:
    """(O, S) who may join what now.

    Members of a customs union do not join other bodies of trade by themselves, but for the world's
    (TFEU Art. 3 and 207: trade is the Union's; GATT Art. XXIV:8(a): one tariff).
    """
    charters = [setting.scenario.organisation[code] for code in setting.axes.organisations]
    unions = np.array(["trade" in one.votes_as_bloc for one in charters])
    of_trade = np.array(["trade" in one.mandate and one.level != "global" for one in charters])
    in_union = state.is_member[unions].any(axis=0)
    return np.asarray(eligible(setting, None) & ~(of_trade[:, None] & in_union[None, :]))


@remembered(keep=1)
def same_region(setting: Setting, _: None) -> Bools:
    """(S, S) pairs of one sub-region."""
    region = np.asarray(setting.world.region)
    return np.asarray(region[:, None] == region[None, :])


@remembered(reads=("is_member",), keep=1)
def standing_of(setting: Setting, state: State) -> Belonging:
    """Where states stand towards organisations now."""
    same = same_region(setting, None)
    return belonging(state.is_member, setting.world.ideal_point, same)


@remembered(keep=1)
def is_own(setting: Setting, _: None) -> Bools:
    """(O,) bodies that states join and leave by themselves: no organs of others."""
    charters = setting.scenario.organisation
    return np.array([not charters[code].part_of for code in setting.axes.organisations])


def age(setting: Setting, step: int) -> Floats:
    """(O,) years since the foundation."""
    today = setting.calendar.first_day(step)
    charters = setting.scenario.organisation
    days = [(today - charters[code].founded).days for code in setting.axes.organisations]
    return np.maximum(np.array(days, dtype=float) / 365.25, 0.0)


def left_at(setting: Setting) -> Ints:
    """(O, S) quarter in which a state left, negative before the run; NEVER if it did not."""
    start = setting.scenario.start
    found = np.full((len(setting.axes.organisations), len(setting.axes.states)), NEVER)
    for row, code in enumerate(setting.axes.organisations):
        now = setting.world.members(code, start)
        for spell in setting.world.spells[code]:
            if spell.left and spell.left <= start and not now[spell.state]:
                found[row, spell.state] = setting.calendar.step_of(spell.left)
    return found


def first_members(setting: Setting) -> Bools:
    """(O, S) members on the first day."""
    start = setting.scenario.start
    return np.array([setting.world.members(code, start) for code in setting.axes.organisations])


def suspended(setting: Setting) -> Bools:
    """(O, S) members that are suspended on the first day."""
    start = setting.scenario.start
    found = np.zeros((len(setting.axes.organisations), len(setting.axes.states)), dtype=bool)
    if not setting.is_on("suspensions"):
        return found
    for row, code in enumerate(setting.axes.organisations):
        clause = setting.scenario.organisation[code].suspension
        for one in clause.spells if clause else ():
            if one.since <= start and (one.until is None or one.until > start):
                found[row, setting.axes.state(one.state)] = True
        found[row] &= setting.world.members(code, start)
    return found
