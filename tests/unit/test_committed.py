"""Terms without an agreement, and the world of the year in which talks are assessed."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from sim.dataset import parquet_bytes
from sim.economy import World, committed_terms
from sim.engine import open_model, simulate
from sim.forum import forum_in
from sim.issues import areas
from sim.mechanisms.forum_choice.areas import TALKS
from sim.mechanisms.forum_choice.options import convention
from sim.model import ConcordModel

LIVELY = ("parameters.need_rate=0.06", "quarters=9")


@pytest.fixture(scope="module")
def model(scenario_of, only) -> ConcordModel:
    """A run in the last quarter of its second year, in which talks have been concluded."""
    model = open_model(scenario_of("forum_choice", *only("ANDEAN", "ASEAN", "AFCFTA"), *LIVELY), 1)
    for _ in range(8):
        model.step()
    return model


def _same(one, two) -> bool:
    plain = [f.name for f in fields(one) if f.name != "digital"]
    return all(np.array_equal(getattr(one, name), getattr(two, name)) for name in plain)


def test_without_an_agreement_terms_are_the_sum_of_the_others(model) -> None:
    setting, state = model.setting, model.state
    made = [a for a in state.agreements if a.is_committed.any() and a.area == "trade"]
    assert len([a for a in made if a.is_of_the_run]) > 2
    for left in made:
        others = state.copy()
        with others.opened(["agreements"]):
            # one whom nobody binds is kept, so that what bound at the start is known
            ended = replace(left, signatories=np.zeros_like(left.signatories))
            others.agreements = tuple(ended if a is left else a for a in state.agreements)
        found = committed_terms(setting, state, without=left.code)
        assert _same(found, committed_terms(setting, others))
        assert not _same(found, committed_terms(setting, state))


def _gain(model: ConcordModel, pair: tuple[str, str], *, yearly: bool) -> np.ndarray:
    rules = convention("TALKS_TEST", pair, 4.0, near=False)
    rules = rules.model_copy(update={"is_assessed_yearly": yearly})
    setting, state = model.setting, model.state
    forum = forum_in(setting, rules, "trade")
    members = setting.axes.mask(pair)
    menu = areas()["trade"].menu(setting, state, forum, TALKS["trade"], members, name="agreement")
    return menu.value.gain[:, members]


def test_what_others_do_in_a_year_is_assessed_in_the_next(scenario_of, only) -> None:
    few = (*only("ANDEAN"), "quarters=6", "parameters.need_digital=0")
    model = open_model(scenario_of("forum_choice", *few), 1)
    model.step()
    pair = ("BRA", "CAN")
    before, near = _gain(model, pair, yearly=True), {"rel": 1e-4}  # others sign in any quarter
    assert _gain(model, pair, yearly=False) == pytest.approx(before, **near)
    state = model.state
    with state.opened(["shock_tariff"]):
        state.shock_tariff[:, model.setting.axes.state("USA")] += 0.2
        np.fill_diagonal(state.shock_tariff, 0.0)
    assert np.array_equal(_gain(model, pair, yearly=True), before)
    assert _gain(model, pair, yearly=False) != pytest.approx(before, **near)
    for _ in range(4):  # to the first quarter of the next year
        model.step()
    after = _gain(model, pair, yearly=True)
    assert after == pytest.approx(_gain(model, pair, yearly=False), **near)
    assert after != pytest.approx(before, **near)


def test_an_agreement_of_the_year_stands_in_the_world_of_the_day(model) -> None:
    setting, state = model.setting, model.state
    kept = state.forum_choice.world[0]
    known = {a.code for a in kept.agreements}
    late = [a for a in state.agreements if a.is_of_the_run and a.code not in known]
    early = [a for a in state.agreements if a.is_of_the_run and a.code in known]
    assert late
    assert early
    assert World.of_year(setting, state) is kept
    assert World.of_year(setting, state, late[0]).terms is committed_terms(setting, state)


def test_the_world_of_the_year_does_not_hang_on_what_is_remembered(scenario_of, only) -> None:
    scenario = scenario_of("forum_choice", *only("ANDEAN"), *LIVELY)
    one, two = (simulate(scenario, 1, remembers=memory).tables() for memory in (True, False))
    assert (one["openings"].num_rows, one["rounds"].num_rows) > (10, 10)
    assert all(parquet_bytes(one[name]) == parquet_bytes(two[name]) for name in one)
