"""Trade deficits: removed before the start, or fixed throughout."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from sim.agreements import Commitment, TariffCut
from sim.economy import committed_terms, outlook, trade_cost_cut
from sim.economy.block import Block
from sim.errors import ConfigError
from sim.model import initial_state

KINDS = ("balanced", "fixed")


@pytest.fixture(scope="module")
def settings(setting_of):
    return {kind: setting_of("baseline", 1, f"world.deficits={kind}") for kind in KINDS}


def _tariffed(setting, rate):
    """The economy after the United States adds a tariff on everybody."""
    usa = setting.axes.state("USA")
    tariffs = setting.world.tariffs.copy()
    tariffs[:, usa] += rate
    np.fill_diagonal(tariffs, 0.0)
    return setting.economy.solve(tariffs=tariffs)


def _deficit(flows):
    return flows.sum(axis=0) - flows.sum(axis=1)


def test_the_economy_starts_balanced_or_as_observed(settings):
    balanced, fixed = (settings[kind].economy for kind in KINDS)
    assert np.allclose(_deficit(balanced.flows) / balanced.output, 0.0, atol=1e-9)
    np.testing.assert_allclose(fixed.flows, settings["fixed"].world.flows, rtol=1e-12)
    usa = settings["fixed"].axes.state("USA")
    assert _deficit(fixed.flows)[usa] > 900  # billion USD: the deficit in goods of 2023


@pytest.mark.parametrize("kind", KINDS)
def test_without_change_welfare_is_exactly_one(kind, settings, run_of, only):
    assert (settings[kind].economy.solve().welfare == 1.0).all()
    changes = (
        f"world.deficits={kind}",
        "switches.dispute_costs=false",
        "switches.civil_costs=false",
        "switches.sanctions=false",
    )
    tables = run_of("baseline", 1, *only("FITP"), "quarters=1", *changes)
    # The terms of a run are put together from agreements, which rounds the tariffs of the start.
    assert np.abs(tables["states"]["welfare"].to_numpy()).max() < 1e-12


def test_deficits_stay_the_same_share_of_world_output(settings):
    setting = settings["fixed"]
    before, after = setting.economy.flows, _tariffed(setting, 0.2).flows
    shares = [_deficit(flows) / flows.sum() for flows in (before, after)]
    np.testing.assert_allclose(shares[1], shares[0], atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_an_outlook_from_changed_terms_agrees_with_the_economy(kind, setting_of):
    """Two steps are one: from the start to the tariffs, and from there to a deal on top."""
    setting = setting_of("us_withdrawal", 1, f"world.deficits={kind}")

    state = initial_state(setting)
    extra = np.zeros_like(state.extra_tariff)
    extra[:, setting.axes.state("USA")] = 0.2
    np.fill_diagonal(extra, 0.0)
    with state.opened(["shock_tariff"]):
        state.shock_tariff[:] = extra
    terms = committed_terms(setting, state)
    view = outlook(setting, terms)
    effects = (TariffCut(1.0), trade_cost_cut(setting, 0.05))
    nothing = Commitment(effects, np.zeros(len(setting.axes.states), dtype=bool))
    assert (view.gains([nothing]) == 0.0).all()
    inside = nothing.inside.copy()
    inside[[setting.axes.state(c) for c in ("USA", "MEX", "VNM")]] = True
    deal = Commitment(effects, inside)
    at = deal.pairs(deal.reach)
    tariff, cost = terms.tariff, terms.cost
    more, cheaper = Block.of(terms, deal).after(deal)
    tariff[at], cost[at] = more, cost[at] * cheaper
    direct = setting.economy.solve(tariffs=tariff, trade_costs=cost).welfare
    start = setting.economy.solve(tariffs=terms.tariff, trade_costs=terms.cost).welfare
    np.testing.assert_allclose(1 + view.gains([deal])[0] / 100, direct / start, rtol=1e-9)


def test_with_fixed_deficits_a_deficit_country_gains_from_tariffs_without_bound(settings):
    """Ossa 2014: the deficit is a transfer that tariffs make worth more."""
    usa = settings["fixed"].axes.state("USA")
    gain = {
        kind: [100 * (_tariffed(settings[kind], r).welfare[usa] - 1) for r in (0.2, 0.5, 1.0, 2.0)]
        for kind in KINDS
    }
    assert (np.diff(gain["fixed"]) > 0).all()
    assert (np.diff(gain["balanced"]) < 0).all()
    assert gain["balanced"][2] < 0 < gain["fixed"][2]
    assert all(f > b for f, b in zip(gain["fixed"], gain["balanced"], strict=True))


def test_who_is_hurt_depends_on_what_is_done_with_deficits(settings):
    usa = settings["fixed"].axes.state("USA")
    added = settings["fixed"].world.schedule("us_tariffs_2025")
    welfare = {kind: _tariffed(settings[kind], added).welfare for kind in KINDS}
    others = np.arange(len(added)) != usa
    rank = spearmanr(welfare["balanced"][others], welfare["fixed"][others])[0]
    assert 0.4 < rank < 0.8
    at = {c: settings["fixed"].axes.state(c) for c in ("CHN", "DEU", "FRA", "GBR")}
    lost = {c: welfare["fixed"][i] for c, i in at.items()}
    assert min(lost, key=lost.get) == "CHN"


def test_another_way_to_treat_deficits_is_refused(setting_of):
    with pytest.raises(ConfigError, match=r"world\.deficits.*'purged'.*'balanced' or 'fixed'"):
        setting_of("baseline", 1, "world.deficits=purged")
