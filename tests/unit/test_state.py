"""The state refuses what was not declared and what cannot be."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.agreements import Item
from sim.axes import Axes
from sim.clauses import Specification
from sim.errors import ConfigError, StateError
from sim.fields import FIELDS, Field, _all
from sim.records import RECORDS
from sim.state import State

AXES = Axes(("CHL", "NZL", "SGP"), ("FITP", "WTO"))
WRITTEN = [f for f in FIELDS.values() if f.total is None]
PART_OF = {f.part_of: f.name for f in WRITTEN}
TOTALS = [f for f in FIELDS.values() if f.total is not None]
NUMBERS = [f for f in WRITTEN if f.dtype is np.float64]


@pytest.fixture
def state() -> State:
    return State(AXES)


def _place(state: State, name: str) -> tuple[object, str]:
    """The block that holds a field, and its name there."""
    mechanism, _, own = name.rpartition(".")
    return (getattr(state, mechanism) if mechanism else state), own


@pytest.mark.parametrize("spec", WRITTEN, ids=lambda f: f.name)
class TestEveryField:
    def test_has_its_shape_and_type(self, state: State, spec: object) -> None:
        size = {"S": 3, "O": 2}
        array = state[spec.name]
        assert array.shape == tuple(size[d] for d in spec.dims)
        assert array.dtype == spec.dtype

    def test_is_closed_until_it_is_opened_and_closed_again_after(
        self, state: State, spec: object
    ) -> None:
        array = state[spec.name]
        with pytest.raises(ValueError, match="read-only"):
            array[:] = 1
        with state.opened([spec.name]):
            array[...] = array
        with pytest.raises(ValueError, match="read-only"):
            array[:] = 1

    def test_cannot_be_replaced_by_another_array(self, state: State, spec: object) -> None:
        with pytest.raises(StateError, match="not opened"):
            setattr(*_place(state, spec.name), np.zeros(3))

    def test_stays_closed_when_another_is_opened(self, state: State, spec: object) -> None:
        other = "capacity" if spec.name != "capacity" else "vitality.level"
        with state.opened([other]), pytest.raises(ValueError, match="read-only"):
            state[spec.name][:] = 0

    def test_has_a_unit_and_a_meaning(self, state: State, spec: object) -> None:
        assert spec.unit
        assert spec.meaning


@pytest.mark.parametrize("spec", NUMBERS, ids=lambda f: f.name)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_a_number_is_refused(spec: object, bad: float) -> None:
    state = State(AXES)
    with pytest.raises(StateError, match=spec.name), state.opened([spec.name]):
        state[spec.name].flat[-1] = bad


@pytest.mark.parametrize(
    "spec", [f for f in WRITTEN if f.dtype is not np.bool_], ids=lambda f: f.name
)
def test_bounds_are_kept_and_may_be_reached(spec: object) -> None:
    state = State(AXES)
    for bound, beyond in ((spec.low, -1), (spec.high, 1)):
        if not np.isfinite(bound):
            continue
        with state.opened([spec.name]):
            state[spec.name].flat[0] = bound
        with pytest.raises(StateError, match=re.escape(f"{bound:g}")), state.opened([spec.name]):
            state[spec.name].flat[0] = bound + beyond


@pytest.mark.parametrize("record", RECORDS)
def test_records_obey_the_same_rule(state: State, record: str) -> None:
    with pytest.raises(StateError, match="not opened"):
        state[record] = ()
    with state.opened([record]):
        state[record] = (Item("FITP", "x", 0, Specification(deadline_quarters=4)),)
    assert len(state[record]) == 1


def test_an_unknown_field_is_named_with_the_nearest(state: State) -> None:
    with pytest.raises(StateError, match="'welfare'"), state.opened(["welfrae"]):
        pass


def test_a_fault_inside_the_block_closes_the_fields_and_is_not_hidden(state: State) -> None:
    with pytest.raises(KeyError), state.opened(["welfare"]):  # noqa: PT012
        state.welfare[0] = -5  # out of bounds, but the first fault is the one to hear of
        raise KeyError
    with pytest.raises(ValueError, match="read-only"):
        state.welfare[0] = 1


@given(
    name=st.sampled_from([f.name for f in NUMBERS if f.low <= 0.25 <= f.high]),
    place=st.integers(0, 2),
)
def test_a_copy_shares_nothing(name: str, place: int) -> None:
    state = State(AXES)
    state.step = 4
    other = state.copy()
    array = other[name]
    with other.opened([name, "docket"]):
        array.flat[place % array.size] = 0.25
        other.docket = (Item("WTO", "x", 0, Specification(deadline_quarters=4)),)
    other.step = 5
    assert not state[name].any()
    assert (state.docket, state.step) == ((), 4)
    with state.opened([name]):
        state[name][:] = 0.125
    assert array.flat[place % array.size] == 0.25
    with pytest.raises(ValueError, match="read-only"):
        array[:] = 0


# ------------------------------------------------------------------ what several contribute to


@pytest.mark.parametrize("spec", [f for f in TOTALS if f.name in PART_OF], ids=lambda f: f.name)
def test_nobody_writes_a_total_and_it_follows_its_parts(state: State, spec: object) -> None:
    with pytest.raises(StateError, match="total"), state.opened([spec.name]):
        pass
    part = PART_OF[spec.name]
    with state.opened([part]):
        state[part].flat[0] = 1
        assert state.total(spec.name).flat[0] == 1
        assert state[spec.name].flat[0] == 0  # until the phase is over
    assert state[spec.name].flat[0] == 1
    assert state.copy()[spec.name].flat[0] == 1
    with pytest.raises(ValueError, match="read-only"):
        state[spec.name][:] = 0


def test_a_part_needs_a_total_of_its_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    stray = Field("stray", ("S",), "1", "of another shape", part_of="extra_tariff")
    monkeypatch.setattr("sim.fields._SHARED", (*FIELDS.values(), stray))
    with pytest.raises(ConfigError, match=r"'stray' is part of 'extra_tariff'. Expected a total"):
        _all({})
