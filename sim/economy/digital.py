"""Digital rules held in common, and the trade costs that they leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import Interoperability, accumulate, in_baseline
from sim.kernels.interoperability import interoperable_cut
from sim.memo import remembered
from sim.types import Floats

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.agreements import Commitment
    from sim.setting import Setting

__all__ = ["DigitalRules", "digital_rules", "has_rules"]


@dataclass(frozen=True, eq=False)
class DigitalRules:
    """Digital rules that bind, beside those that the baseline trade reflects.

    Attributes
    ----------
    held
        (versions, S, S) what pairs hold in common (`sim.agreements.Interoperability`).
    start
        (S, S) the cut of trade costs by the rules of the first day.
    cut
        (S, S) the cut now.
    across
        Share of the cut between two bound by one version in different texts, and by different
        versions.
    ratio
        (S, S) trade costs relative to those of the first day.
    is_as_before
        Whether they are those of the first day.
    """

    held: Floats
    start: Floats
    cut: Floats
    across: tuple[float, float]
    ratio: Floats
    is_as_before: bool

    @classmethod
    def of(
        cls, held: Floats, start: Floats, across: tuple[float, float], cut: Floats | None = None
    ) -> DigitalRules:
        """From what is held in common now, and the cut if it is known."""
        if cut is None:
            cut = interoperable_cut(held, *across)
        ratio = (1.0 - cut) / (1.0 - start)
        return cls(held, start, cut, across, ratio, bool((ratio == 1.0).all()))

    def after(self, change: Commitment) -> DigitalRules:
        """The rules once those of a change come on top."""
        held = accumulate(Interoperability, [change], self.held.copy())
        rows, cut = np.flatnonzero(change.inside), self.cut.copy()
        cut[rows] = interoperable_cut(held, *self.across, rows)
        cut[:, rows] = cut[rows].T  # nothing changes between two whom the change does not bind
        return DigitalRules.of(held, self.start, self.across, cut)


def has_rules(change: Commitment) -> bool:
    """Whether a change is of digital rules, whose reach goes beyond those whom it binds."""
    return any(type(effect) is Interoperability for effect in change.effects)


def digital_rules(
    setting: Setting, now: Sequence[Commitment], start: Sequence[Commitment]
) -> DigitalRules:
    """What the digital rules among commitments do together, given those of the first day."""
    bound, before = (tuple(one for one in those if has_rules(one)) for those in (now, start))
    return _rules(setting, None, bound, before)


@remembered(keep=8)
def _rules(
    setting: Setting, _: None, now: tuple[Commitment, ...], start: tuple[Commitment, ...]
) -> DigitalRules:
    held = accumulate(Interoperability, now, size=len(setting.axes.states))
    return DigitalRules.of(held, _cut_at_start(setting, None, start), _across(setting))


@remembered(keep=1)
def _cut_at_start(setting: Setting, _: None, start: tuple[Commitment, ...]) -> Floats:
    """(S, S) cut of trade costs by the rules of the first day."""
    those = in_baseline(Interoperability, start)
    held = accumulate(Interoperability, those, size=len(setting.axes.states))
    return interoperable_cut(held, *_across(setting))


def _across(setting: Setting) -> tuple[float, float]:
    return setting["digital_same_version"], setting["digital_other_version"]
