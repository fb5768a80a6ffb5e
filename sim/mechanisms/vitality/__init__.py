"""What keeps an organisation alive: delivery, funding, secretariat, cohesion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.columns import NUMBER, Measure
from sim.fields import Field
from sim.mechanism import Mechanism
from sim.mechanisms.vitality.phase import VITALITY
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


MECHANISM = Mechanism(
    name="vitality",
    meaning="money, secretariat, delivery and cohesion keep an organisation alive",
    source="Gray 2018; Debre & Dijkstra 2021",
    fields=(
        Field("funding", ("O",), "share", "dues paid, as a share of the budget", low=0, high=1),
        Field("level", ("O",), "share", "vitality of the organisation", low=0, high=1),
    ),
    switches=(
        Switch(
            "vitality",
            "delivery, funding, secretariat and cohesion move an organisation's vitality",
        ),
    ),
    parameters=("vacancy_loss", "funding_elasticity", "vitality_speed"),
    columns={
        "organisations": (
            Measure("vitality", NUMBER, "share", "vitality", _level),
            Measure("funding", NUMBER, "share", "dues paid", _funding),
        ),
        "summary": (
            Measure(
                "mean_vitality", NUMBER, "share", "mean vitality of living organisations", _mean
            ),
        ),
    },
    phases=(VITALITY,),
)
