"""How a body decided on a case: the verdict, and its columns in the tables of those who ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sim.columns import COUNT, WORD, Column

__all__ = [
    "DECISION_COLUMNS",
    "VOTES",
    "VOTE_COLUMNS",
    "Verdict",
    "decision_cells",
    "vote_cells",
]


@dataclass(frozen=True)
class Verdict:
    """How a body decided: votes counted, who did not vote for it, and who blocked.

    Attributes
    ----------
    body, rule
        Code of the body, and the decision rule that counted.
    text
        What was tabled.
    is_adopted
        Whether the rule made a decision of it.
    n_accept, n_abstain, n_reject
        Votes.
    abstaining, rejecting
        Parties that did; all others voted for it.
    blockers
        Those whom the rule names as standing in the way.
    """

    body: str
    rule: str
    text: str
    is_adopted: bool
    n_accept: int = 0
    n_abstain: int = 0
    n_reject: int = 0
    abstaining: tuple[str, ...] = ()
    rejecting: tuple[str, ...] = ()
    blockers: tuple[str, ...] = ()


VOTE_COLUMNS = (
    Column("rule", WORD, "", "decision rule that counted; consent of both for a court"),
    Column("text", WORD, "", "what was tabled"),
    Column("n_accept", COUNT, "parties", "votes for"),
    Column("n_abstain", COUNT, "parties", "abstentions"),
    Column("n_reject", COUNT, "parties", "votes against"),
    Column("abstaining", WORD, "", "who abstained, ; between several"),
    Column("rejecting", WORD, "", "who voted against; all others voted for it"),
    Column("blockers", WORD, "", "whom the rule names as standing in the way"),
)
"""Columns of a vote in the tables of those who put cases to bodies."""
DECISION_COLUMNS = (
    Column("organisation", WORD, "", "body that voted"),
    Column("outcome", WORD, "", "accepted or refused"),
    *VOTE_COLUMNS,
)
"""The same of those whose cases all come to a vote."""
VOTES = tuple(column.name for column in VOTE_COLUMNS if column.name != "rule")
"""Attributes of a verdict that say what was tabled and who voted how."""


def vote_cells(votes: Sequence[Any]) -> dict[str, list[Any]]:
    """`VOTE_COLUMNS` of votes: objects with the attributes of a `Verdict`."""
    return {
        column.name: [_cell(getattr(one, column.name)) for one in votes] for column in VOTE_COLUMNS
    }


def decision_cells(verdicts: Sequence[Verdict]) -> dict[str, list[Any]]:
    """`DECISION_COLUMNS` of verdicts."""
    return {
        "organisation": [one.body for one in verdicts],
        "outcome": ["accepted" if one.is_adopted else "refused" for one in verdicts],
        **vote_cells(verdicts),
    }


def _cell(value: Any) -> Any:
    return ";".join(value) if isinstance(value, tuple) else value
