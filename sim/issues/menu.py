"""Menus: the proposals on one item, and what they are worth to every state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from sim.agreements import Proposal
from sim.kernels.acceptance import gain_utility, mean_over_partners
from sim.memo import remembered
from sim.types import Bools, Floats

if TYPE_CHECKING:
    from sim.agreements import Effect
    from sim.economy import Terms
    from sim.setting import Setting

__all__ = [
    "Acceptance",
    "Deal",
    "Menu",
    "Valuation",
    "ValueIn",
    "red_lines_held",
    "utility_of_gain",
]

ValueIn: TypeAlias = Callable[[int, Bools, Bools], Floats]


@dataclass(frozen=True)
class Acceptance:
    """Coefficients of the acceptance utility in an area.

    Attributes
    ----------
    gain
        Logits per unit of asinh(weight · gain / half_gain).
    half_gain
        Percent of income at which the scale turns from linear to logarithmic.
    weight
        What a percent of income in this area counts, relative to one in trade.
    constant
        Logits of any agreement of the area once the negotiation is open.
    refusal
        Logits that an item loses with those on whose objection it failed before.
    state
        (S,) logits of each state, None without.
    """

    gain: float
    half_gain: float
    weight: float = 1.0
    constant: float = 0.0
    refusal: float = 0.0
    state: Floats | None = None


def utility_of_gain(area: Acceptance, gain: Floats, reached: Floats) -> Floats:
    """What a gain is worth in logits, on top of what is in place already.

    Parameters
    ----------
    gain
        Percent of annual income (any shape).
    reached
        What is in place, as a multiple of what the proposal adds: its gain counts as having been
        that multiple of the proposal's. 0 where nothing is in place.

    Examples
    --------
    More of what is there already is worth less:

    >>> area, gain = Acceptance(gain=0.42, half_gain=0.03), np.array([0.1, 0.1])
    >>> utility_of_gain(area, gain, np.array([0.0, 2.0])).round(2).tolist()
    [0.81, 0.17]
    """
    weighed = area.weight * gain
    before = gain_utility(weighed * reached, area.gain, area.half_gain)
    return gain_utility(weighed * (1.0 + reached), area.gain, area.half_gain) - before


@dataclass(frozen=True, eq=False)
class Deal:
    """What the utility of an item follows from, beside what its proposals bring.

    Attributes
    ----------
    organisation, item
        Where it is negotiated, and its name in the docket.
    kind
        What the area offers.
    year
        Calendar year.
    terms
        Terms of trade before it.
    partners
        (S, S) pairs [i, j] for which it changes something.
    """

    organisation: str
    item: str
    kind: str
    year: int
    terms: Terms
    partners: Bools

    @cached_property
    def unbound(self) -> Bools:
        """(S, S) partners without an agreement so far."""
        return np.asarray(self.partners & ~self.terms.bound)

    @cached_property
    def new_partners(self) -> Bools:
        """(S, S) partners without an agreement so far; all of them where there are none."""
        return np.where(self.has_new[:, None], self.unbound, self.partners)

    @cached_property
    def has_new(self) -> Bools:
        """(S,) who would have a partner without an agreement so far."""
        return np.asarray(self.unbound.any(axis=1))

    @cached_property
    def depth(self) -> Floats:
        """(S,) trade-cost cut in place: mean with the new partners, or one's own towards all."""
        if self.kind == "preferential":
            return mean_over_partners(self.terms.depth, self.new_partners)
        return np.asarray(self.terms.facilitation.max(axis=0))


@dataclass(frozen=True)
class Valuation:
    """What states have of proposals: (…, S) or (S,) each.

    Attributes
    ----------
    acceptance
        Coefficients of the area.
    gain
        Gain over no agreement, percent of annual income.
    red_lines
        Strength of the red lines crossed, as far as they are.
    parts
        Further logits by name, as the area has them.
    reached
        What is in place already, as a multiple of what a proposal adds to it; 0 where nothing is.
    protected
        Strength of the red lines that are crossed without exemption.
    partners
        (S, S) pairs [i, j] for which a proposal may change something.
    """

    acceptance: Acceptance
    gain: Floats
    red_lines: Floats
    parts: Mapping[str, Floats] = field(default_factory=dict)
    reached: Floats = field(default_factory=lambda: np.zeros(1))
    protected: Floats = field(default_factory=lambda: np.zeros(1))
    partners: Bools = field(default_factory=lambda: np.zeros((1, 1), dtype=bool))

    def row(self, m: int) -> Valuation:
        """That of one proposal, (S,) each."""
        size = self.gain.shape[-1]
        return self._each(lambda v: v[m] if v.ndim > 1 else np.broadcast_to(v, size))

    def rows(self, kept: Bools) -> Valuation:
        """That of the proposals in a mask (M,)."""
        return self._each(lambda v: v[kept] if v.ndim > 1 else v)

    def _each(self, pick: Callable[[Floats], Floats]) -> Valuation:
        return Valuation(
            acceptance=self.acceptance,
            gain=pick(self.gain),
            red_lines=pick(self.red_lines),
            parts={name: pick(values) for name, values in self.parts.items()},
            reached=pick(self.reached),
            protected=pick(self.protected),
            partners=self.partners,
        )


@dataclass(frozen=True)
class Menu:
    """M proposals on one item, valued for all S states.

    Attributes
    ----------
    proposals
        The M proposals.
    scale
        (M,) share of the level that takes effect, after exemptions and form.
    effects
        What each proposal does once adopted.
    value
        (M, S) gains if all participants adopt, red lines crossed, partners.
    has_obligation
        (S,) whether the item asks anything new of the state.
    value_in
        ``value_in(m, coalition, units)`` → (S,) gain of being in over being out, given the others
        of the coalition (S,) bool, when states leave by units (P, S) bool; NaN outside.
    """

    proposals: tuple[Proposal, ...]
    scale: Floats
    effects: tuple[tuple[Effect, ...], ...]
    value: Valuation
    has_obligation: Bools
    value_in: ValueIn = field(compare=False, repr=False)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing left to negotiate."""
        return not self.proposals or not bool(self.has_obligation.any())


def red_lines_held(setting: Setting, year: int) -> dict[str, Floats]:
    """Matter → (S,) strength of the red lines held, one line a matter and state.

    Looked up on the first day of a year of the run, so that a menu follows from its year and its
    terms alone.
    """
    return _red_lines_held(setting, None, year)


@remembered(keep=8)
def _red_lines_held(setting: Setting, _: None, year: int) -> dict[str, Floats]:
    day = setting.calendar.first_day(year * 4)
    strength: dict[str, Floats] = {}
    for line in setting.world.red_lines:
        if line.is_held(day):
            held = strength.setdefault(line.matter, np.zeros(len(setting.axes.states)))
            rows = list(line.states)
            held[rows] = np.maximum(held[rows], line.strength)
    return dict(sorted(strength.items()))
