"""What every decision rule promises, now and when another is registered.

Ballots here are consistent: who accepts has a margin that is not negative, who objects a negative
one, and reassessment with everybody in gives the margins of the ballot. Being in never gets worse
as others join, which is what makes the largest stable coalition unique.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Annotated, Any

import numpy as np
import pytest
from annotated_types import Ge, Gt, Le, Lt
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import ConfigError
from sim.rules.ballot import ACCEPT, REJECT, Ballot, Decision
from sim.rules.decision import DECISION_RULES

Rule = Callable[[Ballot], Decision]
RULES = list(DECISION_RULES)
every_rule = pytest.mark.parametrize("name", RULES)
thorough = settings(max_examples=30, deadline=None)


class Together:
    """Margins that fall by `bond[p, q]` >= 0 for party p when q stays out."""

    def __init__(self, margin: np.ndarray, bond: np.ndarray) -> None:
        self.margin, self.bond = margin, bond

    def __call__(self, mask: np.ndarray) -> np.ndarray:
        # An explicit sum in units of 1/8: exact, whatever the order of the parties.
        return self.margin - (self.bond * ~mask).sum(axis=1)


@st.composite
def bindings(draw: st.DrawFn, name: str) -> Rule:
    """A rule with parameters anywhere in their stated ranges."""
    entry = DECISION_RULES[name]
    values: dict[str, Any] = {}
    for key, field in entry.schema.model_fields.items():
        if draw(st.booleans()):
            continue  # the default
        kind: Any = field.annotation
        if kind is int:
            low = next((m.ge for m in field.metadata if isinstance(m, Ge)), 0)
            values[key] = draw(st.integers(int(low), 12))
        else:
            kind = Annotated[(kind, *field.metadata)] if field.metadata else kind
            values[key] = draw(st.from_type(kind))
    return DECISION_RULES.bind(name, values)


@st.composite
def ballots(draw: st.DrawFn, least: int = 1, votes: tuple[int, ...] = (1, 0, -1)) -> Ballot:
    n = draw(st.integers(least, 8))

    def column(elements: st.SearchStrategy[Any]) -> list[Any]:
        return draw(st.lists(elements, min_size=n, max_size=n))

    vote = np.array(column(st.sampled_from(votes)), dtype=np.int8)
    eighths = np.array(column(st.integers(1, 40)), dtype=float) / 8
    neutral = np.array(column(st.sampled_from([-1, 0, 1])), dtype=float)
    margin = np.where(vote == 0, neutral, vote) * eighths
    parts = reassess = None
    if draw(st.booleans()):
        rows = draw(st.integers(1, 3))
        # A party may be less content with a part than with the whole, but an acceptance of the
        # whole contains no objection to a part.
        lesser = np.array([column(st.integers(0, 2)) for _ in range(rows)], dtype=np.int8)
        floor = np.where(vote == ACCEPT, 0, -1)
        parts = np.maximum(vote - lesser, floor).astype(np.int8)
    if draw(st.booleans()):
        bond = np.array([column(st.integers(0, 16)) for _ in range(n)], dtype=float) / 8
        reassess = Together(margin, bond)
    trade = np.array(column(st.integers(0, 50)), dtype=float)
    return Ballot(
        vote=vote,
        margin=margin,
        weight=np.array(column(st.integers(0, 20)), dtype=float),
        population=np.array(column(st.integers(0, 90)), dtype=float),
        trade_share=trade / max(trade.sum() * 2, 1),
        has_veto=np.array(column(st.booleans()), dtype=bool),
        is_last_resort=draw(st.booleans()),
        parts=parts,
        reassess=reassess,
    )


def improved(ballot: Ballot, party: int, to: int, by: float) -> Ballot:
    """The ballot with one vote, and what hangs on it, more favourable."""
    vote, margin = ballot.vote.copy(), ballot.margin.copy()
    vote[party] = max(vote[party], to)
    margin[party] += by
    if vote[party] == ACCEPT:
        margin[party] = max(margin[party], 0.0)
    parts, reassess = ballot.parts, ballot.reassess
    if parts is not None:
        parts = parts.copy()
        parts[:, party] = np.maximum(parts[:, party], min(int(vote[party]), 0))
    if reassess is not None:
        reassess = Together(margin, reassess.bond)  # type: ignore[attr-defined]
    return replace(ballot, vote=vote, margin=margin, parts=parts, reassess=reassess)


def permuted(ballot: Ballot, order: np.ndarray) -> Ballot:
    changes: dict[str, Any] = {}
    for field in fields(ballot):
        value = getattr(ballot, field.name)
        if isinstance(value, np.ndarray):
            changes[field.name] = value[..., order]
        elif isinstance(value, Together):
            changes[field.name] = Together(value.margin[order], value.bond[np.ix_(order, order)])
    return replace(ballot, **changes)


def arrays(ballot: Ballot) -> list[np.ndarray]:
    return [v for v in vars(ballot).values() if isinstance(v, np.ndarray)]


def same(one: Decision, other: Decision) -> bool:
    return (
        (one.is_adopted, one.is_soft, one.fallback)
        == (other.is_adopted, other.is_soft, other.fallback)
        and np.array_equal(one.adopters, other.adopters)
        and np.array_equal(one.blockers, other.blockers)
    )


@every_rule
@given(data=st.data())
@thorough
def test_is_pure(name: str, data: st.DataObject) -> None:
    ballot, rule = data.draw(ballots(least=0)), data.draw(bindings(name))
    before = [a.copy() for a in arrays(ballot)]
    for array in arrays(ballot):
        array.flags.writeable = False
    first = rule(ballot)
    first.adopters[:] = True  # what a caller does to a decision must not reach the ballot
    first.blockers[:] = True
    second, third = rule(ballot), rule(ballot)
    assert same(second, third)
    assert all(np.array_equal(a, b) for a, b in zip(arrays(ballot), before, strict=True))


@every_rule
@given(data=st.data())
@thorough
def test_adopters_and_blockers_say_what_happened(name: str, data: st.DataObject) -> None:
    ballot, rule = data.draw(ballots()), data.draw(bindings(name))
    decision = rule(ballot)
    for mask in (decision.adopters, decision.blockers):
        assert mask.dtype == np.bool_
        assert mask.shape == (ballot.n,)
    assert isinstance(decision.is_adopted, bool)
    assert decision.is_adopted == bool(decision.adopters.any())
    assert decision.is_adopted != bool(decision.blockers.any())
    assert not (decision.adopters & decision.blockers).any()


@every_rule
@given(data=st.data())
@thorough
def test_blockers_are_why_it_failed(name: str, data: st.DataObject) -> None:
    """Win over those named, then those named next: no one else has to be asked, and it passes."""
    ballot, rule = data.draw(ballots()), data.draw(bindings(name))
    decision = rule(ballot)
    asked = np.zeros(ballot.n, dtype=bool)
    while not decision.is_adopted:
        assert (decision.blockers & ~asked).any(), "those named have been won over already"
        for party in np.flatnonzero(decision.blockers):
            ballot = improved(ballot, int(party), ACCEPT, 0.0)
        asked |= decision.blockers
        decision = rule(ballot)


@every_rule
@given(data=st.data())
@thorough
def test_is_monotone(name: str, data: st.DataObject) -> None:
    ballot, rule = data.draw(ballots()), data.draw(bindings(name))
    party = data.draw(st.integers(0, ballot.n - 1))
    better = improved(
        ballot, party, data.draw(st.sampled_from([-1, 0, 1])), data.draw(st.integers(0, 40)) / 8
    )
    before, after = rule(ballot), rule(better)
    assert after.is_adopted >= before.is_adopted
    assert (after.adopters >= before.adopters).all(), "nobody leaves because another is keener"


@every_rule
@given(data=st.data())
@thorough
def test_is_anonymous(name: str, data: st.DataObject) -> None:
    """Who a party is matters only through its votes, weights, people, trade and vetoes."""
    ballot, rule = data.draw(ballots()), data.draw(bindings(name))
    order = np.array(data.draw(st.permutations(range(ballot.n))))
    straight, shuffled = rule(ballot), rule(permuted(ballot, order))
    assert shuffled.is_adopted == straight.is_adopted
    assert np.array_equal(shuffled.adopters, straight.adopters[order])
    assert np.array_equal(shuffled.blockers, straight.blockers[order])


@every_rule
@given(data=st.data())
@thorough
def test_all_accept_adopts_everybody(name: str, data: st.DataObject) -> None:
    ballot, rule = data.draw(ballots(votes=(ACCEPT,))), data.draw(bindings(name))
    decision = rule(ballot)
    assert decision.is_adopted
    assert decision.adopters.all()


@every_rule
@given(data=st.data())
@thorough
def test_all_reject_adopts_nobody(name: str, data: st.DataObject) -> None:
    ballot, rule = data.draw(ballots(votes=(REJECT,))), data.draw(bindings(name))
    decision = rule(ballot)
    assert not decision.is_adopted
    assert not decision.adopters.any()


@every_rule
def test_a_ballot_without_parties_decides_nothing(name: str) -> None:
    decision = DECISION_RULES.bind(name, {})(Ballot.of([]))
    assert not decision.is_adopted
    assert decision.adopters.shape == decision.blockers.shape == (0,)


@every_rule
@given(data=st.data())
@thorough
def test_unanimity_implies_every_rule(name: str, data: st.DataObject) -> None:
    ballot, rule = data.draw(ballots(votes=(1, 1, 1, 1, 0))), data.draw(bindings(name))
    if DECISION_RULES.bind("unanimity", {})(ballot).is_adopted:
        assert rule(ballot).is_adopted


@given(ballots(), st.floats(0, 10), st.integers(0, 8))
@thorough
def test_consensus_implies_its_softer_forms(ballot: Ballot, tolerance: float, x: int) -> None:
    if DECISION_RULES.bind("consensus", {})(ballot).is_adopted:
        assert DECISION_RULES.bind("asean_way", {"tolerance": tolerance})(ballot).is_adopted
        assert DECISION_RULES.bind("consensus_minus", {"x": x})(ballot).is_adopted
    if DECISION_RULES.bind("single_undertaking", {})(ballot).is_adopted:
        assert DECISION_RULES.bind("consensus", {})(ballot).is_adopted


@every_rule
def test_documents_itself(name: str) -> None:
    entry = DECISION_RULES[name]
    text = inspect.getdoc(entry.function) or ""
    assert entry.summary.endswith(".")
    assert ">>>" in text, "an example that shows a property"
    source = re.search(r"References\n-+\n(.+)", text)
    assert source, "a source by name"
    assert re.search(r"\d", source[1]) or "Articles" in source[1], "an article or a year"
    assert "lockers are" in text, "who is named when a proposal fails"
    for key in entry.schema.model_fields:
        assert re.search(rf"^{key}\b.*\n    \S", text, re.MULTILINE), f"{key} is not described"


@every_rule
def test_refuses_parameters_out_of_range(name: str) -> None:
    entry = DECISION_RULES[name]
    for key, field in entry.schema.model_fields.items():
        assert not field.is_required(), f"{key} has no default"
        wrong: list[Any] = ["many"]
        for limit in field.metadata:
            for kind, step in ((Ge, -1), (Gt, 0), (Le, 1), (Lt, 0)):
                if isinstance(limit, kind):
                    wrong.append(getattr(limit, kind.__name__.lower()) + step)
        assert len(wrong) > 1 or field.annotation not in (int, float), f"{key} has no range"
        for value in wrong:
            with pytest.raises(ConfigError, match=key):
                DECISION_RULES.bind(name, {key: value})
    with pytest.raises(ConfigError, match="no parameter 'misspelt'"):
        DECISION_RULES.bind(name, {"misspelt": 1})


def test_the_registry_holds_the_rules_of_the_model() -> None:
    assert set(RULES) >= {
        "asean_way", "consensus", "consensus_minus", "double_majority", "enhanced_cooperation",
        "majority_with_vetoes", "partial_adoption", "qualified_majority", "simple_majority",
        "single_undertaking", "unanimity", "weighted_majority",
    }  # fmt: skip
