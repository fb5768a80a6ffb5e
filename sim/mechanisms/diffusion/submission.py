"""A rule that covers enough members and trade is put before the global body, which decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import open_item
from sim.issues import areas
from sim.kernels.diffusion import coverage
from sim.mechanisms.diffusion.versions import Spread, Version, specification

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State
    from sim.types import Bools

__all__ = ["Thresholds", "global_body", "submit"]


@dataclass(frozen=True)
class Thresholds:
    """Shares (0-1) of a global body's members, and of their trade, that a rule must cover."""

    members: float
    trade: float


def global_body(setting: Setting, state: State, area: str) -> tuple[str, Bools] | None:
    """The largest global body with a decision rule for the area, and its voting members (S,)."""
    best: tuple[str, Bools] | None = None
    for row, code in enumerate(setting.axes.organisations):
        charter = setting.charter(code, max(state.step, 0))
        if charter.level != "global" or area not in charter.decision or state.is_dissolved[row]:
            continue
        members = np.asarray(state.is_member[row] & ~state.has_no_vote[row])
        if members.sum() > 1 and (best is None or members.sum() > best[1].sum()):
            best = code, members
    return best


def submit(
    setting: Setting,
    state: State,
    log: Log,
    found: list[Version],
    least: Thresholds,
    deadline: int,
) -> None:
    """Put the deepest rule that covers enough before the global body, each level once.

    A level is covered by all who are bound at it or deeper, whatever the family: regional texts
    that go further hold the common ground as well.
    """
    area = found[0].agreement.area
    body = global_body(setting, state, area)
    if body is None:
        return
    code, members = body
    world = setting.world
    before = [s.level for s in state.diffusion.spreads if s.is_submission and s.area == area]
    for level in sorted({one.level for one in found}, reverse=True):
        if level <= max(before, default=0.0):
            return
        bound = np.any([one.bound for one in found if one.level >= level], axis=0)
        share, trade = coverage(bound, members, world.exports + world.imports)
        if share >= least.members and trade >= least.trade:
            first = next(one for one in found if one.level == level)
            _put(setting, state, log, first, code, (deadline, trade, len(before)))
            return


def _put(
    setting: Setting,
    state: State,
    log: Log,
    version: Version,
    code: str,
    how: tuple[int, float, int],
) -> None:
    """Open the item; its kind is one that is open to all where the area has one."""
    deadline, trade, number = how
    area = areas()[version.agreement.area]
    general = [kind for kind in area.kinds if kind not in area.claims.is_club_good]
    kind = general[0] if general else version.agreement.kind
    name = f"{area.name}_rule_{number + 1}"
    reference = f"submitted: {version.agreement.code} and rules as deep"
    open_item(state, code, name, specification(version, kind, deadline, reference))
    spread = Spread(
        version.family,
        version.agreement.code,
        code,
        name,
        code,
        area.name,
        version.level,
        state.step,
        is_submission=True,
    )
    state.diffusion.spreads = (*state.diffusion.spreads, spread)
    log.event(
        state.step,
        setting.calendar.day_at(state.step, 1.0),
        "rule_submitted",
        organisation=code,
        agreement=version.agreement.code,
        item=name,
        value=100.0 * trade,
    )
