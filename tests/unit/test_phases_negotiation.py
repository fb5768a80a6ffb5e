"""Dockets: when organisations meet, what they settle, what dies, what is taken up again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.agreements import Status
from sim.issues.base import IssueArea
from sim.issues.trade import TradeArea
from sim.load import scenario_from, setting_for
from sim.log import Log
from sim.model import ConcordModel, initial_state
from sim.phases.negotiation import NEGOTIATION
from sim.setting import Setting
from sim.state import State

Composed = Callable[..., dict[str, Any]]
ITEM = {
    "opens": "2024-07-01",
    "every_quarters": 3,
    "deadline_quarters": 4,
    "levels": [2.5, 5],
    "tariff_cuts": [0],
}


class House:
    """ASEAN alone in the world, with one item on its docket."""

    def __init__(
        self,
        composed: Composed,
        rule: str,
        item: dict[str, Any] | None = None,
        switches: dict[str, bool] | None = None,
        **charter: Any,
    ) -> None:
        same_members = {"accession_to_bodies": False, "withdrawals": False}
        mapping = composed("baseline", switches={**same_members, **(switches or {})})
        asean = mapping["organisation"]["ASEAN"]
        asean.update(
            {"docket": {"x": {**ITEM, **(item or {})}}, "protects_red_lines": False, **charter}
            | {"agreements": {}}
        )
        asean["decision"]["trade"] = {"rule": rule}
        mapping["organisation"] = {"ASEAN": asean}
        self.model = ConcordModel(setting_for(scenario_from(mapping), 1))

    @property
    def state(self) -> State:
        return self.model.state

    def leaders(self, orientation: float) -> House:
        """All leaders of one mind: far towards nationalism nobody agrees, far away everybody."""
        with self.state.opened(["orientation"]):
            self.state.orientation[:] = orientation
        return self

    def until(self, step: int) -> House:
        while self.state.step < step:
            self.model.step()
        return self

    def events(self, *kinds: str) -> list[tuple[int, str, str]]:
        return [(e.step, e.kind, e.item) for e in self.model.log.events if e.kind in kinds]

    def rounds(self) -> dict[str, list[Any]]:
        return self.model.log.tables()["rounds"].to_pydict()


@pytest.fixture(autouse=True)
def everything_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the docket does with texts is tried here, not which of them ASEAN would want."""
    monkeypatch.setattr(TradeArea, "is_wanted", IssueArea.is_wanted)


@pytest.fixture
def house(composed: Composed) -> Callable[..., House]:
    return lambda rule="unanimity", item=None, **charter: House(composed, rule, item, **charter)


def secretariat(meetings: float) -> dict[str, Any]:
    return {"capacity": 0.5, "meetings_per_year": meetings}


class TestDeadlines:
    def test_an_item_that_nobody_wants_dies_and_comes_back(
        self, house: Callable[..., House]
    ) -> None:
        seen = house().leaders(5.0).until(10)
        assert seen.events("item_opened", "item_lapsed") == [
            (2, "item_opened", "ASEAN/x/0"),
            (5, "item_lapsed", "ASEAN/x/0"),  # four quarters: the third to the sixth
            (8, "item_opened", "ASEAN/x/1"),  # three quarters later
        ]
        assert seen.state.n_lapsed.tolist() == [1]
        assert seen.state.n_agreed.tolist() == [0]
        (lapsed,) = (e for e in seen.model.log.events if e.kind == "item_lapsed")
        assert lapsed.reason == "deadline of 4 quarters passed"

    def test_an_item_taken_up_once_does_not(self, house: Callable[..., House]) -> None:
        seen = house(item={"every_quarters": 0}).leaders(5.0).until(12)
        assert [s for s, _, _ in seen.events("item_opened")] == [2]
        assert not seen.state.docket[0].is_open

    def test_the_chairs_statement_takes_the_place_of_a_failure(
        self, house: Callable[..., House]
    ) -> None:
        seen = house("asean_way").leaders(5.0).until(6)
        assert seen.events("item_lapsed", "statement") == [(5, "statement", "ASEAN/x/0")]
        assert seen.state.n_lapsed.tolist() == [0]

    def test_protected_matters_are_left_out_or_nothing_is_tabled(
        self, house: Callable[..., House]
    ) -> None:
        """Every tariff cut touches agriculture, which some of the ten protect."""
        item = {"levels": [0.0], "tariff_cuts": [50]}
        able = house(item=item, protects_red_lines=True).leaders(-5.0).until(4)
        assert set(able.rounds()["exemptions"]) == {"agriculture"}
        unable = house(item=item, protects_red_lines=True, switches={"exemptions": False})
        unable.leaders(-5.0).until(5)
        assert unable.rounds()["step"] == []
        assert {s for s, _, _ in unable.events("not_tabled")} == {2, 3, 4, 5}
        assert unable.events("item_lapsed") == [(5, "item_lapsed", "ASEAN/x/0")]


class TestMeetings:
    @pytest.mark.parametrize(
        ("a_year", "per_quarter"),
        [(4, [1, 1, 1, 1]), (8, [2, 2, 2, 2]), (2, [0, 1, 0, 1]), (6, [1, 2, 1, 2])],
    )
    def test_they_follow_the_charter(
        self, house: Callable[..., House], a_year: float, per_quarter: list[int]
    ) -> None:
        item = {"opens": "2024-01-01"}
        rounds = house(item=item, secretariat=secretariat(a_year)).leaders(5.0).until(3).rounds()
        assert [rounds["step"].count(s) for s in range(4)] == per_quarter
        assert rounds["round"] == list(range(sum(per_quarter)))
        for step in range(4):
            meetings = [
                m for s, m in zip(rounds["step"], rounds["meeting"], strict=True) if s == step
            ]
            assert meetings == list(range(per_quarter[step]))
        assert rounds["date"] == sorted(rounds["date"])

    def test_dues_that_sum_to_one_but_for_rounding_cost_no_meeting(
        self, house: Callable[..., House]
    ) -> None:
        found = house(item={"opens": "2024-01-01"}, secretariat=secretariat(4)).leaders(5.0)
        for step in range(3):
            with found.state.opened(["capacity"]):
                found.state.capacity[:] = np.nextafter(0.5, 0.0)
            found.until(step)
        assert found.rounds()["step"] == [0, 1, 2]

    def test_and_what_is_left_of_the_secretariat(self, composed: Composed) -> None:
        mapping = composed("baseline")
        vacant = {"kind": "vacancy", "date": "2024-01-01", "organisation": "ASEAN"}
        mapping["shocks"] = {"v": vacant}
        mapping["organisation"] = {"ASEAN": mapping["organisation"]["ASEAN"]}
        mapping["organisation"]["ASEAN"]["secretariat"] = secretariat(4)
        mapping["organisation"]["ASEAN"]["docket"] = {
            "x": {**ITEM, "opens": "2024-01-01", "deadline_quarters": 40}
        }
        mapping["organisation"]["ASEAN"]["decision"]["trade"] = {"rule": "unanimity"}
        model = ConcordModel(setting_for(scenario_from(mapping), 1))
        with model.state.opened(["orientation"]):
            model.state.orientation[:] = 5.0
        for _ in range(9):
            model.step()
        steps = model.log.tables()["rounds"].to_pydict()["step"]
        assert steps == [0, 2, 4, 6, 8]  # in the first quarter the vacancy is not felt yet

    @pytest.mark.parametrize(("a_year", "before"), [(8, 7), (4, 3), (3, 2)])
    def test_the_last_one_before_the_deadline_is_known(
        self, composed: Composed, a_year: float, before: int
    ) -> None:
        """Enhanced cooperation waits for it: some go ahead in the last meeting, not before."""
        rule = {"rule": "enhanced_cooperation", "minimum_members": 2}
        mapping = composed("baseline")
        asean = mapping["organisation"]["ASEAN"]
        asean.update(docket={"x": {**ITEM, "levels": [5]}}, secretariat=secretariat(a_year))
        asean.update(protects_red_lines=False)
        asean["decision"]["trade"] = rule
        mapping["organisation"] = {"ASEAN": asean}
        model = ConcordModel(setting_for(scenario_from(mapping), 1))
        with model.state.opened(["orientation"]):
            model.state.orientation[:] = -3.0
            model.state.orientation[model.setting.axes.state("VNM")] = 5.0
        for _ in range(6):
            model.step()
        rounds = model.log.tables()["rounds"].to_pydict()
        assert rounds["outcome"] == ["failed"] * before + ["agreed"]
        assert "VNM" not in rounds["adopters"][-1]
        last = 1 if a_year == 8 else 0
        assert (rounds["step"][-1], rounds["meeting"][-1]) == (5, last)


class TestAgreement:
    def test_what_is_adopted_is_signed_that_day(self, house: Callable[..., House]) -> None:
        seen = house().leaders(-5.0).until(4)
        agreement = seen.state.agreements[0]
        axes = seen.model.setting.axes
        rounds = seen.rounds()
        last = rounds["outcome"].index("agreed")
        assert agreement.code == "ASEAN/x/0"
        assert np.array_equal(agreement.signatories, seen.state.is_member[0])
        assert agreement.opened == date(2024, 7, 1)
        assert agreement.agreed == agreement.signed == rounds["date"][last]
        assert 100 * agreement.proposal.level == pytest.approx(rounds["depth"][last])
        assert agreement.status in {Status.SIGNED, Status.RATIFIED, Status.IN_FORCE}
        assert seen.state.n_agreed.tolist() == [1]
        signed = next(e for e in seen.model.log.events if e.kind == "signed")
        assert signed.value == 10
        assert signed.actor.split(";") == list(axes.names(seen.state.is_member[0]))

    def test_nothing_is_left_once_the_deepest_is_agreed(self, house: Callable[..., House]) -> None:
        """What comes up again, once the term is over, is a new item, and is dropped aloud."""
        item = {"levels": [0], "tariff_cuts": [100], "every_quarters": 1}
        seen = house(item=item).leaders(-5.0).until(6)  # then Timor-Leste joins
        assert seen.events("agreed") == [(3, "agreed", "ASEAN/x/0")]
        assert seen.events("nothing_to_negotiate")[0] == (6, "nothing_to_negotiate", "ASEAN/x/1")

    def test_an_open_item_of_which_nothing_is_left_is_dropped_aloud(
        self, house: Callable[..., House]
    ) -> None:
        """Hong Kong and Singapore, left alone, have no tariff to cut."""
        item = {"levels": [0], "tariff_cuts": [100], "opens": "2024-01-01"}
        seen = house(item=item).leaders(5.0).until(0)
        assert seen.state.docket[0].is_open
        with seen.state.opened(["is_member"]):
            seen.state.is_member[0] = seen.model.setting.axes.mask(["HKG", "SGP"])
        seen.until(1)
        dropped = (1, "nothing_to_negotiate", "ASEAN/x/0")
        assert seen.events("nothing_to_negotiate") == [dropped]
        assert not seen.state.docket[0].is_open

    def test_the_asean_way_ends_soft(self, house: Callable[..., House]) -> None:
        seen = house("asean_way").leaders(-5.0).until(5)
        agreement = seen.state.agreements[0]
        assert agreement.proposal.is_soft
        exempt = seen.model.setting.world.matters
        left = 1 - sum(exempt[m].trade_share for m in agreement.proposal.exemptions)
        assert agreement.scale == pytest.approx(left * seen.model.setting["soft_effect"])


class TestDocket:
    def test_a_house_of_less_than_two_does_not_meet(self, house: Callable[..., House]) -> None:
        seen = house().leaders(-5.0)
        with seen.state.opened(["is_member"]):
            seen.state.is_member[0] = seen.model.setting.axes.mask(["SGP"])
        assert seen.until(4).events("item_opened") == []

    def test_the_outlines_of_the_first_day(self, setting: Setting) -> None:
        state = initial_state(setting)
        assert state.step == -1
        assert all(not item.is_open for item in state.docket)
        assert {item.organisation for item in state.docket} <= set(setting.axes.organisations)
        charters = setting.scenario.organisation.values()
        items = [item for charter in charters for item in charter.docket.values()]
        # rules on security are for those who turn them on
        assert len(state.docket) == sum(item.area != "security" for item in items)

    def test_blocks_are_of_the_quarter_and_vetoes_of_the_run(
        self, house: Callable[..., House]
    ) -> None:
        seen = house().leaders(5.0)
        total = 0
        for step in range(7):
            seen.until(step)
            total += int(seen.state.n_blocks[0])
            assert seen.state.n_vetoes[0] == total
            assert (seen.state.n_blocks[0] > 0) == (2 <= step <= 5)

    def test_it_draws_the_same_whatever_happened_elsewhere(self, setting: Setting) -> None:
        """A quarter of talks repeated from a copy of the state is the same quarter."""
        first, second = Log(setting), Log(setting)
        state = initial_state(setting)
        state.step = 0
        branch = state.copy()
        NEGOTIATION(setting, state, first)
        NEGOTIATION(setting, branch, second)
        for table in ("rounds", "votes", "events"):
            one, two = (log.tables()[table].to_pandas() for log in (first, second))
            pd.testing.assert_frame_equal(one, two)
            assert len(one)
