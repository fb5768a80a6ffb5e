"""Who decides, by which rule, who chairs, who sits there and what makes a text binding.

A forum follows from the charter of an organisation as it stands in a quarter, or from rules of its
own: two organisations, a bloc and a hegemon, or states that meet outside any charter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sim.clauses import RevisionForum
from sim.errors import ConfigError, unknown
from sim.memo import Same, remembered
from sim.rules.agenda import AGENDA_RULES
from sim.rules.ballot import Ballot
from sim.rules.decision import DECISION_RULES
from sim.types import Bools, Ints

if TYPE_CHECKING:
    from sim.agreements import Convened
    from sim.charter import AdHocForum, ForumRules, RuleUse
    from sim.clauses import Revision
    from sim.rules.agenda import AgendaRule
    from sim.rules.ballot import Decision
    from sim.setting import Setting
    from sim.state import State

__all__ = ["Forum", "body", "convened", "forum_in", "forum_of", "level_of"]


@dataclass(frozen=True, eq=False)
class Forum:
    """Where items of one issue area are negotiated.

    Attributes
    ----------
    code
        Of the organisation, or of a forum outside charters.
    area
        Issue area.
    rules
        Level, form, clauses, weights and vetoes.
    decision
        Decision rule; None where the charter has none for the area, so that nothing is decided.
    agenda
        Agenda rule.
    parties
        States, and organisations that speak with one voice; none where members sit for themselves.
    members_of
        Organisations whose members sit there.
    meetings_per_year
        With a secretariat at full capacity.
    revision
        The agreement in place of which its parties negotiate another, None elsewhere.
    """

    code: str
    area: str
    rules: ForumRules
    decision: RuleUse | None
    agenda: RuleUse
    parties: tuple[str, ...]
    members_of: tuple[str, ...]
    meetings_per_year: float
    versions: tuple[str, ...] = ()
    revision: Revision | None = None

    @cached_property
    def remembered_as(self) -> tuple[object, ...]:
        """What tells it from others, as a key for what follows from it (`sim.memo.token`)."""
        own = () if self.code in self.members_of else (self.rules.model_dump_json(),)
        return (self.code, self.area, self.versions, *own)

    @cached_property
    def decide(self) -> Callable[[Ballot], Decision]:
        """The decision rule, its parameters fixed and checked.

        Raises
        ------
        ConfigError
            There is none for the area, or an unknown name or parameter.
        """
        is_body = self.code in self.members_of
        where = f"{self._where}.decision" + (f".{self.area}" if is_body else "")
        if self.decision is None:
            raise ConfigError(f"no decision rule for area {self.area!r}", where=where)
        return DECISION_RULES.bind(self.decision.rule, self.decision.parameters, where)

    @cached_property
    def chair(self) -> AgendaRule:
        """The agenda rule, its parameters fixed and checked."""
        parameters = self.agenda.parameters
        return AGENDA_RULES.bind(self.agenda.rule, parameters, f"{self._where}.agenda")

    @property
    def _where(self) -> str:
        is_body = self.code in self.members_of
        return f"organisation.{self.code}" if is_body else f"forum {self.code}"

    @property
    def is_soft(self) -> bool:
        """Whether nothing binding can come about, by form or by rule."""
        return self.rules.form == "soft" or self.decide(Ballot.of([1, 1])).is_soft

    @property
    def fallback(self) -> str:
        """What comes of an item that passes its deadline: "" or a kind of event."""
        return self.decide(Ballot.of([-1, -1])).fallback

    @property
    def is_opt_in(self) -> bool:
        """Whether those who refuse are left out while the others go ahead."""
        decision = self.decide(Ballot.of([1] * 99 + [-1]))
        return decision.is_adopted and not bool(decision.adopters[-1])

    def members(self, setting: Setting, state: State) -> Bools:
        """(S,) who sits and votes there, for itself or as part of a party."""
        seated = np.zeros(len(setting.axes.states), dtype=bool)
        for code in (*self.members_of, *self.parties):
            if code in setting.axes.organisations:
                row = setting.axes.organisation(code)
                seated |= state.is_member[row] & ~state.has_no_vote[row]
            else:
                seated[setting.axes.state(code)] = True
        return seated

    def voices(self, setting: Setting, state: State) -> dict[str, Bools]:
        """Organisation → (S,) its members, of those that are one party by the forum's own rules."""
        return {
            code: state.is_member[setting.axes.organisation(code)].copy()
            for code in self.parties
            if code in setting.axes.organisations
        }

    def sides(self, setting: Setting, state: State) -> Ints:
        """(S,) side of each state, -1 for none; empty where no organisation is a party."""
        voices = self.voices(setting, state)
        if not voices:
            return np.zeros(0, dtype=np.int64)
        sides = np.full(len(setting.axes.states), -1, dtype=np.int64)
        for number, members in enumerate(voices.values()):
            sides[members] = number
        return sides


def forum_of(setting: Setting, state: State, code: str, area: str) -> Forum:
    """The forum of that code for an area, as its rules are in the present quarter."""
    if code in setting.axes.organisations:
        return body(setting, code, area, max(state.step, 0))
    return forum_in(setting, convened(setting, state, code).rules, area)


def forum_in(setting: Setting, rules: AdHocForum, area: str) -> Forum:
    """A forum outside charters, by its rules."""
    return setting.memo.recall("forum", (Same(rules), area), 512, lambda: _ad_hoc(rules, area))


def body(setting: Setting, code: str, area: str, step: int = 0) -> Forum:
    """An organisation as a forum for an area, by its charter in a quarter."""
    day = setting.calendar.first_day(step)
    versions = setting.scenario.organisation[code].versions_on(day)
    return _body(setting, None, code, area, versions)


@remembered(keep=512)
def _body(setting: Setting, _: None, code: str, area: str, versions: tuple[str, ...]) -> Forum:
    charter = setting.scenario.organisation[code].with_versions(versions)
    rules = charter.decision.get(area), charter.agenda
    meetings = charter.secretariat.meetings_per_year
    return Forum(code, area, charter, *rules, (), (code,), meetings, versions)


def _ad_hoc(rules: AdHocForum, area: str) -> Forum:
    who = rules.parties, rules.members_of
    rule = rules.decision, rules.agenda
    pace = rules.meetings_per_year
    revision = rules.revision if isinstance(rules, RevisionForum) else None
    return Forum(rules.code, area, rules, *rule, *who, pace, revision=revision)


def level_of(setting: Setting, state: State, code: str) -> str:
    """Whether a forum is ``global``, ``regional`` or ``interregional``."""
    if code in setting.axes.organisations:
        return setting.charter(code, max(state.step, 0)).level
    return convened(setting, state, code).rules.level


def convened(setting: Setting, state: State, code: str) -> Convened:
    """A forum outside charters that has met, by its code; raises `ConfigError` for others."""
    found = _by_code(setting, state)
    if code not in found:
        raise unknown("forum", code, list(found))
    return found[code]


@remembered(reads=("forums",), keep=2)
def _by_code(setting: Setting, state: State) -> dict[str, Convened]:
    return {one.rules.code: one for one in state.forums}
