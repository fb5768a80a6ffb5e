"""Trade: tariff and trade-cost cuts among participants, or towards everybody, valued exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import TariffCut
from sim.economy import trade_cost_cut
from sim.issues.base import Acceptance, Claims, IssueArea, Offered, Term
from sim.issues.menu import red_lines_held, utility_of_gain
from sim.issues.trade.acceptance import parts_of, reached_so_far
from sim.issues.trade.sectors import sector_gains
from sim.issues.trade.surface import gains_of_cuts
from sim.kernels.choice import TOLERANCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.agreements import Commitment, Effect, Proposal
    from sim.charter import Specification
    from sim.economy import Outlook
    from sim.forum import Forum
    from sim.issues.menu import Deal, Valuation
    from sim.memo import Reading
    from sim.setting import Setting
    from sim.types import Bools, Floats

__all__ = ["AREA", "TradeArea"]


class TradeArea(IssueArea):
    """The issue area of trade."""

    name = "trade"
    kinds = ("preferential", "mfn")
    terms = (
        Term("depth", "%", "trade-cost cut", high=30, scale=100),
        Term("tariff_cut", "% of the applied tariff", "tariff cut", scale=100),
    )
    claims = Claims(is_club_good=frozenset({"preferential"}))

    def offered(self, item: Specification) -> dict[str, tuple[float, ...]]:
        """Depths and tariff cuts of the item, in percent."""
        return {**super().offered(item), "tariff_cut": item.tariff_cuts}

    def effects(
        self, setting: Setting, state: Reading, kind: str, proposal: Proposal, scale: float
    ) -> tuple[Effect, ...]:
        """Tariffs and trade costs fall among the parties; of ``mfn``, towards everybody."""
        is_open = kind == "mfn"
        cut, depth = proposal["tariff_cut"] * scale, proposal["depth"] * scale
        return (
            TariffCut(cut, "all" if is_open else "parties"),
            trade_cost_cut(setting, depth, towards_all=is_open),
        )

    def acceptance(self, setting: Setting) -> Acceptance:
        """As estimated on which opened negotiations entered into force."""
        estimated = setting.is_on("estimated_state_effects")
        history = setting["acceptance_history"] if setting.is_on("history") else 0.0
        return Acceptance(
            gain=setting["acceptance_gain"],
            half_gain=setting["acceptance_half_gain"],
            constant=setting["acceptance_constant"],
            refusal=history * setting["refusal_memory"],
            state=setting.estimated_state_effects[0] if estimated else None,
        )

    def parts(
        self, setting: Setting, deal: Deal, offered: Offered, gain: Floats
    ) -> dict[str, Floats]:
        """What democracy, depth, the history of pairs, and sectors (where on) add."""
        changes = offered[1]
        found = parts_of(setting, deal, changes)
        if not setting.is_on("sectors"):
            return found
        weighed = gain + setting["sector_weight"] * sector_gains(setting, deal, offered)
        acceptance, reached = self.acceptance(setting), self.reached(setting, deal, changes)
        each = [utility_of_gain(acceptance, one, reached) for one in (weighed, gain)]
        return {**found, "sectors": each[0] - each[1]}

    def reached(self, setting: Setting, deal: Deal, changes: Sequence[Commitment]) -> Floats:
        """Depth in place, so that more of it is valued on top of what there is."""
        return reached_so_far(deal, changes)

    def is_wanted(self, setting: Setting, deal: Deal, value: Valuation, asked: Bools) -> Bools:
        """What the average member prefers to what is in place.

        Talks with a new partner are opened for reasons of their own, which the constant of the
        utility holds. Among those that have an agreement nothing else speaks for another text than
        what it adds: gain, less what depth costs and red lines.
        """
        every = np.ones(len(value.gain), dtype=bool)
        if deal.kind != "preferential" or not len(value.gain) or deal.has_new.any():
            return every
        added = utility_of_gain(value.acceptance, value.gain, value.reached) + value.parts["depth"]
        added = added + value.parts.get("sectors", 0.0)
        if setting.is_on("red_lines"):
            added = added - setting["red_line_penalty"] * value.red_lines
        wanted: Bools = added[:, asked].mean(axis=1) > TOLERANCE
        return wanted

    def covers(self, setting: Setting, matter: str, proposal: Proposal) -> float:
        """Matters of the border by any tariff cut, the others the more the deeper the cut."""
        from_depth = setting.world.matters[matter].from_depth
        if from_depth == 0:
            return float(proposal["tariff_cut"] > 0)
        return float(min(1.0, proposal["depth"] / from_depth))

    def covered_already(self, setting: Setting, deal: Deal, matter: str) -> Floats:
        """By the depth in place; tariffs that are left are those that were protected."""
        from_depth = setting.world.matters[matter].from_depth
        if from_depth == 0:
            return np.zeros(len(deal.partners))
        return np.minimum(deal.depth / from_depth, 1.0)

    def most_exempt(self, setting: Setting, forum: Forum, kind: str) -> float:
        """Preferential agreements must cover substantially all trade (GATT Art. XXIV:8).

        Those into which states opt one by one are no free-trade areas, and may leave out anything.
        """
        is_free = kind != "preferential" or forum.is_opt_in
        return 1.0 if is_free else 1.0 - setting["coverage_minimum"]

    def exemptions(
        self, setting: Setting, year: int, proposal: Proposal, members: Bools, most: float
    ) -> Sequence[tuple[str, ...]]:
        """No exemption, each single one, and the most protected matters one after another."""
        if not setting.is_on("exemptions") or not setting.is_on("red_lines"):
            return [()]
        held = {
            matter: int((strength[members] > 0).sum())
            for matter, strength in red_lines_held(setting, year).items()
            if self.covers(setting, matter, proposal) > 0
        }
        share = {m: setting.world.matters[m].trade_share for m in held if held[m]}
        order = sorted((m for m in share if share[m] <= most), key=lambda m: (-held[m], m))
        nested: list[tuple[str, ...]] = [()]
        for matter in order:
            if share[matter] + sum(share[m] for m in nested[-1]) <= most:
                nested.append(tuple(sorted((*nested[-1], matter))))
        return sorted({*nested, *((m,) for m in order)}, key=lambda e: (len(e), e))

    def gains(
        self,
        setting: Setting,
        outlook: Outlook,
        changes: Sequence[Commitment],
        most: Commitment,
    ) -> Floats:
        """(M, S) gains, interpolated between exact solutions where they are smooth."""
        return gains_of_cuts(setting, outlook, changes, most)


AREA = TradeArea()
