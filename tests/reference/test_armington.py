from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sim.errors import ConvergenceError, DataError, StateError
from sim.kernels.armington import Changes, Economy

_SPEC = importlib.util.spec_from_file_location(
    "armington_twin", Path(__file__).with_name("armington_twin.py")
)
twin = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(twin)


def world(size, seed, *, zeros=0.2, openness=0.3, spread=1.5):
    """Random flows and tariffs; sizes spread over orders of magnitude, some flows zero.

    Every country buys from and sells to every other at least in a chain: without that, trade
    cannot balance at positive wages, and there is nothing to compare.
    """
    draw = np.random.default_rng(seed)
    income = np.exp(draw.normal(0.0, spread, size))
    flows = np.outer(income, income) / income.sum() * np.exp(draw.normal(0, 0.8, (size, size)))
    positive = draw.random((size, size)) > zeros
    positive[np.arange(size), np.arange(1, size + 1) % size] = True
    flows *= openness * positive
    np.fill_diagonal(flows, np.maximum(income - flows.sum(axis=1), 0.05 * income))
    tariffs = draw.uniform(0.0, 0.3, (size, size))
    np.fill_diagonal(tariffs, 0.0)
    return flows, tariffs


def shocks(size, seed, count):
    """Random tariffs and trade costs, dense for even items and sparse for odd ones."""
    draw = np.random.default_rng(seed)
    tariffs = draw.uniform(0.0, 0.5, (count, size, size))
    costs = draw.uniform(0.8, 1.2, (count, size, size))
    return tariffs, costs


def menu(economy, count, seed=3):
    """A batch that mixes every kind of change: none, few, one column, all."""
    draw = np.random.default_rng(seed)
    base = economy.baseline_tariffs
    size = len(base)
    tariffs = np.repeat(base[None], count, axis=0)
    costs = np.ones_like(tariffs)
    for item in range(count):
        kind = item % 4
        if kind == 1:
            pairs = np.ix_(*(draw.permutation(size)[:4],) * 2)
            tariffs[item][pairs] = 0.0
            costs[item][pairs] = 0.95
        elif kind == 2:
            tariffs[item, :, draw.integers(size)] += draw.uniform(0.3, 1.0)
        elif kind == 3:
            tariffs[item] = draw.uniform(0.0, 0.4, (size, size))
            costs[item] = draw.uniform(0.9, 1.1, (size, size))
    return tariffs, costs


class TestAgainstTheTwin:
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        size=st.integers(2, 7),
        seed=st.integers(0, 10_000),
        elasticity=st.sampled_from([1.0, 2.5, 4.0, 5.0, 7.5]),
        balanced=st.booleans(),
        few=st.booleans(),
    )
    def test_random_worlds(self, size, seed, elasticity, balanced, few):
        flows, tariffs = world(size, seed)
        new, costs = (a[0] for a in shocks(size, seed + 1, 1))
        if few:
            keep = np.random.default_rng(seed).random((size, size)) > 0.1
            new, costs = np.where(keep, tariffs, new), np.where(keep, 1.0, costs)
        expected = (flows, tariffs, elasticity, new, costs)
        try:
            welfare, wages, after = twin.counterfactual(*expected, balanced=balanced)
        except ArithmeticError:
            assume(False)
        kind = "balanced" if balanced else "fixed"
        found = Economy(flows, tariffs, elasticity, deficits=kind).solve(new, costs)
        np.testing.assert_allclose(found.welfare, welfare, rtol=1e-8)
        np.testing.assert_allclose(found.wages, wages, rtol=1e-8)
        np.testing.assert_allclose(found.flows, after, rtol=1e-7, atol=1e-9 * flows.sum())

    def test_large_shocks(self):
        flows, tariffs = world(6, 5)
        new = tariffs + 1.0
        new[2] += 2.0
        np.fill_diagonal(new, 0.0)
        welfare, _, _ = twin.counterfactual(
            flows, tariffs, 4.0, new, np.ones_like(new), balanced=True
        )
        np.testing.assert_allclose(Economy(flows, tariffs).solve(new).welfare, welfare, rtol=1e-8)


class TestEconomics:
    @pytest.mark.parametrize("kind", ["balanced", "fixed"])
    def test_markets_clear_and_income_is_spent(self, kind):
        flows, tariffs = world(30, 1)
        economy = Economy(flows, tariffs, deficits=kind)
        many = economy.solve_batch(*menu(economy, 8))
        output = many.wages * economy.output
        np.testing.assert_allclose(many.flows.sum(axis=2), output, rtol=1e-11)
        np.testing.assert_allclose(output.sum(axis=1), flows.sum(), rtol=1e-11)
        duties = (many.flows * menu(economy, 8)[0]).sum(axis=1)
        np.testing.assert_allclose(many.revenue, duties, rtol=1e-9, atol=1e-12 * flows.sum())
        deficits = economy.flows.sum(axis=0) - economy.flows.sum(axis=1)
        spent = output + deficits + many.revenue
        np.testing.assert_allclose(many.expenditure, spent, rtol=1e-9)

    def test_balanced_baseline_has_no_deficits(self):
        flows, tariffs = world(30, 2)
        economy = Economy(flows, tariffs)
        bought, sold = economy.flows.sum(axis=0), economy.flows.sum(axis=1)
        assert np.abs(flows.sum(axis=0) / flows.sum(axis=1) - 1.0).max() > 0.01
        np.testing.assert_allclose(bought, sold, rtol=1e-12)
        again = Economy(economy.flows, tariffs)
        np.testing.assert_allclose(again.flows, economy.flows, rtol=1e-11)

    def test_purge_leaves_tastes_alone(self):
        # Double ratios of spending, tariffs included, do not depend on wages or expenditure.
        flows, tariffs = world(6, 4, zeros=0.0)
        after = Economy(flows, tariffs).flows
        before = flows[:-1, :-1] * flows[1:, 1:] / (flows[:-1, 1:] * flows[1:, :-1])
        left = after[:-1, :-1] * after[1:, 1:] / (after[:-1, 1:] * after[1:, :-1])
        np.testing.assert_allclose(left, before, rtol=1e-9)

    def test_free_trade_in_a_symmetric_world_is_symmetric_and_better(self):
        flows = np.full((12, 12), 1.0) + np.diag(np.full(12, 20.0))
        tariffs = 0.2 * (1.0 - np.eye(12))
        free = Economy(flows, tariffs).solve(np.zeros((12, 12)))
        np.testing.assert_allclose(free.wages, 1.0, rtol=1e-12)
        np.testing.assert_allclose(free.welfare, free.welfare[0], rtol=1e-12)
        assert free.welfare[0] > 1.0
        np.testing.assert_array_equal(free.revenue > 1e-12, False)

    def test_relabelling_countries_relabels_results(self):
        flows, tariffs = world(20, 8)
        order = np.random.default_rng(0).permutation(20)
        new = shocks(20, 4, 1)[0][0]
        one = Economy(flows, tariffs).solve(new).welfare
        again = Economy(flows[np.ix_(order, order)], tariffs[np.ix_(order, order)])
        turned = again.solve(new[np.ix_(order, order)]).welfare
        np.testing.assert_allclose(turned, one[order], rtol=1e-11)

    @pytest.mark.parametrize("unit", [1e-9, 1e3, 1e12])
    def test_units_do_not_matter(self, unit):
        flows, tariffs = world(20, 8)
        new, costs = (a[0] for a in shocks(20, 4, 1))
        one = Economy(flows, tariffs).solve(new, costs)
        other = Economy(unit * flows, tariffs).solve(new, costs)
        np.testing.assert_allclose(other.welfare, one.welfare, rtol=1e-11)
        np.testing.assert_allclose(other.flows, unit * one.flows, rtol=1e-9)
        np.testing.assert_allclose(other.expenditure, unit * one.expenditure, rtol=1e-11)

    def test_scaling_all_costs_scales_prices_only(self):
        flows, tariffs = world(15, 6)
        economy = Economy(flows, tariffs)
        same = economy.solve(trade_costs=np.full((15, 15), 0.8))
        np.testing.assert_allclose(same.wages, 1.0, rtol=1e-11)
        np.testing.assert_allclose(same.prices, 0.8, rtol=1e-11)
        np.testing.assert_allclose(same.welfare, 1.25, rtol=1e-11)

    @pytest.mark.parametrize("elasticity", [2.5, 4.0])
    def test_gains_from_trade_follow_the_domestic_share(self, elasticity):
        flows, _ = world(25, 9)
        economy = Economy(flows, elasticity=elasticity)
        costs = shocks(25, 4, 3)[1]
        costs[:, np.arange(25), np.arange(25)] = 1.0
        many = economy.solve_batch(trade_costs=costs)
        home = many.flows.diagonal(axis1=1, axis2=2) / many.expenditure
        change = home / (economy.flows.diagonal() / economy.expenditure)
        np.testing.assert_allclose(many.welfare, change ** (-1.0 / elasticity), rtol=1e-10)

    def test_autarky_costs_what_the_formula_says(self):
        flows, _ = world(10, 3)
        economy = Economy(flows)
        closed = np.where(np.eye(10), 1.0, 1e3)
        share = economy.flows.diagonal() / economy.expenditure
        np.testing.assert_allclose(
            economy.solve(trade_costs=closed).welfare, share**0.25, rtol=1e-6
        )

    def test_cheaper_trade_everywhere_raises_world_welfare(self):
        flows, tariffs = world(25, 9)
        economy = Economy(flows, tariffs)
        cheaper = np.where(np.eye(25), 1.0, 0.95)
        welfare = economy.solve(trade_costs=cheaper).welfare
        assert np.average(welfare, weights=economy.output) > 1.0
        assert economy.solve(trade_costs=cheaper**2).welfare.mean() > welfare.mean()

    def test_a_large_importer_gains_from_a_small_tariff_and_loses_from_a_huge_one(self):
        flows, _ = world(10, 3)
        economy = Economy(flows)
        large = int(np.argmax(economy.output))
        tariffs = np.zeros((2, 10, 10))
        tariffs[0, :, large], tariffs[1, :, large] = 0.05, 20.0
        tariffs[:, large, large] = 0.0
        welfare = economy.solve_batch(tariffs).welfare
        assert welfare[0, large] > 1.0 > welfare[1, large]
        assert np.average(welfare[0], weights=economy.output) < 1.0

    @pytest.mark.parametrize("kind", ["balanced", "fixed"])
    def test_no_change_is_exactly_one(self, kind):
        flows, tariffs = world(40, 11)
        economy = Economy(flows, tariffs, deficits=kind)
        for one in (economy.solve(), economy.solve(economy.baseline_tariffs, np.ones((40, 40)))):
            for array in (one.welfare, one.wages, one.prices):
                np.testing.assert_array_equal(array, 1.0)
            np.testing.assert_allclose(one.flows, economy.flows, rtol=1e-10)
            np.testing.assert_array_equal(one.expenditure, economy.expenditure)


class TestExtremes:
    def test_tiny_states_and_entrepots_are_accurate(self):
        flows, tariffs = world(12, 21, spread=0.5)
        flows[0], flows[:, 0] = 1e-7 * flows[0], 1e-7 * flows[:, 0]
        flows[0, 0] *= 1e-7
        flows[1, 1] = 1e-3 * flows[1].sum()  # sells nearly everything abroad
        new = tariffs * 0.5
        economy = Economy(flows, tariffs)
        found = economy.solve(new)
        welfare, wages, _ = twin.counterfactual(
            economy.flows, tariffs, 4.0, new, np.ones_like(new), balanced=False
        )
        np.testing.assert_allclose(found.welfare, welfare, rtol=1e-8)
        np.testing.assert_allclose(found.wages, wages, rtol=1e-8)

    def test_a_country_that_trades_with_nobody_is_untouched(self):
        flows, tariffs = world(8, 2)
        flows[3, np.arange(8) != 3] = 0.0
        flows[np.arange(8) != 3, 3] = 0.0
        found = Economy(flows, tariffs).solve(0.5 * tariffs)
        assert found.welfare[3] == pytest.approx(1.0, abs=1e-12)
        others = np.arange(8) != 3
        rest = Economy(flows[np.ix_(others, others)], tariffs[np.ix_(others, others)])
        alone = rest.solve(0.5 * tariffs[np.ix_(others, others)])
        np.testing.assert_allclose(found.welfare[others], alone.welfare, rtol=1e-10)

    @pytest.mark.parametrize("points", [1.0, 3.0, 10.0, 100.0])
    def test_walls_converge(self, points):
        flows, tariffs = world(40, 13)
        economy = Economy(flows, tariffs)
        base = economy.baseline_tariffs
        walls = np.repeat(base[None], 4, axis=0)
        walls[0, :, int(np.argmax(economy.output))] += points
        walls[1, :, int(np.argmin(economy.output))] += points
        walls[2] += points
        walls[3, 5, :] += points
        walls[:, np.arange(40), np.arange(40)] = 0.0
        many = economy.solve_batch(walls)
        assert many.residual.max() <= 1e-12
        assert np.average(many.welfare[2], weights=economy.output) < 1.0

    def test_few_and_many_changes_agree(self):
        # The same economy twice: once as corrections to the baseline, once with its own matrices.
        flows, tariffs = world(30, 17)
        economy = Economy(flows, tariffs)
        new = economy.baseline_tariffs.copy()
        new[:3, :3] = 0.0
        few = economy.solve(new)
        many = economy.solve(new, np.where(np.eye(30), 1.0, np.nextafter(1.0, 2.0)))
        np.testing.assert_allclose(few.welfare, many.welfare, rtol=1e-11)


@pytest.fixture(scope="module")
def economy():
    return Economy(*world(60, 23))


@pytest.fixture(scope="module")
def asked(economy):
    return menu(economy, 150)


@pytest.fixture(scope="module")
def many(economy, asked):
    return economy.solve_batch(*asked)


class TestBatches:
    def test_every_item_is_what_it_is_alone(self, economy, asked, many):
        for item in range(0, 150, 7):
            one = economy.solve(asked[0][item], asked[1][item])
            np.testing.assert_allclose(one.welfare, many.welfare[item], rtol=1e-10)
            np.testing.assert_allclose(one.flows, many.flows_of(item), rtol=1e-9)
            assert one.welfare.tobytes() == many.welfare[item].tobytes()
            assert one.iterations == many.iterations[item]

    def test_order_does_not_matter_to_the_byte(self, economy, asked, many):
        order = np.random.default_rng(1).permutation(150)
        turned = economy.solve_batch(asked[0][order], asked[1][order])
        assert turned.welfare.tobytes() == many.welfare[order].tobytes()
        assert turned.wages.tobytes() == many.wages[order].tobytes()

    @pytest.mark.parametrize("size", [1, 3, 37])
    def test_company_does_not_matter_to_the_byte(self, economy, asked, many, size):
        part = economy.solve_batch(asked[0][40 : 40 + size], asked[1][40 : 40 + size])
        assert part.welfare.tobytes() == many.welfare[40 : 40 + size].tobytes()

    def test_shapes(self, many):
        assert many.welfare.shape == many.revenue.shape == (150, 60)
        assert many.flows.shape == (150, 60, 60)
        assert many.residual.shape == many.iterations.shape == (150,)

    def test_what_all_share_may_be_given_once(self, economy, asked):
        tariffs, costs = asked[0][:5], asked[1][1]
        spread = economy.solve_batch(tariffs, np.repeat(costs[None], 5, axis=0))
        assert economy.solve_batch(tariffs, costs).welfare.tobytes() == spread.welfare.tobytes()
        assert economy.solve_batch(asked[0][1], costs).welfare.shape == (1, 60)
        assert economy.solve_batch().welfare.tolist() == [[1.0] * 60]

    def test_a_good_start_saves_work_and_changes_nothing(self, economy, asked, many):
        again = economy.solve_batch(*asked, start=many.wages)
        assert again.iterations.max() == 1
        np.testing.assert_allclose(again.welfare, many.welfare, rtol=1e-12)

    def test_changed_input_is_noticed(self, economy, asked):
        tariffs = asked[0][:4].copy()
        late = economy.solve_batch(tariffs)
        tariffs[3] = 0.0
        with pytest.raises(StateError, match="changed after solving"):
            late.flows_of(3)

    def test_listed_changes_give_the_same_bytes(self, economy, asked, many):
        # Items that change little, much, everything or nothing; listed in no order.
        part = slice(0, 12)
        tariffs, costs = asked[0][part], asked[1][part]
        shuffled = np.random.default_rng(2).permutation
        changes = []
        for tariff, cost in zip(tariffs, costs, strict=True):
            where = np.nonzero((tariff != economy.baseline_tariffs) | (cost != 1.0))
            order = shuffled(len(where[0]))
            i, j = (index[order] for index in where)
            changes.append(Changes(i, j, tariff[i, j], cost[i, j]))
        listed = economy.solve_changes(changes)
        assert listed.welfare.tobytes() == many.welfare[part].tobytes()
        np.testing.assert_array_equal(listed.flows_of(3), many.flows_of(3))
        assert economy.solve_changes([]).welfare.shape == (0, 60)
        nothing = Changes([], [], [])
        assert economy.solve_changes([nothing] * 2).welfare.tolist() == [[1.0] * 60] * 2

    def test_refusals_leave_the_next_solution_alone(self, economy, asked, many):
        tariffs = asked[0][3].copy()
        tariffs[1, 2] = np.nan
        with pytest.raises(DataError, match="nan"):
            economy.solve(tariffs, asked[1][3])
        again = economy.solve(asked[0][3], asked[1][3])
        assert again.welfare.tobytes() == many.welfare[3].tobytes()


class TestRefusals:
    @pytest.mark.parametrize(
        ("flows", "tariffs", "kwargs", "says"),
        [
            (np.ones((2, 3)), None, {}, "square"),
            ([[1.0, -1.0], [1.0, 1.0]], None, {}, "exporter 0 to importer 1"),
            ([[1.0, np.nan], [1.0, 1.0]], None, {}, "nan"),
            ([[0.0, 0.0], [1.0, 1.0]], None, {}, "country 0 sells nothing"),
            ([[0.0, 1.0], [0.0, 1.0]], None, {}, "country 0 buys nothing"),
            (np.ones((2, 2)), np.zeros((3, 3)), {}, r"tariffs: shape \(3, 3\)"),
            (np.ones((2, 2)), [[0.0, -1.0], [0.0, 0.0]], {}, "importer 1 on exporter 0"),
            (np.ones((2, 2)), None, {"elasticity": 0.0}, "elasticity"),
            (np.ones((2, 2)), None, {"deficits": "purged"}, "'balanced' or 'fixed'"),
        ],
    )
    def test_impossible_baselines(self, flows, tariffs, kwargs, says):
        with pytest.raises(DataError, match=says):
            Economy(flows, tariffs, **kwargs)

    @pytest.mark.parametrize("many", [False, True])
    @pytest.mark.parametrize(
        ("name", "bad"),
        [
            ("tariffs", -1.0),
            ("tariffs", -3.0),
            ("tariffs", np.nan),
            ("tariffs", np.inf),
            ("trade_costs", 0.0),
            ("trade_costs", -1.0),
            ("trade_costs", np.inf),
        ],
    )
    def test_impossible_changes(self, many, name, bad):
        economy = Economy(*world(20, 1))
        value = np.full((20, 20), 1.01) if many else np.ones((20, 20))
        if name == "tariffs" and not many:
            value = economy.baseline_tariffs.copy()
        value[4, 7] = bad
        with pytest.raises(DataError, match=f"{name}: {bad} from exporter 4 to importer 7"):
            economy.solve(**{name: value})

    def test_two_impossible_changes_do_not_cancel(self):
        economy = Economy(*world(5, 1))
        with pytest.raises(DataError, match="tariffs"):
            economy.solve(np.full((5, 5), -2.0), np.full((5, 5), -1.0))

    def test_shapes(self):
        economy = Economy(*world(5, 1))
        with pytest.raises(DataError, match=r"trade_costs: shape \(4, 4\)"):
            economy.solve(trade_costs=np.ones((4, 4)))
        with pytest.raises(DataError, match="2 and 3"):
            economy.solve_batch(np.zeros((2, 5, 5)), np.ones((3, 5, 5)))
        with pytest.raises(DataError, match="solve_batch"):
            economy.solve(np.zeros((2, 5, 5)))
        with pytest.raises(DataError, match="start"):
            economy.solve_batch(start=np.zeros(5))

    @pytest.mark.parametrize(
        ("where", "values", "says"),
        [
            (([1, 1], [2, 2]), [0.1, 0.2], "changed twice"),
            (([5], [2]), [0.1], "exporter: 5 to 5. Expected 0 to 4"),
            (([1], [-1]), [0.1], "importer: -1"),
            (([1, 1], [2, 2]), [0.1], "one length"),
            (([1.5], [2]), [0.1], "whole numbers"),
            (([1], [2]), [-1.0], "-1.0 from exporter 1 to importer 2"),
        ],
    )
    def test_impossible_lists(self, where, values, says):
        with pytest.raises(DataError, match=says):
            Economy(*world(5, 1)).solve_changes([Changes(*where, values)])

    def test_no_equilibrium_is_said_with_advice(self):
        # The surplus of country 0 is fixed; behind this wall it cannot be earned.
        flows = np.array([[1.0, 8.0], [1.0, 20.0]])
        economy = Economy(flows, deficits="fixed")
        wall = np.array([[1.0, 1e6], [1.0, 1.0]])
        with pytest.raises(ConvergenceError, match=r"residual .* try"):
            economy.solve(trade_costs=wall * wall.T)

    def test_results_and_baseline_tariffs_are_as_promised(self):
        flows, tariffs = world(5, 1)
        economy = Economy(flows, tariffs)
        np.testing.assert_array_equal(economy.baseline_tariffs, tariffs)
        with pytest.raises(ValueError, match="read-only"):
            economy.baseline_tariffs[0, 0] = 1.0
