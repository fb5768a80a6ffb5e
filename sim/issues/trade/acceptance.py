"""What states make of a trade agreement beside its gain, as estimated on opened negotiations."""

from __future__ import annotations

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
    democracy, history, best = _of_partners(
        setting,
        None,
        (deal.organisation, deal.item, deal.year),
        deal.new_partners,
        deal.unbound & (deal.kind == "preferential"),
    )
    depth = -_depth_cost(setting, deal, changes, best)
    parts = {"democracy": democracy, "history": history, "depth": depth}
    weight = setting["acceptance_displacement"]
    if weight:
        displaced = outlook(setting, deal.terms).displaced(changes)
        parts["displacement"] = gain_utility(displaced, weight, setting["acceptance_half_gain"])
    return parts


@remembered()
def _of_partners(
    setting: Setting, _: None, item: tuple[str, str, int], partners: Bools, new: Bools
) -> tuple[Floats, Floats, Floats]:
    """(S,) logits of democracy and of history, and (S,) depth that suits a state best.

    Parameters
    ----------
    item
        Organisation, item and calendar year.
    partners, new
        (S, S) partners, and those of them with whom there is no agreement.
    """
    polyarchy = setting.world.polyarchy
    lower = mean_over_partners(np.minimum.outer(polyarchy, polyarchy), partners)
    history = np.zeros(lower.size)
    if setting.is_on("history") and new.any():
        history = setting["acceptance_history"] * history_of(setting, new)
    return setting["acceptance_lower_polyarchy"] * lower, history, _best(setting, item, partners)


def _best(setting: Setting, item: tuple[str, str, int], partners: Bools) -> Floats:
    """(S,) trade-cost cut that suits a state best; what talks have in common is drawn once an item.

    Partners that had an agreement when the run began are suited by what they had, at least, and
    the draw moves that too.
    """
    organisation, name, _ = item
    drawn = (
        setting["depth_index_spread"]
        * stream(setting.seed, f"depth/{organisation}/{name}").normal()
    )
    full = setting["depth_full"]
    at_start = mean_over_partners(setting.world.agreement_depth, partners)
    had = np.where(at_start > 0, np.maximum(at_start + full * drawn / HIGHEST_INDEX, 0.0), 0.0)
    return best_depth(_depth_index(setting, item, partners) + drawn, full, had)


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


def _depth_index(setting: Setting, item: tuple[str, str, int], partners: Bools) -> Floats:
    """(S,) depth index that agreements with such partners have on average."""
    world = setting.world
    lower = mean_over_partners(np.minimum.outer(world.polyarchy, world.polyarchy), partners)
    heads = world.gdp / np.maximum(world.population, 1e-9)  # thousand USD
    median = np.where(partners.any(axis=1), median_over_partners(heads, partners), heads)
    poorer, richer = np.minimum(heads, median), np.maximum(heads, median)
    return expected_depth_index(item[2], lower, poorer, richer)
