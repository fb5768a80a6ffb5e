"""What efforts against outbreaks save: chance × loss, by the kernels that the mechanism uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import Commitment, HealthCapacity, IncomeSaved
from sim.memo import remembered
from sim.outbreaks import READS, Defence, defence_if_signed, expected, own_access

if TYPE_CHECKING:
    from sim.memo import Reading
    from sim.setting import Setting

__all__ = ["CAPACITY_OF", "capacity_added", "saved_by"]

CAPACITY_OF = {"preparedness": "surveillance", "procurement": "vaccines"}
"""Kind of item → capacity that it adds to."""


def capacity_added(setting: Setting, kind: str, effort: float) -> HealthCapacity:
    """What an effort (1 = a full programme) brings: own surveillance, or one's access for all."""
    access = own_access(setting, None)
    brought = np.full(access.shape, effort) if kind == "preparedness" else effort * access
    return HealthCapacity(CAPACITY_OF[kind], brought)


@remembered(reads=READS, keep=8)
def saved_by(setting: Setting, state: Reading, kind: str, effort: float) -> tuple[IncomeSaved, ...]:
    """What states expect to save by an effort on top of what is signed, a year.

    Nothing where outbreaks do not begin or cost nothing.
    """
    size = len(setting.axes.states)
    if not setting.is_on("epidemics") or not setting.is_on("epidemic_costs"):
        return (IncomeSaved(np.zeros((size, size))),)
    before = defence_if_signed(setting, state)
    added = capacity_added(setting, kind, effort)
    if kind == "procurement":
        return (_by_vaccines(setting, before, added),)
    everybody = Commitment((added,), np.ones(size, dtype=bool))
    return _by_surveillance(setting, before, defence_if_signed(setting, state, [everybody]))


def _by_surveillance(
    setting: Setting, before: Defence, after: Defence
) -> tuple[IncomeSaved, IncomeSaved]:
    """Smaller outbreaks from those who are bound, for all; and help to oneself where struck.

    What both do together is shared evenly between them, so that they add up when all are bound.
    """
    kinds = [expected(setting, None, one.support) for one in (before, after)]
    size = before.support.size
    found, helped = np.zeros((size, size)), np.zeros(size)
    for kind, smaller in zip(*kinds, strict=True):
        lost, less = (one.lost(setting, before.access) for one in (kind, smaller))
        usual, spared = (kind.spared(setting, one.support) for one in (before, after))
        found += 0.5 * (lost - less) * (usual + spared)
        helped += 0.5 * ((lost + less) * (usual - spared)).sum(axis=0)
    return IncomeSaved(found.T.copy(), reach="all"), IncomeSaved(np.diag(helped).copy())


def _by_vaccines(setting: Setting, before: Defence, added: HealthCapacity) -> IncomeSaved:
    """Losses averted once there are vaccines, by the best access among the parties."""
    reached = np.maximum(before.access[:, None], added.brought[None, :])
    saved = np.zeros(reached.shape)
    for kind in expected(setting, None, before.support):
        late = kind.late.sum(axis=0) * kind.spared(setting, before.support)
        left = kind.left(setting, before.access)[:, None] - kind.left(setting, reached)
        saved += late[:, None] * left
    return IncomeSaved(saved, is_best_shot=True)
