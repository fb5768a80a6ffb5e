"""What states make of a trade agreement beside its gain, as estimated on opened negotiations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.agreements import TradeCostCut
from sim.economy import outlook
from sim.issues.trade.history import history_of
from sim.kernels.acceptance import (
    best_depth,
    depth_cost,
    expected_depth_index,
    gain_utility,
    mean_over_partners,
)
from sim.streams import stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.agreements import Commitment
    from sim.economy import Terms
    from sim.issues.menu import Deal
    from sim.setting import Setting

__all__ = ["new_partners", "parts_of", "reached_so_far"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_CLOSE = 1e-9


def parts_of(setting: Setting, deal: Deal, changes: Sequence[Commitment]) -> dict[str, Floats]:
    """Logits by name: democracy and history (S,), depth (M, S), and home sales where they count."""
    partners = new_partners(deal)
    polyarchy = setting.world.polyarchy
    lower = mean_over_partners(np.minimum.outer(polyarchy, polyarchy), partners)
    parts = {
        "democracy": setting["acceptance_lower_polyarchy"] * lower,
        "history": np.zeros(lower.size),
        "depth": -_depth_cost(setting, deal, changes, (partners, lower)),
    }
    if deal.kind == "preferential" and setting.is_on("history"):
        parts["history"] = setting["acceptance_history"] * history_of(
            setting, partners & ~_bound(deal.terms)
        )
    weight = setting["acceptance_displacement"]
    if weight:
        displaced = outlook(setting, deal.terms).displaced(changes)
        parts["displacement"] = gain_utility(displaced, weight, setting["acceptance_half_gain"])
    return parts


def new_partners(deal: Deal) -> Bools:
    """(S, S) partners with whom a state has no agreement yet; all of them where it has with all."""
    new: Bools = deal.partners & ~_bound(deal.terms)
    has_new = np.asarray(new.any(axis=1))
    return np.where(has_new[:, None], new, deal.partners)


def reached_so_far(deal: Deal, changes: Sequence[Commitment]) -> Floats:
    """(M, S) depth in place with those partners, in units of what each proposal adds to it."""
    before = _depth_before(deal, new_partners(deal))
    added = np.array([_cut(change).share for change in changes]).reshape(-1, 1)
    ratio: Floats = np.where(added > 0, before / np.where(added > 0, added, 1.0), 0.0)
    return ratio


def _bound(terms: Terms) -> Bools:
    """(S, S) pairs with an agreement: lower trade costs, or a tariff that not all others have."""
    lowest = terms.keep + np.where(np.eye(len(terms.keep), dtype=bool), -np.inf, 0.0)
    preferred = terms.keep < lowest.max(axis=0) - _CLOSE
    return np.asarray((terms.depth > 0) | preferred | preferred.T)


def _cut(change: Commitment) -> TradeCostCut:
    return next(effect for effect in change.effects if isinstance(effect, TradeCostCut))


def _depth_before(deal: Deal, partners: Bools) -> Floats:
    """(S,) trade-cost cut in place: mean with the partners, or one's own towards everybody."""
    if deal.kind == "preferential":
        return mean_over_partners(deal.terms.depth, partners)
    return np.asarray(deal.terms.facilitation.max(axis=0))


def _depth_cost(
    setting: Setting, deal: Deal, changes: Sequence[Commitment], among: tuple[Bools, Floats]
) -> Floats:
    """(M, S) logits; what is in place already has been paid for."""
    partners, lower = among
    before = _depth_before(deal, partners)
    total = np.array([_cut(change).on(before) for change in changes]).reshape(-1, before.size)
    best = best_depth(_depth_index(setting, deal, partners, lower), setting["depth_full"])
    coefficient = setting["acceptance_gain"]
    from_where = np.where(before > 0, before, 0.025)  # the depth of the estimate
    cost = depth_cost(total, best, coefficient, reference=from_where)
    return np.where(partners.any(axis=1), cost, 0.0)


def _depth_index(setting: Setting, deal: Deal, partners: Bools, lower: Floats) -> Floats:
    """(S,) expected depth index; what talks have in common beyond that is drawn once an item."""
    world = setting.world
    heads = world.gdp / np.maximum(world.population, 1e-9)
    others = np.where(partners, heads[None, :], np.nan)
    median = heads.copy()
    asked = partners.any(axis=1)
    median[asked] = np.nanmedian(others[asked], axis=1)
    index = expected_depth_index(
        deal.year, lower, np.minimum(heads, median), np.maximum(heads, median)
    )
    draw = stream(setting.seed, f"depth/{deal.organisation}/{deal.item}").normal()
    return index + setting["depth_index_spread"] * draw
