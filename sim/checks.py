"""Whether the names of a scenario exist in its world, and whether its shocks can happen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sim.errors import ConfigError, nearest, unknown
from sim.forum import body
from sim.issues import areas
from sim.openings import Openings, check_rules, check_specification, check_terms
from sim.shocks.membership import JoinShock, Rolls
from sim.shocks.opening import OpenItemShock

if TYPE_CHECKING:
    from sim.charter import Charter, RuleUse, StandingAgreement
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
            known = nearest(code, setting.world.organisations)
            raise ConfigError(
                f"unknown organisation {code!r}", where=where, expected=f"members of it, or {known}"
            )
        _check_states(setting, charter, where)
        for name, item in charter.docket.items():
            check_specification(item, f"{where}.docket.{name}")
        for name, agreement in charter.agreements.items():
            _check_agreement(setting, agreement, f"{where}.agreements.{name}")
        _check_counts(setting, charter, where)
        for group in charter.entry_into_force.groups:
            if group.members_of:
                setting.axes.organisation(group.members_of, f"{where}.entry_into_force.groups")
        _check_rules(setting, code)


def _check_rules(setting: Setting, code: str) -> None:
    """Bind the rules of a charter, which checks their names and parameters, at all times."""
    charter = setting.scenario.organisation[code]
    steps = {0}
    for version in charter.versions.values():
        days = [day for day in (version.since, version.until) if day is not None]
        last = setting.calendar.quarters - 1
        steps |= {min(max(setting.calendar.step_of(day), 0), last) for day in days}
    for step in sorted(steps):
        for area in setting.charter(code, step).decision:
            check_rules(body(setting, code, area, step), f"organisation.{code}.decision.{area}")


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
    check_terms(area, {name: (value,) for name, value in agreement.terms.items()}, where)
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


def _check_states(setting: Setting, charter: Charter, where: str) -> None:
    """The states that a charter names, those among the parameters of its rules included."""
    named: dict[str, Iterable[str]] = {
        "budget.shares": charter.budget.shares,
        "vetoes": charter.vetoes,
        **_reluctant(charter),
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


def _reluctant(charter: Charter) -> dict[str, Iterable[str]]:
    """Those of its members that a charter calls reluctant, at any time, by the key that does."""
    mandates = {"security": charter.security} | {
        f"versions.{name}.security": one.security for name, one in charter.versions.items()
    }
    return {f"{key}.reluctance": one.reluctance for key, one in mandates.items() if one}


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

    An option that is not chosen may name organisations whose charters are left out of the world.

    Raises
    ------
    ConfigError
        Unknown name; a shock before the start; a member that joins twice or leaves where it does
        not belong.
    """
    _check_options(setting)
    rolls, openings = Rolls(setting), Openings(setting)
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
        if isinstance(shock, OpenItemShock):
            openings.enter(shock, where)


def _check_options(setting: Setting) -> None:
    """Names in all options of the scenario's choices."""
    absent = set(setting.world.organisations) - set(setting.axes.organisations)
    for choice, (place, options, _) in setting.scenario.choices.items():
        chosen = getattr(setting.scenario, choice)
        for name, option in options.items():
            for key, shock in option.items():
                left_out = sorted(shock.bodies & absent)
                if left_out and name == chosen:
                    raise ConfigError(
                        f"{left_out[0]} has no charter in this world",
                        where=f"{choice}={name}",
                        expected=f"its charter, or another {choice}",
                    )
                if not left_out:
                    shock.check(setting, f"{place}.{name}.{key}")
