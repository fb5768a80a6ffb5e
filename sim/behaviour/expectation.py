"""What the rule of a forum lets expect before anything is known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.behaviour.parties import seat_parties
from sim.memo import remembered
from sim.rules.ballot import Ballot
from sim.streams import stream
from sim.types import Bools, Floats

if TYPE_CHECKING:
    from sim.forum import Forum
    from sim.setting import Setting
    from sim.state import State

__all__ = ["chance_by_rule"]

_BALLOTS = 400  # standard error of a chance of a half: .025


def chance_by_rule(
    setting: Setting, state: State, forum: Forum, consent: float
) -> tuple[float, int]:
    """Chance that a party is in what the forum adopts, and the number of parties.

    Every party consents with the same chance, each by itself; the forum's own rule decides, with
    its weights and vetoes (Buchanan & Tullock 1962; Tsebelis 2002).

    Parameters
    ----------
    consent
        Chance that a party consents (0–1).
    """
    seats = seat_parties(setting, state, forum, forum.members(setting, state))
    if len(seats.codes) < 2:
        return 0.0, len(seats.codes)
    facts = seats.weight, seats.population, seats.trade, seats.has_veto
    return _chance(setting, None, forum, facts, consent), len(seats.codes)


@remembered(keep=128)
def _chance(
    setting: Setting,
    _: None,
    forum: Forum,
    facts: tuple[Floats, Floats, Floats, Bools],
    consent: float,
) -> float:
    weight, population, trade, has_veto = facts
    # the same ballots for every seed: beliefs before a run are no matter of chance
    draws = stream(0, f"consent/{forum.code}/{forum.area}").random((_BALLOTS, weight.size))
    shares: dict[bytes, float] = {}  # few parties vote alike many times
    total = 0.0
    for consents in draws < consent:
        key = consents.tobytes()
        if key not in shares:
            vote = np.where(consents, 1, -1).astype(np.int8)
            ballot = Ballot(vote, vote.astype(float), weight, population, trade, has_veto)
            decision = forum.decide(ballot)
            shares[key] = float(decision.adopters.mean()) if decision.is_adopted else 0.0
        total += shares[key]
    return total / _BALLOTS
