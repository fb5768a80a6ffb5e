"""From agreements to the terms of trade: who cuts what towards whom, how far and from when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.agreements import Agreement, Commitment, IncomeEffect, Proposal, Status
from sim.economy import Terms, committed_terms, current_terms, outlook
from sim.economy.block import Block
from sim.issues import areas
from sim.log import Log
from sim.phases.membership import MEMBERSHIP
from sim.setting import Setting
from sim.state import State


def cut(depth: float, tariff_cut: float, **given: object) -> Proposal:
    """A proposal in trade."""
    return areas()["trade"].propose({"depth": depth, "tariff_cut": tariff_cut}, **given)


MEMBERS = ("BRA", "JPN", "KEN", "TUR")  # no agreement among these four at the start


def agreement(setting: Setting, states: tuple[str, ...] = MEMBERS, **given: object) -> Agreement:
    """An agreement in force among some states since quarter 0."""
    mask = setting.axes.mask(states)
    base = {
        "code": "FITP/x/0",
        "organisation": "FITP",
        "item": "x",
        "area": "trade",
        "kind": "preferential",
        "proposal": cut(0.05, 0.4),
        "scale": 1.0,
        "opened": date(2024, 1, 1),
        "signatories": mask,
        "ratified": mask,
        "acceded": np.zeros_like(mask),
        "bound_at": np.where(mask, 0, -1),
        "status": Status.IN_FORCE,
    }
    found = {**base, **given}
    parts = found["kind"], found["proposal"], found["scale"]
    effects = areas()["trade"].effects(setting, None, *parts)
    return Agreement(**{"effects": effects, **found})


def after(terms: Terms, brought: Commitment) -> tuple[np.ndarray, np.ndarray]:
    """Tariffs and relative trade costs of the pairs that a change touches."""
    return Block.of(terms, brought).after(brought)


def change(
    setting: Setting, kind: str, inside: np.ndarray, depth: float, tariff_cut: float = 0.0
) -> Commitment:
    """What a proposal in trade does among some states."""
    effects = areas()["trade"].effects(setting, None, kind, cut(depth, tariff_cut), 1.0)
    return Commitment(effects, inside)


def put(state: State, *agreements: Agreement) -> State:
    with state.opened(["agreements"]):
        state.agreements = agreements
    return state


@pytest.fixture
def years(setting: Setting) -> int:
    return round(setting["phase_in_years"] * 4)


@pytest.fixture
def done(start: State, years: int) -> State:
    """A quarter in which everything bound since quarter 0 is phased in."""
    start.step = years
    return start


def test_the_four_start_without_agreements(setting: Setting) -> None:
    inside = setting.axes.mask(MEMBERS)
    assert not setting.world.has_agreement[np.ix_(inside, inside)].any()


class TestStart:
    def test_the_first_terms_are_the_baseline_worlds(self, setting: Setting, start: State) -> None:
        terms = current_terms(setting, start)
        off = ~np.eye(len(setting.axes.states), dtype=bool)
        assert np.allclose(terms.tariff[off], setting.world.tariffs[off], atol=1e-15)
        assert np.array_equal(terms.cost, np.ones_like(terms.cost))
        assert not terms.tariff.diagonal().any()

    def test_committed_and_current_agree_where_nothing_is_under_way(
        self, setting: Setting, start: State
    ) -> None:
        now, ahead = current_terms(setting, start), committed_terms(setting, start)
        assert np.array_equal(now.tariff, ahead.tariff)
        assert np.array_equal(now.cost, ahead.cost)


class TestDirection:
    def test_a_cut_towards_all_lowers_the_importers_column_alone(
        self, setting: Setting, done: State
    ) -> None:
        before = current_terms(setting, done)
        j = setting.axes.state("IND")
        mfn = agreement(setting, ("IND",), kind="mfn", proposal=cut(0.02, 0.5))
        after = current_terms(setting, put(done, mfn))
        off = np.arange(len(setting.axes.states)) != j
        assert np.allclose(after.tariff[off, j], 0.5 * before.tariff[off, j])
        assert np.allclose(after.cost[off, j], 0.98)
        after_rest, before_rest = after.tariff.copy(), before.tariff.copy()
        after_rest[:, j] = before_rest[:, j] = 0
        assert np.array_equal(after_rest, before_rest)
        assert np.array_equal(np.delete(after.cost, j, axis=1), np.delete(before.cost, j, axis=1))

    def test_a_preference_stays_among_those_inside(self, setting: Setting, done: State) -> None:
        before = current_terms(setting, done)
        after = current_terms(setting, put(done, agreement(setting)))
        inside = setting.axes.mask(MEMBERS)
        pairs = np.outer(inside, inside) & ~np.eye(inside.size, dtype=bool)
        assert np.allclose(after.tariff[pairs], 0.6 * before.tariff[pairs])
        assert np.allclose(after.cost[pairs], 0.95)
        assert np.array_equal(after.tariff[~pairs], before.tariff[~pairs])
        assert np.array_equal(after.cost[~pairs], before.cost[~pairs])

    def test_each_cuts_its_own_tariff_on_the_other(self, setting: Setting, done: State) -> None:
        i, j = setting.axes.state("BRA"), setting.axes.state("JPN")
        world = setting.world
        assert world.mfn[i] > 2 * world.mfn[j] > 0
        after = current_terms(setting, put(done, agreement(setting)))
        assert after.tariff[i, j] == pytest.approx(0.6 * world.mfn[j])
        assert after.tariff[j, i] == pytest.approx(0.6 * world.mfn[i])


class TestSeveralAgreements:
    def test_cuts_follow_one_another(self, setting: Setting, done: State) -> None:
        two = agreement(setting, code="FITP/y/0", proposal=cut(0.1, 0.5), scale=0.5)
        before = current_terms(setting, done)
        after = current_terms(setting, put(done, agreement(setting), two))
        i, j = setting.axes.state("BRA"), setting.axes.state("JPN")
        assert after.tariff[i, j] == pytest.approx(before.tariff[i, j] * 0.6 * 0.75)
        assert after.cost[i, j] == pytest.approx(0.95 * 0.95)

    @settings(max_examples=25, deadline=None)
    @given(depths=st.lists(st.floats(0, 0.3), min_size=1, max_size=4))
    def test_depth_adds_up_to_the_ceiling_and_never_falls(
        self, setting: Setting, depths: list[float]
    ) -> None:
        cost = []
        terms = _bare(setting)
        inside = setting.axes.mask(MEMBERS)
        i, j = setting.axes.state("BRA"), setting.axes.state("JPN")
        for depth in depths:
            _, ratio = after(terms, change(setting, "preferential", inside, depth))
            at = np.ix_(inside, inside)
            new = 1 - (1 - terms.depth[at]) * ratio
            kept = terms.depth.copy()
            kept[at] = np.where(np.eye(len(MEMBERS), dtype=bool), 0.0, new)
            terms = replace(terms, depth=kept)
            cost.append(terms.cost[i, j])
        assert all(b <= a + 1e-12 for a, b in zip([1.0, *cost], cost, strict=False))
        product = np.prod([1 - d for d in depths])
        assert cost[-1] == pytest.approx(max(product, 1 - setting["depth_ceiling"]), abs=1e-12)

    def test_what_is_deeper_than_the_ceiling_stays_so(self, setting: Setting) -> None:
        i, j = setting.axes.state("BRA"), setting.axes.state("JPN")
        terms = _bare(setting)
        terms.depth[i, j] = setting["depth_ceiling"] + 0.05
        inside = setting.axes.mask(MEMBERS)
        _, cost = after(terms, change(setting, "preferential", inside, 0.1))
        rows = np.flatnonzero(inside).tolist()
        assert cost[rows.index(i), rows.index(j)] == 1.0

    def test_facilitation_has_a_ceiling_of_its_own(self, setting: Setting, done: State) -> None:
        deep = agreement(setting, ("IND",), kind="mfn", proposal=cut(0.3, 0.0))
        terms = current_terms(setting, put(done, deep))
        i, j = setting.axes.state("BRA"), setting.axes.state("IND")
        assert terms.cost[i, j] == pytest.approx(1 - setting["facilitation_ceiling"])
        assert terms.cost[j, i] == 1.0

    def test_what_has_no_effect_on_trade_does_not_touch_it(
        self, setting: Setting, done: State
    ) -> None:
        terms = current_terms(setting, put(done, agreement(setting, effects=())))
        assert np.array_equal(terms.keep, np.ones_like(terms.keep))

    def test_the_area_that_an_effect_comes_from_makes_no_difference(
        self, setting: Setting, done: State
    ) -> None:
        one = current_terms(setting, put(done, agreement(setting)))
        other = current_terms(setting, put(done, agreement(setting, area="digital")))
        assert np.array_equal(one.tariff, other.tariff)
        assert np.array_equal(one.cost, other.cost)


def _bare(setting: Setting) -> Terms:
    """Terms before any agreement, a tariff of a tenth everywhere."""
    size = len(setting.axes.states)
    none = np.zeros((size, size))
    return Terms(
        base=np.full((size, size), 0.1),
        keep=np.ones((size, size)),
        depth=none.copy(),
        depth_start=none,
        facilitation=none.copy(),
        facilitation_start=none,
        extra=none,
        extra_cost=none,
        income=np.zeros(size),
    )


class TestPhaseIn:
    def test_it_is_linear_and_ends(self, setting: Setting, start: State, years: int) -> None:
        i, j = setting.axes.state("BRA"), setting.axes.state("JPN")
        base = current_terms(setting, start).tariff[i, j]
        put(start, agreement(setting, proposal=cut(0.0, 0.4)))
        fallen = []
        for step in range(years + 8):
            start.step = step
            fallen.append(1 - current_terms(setting, start).tariff[i, j] / base)
        expected = 0.4 * np.minimum((np.arange(years + 8) + 1) / years, 1)
        assert fallen == pytest.approx(expected.tolist())

    def test_nothing_before_it_binds(self, setting: Setting, start: State) -> None:
        mask = setting.axes.mask(MEMBERS)
        start.step = 3
        put(start, agreement(setting, bound_at=np.where(mask, 4, -1)))
        assert np.array_equal(current_terms(setting, start).keep, np.ones((mask.size, mask.size)))

    def test_signed_is_committed_and_not_current(self, setting: Setting, done: State) -> None:
        nobody = np.full(len(setting.axes.states), -1)
        put(done, agreement(setting, status=Status.SIGNED, bound_at=nobody))
        i, j = setting.axes.state("BRA"), setting.axes.state("JPN")
        assert current_terms(setting, done).keep[i, j] == 1
        assert committed_terms(setting, done).keep[i, j] == pytest.approx(0.6)

    def test_who_ratifies_late_phases_in_late(
        self, setting: Setting, start: State, years: int
    ) -> None:
        axes = setting.axes
        bound = np.where(axes.mask(MEMBERS), 0, -1)
        bound[axes.state("KEN")] = 10
        put(start, agreement(setting, proposal=cut(0.0, 0.4), bound_at=bound))
        bra, jpn, ken = (axes.state(c) for c in ("BRA", "JPN", "KEN"))
        start.step = 9
        keep = current_terms(setting, start).keep
        assert keep[bra, jpn] == pytest.approx(1 - 0.4 * 10 / years)
        assert keep[bra, ken] == keep[ken, bra] == 1.0
        start.step = 10
        keep = current_terms(setting, start).keep
        assert keep[bra, jpn] == pytest.approx(1 - 0.4 * 11 / years)
        assert keep[bra, ken] == keep[ken, bra] == pytest.approx(1 - 0.4 / years)
        start.step = 10 + years
        keep = current_terms(setting, start).keep
        assert keep[bra, ken] == pytest.approx(0.6)

    def test_in_the_end_current_is_committed(self, setting: Setting, done: State) -> None:
        put(done, agreement(setting), agreement(setting, ("IND", "USA"), kind="mfn", code="W/x/0"))
        now, ahead = current_terms(setting, done), committed_terms(setting, done)
        assert np.allclose(now.tariff, ahead.tariff, atol=1e-15)
        assert np.allclose(now.cost, ahead.cost, atol=1e-15)

    def test_without_phase_in_all_comes_at_once(
        self, setting_of: Callable[..., Setting], start: State
    ) -> None:
        abrupt = setting_of("baseline", 1, "switches.phase_in=false")
        i, j = abrupt.axes.state("BRA"), abrupt.axes.state("JPN")
        assert current_terms(abrupt, put(start, agreement(abrupt))).keep[i, j] == pytest.approx(0.6)


class TestMembers:
    """Treaties of the outside world follow who belongs to what."""

    @staticmethod
    def follow(setting: Setting, state: State, step: int, **member: bool) -> None:
        """Move members of an organisation (``CODE_ISO=True``) and let treaties follow."""
        axes = setting.axes
        with state.opened(["is_member", "leaves_at"]):
            for key, joins in member.items():
                o, s = key.rsplit("_", 1)
                row, column = axes.organisation(o), axes.state(s)
                if joins:
                    state.is_member[row, column] = True
                state.leaves_at[row, column] = step  # an exit due makes the phase look
        state.step = step
        MEMBERSHIP(setting, state, Log(setting))

    def test_leaving_returns_pairs_to_mfn_and_takes_depth(
        self, setting: Setting, start: State
    ) -> None:
        axes, world = setting.axes, setting.world
        before = current_terms(setting, start)
        self.follow(setting, start, 4, MERCOSUR_BRA=False)
        after = current_terms(setting, start)
        i, j, k = axes.state("BRA"), axes.state("ARG"), axes.state("URY")
        assert not start.is_member[axes.organisation("MERCOSUR"), i]
        assert after.tariff[i, j] == pytest.approx(world.mfn[j])
        assert after.tariff[j, i] == pytest.approx(world.mfn[i])
        assert before.tariff[i, j] < after.tariff[i, j]
        assert after.cost[i, j] == pytest.approx(1 / (1 - world.agreement_depth[i, j]))
        assert after.tariff[j, k] == before.tariff[j, k]
        assert after.cost[j, k] == 1.0

    def test_joining_phases_in(self, setting: Setting, start: State, years: int) -> None:
        axes, world = setting.axes, setting.world
        j, i = axes.state("NOR"), axes.state("MYS")
        assert not start.has_treaty[i, j]
        with start.opened(["is_member"]):
            start.is_member[axes.organisation("CPTPP"), j] = True
        self.follow(setting, start, 8, ASEAN_USA=False)  # nothing but a reason to look
        assert start.treaty_since[i, j] == start.treaty_since[j, i] == 8
        full = setting["residual_preferential_tariff"]
        for step, share in ((8, 1 / years), (8 + years // 2 - 1, 0.5), (8 + 2 * years, 1.0)):
            start.step = step
            terms = current_terms(setting, start)
            for a, b in ((i, j), (j, i)):
                assert terms.base[a, b] == pytest.approx(world.mfn[b] * (1 - share * (1 - full)))
                depth = share * setting["existing_agreement_depth"]
                assert terms.cost[a, b] == pytest.approx(1 - depth)
        assert committed_terms(setting, start).base[i, j] == pytest.approx(full * world.mfn[j])


class TestExtraTariffs:
    def test_they_come_on_top_of_what_agreements_leave(self, setting: Setting, done: State) -> None:
        i, j = setting.axes.state("BRA"), setting.axes.state("JPN")
        put(done, agreement(setting))
        before = current_terms(setting, done).tariff
        with done.opened(["shock_tariff"]):
            done.shock_tariff[i, j] = 0.25
        after = current_terms(setting, done).tariff
        assert after[i, j] == pytest.approx(before[i, j] + 0.25)
        after[i, j] = before[i, j]
        assert np.array_equal(after, before)
        assert committed_terms(setting, done).tariff[i, j] == pytest.approx(before[i, j] + 0.25)


class TestMemory:
    """Committed terms are remembered by what they follow from."""

    def test_the_same_world_gives_the_same_object(self, setting: Setting, start: State) -> None:
        assert committed_terms(setting, start) is committed_terms(setting, start)

    @pytest.mark.parametrize(
        "changes",
        [{"proposal": cut(0.1, 0.4)}, {"scale": 0.5}, {"status": Status.SUSPENDED}],
        ids=str,
    )
    def test_the_same_code_with_other_content_is_another(
        self, setting: Setting, start: State, changes: dict[str, object]
    ) -> None:
        """Two branches of one setting may settle the same item in different ways."""
        one = committed_terms(setting, put(start, agreement(setting)))
        two = committed_terms(setting, put(start, agreement(setting, **changes)))
        i, j = setting.axes.state("BRA"), setting.axes.state("JPN")
        assert (one.keep[i, j], one.depth[i, j]) != (two.keep[i, j], two.depth[i, j])

    def test_leaving_an_agreement_out(self, setting: Setting, start: State) -> None:
        nothing = committed_terms(setting, put(start))
        put(start, agreement(setting))
        for code, is_left in (("FITP/x/0", True), ("FITP/y/0", False)):
            found = committed_terms(setting, start, without=code)
            assert np.array_equal(found.tariff, nothing.tariff) == is_left
            assert np.array_equal(found.cost, nothing.cost) == is_left
            assert np.array_equal(found.income, nothing.income)

    def test_many_worlds_do_not_pile_up(self, setting: Setting, start: State) -> None:
        for n in range(40):
            committed_terms(setting, put(start, agreement(setting, scale=n / 40)))
        counts = setting.memo.counts()
        assert max(n for name, n in counts.items() if name.startswith("sim.economy.")) <= 24


def pair_by_hand(
    setting: Setting, state: State, agreements: list[Agreement], i: int, j: int, committed: bool
) -> tuple[float, float]:
    """Tariff of j on i and trade cost of the pair, one number after another."""
    world, length = setting.world, setting["phase_in_years"] * 4
    rate, depth, facilitation = world.mfn[j], 0.0, 0.0
    if state.has_treaty[i, j]:
        rate, depth = (
            (world.tariffs[i, j], world.agreement_depth[i, j])
            if world.has_agreement[i, j]
            else (
                rate * setting["residual_preferential_tariff"],
                setting["existing_agreement_depth"],
            )
        )
    for a in agreements:
        binds = a.signatories if committed else (a.bound_at >= 0) & (a.bound_at <= state.step)
        needed = [j] if a.kind == "mfn" else [i, j]
        if not all(binds[n] for n in needed):
            continue
        share = 1.0
        if not committed:
            share = min(min((state.step - a.bound_at[n] + 1) / length, 1.0) for n in needed)
        rate *= 1 - a.proposal["tariff_cut"] * a.scale * share
        cost_cut = a.proposal["depth"] * a.scale * share
        if a.kind == "mfn":
            facilitation = max(
                facilitation,
                min(1 - (1 - facilitation) * (1 - cost_cut), setting["facilitation_ceiling"]),
            )
        else:
            depth = max(depth, min(1 - (1 - depth) * (1 - cost_cut), setting["depth_ceiling"]))
    start = world.agreement_depth[i, j] if world.has_agreement[i, j] else 0.0
    cost = (1 - depth) / (1 - start) * (1 - facilitation)
    return rate + state.extra_tariff[i, j], cost


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_pair_agrees_with_the_sum_by_hand(
    setting: Setting, start: State, data: st.DataObject
) -> None:
    state = start.copy()
    few = ["ARG", "BRA", "DEU", "FRA", "JPN", "MEX", "USA", "VNM"]
    rows = [setting.axes.state(c) for c in few]
    agreements = []
    for n in range(data.draw(st.integers(0, 3))):
        inside = tuple(data.draw(st.lists(st.sampled_from(few), min_size=1, unique=True)))
        bound = np.where(setting.axes.mask(inside), 0, -1)
        for row in np.flatnonzero(bound == 0):
            bound[row] = data.draw(st.integers(-1, 30))
        agreements.append(
            agreement(
                setting,
                inside,
                code=f"FITP/{n}/0",
                kind=data.draw(st.sampled_from(["mfn", "preferential"])),
                proposal=cut(data.draw(st.floats(0, 0.25)), data.draw(st.floats(0, 1))),
                scale=data.draw(st.floats(0.1, 1)),
                bound_at=bound,
            )
        )
    put(state, *agreements)
    with state.opened(["shock_tariff"]):
        state.shock_tariff[rows[0], rows[1]] = data.draw(st.floats(0, 1))
    state.step = data.draw(st.integers(0, 60))
    for committed, terms in (
        (False, current_terms(setting, state)),
        (True, committed_terms(setting, state)),
    ):
        tariff, cost = terms.tariff, terms.cost
        for i in rows:
            for j in rows:
                if i != j:
                    hand = pair_by_hand(setting, state, agreements, i, j, committed)
                    assert (tariff[i, j], cost[i, j]) == pytest.approx(hand, abs=1e-12)


class TestBlockAfter:
    """A level on top of some terms changes them as an agreement of that level would."""

    @pytest.mark.parametrize("kind", ["mfn", "preferential"])
    def test_it_is_what_signing_brings(self, setting: Setting, start: State, kind: str) -> None:
        put(start, agreement(setting))
        before = committed_terms(setting, start)
        new = agreement(setting, ("BRA", "IND", "USA"), code="FITP/y/0", kind=kind)
        brought = new.committed()
        at = brought.pairs(brought.reach)
        tariff, ratio = Block.of(before, brought).after(brought)
        after = committed_terms(setting, put(start, *start.agreements, new))
        assert np.allclose(after.tariff[at], tariff, atol=1e-15)
        assert np.allclose((after.cost / before.cost)[at], ratio, atol=1e-15)

    def test_scale_shrinks_both_cuts(self, setting: Setting) -> None:
        halved = agreement(setting, scale=0.5).effects
        assert [effect.share for effect in halved] == [0.2, 0.025]

    def test_worth_is_the_reverse_of_gain(self, setting: Setting, start: State) -> None:
        """What signing brings over the world before is what the agreement is worth after."""
        put(start, agreement(setting))
        signed = start.agreements[0].committed()
        without = committed_terms(setting, start, without="FITP/x/0")
        brings = outlook(setting, without).gains([signed])[0]
        worth = outlook(setting, committed_terms(setting, start)).worth([without])[0]
        assert np.allclose(brings, worth, atol=1e-7)
        assert np.abs(brings).max() > 1e-3


class TestOutlook:
    """Any change can be valued, other terms altogether included."""

    def test_a_tariff_is_worth_less_when_it_is_answered(
        self, setting: Setting, start: State
    ) -> None:
        usa = setting.axes.state("USA")
        terms = committed_terms(setting, start)
        added = np.zeros_like(terms.extra)
        added[:, usa] = 0.1
        np.fill_diagonal(added, 0.0)
        raised, answered = (
            replace(terms, extra=terms.extra + extra) for extra in (added, added + added.T)
        )
        # what today's world is worth over the two, for who raised the tariff
        over_raised, over_answered = outlook(setting, terms).worth([raised, answered])[:, usa]
        assert over_answered > over_raised
        assert over_answered > 0.01

    def test_many_others_are_each_what_they_are_alone(self, setting: Setting, start: State) -> None:
        put(start, agreement(setting), agreement(setting, ("IND", "USA"), code="W/x/0"))
        view = outlook(setting, committed_terms(setting, start))
        others = [committed_terms(setting, start, without=c) for c in ("FITP/x/0", "W/x/0", "")]
        together = view.worth(others)
        for row, other in zip(together, others, strict=True):
            assert np.array_equal(row, view.worth([other])[0])
        assert not together[2].any()  # nothing is left out
        assert np.abs(together[:2]).max(axis=1).min() > 1e-4

    def test_income_counts_beside_trade(self, setting: Setting, start: State) -> None:
        size = len(setting.axes.states)
        inside = setting.axes.mask(MEMBERS)
        club = IncomeEffect(np.full(size, 0.5), np.zeros(size), np.zeros(size))
        both = (*agreement(setting).effects, club)
        view = outlook(setting, committed_terms(setting, start))
        trade, income, together = view.gains(
            [Commitment(e, inside) for e in (both[:2], (club,), both)]
        )
        assert income[inside] == pytest.approx([0.5] * len(MEMBERS))
        assert not income[~inside].any()
        expected = 100 * ((1 + trade / 100) * (1 + income / 100) - 1)
        assert together == pytest.approx(expected)
        pairs = view.changes(Commitment((club,), inside))
        assert np.array_equal(pairs, np.outer(inside, inside) & ~np.eye(size, dtype=bool))
        assert not view.changes(Commitment((), inside)).any()

    def test_effects_of_parties_and_of_all_go_together(
        self, setting: Setting, start: State
    ) -> None:
        """A preference and an open border in one agreement are the two on top of each other."""
        inside = setting.axes.mask(MEMBERS)
        one, other = (change(setting, k, inside, 0.03, 0.5) for k in ("preferential", "mfn"))
        put(
            start,
            agreement(setting, effects=one.effects),
            agreement(setting, effects=other.effects, code="W/x/0"),
        )
        apart = committed_terms(setting, start)
        put(start, agreement(setting, effects=(*one.effects, *other.effects)))
        together = committed_terms(setting, start)
        assert np.allclose(apart.tariff, together.tariff, atol=1e-15)
        assert np.allclose(apart.cost, together.cost, atol=1e-15)
        mixed = Commitment((*one.effects, *other.effects), inside)
        before = committed_terms(setting, put(start))
        tariff, ratio = after(before, mixed)
        at = mixed.pairs(mixed.reach)
        assert np.allclose(together.tariff[at], tariff, atol=1e-15)
        assert np.allclose((together.cost / before.cost)[at], ratio, atol=1e-15)
