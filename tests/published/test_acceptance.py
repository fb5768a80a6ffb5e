"""Who would gain from an agreement with whom, and who has one: the facts behind the history.

The acceptance utility was estimated on who had a free-trade agreement or customs union with whom at
the end of 2020 (DESTA), the EU as one actor, 130 units. For pairs without an agreement it was found
that

- by tariffs only 43 % of pair-sides lose, and both gain in 17 % of pairs;
- with a cut of trade costs of 5 %, both gain in 60 %, of 10 %, in 72 %;
- the utility ranks pairs with an area under the curve of .81 to .91 out of sample.

What counts as a gain is not told. Taking the bare sign, both gain here in 25, 74 and 92 % of pairs
(and 37 % of sides lose by tariffs alone); counting as a gain what is more than a hundred-millionth
of income, in 18, 59 and 77 %. Between most pairs there is next to no trade, and a gain of a
ten-billionth is one of rounding: we take that, and hold the bare sign to what theory says.
"""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest

from sim.kernels.acceptance import gain_utility
from sim.kernels.armington import Changes, Economy
from sim.streams import stream
from sim.world.trade import with_domestic_sales

SMALLEST = 1e-6  # percent of income
END_OF_2020 = date(2020, 12, 31)
SAMPLE = 2000


@pytest.fixture(scope="module")
def units(setting):
    """States, and the EU as one: (U, S) membership, a leading state of each."""
    world = setting.world
    in_eu = world.members("EU", world.start)
    single = np.flatnonzero(~in_eu)
    of = np.vstack([np.arange(in_eu.size) == n for n in single] + [in_eu])
    germany = world.index["DEU"]  # any member: all charge the common tariff
    return SimpleNamespace(of=of, lead=np.array([*single, germany]))


def _merged(units, flows, tariffs):
    rates = tariffs[np.ix_(units.lead, units.lead)].copy()
    np.fill_diagonal(rates, 0.0)
    return Economy(units.of @ flows @ units.of.T, rates)


def _linked(units, mask):
    return (units.of.astype(float) @ mask @ units.of.T) > 0.5


def _gains(economy, first, second, depth):
    """(B, 2) gains of both sides in percent: no tariff between the two, and a trade-cost cut."""
    parts = []
    for chunk in np.array_split(np.arange(first.size), max(first.size // 1000, 1)):
        one, two, n = first[chunk], second[chunk], np.arange(chunk.size)
        deal = ([0.0, 0.0], [1 - depth, 1 - depth])
        pairs = zip(one.tolist(), two.tolist(), strict=True)
        many = economy.solve_changes([Changes([i, j], [j, i], *deal) for i, j in pairs])
        parts.append(np.stack([many.welfare[n, one], many.welfare[n, two]], axis=1))
    return 100 * (np.concatenate(parts) - 1)


@pytest.fixture(scope="module")
def gains(setting, units):
    """Depth → gains of a sample of pairs that have no agreement, in the world of the model."""
    world = setting.world
    economy = _merged(units, world.flows, world.tariffs)
    has = _linked(units, world.has_agreement)
    first, second = np.nonzero(np.triu(~has, 1))
    drawn = stream(1, "a sample of pairs").permutation(first.size)[:SAMPLE]
    return {d: _gains(economy, first[drawn], second[drawn], d) for d in (0.0, 0.05, 0.1)}


@pytest.mark.parametrize(("depth", "published"), [(0.0, 0.17), (0.05, 0.60), (0.1, 0.72)])
def test_how_often_both_sides_gain(depth, published, gains):
    """Within .12 of the published share: another trade world, other units, a sample."""
    both = (gains[depth] > SMALLEST).all(axis=1).mean()
    assert both == pytest.approx(published, abs=0.12)


def test_how_often_a_side_loses_by_tariffs_alone(gains):
    """43 % as published lies between those that lose at all and those that do not gain."""
    lose, do_not_gain = (gains[0.0] < 0).mean(), (gains[0.0] <= SMALLEST).mean()
    assert lose < 0.43 < do_not_gain
    assert lose > 0.2  # trade gains alone do not make everybody agree


def test_depth_matters(gains):
    both = [(gains[d] > SMALLEST).all(axis=1).mean() for d in (0.0, 0.05, 0.1)]
    lose = [(gains[d] < 0).mean() for d in (0.0, 0.05, 0.1)]
    assert both[0] < both[1] - 0.2 < both[2]
    assert lose[0] > 2 * lose[1] > 2 * lose[2]


def test_without_a_cut_of_costs_one_mostly_gains_what_the_other_loses(gains):
    """Tariff cuts shift rents; a joint loss would need much trade diversion."""
    signs = (gains[0.0] > 0).sum(axis=1)
    assert (signs == 1).mean() > 0.4
    assert (signs == 0).mean() < 0.05


def _curve(score, is_true):
    """Area under the curve: the chance that a true case ranks above a false one."""
    _, rank, count = np.unique(score, return_inverse=True, return_counts=True)
    mean_rank = (np.cumsum(count) - (count - 1) / 2)[rank]
    n = int(is_true.sum())
    return (mean_rank[is_true].sum() - n * (n + 1) / 2) / (n * (is_true.size - n))


@pytest.fixture(scope="module")
def ranking(setting, units):
    """Pairs of units: V of both sides in a world that knows no agreements, and who had one."""
    world, values = setting.world, setting.scenario.parameters
    # What agreements have added to trade is taken off again, and everybody pays the full tariff.
    trade = world.flows * np.exp(-values["agreement"] * world.has_agreement)
    rates = np.repeat(world.mfn[None], len(world.iso3), axis=0)
    economy = _merged(units, with_domestic_sales(trade, world.gdp, values), rates)
    first, second = np.triu_indices(len(units.of), 1)
    gain = _gains(economy, first, second, 0.05)
    democracy = units.of @ (world.polyarchy * world.gdp) / (units.of @ world.gdp)
    value = gain_utility(gain, setting["stock_gain"], setting["stock_half_gain"])
    pair = setting["stock_constant"]
    pair += setting["stock_lower_polyarchy"] * np.minimum(democracy[first], democracy[second])
    pact = _linked(units, world.has_defence_pact.astype(float))[first, second]
    pair += setting["stock_pact"] * pact
    had = _linked(units, world.agreement_mask(END_OF_2020))[first, second]
    return SimpleNamespace(value=value + pair[:, None], gain=gain, had=had)


def test_the_utility_tells_who_had_an_agreement(ranking):
    """Published .81 to .91; both sides must accept (Poirier 1980)."""
    both = (1 / (1 + np.exp(-ranking.value))).prod(axis=1)
    assert 0.80 < _curve(both, ranking.had) < 0.92


def test_gains_alone_tell_less_than_the_whole_utility(ranking):
    both = (1 / (1 + np.exp(-ranking.value))).prod(axis=1)
    gain_only = _curve(ranking.gain.min(axis=1), ranking.had)
    assert 0.6 < gain_only < _curve(both, ranking.had) - 0.02


def test_as_many_agreements_are_expected_as_there_are(ranking):
    """The constant is in the right place: within a factor of 1.5 of the share that have one."""
    both = (1 / (1 + np.exp(-ranking.value))).prod(axis=1)
    assert 1 / 1.5 < both.mean() / ranking.had.mean() < 1.5
