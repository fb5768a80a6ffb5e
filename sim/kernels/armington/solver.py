"""Wages that clear all markets, for a batch of counterfactual technologies at once.

The unknown is ``x = log w``; the residual of country i is
``log(sales_i / output_i) - (1 + theta) x_i``, relative for the smallest as for the largest state.
Steps come from the baseline's inverse Jacobian, adapted by each counterfactual's own openness
(its Jacobian's diagonal over the baseline's) and improved by Broyden's method; what that does not
solve goes to a damped Newton method with its own Jacobian.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sim.kernels.armington.technology import Baseline, Product, Technology
from sim.types import Bools, Floats, Indices

# Largest relative gap between sales and output at which a market counts as cleared.
TOLERANCE = 1e-12
# Evaluations before Newton takes over; ordinary changes take 7 to 12, the largest ones 15 to 20.
_ATTEMPTS = 30
# Steps learnt from before this residual mislead more than they help.
_LEARN_BELOW = 1e-2
# Largest change of a log wage in one step.
_STRIDE = 0.5
# Evaluations after which the step is adapted to the openness of each country anew.
_ADAPT = (1, 2, 3, 5, 8, 12, 16, 20, 24)
# Openness at which a country counts as trading with nobody.
_CLOSED = 1e-9


@dataclass(frozen=True, eq=False)
class Market:
    """Baseline with the linearisation that all counterfactuals share."""

    baseline: Baseline
    openness: Floats
    by_negative_inverse: Product

    @classmethod
    def of(cls, baseline: Baseline) -> Market:
        """Linearise the unchanged economy."""
        still = np.zeros((1, len(baseline.output)))
        point = Evaluation.at(baseline, _Fixed(baseline.net), still)
        jacobian = point.jacobian(baseline, baseline.net)
        try:
            inverse = np.linalg.inv(jacobian)
        except np.linalg.LinAlgError:
            inverse = np.full_like(jacobian, np.inf)
        # Countries that trade with nobody have no determinate wage: the shortest step leaves it.
        if not np.abs(inverse).max() < 1e12:
            inverse = np.linalg.pinv(jacobian, rcond=1e-13)
        openness = np.maximum(point.openness(baseline, baseline.net.diagonal()), _CLOSED)
        return cls(baseline, openness, Product(-np.asarray(inverse.T, dtype=np.float64)))

    def step(self, gap: Floats) -> Floats:
        """Newton step for gaps scaled to the baseline's openness, (B, N)."""
        return self.by_negative_inverse(gap)


@dataclass(frozen=True, eq=False)
class _Fixed:
    """One technology as a plain matrix, for Newton's method and the baseline."""

    net: Floats

    def spending(self, u: Floats) -> Floats:
        """Return ``sum_i u_i G_ij``."""
        return u @ self.net

    def sales(self, v: Floats) -> Floats:
        """Return ``sum_j G_ij v_j``."""
        return v @ self.net.T


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The economy at given wages: all of (B, N), but ``error`` (B,) in relative terms."""

    u: Floats
    income: Floats
    demand: Floats
    spending: Floats
    sales: Floats
    gap: Floats
    error: Floats
    numeraire: Floats

    @classmethod
    def at(cls, baseline: Baseline, technology: Technology | _Fixed, x: Floats) -> Evaluation:
        """Evaluate the market at log wages ``x``, (B, N)."""
        u = np.exp(x * -baseline.elasticity)
        income = np.exp(x)
        income *= baseline.output
        spending = technology.spending(u)
        budget = income
        if not baseline.is_balanced:
            # A fixed deficit may exceed a falling income on the way; the end is checked without.
            budget = np.maximum(income + baseline.deficits, 1e-6 * income)
        demand = budget / spending
        sales = technology.sales(demand)
        gap = sales * u
        gap /= income
        np.log(gap, out=gap)
        numeraire = income.sum(axis=1) - 1.0
        error = np.maximum(np.abs(gap).max(axis=1), np.abs(numeraire))
        if not baseline.is_balanced:
            solvent = (income + baseline.deficits > 0.0).all(axis=1)
            error = np.where(solvent, error, np.inf)
        return cls(u, income, demand, spending, sales, gap, error, numeraire[:, None])

    def openness(self, baseline: Baseline, domestic: Floats) -> Floats:
        """Minus the diagonal of the Jacobian but for its small terms: how open each country is."""
        theta = baseline.elasticity
        bought_home = domestic * self.u
        bought_home /= self.spending
        if baseline.is_balanced:
            bought_home *= theta
            bought_home += 1.0
        else:
            bought_home = bought_home * theta + self.income / (self.income + baseline.deficits)
        sold_home = domestic * self.demand
        sold_home /= self.sales
        sold_home *= bought_home
        return np.asarray(1.0 + theta - sold_home)

    def jacobian(self, baseline: Baseline, net: Floats) -> Floats:
        """Derivative of ``gap - numeraire`` by log wages for a single technology, (N, N).

        The numeraire enters as a rank-one term; by Walras' law the gaps vanish with the sum.
        """
        theta = baseline.elasticity
        sold = net * self.demand[0] / self.sales[0, :, None]
        bought = net * self.u[0, :, None] / self.spending[0]
        own = self.income[0] / (self.income[0] + baseline.deficits)
        jacobian = sold * own + theta * (sold @ bought.T) - self.income[0]
        jacobian.flat[:: len(net) + 1] -= 1.0 + theta
        return np.asarray(jacobian)


@dataclass(eq=False)
class Wages:
    """What the solver found: log wages, ``sum_i u_i G_ij`` (B, N); residuals, evaluations (B,)."""

    log_wages: Floats
    spending: Floats
    residual: Floats
    iterations: Indices

    def note(self, rows: Indices, new: Bools, x: Floats, point: Evaluation, attempt: int) -> None:
        """Note what solves the new ones (B,) among the rows at hand, and after which attempt."""
        self.log_wages[rows[new]] = x[new]
        self.spending[rows[new]] = point.spending[new]
        self.residual[rows[new]] = point.error[new]
        self.iterations[rows[new]] = attempt


@dataclass(eq=False)
class _Memory:
    """Broyden's update for every row, kept as the steps it was learnt from (Kelley 1995, 7.3)."""

    steps: list[Floats] = field(default_factory=list)
    weights: list[Floats] = field(default_factory=list)

    def improve(self, step: Floats) -> Floats:
        """Return the step corrected by what earlier steps taught."""
        for earlier, weight, later in zip(self.steps, self.weights, self.steps[1:], strict=False):
            if weight.any():
                step += later * (np.vecdot(earlier, step) * weight)[:, None]
        if self.steps:
            last = np.vecdot(self.steps[-1], step) * self.weights[-1]
            step /= (1.0 - np.clip(last, -2.0, 0.7))[:, None]
        return step

    def learn(self, step: Floats, trust: Bools) -> None:
        """Keep a step; rows without trust forget everything up to it."""
        length = np.vecdot(step, step)
        usable = trust & (length > 0.0)
        weight = np.divide(1.0, length, out=np.zeros_like(length), where=usable)
        if not trust.all():
            for earlier in self.weights:
                earlier[~trust] = 0.0
        self.steps.append(step)
        self.weights.append(weight)

    def take(self, rows: Bools) -> None:
        """Keep only some of the rows."""
        self.steps = [s[rows] for s in self.steps]
        self.weights = [w[rows] for w in self.weights]


def clear_markets(
    market: Market, technology: Technology, start: Floats, tolerance: float = TOLERANCE
) -> Wages:
    """Find log wages at which every country sells what it produces.

    Parameters
    ----------
    market
        Baseline and its linearisation.
    technology
        The counterfactuals, B of them.
    start
        Log wages to start from, (B, N).
    tolerance
        Residual at which a counterfactual counts as solved.

    Returns
    -------
    Wages
        Residuals above the tolerance mark counterfactuals that were not solved.
    """
    count = len(start)
    found = Wages(
        np.array(start), np.empty_like(start), np.full(count, np.inf), np.full(count, _ATTEMPTS)
    )
    with np.errstate(all="ignore"):
        _search(market, technology, found, tolerance)
        for row in np.flatnonzero(~(found.residual <= tolerance)):
            _newton(market.baseline, technology.matrix(int(row)), found, int(row))
    return found


def _search(market: Market, technology: Technology, found: Wages, tolerance: float) -> None:
    """Run the quasi-Newton iteration on all rows and note each row when it is solved."""
    x = found.log_wages.copy()
    rows = np.arange(len(x))
    memory = _Memory()
    before = np.full(len(x), np.inf)
    unsolved = np.ones(len(x), dtype=np.bool_)
    left = len(x)
    for attempt in range(1, _ATTEMPTS + 1):
        point = Evaluation.at(market.baseline, technology, x)
        solved = point.error <= tolerance
        if solved.any():
            found.note(rows, solved & unsolved, x, point, attempt)
            unsolved = unsolved & ~solved
            left = int(np.count_nonzero(unsolved))
        if not left or attempt == _ATTEMPTS:
            return
        if attempt in _ADAPT:
            openness = np.maximum(point.openness(market.baseline, technology.domestic), _CLOSED)
            scale = market.openness / openness
        step = _limited(memory.improve(market.step(point.gap * scale - point.numeraire)))
        trust = (point.error < _LEARN_BELOW) & (point.error < 2.0 * before)
        memory.learn(step, trust)
        x, before = x + step, point.error
        if technology.spare * left <= len(rows):
            memory.take(unsolved)
            technology = technology.take(np.flatnonzero(unsolved))
            rows = rows[unsolved]
            x, before, scale = x[unsolved], before[unsolved], scale[unsolved]
            unsolved = np.ones(left, dtype=np.bool_)


def _limited(step: Floats) -> Floats:
    """Shorten in place the rows that go further than a stride."""
    # Written so that a row that went astray (NaN) does not keep the others from being limited.
    if not max(step.max(), -step.min()) <= _STRIDE:
        reach = np.maximum(step.max(axis=1), -step.min(axis=1))
        step *= (_STRIDE / np.maximum(reach, _STRIDE))[:, None]
    return step


def _newton(baseline: Baseline, net: Floats, found: Wages, row: int) -> None:
    """Solve one counterfactual by Newton's method with backtracking, from unchanged wages."""
    technology = _Fixed(net)
    x = np.zeros((1, len(net)))
    point = Evaluation.at(baseline, technology, x)
    for _ in range(100):
        found.iterations[row] += 1
        if point.error[0] <= TOLERANCE:
            break
        right = point.gap[0] - point.numeraire[0]
        try:
            step = -np.linalg.lstsq(point.jacobian(baseline, net), right, rcond=1e-15)[0]
        except np.linalg.LinAlgError:
            break
        step *= min(1.0, _STRIDE / max(np.abs(step).max(), _STRIDE))
        for halving in range(12):
            # Held by scaling, the numeraire does not stand in the way of long steps.
            tried = x + step * 0.5**halving
            tried -= np.log(np.exp(tried) @ baseline.output)
            candidate = Evaluation.at(baseline, technology, tried)
            if candidate.error[0] < point.error[0] * (1.0 - 0.1 * 0.5**halving):
                break
        else:
            break
        x, point = tried, candidate
    found.log_wages[row], found.spending[row] = x[0], point.spending[0]
    found.residual[row] = point.error[0]
