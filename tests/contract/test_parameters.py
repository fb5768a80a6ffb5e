"""Every parameter is sourced, in its range, read by the model, and can be moved."""

from __future__ import annotations

import pytest

import sim.load
from sim.engine import simulate
from sim.errors import ConfigError
from sim.load import parameter_table, scenario_from
from sim.setting import Setting

TABLE = parameter_table()

# Mechanisms that the embedded scenarios do not use.
FURTHER = {
    "shocks": {"no_head": {"kind": "vacancy", "date": "2024-01-01", "organisation": "ANDEAN"}},
}
# Enough of the world to negotiate, ratify, enter into force and phase in within a year.
SMALL = ("ANDEAN", "MERCOSUR")


class _Watched(dict[str, float]):
    """Parameters of the world that remember which of them were asked for."""

    def __init__(self, values, seen):
        super().__init__(values)
        self.seen = seen

    def __getitem__(self, key):
        self.seen.add(key)
        return super().__getitem__(key)


# After the Gulf has agreed, so that what predecessors signed is ratified, and left or not.
A_NEW_LEADER = "+shocks.new={kind: leader_change, date: 2025-06-01, state: SAU, orientation: 5}"

OFF_BY_DEFAULT = ("switches.sectors=true", "switches.trust_in_votes=true")


@pytest.fixture(scope="module")
def names_read(composed, only, scenario_of):
    """Names of all parameters that six runs of the model have asked for."""
    seen: set[str] = set()
    ask, load = Setting.__getitem__, sim.load.load_world
    patch = pytest.MonkeyPatch()
    patch.setattr(Setting, "__getitem__", lambda self, key: (seen.add(key), ask(self, key))[1])
    patch.setattr(
        sim.load,
        "load_world",
        lambda start, trade, values, **rest: load(start, trade, _Watched(values, seen), **rest),
    )
    sim.load._world.cache_clear()  # a remembered world asks for nothing
    try:
        simulate(scenario_from(composed("baseline", quarters=6, **FURTHER)), seed=1)
        simulate(
            scenario_of("fitp_partial_adoption", "quarters=20", *only("FITP"), *OFF_BY_DEFAULT),
            seed=1,
        )
        simulate(scenario_of("baseline", "quarters=9", *only("GCC"), A_NEW_LEADER), seed=1)
        simulate(scenario_of("code_of_conduct", "quarters=3", *only("ASEAN")), seed=1)
        bodies = (*only("AFCFTA", "ASEAN", "WTO"), "quarters=4", "parameters.need_rate=0.06")
        simulate(scenario_of("forum_choice", *bodies), seed=1)
        talks = (*only("ABACC"), "response=east_asia", "quarters=3")
        simulate(scenario_of("nuclear_restraint", *talks), seed=1)
    finally:
        patch.undo()
        sim.load._world.cache_clear()
    return seen


@pytest.mark.parametrize("name", TABLE)
def test_the_model_reads_the_parameter(name, names_read):
    assert name in names_read


def test_the_model_reads_no_parameter_that_is_not_in_the_table(names_read):
    assert names_read <= set(TABLE)


@pytest.mark.parametrize("name", TABLE)
def test_a_parameter_has_unit_range_reference_and_meaning(name):
    parameter = TABLE[name]
    low, high = parameter.range
    assert low < high
    assert low <= parameter.value <= high
    assert parameter.unit.strip()
    assert len(parameter.reference) > 10
    assert len(parameter.meaning) > 10


@pytest.mark.parametrize("end", [0, 1], ids=["low", "high"])
@pytest.mark.parametrize("name", TABLE)
def test_the_model_runs_at_each_end_of_the_range(name, end, only, scenario_of):
    value = float(TABLE[name].range[end])
    overrides = (*only(*SMALL), "quarters=4", f"parameters.{name}={value}")
    tables = simulate(scenario_of("baseline", *overrides), seed=1).tables()
    assert tables["summary"].num_rows == 4
    assert tables["states"]["welfare"].null_count == 0


@pytest.mark.parametrize("name", TABLE)
def test_a_value_beyond_the_range_is_refused_with_the_range(name, composed):
    low, high = TABLE[name].range
    beyond = high + (high - low)
    with pytest.raises(ConfigError, match=name) as caught:
        scenario_from(composed("baseline", parameters={name: beyond}))
    assert f"{low:g} to {high:g}" in str(caught.value)
