"""Bodies near a rule in force put it on their own table, or meet with those who have it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import convene, open_item
from sim.clauses import AdHocForum, EntryIntoForce, RuleUse
from sim.kernels.diffusion import Spreading, hazards, take_up
from sim.mechanisms.diffusion.submission import Thresholds, submit
from sim.mechanisms.diffusion.versions import (
    Spread,
    Version,
    areas_of_rules,
    own_levels,
    specification,
    versions,
)
from sim.phase import Phase
from sim.streams import stream
from sim.types import Bools

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["DIFFUSION", "Candidate", "candidates"]


@dataclass(frozen=True)
class Candidate:
    """Who may take up a rule: a body that decides by its own rule, or a state that is linked.

    Attributes
    ----------
    row
        Place among the draws.
    members
        (S,) who sits there.
    links
        Codes with which a charter, its own or the other's, links it.
    """

    code: str
    row: int
    members: Bools
    links: frozenset[str]

    @property
    def is_body(self) -> bool:
        """Whether it has members of its own."""
        return int(self.members.sum()) > 1


def run(setting: Setting, state: State, log: Log) -> None:
    """Draw for all, then open what is taken up, and submit what covers enough."""
    size = len(setting.axes.organisations) + len(setting.axes.states)
    uniform = stream(setting.seed, "diffusion", state.step).random(size)
    coefficients = (
        setting[f"diffusion_{term}"] for term in ("shared", "linked", "alone", "distance")
    )
    model, terms = Spreading(*coefficients), _Terms.of(setting)
    share = Thresholds(setting["submission_members"], setting["submission_trade"])
    found = versions(state)
    for area in areas_of_rules(found):
        here = [one for one in found if one.agreement.area == area]
        if setting.is_on("diffusion"):
            near = candidates(setting, state, area)
            rows = take_up(
                _hazards(setting, state, here, near, model), uniform[[c.row for c in near]]
            )
            for one, row in zip(near, rows, strict=True):
                if row >= 0:
                    _open(setting, state, log, (here[row], one), terms)
        if setting.is_on("multilateralisation"):
            submit(setting, state, log, here, share, terms.deadline)


@dataclass(frozen=True)
class _Terms:
    """How long what is taken up stays on the table, and how often two bodies meet on it."""

    deadline: int
    meetings: float

    @classmethod
    def of(cls, setting: Setting) -> _Terms:
        return cls(round(setting["diffusion_deadline"]), setting["link_meetings"])


def candidates(setting: Setting, state: State, area: str) -> list[Candidate]:
    """Living regional bodies with a rule for the area, and states that charters link with one."""
    axes, step = setting.axes, max(state.step, 0)
    charters = {code: setting.charter(code, step) for code in axes.organisations}
    linked: dict[str, set[str]] = {}
    for code, charter in charters.items():
        for other in charter.links:
            linked.setdefault(code, set()).add(other)
            linked.setdefault(other, set()).add(code)
    found = []
    for row, (code, charter) in enumerate(charters.items()):
        members = state.is_member[row] & ~state.has_no_vote[row]
        decides = area in charter.decision and charter.level != "global"
        if decides and members.sum() > 1 and not state.is_dissolved[row]:
            found.append(Candidate(code, row, members, frozenset(linked.get(code, ()))))
    for column, code in enumerate(axes.states):
        if code in linked:
            alone = np.arange(len(axes.states)) == column
            row = len(axes.organisations) + column
            found.append(Candidate(code, row, alone, frozenset(linked[code])))
    return found


def _hazards(
    setting: Setting,
    state: State,
    found: list[Version],
    near: list[Candidate],
    model: Spreading,
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """(V, B) yearly hazard of each version and candidate; 0 where it has or had it before it."""
    shape = len(found), len(near)
    shared, linked, gap = np.zeros(shape), np.zeros(shape, dtype=bool), np.full(shape, np.nan)
    own = own_levels(setting, found, [one.members for one in near])
    seen = {(one.family, one.taken_by) for one in state.diffusion.spreads}
    for v, version in enumerate(found):
        origin = version.family.partition("/")[0]
        for b, one in enumerate(near):
            is_own = one.code in (version.organisation, origin)
            if is_own or (version.family, one.code) in seen or version.level <= own[b]:
                continue
            inside = (version.bound & one.members).sum()
            if inside == one.members.sum():  # all are bound by it
                continue
            shared[v, b] = inside / one.members.sum()
            linked[v, b] = version.organisation in one.links
            gap[v, b] = version.level - own[b] if own[b] > 0 else 0.0
    return hazards(shared, linked, gap, model)


def _open(
    setting: Setting, state: State, log: Log, pair: tuple[Version, Candidate], terms: _Terms
) -> None:
    """The rule comes before the body itself, or before the two bodies where they are linked.

    Two bodies that have no member in common meet as two parties, each of which decides by its own
    rule; where members are shared, those who do not have it yet decide among themselves.
    """
    version, one = pair
    origin, _, item = version.family.partition("/")
    name = f"{origin.lower()}_{item}"
    code = one.code
    reference = f"taken up from {version.agreement.code}"
    if _meet_as_two(setting, state, version, one):
        rules = _table_of_two(version.organisation, one.code, terms.meetings)
        code = rules.code
        convene(state, rules)
    kind = version.agreement.kind
    open_item(state, code, name, specification(version, kind, terms.deadline, reference))
    area = version.agreement.area
    spread = Spread(
        version.family,
        version.agreement.code,
        code,
        name,
        one.code,
        area,
        version.level,
        state.step,
    )
    state.diffusion.spreads = (*state.diffusion.spreads, spread)
    log.event(
        state.step,
        setting.calendar.day_at(state.step, 1.0),
        "rule_taken_up",
        actor=one.code,
        organisation=code,
        agreement=version.agreement.code,
        item=name,
        value=version.level,
    )


def _meet_as_two(setting: Setting, state: State, version: Version, one: Candidate) -> bool:
    """Whether the two are linked bodies, or a body and a state, without a member in common."""
    if version.organisation not in one.links:
        return False
    holders = state.is_member[setting.axes.organisation(version.organisation)]
    return not bool((holders & one.members).any())


def _table_of_two(first: str, second: str, meetings: float) -> AdHocForum:
    """Where two linked bodies, or a body and a state, meet on a rule of one of them."""
    one, other = sorted((first, second))
    return AdHocForum(
        code=f"{one}_{other}_TALKS",
        parties=(one, other),
        decision=RuleUse(rule="unanimity"),
        agenda=RuleUse(rule="widest"),
        meetings_per_year=meetings,
        entry_into_force=EntryIntoForce(),
        reference="link of the two in their charters; each decides by its own rule",
    )


DIFFUSION = Phase(
    name="diffusion",
    meaning="bodies take up rules that are in force nearby; a rule that covers enough goes global",
    source="Strang & Tuma 1993; Elkins, Guzman & Simmons 2006; Baccini & Dür 2012",
    reads=(
        "is_member",
        "has_no_vote",
        "is_dissolved",
        "agreements",
        "docket",
        "forums",
        "diffusion.spreads",
    ),
    writes=("docket", "forums", "diffusion.spreads"),
    run=run,
)
