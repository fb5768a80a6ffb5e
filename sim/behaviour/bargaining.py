"""One round at the table: a chair tables, parties vote, a rule decides, the chair learns."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.behaviour.parts import margin_parts
from sim.behaviour.utility import utility_of_gain
from sim.kernels.bargaining import (
    concession,
    equal_sacrifice,
    learn,
    nash_solution,
    votes_from_margins,
    weighted_mean,
    weighted_median,
)
from sim.kernels.choice import best, is_at_least
from sim.rules.agenda import Agenda
from sim.rules.ballot import Ballot, Decision

if TYPE_CHECKING:
    from sim.agreements import Item, Proposal
    from sim.behaviour.parties import Parties
    from sim.forum import Forum
    from sim.issues.menu import Menu
    from sim.setting import Setting
    from sim.state import State

__all__ = ["Round", "Table", "hold_round", "reference_solutions"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Table:
    """What is on the table in one meeting.

    Attributes
    ----------
    utility
        (M, S) logits of each proposal of the menu without taste; 0 where nothing is asked.
    elapsed
        Share of the time to the deadline that has passed (0–1).
    noise
        (S,) taste at this meeting, logits.
    taste
        The parts of it that last, by name; the rest is this meeting's.
    """

    forum: Forum
    item: Item
    menu: Menu
    parties: Parties
    utility: Floats
    elapsed: float
    is_last: bool
    noise: Floats
    taste: Mapping[str, Floats] = field(default_factory=dict)


@dataclass(frozen=True)
class Round:
    """What happened in a round, by party (P,) and by state (S,).

    Attributes
    ----------
    parts
        (P,) logits by name (`sim.behaviour.parts`), that add up to margin + aspiration.
    """

    chosen: int
    proposal: Proposal
    chair: str
    move: str
    decision: Decision
    vote: NDArray[np.int8]
    gain: Floats
    utility: Floats
    aspiration: Floats
    margin: Floats
    belief: Floats
    state_utility: Floats
    parts: Mapping[str, Floats]


def hold_round(setting: Setting, state: State, table: Table) -> Round | None:
    """Hold one round; None when the organisation's rules leave nothing that may be tabled."""
    menu, parties = table.menu, table.parties
    allowed = _may_be_tabled(table)
    if not allowed.any():
        return None
    if setting.is_on("bounded_texts"):
        allowed = _within_a_step(table, allowed, setting["text_step"])
    base = _known_utility(table)
    of_parties = parties.mean(base, setting.income)
    aspired = _aspirations(setting, table, of_parties)
    belief = table.item.belief if setting.is_on("learning") else np.zeros_like(table.noise)
    expected = base - aspired + np.where(menu.has_obligation, belief, 0.0)
    by_parties = of_parties, parties.mean(expected, setting.income)
    chair, chosen = _choose(table, by_parties, allowed, state.step)

    aspiration = aspired[chosen]
    value = base[chosen] + np.where(menu.has_obligation, table.noise, 0.0)
    margin = value - aspiration
    by_party = parties.margins(margin, setting.world.population)
    ballot = _ballot(setting, table, chosen, by_party, margin)
    decision = table.forum.decide(ballot)
    learned = learn(belief, expected[chosen], is_at_least(margin), setting["learning_rate"])
    proposal = menu.proposals[chosen]
    aspirations = parties.mean(aspiration, setting.income)
    return Round(
        chosen=chosen,
        proposal=proposal,
        chair=chair,
        move=_move(table.item.tabled, proposal),
        decision=decision,
        vote=ballot.vote,
        gain=parties.mean(menu.value.gain[chosen], setting.income),
        utility=parties.mean(value, setting.income),
        aspiration=aspirations,
        margin=by_party,
        belief=np.where(menu.has_obligation, learned, 0.0),
        state_utility=value,
        parts=margin_parts(setting, state, table, chosen, (by_party, aspirations)),
    )


def _known_utility(table: Table) -> Floats:
    """(M, S) utility without taste, less for those on whose objection the item failed before."""
    menu, refused = table.menu, table.item.refused
    remembered = menu.value.acceptance.refusal * (menu.has_obligation & refused)
    return np.asarray(table.utility - remembered)


def _aspirations(setting: Setting, table: Table, of_parties: Floats) -> Floats:
    """(M, S) what states insist on: as much as the average party gets, less as time passes.

    Parameters
    ----------
    of_parties
        (M, P) utilities of the parties without taste.
    """
    asked, parties = table.menu.has_obligation, table.parties
    if not setting.is_on("aspirations"):
        return np.zeros_like(table.utility)
    share = concession(
        table.elapsed,
        initial=setting["concession_initial"],
        exponent=setting["concession_exponent"],
    )
    of_those_asked = of_parties[:, (parties.states & asked).any(axis=1)]
    return np.where(asked, equal_sacrifice(of_those_asked, share)[:, None], 0.0)


def _may_be_tabled(table: Table) -> Bools:
    """(M,) proposals that touch no matter a member protects, where the charter asks for that."""
    if not table.forum.rules.protects_red_lines:
        return np.ones(len(table.menu.proposals), dtype=bool)
    members = table.parties.states.any(axis=0)
    return np.asarray((table.menu.value.protected[..., members] <= 0).all(axis=-1))


def _within_a_step(table: Table, allowed: Bools, step: float) -> Bools:
    """(M,) of the proposals allowed, those near enough to the text of the last meeting.

    A step is so many values of the menu in each term, and one matter left out or taken in. All are
    near at the first meeting, and when nothing allowed is (a menu may change with the world).
    """
    before = table.item.tabled
    if before is None:
        return allowed
    found = allowed.copy()
    proposals = table.menu.proposals
    for term, (_, old) in enumerate(before.terms):  # all of an area have their terms in one order
        given = [p.terms[term][1] for p in proposals]
        values = sorted(set(given))
        here, place = bisect_left(values, old), {v: n for n, v in enumerate(values)}
        found &= [abs(place[value] - here) <= step for value in given]
    for m in np.flatnonzero(found):
        found[m] = len(set(proposals[m].exemptions) ^ set(before.exemptions)) <= step
    return found if found.any() else allowed


def _choose(
    table: Table, known: tuple[Floats, Floats], allowed: Bools, turn: int
) -> tuple[str, int]:
    """The chair's choice: the best for its criterion among what it expects to pass.

    When nothing is expected to pass, the first text is what the chair likes best; later ones are
    those with the fewest expected refusals.

    Parameters
    ----------
    known
        (M, P) utilities of the parties without taste, and expected margins.
    """
    parties, (utility, expected) = table.parties, known
    votes = votes_from_margins(expected, parties.objection_cost)
    rule = table.forum.decide
    among = allowed.copy()
    for m in np.flatnonzero(allowed):
        among[m] = rule(_plain_ballot(table, votes[m], expected[m])).is_adopted
    n_accepting = (votes > 0).sum(axis=1).astype(float)
    chair = table.forum.chair(
        Agenda(
            codes=parties.codes,
            income=parties.income,
            utility=utility,
            n_accepting=n_accepting,
            turn=turn,
        )
    )
    if not among.any() and table.item.tabled is None:
        among = allowed  # the chair opens with what it likes best
    elif not among.any():
        refusals = (votes < 0).sum(axis=1) - n_accepting / (1.0 + len(parties.codes))
        among = allowed & (refusals == refusals[allowed].min())
    return chair.code, int(best(chair.score, among))


def _plain_ballot(table: Table, vote: NDArray[np.int8], margin: Floats) -> Ballot:
    parties = table.parties
    return Ballot(
        vote=vote,
        margin=margin,
        weight=parties.weight,
        population=parties.population,
        trade_share=parties.trade,
        has_veto=parties.has_veto,
        is_last_resort=table.is_last,
    )


def _ballot(
    setting: Setting, table: Table, chosen: int, by_party: Floats, margin: Floats
) -> Ballot:
    """The ballot on the package as a whole, with coalitions revalued on demand."""
    parties, menu = table.parties, table.menu
    value = menu.value.row(chosen)
    area, reached = value.acceptance, value.reached
    if not setting.is_on("interests"):
        area = replace(area, gain=0.0)
    rest = margin - utility_of_gain(area, value.gain, reached)

    def reassess(coalition: Bools) -> Floats:
        gain = np.nan_to_num(menu.value_in(chosen, parties.to_states(coalition), parties.states))
        total = utility_of_gain(area, gain, reached) + rest
        asked = np.where(menu.has_obligation, total, 0.0)
        return parties.margins(asked, setting.world.population)

    return Ballot(
        vote=votes_from_margins(by_party, parties.objection_cost),
        margin=by_party,
        weight=parties.weight,
        population=parties.population,
        trade_share=parties.trade,
        has_veto=parties.has_veto,
        is_last_resort=table.is_last,
        reassess=reassess,
    )


def _move(before: Proposal | None, now: Proposal) -> str:
    """What the chair did, compared with the last round.

    Examples
    --------
    >>> from sim.agreements import Proposal
    >>> deep, flat = (Proposal("trade", (("depth", d),)) for d in (0.1, 0.05))
    >>> _move(deep, flat)
    'dilute'
    """
    if before is None or now == before:
        return "open" if before is None else "hold"
    if now.is_soft != before.is_soft:
        return "soften" if now.is_soft else "harden"
    old, new = ([value for _, value in p.terms] for p in (before, now))
    if [value > 0 for value in old] != [value > 0 for value in new]:
        return "join" if all(value > 0 for value in new) else "split"
    if any(after < value for value, after in zip(old, new, strict=True)):
        return "dilute"
    if new != old:
        return "deepen"
    return "exempt" if len(now.exemptions) >= len(before.exemptions) else "restore"


def reference_solutions(setting: Setting, table: Table) -> tuple[Proposal | None, float, float]:
    """Nash solution, weighted median and weighted mean of the ideal levels, after exemptions.

    Of the parties of whom the item asks something.
    """
    menu, parties = table.menu, table.parties
    # those of whom nothing is asked are indifferent: they neither gain nor have an ideal
    asked = (parties.states & menu.has_obligation).any(axis=1)
    utility = parties.mean(table.utility, setting.income)[:, asked]
    nash = nash_solution(utility, np.ones(utility.shape[1]))
    income = parties.income[asked]
    level = np.array([p.level for p in menu.proposals]) * menu.scale
    ideal = level[best(utility)]
    return (
        menu.proposals[nash] if nash >= 0 else None,
        weighted_median(ideal, income),
        weighted_mean(ideal, income),
    )
