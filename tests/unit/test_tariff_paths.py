"""Dated tariffs: which line counts, what a quarter gets of it, and where a fault is found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pytest

from sim.engine import timeline
from sim.errors import ConfigError, DataError
from sim.load import scenario_from, setting_for
from sim.log import Log
from sim.model import initial_state
from sim.phases.shocks import SHOCKS
from sim.world.path_tables import COLUMNS, PATHS, SHARES, read_paths
from sim.world.tables import parse_table
from sim.world.tariff_paths import TariffPath

INDEX = {"AAA": 0, "BBB": 1, "CCC": 2}
DAYS = (date(2025, 1, 1), date(2025, 6, 1))
SHARE_ROWS = "importer,exporter,product,share\nAAA,all,cars,40\nAAA,CCC,cars,10\n"


def line(day: str = "2025-01-01", **given: Any) -> str:
    cells = {
        **{"from": day, "until": "", "importer": "AAA", "exporters": "all", "instrument": "one"},
        **{"products": "all", "rate": 10, "basis": "added", "charged": 1, "text": "", "note": ""},
        **{"source": "a law", **given},
    }
    return ",".join(str(cells[name]) for name in COLUMNS.split())


def path_of(*lines: str, shares: str = SHARE_ROWS) -> TariffPath:
    header = COLUMNS.replace(" ", ",")
    table = parse_table("mine.csv", "\n".join([header, *lines]).encode(), COLUMNS.split())
    goods = parse_table("shares.csv", shares.encode(), ["importer", "exporter", "product", "share"])
    found = {**dict.fromkeys(PATHS, table), SHARES: goods}
    group = np.array([False, True, False])
    return read_paths(found, INDEX, lambda code: group if code == "GROUP" else None)[PATHS[0]]


def faced(path: TariffPath, day: date = DAYS[1], ordinary: float = 0.0) -> list[float]:
    """What AAA charges BBB and CCC."""
    full = np.full((3, 3), ordinary)
    column = path.on(day, full)[:, 0]
    assert column[0] == 0
    return [round(float(100 * x), 9) for x in column[1:]]


def test_a_duty_on_some_goods_counts_by_their_share() -> None:
    assert faced(path_of(line(products="cars"))) == [4, 1]
    assert faced(path_of(line(products="rest"))) == [6, 9]
    assert faced(path_of(line())) == [10, 10]


def test_instruments_add_up_and_lines_of_one_replace_each_other() -> None:
    assert faced(path_of(line(), line(instrument="two", rate=5))) == [15, 15]
    assert faced(path_of(line(), line("2025-02-01", rate=25))) == [25, 25]
    assert faced(path_of(line(), line("2025-02-01", rate=25)), DAYS[0]) == [10, 10]


@pytest.mark.parametrize("order", [1, -1])
def test_the_narrower_line_counts_whatever_the_order(order: int) -> None:
    lines = [line("2025-03-01"), line("2025-02-01", exporters="GROUP", rate=20)]
    assert faced(path_of(*lines[::order])) == [20, 10]
    lines.append(line(exporters="BBB;CCC", rate=30))
    assert faced(path_of(*lines[::order])) == [30, 30]
    lines.append(line(products="cars", rate=0))  # exempt for all, whatever the state's rate
    assert faced(path_of(*lines[::order])) == [18, 27]


def test_an_end_brings_back_what_was_before() -> None:
    path = path_of(line(), line("2025-05-20", rate=50, until="2025-06-01"))
    assert faced(path, date(2025, 5, 31)) == [50, 50]
    assert faced(path, date(2025, 6, 1)) == [10, 10]
    mean = path.mean(date(2025, 5, 12), date(2025, 6, 11), np.zeros((3, 3)))
    assert mean[1, 0] == pytest.approx((18 * 0.1 + 12 * 0.5) / 30)


def test_a_ceiling_leaves_the_ordinary_duty_inside_and_never_pays_back() -> None:
    path = path_of(line(basis="all_in", rate=15))
    assert faced(path, ordinary=0.04) == [11, 11]
    assert faced(path, ordinary=0.2) == [0, 0]


def test_part_of_the_goods_pays() -> None:
    assert faced(path_of(line(charged=0.15, rate=35))) == [5.25, 5.25]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"exporters": "BBX"}, "unknown state or group 'BBX'. Expected 'BBB' (nearest)"),
        ({"importer": "AAX"}, "unknown state or group 'AAX'"),
        ({"products": "carz"}, "unknown goods 'carz'. Expected 'cars' (nearest)"),
        ({"basis": "allin"}, "unknown basis 'allin'"),
        ({"charged": 1.5}, "column charged holds 1.5"),
        ({"rate": "much"}, "column rate holds 'much'"),
        ({"until": "2024-01-01"}, "ends on 2024-01-01"),
        ({"from": ""}, "column from is empty"),
    ],
)
def test_faults_of_a_table_are_told_with_their_line(change: dict[str, Any], named: str) -> None:
    with pytest.raises(DataError) as caught:
        path_of(line(), line(**change))
    assert "mine.csv line 3" in str(caught.value)
    assert named in str(caught.value)


@pytest.mark.parametrize(
    ("row", "named"),
    [("AAA,BBB,cars,101", "101"), ("AAA,BBX,cars,10", "'BBX'"), ("AAA,CCC,ships,95", "100")],
)
def test_faults_of_the_shares(row: str, named: str) -> None:
    with pytest.raises(DataError, match=named):
        path_of(line(), shares=SHARE_ROWS + row + "\n")


# --- in a scenario ------------------------------------------------------------------------------

APPLIED = {"kind": "tariff_path", "date": "2025-02-04", "path": "us_tariffs_as_applied"}
ANSWERS = {"kind": "tariff_path", "date": "2025-02-10", "path": "answers_to_us_tariffs_2025"}


class Run:
    """The shocks phase alone, up to a quarter."""

    def __init__(self, composed: Callable[..., Any], step: int, **shocks: Any) -> None:
        self.setting = setting_for(scenario_from(composed("baseline", shocks=shocks)), 1)
        self.state, self.log = initial_state(self.setting), Log(self.setting)
        while self.state.step < step:
            self.state.step += 1
            SHOCKS(self.setting, self.state, self.log)

    def points(self, exporter: str, importer: str) -> float:
        axes = self.setting.axes
        return 100 * float(self.state.extra_tariff[axes.state(exporter), axes.state(importer)])


def test_china_in_the_second_quarter_of_2025(composed: Callable[..., Any]) -> None:
    """By hand, from the days: 91 in the quarter, the 125 % on 34 of them, shares of the table."""
    run = Run(composed, 5, a=APPLIED, b=ANSWERS)
    reciprocal = (4 * 10 + 1 * 84 + 34 * 125 + 48 * 10) / 91  # 5 to 8 April, 9 April, …
    expected = 20 + (0.60 + 0.02) * reciprocal  # the rest of goods, and wood
    expected += 0.06 * (64 * 25 + 27 * 50) / 91  # steel and aluminium, 50 % from 4 June
    expected += 0.01 * 25 * 89 / 91 + 0.04 * 25 * 59 / 91  # cars and parts
    assert run.points("CHN", "USA") == pytest.approx(expected)
    assert run.points("CHN", "USA") == pytest.approx(55.9, abs=0.1)
    answer = (2 * 84 + 32 * 125 + 48 * 10) / 91 + 0.03 * 15 + 0.06 * 10 + 0.02 * 15 + 0.13 * 10
    assert run.points("USA", "CHN") == pytest.approx(answer)


def test_nothing_before_the_first_day_and_the_last_rates_for_ever(
    composed: Callable[..., Any],
) -> None:
    assert not Run(composed, 3, a=APPLIED, b=ANSWERS).state.extra_tariff.any()
    first = Run(composed, 4, a=APPLIED)
    assert first.points("CHN", "USA") == pytest.approx(
        (28 * 10 + 28 * 20) / 90 + 0.06 * 25 * 20 / 90  # 4 February, 4 March; metals on 12 March
    )
    late, later = Run(composed, 8, a=APPLIED), Run(composed, 60, a=APPLIED)
    np.testing.assert_array_equal(late.state.extra_tariff, later.state.extra_tariff)


def test_an_end_within_a_quarter_counts_its_days(composed: Callable[..., Any]) -> None:
    held = Run(composed, 10, a=APPLIED).points("VNM", "USA")
    ended = Run(composed, 10, a={**APPLIED, "until": "2026-08-01"})
    assert ended.points("VNM", "USA") == pytest.approx(held * 31 / 92)
    assert [(e.date, e.actor) for e in ended.log.events if e.kind == "shock_ended"] == [
        (date(2026, 8, 1), "")
    ]
    after = Run(composed, 11, a={**APPLIED, "until": "2026-08-01"})
    assert not after.state.extra_tariff.any()


def test_steps_are_events_on_their_days(composed: Callable[..., Any]) -> None:
    run = Run(composed, 8, a=APPLIED)
    events = [e for e in run.log.events if e.kind == "tariff"]
    assert len(events) > 20
    assert all(run.setting.calendar.step_of(e.date) == e.step for e in events)
    first = events[0]
    assert (first.date, first.actor, first.target) == (date(2025, 2, 4), "USA", "CHN;HKG")
    assert first.value == 10
    assert first.reason.startswith("US duty of 10 % on China")
    spring = [e.date for e in events if e.step == 5]
    assert spring[0] == date(2025, 4, 3)
    assert len(set(spring)) > 5


def test_a_path_that_starts_late_leaves_out_what_was_before(composed: Callable[..., Any]) -> None:
    late = {**APPLIED, "date": "2025-08-07"}
    run = Run(composed, 6, a=late)
    assert min(e.date for e in run.log.events if e.kind == "tariff") == date(2025, 8, 7)
    assert 0 < run.points("CHN", "USA") < Run(composed, 6, a=APPLIED).points("CHN", "USA")


# --- the choice ---------------------------------------------------------------------------------


def test_tariffs_as_applied_take_the_place_of_those_announced(
    scenario_of: Callable[..., Any],
) -> None:
    usual, applied = (
        scenario_of("us_withdrawal", f"tariffs={name}") for name in ("announced", "as_applied")
    )
    assert usual.dated == scenario_of("us_withdrawal").dated
    kinds = [[s.kind for _, s in one.dated if "tariff" in s.kind] for one in (usual, applied)]
    assert kinds == [["tariff"], ["tariff_path"]]
    rest = [
        {name: s for name, s in one.dated if "tariff" not in s.kind} for one in (usual, applied)
    ]
    assert rest[0] == rest[1]


def test_the_timeline_tells_each_step_and_its_source(scenario_of: Callable[..., Any]) -> None:
    rows = timeline(scenario_of("us_withdrawal", "tariffs=as_applied", "response=as_seen"))
    days = [row["date"] for row in rows]
    assert days == sorted(days)
    steps = {row["date"]: row for row in rows if row["kind"] == "tariff_path"}
    assert len(steps) > 20
    assert "14326" in steps["2025-08-07"]["reference"]
    assert not any("Liberation Day" in row["text"] for row in rows)
    ended = timeline(
        scenario_of(
            "us_withdrawal",
            "tariffs=as_applied",
            "tariff_variants.as_applied.us_liberation_day.until=2025-07-01",
        )
    )
    told = [row for row in ended if row["kind"].startswith("tariff_path")]
    assert (told[-1]["date"], told[-1]["kind"]) == ("2025-07-01", "tariff_path_ends")
    assert told[-1]["text"].startswith("end of: US tariffs")


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"tariffs": "as_aplied"}, "unknown tariffs 'as_aplied'. Expected 'as_applied' (nearest)"),
        (
            {"shocks": {"a": {**APPLIED, "path": "us_tariffs_as_aplied"}}},
            "shocks.a.path: unknown tariff path 'us_tariffs_as_aplied'. Expected "
            "'us_tariffs_as_applied' (nearest)",
        ),
        (
            {"tariff_variants": {"mine": {"a": {**APPLIED, "path": "x"}}}},
            "tariff_variants.mine.a.path: unknown tariff path 'x'",
        ),
        ({"shocks": {"a": {**APPLIED, "until": "2025-02-04"}}}, "later than 'date'"),
        ({"shocks": {"a": {**APPLIED, "pth": "x"}}}, "unknown key 'pth'"),
        (
            {"tariff_variants": {"as_applied": {"us_liberation_day": {"date": "2023-01-01"}}},
             "tariffs": "as_applied"},
            "tariff_variants.as_applied.us_liberation_day.date: 2023-01-01 is before the start",
        ),
    ],
)  # fmt: skip
def test_faults_of_the_choice_are_told_where_they_are_written(
    changes: dict[str, Any], named: str, composed: Callable[..., Any]
) -> None:
    with pytest.raises(ConfigError) as caught:
        setting_for(scenario_from(composed("us_withdrawal", **changes)), 1)
    assert named in str(caught.value)
