"""Members drawn at random: the same for a seed, of the pool alone, all as likely."""

from __future__ import annotations

import numpy as np
import pytest

from sim.belonging import MemberDraw
from sim.errors import ConfigError
from sim.load import scenario_from, setting_for
from sim.world.bodies import drawn_members


def test_members_are_of_the_pool_and_as_many_as_asked_for(setting):
    draw = MemberDraw(draw=12, pool=("@WTO",), outside=("@EU",))
    world = setting.world
    found = drawn_members(draw, world, "A", 3)
    assert found.sum() == 12
    assert not (found & world.members("EU", world.start)).any()
    assert not (found & ~world.members("WTO", world.start)).any()
    np.testing.assert_array_equal(found, drawn_members(draw, world, "A", 3))


def test_seed_code_and_redraw_name_the_draw(setting):
    draw = MemberDraw(draw=12, pool=("@WTO",))
    masks = [
        drawn_members(draw, setting.world, "A", 3),
        drawn_members(draw, setting.world, "A", 4),
        drawn_members(draw, setting.world, "B", 3),
        drawn_members(MemberDraw(draw=12, pool=("@WTO",), redraw=1), setting.world, "A", 3),
    ]
    assert len({mask.tobytes() for mask in masks}) == 4


def test_a_larger_body_has_the_members_of_a_smaller_one(setting):
    small, large = (
        drawn_members(MemberDraw(draw=n, pool=("@WTO",)), setting.world, "A", 1) for n in (5, 20)
    )
    assert not (small & ~large).any()


def test_states_of_the_pool_are_equally_likely(setting):
    draw = MemberDraw(draw=2, pool=("CHL", "IND", "NZL", "PER"))
    count = sum(drawn_members(draw, setting.world, "A", seed).astype(int) for seed in range(400))
    rows = [setting.axes.state(code) for code in draw.pool]
    assert count.sum() == 800
    assert count[rows].min() > 150  # 200 expected, standard deviation 10


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"draw": 300, "pool": ["@WTO"]}, "300 members of a pool of 162"),
        ({"draw": 3, "pool": ["@WTP"]}, "unknown organisation 'WTP'"),
        ({"draw": 2, "pool": ["CHL", "XXX"]}, "unknown state 'XXX'"),
        ({"draw": 3, "pool": ["@WTO"], "outside": ["@EUU"]}, "unknown organisation 'EUU'"),
    ],
)
def test_a_draw_that_cannot_be_made_is_refused(setting, given, said):
    with pytest.raises(ConfigError, match=said):
        drawn_members(MemberDraw(**given), setting.world, "A", 1)


def test_the_members_of_a_body_that_is_known_are_not_drawn(composed):
    mapping = composed(organisation={"ASEAN": {"members": {"draw": 3, "pool": ["@WTO"]}}})
    mapping.pop("seed", None)
    with pytest.raises(ConfigError, match="its members are in the table"):
        setting_for(scenario_from(mapping), 1)


def test_a_drawn_body_negotiates_with_its_members(run_of):
    tables = run_of("common_item_drawn", 1, "quarters=6", "organisation.DRAWN_1.members.draw=5")
    rows = tables["organisations"].to_pandas()
    drawn = rows[rows["organisation"] == "DRAWN_1"]
    assert (drawn["n_members"] == 5).all()
    rounds = tables["rounds"].to_pandas()
    assert (rounds[rounds["organisation"] == "DRAWN_1"]["n_parties"] == 5).all()
    assert len(rounds[rounds["organisation"] == "DRAWN_1"]) > 0
