"""The life of an agreement: what may follow what, who is in it and who is bound."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import date
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.agreements import TRANSITIONS, Agreement, Item, Proposal, Status
from sim.clauses import Specification
from sim.errors import StateError
from sim.issues import areas


def cut(depth: float, tariff_cut: float, **given: object) -> Proposal:
    """A proposal in trade."""
    return areas()["trade"].propose({"depth": depth, "tariff_cut": tariff_cut}, **given)


def agreement(status: Status = Status.PROPOSED, **given: object) -> Agreement:
    base = {
        "code": "FITP/x/0",
        "organisation": "FITP",
        "item": "x",
        "area": "trade",
        "kind": "preferential",
        "proposal": cut(0.05, 1.0),
        "scale": 1.0,
        "effects": (),
        "opened": date(2024, 1, 1),
        "signatories": np.array([True, True, True, False]),
        "ratified": np.array([True, True, False, False]),
        "acceded": np.array([False, True, False, False]),
        "bound_at": np.array([3, 5, -1, -1]),
    }
    return Agreement(**{**base, **given}, status=status)


@pytest.mark.parametrize(("before", "after"), list(product(Status, Status)))
def test_only_listed_transitions_happen(before: Status, after: Status) -> None:
    if after in TRANSITIONS[before]:
        assert agreement(before).advance(after).status is after
    else:
        with pytest.raises(StateError, match=f"{before} to {after}"):
            agreement(before).advance(after)


@given(st.lists(st.sampled_from(list(Status)), max_size=40))
def test_a_random_walk_never_leaves_the_table(attempts: list[Status]) -> None:
    now, walked = agreement(), [Status.PROPOSED]
    for attempt in attempts:
        try:
            now = now.advance(attempt)
        except StateError:
            assert now.status is walked[-1]
            continue
        walked.append(attempt)
    for one, two in pairwise(walked):
        assert two in TRANSITIONS[one]
    if Status.IN_FORCE in walked:  # nothing is in force that was not signed and ratified
        before = walked[: walked.index(Status.IN_FORCE)]
        assert {Status.AGREED, Status.SIGNED, Status.RATIFIED} <= set(before)
    ends = [n for n, s in enumerate(walked) if s in {Status.LAPSED, Status.WITHDRAWN}]
    assert ends in ([], [len(walked) - 1])


def test_every_stage_is_reached_from_a_proposal() -> None:
    seen, front = set(), {Status.PROPOSED}
    while front:
        seen |= front
        front = {after for one in front for after in TRANSITIONS[one]} - seen
    assert seen == set(Status)


def test_the_error_says_what_may_follow() -> None:
    with pytest.raises(StateError, match="nothing: it has ended"):
        agreement(Status.LAPSED).advance(Status.SIGNED)
    with pytest.raises(StateError, match="lapsed, ratified, withdrawn"):
        agreement(Status.SIGNED).advance(Status.IN_FORCE)


def test_advancing_leaves_the_earlier_stage_as_it_was() -> None:
    before = agreement(Status.AGREED)
    after = before.advance(Status.SIGNED, signed=date(2024, 5, 1))
    assert (before.status, before.signed) == (Status.AGREED, None)
    assert after.signed == date(2024, 5, 1)
    with pytest.raises(FrozenInstanceError):
        before.status = Status.SIGNED  # type: ignore[misc]


@given(st.integers(0, 3), st.sampled_from(list(Status)))
def test_without_a_state_it_is_in_nothing_and_the_others_are_as_before(
    state: int, status: Status
) -> None:
    before = agreement(status)
    left = before.without(state)
    others = np.arange(4) != state
    for name in ("signatories", "ratified", "acceded", "bound_at", "is_bound", "is_committed"):
        assert np.array_equal(getattr(left, name)[others], getattr(before, name)[others])
    assert not left.signatories[state]
    assert not left.ratified[state]
    assert not left.acceded[state]
    assert left.bound_at[state] == -1
    assert left.status is status


@pytest.mark.parametrize("status", Status)
def test_who_is_bound_and_who_is_committed(status: Status) -> None:
    one = agreement(status)
    binds = status is Status.IN_FORCE
    commits = binds or status in {Status.SIGNED, Status.RATIFIED}
    assert one.is_bound.tolist() == ([True, True, False, False] if binds else [False] * 4)
    assert one.is_committed.tolist() == ([True, True, True, False] if commits else [False] * 4)


def test_an_item_is_called_after_its_opening() -> None:
    item = Item("WTO", "farm", 0, Specification(deadline_quarters=4))
    assert (item.code, item.is_open) == ("WTO/farm/0", False)
    again = replace(item, opening=2, opened_at=0)
    assert (again.code, again.is_open) == ("WTO/farm/2", True)


def test_a_proposal_has_a_form() -> None:
    assert [cut(0, 1, is_soft=s).form for s in (False, True)] == ["binding", "soft"]
