"""Whether what a scenario puts on a table can be negotiated there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.errors import ConfigError, unknown
from sim.events import EVENTS
from sim.forum import body, forum_in
from sim.issues import areas
from sim.shocks.opening import OpenItemShock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.charter import AdHocForum, Specification
    from sim.forum import Forum
    from sim.issues.base import IssueArea
    from sim.setting import Setting

__all__ = ["Openings", "check_rules", "check_specification", "check_terms"]


class Openings:
    """Items that a scenario opens, as they are looked at one after another by date."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.forums: dict[str, AdHocForum] = {}
        self.items = {
            (code, name)
            for code, charter in setting.scenario.organisation.items()
            for name in charter.docket
        }

    def enter(self, shock: OpenItemShock, where: str) -> None:
        """Make sure that the item can be negotiated there, beside all that came before it.

        Raises
        ------
        ConfigError
            An unknown area, kind, term or rule; an item that is there already; one forum with two
            sets of rules; parties that overlap or that have no rule of their own for the area.
        """
        specification, place = shock.specification, f"{where}.specification"
        check_specification(specification, place)
        if (shock.code, shock.item) in self.items:
            raise ConfigError(
                f"{shock.code} has an item {shock.item!r} already",
                where=f"{where}.item",
                expected="another name",
            )
        self.items.add((shock.code, shock.item))
        if shock.forum is None:
            step = max(self.setting.calendar.step_of(shock.date), 0)
            check_rules(body(self.setting, shock.code, specification.area, step), where)
        else:
            self._enter_forum(shock.forum, specification.area, f"{where}.forum")

    def _enter_forum(self, rules: AdHocForum, area: str, where: str) -> None:
        code = rules.code
        if code in (*self.setting.axes.organisations, *self.setting.axes.states):
            raise ConfigError(
                f"{code} is an organisation or a state",
                where=f"{where}.code",
                expected="a new name",
            )
        if self.forums.setdefault(code, rules) != rules:
            raise ConfigError(
                f"the forum {code} has other rules in another shock",
                where=where,
                expected="the same rules, or another code",
            )
        check_rules(forum_in(self.setting, rules, area), f"{where}.decision")
        self._check_parties(rules, area, where)

    def _check_parties(self, rules: AdHocForum, area: str, where: str) -> None:
        """Nobody sits there twice, and whoever speaks with one voice has a rule for it."""
        axes, world = self.setting.axes, self.setting.world
        seated: dict[str, str] = {}
        for party in rules.parties:
            states: tuple[str, ...] = (party,)
            if party in axes.organisations:
                _ = body(self.setting, party, area).decide
                states = axes.names(world.members(party, self.setting.scenario.start))
            for state in states:
                if state in seated:
                    raise ConfigError(
                        f"{state} sits there twice, by {seated[state]} and by {party}",
                        where=f"{where}.parties",
                        expected="parties that have no member in common",
                    )
                seated[state] = party
        for state in rules.vetoes:
            axes.state(state, f"{where}.vetoes")
        for group in rules.entry_into_force.groups:
            if group.members_of:
                axes.organisation(group.members_of, f"{where}.entry_into_force.groups")


def check_specification(item: Specification, where: str) -> None:
    """The area and kind of an item, and the values of the area's terms that it offers.

    Raises
    ------
    ConfigError
        An unknown name, a value out of bounds, or nothing that is offered.
    """
    if item.area not in areas():
        raise unknown("issue area", item.area, areas(), f"{where}.area")
    _check_item(areas()[item.area], item, where)


def _check_item(area: IssueArea, item: Specification, where: str) -> None:
    """The kind of an item, and the values of the area's terms that it offers."""
    if item.kind not in area.kinds:
        raise unknown("kind of item", item.kind, area.kinds, f"{where}.kind")
    offered = area.offered(item)
    check_terms(area, offered, where)
    if not any(value > 0 for values in offered.values() for value in values):
        raise ConfigError(
            f"the item offers nothing: all of {', '.join(offered)} is zero",
            where=where,
            expected="a value above zero",
        )


def check_terms(area: IssueArea, offered: Mapping[str, tuple[float, ...]], where: str) -> None:
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


def check_rules(forum: Forum, where: str) -> None:
    """The rules exist, and what comes of an item that passes its deadline is a kind of event."""
    _ = forum.chair  # binding checks names and parameters
    if forum.fallback and forum.fallback not in EVENTS:
        place = f"{where}, fallback of the rule"
        raise unknown("kind of event", forum.fallback, EVENTS, place)
