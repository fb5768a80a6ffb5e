"""How an item comes before a forum: whoever opens it, the item carries what is negotiated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agreements.records import Convened, Item

if TYPE_CHECKING:
    from sim.clauses import AdHocForum, Specification
    from sim.state import State

__all__ = ["convene", "open_item"]


def convene(state: State, rules: AdHocForum) -> bool:
    """Make sure that a forum outside charters is there; whether it is new.

    The record `forums` must be open.
    """
    if any(one.code == rules.code for one in state.forums):
        return False
    state.forums = (*state.forums, Convened(rules))
    return True


def open_item(state: State, code: str, name: str, specification: Specification) -> None:
    """Put an item before a forum or an organisation, which takes it up this quarter.

    The record `docket` must be open.
    """
    blank = np.zeros(len(state.axes.states))
    item = Item(code, name, max(state.step, 0), specification, belief=blank)
    state.docket = (*state.docket, item)
