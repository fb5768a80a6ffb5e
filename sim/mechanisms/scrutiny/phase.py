"""Bodies vote on drafts about human rights in states, and renew or drop their mandates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from sim.behaviour.parties import seat_parties
from sim.forum import forum_of
from sim.kernels.conflict.rates import per_quarter
from sim.kernels.country_votes import AUTOCRACY, CountryVote, Situation, margins
from sim.mechanisms.scrutiny.records import CountryMandate, Draft, condemned, first_mandates
from sim.memo import remembered
from sim.phase import Phase
from sim.security.councils import decided
from sim.security.seats import groups_of, seated
from sim.security.verdicts import Verdict
from sim.streams import stream
from sim.types import Bools, Floats, Ints

if TYPE_CHECKING:
    from sim.behaviour.parties import Parties
    from sim.forum import Forum
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["POOR", "SCRUTINY", "country_vote", "levels", "need", "situation"]

QUARTERS = 4
POOR = 1.335
"""Income per head below which states borrow from IDA, thousand USD (cut-off of FY2025)."""
READY = 10.0  # beyond what abstains or objects, in logits
CONFLICT, WAR = 1, 2
WORDS = ("repression", "armed conflict or a coup", "war")


@dataclass(frozen=True, eq=False)
class _Sitting:
    """A body that votes on states: which ones, against their will or not, and who votes."""

    forum: Forum
    interferes: bool
    competent: Bools
    sits: Bools
    seats: Parties


@dataclass(frozen=True)
class _Case:
    """A state that may be put to the vote, and the mandate on it, if there is one."""

    state: int
    level: int
    has_cause: bool
    is_asked: bool
    day: date
    held: CountryMandate | None


def country_vote(setting: Setting) -> CountryVote:
    """What counts in a vote on a state, from the parameters."""
    terms = ("distance", "severity", "democracy", "solidarity", "abstention")
    return CountryVote(*(setting[f"scrutiny_{term}"] for term in terms))


def levels(setting: Setting, state: State) -> Ints:
    """(S,) how grave the situation is: 0 repression or nothing, 1 conflict or coup, 2 war.

    Of two states at war the stronger one is looked at.
    """
    conflict = CONFLICT * ((state.civil_conflict > 0) | (state.coup == 2))
    war = WAR * (state.civil_conflict == WAR)
    cinc = np.nan_to_num(setting.world.cinc)
    leads = (state.dispute_stage == 4) & (cinc[:, None] >= cinc[None, :])
    return np.asarray(np.maximum.reduce([conflict, war, WAR * leads.any(axis=1)]), dtype=np.int64)


def need(setting: Setting, level: Ints) -> Floats:
    """(S,) cause to look at a state, 0 to 1: 1 in conflict, else how autocratic it is."""
    polyarchy = np.nan_to_num(setting.world.polyarchy, nan=1.0)
    return np.where(level > 0, 1.0, np.maximum(1.0 - polyarchy / AUTOCRACY, 0.0))


def situation(setting: Setting, body: str, row: int, level: int, step: int) -> Situation:
    """What a draft of a body on a state is about.

    Who stands by it: its allies, and its group on the body's council, or its sub-region where
    there is no council.
    """
    groups = groups_of(setting, body, step, "rights")
    groups = np.asarray(setting.world.region) if groups is None else groups
    stands_by = (groups == groups[row]) | setting.world.has_defence_pact[row]
    return Situation(row, level, np.asarray(stands_by, dtype=bool))


def run(setting: Setting, state: State, log: Log) -> None:
    """Renew mandates that are due, put new drafts to the vote, and see what follows."""
    block, model = state.scrutiny, country_vote(setting)
    chances = setting["scrutiny_tabled"], setting["council_consent"]
    loss, elasticity = setting["scrutiny_aid_loss"], setting["council_seat_population"]
    if not setting.is_on("scrutiny"):
        return
    level = levels(setting, state)
    block.drafts = ()
    kept: list[CountryMandate] = []
    for body in _sittings(setting, state, elasticity):
        kept += [old for old in _held(state, body) if old.due > state.step]
        for case in _cases(setting, state, body, level, chances):
            draft = _put(setting, state, body, case, model)
            block.drafts = (*block.drafts, draft) if draft else block.drafts
            kept += _concluded(setting, state, log, (body.forum.code, case), draft)
    block.mandates = tuple(kept)
    block.condemns[:] = condemned(kept, level.size)
    is_poor = setting.world.gdp < POOR * setting.world.population
    block.income[:] = loss * is_poor * (_at_start(setting, None).astype(float) - block.condemns)


@remembered(keep=1)
def _at_start(setting: Setting, _: None) -> Bools:
    """(S,) who was condemned on the first day, which the data of income have in them."""
    return condemned(first_mandates(setting), len(setting.axes.states))


def _sittings(setting: Setting, state: State, elasticity: float) -> Iterator[_Sitting]:
    """Bodies that may pass resolutions on states, with those who vote there now."""
    axes = setting.axes
    for code in axes.organisations:
        charter = setting.charter(code, state.step)
        if charter.rights is None:
            continue
        forum = forum_of(setting, state, code, "rights")
        whole = charter.part_of if charter.part_of in axes.organisations else ""
        competent = state.is_member[axes.organisation(whole or code)]
        if charter.part_of and not whole:
            competent = setting.world.members(charter.part_of, setting.scenario.start)
        sits = seated(setting, state, code, elasticity, "rights")
        sits = forum.members(setting, state) if sits is None else sits
        if sits.any() and not state.is_dissolved[axes.organisation(code)]:
            seats = seat_parties(setting, state, forum, sits)
            yield _Sitting(forum, charter.rights.interferes, competent.copy(), sits, seats)


def _held(state: State, body: _Sitting) -> list[CountryMandate]:
    return [one for one in state.scrutiny.mandates if one.body == body.forum.code]


def _cases(
    setting: Setting, state: State, body: _Sitting, level: Ints, chances: tuple[float, float]
) -> Iterator[_Case]:
    """States whose mandate is due, and those on which a draft is to be tabled anew."""
    tabled, consent = chances
    cause = need(setting, level)
    draws = stream(setting.seed, f"scrutiny/{body.forum.code}", state.step).random((3, cause.size))
    held = {one.state: one for one in _held(state, body)}
    fresh = body.competent & (draws[0] < per_quarter(tabled * cause))
    due = [row for row, one in held.items() if one.due <= state.step]
    for row in sorted({*due, *(int(n) for n in np.flatnonzero(fresh) if n not in held)}):
        old = held.get(row)
        asks = old.has_consent if old else bool(level[row] > 0 and draws[1, row] < consent)
        day = setting.calendar.day_at(state.step, float(draws[2, row]))
        yield _Case(row, int(level[row]), bool(cause[row] > 0), asks, day, old)


def _put(
    setting: Setting, state: State, body: _Sitting, case: _Case, model: CountryVote
) -> Draft | None:
    """The vote on a state; None where the draft is not tabled.

    It is not where there is no cause left, where the charter keeps the body out, and where its
    sponsors, who know what moves the others but for chance, foresee that it would fail.
    """
    row = case.state
    may = body.competent[row] and (body.interferes or case.is_asked)
    if not case.has_cause or not may:
        return None
    text = f"human rights in {setting.axes.states[row]} ({WORDS[case.level]})"

    def vote(own: Floats) -> Verdict:
        at_table = body.seats.margins(own, setting.world.population)
        return decided(body.forum, body.seats, at_table, text, model.abstention)

    if case.is_asked:  # what the state itself asks for is adopted without a vote
        verdict = vote(np.full(body.sits.size, READY))
    else:
        own = _utility(setting, state, body, case, model)
        if not vote(own).is_adopted:
            return None
        noise = stream(
            setting.seed, f"scrutiny/{body.forum.code}/{setting.axes.states[row]}", state.step
        )
        chance = noise.logistic(size=own.size)
        chance[row] = 0.0  # the state concerned is in no doubt
        verdict = vote(own + chance)
    return Draft(case.day, row, case.level, case.is_asked, case.held is not None, verdict)


def _utility(
    setting: Setting, state: State, body: _Sitting, case: _Case, model: CountryVote
) -> Floats:
    """(S,) what members make of a draft, but for chance."""
    world, code = setting.world, body.forum.code
    if not setting.is_on("interests"):
        return np.zeros(body.sits.size)
    what = situation(setting, code, case.state, case.level, state.step)
    return margins(world.ideal_point, world.polyarchy, body.sits, what, model)


def _concluded(
    setting: Setting, state: State, log: Log, what: tuple[str, _Case], draft: Draft | None
) -> list[CountryMandate]:
    """The mandate that a vote leaves in force, if any; what happened is told."""
    code, case = what
    if draft is None and case.held is None:
        return []
    is_adopted = draft is not None and draft.verdict.is_adopted
    kind = "resolution_lapsed" if draft is None else "resolution_refused"
    log.event(
        state.step,
        case.day,
        "resolution_adopted" if is_adopted else kind,
        actor=setting.axes.states[case.state],
        organisation=code,
        value=float(draft.verdict.n_accept) if draft else 0.0,
        reason="" if is_adopted or draft is None else ";".join(draft.verdict.blockers),
    )
    if draft is not None:
        counts = state.scrutiny.n_adopted if is_adopted else state.scrutiny.n_refused
        counts[setting.axes.organisation(code)] += 1
    if not is_adopted:
        return []
    new = case.held or CountryMandate(code, case.state, case.day, case.is_asked, 0)
    return [replace(new, due=state.step + QUARTERS)]


SCRUTINY = Phase(
    name="scrutiny",
    meaning="bodies vote on human rights in states, and renew or drop their mandates",
    source="A/RES/60/251; Lebovic & Voeten 2006, 2009; Hug & Lukács 2014; charters",
    reads=(
        "is_member",
        "has_no_vote",
        "is_dissolved",
        "civil_conflict",
        "coup",
        "dispute_stage",
        "scrutiny.mandates",
        "scrutiny.drafts",
        "scrutiny.n_adopted",
        "scrutiny.n_refused",
    ),
    writes=(
        "scrutiny.mandates",
        "scrutiny.drafts",
        "scrutiny.condemns",
        "scrutiny.income",
        "scrutiny.n_adopted",
        "scrutiny.n_refused",
    ),
    run=run,
)
