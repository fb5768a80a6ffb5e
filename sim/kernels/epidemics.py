"""Outbreaks: how severe they are, how far they reach, whom they strike and what they cost.

Severity is the number of deaths a year for each thousand people of the world, as in Marani et al.
(2021), *Intensity and frequency of extreme novel epidemics*, PNAS 118 (35), e2105482118, who fit a
generalised Pareto law to epidemics since 1600.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.types import Floats

__all__ = [
    "AT_HOME",
    "MARANI",
    "QUARTERS",
    "UNTIL_VACCINES",
    "Severity",
    "deaths_where_struck",
    "income_loss",
    "reach",
    "strike_chance",
    "struck_weights",
]

QUARTERS = 6
"""Quarters that an outbreak lasts: 5.6 was the mean of the seven emergencies that the WHO declared
from 2009 on and ended by 2025 (influenza 5, Ebola 6.5 and 4, Zika 3, COVID-19 13, mpox 4 and 4)."""
AT_HOME = 1
"""Quarters before it strikes abroad: COVID-19 from December 2019 to March 2020, Ebola from December
2013 to March 2014."""
UNTIL_VACCINES = 4
"""Quarters before there are vaccines or medicines: COVID-19 until December 2020."""


@dataclass(frozen=True)
class Severity:
    """A generalised Pareto law above a threshold, cut at the largest that it was fitted on.

    Attributes
    ----------
    threshold, scale
        Deaths a year per thousand people of the world.
    shape
        Above 1: the mean would be infinite without the cut.
    largest
        More severe ones are as severe as this.
    above
        Share of outbreaks above the threshold; the others are anywhere below it, evenly.

    Examples
    --------
    One declared emergency in thirty kills as many as were reported dead of COVID-19 in 2020 (0.24
    per thousand) or more, the median fewer than one in a million:

    >>> round(1 / MARANI.exceeded(0.24)), MARANI.quantile(np.array(0.5)).item()
    (31, 0.0008)
    """

    threshold: float
    scale: float
    shape: float
    largest: float
    above: float

    def quantile(self, share: Floats) -> Floats:
        """Severity that a share (any shape, 0 to 1) of outbreaks does not exceed."""
        left = np.clip((1.0 - share) / self.above, 1e-12, 1.0)
        beyond = self.scale / self.shape * (left**-self.shape - 1.0)
        below = self.threshold * np.minimum(share / (1.0 - self.above), 1.0)
        return np.asarray(np.minimum(below + beyond, self.largest))

    def cells(self) -> tuple[Floats, Floats]:
        """Severities and their chances, few, over which means are taken: finer in the tail."""
        beyond = self.exceeded(self.largest)
        edges = np.concatenate(
            [np.linspace(1.0, self.above, 9), np.geomspace(self.above, beyond, 41)[1:], [0.0]]
        )
        middle = np.sqrt(edges[1:] * edges[:-1])
        middle[:8] = 0.5 * (edges[:8] + edges[1:9])
        return self.quantile(1.0 - middle), edges[:-1] - edges[1:]

    def exceeded(self, severity: float) -> float:
        """Share of outbreaks that are more severe, between the threshold and the largest."""
        beyond = max(severity - self.threshold, 0.0)
        tail: float = (1.0 + self.shape * beyond / self.scale) ** (-1.0 / self.shape)
        return self.above * tail


MARANI = Severity(threshold=0.001, scale=0.0113, shape=1.40, largest=5.7, above=3 / 8)
"""The fit of Marani et al. (2021) to epidemics from 1600 on; the largest is their value for the
influenza of 1918. Of the eight emergencies that the WHO declared from 2009 to 2024 about three
killed as many as their threshold: influenza, Ebola of 2014 (just about), COVID-19."""


def reach(size: Floats, local: float) -> Floats:
    """Share of the world's people among whom an outbreak comes to be.

    It kills at least `local` per thousand a year where it is, so that what kills fewer in the
    world is somewhere only.

    Parameters
    ----------
    size
        Deaths a year per thousand people of the world, any shape.
    local
        The least per thousand people where it is.

    Examples
    --------
    Ebola of 2014 to 2016, 11,300 deaths in two years, and COVID-19:

    >>> reach(np.array([0.0008, 0.95]), 0.25).tolist()
    [0.0032, 1.0]
    """
    return np.asarray(np.minimum(size / local, 1.0))


def deaths_where_struck(size: Floats, local: float) -> Floats:
    """Deaths a year per thousand people where an outbreak is.

    Examples
    --------
    The deaths of the world are those where it is, by the share of people there:

    >>> size = np.array([0.0008, 0.95])
    >>> bool(np.allclose(deaths_where_struck(size, 0.25) * reach(size, 0.25), size))
    True
    """
    return np.asarray(np.maximum(size, local))


def strike_chance(share: Floats, contact: Floats) -> Floats:
    """Chance that an outbreak strikes a state, by the share of people that it reaches.

    Parameters
    ----------
    share
        Share of the world's people reached (0 to 1).
    contact
        Contacts of a state's people with those of the origin, over their mean in the world.

    Returns
    -------
    ``1 - (1 - share)^contact``, broadcast: in proportion to contact where little is reached, all
    where everything is.

    Examples
    --------
    >>> strike_chance(np.array([0.01, 0.5, 1.0]), np.array(20.0)).round(2).tolist()
    [0.18, 1.0, 1.0]
    """
    everywhere = share >= 1.0
    left = np.log1p(-np.where(everywhere, 0.0, share))
    return np.asarray(np.where(everywhere, 1.0, -np.expm1(contact * left)))


def income_loss(deaths: Floats, at_one: float) -> Floats:
    """Percent of annual income lost a year where a number of people die.

    It rises with the root of deaths, as in the scenarios of Burns, van der Mensbrugghe and Timmer
    (World Bank 2006, 2008): 0.7, 2.0 and 4.8 % of world output for an influenza as in 1968, 1957
    and 1918 with 0.2, 2.2 and 10.9 deaths per thousand.

    Parameters
    ----------
    deaths
        A year, per thousand people.
    at_one
        The loss at one per thousand.

    Examples
    --------
    >>> income_loss(np.array([0.25, 1.0]), 4.0).tolist()
    [2.0, 4.0]
    """
    return np.asarray(at_one * np.sqrt(deaths))


def struck_weights(
    factor: Floats, local: float, levels: Floats, power: float, law: Severity = MARANI
) -> tuple[Floats, Floats]:
    """What a power of deaths where an outbreak is comes to on average, by how far it reaches.

    Parameters
    ----------
    factor
        (N,) size of an outbreak over its severity: less than one where it is found early.
    local
        As in `reach`.
    levels
        (R,) rising shares of people reached, the last of them 1, between which the chance to be
        struck is interpolated.
    power
        1 for deaths a year per thousand, a half for what income loses.

    Returns
    -------
    (N, R) weights of the chances at each level, whose product with them is the mean where a state
    is struck; (N,) its value for a state that always is.

    Examples
    --------
    >>> weights, always = struck_weights(np.array([1.0, 0.5]), 0.25, np.array([0.01, 1.0]), 0.5)
    >>> bool(np.allclose(weights.sum(axis=1), always)), bool(always[0] > always[1])
    (True, True)
    """
    severity, chance = law.cells()
    size = factor[:, None] * severity
    value = deaths_where_struck(size, local) ** power * chance
    place = np.interp(reach(size, local), levels, np.arange(levels.size))
    near = np.maximum(1.0 - np.abs(place[..., None] - np.arange(levels.size)), 0.0)
    return np.matmul(value[:, None, :], near)[:, 0], value.sum(axis=1)
