"""Whether the names of a scenario exist in its world, and whether its shocks can happen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sim.errors import ConfigError, nearest, unknown
from sim.events import EVENTS
from sim.issues import areas
from sim.shocks.membership import JoinShock, Rolls

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.charter import Charter, DocketItem, RuleUse, StandingAgreement
    from sim.issues.base import IssueArea
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
            _check_item(areas()[item.area], item, place)
        for name, agreement in charter.agreements.items():
            _check_agreement(setting, agreement, f"{where}.agreements.{name}")
        _check_counts(setting, charter, where)
        for group in charter.entry_into_force.groups:
            if group.members_of:
                setting.axes.organisation(group.members_of, f"{where}.entry_into_force.groups")
    _ = setting.decisions, setting.agendas  # binding checks names and parameters
    for code, area in setting.decisions:
        kind = setting.fallback(code, area)
        if kind and kind not in EVENTS:
            place = f"organisation.{code}.decision.{area}"
            raise unknown("kind of event", kind, EVENTS, f"{place}, fallback of the rule")


def _check_counts(setting: Setting, charter: Charter, where: str) -> None:
    """More ratifications than there are states never come together."""
    most = len(setting.axes.states)
    force = charter.entry_into_force
    for count in (force.ratifications, *(group.count for group in force.groups)):
        if count > most:
            raise ConfigError(
                f"{count} ratifications, of {most} states",
                where=f"{where}.entry_into_force",
                expected=f"{most} or fewer",
            )


def _check_agreement(setting: Setting, agreement: StandingAgreement, where: str) -> None:
    """Area, kind, terms, matters and parties of an agreement made before the run."""
    if agreement.area not in areas():
        raise unknown("issue area", agreement.area, areas(), f"{where}.area")
    area = areas()[agreement.area]
    if agreement.kind not in area.kinds:
        raise unknown("kind of agreement", agreement.kind, area.kinds, f"{where}.kind")
    _check_terms(area, {name: (value,) for name, value in agreement.terms.items()}, where)
    for matter in agreement.exemptions:
        if matter not in setting.world.matters:
            raise unknown("matter", matter, setting.world.matters, f"{where}.exemptions")
    for code, day in agreement.parties.items():
        setting.axes.state(code, f"{where}.parties")
        if day < agreement.signed:
            raise ConfigError(
                f"{code} is bound on {day}, before the signature",
                where=f"{where}.parties",
                expected=f"{agreement.signed} or later",
            )


def _check_item(area: IssueArea, item: DocketItem, where: str) -> None:
    """The kind of an item, and the values of the area's terms that it offers."""
    if item.kind not in area.kinds:
        raise unknown("kind of item", item.kind, area.kinds, f"{where}.kind")
    offered = area.offered(item)
    _check_terms(area, offered, where)
    if not any(value > 0 for values in offered.values() for value in values):
        raise ConfigError(
            f"the item offers nothing: all of {', '.join(offered)} is zero",
            where=where,
            expected="a value above zero",
        )


def _check_terms(area: IssueArea, offered: Mapping[str, tuple[float, ...]], where: str) -> None:
    """That values are given of every term of an area, within its bounds."""
    names = [term.name for term in area.terms]
    for name in offered:
        if name not in names:
            raise unknown("term", name, names, f"{where}.terms")
    for term in area.terms:
        values = offered.get(term.name, ())
        if not values:
            raise ConfigError(f"nothing is offered of {term.name!r}", where=f"{where}.terms")
        for value in values:
            if not term.low <= value <= term.high:
                raise ConfigError(
                    f"{term.name} {value:g} is out of range",
                    where=where,
                    expected=f"{term.low:g} to {term.high:g} {term.unit}",
                )


def _check_states(setting: Setting, charter: Charter, where: str) -> None:
    """The states that a charter names, those among the parameters of its rules included."""
    named: dict[str, Iterable[str]] = {
        "budget.shares": charter.budget.shares,
        "vetoes": charter.vetoes,
        "weights": charter.weights if isinstance(charter.weights, dict) else (),
    }
    known = None
    for key, codes in named.items():
        for code in codes:
            setting.axes.state(code, f"{where}.{key}")
            known = known if known is not None else _ever_members(setting, where)
            if code not in known:
                raise ConfigError(
                    f"{code} is never a member",
                    where=f"{where}.{key}",
                    expected=nearest(code, known) if known else "an organisation with members",
                )
    uses: list[tuple[str, RuleUse]] = [("agenda", charter.agenda)]
    uses += [(f"decision.{area}", use) for area, use in charter.decision.items()]
    for key, use in uses:
        if isinstance(use.parameters.get("state"), str):
            setting.axes.state(use.parameters["state"], f"{where}.{key}.state")


def _ever_members(setting: Setting, where: str) -> set[str]:
    """Members of an organisation at any time, by the table or by a shock."""
    code = where.removeprefix("organisation.")
    scenario = setting.scenario
    found = {setting.world.iso3[spell.state] for spell in setting.world.spells[code]}
    for shocks in (scenario.shocks, *scenario.responses.values()):
        for shock in shocks.values():
            if isinstance(shock, JoinShock) and shock.organisation == code:
                found.update(shock.states)
    return found


def check_shocks(setting: Setting) -> None:
    """Check the names in all shocks, and that those in force can happen in their order.

    Raises
    ------
    ConfigError
        Unknown name; a shock before the start; a member that joins twice or leaves where it does
        not belong.
    """
    for place, options, _ in setting.scenario.choices.values():
        for name, option in options.items():
            for key, shock in option.items():
                shock.check(setting, f"{place}.{name}.{key}")
    rolls = Rolls(setting)
    for name, shock in setting.scenario.dated:
        where = setting.scenario.placed[name][0]
        if shock.date < setting.scenario.start:
            raise ConfigError(
                f"{shock.date} is before the start of the run",
                where=f"{where}.date",
                expected=f"{setting.scenario.start} or later",
            )
        shock.check(setting, where)
        rolls.advance(shock.date)
        shock.enter(rolls, where)
