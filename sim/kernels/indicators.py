"""Measures of outcomes: weighted means, inequality, modularity."""

from __future__ import annotations

import networkx as nx
import numpy as np

from sim.types import Bools, Floats

__all__ = ["dependence", "gini", "mean_change", "modularity", "weighted_rate"]


def mean_change(ratio: Floats, weight: Floats) -> float:
    """Weighted mean of ratios as a change in percent; NaN without weight.

    Examples
    --------
    >>> round(mean_change(np.array([1.1, 1.0]), np.array([1.0, 1.0])), 6)
    5.0
    """
    total = weight.sum()
    return float(100.0 * ((ratio * weight).sum() / total - 1.0)) if total > 0 else float("nan")


def weighted_rate(rate: Floats, flows: Floats) -> float:
    """Mean of a rate (S, S) in percent, weighted by flows (S, S) off the diagonal."""
    outside = flows.copy()
    np.fill_diagonal(outside, 0.0)
    return float(100.0 * (rate * outside).sum() / outside.sum())


def gini(value: Floats, weight: Floats) -> float:
    """Gini coefficient of non-negative values with population weights (0 equal, 1 one has all).

    Examples
    --------
    >>> gini(np.array([1.0, 1.0]), np.ones(2)), gini(np.array([0.0, 1.0]), np.ones(2))
    (0.0, 0.5)
    """
    order = np.argsort(value, kind="stable")
    w = weight[order] / weight.sum()
    held = np.concatenate([[0.0], np.cumsum(value[order] * w)])
    if held[-1] <= 0:
        return 0.0
    area = float((w * (held[1:] + held[:-1])).sum() / held[-1])
    return max(1.0 - area, 0.0)


def dependence(flows: Floats, is_power: Bools, is_asked: Bools) -> float:
    """Share of trade that states have with the major power they trade most with (0-1).

    The mean over the states asked about, weighted by their trade; NaN where they have none. Trade
    that hangs on one power is what that power can take away (Hirschman 1945, National Power and the
    Structure of Foreign Trade); one less it is an index of autonomy.

    Parameters
    ----------
    flows
        (S, S) trade, nothing on the diagonal.
    is_power, is_asked
        (S,) major powers, and whose dependence it is.

    Examples
    --------
    >>> flows = np.array([[0.0, 1.0, 6.0], [1.0, 0.0, 2.0], [0.0, 0.0, 0.0]])
    >>> dependence(flows, np.array([True, True, False]), np.array([False, False, True]))
    0.75
    """
    both = flows + flows.T
    most = np.where(is_power[:, None], both, 0.0).max(axis=0)
    total = float(both.sum(axis=0)[is_asked].sum())
    return float(most[is_asked].sum() / total) if total > 0 else float("nan")


def modularity(linked: Bools) -> float:
    """Modularity of the best partition found of an undirected network (S, S).

    High when agreements cluster in regions with few between them: fragmentation.

    Notes
    -----
    The Louvain method (Blondel et al. 2008, J. Stat. Mech. P10008) in a fixed random order, so that
    the same network has the same value. States with the same partners (the members of the EU) enter
    as one node, which loses nothing and is several times faster. 0 for a network without links.

    Examples
    --------
    >>> two = np.kron(np.eye(2), np.ones((3, 3))).astype(bool)
    >>> round(modularity(two), 3)
    0.5
    """
    around = np.packbits(linked | np.eye(len(linked), dtype=bool), axis=1)
    rows = [row.tobytes() for row in around]
    place = {kind: n for n, kind in enumerate(sorted(set(rows)))}
    groups = np.eye(len(place))[[place[row] for row in rows]]
    links = groups.T @ linked @ groups
    np.fill_diagonal(links, 0.5 * np.diag(links))
    if not links.any():
        return 0.0
    network = nx.empty_graph(len(links))
    at = np.nonzero(np.triu(links))  # each once: half the work of `from_numpy_array`
    network.add_weighted_edges_from(zip(*(x.tolist() for x in (*at, links[at])), strict=True))
    parts = nx.community.louvain_communities(network, seed=0)
    return float(nx.community.modularity(network, parts))
