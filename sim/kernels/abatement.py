"""What it costs to cut emissions, what that avoids, and how far parties go alone or together.

Marginal costs rise in proportion to the share of emissions that is cut, and each tonne avoids the
same damage: the form of Barrett (1994) in which a cut pays a state up to the share at which its
marginal cost equals what a tonne is worth to those for whom it acts.
"""

from __future__ import annotations

import numpy as np

from sim.types import Floats

__all__ = [
    "abatement_cost",
    "best_cut",
    "cost_slope",
    "damage_shares",
    "fading_trend",
    "fuel_gain",
    "paid_cut",
    "percent_of_income",
    "voters_worth",
]


def cost_slope(price: float, share: float) -> float:
    """Marginal cost of the last tonne of a complete cut, USD per tonne.

    Parameters
    ----------
    price
        Price (USD per tonne) at which a share of emissions is cut.
    share
        That share, above 0.

    Examples
    --------
    >>> cost_slope(75.0, 0.3)
    250.0
    """
    return price / share


def abatement_cost(cut: Floats, slope: float) -> Floats:
    """Cost of a cut, USD per tonne of emissions before it.

    Parameters
    ----------
    cut
        Share of emissions cut, 0–1 (any shape).
    slope
        As by `cost_slope`.

    Examples
    --------
    Twice the cut costs four times as much:

    >>> abatement_cost(np.array([0.1, 0.2]), 250.0).round(3).tolist()
    [1.25, 5.0]
    """
    return np.asarray(0.5 * slope * cut**2)


def best_cut(worth: Floats, slope: float) -> Floats:
    """Share of emissions whose cut pays those to whom a tonne is worth so much.

    Parameters
    ----------
    worth
        USD per tonne (any shape).
    slope
        As by `cost_slope`.

    Returns
    -------
    Share, 0–1.

    Examples
    --------
    >>> best_cut(np.array([0.0, 50.0, 500.0]), 250.0).tolist()
    [0.0, 0.2, 1.0]
    """
    return np.asarray(np.clip(worth / slope, 0.0, 1.0))


def damage_shares(income: Floats, population: Floats, elasticity: float) -> Floats:
    """Share of world damage that each state bears.

    In proportion to income, and by so much more in percent where income per head is lower.

    Parameters
    ----------
    income, population
        (S,) in any unit; a state without income bears nothing.
    elasticity
        Of damage in percent of income with respect to income per head, with the sign turned.

    Returns
    -------
    (S,) shares that add up to 1.

    Examples
    --------
    Of two states with one income, the more populous and hence poorer bears more:

    >>> damage_shares(np.array([1.0, 1.0]), np.array([1.0, 8.0]), 1 / 3).round(3).tolist()
    [0.333, 0.667]
    """
    has_any = (income > 0) & (population > 0)
    per_head = np.where(has_any, income, 1.0) / np.where(has_any, population, 1.0)
    burden = np.where(has_any, income * per_head**-elasticity, 0.0)
    return np.asarray(burden / burden.sum())


def fading_trend(growth: Floats, years: float, half_life: float) -> Floats:
    """Growth over some years of a trend that fades, as a factor.

    Parameters
    ----------
    growth
        (S,) logs a year at first.
    years
        Years since then; negative for years before, in which the trend was what it is at first.
    half_life
        Years in which half of the trend is gone.

    Examples
    --------
    >>> fading_trend(np.array([0.1]), 0.0, 5.0).tolist()
    [1.0]
    >>> late = fading_trend(np.array([0.1]), 500.0, 5.0)
    >>> bool(np.isclose(np.log(late[0]), 0.1 * 5.0 / np.log(2.0)))
    True
    """
    rate = np.log(2.0) / half_life
    passed = years if years < 0 else -np.expm1(-rate * years) / rate
    return np.asarray(np.exp(growth * passed))


def fuel_gain(net_exports: Floats, response: float, emissions: float) -> Floats:
    """What a state gains by fuels that get cheaper for each tonne that anybody cuts, USD.

    What is cut is not bought, and the price follows demand down along the supply curve: who sells
    loses what who buys gains.

    Parameters
    ----------
    net_exports
        (S,) net sales of fuels abroad, billion USD a year; they need not add up to nothing as they
        are recorded, and are made to.
    response
        Percent by which the price falls when the world's emissions fall by a percent.
    emissions
        Of the world, million tonnes a year.

    Examples
    --------
    >>> fuel_gain(np.array([100.0, -60.0, -40.0]), 1.0, 20_000.0).tolist()
    [-5.0, 3.0, 2.0]
    """
    gross = np.abs(net_exports)
    if not gross.any() or emissions <= 0:
        return np.zeros_like(net_exports)
    balanced = net_exports - gross / gross.sum() * net_exports.sum()
    return np.asarray(-1000.0 * response * balanced / emissions)


def voters_worth(share: float, democracy: Floats, income: Floats, emissions: Floats) -> Floats:
    """What a tonne cut at home is worth to voters whom the government answers to, USD.

    Parameters
    ----------
    share
        Of income that they would give for a complete cut at home (fraction).
    democracy
        (S,) how far the government answers to them, 0-1.
    income
        (S,) billion USD a year.
    emissions
        (S,) million tonnes a year; where there are none, nothing can be cut.

    Examples
    --------
    Who earns more by the tonne would give more for it:

    >>> one = np.ones(3)
    >>> voters_worth(0.01, np.array([1, 1, 0.5]), 500 * one, np.array([50.0, 100.0, 0.0])).tolist()
    [100.0, 50.0, 0.0]
    """
    has_any = emissions > 0
    by_tonne = np.where(has_any, 1000.0 * income / np.where(has_any, emissions, 1.0), 0.0)
    return np.asarray(share * democracy * by_tonne)


def paid_cut(money: float, emissions: Floats, in_place: Floats, slope: float) -> float:
    """Share of emissions by which all cut more when others pay what that costs.

    Parameters
    ----------
    money
        Million USD a year.
    emissions
        (S,) million tonnes a year of those who are paid, 0 of others.
    in_place
        (S,) share of them that is cut already.
    slope
        As by `cost_slope`.

    Examples
    --------
    The first tonnes are the cheapest, so that four times the money cuts twice as much:

    >>> tonnes, nothing = np.full(2, 1000.0), np.zeros(2)
    >>> [round(paid_cut(m, tonnes, nothing, 250.0), 3) for m in (2500.0, 10_000.0)]
    [0.1, 0.2]
    """
    total = float(emissions.sum())
    if total <= 0:
        return 0.0
    before = float(emissions @ in_place)
    root = np.sqrt(before**2 + 2.0 * total * money / slope)
    return float(np.clip((root - before) / total, 0.0, 1.0))


def percent_of_income(millions: Floats, income: Floats) -> Floats:
    """An amount in percent of annual income; nothing where no income is known.

    Parameters
    ----------
    millions
        (S,) million USD a year.
    income
        (S,) billion USD a year.

    Examples
    --------
    >>> percent_of_income(np.array([20.0, 1.0]), np.array([2.0, 0.0])).tolist()
    [1.0, 0.0]
    """
    has_any = income > 0
    return np.where(has_any, 0.1 * millions / np.where(has_any, income, 1.0), 0.0)
