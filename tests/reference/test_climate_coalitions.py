"""Coalitions that cut emissions against what theory says of them (Barrett 1994).

With identical states, linear damage and quadratic cost a treaty whose parties do what is best for
them together holds itself together with at most three of them, however many there are.
"""

from __future__ import annotations

import numpy as np
import pytest

from sim.agreements import (
    AbatementCost,
    AbatementPlan,
    AvoidedDamage,
    Commitment,
    EmissionCut,
    accumulate,
)
from sim.economy.terms import EXPECTED
from sim.issues.climate import DEPTHS
from sim.kernels.abatement import best_cut
from sim.kernels.coalition import largest_stable_coalition
from sim.rules.ballot import Ballot
from sim.rules.decision.partial import partial_adoption

SLOPE, DAMAGE, TONNES, INCOME = 250.0, 20.0, 500.0, 1000.0


def plan(size, kind, most=1.0, damage=DAMAGE):
    """Identical states, each of which already does what is best for itself."""
    one = np.ones(size)
    own = best_cut(damage * one, SLOPE)
    return AbatementPlan(TONNES * one, own, INCOME * one, damage * one, 0 * one, damage * one,
                         SLOPE, most, DEPTHS[kind])  # fmt: skip


def gain(of, inside):
    """(S,) what a treaty among some brings, percent of income: as the economy and talks have it."""
    effects = EmissionCut(of), AbatementCost(of), AvoidedDamage(of)
    bound = [Commitment(effects, inside)]
    return sum(accumulate(kind, bound, size=inside.size) for kind in EXPECTED)


def in_over_out(of):
    """Coalition → what each of its members gains by being in, given the others."""

    def reassess(coalition):
        each = np.full(coalition.size, np.nan)
        for k in np.flatnonzero(coalition):
            others = coalition.copy()
            others[k] = False
            each[k] = gain(of, coalition)[k] - gain(of, others)[k]
        return each

    return reassess


def is_internally_stable(coalition, reassess):
    """Whether nobody who is in would rather be out, but for rounding."""
    return (reassess(coalition)[coalition] >= -1e-9).all()


def first(size, count):
    return np.arange(size) < count


@pytest.mark.parametrize("size", [3, 4, 7, 12])
def test_no_more_than_three_identical_states_hold_together(size):
    reassess = in_over_out(plan(size, "joint_cut"))
    stable = [k for k in range(1, size + 1) if is_internally_stable(first(size, k), reassess)]
    assert stable == [1, 2, 3]


@pytest.mark.parametrize("size", [3, 4, 7, 12])
def test_the_rule_finds_three_of_nearly_identical_states(size):
    """Equals leave together, so that somebody has to be the first by however little."""
    reassess = in_over_out(plan(size, "joint_cut"))
    order = 1e-4 * np.arange(size)
    ballot = Ballot.of([1] * size, margin=order, reassess=lambda inside: reassess(inside) + order)
    adopters = partial_adoption(ballot, minimum_members=2).adopters
    assert adopters.sum() == 3
    assert adopters[-3:].all()


def test_of_exactly_identical_states_all_leave_at_once():
    found = largest_stable_coalition(np.ones(7, dtype=bool), in_over_out(plan(7, "joint_cut")))
    assert not found.is_member.any()


@pytest.mark.parametrize("size", [3, 12])
def test_three_recover_little_of_what_all_together_would_gain(size):
    """And the less, the more states there are and the more there would be to gain."""
    of = plan(size, "joint_cut")
    share = gain(of, first(size, 3)).sum() / gain(of, np.ones(size, dtype=bool)).sum()
    assert share == pytest.approx({3: 1.0, 12: 60 / 726}[size])


@pytest.mark.parametrize(("most", "all_stay"), [(1.99, True), (2.01, False)])
def test_a_treaty_holds_all_up_to_twice_what_each_does_alone(most, all_stay):
    """Broad but shallow (Barrett 2002; Finus and Maus 2008): cost and damage of one's own cut."""
    alone = DAMAGE / SLOPE
    of = plan(9, "common_cut", most * alone)
    bare = AbatementPlan(**{**vars(of), "in_place": np.zeros(9)})
    assert is_internally_stable(np.ones(9, dtype=bool), in_over_out(bare)) == all_stay


def test_contributions_never_cost_more_than_they_bring():
    of = AbatementPlan(**{**vars(plan(9, "contributions")), "in_place": np.zeros(9)})
    assert (in_over_out(of)(np.ones(9, dtype=bool)) > 0).all()
    assert gain(of, first(9, 4))[8] > gain(of, first(9, 4))[0] > 0  # who stays out gains more
