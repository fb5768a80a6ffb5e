"""What agreements do: each kind of effect, and how those of several add up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.agreements import (
    EFFECTS,
    Commitment,
    Effect,
    Facilitation,
    IncomeEffect,
    TariffCut,
    TradeCostCut,
    accumulate,
    in_baseline,
)

ALL = np.ones(4, dtype=bool)
TWO = np.array([True, True, False, False])
share = st.floats(0, 1)


def test_the_kinds_are_registered() -> None:
    assert {"TariffCut", "TradeCostCut", "Facilitation", "IncomeEffect"} <= set(EFFECTS)
    assert "PairEffect" not in EFFECTS


@pytest.mark.parametrize("kind", [TariffCut, TradeCostCut, Facilitation, IncomeEffect])
def test_nobody_bound_is_no_effect(kind: type[Effect]) -> None:
    effect = kind(0.5) if kind is not IncomeEffect else IncomeEffect(*np.ones((3, 4)))
    nobody = Commitment((effect,), np.zeros(4, dtype=bool))
    assert np.array_equal(accumulate(kind, [nobody], size=4), kind.none(4))


@given(st.lists(share, max_size=4), st.sampled_from(["parties", "all"]))
def test_tariff_cuts_leave_the_product_of_what_they_leave(shares: list[float], reach: str) -> None:
    cuts = [Commitment((TariffCut(s, reach),), TWO) for s in shares]
    left = accumulate(TariffCut, cuts, size=4)
    expected = np.prod([1 - s for s in shares])
    assert left[1, 0] == left[0, 1] == pytest.approx(expected)
    assert left[3, 0] == pytest.approx(expected if reach == "all" else 1.0)
    assert (left[:, 2:] == 1).all()  # nobody is made to cut who is not bound


@given(st.lists(share, max_size=4))
def test_kinds_do_not_mix(shares: list[float]) -> None:
    effects = tuple(cls(s, 0.9) for s in shares for cls in (TradeCostCut, Facilitation))
    commitment = [Commitment((*effects, TariffCut(0.5)), TWO)]
    among, towards = (accumulate(k, commitment, size=4) for k in (TradeCostCut, Facilitation))
    reached = min(1 - np.prod([1 - s for s in shares]), 0.9)
    assert among[0, 1] == towards[0, 1] == pytest.approx(reached)
    assert among[2, 1] == 0.0
    assert towards[2, 1] == pytest.approx(reached)


def test_the_slower_of_a_pair_sets_the_pace() -> None:
    done = np.array([1.0, 0.25, 0.0, 0.0])
    commitment = [Commitment((TradeCostCut(0.4), Facilitation(0.4)), TWO, done)]
    among = accumulate(TradeCostCut, commitment, size=4)
    assert among[0, 1] == among[1, 0] == pytest.approx(0.1)
    towards = accumulate(Facilitation, commitment, size=4)
    assert towards[3].tolist() == pytest.approx([0.4, 0.1, 0.0, 0.0])


class TestIncome:
    own, provided, reached = np.full(4, -0.1), np.array([1.0, 3.0, 2.0, 2.0]), np.full(4, 0.05)

    def test_a_club_good_reaches_its_members_alone(self) -> None:
        club = IncomeEffect(self.own.copy(), self.provided.copy(), self.reached.copy())
        total = accumulate(IncomeEffect, [Commitment((club,), TWO)], size=4)
        assert total.tolist() == pytest.approx([-0.1 + 0.2] * 2 + [0.0] * 2)

    def test_a_public_good_reaches_everybody(self) -> None:
        good = IncomeEffect(self.own.copy(), self.provided.copy(), self.reached.copy(), "all")
        total = accumulate(IncomeEffect, [Commitment((good,), TWO)], size=4)
        assert total.tolist() == pytest.approx([-0.1 + 0.2] * 2 + [0.2] * 2)

    def test_what_is_phased_in_is_what_is_paid_and_provided(self) -> None:
        good = IncomeEffect(self.own.copy(), self.provided.copy(), self.reached.copy(), "all")
        half = Commitment((good,), ALL, np.full(4, 0.5))
        total = accumulate(IncomeEffect, [half], size=4)
        assert total.tolist() == pytest.approx([0.5 * -0.1 + 0.5 * 8 * 0.05] * 4)

    def test_it_cannot_be_changed_once_made(self) -> None:
        good = IncomeEffect(self.own.copy(), self.provided.copy(), self.reached.copy())
        with pytest.raises(ValueError, match="read-only"):
            good.own[0] = 1.0


@pytest.fixture
def hazard() -> Iterator[type[Effect]]:
    """A kind that a later mechanism adds: a hazard estimated net of agreements."""

    @dataclass(frozen=True)
    class Hazard(Effect):
        factor: float
        is_in_baseline: ClassVar[bool] = False

        @classmethod
        def none(cls, size: int) -> np.ndarray:
            return np.ones(size)

        def add_to(self, total: np.ndarray, commitment: Commitment) -> None:
            total[commitment.inside] *= self.factor

    yield Hazard
    del EFFECTS["Hazard"]


def test_a_mechanism_adds_a_kind(hazard: type[Effect]) -> None:
    assert EFFECTS["Hazard"] is hazard
    first = Commitment((hazard(0.5), TariffCut(0.2)), TWO)
    assert accumulate(hazard, [first, first], size=4).tolist() == [0.25, 0.25, 1.0, 1.0]
    # the world's tariffs have the cut of the first day in them, its hazards have not
    assert in_baseline(hazard, [first]) == ()
    assert in_baseline(TariffCut, [first]) == (first,)
