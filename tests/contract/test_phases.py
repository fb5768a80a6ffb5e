"""Every phase writes what it declares and nothing else, and says what it is and where from."""

from __future__ import annotations

import numpy as np
import pytest

from sim.engine import open_model
from sim.errors import StateError
from sim.fields import FIELDS, RECORDS
from sim.load import scenario_from
from sim.model import ConcordModel
from sim.phases import PHASES, Phase

ARRAYS = {spec.name for spec in FIELDS}

# The embedded scenarios have no vacancy, and nobody in them joins a body whose treaty binds its
# members; a phase must be able to handle both.
FURTHER_SHOCKS = {
    "chile_joins_rcep": {
        "kind": "join",
        "date": "2024-07-01",
        "organisation": "RCEP",
        "states": ["CHL"],
    },
    "no_head": {"kind": "vacancy", "date": "2024-07-01", "organisation": "WHO"},
}
# Scenario → quarters, changes, organisations kept (all when empty). The whole world is run under
# the same guard in test_scenarios; here it is enough that every mechanism is at work somewhere.
WORLDS = {
    "us_withdrawal": (10, {"response": "retaliate", "shocks": FURTHER_SHOCKS}, ()),
    "fitp_partial_adoption": (16, {}, ("FITP",)),
    "fitp_all_or_nothing": (16, {}, ("FITP",)),
    "asean_way": (8, {}, ("ASEAN",)),
    "asean_majority": (8, {}, ("ASEAN",)),
    "baseline": (8, {}, ("ANDEAN", "MERCOSUR")),
}


def _snapshot(model: ConcordModel, names: tuple[str, ...]) -> dict[str, object]:
    state = model.state
    return {n: getattr(state, n).copy() if n in ARRAYS else getattr(state, n) for n in names}


def _changed(model: ConcordModel, before: dict[str, object]) -> set[str]:
    changed = set()
    for name, old in before.items():
        new = getattr(model.state, name)
        same = np.array_equal(old, new) if name in ARRAYS else old is new
        changed |= set() if same else {name}
    return changed


@pytest.fixture(scope="module")
def written(composed):
    """Phase → what it wrote in any of the scenarios; undeclared writes would have stopped them."""
    found = {phase.name: set() for phase in PHASES}
    for name, (quarters, changes, kept) in WORLDS.items():
        mapping = composed(name, quarters=quarters, **changes)
        charters = mapping["organisation"]
        mapping["organisation"] = {code: charters[code] for code in kept or charters}
        model = open_model(scenario_from(mapping), seed=1)
        for _ in range(quarters):
            model.state.step += 1
            for phase in PHASES:
                before = _snapshot(model, phase.writes)
                phase(model.setting, model.state, model.log)
                found[phase.name] |= _changed(model, before)
    return found


@pytest.mark.parametrize("phase", PHASES, ids=lambda phase: phase.name)
def test_a_phase_declares_nothing_that_it_never_writes(phase, written):
    assert set(phase.writes) == written[phase.name]


@pytest.mark.parametrize("phase", PHASES, ids=lambda phase: phase.name)
def test_a_phase_says_what_it_is_and_where_it_comes_from(phase):
    assert phase.name.isidentifier()
    assert len(phase.meaning) > 10
    assert len(phase.source) > 5
    assert len(set(phase.writes)) == len(phase.writes)
    assert set(phase.writes) <= ARRAYS | set(RECORDS)


def test_phases_have_names_of_their_own_and_record_comes_last():
    assert len({phase.name for phase in PHASES}) == len(PHASES)
    assert PHASES[0].name == "shocks"  # a shock is felt in the quarter in which it strikes
    assert PHASES[-1].name == "record"
    assert PHASES[-1].writes == ()  # looking at the world does not change it


def test_every_field_and_record_is_written_by_some_phase():
    assert {name for phase in PHASES for name in phase.writes} == ARRAYS | set(RECORDS)


@pytest.mark.parametrize("name", ["welfare", "agreements"])
def test_an_undeclared_write_stops_the_run(name, scenario_of, only):
    model = open_model(scenario_of("baseline", "quarters=1", *only("ANDEAN")), seed=1)

    def meddle(_setting, state, _log):
        if name in ARRAYS:
            getattr(state, name)[:] = 0.0
        else:
            setattr(state, name, ())

    meddler = Phase("meddler", "writes what it has not declared", "none", ("revenue",), meddle)
    with pytest.raises((ValueError, StateError), match=r"read-only|not opened"):
        meddler(model.setting, model.state, model.log)


def test_a_value_out_of_its_bounds_stops_the_run_where_it_was_written(scenario_of, only):
    model = open_model(scenario_of("baseline", "quarters=1", *only("ANDEAN")), seed=1)

    def overfund(_setting, state, _log):
        state.funding[0] = 1.5

    phase = Phase("overfund", "pays more than is due", "none", ("funding",), overfund)
    with pytest.raises(StateError, match=r"funding.*1\.5"):
        phase(model.setting, model.state, model.log)
