"""What the agreements that states have, and do not have, say of their taste for one another.

A pair has an agreement when both sides want one (Poirier 1980). A pair that by its gains, democracy
and alliance ought to have one and has none is likely to have a side that does not want it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from sim.kernels.acceptance import gain_utility, mean_over_partners, side_residual
from sim.kernels.armington import Changes
from sim.kernels.bargaining import logistic
from sim.memo import remembered
from sim.types import Bools, Floats, Indices

if TYPE_CHECKING:
    from sim.setting import Setting

__all__ = ["Units", "history_of", "known_units"]


_DEPTH = 0.05  # trade-cost cut of the agreement of which the estimates of the stock are
_BATCH = 256  # pairs solved at a time


def history_of(setting: Setting, partners: Bools) -> Floats:
    """(S,) mean over new partners of the posterior mean of a state's residual towards them.

    Parameters
    ----------
    partners
        (S, S) partners [i, j] with whom i has no agreement.

    Returns
    -------
    Logits; 0 without new partners. Pairs that had an agreement on the first day of the run, and
    have lost it since, say nothing. Members of a customs union share that of the union.
    """
    return mean_over_partners(_known(setting, None).residuals(setting, partners), partners)


@remembered(keep=1)
def _known(setting: Setting, _: None) -> Units:
    return Units.of(setting)


def known_units(setting: Setting) -> Units:
    """Units of a setting, with the gains of pairs that were asked for so far."""
    return _known(setting, None)


@dataclass(frozen=True, eq=False)
class Units:
    """Gains of pairs on the first day, over U units: states, and customs unions as one.

    It fills as pairs are asked for. What it holds follows from the setting alone, whoever asks
    first, so that a run with it and one without memory are the same.

    Attributes
    ----------
    states
        (U, S) states of each unit.
    unit
        (S,) unit of each state.
    gain
        (U, U) gain of i from an agreement with j alone, percent of income; NaN if not asked yet.
    """

    states: Bools
    unit: Indices
    weight: Floats
    fixed: Floats
    has_agreement: Bools
    gain: Floats = field(repr=False)

    @classmethod
    def of_units(cls, setting: Setting, of: Bools) -> Units:
        """With nothing asked yet."""
        world = setting.world
        by_gdp = of * world.gdp
        by_gdp = by_gdp / by_gdp.sum(axis=1, keepdims=True)
        democracy = by_gdp @ world.polyarchy
        weight = of * setting.income
        lead = np.argmax(of, axis=1)
        return cls(
            states=of,
            unit=np.argmax(of, axis=0),
            weight=weight / weight.sum(axis=1, keepdims=True),
            fixed=setting["stock_constant"]
            + setting["stock_lower_polyarchy"] * np.minimum.outer(democracy, democracy)
            + setting["stock_pact"] * (by_gdp @ world.has_defence_pact @ by_gdp.T),
            has_agreement=world.has_agreement[np.ix_(lead, lead)],
            gain=np.full((len(of), len(of)), np.nan),
        )

    @classmethod
    def of(cls, setting: Setting) -> Units:
        """Units of a setting."""
        unions = list(setting.unions("trade").values())
        left = np.ones(len(setting.axes.states), dtype=bool)
        for union in unions:
            left &= ~union
        single = [np.arange(left.size) == n for n in np.flatnonzero(left)]
        return cls.of_units(setting, np.array([*single, *unions], dtype=bool))

    def residuals(self, setting: Setting, partners: Bools) -> Floats:
        """(S, S) posterior means for the pairs of a mask, 0 elsewhere."""
        i, j = np.nonzero(partners)
        one, two = self.unit[i], self.unit[j]
        counts = (one != two) & ~self.has_agreement[one, two]
        i, j, one, two = (index[counts] for index in (i, j, one, two))
        self._learn(setting, one, two)
        own = logistic(self._utility(setting, one, two))
        other = logistic(self._utility(setting, two, one))
        found = np.zeros(partners.shape)
        found[i, j] = side_residual(own, other, np.zeros(own.size, dtype=bool))
        return found

    def every_utility(self, setting: Setting, asked: Bools | None = None) -> Floats:
        """(U, U) utility of unit i of an agreement with j, by the model of the stock, logits.

        Of pairs without an agreement on the first day, whose gains are worked out; NaN elsewhere.

        Parameters
        ----------
        asked
            (U, U) pairs that are wanted, in either order; all if not given.
        """
        open_to = ~self.has_agreement & ~np.eye(len(self.states), dtype=bool)
        one, two = np.nonzero(open_to if asked is None else open_to & (asked | asked.T))
        self._learn(setting, one, two)
        found = np.full(self.gain.shape, np.nan)
        found[one, two] = self._utility(setting, one, two)
        return found

    def gains_of(self, setting: Setting, row: int, partners: Bools) -> Floats:
        """(U,) gain of a unit from an agreement with each of some partners (U,); NaN elsewhere."""
        two = np.flatnonzero(partners & ~self.has_agreement[row])
        two = two[two != row]
        self._learn(setting, np.full(two.size, row), two)
        return np.where(partners, self.gain[row], np.nan)

    def gains_by(self, setting: Setting, row: int, partners: Bools) -> Floats:
        """(U,) gain of each of some partners (U,) from an agreement with a unit; NaN elsewhere."""
        self.gains_of(setting, row, partners)  # what both sides gain is learnt together
        return np.where(partners, self.gain[:, row], np.nan)

    def _utility(self, setting: Setting, one: Indices, two: Indices) -> Floats:
        """Utility of having an agreement, as estimated on the stock of agreements."""
        half = setting["stock_half_gain"]
        return self.fixed[one, two] + gain_utility(self.gain[one, two], setting["stock_gain"], half)

    def _learn(self, setting: Setting, one: Indices, two: Indices) -> None:
        """Work out the gains of pairs of units that are not known yet."""
        new = np.isnan(self.gain[one, two])
        if not new.any():
            return
        asked = np.unique(np.sort(np.stack([one[new], two[new]]), axis=0), axis=1).T
        for at in range(0, len(asked), _BATCH):
            some = asked[at : at + _BATCH]
            solved = setting.economy.solve_changes([self._alone(*pair) for pair in some.tolist()])
            gain = 100.0 * (np.asarray(solved.welfare) - 1.0)
            for row, (a, b) in enumerate(some.tolist()):
                self.gain[a, b] = gain[row] @ self.weight[a]
                self.gain[b, a] = gain[row] @ self.weight[b]

    def _alone(self, a: int, b: int) -> Changes:
        """No tariffs and lower trade costs between two units, and nowhere else."""
        first, second = np.flatnonzero(self.states[a]), np.flatnonzero(self.states[b])
        i, j = (g.ravel() for g in np.meshgrid(first, second, indexing="ij"))
        exporter, importer = np.concatenate([i, j]), np.concatenate([j, i])
        cost = np.full(exporter.size, 1.0 - _DEPTH)
        return Changes(exporter, importer, np.zeros(exporter.size), cost)
