"""What an agreement that stands is worth to its parties today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.behaviour.taste import taste_of
from sim.behaviour.utility import standing_utility
from sim.forum import forum_of
from sim.issues import areas

if TYPE_CHECKING:
    from sim.agreements import Agreement
    from sim.setting import Setting
    from sim.state import State
    from sim.types import Floats

__all__ = ["worth_today"]


def worth_today(setting: Setting, state: State, agreement: Agreement) -> Floats:
    """(S,) logits: what an agreement is worth to its signatories today, lasting taste included.

    Positive for who would accept it again, in the world as last assessed and by today's leaders.
    """
    value = areas()[agreement.area].standing(setting, state, agreement)
    forum = forum_of(setting, state, agreement.organisation, agreement.area)
    taste = taste_of(setting, forum, agreement.item)
    return standing_utility(setting, state, value) + taste.lasting
