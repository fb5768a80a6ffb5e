"""Dated shocks, each kind, on the day and for as long as the scenario says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pytest

from sim.fields import FIELDS
from sim.load import scenario_from, setting_for
from sim.log import Log
from sim.mechanisms.vitality import VITALITY
from sim.model import initial_state
from sim.phases import PHASES
from sim.phases.membership import MEMBERSHIP
from sim.phases.shocks import SHOCKS
from sim.records import RECORDS
from sim.setting import Setting
from sim.shocks import SHOCKS as SHOCK_KINDS
from sim.shocks import Shock
from sim.state import State

Composed = Callable[..., dict[str, Any]]


class World:
    """A scenario of some shocks, run quarter by quarter through the phases that carry them out."""

    def __init__(self, composed: Composed, **shocks: dict[str, Any]) -> None:
        still = dict.fromkeys(("withdrawals", "accession_to_bodies", "deaths"), False)
        mapping = composed("baseline", shocks=shocks, switches=still)
        self.setting: Setting = setting_for(scenario_from(mapping), 1)
        self.state: State = initial_state(self.setting)
        self.log = Log(self.setting)

    def until(self, step: int) -> World:
        while self.state.step < step:
            self.state.step += 1
            for phase in (SHOCKS, MEMBERSHIP, VITALITY):
                phase(self.setting, self.state, self.log)
        return self

    def member(self, organisation: str, state: str) -> bool:
        axes = self.setting.axes
        return bool(self.state.is_member[axes.organisation(organisation), axes.state(state)])

    def extra(self, exporter: str, importer: str) -> float:
        axes = self.setting.axes
        return float(self.state.extra_tariff[axes.state(exporter), axes.state(importer)])

    def events(self, kind: str) -> list[Any]:
        return [e for e in self.log.events if e.kind == kind]


@pytest.fixture
def world(composed: Composed) -> Callable[..., World]:
    return lambda **shocks: World(composed, **shocks)


class TestExit:
    def test_it_is_announced_and_comes_after_the_charters_notice(
        self, world: Callable[..., World]
    ) -> None:
        run = world(a={"kind": "exit", "date": "2025-01-20", "state": "USA", "organisation": "WHO"})
        assert run.setting.charter("WHO").exit_notice_months == 12
        run.until(7)
        assert run.member("WHO", "USA")
        assert [e.date for e in run.events("exit_announced")] == [date(2025, 1, 20)]
        assert run.events("exit") == []
        run.until(8)
        assert not run.member("WHO", "USA")
        assert [(e.date, e.step, e.actor) for e in run.events("exit")] == [
            (date(2026, 1, 20), 8, "USA")
        ]
        row = run.setting.axes.organisation("WHO")
        assert run.state.n_exits[row] == run.state.n_exits.sum() == 1
        assert (run.state.leaves_at == -1).all()
        run.until(12)
        assert len(run.events("exit")) == 1

    def test_the_scenario_may_set_the_notice(self, world: Callable[..., World]) -> None:
        run = world(
            a={
                "kind": "exit",
                "date": "2025-02-04",
                "state": "USA",
                "organisation": "WHO",
                "notice_months": 0,
            }
        ).until(4)
        assert not run.member("WHO", "USA")
        assert run.events("exit")[0].date == date(2025, 2, 4)

    def test_others_stay(self, world: Callable[..., World]) -> None:
        run = world(a={"kind": "exit", "date": "2025-01-20", "state": "USA", "organisation": "WHO"})
        before = run.state.is_member.copy()
        run.until(9)
        row = run.setting.axes.organisation("WHO")  # elsewhere members come and go by chance
        assert (before[row] != run.state.is_member[row]).sum() == 1


def test_a_join_is_on_its_day(world: Callable[..., World]) -> None:
    run = world(
        a={"kind": "join", "date": "2025-11-18", "states": ["MYS", "PRY"], "organisation": "FITP"}
    )
    assert not run.until(6).member("FITP", "MYS")
    assert run.until(7).member("FITP", "MYS")
    assert [(e.actor, e.date) for e in run.events("join")] == [
        ("MYS", date(2025, 11, 18)),
        ("PRY", date(2025, 11, 18)),
    ]


def test_a_body_that_is_dissolved_has_no_members_and_its_treaty_binds_nobody(
    world: Callable[..., World],
) -> None:
    run = world(a={"kind": "dissolution", "date": "2025-07-01", "organisations": ["RCEP", "SAARC"]})
    pair = run.setting.axes.state("JPN"), run.setting.axes.state("KOR")  # by RCEP alone
    assert run.until(5).member("RCEP", "JPN")
    assert run.state.has_treaty[pair]
    assert not run.until(7).member("RCEP", "JPN")
    assert not run.state.has_treaty[pair]
    assert run.member("ASEAN", "SGP")
    assert {e.organisation for e in run.events("dissolved")} >= {"RCEP", "SAARC"}


def test_out_and_in_again(world: Callable[..., World]) -> None:
    run = world(
        a={"kind": "exit", "date": "2024-01-20", "state": "USA", "organisation": "WHO"},
        b={"kind": "join", "date": "2029-01-20", "states": ["USA"], "organisation": "WHO"},
    )
    assert not run.until(19).member("WHO", "USA")
    assert run.until(20).member("WHO", "USA")
    assert run.until(30).member("WHO", "USA")


class TestTariff:
    def test_a_rate_hits_all_exporters_and_not_oneself(self, world: Callable[..., World]) -> None:
        run = world(a={"kind": "tariff", "date": "2025-04-05", "importer": "USA", "rate": 10})
        assert run.until(4).extra("CHN", "USA") == 0
        run.until(5)
        usa = run.setting.axes.state("USA")
        column = run.state.extra_tariff[:, usa]
        assert column[usa] == 0
        assert np.delete(column, usa) == pytest.approx(0.1)
        assert np.delete(run.state.extra_tariff, usa, axis=1).sum() == 0
        assert run.events("tariff")[0].value == 10

    def test_a_schedule_hits_by_exporter(self, world: Callable[..., World]) -> None:
        run = world(
            a={
                "kind": "tariff",
                "date": "2025-04-05",
                "importer": "USA",
                "schedule": "us_tariffs_2025",
            }
        ).until(5)
        rates = run.setting.world.schedule("us_tariffs_2025")
        assert run.extra("CHN", "USA") == rates[run.setting.axes.state("CHN")] > 0.3
        assert run.extra("GBR", "USA") == pytest.approx(0.10)
        assert run.extra("USA", "CHN") == 0
        assert "us_tariffs_2025" in run.events("tariff")[0].reason

    def test_named_exporters_until_a_day(self, world: Callable[..., World]) -> None:
        run = world(
            a={
                "kind": "tariff",
                "date": "2025-04-05",
                "importer": "USA",
                "exporters": ["CHN"],
                "rate": 25,
                "until": "2026-01-01",
            }
        )
        assert run.until(7).extra("CHN", "USA") == 0.25
        assert run.extra("VNM", "USA") == 0
        assert run.events("tariff")[0].target == "CHN"
        assert run.until(8).extra("CHN", "USA") == 0
        assert len(run.events("tariff")) == 1

    def test_they_add_up_and_do_not_grow_with_time(self, world: Callable[..., World]) -> None:
        run = world(
            a={"kind": "tariff", "date": "2024-04-01", "importer": "USA", "rate": 10},
            b={
                "kind": "tariff",
                "date": "2025-04-01",
                "importer": "USA",
                "exporters": ["CHN"],
                "rate": 20,
            },
        )
        assert run.until(12).extra("CHN", "USA") == pytest.approx(0.3)
        assert run.extra("VNM", "USA") == pytest.approx(0.1)


class TestRetaliation:
    TARIFF = {  # noqa: RUF012
        "kind": "tariff",
        "date": "2025-04-05",
        "importer": "USA",
        "exporters": ["CHN", "VNM"],
        "rate": 20,
    }

    def test_targets_answer_by_a_share_of_what_they_face(self, world: Callable[..., World]) -> None:
        answer = {
            "kind": "retaliation",
            "date": "2025-07-01",
            "against": "USA",
            "proportion": 0.5,
        }
        run = world(t=self.TARIFF, r=answer)
        assert run.until(5).extra("USA", "CHN") == 0
        run.until(6)
        assert run.extra("USA", "CHN") == run.extra("USA", "VNM") == pytest.approx(0.1)
        assert run.extra("USA", "DEU") == 0  # was not hit
        assert run.extra("USA", "USA") == 0
        assert run.extra("CHN", "USA") == pytest.approx(0.2)  # the first tariff stays as it is
        event = run.events("retaliation")[0]
        assert (event.actor, event.target, event.value) == ("targets", "USA", 0.5)

    def test_only_those_named(self, world: Callable[..., World]) -> None:
        answer = {
            "kind": "retaliation",
            "date": "2025-07-01",
            "against": "USA",
            "states": ["CHN", "DEU"],
            "until": "2026-01-01",
        }
        run = world(t=self.TARIFF, r=answer).until(7)
        assert run.extra("USA", "CHN") == pytest.approx(0.2)
        assert run.extra("USA", "VNM") == run.extra("USA", "DEU") == 0
        assert run.until(8).extra("USA", "CHN") == 0

    @pytest.mark.parametrize("name", ["a_answer", "z_answer"])
    def test_the_name_of_the_shock_does_not_matter(
        self, world: Callable[..., World], name: str
    ) -> None:
        answer = {"kind": "retaliation", "date": "2025-04-05", "against": "USA"}
        run = world(**{"m_tariff": self.TARIFF, name: answer}).until(5)
        assert run.extra("USA", "CHN") == pytest.approx(0.2)

    def test_a_later_wave_is_answered_too_and_its_end_ends_the_answer(
        self, world: Callable[..., World]
    ) -> None:
        wave = {**self.TARIFF, "date": "2026-01-01", "rate": 30, "until": "2027-01-01"}
        answer = {"kind": "retaliation", "date": "2025-07-01", "against": "USA"}
        run = world(t=self.TARIFF, wave=wave, r=answer)
        assert run.until(7).extra("USA", "CHN") == pytest.approx(0.2)
        assert run.until(8).extra("USA", "CHN") == pytest.approx(0.5)
        assert run.until(12).extra("USA", "CHN") == pytest.approx(0.2)

    def test_a_tariff_cut_is_not_answered(self, world: Callable[..., World]) -> None:
        cut = {**self.TARIFF, "rate": -1}
        answer = {"kind": "retaliation", "date": "2025-07-01", "against": "USA"}
        run = world(t=cut, r=answer).until(6)
        assert run.extra("CHN", "USA") == pytest.approx(-0.01)
        assert run.extra("USA", "CHN") == 0


def test_a_leader_stays_until_the_next(world: Callable[..., World]) -> None:
    run = world(
        a={"kind": "leader_change", "date": "2025-01-20", "state": "USA", "orientation": 2},
        b={"kind": "leader_change", "date": "2029-01-20", "state": "USA", "orientation": -0.5},
    )
    usa = run.setting.axes.state("USA")
    found = [run.until(step).state.orientation[usa] for step in (3, 4, 19, 20, 25)]
    assert found == [0, 2, 2, -0.5, -0.5]
    assert not np.delete(run.state.orientation, usa).any()
    assert [e.value for e in run.events("leader_change")] == [2, -0.5]


class TestMoney:
    CUT = {  # noqa: RUF012
        "kind": "funding_cut",
        "date": "2025-01-20",
        "organisation": "WHO",
        "contributor": "USA",
        "share": 0.5,
        "until": "2026-01-01",
    }

    def test_funding_falls_by_what_is_withheld_while_it_is(
        self, world: Callable[..., World]
    ) -> None:
        run = world(a=self.CUT)
        row, usa = run.setting.axes.organisation("WHO"), run.setting.axes.state("USA")
        dues = run.setting.dues("WHO")
        found = {step: run.until(step).state.vitality.funding[row] for step in (3, 4, 7, 8)}
        assert found[3] == pytest.approx(1.0)
        assert found[4] == found[7] == pytest.approx(1 - 0.5 * dues[usa])
        assert found[8] == pytest.approx(1.0)

    def test_capacity_follows(self, world: Callable[..., World]) -> None:
        run = world(a=self.CUT).until(4)
        row = run.setting.axes.organisation("WHO")
        full = run.setting.charter("WHO").secretariat.capacity
        paid = run.state.vitality.funding[row]
        assert run.state.capacity[row] == pytest.approx(
            full * paid ** run.setting["funding_elasticity"]
        )

    def test_of_two_cuts_the_larger_counts(self, world: Callable[..., World]) -> None:
        run = world(a=self.CUT, b={**self.CUT, "share": 0.2}).until(4)
        row, usa = run.setting.axes.organisation("WHO"), run.setting.axes.state("USA")
        assert run.state.arrears[row, usa] == 0.5


def test_a_vacancy_halves_what_can_be_worked_on(world: Callable[..., World]) -> None:
    run = world(
        a={
            "kind": "vacancy",
            "date": "2025-01-01",
            "organisation": "ASEAN",
            "until": "2026-01-01",
        }
    )
    row = run.setting.axes.organisation("ASEAN")
    full = run.setting.charter("ASEAN").secretariat.capacity
    found = []
    for step in (3, 4, 7, 8):
        run.until(step)
        found.append((bool(run.state.is_vacant[row]), float(run.state.capacity[row])))
    half = full * (1 - run.setting["vacancy_loss"])
    assert [v for v, _ in found] == [False, True, True, False]
    assert [c for _, c in found[:2]] == pytest.approx([full, half])
    # a year without a head costs the body some life, which comes back slowly
    assert 0.9 * half < found[2][1] < half
    assert 0.9 * full < found[3][1] < full
    assert run.state.is_vacant.sum() == 0


@pytest.mark.parametrize("kind", SHOCK_KINDS.values(), ids=list(SHOCK_KINDS))
class TestEveryKind:
    def test_it_is_told_and_checks_its_names(self, kind: type[Shock]) -> None:
        assert kind.apply is not Shock.apply
        assert kind.check is not Shock.check
        assert kind.__doc__ != Shock.__doc__

    def test_it_has_an_effect_and_says_on_what(self, kind: type[Shock]) -> None:
        assert set(kind.holds) | set(kind.writes)
        assert bool(kind.holds) == (kind.keep_in_force is not Shock.keep_in_force)
        assert {*kind.reads, *kind.writes, *kind.holds} <= {*FIELDS, *RECORDS}

    def test_to_what_it_holds_nobody_else_writes(self, kind: type[Shock]) -> None:
        for name in kind.holds:
            assert FIELDS[name].part_of or "." in name  # a part of a total, or a mechanism's own
            assert [phase.name for phase in PHASES if name in phase.writes] == ["shocks"]
