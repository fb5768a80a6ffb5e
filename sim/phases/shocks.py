"""Dated events of the scenario: exits announced, joins, tariffs, leaders, money, vacancies."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.config import (
    ExitShock,
    FundingShock,
    JoinShock,
    LeaderShock,
    RetaliationShock,
    TariffShock,
    VacancyShock,
)
from sim.phase import Phase

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["SHOCKS"]


def run(setting: Setting, state: State, log: Log) -> None:
    """Apply what happens this quarter, and rebuild what is in force for a time."""
    for _, shock in setting.scenario.dated:
        if setting.calendar.step_of(shock.date) == state.step:
            strike(shock, setting, state, log)
    state.shock_tariff[:] = 0.0
    state.shock_arrears[:] = 0.0
    state.shock_vacancy[:] = False
    held = [s for _, s in setting.scenario.dated if _is_in_force(setting, state, s)]
    # Answers come last: they depend on all that they answer, whatever the order of dates and names.
    for shock in sorted(held, key=lambda s: s.kind == "retaliation"):
        hold(shock, setting, state)


def _is_in_force(setting: Setting, state: State, shock: Any) -> bool:
    until = getattr(shock, "until", None)
    started = setting.calendar.step_of(shock.date) <= state.step
    return started and (until is None or setting.calendar.step_of(until) > state.step)


@singledispatch
def strike(shock: Any, setting: Setting, state: State, log: Log) -> None:
    """Apply a shock in its quarter. Shocks in force for a time are only announced here."""
    raise TypeError(f"no effect is written for {type(shock).__name__}")


@strike.register(ExitShock)
def _strike_exit(shock: ExitShock, setting: Setting, state: State, log: Log) -> None:
    axes = setting.axes
    row, column = axes.organisation(shock.organisation), axes.state(shock.state)
    day = setting.exit_date(shock)
    state.leaves_at[row, column] = max(setting.calendar.step_of(day), state.step)
    log.event(
        state.step,
        shock.date,
        "exit_announced",
        actor=shock.state,
        organisation=shock.organisation,
        reason=shock.text or f"effective {day.isoformat()}",
    )


@strike.register(JoinShock)
def _strike_join(shock: JoinShock, setting: Setting, state: State, log: Log) -> None:
    row = setting.axes.organisation(shock.organisation)
    for code in shock.states:
        state.is_member[row, setting.axes.state(code)] = True
        log.event(
            state.step,
            shock.date,
            "join",
            actor=code,
            organisation=shock.organisation,
            reason=shock.text,
        )


@strike.register(TariffShock)
def _strike_tariff(shock: TariffShock, setting: Setting, state: State, log: Log) -> None:
    rate = float("nan") if shock.rate is None else shock.rate
    reason = shock.text or (f"schedule {shock.schedule}" if shock.schedule else "")
    target = "all" if isinstance(shock.exporters, str) else ";".join(shock.exporters)
    log.event(
        state.step,
        shock.date,
        "tariff",
        actor=shock.importer,
        target=target,
        value=rate,
        reason=reason,
    )


@strike.register(RetaliationShock)
def _strike_retaliation(shock: RetaliationShock, setting: Setting, state: State, log: Log) -> None:
    who = shock.states if isinstance(shock.states, str) else ";".join(shock.states)
    log.event(
        state.step,
        shock.date,
        "retaliation",
        actor=who,
        target=shock.against,
        value=shock.proportion,
        reason=shock.text,
    )


@strike.register(LeaderShock)
def _strike_leader(shock: LeaderShock, setting: Setting, state: State, log: Log) -> None:
    state.orientation[setting.axes.state(shock.state)] = shock.orientation
    log.event(
        state.step,
        shock.date,
        "leader_change",
        actor=shock.state,
        value=shock.orientation,
        reason=shock.text,
    )


@strike.register(FundingShock)
def _strike_funding(shock: FundingShock, setting: Setting, state: State, log: Log) -> None:
    log.event(
        state.step,
        shock.date,
        "funding_cut",
        actor=shock.contributor,
        organisation=shock.organisation,
        value=shock.share,
        reason=shock.text,
    )


@strike.register(VacancyShock)
def _strike_vacancy(shock: VacancyShock, setting: Setting, state: State, log: Log) -> None:
    log.event(state.step, shock.date, "vacancy", organisation=shock.organisation, reason=shock.text)


@singledispatch
def hold(shock: Any, setting: Setting, state: State) -> None:
    """Apply a shock in every quarter of its term; most act once and do nothing here."""


@hold.register(TariffShock)
def _hold_tariff(shock: TariffShock, setting: Setting, state: State) -> None:
    j = setting.axes.state(shock.importer)
    if shock.schedule:
        rates = setting.world.schedule(shock.schedule)
    else:
        rates = np.full(len(setting.axes.states), (shock.rate or 0.0) / 100.0)
    if not isinstance(shock.exporters, str):
        rates = np.where(setting.axes.mask(shock.exporters), rates, 0.0)
    state.shock_tariff[:, j] += rates
    state.shock_tariff[j, j] = 0.0


@hold.register(RetaliationShock)
def _hold_retaliation(shock: RetaliationShock, setting: Setting, state: State) -> None:
    j = setting.axes.state(shock.against)
    faced = state.total("extra_tariff")[:, j]  # those that others than the scenario raised too
    answer = shock.proportion * np.maximum(faced, 0.0)
    if not isinstance(shock.states, str):
        answer = np.where(setting.axes.mask(shock.states), answer, 0.0)
    answer[j] = 0.0
    state.shock_tariff[j, :] += answer


@hold.register(FundingShock)
def _hold_funding(shock: FundingShock, setting: Setting, state: State) -> None:
    row = setting.axes.organisation(shock.organisation)
    column = setting.axes.state(shock.contributor)
    state.shock_arrears[row, column] = max(float(state.shock_arrears[row, column]), shock.share)


@hold.register(VacancyShock)
def _hold_vacancy(shock: VacancyShock, setting: Setting, state: State) -> None:
    state.shock_vacancy[setting.axes.organisation(shock.organisation)] = True


SHOCKS = Phase(
    name="shocks",
    meaning="dated events of the scenario strike",
    source="scenario file",
    reads=("leaves_at", "is_member", "orientation", "extra_tariff"),
    writes=(
        "leaves_at",
        "is_member",
        "orientation",
        "shock_tariff",
        "shock_arrears",
        "shock_vacancy",
    ),
    run=run,
)
