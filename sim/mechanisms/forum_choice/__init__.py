"""States choose the forum to which they bring an item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.columns import COUNT, NUMBER, Measure
from sim.events import EventKind
from sim.fields import Field
from sim.forum import level_of
from sim.mechanism import Mechanism
from sim.mechanisms.forum_choice.phase import FORUM_CHOICE
from sim.switches import Switch

if TYPE_CHECKING:
    from sim.setting import Setting
    from sim.state import State

__all__ = ["FORUM_CHOICE", "MECHANISM"]


def _share(setting: Setting, state: State) -> float:
    brought = state.forum_choice.brought
    codes = setting.axes.organisations
    regional = [level_of(setting, state, code) == "regional" for code in codes]
    return float(brought[regional].sum() / brought.sum()) if brought.any() else float("nan")


def _belief(_: Setting, state: State) -> Any:
    return state.forum_choice.belief


def _brought(_: Setting, state: State) -> Any:
    return state.forum_choice.brought.astype(int)


MECHANISM = Mechanism(
    name="forum_choice",
    meaning="states bring an item where chance, gain and pace together are best",
    source="Busch 2007; Alter & Meunier 2009; Buchanan & Tullock 1962",
    fields=(
        Field("belief", ("O",), "share", "chance seen that it settles an item", low=0, high=1),
        Field("brought", ("O",), "items", "items brought to it by choice so far", low=0),
        Field("lapsed_seen", ("O",), "items", "items that died there, as known", low=0),
    ),
    switches=(
        Switch("forum_choice", "states choose the forum of what they want", default=False),
    ),
    parameters=(
        "need_rate", "forum_consent", "belief_strength", "forum_meetings", "forum_discount",
    ),
    columns={
        "organisations": (
            Measure("belief", NUMBER, "share", "chance seen that it settles an item", _belief),
            Measure("brought", COUNT, "items", "items brought to it by choice so far", _brought),
        ),
        "summary": (
            Measure("regional_forum_share", NUMBER, "share",
                    "share of items brought by choice so far that went to regional bodies", _share),
        ),
    },
    events=(EventKind("item_brought", "demandeur", "a state chose a forum", "value there"),),
    phases=(FORUM_CHOICE,),
)  # fmt: skip
