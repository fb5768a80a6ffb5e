"""What an issue area offers to a negotiation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sim.config import DocketItem
    from sim.events import Agreement, Proposal
    from sim.setting import Setting
    from sim.state import State

__all__ = ["IssueArea", "Menu", "ValueIn"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
ValueIn: TypeAlias = Callable[[int, Bools, Bools], Floats]


@dataclass(frozen=True)
class Menu:
    """M proposals on one item, valued for all S states.

    Attributes
    ----------
    proposals
        The M proposals.
    scale
        (M,) share of the level that takes effect, after exemptions and form.
    gain
        (M, S) gain over no agreement if all participants adopt, percent of annual income.
    red_lines
        (M, S) strength of the red lines that the proposal crosses.
    has_obligation
        (S,) whether the item asks anything new of the state.
    partner_term
        (S,) logits: mean over new partners.
    value_in
        ``value_in(m, coalition, units)`` → (S,) gain of being in over being out, given the others
        of the coalition (S,) bool, when states leave by units (P, S) bool; NaN outside.
    """

    proposals: tuple[Proposal, ...]
    scale: Floats
    gain: Floats
    red_lines: Floats
    has_obligation: Bools
    partner_term: Floats
    value_in: ValueIn = field(compare=False, repr=False)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing left to negotiate."""
        return not self.proposals or not bool(self.has_obligation.any())


class IssueArea(Protocol):
    """An issue area: turns a docket item into a valued menu.

    Attributes
    ----------
    kinds
        What a docket item of the area may be (`sim.config.DocketItem.kind`).
    """

    name: str
    kinds: tuple[str, ...]

    def menu(
        self, setting: Setting, state: State, organisation: str, item: DocketItem, members: Bools
    ) -> Menu:
        """The proposals that the item allows among the members (S,), valued in today's world."""

    def join_values(
        self, setting: Setting, state: State, agreement: Agreement, joiners: Bools
    ) -> tuple[Floats, Floats, Floats]:
        """(S,) gain in percent, partner term and red lines of joining an agreement alone."""

    def standing_gain(self, setting: Setting, state: State, agreement: Agreement) -> Floats:
        """(S,) what a signed agreement is worth in today's world, percent of annual income."""

    def red_lines(self, setting: Setting, state: State, proposal: Proposal) -> Floats:
        """(S,) strength of the red lines that a proposal crosses."""
