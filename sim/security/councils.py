"""Votes of bodies on acting in a conflict: who gains, who stands by whom, what the rule says.

Members vote by the income that acting is expected to save them, by their nearness to a party that
resists, and for the rest would rather have the body act. Their own rule decides (`Ballot` to
`Decision`), so that consensus gives the parties a veto and a majority does not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sim.behaviour.parties import seat_parties
from sim.forum import forum_of
from sim.kernels.bargaining import votes_from_margins
from sim.rules.ballot import Ballot
from sim.security.seats import seated
from sim.security.verdicts import Verdict
from sim.streams import stream
from sim.types import Floats

if TYPE_CHECKING:
    from sim.behaviour.parties import Parties
    from sim.clauses import RuleUse
    from sim.forum import Forum
    from sim.setting import Setting
    from sim.state import State

__all__ = [
    "Case",
    "Manner",
    "bodies_for",
    "decided",
    "exposure",
    "good_offices",
    "manner",
    "vote",
]


@dataclass(frozen=True)
class Manner:
    """What counts in a vote, in logits.

    Attributes
    ----------
    readiness, income, alignment
        Utility of a member without a stake, of a percent of income saved, of a near party.
    objection_cost
        Loss from which a member objects instead of abstaining.
    elasticity
        Of the chance of a seat on a council drawn with population, in no unit.
    """

    readiness: float
    income: float
    alignment: float
    objection_cost: float
    elasticity: float


def manner(setting: Setting) -> Manner:
    """What counts in votes, from the parameters."""
    return Manner(
        setting["council_readiness"],
        setting["council_income"],
        setting["council_alignment"],
        setting["objection_cost"],
        setting["council_seat_population"],
    )


@dataclass(frozen=True, eq=False)
class Case:
    """What a body is to act on.

    Attributes
    ----------
    name
        Of the conflict; names the stream of the votes.
    text
        What is tabled, in words.
    parties
        Rows of the states in it.
    reluctance
        Of each party, logits: what it loses by the body's acting, negative if it wants it.
    gain
        (S,) percent of annual income that acting is expected to save each state.
    leaning
        (S,) logits by which each state wants it for other reasons.
    without
        Rows of the states that have no vote on it.
    rule
        By which rule, where it is not that for security.
    drawn_at
        Quarter whose draws count; None for the present one. Who voted for it then does so again
        unless something has changed.
    """

    name: str
    text: str
    parties: tuple[int, ...]
    reluctance: tuple[float, ...]
    gain: Floats
    leaning: Floats | float = 0.0
    without: tuple[int, ...] = ()
    rule: RuleUse | None = None
    drawn_at: int | None = None


def bodies_for(
    setting: Setting, state: State, instrument: str, parties: tuple[int, ...]
) -> tuple[str, ...]:
    """Bodies that may act by their charters, regional ones first, and of them the smallest.

    All parties must be members, which is what gives a body its competence. Regional before global
    is article 52 of the UN Charter; small before large, that the nearest are asked.
    """
    found = []
    for row, code in enumerate(setting.axes.organisations):
        charter = setting.charter(code, state.step)
        mandate = charter.security
        if mandate is None or instrument not in mandate.instruments:
            continue
        if not state.is_member[row, list(parties)].all():
            continue
        found.append((charter.level == "global", int(state.is_member[row].sum()), code))
    return tuple(code for _, _, code in sorted(found))


def exposure(setting: Setting, parties: tuple[int, ...]) -> Floats:
    """(S,) trade with the parties in percent of income: what spills over when they fight."""
    flows = setting.economy.flows
    rows = list(parties)
    with_them = flows[rows].sum(axis=0) + flows[:, rows].sum(axis=1)
    with_them[rows] = 0.0
    return np.asarray(100.0 * with_them / np.maximum(setting.income, 1e-12))


def good_offices(setting: Setting, state: State, body: str, case: Case, by: Manner) -> Verdict:
    """Whether both sides take the good offices of a body's chair, on which nobody else votes."""
    refusing = _refusing(setting, case, _margins(setting, state, (body, case), by))
    return Verdict(
        body=body,
        rule="consent",
        text=case.text,
        is_adopted=not refusing,
        n_accept=len(case.parties) - len(refusing),
        n_reject=len(refusing),
        rejecting=refusing,
        blockers=refusing,
    )


def _refusing(setting: Setting, case: Case, margin: Floats) -> tuple[str, ...]:
    """Parties to the conflict that would rather be left alone."""
    return tuple(setting.axes.states[row] for row in case.parties if margin[row] < 0)


def vote(setting: Setting, state: State, body: str, case: Case, by: Manner) -> Verdict:
    """Put a case to the vote of a body's members, or of its council, under its rule.

    Parameters
    ----------
    body
        Code of an organisation with a rule for security.
    case
        What it is to act on.
    by
        What counts in the vote.
    """
    forum = forum_of(setting, state, body, "security")
    if case.rule is not None:
        forum = replace(forum, decision=case.rule)
    everybody = forum.members(setting, state)
    council = seated(setting, state, body, by.elasticity)
    voting = (everybody if council is None else council).copy()
    voting[list(case.without)] = False
    seats = seat_parties(setting, state, forum, voting)
    own = _margins(setting, state, (body, case), by)
    mandate = setting.charter(body, state.step).security
    refusing = _refusing(setting, case, own) if mandate and mandate.consent else ()
    if refusing:  # not asked by both, so that it does not come to a vote
        return Verdict(
            body, forum.decision.rule if forum.decision else "", case.text, is_adopted=False,
            n_reject=len(refusing), rejecting=refusing, blockers=refusing,
        )  # fmt: skip
    margin = seats.margins(own, setting.world.population)
    return decided(forum, seats, margin, case.text, by.objection_cost)


def decided(forum: Forum, seats: Parties, margin: Floats, text: str, cost: float) -> Verdict:
    """What the rule of a body makes of the margins of those who sit there.

    Parameters
    ----------
    forum
        The body, with its rule.
    seats
        Who sits there.
    margin
        (P,) utilities of the parties, logits.
    text
        What is tabled.
    cost
        Loss from which a party votes against instead of abstaining.
    """
    cast = votes_from_margins(margin, cost)
    decision = forum.decide(
        Ballot(
            vote=cast,
            margin=margin,
            weight=seats.weight,
            population=seats.population,
            trade_share=seats.trade,
            has_veto=seats.has_veto,
        )
    )
    abstain, reject, block = (
        tuple(seats.codes[n] for n in np.flatnonzero(which))
        for which in (cast == 0, cast < 0, decision.blockers)
    )
    return Verdict(
        body=forum.code,
        rule=forum.decision.rule if forum.decision else "",
        text=text,
        is_adopted=decision.is_adopted,
        n_accept=int((cast > 0).sum()),
        n_abstain=len(abstain),
        n_reject=len(reject),
        abstaining=abstain,
        rejecting=reject,
        blockers=block,
    )


def _margins(setting: Setting, state: State, what: tuple[str, Case], by: Manner) -> Floats:
    """(S,) utility of acting, logits, drawn for all states."""
    body, case = what
    size = len(setting.axes.states)
    step = state.step if case.drawn_at is None else case.drawn_at
    noise = stream(setting.seed, f"council/{body}/{case.name}", step).logistic(size=size)
    margin = by.readiness + by.income * case.gain + case.leaning + noise
    mandate = setting.charter(body, state.step).security
    for code, logits in (mandate.reluctance if mandate else {}).items():
        margin[setting.axes.state(code)] -= logits
    point = setting.world.ideal_point
    rows = list(case.parties)
    own = noise[rows] - np.array(case.reluctance)
    for party, wish in zip(rows, own, strict=True):
        distance = np.nan_to_num(np.abs(point - point[party]), nan=1.0)
        nearness = np.maximum(1.0 - distance, 0.0)
        margin = margin - by.alignment * nearness * (wish < 0)
    margin[rows] = own
    return np.asarray(margin)
