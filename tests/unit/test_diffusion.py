"""Rules that spread: the hazard, who may take one up, two bodies at a table, the way to the WTO."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

import numpy as np
import pytest

from sim.agreements import Status
from sim.checkpoint import Checkpoint
from sim.dataset import parquet_bytes
from sim.engine import checkpoint_at, simulate
from sim.forum import forum_of
from sim.kernels.diffusion import Spreading, convergence, coverage, hazards, take_up
from sim.log import Log
from sim.mechanisms.diffusion import DIFFUSION
from sim.mechanisms.diffusion.measures import by_area
from sim.mechanisms.diffusion.phase import candidates
from sim.mechanisms.diffusion.submission import global_body
from sim.model import initial_state
from sim.setting import Setting
from sim.state import State

MODEL = Spreading(shared=0.2, linked=0.1, alone=0.0, distance=5.0)
ON = ("switches.diffusion=true",)
ALWAYS = (*ON, "parameters.diffusion_shared=0.45", "parameters.diffusion_linked=0.4")
PLACEBO = (
    *ON,
    "parameters.diffusion_shared=0",
    "parameters.diffusion_linked=0",
    "parameters.diffusion_alone=0.2",
)


def test_the_hazard_is_that_of_an_exponential_clock() -> None:
    """Of many bodies with one contact the share that waits falls as exp(-h t)."""
    n, years = 200_000, 5
    hazard = hazards(np.full((1, n), 0.5), np.ones((1, n), dtype=bool), np.zeros((1, n)), MODEL)
    assert hazard[0, 0] == pytest.approx(0.2)
    draws, waits = np.random.default_rng(3), np.ones(n, dtype=bool)
    for _ in range(4 * years):
        waits &= take_up(hazard, draws.random(n)) < 0
    assert waits.mean() == pytest.approx(np.exp(-0.2 * years), abs=0.005)


def test_the_hazard_rises_with_contact_and_falls_with_distance() -> None:
    shared = np.array([[0.0, 0.25, 1.0]])
    near = hazards(shared, np.zeros((1, 3), dtype=bool), np.zeros((1, 3)), MODEL)
    linked = hazards(shared, np.ones((1, 3), dtype=bool), np.zeros((1, 3)), MODEL)
    far = hazards(shared, np.zeros((1, 3), dtype=bool), np.full((1, 3), 5.0), MODEL)
    assert (np.diff(near) > 0).all()
    assert linked - near == pytest.approx(np.full((1, 3), 0.1))
    alone = Spreading(shared=0.0, linked=0.0, alone=0.3, distance=5.0)
    nobody = np.array([[False, False, True]])
    apart = hazards(shared * [[0, 1, 0]], nobody, np.zeros((1, 3)), alone)
    assert apart.tolist() == [[0.3, 0.0, 0.0]]  # who has contact is out of the placebo
    assert far == pytest.approx(near * np.exp(-1))


def test_of_several_versions_the_nearest_is_taken_up() -> None:
    hazard = np.array([[1.0, 0.0], [9.0, 0.0]])
    assert take_up(hazard, np.array([0.5, 0.0])).tolist() == [1, -1]
    assert take_up(np.zeros((0, 2)), np.zeros(2)).tolist() == [-1, -1]


def test_one_rule_for_all_is_convergence_and_two_halves_are_not() -> None:
    assert convergence(np.zeros(10, dtype=np.int64)) == 1.0
    assert convergence(np.repeat([0, 1], 500)) == pytest.approx(0.5, abs=0.001)
    assert np.isnan(convergence(np.array([0, -1, -1])))


def test_coverage_counts_members_alone() -> None:
    members = np.array([True, True, False])
    assert coverage(np.array([False, False, True]), members, np.ones(3)) == (0.0, 0.0)
    assert coverage(np.ones(3, dtype=bool), members, np.ones(3)) == (1.0, 1.0)


Make = Callable[..., tuple[Setting, State, Log]]


@pytest.fixture
def world(setting_of: Callable[..., Setting], agreement_of: Callable[..., object]) -> Make:
    """A world in which a body's rule binds some states from the first day of the run."""

    def make(body: str, states: Iterable[str], *overrides: str) -> tuple[Setting, State, Log]:
        setting = setting_of("baseline", 1, *overrides)
        state, log = initial_state(setting), Log(setting)
        state.step = 4
        inside = setting.axes.mask(states)
        rule = agreement_of(body, states, status=Status.IN_FORCE, ratified=inside,
                            bound_at=np.where(inside, 0, -1))  # fmt: skip
        with state.opened(["agreements"]):
            state.agreements = (rule,)
        return setting, state, log

    return make


def quarters(setting: Setting, state: State, log: Log, n: int) -> list[dict[str, object]]:
    for _ in range(n):
        DIFFUSION(setting, state, log)
        state.step += 1
    return [e for e in log.tables()["events"].to_pylist() if str(e["kind"]).startswith("rule_")]


ALLIANCE = ("CHL", "COL", "MEX", "PER")


def test_linked_bodies_meet_as_two_parties_and_others_are_not_asked(world: Make) -> None:
    setting, state, log = world("PACIFIC_ALLIANCE", ALLIANCE, *ALWAYS)
    events = quarters(setting, state, log, 100)
    tables = {str(e["actor"]): str(e["organisation"]) for e in events}
    assert tables["ASEAN"] == "ASEAN_PACIFIC_ALLIANCE_TALKS"
    assert tables["SGP"] == "PACIFIC_ALLIANCE_SGP_TALKS"
    assert tables["USMCA"] == "USMCA"  # a member is bound: it decides by itself
    assert not {"SAARC", "AFCFTA", "GCC", "PACIFIC_ALLIANCE", "WTO"} & set(tables)
    talks = forum_of(setting, state, "ASEAN_PACIFIC_ALLIANCE_TALKS", "trade")
    seats = talks.members(setting, state)
    rows = [setting.axes.organisation(code) for code in ("ASEAN", "PACIFIC_ALLIANCE")]
    assert (seats == state.is_member[rows].any(axis=0)).all()


def test_nobody_takes_a_rule_up_twice_nor_one_that_binds_all_its_members(world: Make) -> None:
    setting, state, log = world("CPTPP", setting_members(world, "CPTPP"), *ALWAYS)
    taken = [str(e["actor"]) for e in quarters(setting, state, log, 60)]
    assert len(taken) == len(set(taken))
    assert "CPTPP" not in taken


def setting_members(world: Make, code: str) -> tuple[str, ...]:
    setting, state, _ = world("CPTPP", ("CHL", "NZL"))
    return setting.axes.names(state.is_member[setting.axes.organisation(code)])


def test_without_contact_only_the_placebo_reaches_the_others(world: Make) -> None:
    far = {"SAARC", "AFCFTA"}
    reached = [
        {str(e["actor"]) for e in quarters(*world("PACIFIC_ALLIANCE", ALLIANCE, *how), 60)}
        for how in (ALWAYS, PLACEBO)
    ]
    assert not far & reached[0]
    assert far <= reached[1]


def test_a_body_that_has_ended_or_has_no_rule_for_the_area_takes_nothing_up(world: Make) -> None:
    setting, state, _ = world("CPTPP", ("CHL", "NZL"), *ON)
    codes = {one.code for one in candidates(setting, state, "trade")}
    assert {"ASEAN", "EU"} <= codes
    assert not {"WTO", "UN", "NORDIC", "IAEA"} & codes
    with state.opened(["is_dissolved"]):
        state.is_dissolved[setting.axes.organisation("ASEAN")] = True
    assert "ASEAN" not in {one.code for one in candidates(setting, state, "trade")}


LOW = (
    "switches.multilateralisation=true",
    "parameters.submission_members=0.17",
    "parameters.submission_trade=0.3",
)


@pytest.mark.parametrize(("n", "comes"), [(10, False), (120, True)])
def test_what_covers_enough_comes_before_the_wto_once(world: Make, n: int, comes: bool) -> None:
    setting, state, _ = world("CPTPP", ("CHL", "NZL"))
    found = global_body(setting, state, "trade")
    assert found is not None
    assert found[0] == "WTO"
    large = np.argsort(-(setting.world.exports * found[1]))[:n]
    states = tuple(setting.axes.states[k] for k in large)
    setting, state, log = world("CPTPP", states, *LOW)
    items = [item for item in state.docket if item.organisation == "WTO"]
    events = quarters(setting, state, log, 3)
    added = [i for i in state.docket if i.organisation == "WTO" and i not in items]
    assert [e["kind"] for e in events] == ["rule_submitted"] * comes
    assert [(i.specification.kind, i.specification.levels) for i in added] == [
        ("mfn", (5.0,))
    ] * comes


def test_measures_by_area_follow_who_is_bound(world: Make) -> None:
    setting, state, _ = world("PACIFIC_ALLIANCE", ALLIANCE)
    rows = by_area(setting, state)
    assert rows["area"] == ["trade"]
    assert (rows["families"], rows["states"], rows["convergence"]) == ([1], [4], [1.0])
    assert 0 < rows["trade"][0] < 1


SMALL = ("quarters=20", *ALWAYS, "parameters.diffusion_distance=30")
BODIES = ("ANDEAN", "MERCOSUR", "PACIFIC_ALLIANCE")


def test_a_run_goes_on_from_a_checkpoint(scenario_of, only, tmp_path) -> None:
    scenario = scenario_of("baseline", *SMALL, *only(*BODIES))
    whole = simulate(scenario, 1).tables()
    checkpoint_at(scenario, 1, date(2026, 10, 1)).save(tmp_path / "half")
    again = simulate(scenario, 1, start_from=Checkpoint.load(tmp_path / "half")).tables()
    assert "rule_taken_up" in whole["events"]["kind"].to_pylist()
    for name in ("events", "states", "summary", "rules"):
        assert parquet_bytes(whole[name]) == parquet_bytes(again[name]), name


def test_off_it_does_nothing_whatever_its_parameters(run_of, only) -> None:
    plain = run_of("baseline", 1, "quarters=12", *only(*BODIES))
    other = ("parameters.diffusion_shared=0.45", "parameters.submission_trade=0.3")
    moved = run_of("baseline", 1, "quarters=12", *only(*BODIES), *other)
    assert all(parquet_bytes(plain[name]) == parquet_bytes(moved[name]) for name in plain)
    assert set(plain["summary"]["rules_taken_up"].to_pylist()) == {0}
