"""States bring items where chance, gain and pace together are best."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binom

from sim.kernels.forum_choice import belief, prior_chance, worth
from sim.log import Log
from sim.mechanisms.forum_choice.phase import FORUM_CHOICE, options
from sim.model import initial_state
from sim.phases.economy import ECONOMY
from sim.phases.membership import MEMBERSHIP
from sim.setting import Setting
from sim.state import State
from tests.conftest import SettingOf

SHARE = st.floats(0.01, 0.99)


@given(
    prior=SHARE, strength=st.floats(0.5, 10), agreed=st.integers(0, 50), lapsed=st.integers(0, 50)
)
def test_a_belief_is_the_mean_of_the_beta_posterior(prior, strength, agreed, lapsed) -> None:
    one = np.ones(1)
    found = belief(prior * one, strength, agreed * one, lapsed * one)[0]
    posterior = beta(prior * strength + agreed, (1 - prior) * strength + lapsed)
    assert found == pytest.approx(posterior.mean())


@given(members=st.integers(2, 60), share=SHARE, consent=SHARE)
def test_the_prior_is_a_binomial_tail(members, share, consent) -> None:
    needed = max(1, round(share * members))
    expected = binom(members, consent).sf(needed - 1)
    assert 1 - prior_chance(needed, members, consent) == pytest.approx(1 - expected, abs=1e-9)


@given(chance=SHARE, gain=SHARE, delay=st.floats(0, 20), more=st.floats(0.01, 1))
def test_worth_rises_with_chance_and_gain_and_falls_with_delay(chance, gain, delay, more) -> None:
    def at(chance, gain, delay):
        return worth(np.array([chance]), np.array([gain]), np.array([delay]), 0.1)[0]

    base = at(chance, gain, delay)
    assert at(chance + more, gain, delay) > base
    assert at(chance, gain + more, delay) > base
    assert at(chance, gain, delay + more) < base


@pytest.fixture
def ready(setting_of: SettingOf) -> tuple[Setting, State]:
    """A first quarter in which forums are chosen, treaties, trade and beliefs in place."""
    setting = setting_of("forum_choice", 1, "parameters.need_rate=12")
    state, log = initial_state(setting), Log(setting)
    state.step = 0
    for phase in (MEMBERSHIP, ECONOMY, FORUM_CHOICE):
        phase(setting, state, log)
    return setting, state


def test_a_starved_body_loses_its_items_to_others(ready) -> None:
    setting, state = ready
    values = [options(setting, state, asker) for asker in range(len(setting.axes.states))]
    asker = next(row for row, found in enumerate(values) if (found > 0).sum() >= 2)
    before, best = values[asker], int(values[asker].argmax())
    with state.opened(["capacity"]):
        state.capacity[best] = 0.0
    after = options(setting, state, asker)
    assert before[best] > 0
    assert after[best] == 0.0
    assert after.argmax() != best
    assert after.max() > 0


def test_nothing_is_brought_where_the_state_does_not_sit(ready) -> None:
    setting, state = ready
    asker = setting.axes.state("BRA")
    values = options(setting, state, asker)
    assert not values[~state.is_member[:, asker]].any()


def test_what_died_is_brought_again_and_believed_in_less(ready) -> None:
    setting, state = ready
    row = setting.axes.organisation("MERCOSUR")
    before, brought = state.forum_choice.belief[row], state.forum_choice.brought.sum()
    with state.opened(["n_lapsed"]):
        state.n_lapsed[row] += 1
    state.step = 1
    FORUM_CHOICE(setting, state, Log(setting))
    assert state.forum_choice.belief[row] < before
    assert state.forum_choice.brought.sum() > brought
