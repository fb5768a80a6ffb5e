"""Whether the names of a scenario exist in its world, and whether its shocks can happen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.errors import ConfigError, unknown
from sim.events import EVENTS
from sim.issues import areas
from sim.shocks.membership import Rolls

if TYPE_CHECKING:
    from sim.config import Charter, RuleUse
    from sim.setting import Setting

__all__ = ["check_charters", "check_shocks"]


def check_charters(setting: Setting) -> None:
    """Check the names in all charters, and bind their rules.

    Raises
    ------
    ConfigError
        Unknown organisation, state, issue area, kind of item, rule or rule parameter.
    """
    for code, charter in setting.scenario.organisation.items():
        where = f"organisation.{code}"
        if code not in setting.world.organisations:
            raise unknown("organisation", code, setting.world.organisations, where)
        _check_states(setting, charter, where)
        for name, item in charter.docket.items():
            place = f"{where}.docket.{name}"
            if item.area not in areas():
                raise unknown("issue area", item.area, areas(), f"{place}.area")
            if item.kind not in areas()[item.area].kinds:
                raise unknown("kind of item", item.kind, areas()[item.area].kinds, f"{place}.kind")
        for group in charter.entry_into_force.groups:
            if group.members_of:
                setting.axes.organisation(group.members_of, f"{where}.entry_into_force.groups")
    _ = setting.decisions, setting.agendas  # binding checks names and parameters
    for code, area in setting.decisions:
        kind = setting.fallback(code, area)
        if kind and kind not in EVENTS:
            place = f"organisation.{code}.decision.{area}"
            raise unknown("kind of event", kind, EVENTS, f"{place}, fallback of the rule")


def _check_states(setting: Setting, charter: Charter, where: str) -> None:
    """The states that a charter names, those among the parameters of its rules included."""
    for code in charter.budget.shares:
        setting.axes.state(code, f"{where}.budget.shares")
    for code in charter.vetoes:
        setting.axes.state(code, f"{where}.vetoes")
    if isinstance(charter.weights, dict):
        for code in charter.weights:
            setting.axes.state(code, f"{where}.weights")
    uses: list[tuple[str, RuleUse]] = [("agenda", charter.agenda)]
    uses += [(f"decision.{area}", use) for area, use in charter.decision.items()]
    for key, use in uses:
        if isinstance(use.parameters.get("state"), str):
            setting.axes.state(use.parameters["state"], f"{where}.{key}.state")


def check_shocks(setting: Setting) -> None:
    """Check the names in all shocks, and that those in force can happen in their order.

    Raises
    ------
    ConfigError
        Unknown name; a shock before the start; a member that joins twice or leaves where it does
        not belong.
    """
    for name, response in setting.scenario.responses.items():
        for key, shock in response.items():
            shock.check(setting, f"responses.{name}.{key}")
    rolls = Rolls(setting)
    for name, shock in setting.scenario.dated:
        where = _place(setting, name)
        if shock.date < setting.scenario.start:
            raise ConfigError(
                f"{shock.date} is before the start of the run",
                where=f"{where}.date",
                expected=f"{setting.scenario.start} or later",
            )
        shock.check(setting, where)
        rolls.advance(shock.date)
        shock.enter(rolls, where)


def _place(setting: Setting, name: str) -> str:
    """Where a shock in force is written: the response chosen goes before the scenario."""
    response = setting.scenario.response
    is_answer = name in setting.scenario.responses.get(response, {})
    return f"responses.{response}.{name}" if is_answer else f"shocks.{name}"
