"""What the agreements that pairs do not have say of their two sides."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sim.issues.trade.history import history_of
from sim.kernels.acceptance import side_residual
from sim.setting import Setting

SettingOf = Callable[..., Setting]


def towards(setting: Setting, *pairs: tuple[str, str]) -> np.ndarray:
    """(S, S) partners: both sides of some pairs."""
    mask = np.zeros((len(setting.axes.states),) * 2, dtype=bool)
    for pair in pairs:
        i, j = (setting.axes.state(code) for code in pair)
        mask[i, j] = mask[j, i] = True
    return mask


def test_without_new_partners_it_says_nothing(setting: Setting) -> None:
    assert not history_of(setting, towards(setting)).any()


def test_closed_form_against_draws() -> None:
    """The posterior mean is that of logistic residuals given that not both sides accept."""
    rng = np.random.default_rng(1)
    for v, w in ((1.5, 0.5), (-1.0, 2.0), (3.0, 3.0)):
        e, f = rng.logistic(size=(2, 2_000_000))
        none = ~((v + e >= 0) & (w + f >= 0))
        p, q = (1 / (1 + np.exp(-np.array([x]))) for x in (v, w))
        found = side_residual(p, q, np.array([False]))
        assert found[0] == pytest.approx(
            e[none].mean(), abs=0.01 + 4 * e[none].std() / none.sum() ** 0.5
        )


def test_neighbours_that_ought_to_trade_freely_and_do_not(setting: Setting) -> None:
    """Posterior means of 2020 (EU as one): EU-USA -2.0, USA-JPN -2.3 and -1.1, IND-CHN near 0."""
    axes = setting.axes

    def side(one: str, two: str) -> float:
        return float(history_of(setting, towards(setting, (one, two)))[axes.state(one)])

    assert -2.8 < side("DEU", "USA") < -1.4
    assert -2.8 < side("USA", "JPN") < -1.3
    assert -1.5 < side("JPN", "USA") < -0.6
    assert -1.2 < side("USA", "CHN") < -0.2
    assert -0.3 < side("IND", "CHN") < 0.0
    assert -0.3 < side("IND", "PAK") < 0.0


def test_members_of_a_union_share_it(setting: Setting) -> None:
    found = history_of(setting, towards(setting, ("DEU", "USA"), ("FRA", "USA")))
    assert found[setting.axes.state("DEU")] == found[setting.axes.state("FRA")] < 0


def test_pairs_with_an_agreement_and_within_a_union_say_nothing(setting: Setting) -> None:
    assert not history_of(setting, towards(setting, ("DEU", "FRA"), ("USA", "MEX"))).any()


def test_it_does_not_depend_on_what_was_asked_before(setting_of: SettingOf) -> None:
    asked, fresh = (setting_of("baseline", 1, "title=again") for _ in range(2))
    pair = towards(asked, ("BRA", "USA"))
    history_of(asked, towards(asked, ("IND", "JPN"), ("KEN", "CHN"), ("BRA", "AUS")))
    fresh.memo.clear()
    assert np.array_equal(history_of(asked, pair), history_of(fresh, pair))
