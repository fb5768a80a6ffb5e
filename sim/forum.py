"""Who decides, by which rule, who chairs, who sits there and what makes a text binding.

A forum follows from the charter of an organisation as it stands in a quarter, or from rules of its
own: two organisations, a bloc and a hegemon, or states that meet outside any charter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.errors import unknown
from sim.memo import remembered
from sim.rules.agenda import AGENDA_RULES
from sim.rules.ballot import Ballot
from sim.rules.decision import DECISION_RULES

if TYPE_CHECKING:
    from sim.agreements import Convened
    from sim.charter import AdHocForum, ForumRules, RuleUse
    from sim.rules.agenda import AgendaRule
    from sim.rules.ballot import Decision
    from sim.setting import Setting
    from sim.state import State

__all__ = ["Forum", "body", "forum_of", "level_of"]

Bools = NDArray[np.bool_]


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
    rule, decide
        Name of the decision rule, and the rule itself.
    chair
        Agenda rule.
    parties
        States, and organisations that speak with one voice; none where members sit for themselves.
    members_of
        Organisations whose members sit there.
    meetings_per_year
        With a secretariat at full capacity.
    """

    code: str
    area: str
    rules: ForumRules
    rule: str
    decide: Callable[[Ballot], Decision]
    chair: AgendaRule
    parties: tuple[str, ...]
    members_of: tuple[str, ...]
    meetings_per_year: float
    versions: tuple[str, ...] = ()

    @property
    def remembered_as(self) -> tuple[object, ...]:
        """What tells it from others, as a key for what follows from it (`sim.memo.token`)."""
        own = () if self.code in self.members_of else (self.rules.model_dump_json(),)
        return (self.code, self.area, self.versions, *own)

    @property
    def is_soft(self) -> bool:
        """Whether nothing binding can come about, by form or by rule."""
        return self.rules.form == "soft" or self.decide(Ballot.of([1, 1])).is_soft

    @property
    def fallback(self) -> str:
        """What comes of an item that passes its deadline: "" or a kind of event."""
        return self.decide(Ballot.of([-1, -1])).fallback

    def members(self, setting: Setting, state: State) -> Bools:
        """(S,) who sits there, for itself or as part of a party."""
        seated = np.zeros(len(setting.axes.states), dtype=bool)
        for code in (*self.members_of, *self.parties):
            if code in setting.axes.organisations:
                seated |= state.is_member[setting.axes.organisation(code)]
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

    def sides(self, setting: Setting, state: State) -> NDArray[np.int64]:
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
    return _ad_hoc(setting, None, _convened(state, code).rules, area)


def body(setting: Setting, code: str, area: str, step: int = 0) -> Forum:
    """An organisation as a forum for an area, by its charter in a quarter."""
    day = setting.calendar.first_day(step)
    versions = setting.scenario.organisation[code].versions_on(day)
    return _body(setting, None, code, area, versions)


@remembered(keep=512)
def _body(setting: Setting, _: None, code: str, area: str, versions: tuple[str, ...]) -> Forum:
    charter = setting.scenario.organisation[code].with_versions(versions)
    where = f"organisation.{code}"
    if area not in charter.decision:
        raise unknown("issue area", area, charter.decision, f"{where}.decision")
    rules = charter.decision[area], charter.agenda
    rule, decide, chair = _bound(rules, (f"{where}.decision.{area}", f"{where}.agenda"))
    meetings = charter.secretariat.meetings_per_year
    return Forum(code, area, charter, rule, decide, chair, (), (code,), meetings, versions)


@remembered(keep=64)
def _ad_hoc(setting: Setting, _: None, rules: AdHocForum, area: str) -> Forum:
    where = f"forum {rules.code}"
    rule, decide, chair = _bound(
        (rules.decision, rules.agenda), (f"{where}.decision", f"{where}.agenda")
    )
    who = rules.parties, rules.members_of
    return Forum(rules.code, area, rules, rule, decide, chair, *who, rules.meetings_per_year)


def _bound(
    uses: tuple[RuleUse, RuleUse], where: tuple[str, str]
) -> tuple[str, Callable[[Ballot], Decision], AgendaRule]:
    """The rules that are named, their parameters fixed and checked."""
    decision, agenda = uses
    decide = DECISION_RULES.bind(decision.rule, decision.parameters, where[0])
    return decision.rule, decide, AGENDA_RULES.bind(agenda.rule, agenda.parameters, where[1])


def level_of(setting: Setting, state: State, code: str) -> str:
    """Whether a forum is ``global``, ``regional`` or ``interregional``."""
    if code in setting.axes.organisations:
        return setting.charter(code, max(state.step, 0)).level
    return _convened(state, code).rules.level


def _convened(state: State, code: str) -> Convened:
    for one in state.forums:
        if one.code == code:
            return one
    raise unknown("forum", code, [one.code for one in state.forums])
