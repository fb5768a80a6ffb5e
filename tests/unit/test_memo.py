"""Results are remembered under all that they follow from, and under nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from sim.agreements import Agreement, Commitment, IncomeEffect, TariffCut
from sim.charter import DocketItem
from sim.dataset import parquet_bytes
from sim.economy import committed_terms
from sim.engine import simulate
from sim.errors import StateError
from sim.memo import Memo, Reading, remembered, token
from sim.scenario import Scenario
from sim.setting import Setting
from sim.state import State


@dataclass(frozen=True)
class Holder:
    """As much of a setting as a remembered function needs."""

    memo: Memo = field(default_factory=Memo)


def counted(keep: int = 24, reads: tuple[str, ...] = ("is_member",)) -> tuple[Callable, list]:
    """A remembered function of the members, and what it was worked out for."""
    calls: list[object] = []

    @remembered(reads=reads, keep=keep)
    def members(setting: Holder, state: Reading, word: object = "") -> int:
        calls.append(word)
        return int(state.is_member.sum())

    return members, calls


def write(state: State, name: str, value: object, at: object = ...) -> None:
    with state.opened([name]):
        getattr(state, name)[at] = value


class TestWhatIsRead:
    def test_a_result_is_worked_out_once(self, start: State) -> None:
        members, calls = counted()
        holder = Holder()
        assert members(holder, start) == members(holder, start) == start.is_member.sum()
        assert len(calls) == 1

    def test_a_field_that_is_read_and_changes_asks_anew(self, start: State) -> None:
        members, calls = counted()
        holder = Holder()
        before = members(holder, start)
        write(start, "is_member", True, at=(0, 0))
        write(start, "is_member", True, at=(0, 1))
        assert members(holder, start) == start.is_member.sum() >= before
        write(start, "is_member", False)
        assert members(holder, start) == 0
        assert len(calls) == 3

    def test_another_field_does_not(self, start: State) -> None:
        members, calls = counted()
        holder = Holder()
        members(holder, start)
        write(start, "orientation", 1.0)
        members(holder, start)
        assert len(calls) == 1

    def test_the_same_content_in_another_state_is_the_same(self, start: State) -> None:
        members, calls = counted()
        holder = Holder()
        members(holder, start)
        members(holder, start.copy())
        write(start, "is_member", start.is_member.copy())
        members(holder, start)
        assert len(calls) == 1

    def test_while_a_field_is_open_its_content_counts(self, start: State) -> None:
        members, _ = counted()
        holder = Holder()
        with start.opened(["is_member"]):
            start.is_member[:] = False
            assert members(holder, start) == 0
            start.is_member[0, :3] = True
            assert members(holder, start) == 3
        assert members(holder, start) == 3

    def test_what_is_not_declared_cannot_be_read(self, start: State) -> None:
        members, _ = counted(reads=("orientation",))
        with pytest.raises(StateError, match=r"'is_member' was read and not declared.*orientation"):
            members(Holder(), start)
        with pytest.raises(StateError, match="not declared"):  # nor with the memo off
            members(Holder(Memo(is_on=False)), start)

    def test_a_function_within_may_read_no_more_than_the_one_around_it(self, start: State) -> None:
        members, _ = counted()

        @remembered(reads=("orientation",))
        def around(setting: Holder, state: Reading) -> int:
            return members(setting, state)

        with pytest.raises(StateError, match="'is_member' was read and not declared"):
            around(Holder(), start)

    def test_a_state_is_asked_for(self) -> None:
        members, _ = counted()
        with pytest.raises(StateError, match=r"reads 'is_member'.*a state"):
            members(Holder(), None)


class TestMemo:
    def test_it_keeps_the_last_used(self, start: State) -> None:
        members, calls = counted(keep=2)
        holder = Holder()
        for word in ("a", "b", "a", "c", "a", "b"):
            members(holder, start, word)
        assert calls == ["a", "b", "c", "b"]
        assert list(holder.memo.counts().values()) == [2]

    def test_off_it_keeps_nothing(self, start: State) -> None:
        members, calls = counted()
        holder = Holder(Memo(is_on=False))
        assert members(holder, start) == members(holder, start)
        assert len(calls) == 2
        assert holder.memo.counts() == {}


class TestTokens:
    def test_values_are_told_apart(self, setting: Setting) -> None:
        item = DocketItem(opens="2024-01-01", deadline_quarters=1)
        one, two = setting.axes.mask(["CHL"]), setting.axes.mask(["NZL"])
        cut = (TariffCut(0.5),)
        good = [IncomeEffect(*(np.zeros(2) for _ in range(3))) for _ in range(2)]
        different = [
            *(1, 1.0, True, "1", None, (1,), (1, 1)),
            *(np.zeros(2), np.zeros((2, 1)), np.zeros(2, dtype=int)),
            *(item, item.model_copy(update={"levels": (1.0,)})),
            *(TariffCut(0.5), TariffCut(0.5, "all"), TariffCut(0.4)),
            *(Commitment(cut, one), Commitment(cut, two), Commitment(cut, one, np.ones(one.size))),
            *good,
        ]
        tokens = [token(value) for value in different]
        assert len(set(tokens)) == len(tokens)
        assert token(item) == token(item.model_copy())
        assert token(Commitment(cut, one)) == token(Commitment((TariffCut(0.5),), one.copy()))

    @pytest.mark.parametrize("value", [[], {}, set(), object()], ids=lambda one: type(one).__name__)
    def test_what_may_change_is_refused(self, value: object) -> None:
        with pytest.raises(StateError, match="nothing can be remembered"):
            token(value)

    def test_a_state_is_refused(self, start: State) -> None:
        members, _ = counted(reads=())
        with pytest.raises(StateError, match="nothing can be remembered under a State"):
            members(Holder(), start, start)


@pytest.mark.parametrize(("scenario", "quarters"), [("baseline", 6), ("us_withdrawal", 8)])
def test_a_run_without_memory_has_the_same_bytes(
    scenario: str, quarters: int, scenario_of: Callable[..., Scenario]
) -> None:
    """Whatever a result follows from is in its key: nothing is found that is out of date."""
    asked = scenario_of(scenario, f"quarters={quarters}")
    with_memory, without = (simulate(asked, 1, remembers=on).tables() for on in (True, False))
    for name in with_memory:
        assert parquet_bytes(with_memory[name]) == parquet_bytes(without[name]), name
    assert with_memory["agreements"].num_rows > 0


def test_ratified_agreements_change_no_committed_terms(
    setting: Setting, start: State, agreement_of: Callable[..., Agreement]
) -> None:
    """Keys follow from what results follow from, and not from all that agreements hold."""
    one = agreement_of("CPTPP", ("CHL", "NZL"))
    with start.opened(["agreements"]):
        start.agreements = (one,)
    before = committed_terms(setting, start)
    with start.opened(["agreements"]):
        start.agreements = (replace(one, ratified=one.signatories),)
    assert committed_terms(setting, start) is before
