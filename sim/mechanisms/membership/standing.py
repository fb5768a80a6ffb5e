"""Members announce that they leave, are suspended after coups, and lose votes by arrears."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.calendar import add_months
from sim.kernels.conflict.rates import coefficients
from sim.kernels.membership import Withdrawal, withdrawal_chance
from sim.mechanisms.membership.clauses import age, is_own, standing_of
from sim.phase import Phase
from sim.streams import stream

if TYPE_CHECKING:
    from datetime import date

    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State
    from sim.types import Bools

__all__ = ["STANDING", "WITHDRAWAL"]

QUARTER = 0.25


def withdraw(setting: Setting, state: State, log: Log) -> None:
    """Draw who announces its exit; membership carries it out after the charter's notice."""
    block = state.membership
    draws = stream(setting.seed, "withdrawals", state.step).random((2, *state.is_member.shape))
    gone = block.was_member & ~state.is_member & ~state.is_dissolved[:, None]
    block.left_at[gone] = state.step - 1
    block.was_member[:] = state.is_member
    model, memory = coefficients(Withdrawal, setting), setting["withdrawal_memory"]
    if not setting.is_on("withdrawals"):
        return
    _announce_known(setting, state, log)
    has_left = (state.step - block.left_at.max(axis=1)) * QUARTER <= memory
    chance = withdrawal_chance(
        standing_of(setting, state), has_left, age(setting, state.step), model
    )
    stays = state.leaves_at < 0
    may = state.is_member & stays & is_own(setting, None)[:, None] & ~state.is_dissolved[:, None]
    lone = np.argwhere(may & (draws[0] < chance))
    for row, column in lone:
        day = setting.calendar.day_at(state.step, float(draws[1, row, column]))
        _announce(setting, state, log, (int(row), int(column)), day)
    _together(setting, state, log, may)


def _announce(
    setting: Setting, state: State, log: Log, what: tuple[int, int], day: date, why: str = ""
) -> None:
    """A member says that it leaves, and is out after the charter's notice."""
    code, actor = setting.axes.organisations[what[0]], setting.axes.states[what[1]]
    out = add_months(day, setting.charter(code, state.step).exit_notice_months)
    state.leaves_at[what] = max(setting.calendar.step_of(out), state.step + 1)
    reason = f"{why}effective {out.isoformat()}"
    log.event(state.step, day, "exit_announced", actor=actor, organisation=code, reason=reason)


def _together(setting: Setting, state: State, log: Log, may: Bools) -> None:
    """Estranged members decide to leave, and others who are estranged go with them.

    Estranged is who is suspended, or pays nothing: voice has been lost or given up.
    """
    draws = stream(setting.seed, "joint_withdrawals", state.step).random((3, *may.shape))
    chance, joint = 0.25 * setting["withdrawal_estranged"], setting["withdrawal_joint"]
    if not setting.is_on("joint_withdrawals"):
        return
    estranged = may & (state.leaves_at < 0)
    estranged &= state.membership.is_suspended | (state.arrears >= 1.0)
    first = estranged & (draws[0] < chance)
    for row in np.flatnonzero(first.any(axis=1)):
        leader = int(np.flatnonzero(first[row])[0])
        day = setting.calendar.day_at(state.step, float(draws[1, row, leader]))
        goes = estranged[row] & (first[row] | (draws[2, row] < joint))
        for column in np.flatnonzero(goes):
            _announce(setting, state, log, (int(row), int(column)), day, "estranged; ")


def _announce_known(setting: Setting, state: State, log: Log) -> None:
    """Withdrawals of record: on their day, or at once where the run begins between the days."""
    step_of, start = setting.calendar.step_of, setting.scenario.start
    for row, code in enumerate(setting.axes.organisations):
        for one in setting.scenario.organisation[code].withdrawals:
            column = setting.axes.state(one.state)
            if max(step_of(one.announced), 0) != state.step or one.leaves <= start:
                continue
            if not state.is_member[row, column] or state.leaves_at[row, column] >= 0:
                continue  # the scenario has it otherwise
            state.leaves_at[row, column] = step_of(one.leaves)
            log.event(
                state.step,
                max(one.announced, start),
                "exit_announced",
                actor=one.state,
                organisation=code,
                reason=f"effective {one.leaves.isoformat()}",
            )


def stand(setting: Setting, state: State, log: Log) -> None:
    """Suspensions and their ends, debts and the votes that they cost."""
    _suspend(setting, state, log)
    _count_debts(setting, state, log)


def _suspend(setting: Setting, state: State, log: Log) -> None:
    is_suspended = state.membership.is_suspended
    draws = stream(setting.seed, "suspensions", state.step).random((3, state.coup.size))
    chance, years = setting["suspension_chance"], setting["suspension_years"]
    # at home, so that all bodies lift at once; sooner under sanctions
    pace = QUARTER / years * np.exp(state.sanction_pressure)
    state.order_returns[:] = (draws[1] < -np.expm1(-pace)) & (state.coup < 2)
    if not setting.is_on("suspensions"):
        return
    day = setting.calendar.day_at(state.step, 1.0)
    falls = (state.coup == 2) & (draws[0] < chance)
    for row, code in enumerate(setting.axes.organisations):
        members = state.is_member[row]
        clause = setting.scenario.organisation[code].suspension
        before = is_suspended[row] & members
        now = before & ~state.order_returns
        if clause is not None:
            now = now | (falls & members)
        is_suspended[row] = now
        for kind, changed in (("suspended", now & ~before), ("suspension_lifted", before & ~now)):
            for column in np.flatnonzero(changed):
                actor = setting.axes.states[column]
                log.event(state.step, day, kind, actor=actor, organisation=code)


def _count_debts(setting: Setting, state: State, log: Log) -> None:
    """Unpaid dues add up; who pays again pays off as much a year as its dues are."""
    block = state.membership
    if not setting.is_on("votes_lost_by_arrears"):
        return
    owes = state.arrears > 0
    block.owed[:] = np.where(
        owes, block.owed + QUARTER * state.arrears, np.maximum(block.owed - QUARTER, 0.0)
    )
    block.owed[~state.is_member] = 0.0
    for row, code in enumerate(setting.axes.organisations):
        clause = setting.scenario.organisation[code].vote_loss
        if clause is None:
            continue
        before = block.is_in_debt[row].copy()
        block.is_in_debt[row] = block.owed[row] >= clause.years
        for column in np.flatnonzero(block.is_in_debt[row] != before):
            kind = "vote_regained" if before[column] else "vote_lost"
            log.event(
                state.step,
                setting.calendar.day_at(state.step, 1.0),
                kind,
                actor=setting.axes.states[column],
                organisation=code,
                value=float(block.owed[row, column]),
            )


WITHDRAWAL = Phase(
    name="withdrawal",
    meaning="members announce that they leave, by distance, neighbourhood and contagion",
    source="own logit on Correlates of War IGO 3.0; von Borzyskowski & Vabulas 2019",
    reads=(
        "is_member", "is_dissolved", "leaves_at", "arrears", "membership.was_member",
        "membership.left_at", "membership.is_suspended",
    ),
    writes=("leaves_at", "membership.was_member", "membership.left_at"),
    run=withdraw,
)  # fmt: skip
STANDING = Phase(
    name="standing",
    meaning="members are suspended after coups and readmitted; arrears cost votes",
    source="charters: Constitutive Act of the AU Art. 30, UN Charter Art. 19 and the like",
    reads=(
        "is_member", "coup", "arrears", "sanction_pressure", "membership.is_suspended",
        "membership.owed", "membership.is_in_debt",
    ),
    writes=(
        "order_returns", "membership.is_suspended", "membership.owed", "membership.is_in_debt",
    ),
    run=stand,
)  # fmt: skip
