"""How alike rules are, how much they cover, and how far the world falls apart by area."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.agreements import Status
from sim.issues import areas
from sim.kernels.diffusion import convergence
from sim.kernels.indicators import modularity
from sim.mechanisms.diffusion.versions import Version, versions
from sim.memo import remembered
from sim.types import Bools, Floats, Ints

if TYPE_CHECKING:
    from sim.memo import Reading
    from sim.setting import Setting
    from sim.state import State

__all__ = ["by_area", "in_trade", "multilateral", "taken_up"]

_NONE = {"families": 0, "states": 0, "level": float("nan"), "trade": 0.0,
         "convergence": float("nan"), "fragmentation": float("nan")}  # fmt: skip


def by_area(setting: Setting, state: State) -> Mapping[str, Any]:
    """Rows of the table `rules`: one for each area in which there is a rule in force."""
    rows: dict[str, list[Any]] = {name: [] for name in ("area", *_NONE, "taken_up", "multilateral")}
    for area in sorted(areas()):
        found = _measures(setting, state, area, state.step)
        if not found["families"]:
            continue
        rows["area"].append(area)
        for name, value in found.items():
            rows[name].append(value)
        rows["taken_up"].append(taken_up(state, area))
        rows["multilateral"].append(multilateral(state, area))
    return rows


def in_trade(setting: Setting, state: State, name: str) -> Any:
    """A measure of the area of trade, for the summary."""
    return _measures(setting, state, "trade", state.step)[name]


def taken_up(state: State, area: str = "") -> int:
    """Times that somebody has put a rule of others on its table so far."""
    spreads = state.diffusion.spreads
    return sum(not one.is_submission and area in ("", one.area) for one in spreads)


def multilateral(state: State, area: str = "") -> int:
    """Rules that were submitted to a global body and are in force."""
    tables = {
        (one.organisation, one.item)
        for one in state.diffusion.spreads
        if one.is_submission and area in ("", one.area)
    }
    return sum(
        (one.organisation, one.item) in tables and one.status is Status.IN_FORCE
        for one in state.agreements
    )


@remembered(reads=("agreements", "diffusion.spreads", "step"))
def _measures(setting: Setting, state: Reading, area: str, _: int) -> dict[str, Any]:
    found = versions(state, area)
    if not found:
        return dict(_NONE)
    family, level = _followed(found)
    bound = family >= 0
    flows = setting.economy.flows.copy()
    np.fill_diagonal(flows, 0.0)
    same = np.zeros(flows.shape, dtype=bool)
    for one in found:
        same |= np.outer(one.bound, one.bound)
    np.fill_diagonal(same, False)
    return {
        "families": len(np.unique(family[bound])),
        "states": int(bound.sum()),
        "level": float(level[bound].mean()),
        "trade": float(100.0 * (flows * same).sum() / flows.sum()),
        "convergence": convergence(family),
        "fragmentation": _modularity(setting, None, same),
    }


@remembered(keep=16)
def _modularity(setting: Setting, _: None, linked: Bools) -> float:
    """That of a network, which seldom changes from one quarter to the next."""
    return float(modularity(linked))


def _followed(found: list[Version]) -> tuple[Ints, Floats]:
    """(S,) family of the deepest rule that binds each state, -1 for none, and its level."""
    names = sorted({one.family for one in found})
    family = np.full(found[0].bound.size, -1, dtype=np.int64)
    level = np.zeros(family.size)
    for one in found:
        deeper = one.bound & (one.level > level)
        family[deeper] = names.index(one.family)
        level[deeper] = one.level
    return family, level
