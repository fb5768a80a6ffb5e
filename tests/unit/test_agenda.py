"""Who chairs, and what a chair looks for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import ConfigError
from sim.rules.agenda import AGENDA_RULES, Agenda
from sim.rules.agenda.chairs import hegemon, rotating_chair, secretariat, widest

CODES = ("CHL", "NZL", "SGP")
INCOME = np.array([1.0, 2.0, 5.0])


def agenda(gain: object = None, *, turn: int = 0, accepting: object = None) -> Agenda:
    values = np.eye(3) if gain is None else np.asarray(gain, dtype=float)
    ready = np.ones(len(values)) if accepting is None else np.asarray(accepting, dtype=float)
    return Agenda(CODES, INCOME, values, ready, turn)


@given(st.integers(0, 400), st.integers(1, 8))
def test_the_chair_rotates_in_the_order_of_the_codes(turn: int, quarters: int) -> None:
    chair = rotating_chair(agenda(turn=turn), chair_quarters=quarters)
    expected = turn // quarters % 3
    assert chair.code == CODES[expected]
    assert np.argmax(chair.score) == expected  # of three proposals that each favour one


def test_everybody_chairs_as_long() -> None:
    chairs = [rotating_chair(agenda(turn=t), chair_quarters=2).code for t in range(12)]
    assert chairs == ["CHL", "CHL", "NZL", "NZL", "SGP", "SGP"] * 2


def test_the_secretariat_counts_members_alike() -> None:
    chair = secretariat(agenda([[2.0, 2.0, 0.0], [0.0, 0.0, 1.5]]))
    assert chair.code == "secretariat"
    assert chair.score.tolist() == pytest.approx([4 / 3, 0.5])


def test_the_hegemon_looks_to_itself_and_another_steps_in() -> None:
    assert hegemon(agenda(), state="NZL").code == "NZL"
    assert np.argmax(hegemon(agenda(), state="NZL").score) == 1
    assert hegemon(agenda(), state="USA").code == "SGP"  # the largest at the table


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.floats(-9, 9), st.floats(-9, 9), st.floats(-9, 9)),
        min_size=1,
        max_size=6,
    )
)
def test_support_comes_first_and_the_mean_utility_among_equals(
    rows: list[tuple[int, float, float, float]],
) -> None:
    accepting = [r[0] for r in rows]
    gain = np.array([r[1:] for r in rows])
    best = int(np.argmax(widest(agenda(gain, accepting=accepting)).score))
    assert accepting[best] == max(accepting)
    joint = gain.mean(axis=1)
    equals = [m for m in range(len(rows)) if accepting[m] == accepting[best]]
    assert joint[best] == pytest.approx(max(joint[m] for m in equals))


def test_rules_are_bound_by_name() -> None:
    rule = AGENDA_RULES.bind("rotating_chair", {"chair_quarters": 2})
    assert rule(agenda(turn=3)).code == "NZL"
    with pytest.raises(ConfigError, match="state"):
        AGENDA_RULES.bind("hegemon", {})
