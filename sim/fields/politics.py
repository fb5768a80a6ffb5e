"""Fields of states and organisations: leaders, membership, dues, secretariats, what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.fields.field import Field
from sim.types import Bools, Floats

if TYPE_CHECKING:
    from sim.setting import Setting

__all__ = ["POLITICS"]


def _members(setting: Setting) -> Bools:
    codes = setting.axes.organisations
    return np.array([setting.world.members(code, setting.scenario.start) for code in codes])


def _capacity(setting: Setting) -> Floats:
    codes = setting.axes.organisations
    return np.array([setting.charter(code).secretariat.capacity for code in codes])


POLITICS = (
    Field("orientation", ("S",), "sd", "leader's orientation towards nationalism", low=-5, high=5),
    Field(
        "public_discontent",
        ("S",),
        "sd",
        "discontent at home, in what it moves the orientation of a successor",
        low=-5,
        high=5,
    ),
    Field(
        "trust",
        ("S",),
        "share",
        "how far others trust a state to keep agreements",
        low=0,
        high=1,
        initial=1,
    ),
    Field(
        "is_member",
        ("O", "S"),
        "1",
        "whether the state is a member",
        np.bool_,
        initial=_members,
    ),
    Field(
        "leaves_at",
        ("O", "S"),
        "step",
        "quarter of an announced exit, -1 if none",
        np.int64,
        -1,
        initial=-1,
    ),
    Field(
        "has_no_vote",
        ("O", "S"),
        "1",
        "whether a member may not vote: suspended, or too far in arrears",
        np.bool_,
        total=np.logical_or,
    ),
    Field("is_dissolved", ("O",), "1", "whether the organisation has come to its end", np.bool_),
    Field(
        "arrears",
        ("O", "S"),
        "share",
        "share of its dues a member withholds, the largest of those given",
        low=0,
        high=1,
        total=np.maximum,
    ),
    Field(
        "shock_arrears",
        ("O", "S"),
        "share",
        "the part of it that dated events hold in force",
        low=0,
        high=1,
        part_of="arrears",
    ),
    Field(
        "is_vacant",
        ("O",),
        "1",
        "whether the secretariat has no head",
        np.bool_,
        total=np.logical_or,
    ),
    Field(
        "shock_vacancy",
        ("O",),
        "1",
        "whether it has none by a dated event",
        np.bool_,
        part_of="is_vacant",
    ),
    Field(
        "capacity",
        ("O",),
        "share",
        "what the secretariat can work on",
        low=0,
        high=1,
        initial=_capacity,
    ),
    Field("meetings_due", ("O",), "meetings", "meetings earned and not yet held", low=0),
    Field(
        "n_done",
        ("O",),
        "deeds",
        "what it did on its mandate so far: items settled, conflicts taken up, missions sent, …",
        np.int64,
        0,
        total=np.add,
    ),
    Field(
        "n_failed",
        ("O",),
        "cases",
        "what came to nothing so far: items that ended otherwise, conflicts declined, …",
        np.int64,
        0,
        total=np.add,
    ),
    Field("n_agreed", ("O",), "items", "items settled so far", np.int64, 0, part_of="n_done"),
    Field(
        "n_lapsed",
        ("O",),
        "items",
        "items that died at their deadline so far",
        np.int64,
        0,
        part_of="n_failed",
    ),
    Field(
        "n_statements",
        ("O",),
        "items",
        "items on which a statement was all that came so far",
        np.int64,
        0,
        part_of="n_failed",
    ),
    Field("n_blocks", ("O",), "votes", "blocking votes in the quarter", np.int64, 0),
    Field("n_vetoes", ("O",), "votes", "blocking votes so far", np.int64, 0),
    Field("n_exits", ("O",), "exits", "members that left so far", np.int64, 0),
)
"""States as actors, and organisations."""
