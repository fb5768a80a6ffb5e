"""Who belongs: applications and accession, withdrawal, suspension, arrears that cost votes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.columns import COUNT, DAY, WORD, Column, Measure, QuarterlyTable
from sim.events import EventKind
from sim.fields import Field
from sim.mechanism import Mechanism
from sim.mechanisms.membership.clauses import NEVER, check, first_members, left_at, suspended
from sim.mechanisms.membership.enlargement import ENLARGEMENT, Application, first_applications
from sim.mechanisms.membership.standing import STANDING, WITHDRAWAL
from sim.records import Record
from sim.switches import Switch

if TYPE_CHECKING:
    from sim.setting import Setting
    from sim.state import State

__all__ = ["ENLARGEMENT", "MECHANISM", "STANDING", "WITHDRAWAL"]


def _queue(setting: Setting, state: State) -> tuple[Application, ...]:
    """Applications made by now."""
    step_of = setting.calendar.step_of
    return tuple(one for one in state.membership.applications if step_of(one.applied) <= state.step)


def _rows(setting: Setting, state: State) -> Mapping[str, Any]:
    queue = _queue(setting, state)
    return {
        "organisation": [one.organisation for one in queue],
        "state": [setting.axes.states[one.state] for one in queue],
        "applied": [one.applied for one in queue],
        "refusals": [one.votes for one in queue],
    }


def _waiting(setting: Setting, state: State) -> Any:
    names = [one.organisation for one in _queue(setting, state)]
    return np.array([names.count(code) for code in setting.axes.organisations], dtype=np.int64)


def _members(setting: Setting, state: State) -> list[str]:
    codes = np.array(setting.axes.states)
    return [";".join(codes[row]) for row in state.is_member]


MECHANISM = Mechanism(
    name="membership",
    meaning="states apply, are admitted, withdraw, are suspended, and lose votes by arrears",
    source="own logits on Correlates of War IGO 3.0; von Borzyskowski & Vabulas 2019; charters",
    fields=(
        Field("was_member", ("O", "S"), "1", "whether it was a member a quarter ago", np.bool_,
              initial=first_members),
        Field("left_at", ("O", "S"), "step", "quarter in which a state last left, far back if none",
              np.int64, NEVER, initial=left_at),
        Field("is_suspended", ("O", "S"), "1", "whether a member is suspended", np.bool_,
              initial=suspended, part_of="has_no_vote"),
        Field("owed", ("O", "S"), "years", "years of dues that a member owes", low=0),
        Field("is_in_debt", ("O", "S"), "1", "whether its debts cost it the vote", np.bool_,
              part_of="has_no_vote"),
    ),
    records=(
        Record("applications", Application, "states that ask to be let in", first_applications),
    ),
    switches=(
        Switch("accession_to_bodies", "states apply to organisations, and members admit them"),
        Switch("withdrawals", "members leave by chance"),
        Switch("joint_withdrawals", "members that are suspended or pay nothing leave together",
               default=False),
        Switch("suspensions", "members are suspended after coups"),
        Switch("votes_lost_by_arrears", "arrears cost votes where the charter says so"),
    ),
    parameters=(
        *(f"withdrawal_{term}" for term in (
            "constant", "distance", "contagion", "members", "age", "subregion", "memory")),
        "withdrawal_estranged", "withdrawal_joint",
        *(f"accession_to_bodies_{term}" for term in (
            "constant", "subregion", "world", "age", "distance")),
        *(f"admission_{term}" for term in ("readiness", "trade", "distance", "rivalry")),
        "suspension_chance", "suspension_years", "return_years", "objection_cost",
    ),
    columns={
        "organisations": (
            Measure("members", WORD, "", "who belongs to it, ; between several", _members),
            Measure("n_suspended", COUNT, "states", "members that are suspended",
                    lambda _, s: s.membership.is_suspended.sum(axis=1)),
            Measure("n_without_vote", COUNT, "states",
                    "members without a vote, suspended or in arrears",
                    lambda _, s: s.has_no_vote.sum(axis=1)),
            Measure("n_applicants", COUNT, "states", "states that wait to be let in", _waiting),
        ),
        "summary": (
            Measure("memberships", COUNT, "memberships", "members of all organisations",
                    lambda _, s: int(s.is_member.sum())),
            Measure("suspensions", COUNT, "memberships", "memberships that are suspended",
                    lambda _, s: int(s.membership.is_suspended.sum())),
            Measure("applicants", COUNT, "applications", "applications that wait",
                    lambda setting, s: len(_queue(setting, s))),
        ),
    },
    tables=(
        QuarterlyTable(
            "applications",
            "application that waits and quarter",
            (
                Column("organisation", WORD, "", "organisation"),
                Column("state", WORD, "", "state that asks to be let in"),
                Column("applied", DAY, "", "day of the application"),
                Column("refusals", COUNT, "votes", "how often members have said no"),
            ),
            _rows,
        ),
    ),
    events=(
        EventKind("applied", "state", "a state asked to join an organisation"),
        EventKind("accession_refused", "state", "members kept an applicant out; reason: blockers"),
        EventKind("suspended", "state", "a member was suspended after a coup"),
        EventKind("suspension_lifted", "state", "a suspension ended"),
        EventKind("vote_lost", "state", "arrears cost a member its vote", "years of dues owed"),
        EventKind("vote_regained", "state", "it has its vote again", "years of dues owed"),
    ),
    phases=(ENLARGEMENT, WITHDRAWAL, STANDING),
    check=check,
)  # fmt: skip
