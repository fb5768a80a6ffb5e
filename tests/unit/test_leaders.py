"""Leaders: rates of exit, known changes, scenarios that keep them, who follows; discontent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pytest

from sim.checkpoint import Checkpoint
from sim.dataset import parquet_bytes
from sim.engine import checkpoint_at, simulate
from sim.errors import ConfigError
from sim.kernels.leaders import exits, stationary_tenure, successor
from sim.load import scenario_from
from sim.log import Log
from sim.mechanisms.discontent import DISCONTENT
from sim.mechanisms.leaders import LEADER_WITHDRAWALS, LEADERS
from sim.model import initial_state
from sim.phases.shocks import SHOCKS
from sim.setting import Setting
from sim.state import State
from sim.world.tables import read_table

CALM = {"coups": False}
NEW = {"kind": "leader_change", "date": "2024-05-01", "state": "FJI", "orientation": 3}


def play(setting: Setting, quarters: int) -> tuple[State, list[dict]]:
    """Politics at home alone."""
    state, log = initial_state(setting), Log(setting)
    for state.step in range(quarters):
        for phase in (SHOCKS, DISCONTENT, LEADERS, LEADER_WITHDRAWALS):
            phase(setting, state, log)
    return state, log.tables()["events"].to_pylist()


def changes(events: list[dict], state: str) -> list[date]:
    return [e["date"] for e in events if e["kind"] == "leader_change" and e["actor"] == state]


@pytest.mark.parametrize("row", range(5))
def test_exits_within_a_year_are_as_often_as_in_the_record(row: int, setting) -> None:
    """Of leaders in office on 1 January, by band; the check is on totals, not on what is put in."""
    facts = list(read_table("leader_exits.csv", ("p_change", "leader_years")))[row]
    rates, draws, size = setting.world.politics.exits, np.random.default_rng(row), 20_000
    bands = np.full(size, row)
    tenure = stationary_tenure(bands, draws.random(size), rates, 1.0)
    gone = np.zeros(size, dtype=bool)
    for _ in range(4):
        leaves = exits(tenure, bands, draws.random((2, size)), rates) > 0
        gone |= leaves
        tenure = np.where(leaves, 0.0, tenure + 0.25)
    share, n = facts.number("p_change"), facts.number("leader_years")
    assert abs(gone.mean() - share) < 2.0 * np.sqrt(share * (1.0 - share) / n)


def test_irregular_exits_are_of_autocracies(setting) -> None:
    rates, size = setting.world.politics.exits, 40_000
    uniform = np.random.default_rng(0).random((2, size))
    share = [
        (exits(np.full(size, 2.0), np.full(size, band), uniform, rates) == 2).mean()
        for band in (0, 4)
    ]
    assert share[0] > 20 * share[1]


def test_successors_keep_the_spread_of_orientation() -> None:
    draws = np.random.default_rng(0)
    found = np.zeros(20_000)
    for _ in range(12):
        found = successor(found, np.zeros(found.size), draws.standard_normal(found.size), 0.4, 0.92)
    assert found.std() == pytest.approx(1.0, abs=0.03)


def test_known_changes_come_on_their_quarter_and_chance_waits(
    setting_of: Callable[..., Setting],
) -> None:
    setting = setting_of("baseline", 1, "switches.coups=false")
    _, events = play(setting, 8)
    quarter = [(day.year, (day.month + 2) // 3) for day in changes(events, "JPN")]
    assert quarter == [(2024, 4), (2025, 4)]
    assert not changes(events, "IND")
    assert len(changes(events, "GBR")) == 1


def test_the_us_line_ends_in_2029_unless_it_is_kept(setting_of: Callable[..., Setting]) -> None:
    usa = {}
    for name in ("us_withdrawal", "us_withdrawal_kept"):
        setting = setting_of(name)
        row, state, log, seen = setting.axes.state("USA"), initial_state(setting), Log(setting), []
        for state.step in range(60):
            for phase in (SHOCKS, LEADERS):
                phase(setting, state, log)
            seen.append(float(state.orientation[row]))
        usa[name] = seen
    assert set(usa["us_withdrawal"][4:20]) == {2.0}
    assert usa["us_withdrawal"][20] != 2.0
    assert set(usa["us_withdrawal_kept"][4:]) == {2.0}


def test_an_event_keeps_its_leader_until_the_day(composed) -> None:
    shocks = {"new": {**NEW, "until": "2035-01-01"}}
    factor = {"leader_exit_factor": 1.2}
    scenario = scenario_from(composed("baseline", switches=CALM, shocks=shocks, parameters=factor))
    from sim.load import setting_for

    _, events = play(setting_for(scenario, 1), 64)
    days = changes(events, "FJI")
    assert [day for day in days if date(2024, 4, 1) <= day < date(2035, 1, 1)] == [date(2024, 5, 1)]
    assert any(date(2035, 1, 1) <= day < date(2035, 4, 1) for day in days)


def test_a_term_ends_after_it_begins(composed) -> None:
    shocks = {"new": {**NEW, "until": "2024-05-01"}}
    with pytest.raises(ConfigError, match="until"):
        scenario_from(composed("baseline", shocks=shocks))


def test_without_leaders_there_are_only_those_of_the_scenario(
    setting_of: Callable[..., Setting],
) -> None:
    state, events = play(setting_of("us_withdrawal", 1, "switches.leaders=false"), 24)
    assert [e["actor"] for e in events if e["kind"] == "leader_change"] == ["USA"]
    assert np.count_nonzero(state.orientation) == 1


def test_redistribution_takes_discontent_away(setting_of: Callable[..., Setting]) -> None:
    redistributed = "shocks.inequality_rises.redistribution=5"
    apart, _ = play(setting_of("inequality_backlash"), 44)
    eased, _ = play(setting_of("inequality_backlash", 1, redistributed), 44)
    assert apart.public_discontent == pytest.approx(0.065)  # 5 points at .013
    assert eased.public_discontent.max() < 0
    assert apart.orientation.mean() > eased.orientation.mean()


def test_inequality_without_the_switch_changes_no_leader(
    setting_of: Callable[..., Setting],
) -> None:
    off, _ = play(setting_of("inequality_backlash", 1, "switches.discontent=false"), 20)
    plain, _ = play(setting_of("baseline", 1, "switches.leader_withdrawals=true"), 20)
    assert np.array_equal(off.orientation, plain.orientation)


def test_nationalists_leave_what_they_may(setting_of: Callable[..., Setting]) -> None:
    shock = f"shocks.new={NEW}".replace("'orientation': 3", "'orientation': 5")
    with_leaders = (shock, "switches.leader_withdrawals=true", "parameters.leader_withdrawal=1.5")
    setting = setting_of("baseline", 1, *with_leaders)
    state, events = play(setting, 8)
    fiji = setting.axes.state("FJI")
    assert (state.leaves_at[:, fiji] >= 0).any()
    assert {e["actor"] for e in events if e["kind"] == "exit_announced"} >= {"FJI"}


def test_a_run_goes_on_from_a_checkpoint_as_if_it_had_not_stopped(scenario_of, only, tmp_path):
    scenario = scenario_of("inequality_backlash", "quarters=14", *only("MERCOSUR"))
    whole = simulate(scenario, 3).tables()
    checkpoint_at(scenario, 3, date(2025, 7, 1)).save(tmp_path / "half")
    again = simulate(scenario, 3, start_from=Checkpoint.load(tmp_path / "half")).tables()
    for name in ("events", "states", "summary"):
        assert parquet_bytes(whole[name]) == parquet_bytes(again[name]), name
