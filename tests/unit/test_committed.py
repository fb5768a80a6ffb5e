"""Terms without an agreement, and the world of the year in which talks are assessed."""

from __future__ import annotations

from dataclasses import fields, replace
from types import SimpleNamespace

import numpy as np
import pytest

from sim.agreements import Status, TariffCut, TradeCostCut
from sim.dataset import parquet_bytes
from sim.economy import World, committed_terms, expected_terms, outlook
from sim.engine import open_model, simulate
from sim.forum import forum_in
from sim.issues import areas
from sim.log import Log
from sim.mechanisms.forum_choice.areas import TALKS
from sim.mechanisms.forum_choice.options import convention
from sim.model import ConcordModel
from sim.phases.assessment import ASSESSMENT

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


def _gain(model, pair: tuple[str, str]) -> np.ndarray:
    rules = convention("TALKS_TEST", pair, 4.0, near=False)
    setting, state = model.setting, model.state
    forum = forum_in(setting, rules, "trade")
    members = setting.axes.mask(pair)
    menu = areas()["trade"].menu(setting, state, forum, TALKS["trade"], members, name="agreement")
    return menu.value.gain[:, members]


def _put(state, *agreements) -> None:
    with state.opened(["agreements"]):
        state.agreements = (*state.agreements, *agreements)


def _deal(model, code: str, *codes: str):
    """A deep agreement among some, signed now."""
    made = next(a for a in model.state.agreements if a.is_of_the_run and a.area == "trade")
    inside = model.setting.axes.mask(codes)
    effects = TariffCut(0.9), TradeCostCut(0.12)
    parties = {"signatories": inside, "ratified": ~inside & inside, "status": Status.SIGNED}
    return replace(made, code=f"{code}/x/0", organisation=code, effects=effects, **parties)


@pytest.fixture
def lively(model) -> SimpleNamespace:
    """The run with a state of its own, for tests that change it."""
    return SimpleNamespace(setting=model.setting, state=model.state.copy())


def _assess(lively) -> None:
    ASSESSMENT(lively.setting, lively.state, Log(lively.setting))


def test_what_others_sign_counts_from_the_next_assessment(lively) -> None:
    pair, state = ("BRA", "CAN"), lively.state
    before = _gain(lively, pair)
    _put(state, _deal(lively, "OTHERS", "CAN", "ARG", "PRY"))
    assert np.array_equal(_gain(lively, pair), before)
    state.step += 1
    assert state.step % 4 == 0
    _assess(lively)
    assert _gain(lively, pair) != pytest.approx(before, rel=1e-4)


def test_a_tariff_is_news_and_a_treaty_is_not(lively) -> None:
    state, setting = lively.state, lively.setting
    kept = state.assessments
    with state.opened(["has_treaty"]):
        state.has_treaty[2, 3] = state.has_treaty[3, 2] = ~state.has_treaty[2, 3]
    _assess(lively)
    assert state.assessments is kept
    with state.opened(["shock_tariff"]):
        state.shock_tariff[:, setting.axes.state("USA")] += 0.2
        np.fill_diagonal(state.shock_tariff, 0.0)
    _assess(lively)
    assert state.assessments[0].holds(state)
    assert state.assessments[0].agreements is state.agreements


def test_a_forum_knows_what_it_has_made_itself(lively) -> None:
    setting, state = lively.setting, lively.state
    new = _deal(lively, "OWN", "CAN", "BRA")
    _put(state, new)
    world = World.of_year(setting, state)
    assert expected_terms(setting, state, "OTHERS") is world.terms
    own = expected_terms(setting, state, "OWN")
    i, j = (setting.axes.state(code) for code in ("CAN", "BRA"))
    assert own.keep[i, j] == pytest.approx(0.1 * world.terms.keep[i, j])


def test_an_agreement_of_the_year_is_worth_what_it_adds(lively) -> None:
    """Its gain on top of the world of the year: of that world with it over the one without."""
    setting, state = lively.setting, lively.state
    new = _deal(lively, "OWN", "CAN", "BRA")
    _put(state, new)
    world, area = World.of_year(setting, state), areas()["trade"]
    assert not world.has(new)
    added = area.standing(setting, state, new).gain
    with_it = expected_terms(setting, state, "OWN")
    worth = outlook(setting, with_it).worth([world.terms])[0]
    assert np.abs(added).max() > 0.01
    assert added == pytest.approx(worth, abs=1e-9)


def test_the_world_of_the_year_does_not_hang_on_what_is_remembered(scenario_of, only) -> None:
    scenario = scenario_of("forum_choice", *only("ANDEAN"), *LIVELY)
    one, two = (simulate(scenario, 1, remembers=memory).tables() for memory in (True, False))
    assert (one["openings"].num_rows, one["rounds"].num_rows) > (10, 10)
    assert all(parquet_bytes(one[name]) == parquet_bytes(two[name]) for name in one)
