"""How the menu of an item is made: what is offered, what each proposal does and is worth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import compress, product
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from sim.agreements import Commitment, Proposal
from sim.economy import expected_terms, outlook
from sim.issues import areas
from sim.issues.menu import Deal, Menu
from sim.memo import remembered
from sim.types import Bools, Floats, Ints

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.agreements import Effect
    from sim.charter import Specification
    from sim.clauses import Revision
    from sim.economy import Outlook
    from sim.forum import Forum
    from sim.issues.base import IssueArea
    from sim.issues.menu import ValueIn
    from sim.memo import Reading
    from sim.setting import Setting
    from sim.state import State

__all__ = ["menu_of"]

_Instead: TypeAlias = tuple[Proposal | None, Commitment | None]
_NOTHING: _Instead = (None, None)


def menu_of(
    setting: Setting,
    state: State,
    forum: Forum,
    named: tuple[str, Specification],
    members: Bools,
) -> Menu:
    """The menu of an item, by name, in a forum and among some of its members (S,).

    Where another text would take the place of an agreement, the world is the one without it, gains
    are over the agreement among those who keep it if nothing comes of the talks, and who leaves
    otherwise spares itself what leaving costs.
    """
    revision = forum.revision
    without = revision.agreement if revision else ""
    found = outlook(setting, expected_terms(setting, state, forum.code, without=without))
    seated = members, forum.sides(setting, state)
    instead = _instead(setting, state, revision) if revision else _NOTHING
    return _menu(setting, state, forum, named, seated, state.step // 4, (found, *instead))


def _instead(setting: Setting, state: State, revision: Revision) -> _Instead:
    """The text of an agreement, and what it is without those who leave it otherwise."""
    old = next(a for a in state.agreements if a.code == revision.agreement)
    left = old.signatories & ~setting.axes.mask(revision.without)
    return old.proposal, old.among(left) if left.sum() > 1 else None


@remembered(reads=lambda forum, *_: areas()[forum.area].reads, keep=128)
def _menu(
    setting: Setting,
    state: Reading,
    forum: Forum,
    named: tuple[str, Specification],
    seated: tuple[Bools, Ints],
    year: int,
    worlds: tuple[Outlook, Proposal | None, Commitment | None],
) -> Menu:
    found, old, instead = worlds
    return _Builder(setting, state, forum, *named, *seated, year, found, old, instead).build()


@dataclass(frozen=True)
class _Builder:
    """What the menu of one item follows from."""

    setting: Setting
    state: Reading
    forum: Forum
    name: str
    item: Specification
    members: Bools
    sides: Ints
    year: int
    outlook: Outlook
    old: Proposal | None
    instead: Commitment | None

    @property
    def area(self) -> IssueArea:
        """What knows the item's terms."""
        return areas()[self.forum.area]

    def build(self) -> Menu:
        """Value the menu; an empty one when the item changes nothing for anybody."""
        offered = self._offered()
        ambitious = self.area.propose({name: max(values) for name, values in offered.items()})
        most = self._change(ambitious, 1.0)
        partners = self.outlook.changes(most)
        proposals = self._proposals(offered) if partners.any() else []
        scale = np.array([self.area.scale(self.setting, p) for p in proposals])
        changes = self._changes(proposals, scale)
        gain = np.zeros((0, self.members.size))
        if changes:
            gain = self.area.gains(self.setting, self.outlook, changes, most)
            if self.instead is not None:
                gain = gain - self.outlook.gains([self.instead])[0]
        day = self.setting.calendar.first_day(4 * self.year)
        what = self.forum.code, self.name, self.item.kind
        deal = Deal(*what, day.year, self.outlook.terms, partners)
        value = self.area.valued(self.setting, self.year, deal, (proposals, changes), gain)
        if self.forum.revision:
            value = replace(value, parts={**value.parts, "exit": self._exit(self.forum.revision)})
        asked = np.asarray(partners.any(axis=1))
        kept = self.area.is_wanted(self.setting, deal, value, asked)
        texts = tuple(compress(proposals, kept))
        effects = tuple(change.effects for change in compress(changes, kept))
        value = value.rows(kept)
        return Menu(texts, scale[kept], effects, value, asked, self._value_in(effects))

    def _exit(self, revision: Revision) -> Floats:
        """(S,) logits by which those who leave otherwise like a text better than leaving."""
        cost = self.setting["departure_cost"]
        return np.where(self.setting.axes.mask(revision.without), cost, 0.0)

    def _offered(self) -> dict[str, list[float]]:
        """Values of each term on offer, in the model's unit."""
        shown = self.area.offered(self.item)
        return {t.name: [value / t.scale for value in shown[t.name]] for t in self.area.terms}

    def _proposals(self, offered: dict[str, list[float]]) -> list[Proposal]:
        is_soft = self.forum.is_soft
        claimed = self.area.forms(self.item.kind)
        forms = [] if is_soft or "binding" not in claimed else [False]
        most = self.area.most_exempt(self.setting, self.forum, self.item.kind)
        if "soft" in claimed and (not forms or self.setting.is_on("soft_forms")):
            forms.append(True)
        proposals = []
        for values in product(*offered.values()):
            terms = dict(zip(offered, values, strict=True))
            if any(value > 0 for value in values):
                full = self.area.propose(terms)
                exempt = self.area.exemptions(self.setting, self.year, full, self.members, most)
                proposals += [
                    self.area.propose(terms, is_soft=form, exemptions=e)
                    for form in forms
                    for e in exempt
                ]
        return [one for one in proposals if one != self.old]

    def _change(self, proposal: Proposal, scale: float) -> Commitment:
        kind = self.item.kind
        effects = self.area.effects(self.setting, self.state, kind, proposal, scale)
        return Commitment(effects, self.members, None, self.sides)

    def _changes(self, proposals: Sequence[Proposal], scale: Floats) -> list[Commitment]:
        """What each does: the same object where they differ in what they leave out alone."""
        found: dict[tuple[object, ...], Commitment] = {}
        keys = [(p.terms, p.is_soft, s) for p, s in zip(proposals, scale.tolist(), strict=True)]
        for key, proposal in zip(keys, proposals, strict=True):
            if key not in found:
                found[key] = self._change(proposal, key[-1])
        return [found[key] for key in keys]

    def _value_in(self, effects: tuple[tuple[Effect, ...], ...]) -> ValueIn:
        found = self.outlook

        def value_in(m: int, coalition: Bools, units: Bools) -> Floats:
            inside = [unit for unit in units if (unit & coalition).any()]
            staying = [coalition & ~unit for unit in inside]
            those = (*staying, coalition)
            gains = found.gains([Commitment(effects[m], s, None, self.sides) for s in those])
            value = np.full(coalition.size, np.nan)
            for row, unit in enumerate(inside):
                value[unit] = gains[-1, unit] - gains[row, unit]
            return value

        return value_in
