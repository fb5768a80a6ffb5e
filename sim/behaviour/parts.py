"""Of what the margin of a vote is made: who wants or refuses something, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.behaviour.utility import utility_parts
from sim.schema import PARTS
from sim.types import Floats

if TYPE_CHECKING:
    from sim.behaviour.bargaining import Table
    from sim.setting import Setting
    from sim.state import State

__all__ = ["margin_parts"]


def margin_parts(
    setting: Setting, state: State, table: Table, chosen: int, by_party: tuple[Floats, Floats]
) -> dict[str, Floats]:
    """Take a vote apart: (P,) logits by the names of `sim.schema.PARTS`.

    Parameters
    ----------
    chosen
        Which proposal of the menu is voted on.
    by_party
        (P,) margins and aspirations, to which the parts add up: their sum is margin + aspiration.

    Notes
    -----
    A customs union's parts are the income-weighted means of its members', as its utility is. Its
    margin is that of its pivotal members under its own rule; the difference is the part ``bloc``.
    """
    menu, parties = table.menu, table.parties
    size = menu.has_obligation.size
    found = dict.fromkeys(PARTS, np.zeros(size))
    for name, part in utility_parts(setting, state, menu.value.row(chosen)).items():
        place = name if name in PARTS else "area"
        found[place] = found[place] + part
    found["refusal"] = -menu.value.acceptance.refusal * table.item.refused.astype(float)
    for name, part in table.taste.items():
        found[name] = found[name] + part
    found["passing"] = table.noise - sum(table.taste.values())
    means = {
        name: parties.mean(np.where(menu.has_obligation, part, 0.0), setting.income)
        for name, part in found.items()
    }
    margin, aspiration = by_party
    explained = sum(means.values(), np.zeros(len(parties.codes)))
    is_bloc = np.array([rule is not None for rule in parties.own_rule])
    means["bloc"] = np.where(is_bloc, margin + aspiration - explained, 0.0)
    return means
