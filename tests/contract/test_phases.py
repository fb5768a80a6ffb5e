"""Every phase reads and writes what it declares and nothing else, whoever helps it."""

from __future__ import annotations

import numpy as np
import pytest

from sim.engine import open_model
from sim.errors import StateError
from sim.fields import FIELDS
from sim.load import scenario_from
from sim.log import Log
from sim.mechanism import mechanisms
from sim.model import ConcordModel
from sim.phase import EVERYTHING
from sim.phases import PHASES, Phase
from sim.records import RECORDS
from sim.state import Block, State

ARRAYS = set(FIELDS)
every_phase = pytest.mark.parametrize("phase", PHASES, ids=lambda phase: phase.name)
NAMES = {*FIELDS, *RECORDS}
SEEN: set[str] = set()
"""What was looked up in a watched state."""

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
    "clash": {
        "kind": "dispute",
        "date": "2024-07-24",
        "state": "KHM",
        "against": "THA",
        "level": "force",
        "months": 12,
        "offered": True,
    },
    **{
        f"offer_to_{one}_{other}": {
            "kind": "dispute",
            "date": "2025-07-24",
            "state": one,
            "against": other,
            "level": "display",
            "months": 9,
            "offered": True,
        }
        for one, other in (("ARG", "GBR"), ("IND", "PAK"), ("CHN", "PHL"), ("EGY", "ETH"))
    },
    "embargo": {
        "kind": "sanction",
        "date": "2024-10-01",
        "body": "USA",
        "target": "FJI",
        "occasion": "coup",
    },
    "truce": {"kind": "ceasefire", "date": "2024-11-01", "state": "KHM", "against": "THA"},
    "rising": {
        "kind": "civil_conflict",
        "date": "2024-07-26",
        "state": "JPN",
        "level": "war",
        "offered": True,
    },
    "again": {"kind": "civil_conflict", "date": "2024-07-26", "state": "MMR"},
    "putsch": {"kind": "coup", "date": "2024-07-26", "state": "NER"},
    "force": {
        "kind": "mission_start",
        "date": "2024-07-01",
        "mission": "MSSM",
        "organisation": "UN",
        "host": "HTI",
        "personnel": 2500,
    },
    "leave": {"kind": "mission_end", "date": "2025-01-01", "mission": "MSSM"},
    "in_debt": {
        "kind": "funding_cut",
        "date": "2024-01-01",
        "organisation": "UN",
        "contributor": "USA",
    },
    "end": {"kind": "dissolution", "date": "2025-07-01", "organisations": ["PLACA"]},
    "unpaid": {"kind": "mission_funding_cut", "date": "2024-07-01", "host": "SOM", "share": 0.5},
    "outbreak": {"kind": "outbreak", "date": "2024-07-01", "state": "GIN", "severity": 0.5},
}
# Three states meet outside any charter, and any two of them go ahead.
THREE = {
    "kind": "open_item",
    "date": "2024-01-01",
    "item": "closer_ties",
    "forum": {
        "code": "THREE",
        "parties": ["CHE", "NZL", "URY"],
        "decision": {"rule": "partial_adoption"},
        "agenda": {"rule": "widest"},
        "open_accession": True,
        "entry_into_force": {"ratifications": 2},
        "meetings_per_year": 4,
        "reference": "none: a test",
    },
    "specification": {"deadline_quarters": 8, "levels": [0, 1], "tariff_cuts": [25, 50]},
}
# The same three by consent, and a leader who would leave what they agree.
CLOSE = {
    **THREE,
    "forum": {
        **THREE["forum"],
        "decision": {"rule": "unanimity"},
        "entry_into_force": {"ratifications": 2, "delay_days": 0},
        "open_accession": False,
        "meetings_per_year": 12,
    },
    "specification": {
        "deadline_quarters": 8,
        "levels": [0, 1, 5],
        "tariff_cuts": [0, 25, 50, 75, 100],
    },
}
DISCONTENTED = {
    "kind": "leader_change",
    "date": "2026-01-15",
    "until": "2030-01-01",
    "state": "NZL",
    "orientation": 3.72,
}
# An area that only the tests know: what it agrees on moves income beside trade.
BEYOND_TRADE = {
    "mandate": ["surveillance"],
    "docket": {
        "new": {
            "area": "surveillance",
            "kind": "early_warning",
            "levels": [0.01, 0.05],
            "opens": "2024-01-01",
            "deadline_quarters": 8,
        }
    },
    "decision": {"surveillance": {"rule": "partial_adoption"}},
    "entry_into_force": {"ratifications": 2},
}
# Leaders who keep nothing of what was agreed before them.
BREAKERS = {
    f"leader_of_{code}": {
        "kind": "leader_change",
        "date": "2025-07-01",
        "until": "2028-01-01",
        "state": code,
        "orientation": 5,
    }
    for code in ("BOL", "COL", "ECU", "PER")
}
# Leaders whom an event keeps in office for two quarters, and who leave what they can.
NATIONALISTS = {
    f"leader_of_{code}": {
        "kind": "leader_change",
        "date": "2024-04-01",
        "until": "2024-10-01",
        "state": code,
        "orientation": 5,
    }
    for code in ("FJI", "ISL", "PER")
}
EASED = {"kind": "inequality", "date": "2024-04-01", "points": 2, "redistribution": 1}
STUBBORN = {"council_resistance": 4.0, "council_party_readiness": 2.3, "mediator_outside": 0.48}
# Scenario → quarters, changes, organisations kept (all when empty). The whole world is run under
# the same guard in test_scenarios; here it is enough that every mechanism is at work somewhere.
WORLDS = {
    "us_withdrawal": (
        10,
        # Parties that are asked refuse now and then.
        {"response": "retaliate", "shocks": FURTHER_SHOCKS, "parameters": STUBBORN},
        (),
    ),
    "fitp_partial_adoption": (
        20,  # the three are bound in the nineteenth quarter
        {
            "shocks": {"three": THREE},
            "switches": {"compliance": True, "trust_in_votes": True},
        },
        ("FITP",),
    ),
    "fitp_all_or_nothing": (16, {}, ("FITP",)),
    "inequality_backlash": (
        6,
        {"shocks": {**NATIONALISTS, "eased": EASED}, "parameters": {"leader_withdrawal": 1.5}},
        ("ANDEAN", "WHO"),
    ),
    "imperfect_compliance": (
        14,
        {
            "parameters": {"breach_rate": 0.1, "breach_leader": 1, "breach_answer_years": 0.5},
            "switches": {"departures": False},
            "shocks": BREAKERS,
        },
        ("ANDEAN",),
    ),
    "forum_choice": (
        12,
        {
            "parameters": {"need_rate": 0.06, "need_climate": 0.1},
            "switches": {"compliance": True, "climate_talks": True},
        },
        ("ANDEAN", "ASEAN", "AFCFTA", "PARIS", "BRICS"),
    ),
    # New Zealand's leader is little below what leaving costs, and another text is found.
    "renegotiation": (
        17,
        {
            "shocks": {"three": CLOSE, "new": DISCONTENTED},
            "switches": {"ratification_delay": False, "leaders": False, "trust_in_votes": True},
            "parameters": {"departure_cost": 0.3},
        },
        ("FITP", "EU"),
    ),
    "asean_way": (8, {}, ("ASEAN",)),
    "asean_majority": (8, {}, ("ASEAN",)),
    "baseline": (
        8,
        {"switches": {"joint_withdrawals": True}},
        ("ANDEAN", "MERCOSUR", "UNASUR", "WHO"),
    ),
    # A rule of the Andean Community is taken up by the EU, with which it is linked.
    "interregional_links": (
        12,
        {
            "parameters": {
                "diffusion_shared": 0.45,
                "diffusion_linked": 0.4,
                "diffusion_distance": 30,
            }
        },
        ("ANDEAN", "EU", "WTO"),
    ),
}
# Draws in which an organisation is dissolved, and in which another text is agreed.
SEEDS = {"baseline": 11, "renegotiation": 3}


class WatchedBlock(Block):
    """The block of a mechanism that tells what of it is looked up."""

    def __getattribute__(self, name):
        full = object.__getattribute__(self, "_prefix") + name
        if full in NAMES:
            SEEN.add(full)
        return object.__getattribute__(self, name)


class WatchedState(State):
    """A state that tells what of it is looked up, by a phase or by whoever helps it."""

    def __getattribute__(self, name):
        if name in NAMES:
            SEEN.add(name)
        return object.__getattribute__(self, name)


def watch(model: ConcordModel) -> None:
    state = model.state
    state.__class__ = WatchedState
    for name in {name.partition(".")[0] for name in NAMES if "." in name}:
        vars(state)[name].__class__ = WatchedBlock


def _snapshot(model: ConcordModel, names: tuple[str, ...]) -> dict[str, object]:
    state = model.state
    return {n: state[n].copy() if n in ARRAYS else state[n] for n in names}


def _changed(model: ConcordModel, before: dict[str, object]) -> set[str]:
    changed = set()
    for name, old in before.items():
        new = model.state[name]
        same = np.array_equal(old, new) if name in ARRAYS else old is new
        changed |= set() if same else {name}
    return changed


@pytest.fixture(scope="module")
def used(composed, more_areas):
    """Phase → what it looked up and what it changed in any of the scenarios."""
    read = {phase.name: set() for phase in PHASES}
    written = {phase.name: set() for phase in PHASES}
    for name, (quarters, changes, kept) in WORLDS.items():
        mapping = composed(name, quarters=quarters, **changes)
        charters = mapping["organisation"]
        mapping["organisation"] = {code: charters[code] for code in kept or charters}
        if "WHO" in kept:
            mapping["organisation"]["WHO"] |= BEYOND_TRADE
        model = open_model(scenario_from(mapping), SEEDS.get(name, 1))
        watch(model)
        for _ in range(quarters):
            model.state.step += 1
            for phase in PHASES:
                before = _snapshot(model, phase.writes)
                SEEN.clear()
                phase(model.setting, model.state, model.log)
                read[phase.name] |= SEEN
                written[phase.name] |= _changed(model, before)
    return read, written


@every_phase
def test_a_phase_looks_up_nothing_that_it_does_not_declare(phase, used):
    if EVERYTHING not in phase.reads:
        assert used[0][phase.name] <= {*phase.reads, *phase.writes}


@every_phase
def test_a_phase_declares_nothing_that_it_never_reads(phase, used):
    assert set(phase.reads) - {EVERYTHING} <= used[0][phase.name]


def _scrambled(state: State, names: set[str]) -> State:
    """A copy with other values, within their bounds, in some fields."""
    other = state.copy()
    with other.opened(names):
        for name in names:
            spec = FIELDS[name]
            array = other[name]
            within = min(spec.low + 0.5, spec.high) if np.isfinite(spec.low) else 0.5
            array[...] = ~array if spec.dtype is np.bool_ else within
    return other


@pytest.fixture(scope="module")
def unlike(composed):
    """Phase → fields that it leaves otherwise when those it does not read held other values."""
    changes = {"response": "retaliate", "shocks": FURTHER_SHOCKS}
    model = open_model(scenario_from(composed("us_withdrawal", quarters=7, **changes)), seed=1)
    found = {phase.name: set() for phase in PHASES}
    for step in range(7):
        model.state.step = step
        for phase in PHASES:
            fields = ARRAYS & set(phase.writes)
            other = _scrambled(model.state, fields - set(phase.reads))
            phase(model.setting, other, Log(model.setting))
            phase(model.setting, model.state, model.log)
            found[phase.name] |= {
                name for name in fields if not np.array_equal(other[name], model.state[name])
            }
    return found


@every_phase
def test_what_a_phase_writes_and_does_not_read_may_hold_anything_before_it(phase, unlike):
    """Otherwise it reads it: it adds to it, or leaves a part of it as it is."""
    assert unlike[phase.name] == set()


@every_phase
def test_a_phase_declares_nothing_that_it_never_writes(phase, used):
    assert set(phase.writes) == used[1][phase.name]


@every_phase
def test_a_phase_says_what_it_is_and_where_it_comes_from(phase):
    assert phase.name.isidentifier()
    assert phase.meaning
    assert phase.source
    for names in (phase.reads, phase.writes):
        assert len(set(names)) == len(names)
        assert set(names) <= {EVERYTHING, *NAMES}


def test_phases_have_names_of_their_own_and_record_comes_last():
    assert len({phase.name for phase in PHASES}) == len(PHASES)
    assert PHASES[0].name == "shocks"  # a shock is felt in the quarter in which it strikes
    assert PHASES[-1].name == "record"
    assert PHASES[-1].writes == ()  # looking at the world does not change it


def test_records_that_a_phase_writes_are_read_by_it():
    """They are replaced as a whole, with most of them as they were."""
    for phase in PHASES:
        assert set(phase.writes) & set(RECORDS) <= set(phase.reads)


def test_every_field_and_record_is_written_by_some_phase():
    totals = {name for name, spec in FIELDS.items() if spec.total is not None}
    assert {name for phase in PHASES for name in phase.writes} == NAMES - totals
    assert {spec.part_of for spec in FIELDS.values()} - {""} <= totals


def test_every_phase_of_a_mechanism_has_its_place_in_the_step():
    brought = [phase for one in mechanisms().values() for phase in one.phases]
    assert all(phase in PHASES for phase in brought)


@pytest.mark.parametrize("name", ["welfare", "agreements"])
def test_an_undeclared_write_stops_the_run(name, scenario_of, only):
    model = open_model(scenario_of("baseline", "quarters=1", *only("ANDEAN")), seed=1)

    def meddle(_setting, state, _log):
        if name in ARRAYS:
            getattr(state, name)[:] = 0.0
        else:
            setattr(state, name, ())

    meddler = Phase("meddler", "writes what it has not declared", "none", (), ("revenue",), meddle)
    with pytest.raises((ValueError, StateError), match=r"read-only|not opened"):
        meddler(model.setting, model.state, model.log)


def test_a_value_out_of_its_bounds_stops_the_run_where_it_was_written(scenario_of, only):
    model = open_model(scenario_of("baseline", "quarters=1", *only("ANDEAN")), seed=1)

    def overfund(_setting, state, _log):
        state.vitality.funding[0] = 1.5

    phase = Phase("overfund", "pays more than is due", "none", (), ("vitality.funding",), overfund)
    with pytest.raises(StateError, match=r"vitality\.funding.*1\.5"):
        phase(model.setting, model.state, model.log)
