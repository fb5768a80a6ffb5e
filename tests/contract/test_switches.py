"""Every switch changes something: a mechanism that cannot be turned off cannot be measured."""

from __future__ import annotations

import numpy as np
import pytest

from sim.dataset import parquet_bytes
from sim.errors import ConfigError
from sim.load import scenario_from
from sim.switches import SWITCHES

BODIES_THE_US_LEAVES = ("WHO", "PARIS", "UNHRC", "UNESCO", "UN")

# ASEAN tables nothing that touches a protected matter. Where a soft text is taken to touch none,
# and nothing may be exempted, soft texts are what is left; at the usual values chairs table one in
# about thirty rounds, and too late in a run for a quick test. By plain consensus, since the ASEAN
# Way itself leaves nothing but soft texts.
SOFT_IS_LEFT = (
    "organisation.ASEAN.decision.trade={rule: consensus}",
    "parameters.soft_red_line_share=0.0",
    "switches.exemptions=false",
    "switches.digital_rules=false",
)

# Conflict moves trade as well, which is not what is measured.
FURTHER = {
    "soft_forms": SOFT_IS_LEFT,
    "phase_in": ("switches.dispute_costs=false", "switches.sanctions=false"),
    "votes_lost_by_arrears": (
        "shocks.unpaid={kind: funding_cut, date: 2024-01-01, organisation: UN, contributor: USA}",
    ),
    "ratification_votes": (
        "switches.digital_rules=false",
        "parameters.objection_cost=0.5",
        "parameters.ratification_support=0.5",
        "switches.leaders=false",
        "switches.accession_to_bodies=false",
        "switches.withdrawals=false",
    ),
    "discontent": ("shocks.apart={kind: inequality, date: 2024-01-01, points: 10}",),
    "trust_in_votes": ("parameters.breach_rate=0.1", "parameters.breach_deterrence=0"),
    "compliance": ("parameters.breach_rate=0.1", "parameters.breach_deterrence=0"),
    "forum_choice": ("parameters.need_rate=0.06",),
    "leader_withdrawals": (
        "shocks.new={kind: leader_change, date: 2024-01-01, state: FJI, orientation: 5}",
        "parameters.leader_withdrawal=1.5",
    ),
    "diffusion": (
        "parameters.diffusion_shared=0.45",
        "parameters.diffusion_linked=0.4",
        "parameters.diffusion_distance=30",
    ),
    "multilateralisation": (
        "parameters.submission_members=0.1",
        "parameters.submission_trade=0.3",
    ),
    "leader_dues": (
        "shocks.new={kind: leader_change, date: 2024-01-01, state: USA, orientation: 2}",
    ),
    "joint_withdrawals": ("parameters.withdrawal_estranged=0.1",),
    "departures": (
        "+shocks.new={kind: leader_change, date: 2025-06-01, state: SAU, orientation: 5}",
    ),
    # when the first agreement has come into force
    "renegotiation": (
        "+shocks.new={kind: leader_change, date: 2029-02-01, state: SAU, orientation: 5}",
    ),
}

# Beside the switches of the table, what makes outbreaks sure to happen.
OUTBREAK = ("+shocks.outbreak={kind: outbreak, date: 2024-04-01, state: GIN, severity: 0.5}",)
FURTHER |= dict.fromkeys(("epidemics", "epidemic_costs", "regional_health"), OUTBREAK)

# Switch → a small world in which its mechanism is at work: scenario, organisations, quarters.
AT_WORK = {
    "interests": ("baseline", ("MERCOSUR",), 6),
    "red_lines": ("baseline", ("ASEAN", "MERCOSUR"), 6),
    "sectors": ("baseline", ("MERCOSUR",), 6),
    "exemptions": ("baseline", ("CPTPP", "ANDEAN"), 6),
    "soft_forms": ("baseline", ("ASEAN",), 4),
    "aspirations": ("baseline", ("MERCOSUR",), 6),
    "persistent_taste": ("baseline", ("MERCOSUR",), 6),
    "learning": ("baseline", ("WTO", "EU"), 6),
    "security_talks": ("baseline", ("GCC",), 6),
    "digital_rules": ("baseline", ("DEPA",), 3),
    "civil_mediation": ("baseline", ("AU",), 12),
    "orientation": ("us_withdrawal", ("WTO", "EU", *BODIES_THE_US_LEAVES), 8),
    "blocs_vote_as_one": ("baseline", ("WTO", "EU"), 6),
    "bounded_texts": ("baseline", ("WTO", "EU"), 6),
    "procedures": ("baseline", ("EU",), 12),
    "ratification_delay": ("baseline", ("GCC",), 10),
    "ratification_votes": ("baseline", ("AFCFTA",), 29),
    "departures": ("baseline", ("GCC",), 9),
    "renegotiation": ("baseline", ("GCC",), 24),
    "phase_in": ("baseline", ("ANDEAN",), 6),
    "open_accession": ("fitp_partial_adoption", ("FITP",), 24),
    "state_effects": ("baseline", ("MERCOSUR",), 6),
    "estimated_state_effects": ("baseline", ("MERCOSUR",), 6),
    "history": ("fitp_partial_adoption", ("FITP",), 10),
    "vitality": ("baseline", ("ANDEAN",), 2),
    "climate_pledges": ("baseline", ("PARIS",), 2),
    "climate_talks": ("baseline", ("PARIS",), 4),
    "deaths": ("baseline", ("ANDEAN", "MERCOSUR", "UNASUR", "SAARC"), 40),
    "accession_to_bodies": ("baseline", ("CPTPP",), 4),
    "withdrawals": ("baseline", ("IAEA", "PARIS", "PAHO", "EAEU"), 24),
    "joint_withdrawals": ("baseline", ("AU",), 4),
    "suspensions": ("baseline", ("AU",), 2),
    "votes_lost_by_arrears": ("baseline", ("UN",), 12),
    "disputes": ("baseline", ("ANDEAN",), 2),
    "dispute_costs": ("baseline", ("ANDEAN",), 4),
    "mediation": ("baseline", ("UN",), 6),
    "arbitration": ("baseline", ("ICJ",), 12),
    "civil_conflict": ("baseline", ("ANDEAN",), 6),
    "civil_costs": ("baseline", ("ANDEAN",), 6),
    "coups": ("baseline", ("ANDEAN",), 8),
    "discontent": ("baseline", ("ANDEAN",), 2),
    "epidemics": ("baseline", ("ANDEAN",), 3),
    "epidemic_costs": ("baseline", ("ANDEAN",), 3),
    "regional_health": ("baseline", ("ECOWAS",), 3),
    "health_talks": ("baseline", ("PAHO",), 2),
    "compliance": ("baseline", ("ANDEAN",), 12),
    "forum_choice": ("baseline", ("ANDEAN",), 2),
    "trust_in_votes": ("imperfect_compliance", ("WTO", "EU"), 12),
    "leaders": ("baseline", ("ANDEAN",), 4),
    "leader_withdrawals": ("baseline", ("UN", "WHO"), 4),
    "leader_dues": ("baseline", ("UN",), 2),
    "sanctions": ("baseline", ("AU",), 2),
    "missions": ("baseline", ("ANDEAN",), 2),
    "mandates": ("baseline", ("UN",), 12),
    "nuclear": ("baseline", ("ANDEAN",), 40),
    "arms": ("baseline", ("ANDEAN",), 2),
    "diffusion": ("baseline", ("ANDEAN", "MERCOSUR", "PACIFIC_ALLIANCE"), 20),
    "multilateralisation": ("baseline", ("WTO", "EU"), 14),
    "scrutiny": ("baseline", ("UNHRC",), 2),
}


@pytest.fixture(scope="module")
def both(run_of, only):
    """``both(switch)``: tables with the switch as it is by default, and flipped."""

    def run(switch):
        name, kept, quarters = AT_WORK[switch]
        further = FURTHER.get(switch, ())
        overrides = (*only(*kept), *further, f"quarters={quarters}")
        flipped = str(not SWITCHES[switch].default).lower()
        return (
            run_of(name, 1, *overrides),
            run_of(name, 1, *overrides, f"switches.{switch}={flipped}"),
        )

    return run


def test_every_switch_has_a_world_in_which_it_is_at_work():
    assert set(AT_WORK) == set(SWITCHES)


@pytest.mark.parametrize("switch", SWITCHES)
def test_a_flipped_switch_changes_a_table(switch, both):
    usual, flipped = both(switch)
    assert any(parquet_bytes(usual[name]) != parquet_bytes(flipped[name]) for name in usual)


def test_a_misspelt_switch_is_refused_with_the_nearest_name(composed):
    with pytest.raises(ConfigError, match="phase_in"):
        scenario_from(composed("baseline", switches={"phase_inn": False}))


def test_without_red_lines_nothing_is_exempted(both):
    _, flipped = both("red_lines")
    assert set(flipped["rounds"]["exemptions"].to_pylist()) == {""}


def test_without_soft_forms_binding_bodies_table_no_soft_text(both):
    usual, flipped = both("soft_forms")
    assert "soft" in usual["rounds"]["form"].to_pylist()
    assert "soft" not in flipped["rounds"]["form"].to_pylist()
    assert "not_tabled" in flipped["events"]["kind"].to_pylist()


def test_without_aspirations_parties_insist_on_nothing(both):
    usual, flipped = both("aspirations")
    assert np.abs(flipped["votes"]["aspiration"].to_numpy()).max() == 0.0
    assert usual["votes"]["aspiration"].to_numpy().max() > 0.5


def test_without_blocs_every_member_votes_for_itself(both):
    usual, flipped = both("blocs_vote_as_one")
    in_the_wto = [
        {v["party"] for v in tables["votes"].to_pylist() if v["organisation"] == "WTO"}
        for tables in (usual, flipped)
    ]
    assert "EU" in in_the_wto[0]
    assert "FRA" not in in_the_wto[0]
    assert "EU" not in in_the_wto[1]
    assert "FRA" in in_the_wto[1]


def test_without_delay_signature_and_ratification_fall_into_one_quarter(both):
    usual, flipped = both("ratification_delay")

    def steps(tables, kind):
        return {
            e["agreement"]: e["step"] for e in tables["events"].to_pylist() if e["kind"] == kind
        }

    signed, ratified = steps(flipped, "signed"), steps(flipped, "ratified")
    assert signed
    assert all(ratified[code] == step for code, step in signed.items())
    later = steps(usual, "ratified")
    assert all(step > steps(usual, "signed")[code] for code, step in later.items())


def test_without_phase_in_all_of_a_cut_comes_at_once(both):
    usual, flipped = both("phase_in")
    trade = [t["summary"]["world_trade_change"].to_numpy() for t in (usual, flipped)]
    assert trade[1][-1] > 5 * trade[0][-1] > 0


def test_without_open_accession_nobody_joins_later(both):
    usual, flipped = both("open_accession")
    assert "acceded" in usual["events"]["kind"].to_pylist()
    assert "acceded" not in flipped["events"]["kind"].to_pylist()
    assert set(flipped["agreements"]["acceded"].to_pylist()) <= {""}


def test_without_vitality_it_stays_where_it_is(both):
    usual, flipped = both("vitality")
    assert flipped["organisations"]["vitality"].to_numpy().max() == 0.0
    assert usual["organisations"]["vitality"].to_numpy().min() > 0.0
