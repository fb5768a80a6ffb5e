"""What keeps an organisation alive: four parts, closed in on at a speed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.kernels.vitality import delivery, paid_share
from sim.log import Log
from sim.mechanisms.vitality import VITALITY
from sim.mechanisms.vitality.phase import is_zombie
from sim.setting import Setting
from sim.state import State


@pytest.fixture
def row(setting: Setting) -> int:
    return setting.axes.organisation("UNASUR")


def test_it_starts_at_the_mean_of_its_parts(setting: Setting, start: State, row: int) -> None:
    VITALITY(setting, start, Log(setting))
    points = setting.world.ideal_point[start.is_member[row]]
    office = setting.charter("UNASUR").secretariat
    meets = 1 - np.exp(-office.meetings_per_year)
    expected = (0.5 + 1.0 + office.capacity + meets + np.exp(-np.std(points))) / 5
    assert start.vitality.level[row] == pytest.approx(expected)


def test_then_it_closes_part_of_the_gap(setting: Setting, start: State, row: int) -> None:
    VITALITY(setting, start, Log(setting))
    before = start.vitality.level.copy()
    with start.opened(["n_lapsed", "shock_vacancy"]):
        start.n_lapsed[row] = 8
        start.shock_vacancy[row] = True
    start.step = 1
    VITALITY(setting, start, Log(setting))
    office, left = setting.charter("UNASUR").secretariat, 1 - setting["vacancy_loss"]
    often = office.meetings_per_year
    change = (0.1 - 0.5) / 5 + office.capacity * (left - 1) / 5
    change += (np.exp(-often) - np.exp(-often * left)) / 5
    found = start.vitality.level - before
    assert found[row] == pytest.approx(setting["vitality_speed"] * change)
    assert np.abs(np.delete(found, row)).max() < 1e-12


def test_delivery_lifts_it(setting: Setting, start: State, row: int) -> None:
    with start.opened(["n_agreed"]):
        start.n_agreed[row] = 8
    VITALITY(setting, start, Log(setting))
    delivered = start.vitality.level[row]
    with start.opened(["n_agreed", "vitality.level", "vitality.first"]):
        start.n_agreed[row] = 0
        start.vitality.level[row] = start.vitality.first[row] = 0
    VITALITY(setting, start, Log(setting))
    assert delivered - start.vitality.level[row] == pytest.approx((0.9 - 0.5) / 5)


def _live(setting: Setting, state: State, changes: dict[int, str], quarters: int) -> list[bool]:
    """Whether ASEAN is a zombie in each quarter, with counts of it that rise by one in some."""
    body, found = setting.axes.organisation("ASEAN"), []
    for step in range(quarters):
        state.step = step
        if step in changes:
            with state.opened([changes[step]]):
                state[changes[step]][body] += 1
        VITALITY(setting, state, Log(setting))
        found.append(bool(is_zombie(setting, state)[body]))
    return found


def test_a_body_before_which_all_came_to_nothing_for_years_is_a_zombie(
    setting: Setting, start: State
) -> None:
    years = int(4 * setting["zombie_years"])
    changes = {4: "n_agreed", 6: "n_statements", years + 8: "third_parties.n_taken_up"}
    found = _live(setting, start, changes, years + 12)
    assert found == [4 + years <= step < years + 8 for step in range(years + 12)]


@pytest.mark.parametrize("name", ["n_lapsed", "missions.n_declined", "third_parties.n_declined"])
def test_what_lapses_or_is_declined_is_no_progress(
    setting: Setting, start: State, name: str
) -> None:
    years = int(4 * setting["zombie_years"])
    assert _live(setting, start, {6: name}, years + 1)[-1]


def test_a_body_before_which_nothing_came_is_no_zombie(setting: Setting, start: State) -> None:
    assert not any(_live(setting, start, {}, int(4 * setting["zombie_years"]) + 4))


def test_bodies_that_hardly_meet_exist_in_name_alone(setting: Setting, start: State) -> None:
    VITALITY(setting, start, Log(setting))
    codes = np.array(setting.axes.organisations)
    often = np.array([setting.charter(c).secretariat.meetings_per_year for c in codes])
    rare = (1 - np.exp(-often) < setting["zombie_meetings"]) & start.is_member.any(axis=1)
    assert set(codes[is_zombie(setting, start)]) == set(codes[rare]) == {"SAARC", "UNASUR"}


def test_a_body_without_members_is_dead(setting: Setting, start: State, row: int) -> None:
    with start.opened(["is_member"]):
        start.is_member[row] = False
    VITALITY(setting, start, Log(setting))
    assert start.vitality.level[row] == 0
    assert start.vitality.level.sum() > 0


def test_switched_off_it_stays_and_capacity_still_follows_money(
    setting_of: Callable[..., Setting], start: State, row: int
) -> None:
    setting = setting_of("baseline", 1, "switches.vitality=false")
    with start.opened(["shock_vacancy"]):
        start.shock_vacancy[row] = True
    VITALITY(setting, start, Log(setting))
    assert not start.vitality.level.any()
    full = setting.charter("UNASUR").secretariat.capacity
    assert start.capacity[row] == pytest.approx(full * (1 - setting["vacancy_loss"]))


def test_everybodys_dues_are_the_budget(setting: Setting, start: State) -> None:
    for code in setting.axes.organisations:
        dues = setting.dues(code)
        if start.is_member[setting.axes.organisation(code)].any():
            assert dues.sum() == pytest.approx(1.0), code
            assert (dues >= 0).all()


@given(
    st.lists(st.tuples(st.booleans(), st.floats(0, 1), st.floats(0.01, 5)), min_size=1, max_size=9)
)
def test_what_is_paid_is_a_share_and_falls_with_arrears(
    payers: list[tuple[bool, float, float]],
) -> None:
    member = np.array([p[0] for p in payers])
    arrears = np.array([p[1] for p in payers])
    dues = np.array([p[2] for p in payers])
    dues = dues / dues.sum()
    paid = paid_share(member, arrears, dues)
    assert 0 <= paid <= 1
    by_hand = sum(d * (1 - a) for m, a, d in zip(member, arrears, dues, strict=True) if m)
    assert paid == pytest.approx(by_hand, abs=1e-12)
    assert paid_share(member, np.minimum(arrears + 0.1, 1), dues) <= paid + 1e-12


@given(st.integers(0, 50), st.integers(0, 50))
def test_delivery_is_between_what_was_seen_and_even_odds(agreed: int, lapsed: int) -> None:
    found = float(delivery(np.array([agreed]), np.array([lapsed]))[0])
    seen = agreed / (agreed + lapsed) if agreed + lapsed else 0.5
    assert min(seen, 0.5) <= found <= max(seen, 0.5)
