"""What states make of a trade agreement beside its gain, as estimated on opened negotiations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.agreements import TradeCostCut
from sim.economy import outlook
from sim.issues.trade.history import history_of
from sim.kernels.acceptance import (
    HIGHEST_INDEX,
    best_depth,
    depth_cost,
    expected_depth_index,
    gain_utility,
    mean_over_partners,
    median_over_partners,
)
from sim.memo import remembered
from sim.streams import stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.agreements import Commitment
    from sim.issues.menu import Deal
    from sim.setting import Setting

__all__ = ["parts_of", "reached_so_far"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_DEPTH_OF_ESTIMATE = 0.025


def parts_of(setting: Setting, deal: Deal, changes: Sequence[Commitment]) -> dict[str, Floats]:
    """Logits by name: democracy and history (S,), depth (M, S), and home sales where they count."""
    new = deal.unbound & (deal.kind == "preferential")
    found = _of_partners(setting, None, deal.new_partners, new)
    depth = -_depth_cost(setting, deal, changes, _best(setting, deal, found))
    democracy = setting["acceptance_lower_polyarchy"] * found.lower
    parts = {"democracy": democracy, "history": found.history, "depth": depth}
    weight = setting["acceptance_displacement"]
    if weight:
        displaced = outlook(setting, deal.terms).displaced(changes)
        parts["displacement"] = gain_utility(displaced, weight, setting["acceptance_half_gain"])
    return parts


@dataclass(frozen=True, eq=False)
class _Partners:
    """What a state's partners are like on average, (S,) each.

    Attributes
    ----------
    lower
        The lower of both sides' electoral democracy.
    history
        Logits of what is left unexplained towards those without an agreement.
    poorer, richer
        GDP per head of the poorer and of the richer side, thousand USD.
    at_start
        Trade-cost cut of agreements on the first day of the run.
    """

    lower: Floats
    history: Floats
    poorer: Floats
    richer: Floats
    at_start: Floats


@remembered(keep=512)
def _of_partners(setting: Setting, _: None, partners: Bools, new: Bools) -> _Partners:
    """Of (S, S) partners, and those of them with whom there is no agreement."""
    world = setting.world
    heads = world.gdp / np.maximum(world.population, 1e-9)
    median = np.where(partners.any(axis=1), median_over_partners(heads, partners), heads)
    history = np.zeros(heads.size)
    if setting.is_on("history") and new.any():
        history = setting["acceptance_history"] * history_of(setting, new)
    return _Partners(
        lower=mean_over_partners(np.minimum.outer(world.polyarchy, world.polyarchy), partners),
        history=history,
        poorer=np.minimum(heads, median),
        richer=np.maximum(heads, median),
        at_start=mean_over_partners(world.agreement_depth, partners),
    )


def _best(setting: Setting, deal: Deal, of: _Partners) -> Floats:
    """(S,) trade-cost cut that suits a state best; what talks have in common is drawn once an item.

    Partners that had an agreement when the run began are suited by what they had, at least, and
    the draw moves that too.
    """
    drawn = (
        setting["depth_index_spread"]
        * stream(setting.seed, f"depth/{deal.organisation}/{deal.item}").normal()
    )
    full = setting["depth_full"]
    moved = np.maximum(of.at_start + full * drawn / HIGHEST_INDEX, 0.0)
    had = np.where(of.at_start > 0, moved, 0.0)
    # the depth index that agreements with such partners have on average
    index = expected_depth_index(deal.year, of.lower, of.poorer, of.richer)
    return best_depth(index + drawn, full, had)


def reached_so_far(deal: Deal, changes: Sequence[Commitment]) -> Floats:
    """(M, S) depth in place with those partners, in units of what each proposal adds to it."""
    before = deal.depth
    added = np.array([_cut(change).share for change in changes]).reshape(-1, 1)
    ratio: Floats = np.where(added > 0, before / np.where(added > 0, added, 1.0), 0.0)
    return ratio


def _cut(change: Commitment) -> TradeCostCut:
    return next(effect for effect in change.effects if isinstance(effect, TradeCostCut))


def _depth_cost(
    setting: Setting, deal: Deal, changes: Sequence[Commitment], best: Floats
) -> Floats:
    """(M, S) logits; what is in place already has been paid for."""
    before = deal.depth
    each = [_cut(change) for change in changes]
    cuts = {cut.share: cut for cut in each}
    shares, back = np.unique([cut.share for cut in each], return_inverse=True)
    total = np.array([cuts[share].on(before) for share in shares])[back]
    from_where = np.where(before > 0, before, _DEPTH_OF_ESTIMATE)
    cost = depth_cost(total, best, setting["acceptance_gain"], reference=from_where)
    return np.where(deal.partners.any(axis=1), cost, 0.0)
