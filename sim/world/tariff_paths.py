"""Tariffs that change from day to day: dated steps of law, and their mean over a quarter.

A step says who charges what on which goods of whom, from which day. Of the steps of one instrument
that are in force the narrowest counts (named goods before all goods, named states before groups,
groups before all), and of two alike the later one. Instruments add up. Goods are weighted by their
share in what the importer buys from the exporter, so that a rate on cars becomes one on all trade.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sim.types import Floats

__all__ = ["ALL", "CODE", "GROUP", "NOT", "REST", "Step", "TariffPath"]


REST = "rest"
"""Goods that no row of the table of shares names."""

NOT, ALL, GROUP, CODE = -1, 0, 1, 2
"""How narrowly a step names a state."""


@dataclass(frozen=True)
class Step:
    """One line of a path.

    Attributes
    ----------
    first, until
        First day, and the day after the last (None = open).
    importers
        Rows of those who charge.
    exporter
        (N,) how narrowly each exporter is named: as `ALL`, in a `GROUP`, by its `CODE`, `NOT`.
    products
        Goods; empty = all.
    rate
        Fraction; of `is_all_in` steps the ordinary duty is a part.
    charged
        Share of the goods that pays.
    """

    first: date
    until: date | None
    importers: frozenset[int]
    exporter: NDArray[np.int8]
    instrument: str
    products: tuple[str, ...]
    rate: float
    is_all_in: bool
    charged: float

    def holds(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.first <= day and (self.until is None or day < self.until)


@dataclass(frozen=True)
class TariffPath:
    """Additional tariffs that change on known days.

    Attributes
    ----------
    name
        Name of the table.
    steps
        Its lines, by first day.
    goods, shares
        Kinds of goods, and their shares [importer, exporter, goods] in trade (sum 1).
    """

    name: str
    steps: tuple[Step, ...]
    goods: tuple[str, ...]
    shares: Floats

    def changes(self) -> tuple[date, ...]:
        """The days on which rates change, in order."""
        days = {step.first for step in self.steps} | {s.until for s in self.steps if s.until}
        return tuple(sorted(days))

    def on(self, day: date, ordinary: Floats) -> Floats:
        """Additional tariff of importer j on exporter i on a day.

        Parameters
        ----------
        day
            The day.
        ordinary
            (N, N) ordinary tariff, fraction: what a rate that includes it is above.

        Returns
        -------
        NDArray
            (N, N), fraction, 0 on the diagonal.
        """
        total = np.zeros_like(ordinary)
        lines: dict[tuple[int, str], list[Step]] = {}
        for step in self.steps:
            if step.holds(day):
                for j in step.importers:
                    lines.setdefault((j, step.instrument), []).append(step)
        for (j, _), alike in sorted(lines.items(), key=lambda entry: entry[0]):
            total[:, j] += (self._rates(alike, ordinary[:, j]) * self.shares[j]).sum(axis=1)
        np.fill_diagonal(total, 0.0)
        return total

    def mean(self, first: date, until: date, ordinary: Floats) -> Floats:
        """Mean of `on` over the days from `first` until the day before `until`.

        Examples
        --------
        Ten points on all goods from 16 January on, ten more on the half that are cars:

        >>> who = {"importers": frozenset({0}), "exporter": np.array([NOT, ALL], dtype=np.int8)}
        >>> other = {"until": None, "is_all_in": False, "charged": 1.0, "rate": 0.1, **who}
        >>> path = TariffPath(
        ...     "mine",
        ...     (
        ...         Step(date(2025, 1, 16), instrument="all", products=(), **other),
        ...         Step(date(2025, 1, 16), instrument="cars", products=("cars",), **other),
        ...     ),
        ...     ("cars", REST),
        ...     np.full((2, 2, 2), 0.5),
        ... )
        >>> float(path.mean(date(2025, 1, 1), date(2025, 1, 31), np.zeros((2, 2)))[1, 0].round(9))
        0.075
        """
        if until <= first:
            return np.zeros_like(ordinary)
        days = [first, *(day for day in self.changes() if first < day < until), until]
        total = np.zeros_like(ordinary)
        for one, two in pairwise(days):
            total += (two - one).days * self.on(one, ordinary)
        return total / (until - first).days

    def _rates(self, alike: list[Step], ordinary: Floats) -> Floats:
        """Rates of one importer by one instrument, (N, goods): the narrowest step's, then later."""
        rates = np.zeros((ordinary.size, len(self.goods)))
        narrowing = sorted(
            ((step, width) for step in alike for width in (ALL, GROUP, CODE)),
            key=lambda pair: (bool(pair[0].products), pair[1], pair[0].first),
        )
        for step, width in narrowing:
            who = np.flatnonzero(step.exporter == width)
            what = np.array([self.goods.index(name) for name in step.products or self.goods])
            added = np.maximum(step.rate - ordinary[who], 0.0) if step.is_all_in else step.rate
            paid = np.broadcast_to(step.charged * np.asarray(added), who.shape)
            rates[np.ix_(who, what)] = paid[:, None]
        return rates
