"""A mechanism is one module: what it declares is found by all that collect.

A small one is put beside the others for a test: a drought that taxes trade and empties treasuries.
"""

from __future__ import annotations

import importlib
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest

import sim.mechanisms
import sim.model
import sim.phases
from experiments.compose import compose
from experiments.listing import KINDS, entries
from experiments.reference import refresh
from sim.checkpoint import Checkpoint
from sim.dataset import parquet_bytes
from sim.engine import checkpoint_at, open_model, simulate
from sim.errors import ConfigError, StateError
from sim.fields import FIELDS
from sim.load import parameter_table, scenario_from
from sim.log import Log
from sim.mechanism import mechanisms
from sim.phases.membership import MEMBERSHIP
from sim.phases.shocks import SHOCKS
from sim.records import RECORDS
from sim.schema import TABLES
from sim.setting import Setting
from sim.state import State

DROUGHT = '''
"""Droughts: a stock of water, levies at the border, dues that are not paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal

import numpy as np

from sim.columns import COUNT, NUMBER, WORD, Column, Measure, QuarterlyTable
from sim.events import EventKind
from sim.fields import Field
from sim.mechanism import Mechanism
from sim.phase import Phase
from sim.records import Record
from sim.shocks import Lasting
from sim.streams import stream
from sim.switches import Switch


@dataclass(frozen=True)
class Rain:
    millimetres: float


@dataclass(frozen=True)
class Spell:
    state: int
    since: date
    rain: Rain


class RainShock(Lasting):
    """It rains a good deal in a state."""

    kind: Literal["rain"]
    state: str

    reads: ClassVar[tuple[str, ...]] = ("drought.water",)
    writes: ClassVar[tuple[str, ...]] = ("drought.water",)

    def check(self, setting, where):
        setting.axes.state(self.state, f"{where}.state")

    def apply(self, setting, state, log):
        state.drought.water[setting.axes.state(self.state)] = 1.0
        self.tell(state, log, "rained", actor=self.state, value=1.0)


def run(setting, state, log):
    block = state.drought
    if not setting.is_on("drought"):
        return
    draws = stream(setting.seed, "drought", state.step).random(block.water.size)
    block.water[:] = np.clip(block.water + 0.2 * (draws - 0.5) * setting["phase_in_years"], 0, 1)
    block.levy[:] = 0.1 * (block.water < 0.2)[None, :]
    np.fill_diagonal(block.levy, 0.0)
    block.unpaid[:] = block.water < 0.1
    lasting = {spell.state: spell for spell in block.spells}
    for row in np.flatnonzero(block.water < 0.1):
        if int(row) not in lasting:
            day = setting.calendar.first_day(state.step)
            lasting[int(row)] = Spell(int(row), day, Rain(float(block.water[row])))
            log.event(state.step, day, "drought_began", actor=setting.axes.states[row])
    block.spells = tuple(lasting.values())


def rows(setting, state):
    spells = state.drought.spells
    return {
        "state": [setting.axes.states[one.state] for one in spells],
        "millimetres": [one.rain.millimetres for one in spells],
    }


MECHANISM = Mechanism(
    name="drought",
    meaning="rain fails and states tax what comes in",
    source="made up for a test",
    fields=(
        Field("water", ("S",), "share", "water left", low=0, high=1, initial=0.5),
        Field("levy", ("S", "S"), "fraction", "levy", low=0, part_of="extra_tariff"),
        Field("unpaid", ("O", "S"), "share", "unpaid", low=0, high=1, part_of="arrears"),
    ),
    records=(Record("spells", Spell, "droughts that last"),),
    switches=(Switch("drought", "rain may fail"),),
    parameters=("phase_in_years",),
    columns={
        "states": (Measure("water", NUMBER, "share", "water left", lambda _, s: s.drought.water),),
        "summary": (
            Measure("droughts", COUNT, "spells", "spells", lambda _, s: len(s.drought.spells)),
        ),
    },
    tables=(
        QuarterlyTable(
            "spells",
            "drought and quarter",
            (Column("state", WORD, "", "state"), Column("millimetres", NUMBER, "mm", "rain")),
            rows,
        ),
    ),
    events=(
        EventKind("drought_began", "state", "rain failed"),
        EventKind("rained", "state", "it rained", "share"),
    ),
    shocks=(RainShock,),
    phases=(
        Phase(
            "drought",
            "rain falls or fails",
            "made up for a test",
            ("drought.water", "drought.spells"),
            ("drought.water", "drought.levy", "drought.unpaid", "drought.spells"),
            run,
        ),
    ),
)
'''
SMALL = ("ANDEAN", "MERCOSUR")


@pytest.fixture
def beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """``beside(name, text)``: a module on the path of the mechanisms, for a test."""
    monkeypatch.setattr(sim.mechanisms, "__path__", [*sim.mechanisms.__path__, str(tmp_path)])

    def put(name: str, text: str) -> None:
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        importlib.invalidate_caches()
        mechanisms.cache_clear()

    yield put
    for name in [one for one in sys.modules if one.startswith("sim.mechanisms.")]:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]
            vars(sim.mechanisms).pop(name.rpartition(".")[2], None)
    mechanisms.cache_clear()


@pytest.fixture
def drought(beside, monkeypatch):
    """The mechanism, with its place in the step: before the economy."""
    beside("drought", DROUGHT)
    (phase,) = mechanisms()["drought"].phases
    steps = list(sim.phases.PHASES)
    steps.insert([one.name for one in steps].index("economy"), phase)
    monkeypatch.setattr(sim.model, "PHASES", tuple(steps))
    return mechanisms()["drought"]


def _scenario(*overrides: str, kept: tuple[str, ...] = SMALL, **changes):
    mapping = compose(["scenario=baseline", "quarters=6", *overrides]).mapping
    mapping["organisation"] = {code: mapping["organisation"][code] for code in kept}
    return scenario_from({**mapping, **changes})


def _bytes(log: Log) -> dict[str, bytes]:
    return {name: parquet_bytes(table) for name, table in log.tables().items()}


def test_it_is_in_the_state_with_its_first_values(drought) -> None:
    model = open_model(_scenario(), 1)
    assert (model.state.drought.water == 0.5).all()
    assert model.state.drought.spells == ()
    assert FIELDS["drought.levy"].unit == "fraction"
    assert "drought.spells" in RECORDS
    with pytest.raises(ValueError, match="read-only"):
        model.state.drought.water[:] = 0
    with pytest.raises(StateError, match=r"'drought\.spells' was assigned but not opened"):
        model.state.drought.spells = ()


def test_it_acts_through_what_it_contributes(drought, only) -> None:
    model = open_model(_scenario(), 1)
    for _ in range(6):
        model.step()
    state = model.state
    assert len(state.drought.spells) > 3
    assert np.array_equal(state.extra_tariff, state.drought.levy)
    assert (state.tariff >= state.drought.levy).all()
    assert (state.tariff > 0.1).sum() > (open_model(_scenario(), 1).state.tariff > 0.1).sum()
    assert (state.arrears == state.drought.unpaid).all()
    assert (state.vitality.funding < 1).any()


def test_tables_columns_and_events_are_written(drought) -> None:
    tables = simulate(_scenario(), 1).tables()
    assert "spells" in list(tables)
    assert tables["spells"].column_names == ["step", "date", "state", "millimetres"]
    assert tables["spells"].num_rows == sum(tables["summary"]["droughts"].to_pylist()) > 3
    assert tables["states"].schema.field("water").metadata[b"unit"] == b"share"
    assert "drought_began" in tables["events"]["kind"].to_pylist()
    assert simulate(_scenario(), 1).tables()["spells"].equals(tables["spells"])


def test_a_scenario_may_have_its_shock(drought) -> None:
    rain = {"kind": "rain", "date": "2024-08-05", "state": "BRA", "until": "2025-01-01"}
    model = open_model(_scenario(shocks={"wet": rain}), 1)
    model.state.step = 2
    SHOCKS(model.setting, model.state, model.log)
    assert model.setting.axes.names(model.state.drought.water == 1.0) == ("BRA",)
    (told,) = [event for event in model.log.events if event.kind == "rained"]
    assert (told.actor, told.date, told.step) == ("BRA", date(2024, 8, 5), 2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"state": "BRZ"}, r"shocks\.wet\.state: unknown state 'BRZ'. Expected "),
        ({"kind": "rein"}, r"shocks\.wet: unknown kind of shock 'rein'. Expected 'rain'"),
        ({"stat": "BRA"}, r"unknown key 'stat'. Expected 'state'"),
        ({"until": "2024-01-01"}, r"'until' \(2024-01-01\) must be later"),
    ],
)
def test_faults_in_its_shock_are_found_at_load(drought, change, message) -> None:
    rain = {"kind": "rain", "date": "2024-08-05", "state": "BRA", **change}
    with pytest.raises(ConfigError, match=message):
        open_model(_scenario(shocks={"wet": rain}), 1)


def test_its_switch_turns_it_off_and_is_a_key_like_any_other(drought) -> None:
    off = simulate(_scenario("switches.drought=false"), 1).tables()
    assert off["spells"].num_rows == 0
    assert set(off["states"]["water"].to_pylist()) == {0.5}
    with pytest.raises(ConfigError, match="'drought'"):
        compose(["scenario=baseline", "switches.droght=false"])


def test_a_checkpoint_holds_its_fields_and_records(drought, tmp_path: Path) -> None:
    scenario = _scenario()
    past = checkpoint_at(scenario, 1, date(2025, 1, 1))
    assert past._state.drought.spells
    past.save(tmp_path / "one")
    log = simulate(scenario, 1, start_from=Checkpoint.load(tmp_path / "one"))
    assert _bytes(log) == _bytes(simulate(scenario, 1))


def test_lists_and_documentation_have_it(drought) -> None:
    (entry,) = (one for one in entries("mechanisms") if one["mechanism"] == "drought")
    assert entry["state"] == "drought.water, drought.levy, drought.unpaid, drought.spells"
    assert "drought" in [one["switch"] for one in entries("switches")]
    assert "drought_began" in [one["kind"] for one in entries("events")]
    assert "rain" in [one["kind"] for one in entries("shocks")]
    page = "".join(
        refresh(f"<!-- generated: {name} -->\n<!-- end -->")
        for name in ("tables", "rows", "events", "switches", "fields", "mechanisms", "shocks")
    )
    for word in (
        "### `spells`",
        "| `spells` | drought and quarter |",
        "| `drought_began` | state | rain failed |",
        "| `drought` | on | rain may fail |",
        "| `rain` | It rains a good deal in a state. | `until` (none), `state` |",
        "| `drought.water` | S | share | water left |",
        "| `drought` | rain fails and states tax what comes in |",
    ):
        assert word in page


def test_without_it_nothing_of_it_is_left() -> None:
    assert "drought" not in mechanisms()
    assert "spells" not in TABLES
    assert not hasattr(open_model(_scenario(), 1).state, "drought")


# ------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('name="drought"', 'name="flood"'), "declares no mechanism of its name"),
        (('Switch("drought"', 'Switch("learning"'), "switch 'learning' is declared twice"),
        (('"states": (Measure("water"', '"states": (Measure("welfare"'), "'welfare' is declared"),
        (('"states": (', '"votes": ('), "cannot add columns to 'votes'"),
        (('"spells",\n', '"states",\n'), "table 'states' is declared twice"),
        (('part_of="arrears"', 'part_of="welfare"'), "'drought.unpaid' is part of 'welfare'"),
    ],
)
def test_a_faulty_declaration_is_refused(beside, change, message) -> None:
    assert change[0] in DROUGHT
    beside("drought", DROUGHT.replace(*change))
    with pytest.raises(ConfigError, match=message):
        simulate(_scenario(), 1)


def test_an_event_that_nobody_declares_is_refused(setting: Setting) -> None:
    with pytest.raises(StateError, match=r"kind of event 'ratifed'. Expected 'ratified'"):
        Log(setting).event(0, date(2024, 1, 1), "ratifed")


# ------------------------------------------------------------------ all that there are


def test_parameters_that_a_mechanism_declares_are_those_that_it_reads(monkeypatch) -> None:
    seen: set[str] = set()
    ask = Setting.__getitem__
    changes = {"no_head": {"kind": "vacancy", "date": "2024-01-01", "organisation": "ANDEAN"}}
    for one in mechanisms().values():
        assert set(one.parameters) <= set(parameter_table())
        model = open_model(_scenario(shocks=changes), 1)
        names = [phase.name for phase in one.phases]
        for phase in sim.phases.PHASES * 2:
            model.state.step += phase.name == "shocks"
            with monkeypatch.context() as patch:
                if phase.name in names:
                    watched = lambda self, key: (seen.add(key), ask(self, key))[1]  # noqa: E731
                    patch.setattr(Setting, "__getitem__", watched)
                phase(model.setting, model.state, model.log)
        assert seen == set(one.parameters), one.name
        seen.clear()


def test_a_mechanism_is_in_every_list() -> None:
    listed = {one["mechanism"] for one in entries("mechanisms")}
    assert listed == set(mechanisms())
    assert {"mechanisms", "switches", "events"} <= set(KINDS)


# ------------------------------------------------------------------ nobody wipes another's work


def test_what_a_mechanism_settles_outlives_the_shocks_and_adds_to_theirs(drought) -> None:
    """Only what the scenario holds in force is rebuilt each quarter."""
    common = {"date": "2024-04-01"}
    shocks = {
        "tariff": {**common, "kind": "tariff", "importer": "USA", "rate": 10.0},
        "answer": {**common, "kind": "retaliation", "against": "USA"},
        "cut": {
            **common,
            "kind": "funding_cut",
            "organisation": "ANDEAN",
            "contributor": "PER",
            "share": 0.25,
        },
    }
    model = open_model(_scenario(shocks=shocks), 1)
    for _ in range(4):
        before = model.state.drought.levy.copy()
        model.step()
    state, usa = model.state, model.setting.axes.state("USA")
    expected = np.zeros_like(state.extra_tariff)
    expected[:, usa] = 0.1
    # who answers has seen the levies of the quarter before
    expected[usa, :] = 0.1 + before[:, usa]
    expected[usa, usa] = 0.0
    assert before.any()
    assert state.extra_tariff == pytest.approx(expected + state.drought.levy)
    row, per = model.setting.axes.organisation("ANDEAN"), model.setting.axes.state("PER")
    assert state.arrears[row, per] == max(0.25, state.drought.unpaid[row, per])
    assert state.arrears.sum() == pytest.approx(
        np.maximum(state.drought.unpaid, state.shock_arrears).sum()
    )


def test_treaties_follow_members_whoever_moves_them(setting: Setting, start: State) -> None:
    axes = setting.axes
    row, hun, jpn = axes.organisation("EU"), axes.state("HUN"), axes.state("JPN")
    assert start.has_treaty[hun, jpn]
    with start.opened(["is_member"]):  # as another phase would: no shock, no announced exit
        start.is_member[row, hun] = False
    start.step = 3
    MEMBERSHIP(setting, start, Log(setting))
    assert not start.has_treaty[hun, jpn]
    with start.opened(["is_member"]):
        start.is_member[row, hun] = True
    start.step = 5
    MEMBERSHIP(setting, start, Log(setting))
    assert start.has_treaty[hun, jpn]
    assert start.treaty_since[hun, jpn] == 5
