"""What keeps an organisation alive: delivery, funding, secretariat, meetings, cohesion."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.columns import COUNT, NUMBER, WORD, Measure
from sim.events import EventKind
from sim.fields import Field
from sim.mechanism import Mechanism
from sim.mechanisms.vitality.phase import SIZES, VITALITY, is_zombie, parts
from sim.switches import Switch

if TYPE_CHECKING:
    from sim.setting import Setting
    from sim.state import State

__all__ = ["MECHANISM", "VITALITY"]


def _mean(_: Setting, state: State) -> float:
    alive = state.is_member.sum(axis=1) > 0
    return float(state.vitality.level[alive].mean()) if alive.any() else float("nan")


def _level(_: Setting, state: State) -> Any:
    return state.vitality.level


def _funding(_: Setting, state: State) -> Any:
    return state.vitality.funding


def _part(name: str) -> Callable[[Setting, State], Any]:
    return lambda setting, state: np.where(
        state.is_member.any(axis=1), parts(setting, state)[name], np.nan
    )


def _condition(setting: Setting, state: State) -> Any:
    found = np.where(state.is_member.any(axis=1), "active", "no members").astype(object)
    found[is_zombie(setting, state)] = "zombie"
    found[state.is_dissolved] = "dissolved"
    return found.tolist()


MECHANISM = Mechanism(
    name="vitality",
    meaning="money, secretariat, meetings, delivery and cohesion keep an organisation alive",
    source="Gray 2018; Debre & Dijkstra 2021; Correlates of War IGO 3.0",
    fields=(
        Field("funding", ("O",), "share", "dues paid, as a share of the budget", low=0, high=1),
        Field("level", ("O",), "share", "vitality of the organisation", low=0, high=1),
        Field("first", ("O",), "share", "vitality when it was first seen", low=0, high=1),
        Field("done", ("O",), "deeds", "what it had done when last looked at", np.int64, 0),
        Field("failed", ("O",), "cases", "what had come to nothing by then", np.int64, 0),
        Field(
            "done_at",
            ("O",),
            "step",
            "quarter of its last progress, at first that of its first members",
            np.int64,
            0,
        ),
        Field(
            "failed_at",
            ("O",),
            "step",
            "quarter in which something last came to nothing, -1 if never",
            np.int64,
            -1,
            initial=-1,
        ),
    ),
    switches=(
        Switch(
            "vitality",
            "delivery, funding, secretariat, meetings and cohesion move vitality, and it capacity",
        ),
        Switch("deaths", "organisations are dissolved by chance"),
    ),
    parameters=(
        "vacancy_loss",
        "funding_elasticity",
        "vitality_speed",
        "vitality_elasticity",
        "zombie_years",
        "zombie_meetings",
        "zombie_share",
        "zombie_death_ratio",
        *(f"death_rate_{size}" for size in SIZES),
    ),
    columns={
        "organisations": (
            Measure("vitality", NUMBER, "share", "vitality", _level),
            Measure("funding", NUMBER, "share", "dues paid", _funding),
            Measure(
                "delivery",
                NUMBER,
                "share",
                "expected share of cases in which it acts",
                _part("delivery"),
            ),
            Measure(
                "meetings", NUMBER, "share", "chance of a meeting within a year", _part("meetings")
            ),
            Measure(
                "cohesion",
                NUMBER,
                "share",
                "how near its members' ideal points are",
                _part("cohesion"),
            ),
            Measure("condition", WORD, "", "active, zombie, dissolved or no members", _condition),
        ),
        "summary": (
            Measure(
                "mean_vitality", NUMBER, "share", "mean vitality of living organisations", _mean
            ),
            Measure(
                "zombies",
                COUNT,
                "organisations",
                "organisations that exist without progress on their mandate",
                lambda setting, state: int(is_zombie(setting, state).sum()),
            ),
            Measure(
                "deaths",
                COUNT,
                "organisations",
                "organisations dissolved so far",
                lambda _, state: int(state.is_dissolved.sum()),
            ),
        ),
    },
    events=(EventKind("dissolved", "", "members gave an organisation up", "vitality"),),
    phases=(VITALITY,),
)
