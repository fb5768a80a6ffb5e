"""What is known of bilateral trade, and an estimate for the rest.

Three kinds of pairs: those whose flow is published and stands as it is; pairs of two states that
the source covers and that it does not list, which trade less than its threshold; and pairs with a
state that the source does not cover, of which nothing is known. Gravity gives the last two their
pattern, recorded totals their sum.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.kernels.ras import fill
from sim.types import Bools, Floats
from sim.world.tables import Table

THRESHOLD = 0.05
"""Flows of at least this much, in billion USD, are in ``flows.csv``; pairs it leaves out are below
(``columns.csv``)."""


@dataclass(frozen=True)
class KnownFlows:
    """Published bilateral flows.

    Attributes
    ----------
    flows
        Exports from i to j, billion USD, shape (N, N); zero where not known.
    is_known
        Pairs whose flow is published, shape (N, N).
    is_covered
        States whose trade the main source covers, shape (N,).
    """

    flows: Floats
    is_known: Bools
    is_covered: Bools

    @property
    def is_small(self) -> Bools:
        """Pairs known to trade less than the threshold, shape (N, N)."""
        small: Bools = ~self.is_known & np.outer(self.is_covered, self.is_covered)
        np.fill_diagonal(small, False)
        return small


def known_flows(main: Table, other: Table, index: Mapping[str, int]) -> KnownFlows:
    r"""Read the published flows.

    Parameters
    ----------
    main
        Flows of the source that covers nearly all states (``flows.csv``).
    other
        Flows of states that it does not cover (``flows_other.csv``).
    index
        Row of each state.

    Raises
    ------
    DataError
        If a cell holds no state or no number.

    Examples
    --------
    >>> from sim.world.tables import parse_table
    >>> head = b"exporter,importer,musd\n"
    >>> known = known_flows(
    ...     parse_table("a.csv", head + b"FRA,DEU,90000\n", ["musd"]),
    ...     parse_table("b.csv", head + b"TWN,DEU,8100\n", ["musd"]),
    ...     {"DEU": 0, "FRA": 1, "TWN": 2},
    ... )
    >>> known.flows[:, 0].tolist(), known.is_covered.tolist()
    ([0.0, 90.0, 8.1], [True, True, False])
    """
    size = len(index)
    flows = np.zeros((size, size))
    is_known = np.zeros((size, size), dtype=bool)
    is_covered = np.zeros(size, dtype=bool)
    for table in (main, other):
        for row in table:
            i, j = row.state("exporter", index), row.state("importer", index)
            flows[i, j], is_known[i, j] = row.number("musd") / 1e3, True
            if table is main:
                is_covered[[i, j]] = True
    return KnownFlows(flows, is_known, is_covered)


def completed(known: KnownFlows, recorded: tuple[Floats, Floats], pattern: Floats) -> Floats:
    """All flows: the published ones as they are, the others by a pattern within recorded totals.

    The totals of covered states do not contain their trade with states that are not covered, which
    comes on top. What their totals leave beyond the published flows is trade in small pairs and
    with territories that are no state of the world; it is placed as far as pairs below the
    threshold can hold it.

    Parameters
    ----------
    known
        The published flows.
    recorded
        Exports and imports, shape (N,) each, billion USD.
    pattern
        Trade expected between pairs, shape (N, N), any scale, zero on the diagonal.

    Returns
    -------
    NDArray
        Exports from i to j, billion USD, shape (N, N), zero on the diagonal.
    """
    inside = np.outer(known.is_covered, known.is_covered)
    flows = _with_uncovered(known, recorded, pattern)
    rest = [
        np.maximum(total - np.where(inside, known.flows, 0.0).sum(axis=axis), 0.0)
        for total, axis in zip(recorded, (1, 0), strict=True)
    ]
    small = known.is_small
    # Totals are met or fallen short of whatever the tolerance; it is about the pattern alone.
    below = fill(np.where(small, pattern, 0.0), rest[0], rest[1], THRESHOLD, tolerance=1e-4)
    return np.where(small, below, flows)


def _with_uncovered(known: KnownFlows, recorded: tuple[Floats, Floats], pattern: Floats) -> Floats:
    """Published flows, and the rest of the trade of states that the source does not cover."""
    exports, imports = recorded
    outside = ~known.is_covered
    open_rows = np.where(known.is_known | ~outside[:, None], 0.0, pattern)
    left = np.maximum(exports - known.flows.sum(axis=1), 0.0) * outside
    flows = known.flows + _spread(left, open_rows)
    # Exports of one such state to another are placed by now.
    is_open = ~known.is_known & known.is_covered[:, None] & outside[None, :]
    left = np.maximum(imports - flows.sum(axis=0), 0.0) * outside
    return np.asarray(flows + _spread(left, np.where(is_open, pattern, 0.0).T).T)


def _spread(total: Floats, pattern: Floats) -> Floats:
    """Totals of rows in proportion to a pattern."""
    sums = pattern.sum(axis=1)
    share = np.divide(total, sums, out=np.zeros_like(total), where=sums > 0)
    return np.asarray(share[:, None] * pattern)
