"""Trade: tariff and trade-cost cuts among participants, or towards everybody, valued exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.behaviour.utility import partner_term
from sim.issues.trade_menu import MenuBuilder
from sim.issues.trade_outlook import outlook, red_lines_crossed
from sim.issues.trade_terms import committed_terms, level_of

if TYPE_CHECKING:
    from sim.config import DocketItem
    from sim.events import Agreement, Proposal
    from sim.issues.menu import Menu
    from sim.setting import Setting
    from sim.state import State

__all__ = ["AREA", "TradeArea"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class TradeArea:
    """The issue area of trade."""

    name = "trade"
    kinds = ("preferential", "mfn")

    def menu(
        self, setting: Setting, state: State, organisation: str, item: DocketItem, members: Bools
    ) -> Menu:
        """Value every combination of depth, tariff cut, exemptions and form for all states.

        Remembered as long as members, committed terms and year are the same.
        """
        terms = committed_terms(setting, state)
        place = ("menu", organisation, item)
        key = (members.tobytes(), state.step // 4)
        last = setting.memo.get(place)
        if last is None or last[0] != key or last[1] is not terms:
            builder = MenuBuilder(setting, state, item, members, outlook(setting, terms))
            binding = (organisation, self.name) not in setting.soft_bodies
            last = (key, terms, builder.build(allows_binding=binding))
            setting.memo[place] = last
        menu: Menu = last[2]
        return menu

    def join_values(
        self, setting: Setting, state: State, agreement: Agreement, joiners: Bools
    ) -> tuple[Floats, Floats, Floats]:
        """What joining an agreement alone is worth to each joiner.

        Returns
        -------
        tuple
            (S,) gain in percent, (S,) partner term, (S,) red lines crossed.
        """
        rows = np.flatnonzero(joiners)
        base = outlook(setting, committed_terms(setting, state, without=agreement.code))
        options = [level_of(agreement, agreement.signatories)]
        for row in rows:
            options.append(
                level_of(agreement, agreement.signatories | (np.arange(joiners.size) == row))
            )
        gains = base.gains(options)
        gain = np.zeros(joiners.size)
        gain[rows] = gains[1:][np.arange(rows.size), rows] - gains[0, rows]
        partners = np.repeat(agreement.signatories[None, :], joiners.size, axis=0)
        crossed = red_lines_crossed(setting, state, agreement.proposal)
        return gain, partner_term(setting, partners), crossed

    def standing_gain(self, setting: Setting, state: State, agreement: Agreement) -> Floats:
        """(S,) what a signed agreement is worth in today's world, percent of income."""
        terms = committed_terms(setting, state)
        place = ("standing", agreement.code)
        last = setting.memo.get(place)
        if last is None or last[0] is not terms:
            without = committed_terms(setting, state, without=agreement.code)
            last = setting.memo[place] = (terms, outlook(setting, terms).worth(without))
        gain: Floats = last[1]
        return gain

    def red_lines(self, setting: Setting, state: State, proposal: Proposal) -> Floats:
        """(S,) strength of the red lines that a proposal crosses."""
        return red_lines_crossed(setting, state, proposal)


AREA = TradeArea()
