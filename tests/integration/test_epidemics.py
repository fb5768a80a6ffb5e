"""Outbreaks in a run: whom they strike, what they cost, what bodies and agreements change."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from sim.checkpoint import Checkpoint
from sim.dataset import parquet_bytes
from sim.engine import checkpoint_at, simulate
from sim.kernels.epidemics import QUARTERS

PANDEMIC = "+shocks.p={kind: outbreak, date: 2024-04-01, state: CHN, severity: 1.2}"
EBOLA = "+shocks.p={kind: outbreak, date: 2024-04-01, state: GIN, severity: 0.0008}"
# No outbreaks but the named one, and no conflict in welfare.
ALONE = (
    *("parameters.epidemic_rate=0.25", "switches.dispute_costs=false"),
    *("switches.civil_costs=false", "switches.health_talks=false", "quarters=10"),
)
AMERICAS = ("BOL", "HTI", "PRY")


@pytest.fixture(scope="module")
def played(run_of, only):
    def run(*overrides, bodies=("WHO", "PAHO"), name="baseline"):
        return run_of(name, 1, *only(*bodies), *ALONE, *overrides)

    return run


def frame(tables, name):
    return tables[name].to_pandas()


def losses(tables):
    """State → percent of annual income lost by outbreaks in the run."""
    return frame(tables, "states").groupby("state")["epidemic_loss"].sum() / 4


def test_a_pandemic_stays_at_home_then_strikes_all_and_is_over(played):
    tables = played(PANDEMIC)
    rows = frame(tables, "epidemics")
    rows = rows[rows["began"] == date(2024, 4, 1)]
    assert rows["states_struck"].tolist() == [1] + [196] * (QUARTERS - 1)
    assert rows["declared_by"].unique().tolist() == ["WHO"]
    summary = frame(tables, "summary").set_index("step")
    assert summary["epidemics"].tolist() == [0] + [1] * QUARTERS + [0] * 3
    assert summary["epidemic_loss"].iloc[[0, -1]].tolist() == [0, 0]
    over = [e for e in tables["events"].to_pylist() if e["kind"] == "outbreak_over"]
    assert [(e["actor"], e["value"]) for e in over] == [("CHN", 196.0)]


def test_it_costs_what_income_falls_by(played):
    with_it, without = (frame(played(*o), "states") for o in ((PANDEMIC,), ()))
    by = ["step", "state"]
    both = with_it.merge(without, on=by, suffixes=("", "_without"))
    lost = both["income_effect_without"] - both["income_effect"]
    assert np.allclose(lost, both["epidemic_loss"])
    assert (both["welfare"] <= both["welfare_without"] + 1e-12).all()


def test_vaccines_come_after_a_year_and_to_the_rich_first(played):
    states = frame(played(PANDEMIC), "states").pivot(
        index="step", columns="state", values="epidemic_loss"
    )
    fell = 1 - states.loc[5] / states.loc[4]
    assert fell["CHE"] > fell["CHN"] > fell["COD"] > 0


def test_ebola_stays_in_a_few_states(played):
    rows = frame(played(EBOLA), "epidemics")
    assert 1 <= rows["states_struck"].max() <= 8
    assert rows["people_reached"].max() < 0.05


def test_regional_bodies_spare_their_members_alone(played):
    usual = losses(played(PANDEMIC))
    without = losses(played(PANDEMIC, "switches.regional_health=false"))
    for code in AMERICAS:
        assert without[code] > usual[code] + 0.05
    assert without["IND"] == usual["IND"]


def test_a_body_that_is_not_paid_helps_less(played):
    cut = "+shocks.cut={kind: funding_cut, date: 2024-01-01, organisation: WHO, contributor: USA}"
    usual, unpaid = losses(played(PANDEMIC)), losses(played(PANDEMIC, cut))
    assert (unpaid > usual).mean() > 0.95


def test_who_leaves_has_no_more_help(played):
    leaves = "+shocks.exit={kind: exit, date: 2024-01-01, state: ARG, organisation: PAHO}"
    soon = "organisation.PAHO.exit_notice_months=0"
    usual, left = (losses(played(PANDEMIC, soon, *o)) for o in ((), (leaves,)))
    assert left["ARG"] > usual["ARG"]
    assert abs(left["BOL"] - usual["BOL"]) < 0.1 * (left["ARG"] - usual["ARG"])  # dues unpaid


TALKS = (
    *("switches.health_talks=true", "switches.ratification_delay=false"),
    "organisation.PAHO.decision.health={rule: partial_adoption}",
    "organisation.PAHO.form=binding",
    "switches.soft_forms=false",
    "organisation.PAHO.docket.pooled_procurement.levels=[100]",
)


@pytest.fixture(scope="module")
def agreed(played):
    """PAHO whose willing members go ahead."""
    return played(PANDEMIC, *TALKS)


def test_an_agreement_helps_its_parties_which_pay_for_it(agreed, played):
    bound = [a for a in agreed["agreements"].to_pylist() if a["area"] == "health"]
    assert {a["status"] for a in bound} == {"in_force"}
    pool = next(a for a in bound if a["item"] == "pooled_procurement")
    parties = set(pool["ratified"].split(";"))
    after = frame(agreed, "states").set_index(["step", "state"])
    before = frame(played(PANDEMIC), "states").set_index(["step", "state"])
    cost = (before["income_effect"] - after["income_effect"]).xs(3)
    spared = before["epidemic_loss"] - after["epidemic_loss"]
    payers = {code for code in cost.index if cost[code] + spared.xs(3)[code] > 1e-6}
    assert payers == parties
    poor = parties & {"HTI", "HND", "NIC", "BOL", "SLV", "GTM"}
    assert poor
    assert all(spared.xs(6)[code] > 0.1 for code in poor)
    assert abs(spared.xs(6)["JPN"]) < 0.01


def test_talks_on_health_leave_trade_as_it_is(run_of, only):
    bodies = (*only("MERCOSUR", "PAHO", "WHO"), "quarters=6")
    usual = run_of("baseline", 1, *bodies)
    off = run_of("baseline", 1, *bodies, "switches.epidemics=false", "switches.health_talks=false")
    for name in ("rounds", "votes", "agreements"):
        one, other = (frame(t, name) for t in (usual, off))
        mine = one[one["organisation"] == "MERCOSUR"].reset_index(drop=True)
        assert len(mine) == len(other)
        assert mine.equals(other) or name == "agreements"
    same = ("disputes", "conflicts", "missions", "nuclear")
    assert all(parquet_bytes(usual[name]) == parquet_bytes(off[name]) for name in same)


def test_a_checkpoint_holds_outbreaks_under_way(scenario_of, only, tmp_path):
    scenario = scenario_of("baseline", *only("WHO"), *ALONE[:-1], "quarters=6", PANDEMIC)
    whole = simulate(scenario, 1).tables()
    kept = checkpoint_at(scenario, 1, date(2024, 10, 1))
    kept.save(tmp_path / "run.checkpoint")
    again = simulate(scenario, 1, start_from=Checkpoint.load(tmp_path / "run.checkpoint")).tables()
    for name in whole:
        assert parquet_bytes(whole[name]) == parquet_bytes(again[name]), name
