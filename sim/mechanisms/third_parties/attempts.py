"""Who was to take up a conflict, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sim.security.verdicts import VOTES, Verdict

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["COUNTS", "NOBODY", "OUTSIDE", "Attempt", "attempt_of", "from_outside", "tell"]

OUTSIDE = "outside"
"""Stands where codes of bodies do, for third states, groups of them and persons."""
COUNTS = ("third_parties.n_taken_up", "third_parties.n_declined")
"""Fields that `tell` adds to."""
NOBODY = -1
"""Stands for the second state in a civil conflict."""
_EVENT = {"mediation": "mediation", "good_offices": "mediation", "arbitration": "arbitration"}


@dataclass(frozen=True)
class Attempt:
    """A body that was to take up a dispute, and what became of it.

    Attributes
    ----------
    i, j
        Rows of the states in the dispute; in a civil conflict that of the state, and -1.
    day
        When.
    instrument
        ``mediation``, ``good_offices`` or ``arbitration``.
    body
        Code of the body; `OUTSIDE` for a third state or a person, empty when none may act.
    rule
        Its decision rule; consent of both for a court, for good offices and from outside.
    outcome
        ``accepted``, ``refused``, or ``no_body``.
    text
        What was tabled.
    n_accept, n_abstain, n_reject
        Votes.
    abstaining, rejecting
        Whose; all others voted for it.
    blockers
        Who stood in the way.
    """

    i: int
    j: int
    day: date
    instrument: str
    body: str
    rule: str
    outcome: str
    text: str = ""
    n_accept: int = 0
    n_abstain: int = 0
    n_reject: int = 0
    abstaining: tuple[str, ...] = ()
    rejecting: tuple[str, ...] = ()
    blockers: tuple[str, ...] = ()


def attempt_of(pair: tuple[int, int], day: date, instrument: str, verdict: Verdict) -> Attempt:
    """How a body decided on taking a conflict up."""
    outcome = "accepted" if verdict.is_adopted else "refused"
    return Attempt(
        *pair, day, instrument, verdict.body, verdict.rule, outcome,
        **{name: getattr(verdict, name) for name in VOTES},
    )  # fmt: skip


def from_outside(pair: tuple[int, int], day: date) -> Attempt:
    """A third state, a group of states or a person, whom those concerned have accepted."""
    consenting = sum(row != NOBODY for row in pair)
    text = "mediation by a third state or a person"
    return Attempt(
        *pair, day, "mediation", OUTSIDE, "consent", "accepted", text=text, n_accept=consenting
    )


def tell(setting: Setting, state: State, log: Log, one: Attempt) -> None:
    """An event of the attempt, with who stood in the way as the reason; a body's is counted."""
    if not one.body:
        return
    if one.body in setting.axes.organisations:
        row = setting.axes.organisation(one.body)
        if one.outcome == "accepted":
            state.third_parties.n_taken_up[row] += 1
        elif one.instrument != "arbitration":  # before a court it is the parties who decline
            state.third_parties.n_declined[row] += 1
    names = setting.axes.states
    against = "" if one.j == NOBODY else names[one.j]
    log.event(
        state.step, one.day, f"{_EVENT[one.instrument]}_{one.outcome}", actor=names[one.i],
        target=against, organisation=one.body, value=one.n_accept,
        reason=";".join(one.blockers),
    )  # fmt: skip
