"""Fields of conflict and order: disputes, civil conflict, coups, third parties, missions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.fields.field import Field
from sim.types import Ints

if TYPE_CHECKING:
    from sim.setting import Setting

__all__ = ["CONFLICT"]


def _dispute_stage(setting: Setting) -> Ints:
    stage = np.zeros((len(setting.axes.states),) * 2, dtype=np.int64)
    for one in setting.world.security.open if setting.is_on("disputes") else ():
        stage[one.i, one.j] = stage[one.j, one.i] = one.level
    return stage


def _civil_conflict(setting: Setting) -> Ints:
    facts = setting.world.security.facts
    level = facts.has_conflict.astype(np.int64) + facts.at_war.astype(np.int64)
    return level if setting.is_on("civil_conflict") else 0 * level


CONFLICT = (
    Field(
        "dispute_stage",
        ("S", "S"),
        "stage",
        "stage of the pair's open dispute: 0 none, 1 threat, 2 display, 3 force, 4 war",
        np.int64,
        0,
        4,
        _dispute_stage,
    ),
    Field(
        "mediation",
        ("S", "S"),
        "logits",
        "what third parties add in the quarter to the chance that the pair's dispute is settled",
    ),
    Field(
        "civil_mediation",
        ("S",),
        "logits",
        "what mediators add to the yearly chance that the state's civil conflict ends",
    ),
    Field(
        "civil_conflict",
        ("S",),
        "level",
        "civil conflict: 0 none, 1 below war level, 2 at war level",
        np.int64,
        0,
        2,
        _civil_conflict,
    ),
    Field(
        "coup",
        ("S",),
        "outcome",
        "coup of the quarter: 0 none, 1 failed, 2 successful",
        np.int64,
        0,
        2,
        total=np.maximum,
    ),
    Field(
        "shock_coup",
        ("S",),
        "outcome",
        "the part of it that dated events bring",
        np.int64,
        0,
        2,
        part_of="coup",
    ),
    Field(
        "order_returns",
        ("S",),
        "1",
        "whether constitutional order, where a coup has broken it, returns in the quarter",
        np.bool_,
    ),
    Field(
        "sanction_pressure",
        ("S",),
        "logs",
        "by how much sanctions imposed in the run raise the hazard that what they answer ends",
    ),
    Field("peacekeepers", ("S",), "persons", "strength of peace missions in the state", low=0),
    Field(
        "is_condemned",
        ("S",),
        "1",
        "whether a body looks into human rights there without its consent",
        np.bool_,
        total=np.logical_or,
    ),
)
"""Conflict between states and within them."""
