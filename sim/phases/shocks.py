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
    TariffPathShock,
    TariffShock,
    VacancyShock,
)
from sim.phases.base import Phase
from sim.world.path_tables import milestones

if TYPE_CHECKING:
    from datetime import date

    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["SHOCKS"]


def run(setting: Setting, state: State, log: Log) -> None:
    """Apply what happens this quarter, and rebuild what is in force for a time."""
    for _, shock in setting.scenario.dated:
        if state.step in {setting.calendar.step_of(day) for day in days_of(shock)}:
            strike(shock, setting, state, log)
        until = getattr(shock, "until", None)
        if until is not None and setting.calendar.step_of(until) == state.step:
            what = f"{shock.kind}: {shock.text}" if shock.text else shock.kind
            log.event(state.step, until, "shock_ended", actor=_actor(shock), reason=what)
    state.extra_tariff[:] = 0.0
    state.arrears[:] = 0.0
    state.is_vacant[:] = False
    held = [s for _, s in setting.scenario.dated if _is_in_force(setting, state, s)]
    # Answers come last: they depend on all that they answer, whatever the order of dates and names.
    for shock in sorted(held, key=lambda s: s.kind == "retaliation"):
        hold(shock, setting, state)


def _actor(shock: Any) -> str:
    """Who acts in a shock that holds for a time; empty where the shock names nobody or many."""
    return str(getattr(shock, "importer", "") or getattr(shock, "contributor", ""))


def _is_in_force(setting: Setting, state: State, shock: Any) -> bool:
    until = getattr(shock, "until", None)
    started = setting.calendar.step_of(shock.date) <= state.step
    if isinstance(shock, TariffPathShock):  # counts the days of its last quarter too
        return started and (until is None or setting.calendar.first_day(state.step) < until)
    return started and (until is None or setting.calendar.step_of(until) > state.step)


@singledispatch
def days_of(shock: Any) -> tuple[date, ...]:
    """The days on which a shock strikes: for most, its date."""
    return (shock.date,)


@days_of.register(TariffPathShock)
def _days_of_path(shock: TariffPathShock) -> tuple[date, ...]:
    return tuple(told.date for told in milestones(shock.path) if shock.covers(told.date))


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


@strike.register(TariffPathShock)
def _strike_path(shock: TariffPathShock, setting: Setting, state: State, log: Log) -> None:
    for told in milestones(shock.path):
        if shock.covers(told.date) and setting.calendar.step_of(told.date) == state.step:
            log.event(
                state.step,
                told.date,
                "tariff",
                actor=told.importer,
                target=";".join(told.exporters),
                value=told.rate,
                reason=told.text,
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
    state.extra_tariff[:, j] += rates
    state.extra_tariff[j, j] = 0.0


@hold.register(TariffPathShock)
def _hold_path(shock: TariffPathShock, setting: Setting, state: State) -> None:
    first, after = (setting.calendar.first_day(state.step + k) for k in (0, 1))
    start, end = max(first, shock.date), min(after, shock.until or after)
    path = setting.world.paths[shock.path]
    share = (end - start).days / (after - first).days
    state.extra_tariff += share * path.mean(start, end, setting.world.tariffs)


@hold.register(RetaliationShock)
def _hold_retaliation(shock: RetaliationShock, setting: Setting, state: State) -> None:
    j = setting.axes.state(shock.against)
    faced = state.extra_tariff[:, j]
    answer = shock.proportion * np.maximum(faced, 0.0)
    if not isinstance(shock.states, str):
        answer = np.where(setting.axes.mask(shock.states), answer, 0.0)
    answer[j] = 0.0
    state.extra_tariff[j, :] += answer


@hold.register(FundingShock)
def _hold_funding(shock: FundingShock, setting: Setting, state: State) -> None:
    row = setting.axes.organisation(shock.organisation)
    column = setting.axes.state(shock.contributor)
    state.arrears[row, column] = max(float(state.arrears[row, column]), shock.share)


@hold.register(VacancyShock)
def _hold_vacancy(shock: VacancyShock, setting: Setting, state: State) -> None:
    state.is_vacant[setting.axes.organisation(shock.organisation)] = True


SHOCKS = Phase(
    name="shocks",
    meaning="dated events of the scenario strike",
    source="scenario file",
    writes=(
        "leaves_at",
        "is_member",
        "extra_tariff",
        "orientation",
        "arrears",
        "is_vacant",
    ),
    run=run,
)
