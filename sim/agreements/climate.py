"""Effects of agreements on climate: cuts of emissions, what they cost and the damage they avoid.

Negotiators count both, and the economy of a run neither: most of the damage lies beyond it, and
an economy that had the cost alone would only tell what those save who do nothing. Damage avoided
reaches everybody, whoever pays.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from sim.agreements.effects import Commitment, Effect, Reach
from sim.kernels.abatement import abatement_cost, best_cut, paid_cut, percent_of_income
from sim.types import Bools, Floats

__all__ = [
    "AbatementCost",
    "AbatementPlan",
    "AvoidedDamage",
    "Depth",
    "EmissionCut",
    "PoliticalWorth",
]

Depth: TypeAlias = Literal["same", "own", "joint", "paid"]
"""How far a party goes: as the text says, as it pays itself, as it pays the parties together, or as
others pay for it."""


@dataclass(frozen=True, eq=False)
class AbatementPlan:
    """Who cuts how much once bound.

    Attributes
    ----------
    emissions
        (S,) million tonnes a year before any cut.
    in_place
        (S,) share of them that is cut already.
    income
        (S,) billion USD a year.
    damage
        (S,) USD that a state loses for each tonne that anybody emits.
    side_benefit
        (S,) USD that it gains at home for each tonne that it cuts itself.
    acts_for
        (S,) USD that a tonne cut is worth to those for whom it acts: itself, or all of its bloc.
    slope
        Marginal cost of the last tonne of a complete cut, USD per tonne.
    most
        Share cut, or the most of it where parties set it themselves.
    depth
        How far a party goes.
    fuel
        (S,) USD that a state gains by cheaper fuels for each tonne that anybody cuts.
    voters
        (S,) USD that each tonne that it cuts itself is worth to its voters.
    paid
        (S,) million USD a year that it provides for cuts of those who are paid.
    is_paid
        (S,) whose cuts others pay for.
    """

    emissions: Floats
    in_place: Floats
    income: Floats
    damage: Floats
    side_benefit: Floats
    acts_for: Floats
    slope: float
    most: float
    depth: Depth
    fuel: Floats = field(default_factory=lambda: np.zeros(1))
    voters: Floats = field(default_factory=lambda: np.zeros(1))
    paid: Floats = field(default_factory=lambda: np.zeros(1))
    is_paid: Bools = field(default_factory=lambda: np.zeros(1, dtype=bool))

    def __post_init__(self) -> None:
        for array in vars(self).values():
            if isinstance(array, np.ndarray):
                array.flags.writeable = False

    def added(self, inside: Bools) -> Floats:
        """(S,) share of emissions that each would cut beyond what is in place, if these are in."""
        if self.depth == "paid":
            return self._paid(inside)
        if self.depth == "same":
            aim = np.full(inside.size, self.most)
        else:
            together = (self.damage + self.fuel) @ inside
            others = together if self.depth == "joint" else self.acts_for
            at_home = self.side_benefit + self.voters
            aim = np.minimum(best_cut(at_home + others, self.slope), self.most)
        return np.where(inside, np.maximum(aim - self.in_place, 0.0), 0.0)

    def _paid(self, inside: Bools) -> Floats:
        """The same share more for all who are paid, as far as the parties' money goes."""
        those = inside & self.is_paid
        money = float((self.paid * inside).sum())
        emitted = np.where(those, self.emissions, 0.0)
        more = paid_cut(money, emitted, self.in_place, self.slope)
        return np.where(those, np.minimum(more, 1.0 - self.in_place), 0.0)

    def bound(self, commitment: Commitment) -> Floats:
        """(S,) share cut by those whom a commitment binds, as far as it is phased in."""
        done = 1.0 if commitment.done is None else commitment.done
        return np.asarray(self.added(commitment.inside) * done)


@dataclass(frozen=True, eq=False)
class _OfPlan(Effect, is_kind=False):
    """An effect that follows from a plan."""

    plan: AbatementPlan

    @classmethod
    def none(cls, size: int) -> Floats:
        """Nothing."""
        return np.zeros(size)


@dataclass(frozen=True, eq=False)
class EmissionCut(_OfPlan):
    """Emissions fall. The total is the share of them that is cut, (S,), beside what was in place.

    Examples
    --------
    Together parties go further than alone, and one that is out does not cut at all:

    >>> from sim.agreements.effects import accumulate
    >>> one, nothing = np.ones(3), np.zeros(3)
    >>> plan = AbatementPlan(one, nothing, one, 10 * one, nothing, 10 * one, 250.0, 1.0, "joint")
    >>> bound = Commitment((EmissionCut(plan),), np.array([True, True, False]))
    >>> accumulate(EmissionCut, [bound], size=3).round(3).tolist()
    [0.08, 0.08, 0.0]
    """

    def add_to(self, total: Floats, commitment: Commitment) -> None:
        """Add the share cut to a running total (S,), in place."""
        total += self.plan.bound(commitment)

    def __str__(self) -> str:
        """As tables show it."""
        return f"emissions down by up to {100 * self.plan.most:.4g} % ({self.plan.depth})"


@dataclass(frozen=True, eq=False)
class AbatementCost(_OfPlan):
    """What cutting costs. The total is in percent of annual income, (S,), zero or below.

    Examples
    --------
    A cut of 20 % of 1,000 million tonnes at 250 USD for the last one costs 5 billion USD:

    >>> one = np.ones(1)
    >>> plan = AbatementPlan(1000 * one, 0 * one, 500 * one, one, one, one, 250.0, 0.2, "same")
    >>> total = AbatementCost.none(1)
    >>> AbatementCost(plan).add_to(total, Commitment((), np.array([True])))
    >>> total.round(6).tolist()
    [-1.0]
    """

    def add_to(self, total: Floats, commitment: Commitment) -> None:
        """Take the cost from a running total (S,), in place."""
        plan = self.plan
        after = abatement_cost(plan.in_place + plan.bound(commitment), plan.slope)
        cost = plan.emissions * (after - abatement_cost(plan.in_place, plan.slope))
        total -= percent_of_income(cost, plan.income)

    def __str__(self) -> str:
        """As tables show it."""
        return "costs of cutting emissions"


@dataclass(frozen=True, eq=False)
class AvoidedDamage(_OfPlan):
    """Damage that cuts avoid, here and elsewhere. The total is in percent of annual income, (S,).

    Examples
    --------
    It reaches those who do not cut as well:

    >>> one, nothing = np.ones(2), np.zeros(2)
    >>> plan = AbatementPlan(
    ...     1000 * one, nothing, 500 * one, 10 * one, nothing, one, 250.0, 0.5, "same"
    ... )
    >>> total = AvoidedDamage.none(2)
    >>> AvoidedDamage(plan).add_to(total, Commitment((), np.array([True, False])))
    >>> total.round(6).tolist()
    [1.0, 1.0]
    """

    @property
    def reach(self) -> Reach:
        """Everybody."""
        return "all"

    def add_to(self, total: Floats, commitment: Commitment) -> None:
        """Add what is avoided to a running total (S,), in place."""
        plan = self.plan
        tonnes = plan.emissions * plan.bound(commitment)
        avoided = plan.damage * tonnes.sum() + plan.side_benefit * tonnes
        total += percent_of_income(avoided, plan.income)

    def __str__(self) -> str:
        """As tables show it."""
        return "damage avoided, for all"


@dataclass(frozen=True, eq=False)
class PoliticalWorth(_OfPlan):
    """What cuts are worth to voters, and to who buys or sells fuels. In percent of income, (S,).

    Examples
    --------
    Who sells fuels loses by the cuts of others:

    >>> one, nothing = np.ones(2), np.zeros(2)
    >>> plan = AbatementPlan(1000 * one, nothing, 500 * one, one, nothing, one, 250.0, 0.5, "same",
    ...                      fuel=np.array([2.0, -2.0]))
    >>> total = PoliticalWorth.none(2)
    >>> PoliticalWorth(plan).add_to(total, Commitment((), np.array([True, False])))
    >>> total.round(6).tolist()
    [0.2, -0.2]
    """

    @property
    def reach(self) -> Reach:
        """Everybody."""
        return "all"

    def add_to(self, total: Floats, commitment: Commitment) -> None:
        """Add it to a running total (S,), in place."""
        plan = self.plan
        tonnes = plan.emissions * plan.bound(commitment)
        total += percent_of_income(plan.fuel * tonnes.sum() + plan.voters * tonnes, plan.income)

    def __str__(self) -> str:
        """As tables show it."""
        return "worth to voters, and to who buys or sells fuels"
