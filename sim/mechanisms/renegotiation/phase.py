"""Demands that an agreement be revised, under threat of leaving it, and what comes of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.agreements import Agreement, Status, convene, open_item
from sim.behaviour.worth import would_leave
from sim.clauses import ForumRules, Revision, RevisionForum, RuleUse
from sim.errors import StateError
from sim.forum import forum_of
from sim.issues import areas
from sim.phase import Phase
from sim.types import Bools

if TYPE_CHECKING:
    from sim.clauses import Specification
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["RENEGOTIATION", "REVISION", "Demand"]

_BINDS = frozenset({Status.IN_FORCE, Status.SUSPENDED})
_COMING = frozenset({Status.SIGNED, Status.RATIFIED, Status.IN_FORCE})
_NOBODY = np.zeros(0, dtype=bool)


@dataclass(frozen=True)
class Demand:
    """Parties want another text in place of an agreement, or leave it.

    Attributes
    ----------
    agreement, text
        Codes of the agreement, and of what would take its place.
    forum
        Code of the forum in which its parties talk.
    states, leaders
        Rows of those who demand, and the orientation of their leaders.
    since
        Quarter.
    is_open
        Whether neither a text nor a refusal has come of it.
    """

    agreement: str
    text: str
    forum: str
    states: tuple[int, ...]
    leaders: tuple[float, ...]
    since: int
    is_open: bool = True


@dataclass(frozen=True)
class _Scene:
    """A quarter, how talks are held, and the agreements by code as they change in it."""

    setting: Setting
    state: State
    log: Log
    known: dict[str, Agreement]
    years: float
    meetings: float

    @classmethod
    def of(cls, setting: Setting, state: State, log: Log) -> _Scene:
        known = {one.code: one for one in state.agreements}
        pace = setting["renegotiation_years"], setting["renegotiation_meetings"]
        return cls(setting, state, log, known, *pace)

    def hold(self, code: str, rows: Bools) -> None:
        """Those of an agreement who wait for talks on it, nobody for an empty mask."""
        if not np.array_equal(self.known[code].is_held, rows):
            self.known[code] = replace(self.known[code], is_held=rows)

    def close(self, demands: list[Demand]) -> None:
        """Put back what has changed, and nothing else: a tuple that stays is remembered under."""
        self.state.renegotiation.demands = tuple(demands)
        if any(self.known[one.code] is not one for one in self.state.agreements):
            self.state.agreements = tuple(self.known[one.code] for one in self.state.agreements)

    def tell(self, kind: str, demand: Demand, actor: str, **details: Any) -> None:
        """Log what a demand has come to: on the `date`, or the day on which others leave."""
        day = details.pop("date", self.setting.calendar.day_at(self.state.step, 0.5))
        organisation = self.known[demand.agreement].organisation
        common = {"organisation": organisation, "agreement": demand.agreement}
        self.log.event(self.state.step, day, kind, actor=actor, **common, **details)


def take_places(setting: Setting, state: State, log: Log) -> None:
    """A text that binds from this quarter on takes the place of the one that it revises."""
    demands = state.renegotiation.demands
    if not any(one.is_open for one in demands):
        return
    scene = _Scene.of(setting, state, log)
    scene.close([_take_place(scene, one) if one.is_open else one for one in demands])


def _take_place(scene: _Scene, demand: Demand) -> Demand:
    old, new = scene.known[demand.agreement], scene.known.get(demand.text)
    if new is None or not _binds(scene.state, new):
        return demand
    if old.status in _BINDS:  # it may have ended otherwise meanwhile
        day = new.in_force or scene.setting.calendar.first_day(scene.state.step)
        scene.known[old.code] = old.advance(Status.REVISED, ended=day, is_held=_NOBODY)
        names = ";".join(scene.setting.axes.names(new.signatories))
        years = (scene.state.step - demand.since) / 4.0
        scene.tell("revised", demand, names, date=day, value=years, reason=f"by {new.code}")
    return replace(demand, is_open=False)


def _binds(state: State, agreement: Agreement) -> bool:
    if agreement.status is not Status.IN_FORCE:
        return False
    return bool((agreement.bound_at[agreement.is_bound] <= state.step).any())


def run(setting: Setting, state: State, log: Log) -> None:
    """End talks that came to nothing, and open talks where somebody would leave."""
    scene = _Scene.of(setting, state, log)
    if not setting.is_on("renegotiation"):
        return
    demands = [_still(scene, one) if one.is_open else one for one in state.renegotiation.demands]
    for agreement in tuple(scene.known.values()):
        rows = _who_demands(scene, agreement, demands)
        if rows.any():
            demands.append(_demand(scene, agreement, rows, _name(agreement, demands)))
    scene.close(demands)


def _still(scene: _Scene, demand: Demand) -> Demand:
    """A demand as it stands: open while there are talks, or a text that may come into force."""
    old, new = scene.known[demand.agreement], scene.known.get(demand.text)
    state = scene.state
    if new is not None and new.status in _COMING:
        if old.status in _BINDS:
            scene.hold(old.code, old.signatories)  # nobody leaves what is about to be replaced
        return demand
    talks = [one for one in state.docket if one.organisation == demand.forum]
    waits = any(one.is_open or one.opens_at >= 0 for one in talks)
    if old.status in _BINDS and new is None and waits:
        return demand
    state.docket = tuple(one for one in state.docket if one.organisation != demand.forum)
    scene.hold(old.code, _NOBODY)
    years = (state.step - demand.since) / 4.0
    names = ";".join(scene.setting.axes.names(old.signatories))
    scene.tell("renegotiation_failed", demand, names, value=years)
    return replace(demand, is_open=False)


def _who_demands(scene: _Scene, agreement: Agreement, demands: list[Demand]) -> Bools:
    """(S,) who would leave an agreement in force and has not asked for another in vain yet.

    Of areas in which a text does the same whatever else is in place, so that it can be put in the
    place of another; what a body of its own act binds by (no ratification) nobody leaves.
    """
    nobody = np.zeros(agreement.signatories.size, dtype=bool)
    if agreement.status is not Status.IN_FORCE or agreement.is_held.any():
        return nobody
    if areas()[agreement.area].reads or _item_of(scene.state, agreement) is None:
        return nobody
    goes, _ = would_leave(scene.setting, scene.state, agreement)
    for one in demands:
        if one.agreement == agreement.code:
            rows = list(one.states)
            goes[rows] &= scene.state.orientation[rows] != np.array(one.leaders)
    return goes


def _item_of(state: State, agreement: Agreement) -> Specification | None:
    """What the item offered of which an agreement has come; None of one older than the run."""
    for one in state.docket:
        if (one.organisation, one.name) == (agreement.organisation, agreement.item):
            return one.specification
    return None


def _name(agreement: Agreement, demands: list[Demand]) -> str:
    """Of the forum of talks on an agreement; draws go by it, so that nothing else is counted."""
    opening = agreement.code.rpartition("/")[2]
    whole = f"{agreement.organisation}_{agreement.item}_{opening}_REVISION".upper()
    stem = re.sub("^(?![A-Z])", "O", re.sub("[^A-Z0-9_]", "_", whole))  # as codes of forums are
    earlier = sum(one.forum.rpartition("_")[0] == stem for one in demands)
    return f"{stem}_{earlier + 1}"


def _demand(scene: _Scene, agreement: Agreement, rows: Bools, code: str) -> Demand:
    """Open the talks: all parties, by consent, on the menu of the agreement's own item."""
    setting, state = scene.setting, scene.state
    offered = _item_of(state, agreement)
    if offered is None:
        raise StateError(f"no item of {agreement.code!r} is known", expected="one on the docket")
    names = setting.axes.names(rows)
    rules = _rules(scene, agreement, names, code)
    quarters = max(1, round(4 * scene.years))
    reference = f"in place of {agreement.code}"
    once = {"every_quarters": 0, "deadline_quarters": quarters, "reference": reference}
    convene(state, rules)
    open_item(state, rules.code, agreement.item, offered.model_copy(update=once))
    text = state.docket[-1].code
    leaders = tuple(state.orientation[rows].tolist())
    at = tuple(np.flatnonzero(rows).tolist())
    demand = Demand(agreement.code, text, rules.code, at, leaders, state.step)
    scene.hold(agreement.code, rows)
    for name in names:
        scene.tell("renegotiation_demanded", demand, name, item=text)
    return demand


def _rules(scene: _Scene, agreement: Agreement, names: tuple[str, ...], code: str) -> RevisionForum:
    """Those of the forum in which it was made, but for how it is decided: nobody without consent.

    Organisations that were its parties are so again.
    """
    setting, state = scene.setting, scene.state
    forum = forum_of(setting, state, agreement.organisation, agreement.area)
    kept = {name: getattr(forum.rules, name) for name in ForumRules.model_fields}
    signed = setting.axes.names(agreement.signatories)
    return RevisionForum(
        **kept,
        code=code,
        parties=forum.parties if forum.voices(setting, state) else signed,
        decision=RuleUse(rule="unanimity"),
        agenda=forum.agenda,
        meetings_per_year=scene.meetings,
        reference="Vienna Convention on the Law of Treaties (1969), Art. 39: by agreement",
        revision=Revision(
            agreement=agreement.code,
            organisation=agreement.organisation,
            item=agreement.item,
            without=names,
        ),
    )


REVISION = Phase(
    name="revision",
    meaning="texts that bind from this quarter on take the place of those that they revise",
    source="Vienna Convention on the Law of Treaties (1969), Art. 59",
    reads=("agreements", "renegotiation.demands"),
    writes=("agreements", "renegotiation.demands"),
    run=take_places,
)
RENEGOTIATION = Phase(
    name="renegotiation",
    meaning="who would leave an agreement asks for its revision; refusals end the wait",
    source="Hirschman 1970, Exit, Voice, and Loyalty; Vienna Convention Art. 39",
    reads=(
        "is_member",
        "orientation",
        "trust",
        "agreements",
        "docket",
        "forums",
        "assessments",
        "renegotiation.demands",
    ),
    writes=("agreements", "docket", "forums", "renegotiation.demands"),
    run=run,
)
