"""The trade equilibrium from the textbook, in levels and loops of sums, to check the fast kernel.

Preferences of country j over goods by origin, constant elasticity of substitution 1 + theta:
taste weights a[i, j], price of a good p[i, j] = w[i] d[i, j] (1 + t[i, j]). Tastes are chosen so
that at unit wages and costs the model returns the observed flows; no changes ("hats") are used.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import root


def demand(tastes, wages, costs, tariffs, elasticity, spending):
    """Spending by origin and destination, tariff included, and price indices."""
    price = wages[:, None] * costs * (1.0 + tariffs)
    weight = tastes * price**-elasticity
    return weight / weight.sum(axis=0) * spending, weight.sum(axis=0) ** (-1.0 / elasticity)


def economy(flows, tariffs, elasticity):
    """Tastes, labour endowments and deficits that reproduce the observed flows at unit wages."""
    paid = flows * (1.0 + tariffs)
    tastes = paid * (1.0 + tariffs) ** elasticity / paid.sum(axis=0)
    labour = flows.sum(axis=1)
    return tastes, labour, flows.sum(axis=0) - labour


def at_wages(model, wages, costs, tariffs, elasticity, deficits):
    """Flows at producer prices, expenditure and prices when all income is spent.

    Revenue and expenditure determine each other: E = w L + D + sum_i t_i / (1 + t_i) share_i E.
    """
    tastes, labour, _ = model
    share, prices = demand(tastes, wages, costs, tariffs, elasticity, 1.0)
    revenue_share = (share * tariffs / (1.0 + tariffs)).sum(axis=0)
    spending = (wages * labour + deficits) / (1.0 - revenue_share)
    return share * spending / (1.0 + tariffs), spending, prices


def solve(model, costs, tariffs, elasticity, deficits):
    """Wages at which each country sells what it produces; world output stays what it was.

    The last market is replaced by the numeraire, as Walras' law allows.
    """
    labour = model[1]

    def excess(log_wages):
        wages = np.exp(log_wages)
        sold = at_wages(model, wages, costs, tariffs, elasticity, deficits)[0].sum(axis=1)
        gap = (sold - wages * labour) / labour
        return np.append(gap[:-1], (wages * labour).sum() / labour.sum() - 1.0)

    found = root(excess, np.zeros(len(labour)), method="hybr", options={"xtol": 1e-14})
    wages = np.exp(found.x)
    if not np.abs(excess(found.x)).max() < 1e-10:
        raise ArithmeticError(found.message)
    if not (wages * labour + deficits > 0.0).all():
        raise ArithmeticError("a country spends less than nothing")
    return wages


def counterfactual(flows, tariffs, elasticity, new_tariffs, costs, *, balanced):
    """Welfare and wages relative to the baseline, and the new flows."""
    ones = np.ones_like(flows)
    if balanced:
        model = economy(flows, tariffs, elasticity)
        zero = np.zeros(len(flows))
        wages = solve(model, ones, tariffs, elasticity, zero)
        flows = at_wages(model, wages, ones, tariffs, elasticity, zero)[0]
    model = economy(flows, tariffs, elasticity)
    deficits = np.zeros(len(flows)) if balanced else model[2]
    before = at_wages(model, np.ones(len(flows)), ones, tariffs, elasticity, deficits)
    wages = solve(model, costs, new_tariffs, elasticity, deficits)
    after = at_wages(model, wages, costs, new_tariffs, elasticity, deficits)
    welfare = after[1] / after[2] / (before[1] / before[2])
    return welfare, wages, after[0]
