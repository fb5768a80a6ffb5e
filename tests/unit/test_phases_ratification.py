"""From signatures to obligations: ratification, entry into force, lapse."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pytest

from sim.agreements import Agreement, Proposal, Status
from sim.charter import EntryIntoForce, ForceGroup
from sim.issues import areas
from sim.log import Log
from sim.phases import ratification
from sim.phases.ratification import RATIFICATION, is_clause_met
from sim.setting import Setting
from sim.state import State


def cut(depth: float, tariff_cut: float, **given: object) -> Proposal:
    """A proposal in trade."""
    return areas()["trade"].propose({"depth": depth, "tariff_cut": tariff_cut}, **given)


SettingOf = Callable[..., Setting]
AgreementOf = Callable[..., Agreement]
CPTPP = ("AUS", "BRN", "CAN", "CHL", "JPN", "MEX", "MYS", "NZL", "PER", "SGP", "VNM")
RCEP = ("BRN", "KHM", "LAO", "MYS", "SGP", "THA", "VNM", "AUS", "CHN", "JPN", "KOR", "NZL")


def put(state: State, *agreements: Agreement) -> State:
    with state.opened(["agreements"]):
        state.agreements = agreements
    return state


def step(setting: Setting, state: State, to: int) -> tuple[Agreement, Log]:
    """The first agreement after the ratification phase of a quarter."""
    log = Log(setting)
    state.step = to
    RATIFICATION(setting, state, log)
    return state.agreements[0], log


class TestClauses:
    """When enough have ratified, each clause by itself."""

    @pytest.fixture
    def is_met(
        self,
        setting_of: SettingOf,
        start: State,
        agreement_of: AgreementOf,
        monkeypatch: pytest.MonkeyPatch,
    ) -> Callable[..., bool]:
        setting = setting_of("baseline", 1)

        def ask(clause: EntryIntoForce, signed: tuple[str, ...], done: tuple[str, ...]) -> bool:
            charter = setting.charter("RCEP").model_copy(update={"entry_into_force": clause})
            monkeypatch.setattr(Setting, "charter", lambda _self, _code: charter)
            ratified = setting.axes.mask(done)
            return is_clause_met(setting, start, agreement_of("RCEP", signed, ratified=ratified))

        return ask

    def test_all(self, is_met: Callable[..., bool]) -> None:
        clause = EntryIntoForce(ratifications=0)
        assert is_met(clause, RCEP, RCEP)
        assert not is_met(clause, RCEP, RCEP[1:])

    def test_a_count(self, is_met: Callable[..., bool]) -> None:
        clause = EntryIntoForce(ratifications=3)
        assert not is_met(clause, RCEP, RCEP[:2])
        assert is_met(clause, RCEP, RCEP[:3])

    def test_a_count_of_more_than_signed_asks_for_all(self, is_met: Callable[..., bool]) -> None:
        clause = EntryIntoForce(ratifications=9)
        assert is_met(clause, RCEP[:4], RCEP[:4])
        assert not is_met(clause, RCEP[:4], RCEP[:3])

    def test_one_alone_is_no_agreement(self, is_met: Callable[..., bool]) -> None:
        clause = EntryIntoForce(ratifications=1)
        assert not is_met(clause, RCEP, RCEP[:1])
        assert is_met(clause, RCEP, RCEP[:2])

    @pytest.mark.parametrize(
        ("asean", "others", "expected"),
        [(6, 3, True), (7, 3, True), (6, 2, False), (5, 5, False), (7, 5, True)],
    )
    def test_groups(
        self, is_met: Callable[..., bool], asean: int, others: int, expected: bool
    ) -> None:
        """RCEP: six of ASEAN and three others."""
        groups = (ForceGroup(members_of="ASEAN", count=6), ForceGroup(count=3))
        done = RCEP[:asean] + RCEP[7 : 7 + others]
        assert is_met(EntryIntoForce(ratifications=9, groups=groups), RCEP, done) is expected
        in_all = expected and asean + others >= 11
        clause = EntryIntoForce(ratifications=11, groups=groups)  # all conditions must hold
        assert is_met(clause, RCEP, done) is in_all

    def test_a_share_of_gdp(self, is_met: Callable[..., bool], setting: Setting) -> None:
        """TPP: 85 % of the signatories' GDP, which nobody reaches without the United States."""
        gdp = dict(zip(setting.axes.states, setting.world.gdp, strict=True))
        tpp = (*CPTPP, "USA")
        assert gdp["USA"] > 0.15 * sum(gdp[c] for c in tpp)
        clause = EntryIntoForce(ratifications=2, gdp_share=0.85)
        assert not is_met(clause, tpp, CPTPP)
        assert is_met(clause, CPTPP, CPTPP[:10])


class TestLife:
    def test_nobody_ratifies_in_the_quarter_of_signature(
        self, setting: Setting, start: State, agreement_of: AgreementOf
    ) -> None:
        put(start, agreement_of("CPTPP", CPTPP))
        now, log = step(setting, start, 0)
        assert not now.ratified.any()
        assert log.events == []

    def test_states_ratify_one_by_one_and_it_enters_into_force(
        self, setting: Setting, start: State, agreement_of: AgreementOf
    ) -> None:
        """CPTPP: sixty days after six have ratified; later ones are bound a quarter later."""
        put(start, agreement_of("CPTPP", CPTPP))
        before, seen = start.agreements[0], []
        for quarter in range(1, 30):
            now, log = step(setting, start, quarter)
            assert (now.ratified >= before.ratified).all()
            assert (now.ratified <= now.signatories).all()
            fresh = np.flatnonzero(now.ratified & ~before.ratified)
            ratified = [e for e in log.events if e.kind == "ratified"]
            assert [e.actor for e in ratified] == [setting.axes.states[n] for n in fresh]
            for e in ratified:
                assert setting.calendar.step_of(e.date) == quarter
            if before.status is Status.IN_FORCE:
                assert (now.bound_at[fresh] == quarter + 1).all()
            seen.append((now.status, int(now.ratified.sum())))
            before = now
        counts = [n for s, n in seen if s is Status.SIGNED]
        assert counts
        assert max(counts) < 6
        assert seen[-1][0] is Status.IN_FORCE
        assert now.due is not None
        assert now.in_force is not None
        assert now.in_force >= now.due
        met = next(q for q, (_, n) in enumerate(seen, start=1) if n >= 6)
        assert (now.due - setting.calendar.day_at(met, 1.0)).days == 60
        bound_first = now.bound_at[now.bound_at >= 0].min()
        assert bound_first == setting.calendar.step_of(now.in_force)
        assert np.array_equal(now.bound_at >= 0, now.ratified)

    def test_acts_that_need_no_ratification_bind_at_once(
        self, setting: Setting, start: State, agreement_of: AgreementOf
    ) -> None:
        put(start, agreement_of("EU", ("DEU", "FRA", "POL")))
        now, _ = step(setting, start, 0)
        assert np.array_equal(now.ratified, now.signatories)
        assert now.status is Status.IN_FORCE
        assert now.in_force == date(2024, 4, 20)  # twenty days after the quarter
        assert (now.bound_at[now.signatories] == 1).all()
        assert (now.bound_at[~now.signatories] == -1).all()

    def test_without_delay_all_ratify_at_once(
        self, setting_of: SettingOf, start: State, agreement_of: AgreementOf
    ) -> None:
        setting = setting_of("baseline", 1, "switches.ratification_delay=false")
        put(start, agreement_of("CPTPP", CPTPP))
        now, _ = step(setting, start, 0)
        assert np.array_equal(now.ratified, now.signatories)
        assert now.status is Status.IN_FORCE or now.due is not None

    def test_a_long_delay_keeps_it_ratified_until_due(
        self, setting_of: SettingOf, start: State, agreement_of: AgreementOf
    ) -> None:
        setting = setting_of("baseline", 1, "organisation.EU.entry_into_force.delay_days=200")
        put(start, agreement_of("EU", ("DEU", "FRA")))
        found = [step(setting, start, q)[0].status for q in range(3)]
        assert found == [Status.RATIFIED, Status.RATIFIED, Status.IN_FORCE]
        assert start.agreements[0].in_force == date(2024, 10, 17)
        assert start.agreements[0].bound_at.max() == 3

    def test_the_union_ratifies_together(
        self, setting: Setting, start: State, agreement_of: AgreementOf
    ) -> None:
        members = start.is_member[setting.axes.organisation("WTO")]
        codes = setting.axes.names(members)
        mfn = agreement_of("WTO", codes, kind="mfn", proposal=cut(0.02, 0.3))
        put(start, mfn)
        eu = start.is_member[setting.axes.organisation("EU")]
        gcc = start.is_member[setting.axes.organisation("GCC")]
        shares = []
        for quarter in range(1, 12):
            now, log = step(setting, start, quarter)
            assert now.ratified[eu].all() or not now.ratified[eu].any()
            assert now.ratified[gcc].all() or not now.ratified[gcc].any()
            days = {e.date for e in log.events if e.actor in setting.axes.names(eu)}
            assert len(days) <= 1
            shares.append(now.ratified[members].mean())
        assert 0 < shares[0] < shares[-1] < 1

    @pytest.mark.parametrize("eager", [0, 13, 26], ids=["first", "middle", "last"])
    def test_the_hazard_of_the_union_is_the_mean_of_its_members(
        self,
        setting: Setting,
        start: State,
        agreement_of: AgreementOf,
        monkeypatch: pytest.MonkeyPatch,
        eager: int,
    ) -> None:
        """The day is the same when one member has all of the hazard, whichever it is."""
        codes = setting.axes.names(start.is_member[setting.axes.organisation("WTO")])
        eu = np.flatnonzero(start.is_member[setting.axes.organisation("EU")])
        alike, uneven = np.zeros(len(setting.axes.states)), np.zeros(len(setting.axes.states))
        alike[eu], uneven[eu[eager]] = 0.2, 0.2 * eu.size
        days = []
        for rate in (alike, uneven):
            monkeypatch.setattr(ratification, "ratification_rate", lambda *_, r=rate, **__: r)
            put(start, agreement_of("WTO", codes, kind="mfn", proposal=cut(0.02, 0.3)))
            logs = [step(setting, start, quarter)[1] for quarter in range(1, 40)]
            days.append({e.date for log in logs for e in log.events if e.kind == "ratified"})
            assert start.agreements[0].ratified[eu].all()
        assert len(days[0]) == 1
        assert days[0] == days[1]

    def test_the_hazard_is_that_of_the_records(
        self, setting: Setting, start: State, agreement_of: AgreementOf
    ) -> None:
        """Median of 378 days: after five quarters about half of those that gain are in."""
        codes = setting.axes.names(
            start.is_member[setting.axes.organisation("WTO")]
            & ~start.is_member[setting.axes.organisation("EU")]
        )
        put(start, agreement_of("CPTPP", codes, proposal=cut(0.15, 0.5)))
        for quarter in range(1, 5):
            now, _ = step(setting, start, quarter)
        assert 0.35 < now.ratified[now.signatories].mean() < 0.65


class TestLapse:
    def test_what_nobody_wants_is_given_up(
        self, setting: Setting, start: State, agreement_of: AgreementOf
    ) -> None:
        with start.opened(["orientation"]):
            start.orientation[:] = 5.0  # governments that ratify nothing
        put(start, agreement_of("CPTPP", CPTPP))
        last = round(setting["lapse_after_years"] * 4)
        assert step(setting, start, last - 1)[0].status is Status.SIGNED
        now, log = step(setting, start, last)
        assert now.status is Status.LAPSED
        assert now.ended == setting.calendar.day_at(last, 1.0)
        assert [e.kind for e in log.events][-1] == "agreement_lapsed"
        after, log = step(setting, start, last + 1)
        assert after is now
        assert log.events == []

    def test_what_is_in_force_does_not(
        self, setting: Setting, start: State, agreement_of: AgreementOf
    ) -> None:
        mask = setting.axes.mask(CPTPP)
        old = agreement_of(
            "CPTPP",
            CPTPP,
            ratified=mask,
            bound_at=np.where(mask, 3, -1),
            status=Status.IN_FORCE,
        )
        assert step(setting, put(start, old), 60)[0].status is Status.IN_FORCE
