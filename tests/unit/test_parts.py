"""The parts of a vote: they add up to it, and each is the work of what it is named after."""

from __future__ import annotations

import numpy as np
import pytest

from sim.schema import PARTS

COLUMNS = [f"part_{name}" for name in PARTS]


@pytest.mark.parametrize("name", ["baseline", "us_withdrawal"])
def test_the_parts_of_a_vote_add_up_to_its_margin(run_of, name):
    votes = run_of(name, 1, "quarters=6")["votes"].to_pandas()
    assert len(votes) > 500
    total = votes[COLUMNS].sum(axis=1)
    np.testing.assert_allclose(total, votes["margin"] + votes["aspiration"], atol=1e-9)
    # A single state's utility is its margin and aspiration; only unions have a rule of their own.
    single = votes[votes["part_bloc"] == 0]
    np.testing.assert_allclose(single[COLUMNS].sum(axis=1), single["utility"], atol=1e-9)
    unions = set(votes.loc[votes["part_bloc"].abs() > 1e-9, "party"])
    assert unions <= {"EU", "MERCOSUR", "GCC", "EAEU", "SACU"}
    assert unions


@pytest.mark.parametrize(
    ("switch", "part"),
    [
        ("red_lines", "part_red_lines"),
        ("history", "part_history"),
        ("state_effects", "part_state"),
        ("orientation", "part_leader"),
    ],
)
def test_a_part_goes_with_its_switch(run_of, switch, part):
    with_it, without = (
        run_of("us_withdrawal", 1, "quarters=6", f"switches.{switch}={on}")["votes"]
        for on in ("true", "false")
    )
    assert np.abs(with_it[part].to_numpy()).max() > 0
    assert not np.abs(without[part].to_numpy()).any()


def test_what_lasts_is_the_same_at_each_meeting_and_what_passes_is_not(run_of):
    votes = run_of("baseline", 1, "quarters=6")["votes"].to_pandas()
    single = votes[votes["part_constant"] != 0]
    groups = single[single["part_bloc"] == 0].groupby(["item", "party"])
    several = groups.filter(lambda rows: len(rows) > 1).groupby(["item", "party"])
    assert several["part_lasting"].agg(np.ptp).max() < 1e-9
    assert (several["part_passing"].agg(np.ptp) > 0).mean() > 0.99
