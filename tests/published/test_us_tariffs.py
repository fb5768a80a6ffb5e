"""Trade and welfare under the US tariffs of 2025, and under any tariffs, beside the literature.

Sources. BSZ: Bouët, Sall & Zheng (2025), Towards a Trade War in 2025, CEPII working paper 2025-03
(60 points on China, 10 on others but Canada and Mexico, all retaliate: world trade −3.4 %, world
output −0.5 %, Canada and Mexico gain). ILMS: Ignatenko, Lashkaripour, Macedoni & Simonovska (2025),
Making America Great Again?, Journal of International Economics 157 (without retaliation a modest US
gain, with it a loss of about 1 %, with input-output linkages up to 3.4 %; optimal tariff 19 %,
25 % in the first version). CRC: Costinot & Rodríguez-Clare (2014), Handbook of International
Economics 4, as the US Council of Economic Advisers' later chair reads it (Miran 2024: optimal US
tariff around 20 %, better than free trade up to about 50 %). RUV: Rodríguez-Clare, Ulate & Vásquez
(2025), The 2025 Trade War, CEP discussion paper 2103 (US real income −1 % with retaliation). TBL:
The Budget Lab at Yale (2 April 2025), Where We Stand (the measures of 2 April raise the effective
rate by 11.5 points; long-run output −0.4 %, exports −10 %, with all measures and retaliation
−0.6 % and −18 %). ACR: Arkolakis, Costinot & Rodríguez-Clare (2012), American Economic Review 102.
WTO: Global Trade Outlook and Statistics, April 2025. CRC18: Costinot & Rodríguez-Clare (2018),
Journal of Economic Perspectives 32(2) (8 cents of each dollar spent in the US go to imports).

The model has one sector of goods and balanced trade: it has no product exemptions, no input-output
linkages and no rigidities, and exports must fall with imports. Bounds are the published figures
with a factor that allows for that.
"""

from __future__ import annotations

import numpy as np
import pytest

from sim.kernels.armington import Economy


@pytest.fixture(scope="module")
def usa(setting):
    return setting.axes.state("USA")


@pytest.fixture(scope="module")
def rates(setting, usa):
    """Tariffs [exporter, importer] under the schedule of 2 April, without and with retaliation."""
    base, added = setting.economy.baseline_tariffs, setting.world.us_tariffs
    alone = base.copy()
    alone[:, usa] += added
    alone[usa, usa] = 0.0
    both = alone.copy()
    both[usa, :] += added
    both[usa, usa] = 0.0
    return {"none": alone, "retaliate": both}


@pytest.fixture(scope="module")
def outcome(setting, rates):
    return {name: setting.economy.solve(tariffs=t) for name, t in rates.items()}


def _abroad(flows):
    return np.where(np.eye(len(flows), dtype=bool), 0.0, flows)


def _change(setting, one, cut=slice(None)):
    """Percent change of trade between states, within a cut of the matrix."""
    before, after = _abroad(setting.economy.flows)[cut], _abroad(one.flows)[cut]
    return 100 * (after.sum() / before.sum() - 1)


def test_the_rise_of_the_us_tariff(setting, usa):
    """TBL: 11.5 points with the exemptions of Annex II, which a model of one sector has not."""
    imports = _abroad(setting.economy.flows)[:, usa]
    rise = 100 * imports @ setting.world.us_tariffs / imports.sum()
    assert 11.5 < rise < 1.5 * 11.5


def test_buyers_turn_to_those_hit_less(setting, usa, rates, outcome):
    """The effective rate after substitution is lower (TBL, 9 April: 27 before, 18.5 after)."""
    tariff = rates["none"][:, usa]
    before, after = (_abroad(f)[:, usa] for f in (setting.economy.flows, outcome["none"].flows))
    ratio = (after @ tariff / after.sum()) / (before @ tariff / before.sum())
    assert 18.5 / 27 - 0.15 < ratio < 0.9


def test_us_imports_and_exports_fall_together(setting, usa, outcome):
    """TBL: exports −10 % under the measures of 2 April alone; with balanced trade, more than that
    (Lerner symmetry), and not more than four times as much even when all retaliate."""
    for name, bounds in {"none": (-30, -8), "retaliate": (-45, -15)}.items():
        imports = _change(setting, outcome[name], (slice(None), usa))
        exports = _change(setting, outcome[name], (usa, slice(None)))
        assert bounds[0] < exports < bounds[1]
        assert imports == pytest.approx(exports, abs=1e-6)


def test_world_trade_falls_by_a_few_percent(setting, outcome):
    """BSZ −3.4 % with retaliation; WTO −1.5 % within the year, before trade has adjusted. Within a
    factor of three, and more with retaliation."""
    none, retaliate = (_change(setting, outcome[name]) for name in ("none", "retaliate"))
    assert retaliate < none
    assert -10 < none < -1
    assert -10.2 < retaliate < -1.1


def test_the_us_gains_little_alone_and_loses_under_retaliation(usa, outcome):
    """ILMS: a modest gain, which retaliation of the same size turns into a loss of about 1 %; RUV
    −1 %, TBL −0.4 to −0.6 % of output with frictions."""
    alone, retaliated = (100 * (outcome[n].welfare[usa] - 1) for n in ("none", "retaliate"))
    assert -0.6 < alone < 1.2
    assert -2.0 < retaliated < -0.1
    assert retaliated < alone


def test_the_world_loses(setting, outcome):
    """BSZ: world output −0.5 % with retaliation."""
    income = setting.income
    none, retaliate = (
        100 * ((outcome[n].welfare - 1) @ income) / income.sum() for n in ("none", "retaliate")
    )
    assert -1.0 < retaliate < none < 0


def test_the_exempted_neighbours_gain_and_china_loses(setting, outcome):
    """BSZ: Canada and Mexico, left out, gain; China loses more than France and the United Kingdom,
    and its trade with the US is almost cut off (it loses most among the large with its surplus
    fixed: `tests/integration/test_deficits.py`). RUV: Ireland is among those that lose most in
    Europe."""
    for name in ("none", "retaliate"):
        states, ratio = setting.axes.states, outcome[name].welfare
        welfare = dict(zip(states, 100 * (ratio - 1), strict=True))
        assert 0 < welfare["CAN"] < 2
        assert 0 < welfare["MEX"] < 2
        assert -1.5 < welfare["CHN"] < -0.05
        assert welfare["CHN"] < min(welfare[c] for c in ("FRA", "GBR"))
        assert welfare["IRL"] < welfare["FRA"]
        assert welfare["KHM"] < welfare["CHN"]  # 49 points, and a third of its exports
    usa, chn = setting.axes.state("USA"), setting.axes.state("CHN")
    to_us = outcome["retaliate"].flows[chn, usa] / setting.economy.flows[chn, usa]
    assert to_us < 0.5


def test_goods_are_diverted_from_the_us_to_others(setting, usa, outcome):
    """WTO: Chinese exports to all other regions rise by 4 to 9 % (at tariffs above 100 %)."""
    chn = setting.axes.state("CHN")
    others = np.arange(len(setting.axes.states)) != usa
    before, after = (
        _abroad(f)[chn, others].sum() for f in (setting.economy.flows, outcome["none"].flows)
    )
    assert 0 < 100 * (after / before - 1) < 9


def _uniform(economy, usa, points, *, retaliation):
    rates = np.repeat(economy.baseline_tariffs[None], len(points), axis=0)
    rates[:, :, usa] += points[:, None]
    if retaliation:
        rates[:, usa, :] += points[:, None]
    rates[:, usa, usa] = 0.0
    return 100 * (economy.solve_batch(rates).welfare - 1)


POINTS = np.arange(0.05, 0.81, 0.05)


def test_the_optimal_us_tariff(setting, usa):
    """ILMS 19 to 25 %; CRC about 20 %, and better than none up to about 50 %, at an elasticity of
    five. Theory: one over the elasticity for a country without weight in the world, more with it
    (Gros 1987)."""
    for elasticity, low, high in ((4.0, 0.20, 0.35), (5.0, 0.15, 0.30)):
        economy = Economy(setting.world.flows, setting.world.tariffs, elasticity=elasticity)
        welfare = _uniform(economy, usa, POINTS, retaliation=False)[:, usa]
        best = int(np.argmax(welfare))
        assert low <= POINTS[best] <= high
        assert 0.1 < welfare[best] < 1.0
        assert (np.diff(np.sign(np.diff(welfare))) != 0).sum() == 1  # one peak
        if elasticity == 5.0:
            last_better = POINTS[welfare > 0].max()
            assert 0.4 <= last_better <= 0.65


def test_a_tariff_war_is_lost_by_both(setting, usa):
    """What one side gains the others lose, and with equal retaliation neither gains."""
    economy, income = setting.economy, setting.income
    others = np.arange(len(income)) != usa
    alone = _uniform(economy, usa, POINTS[:5], retaliation=False)
    war = _uniform(economy, usa, POINTS[:5], retaliation=True)
    assert (alone[:, usa] > 0).all()
    for welfare in (alone, war):
        assert (welfare[:, others] @ income[others] < 0).all()
        assert (welfare @ income < 0).all()
    assert (war[:, usa] < 0).all()
    assert (np.diff(war[:, usa]) < 0).all()


@pytest.fixture(scope="module")
def free(setting):
    """The world without tariffs, where the formula of ACR is exact."""
    found = {}
    for elasticity in (4.0, 5.0, 10.0):
        economy = Economy(setting.world.flows, setting.world.tariffs, elasticity=elasticity)
        one = economy.solve(tariffs=np.zeros_like(economy.baseline_tariffs))
        found[elasticity] = Economy(one.flows, elasticity=elasticity)
    return found


def _home_share(economy):
    return economy.flows.diagonal() / economy.expenditure


def test_gains_from_trade_follow_from_the_home_share_alone(free):
    """ACR equation 1: autarky costs 1 − λ^(1/θ)."""
    for elasticity, economy in free.items():
        wall = np.where(np.eye(len(economy.flows), dtype=bool), 1.0, 1e4)
        autarky = economy.solve(trade_costs=wall).welfare
        np.testing.assert_allclose(autarky, _home_share(economy) ** (1 / elasticity), rtol=1e-9)


def test_us_gains_from_trade_are_a_few_percent(setting, usa, free):
    """ACR: 0.7 to 1.4 % at elasticities of ten and five, for an import share of 7 % (2000); CRC18:
    an import share of 8 %."""
    share = 1 - setting.economy.flows[usa, usa] / setting.income[usa]
    assert 0.07 < share < 0.10
    gains = {e: 100 * (1 - _home_share(free[e])[usa] ** (1 / e)) for e in free}
    assert 0.7 < gains[10.0] < 1.4
    assert 1.4 < gains[5.0] < 2.5
    assert gains[10.0] < gains[5.0] < gains[4.0] < 4.0


def test_small_open_economies_gain_far_more(setting, usa, free):
    economy = free[5.0]
    gains = 1 - _home_share(economy) ** (1 / 5.0)
    for code in ("IRL", "BEL", "HUN", "VNM", "SGP", "SVN", "SVK"):
        assert gains[setting.axes.state(code)] > 3 * gains[usa], code
    large = [setting.axes.state(code) for code in ("USA", "CHN", "JPN", "BRA", "IND")]
    assert gains[large].max() < np.median(gains)
