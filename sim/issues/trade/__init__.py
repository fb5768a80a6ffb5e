"""Trade: tariff and trade-cost cuts among participants, or towards everybody, valued exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.agreements import TariffCut
from sim.economy import trade_cost_cut
from sim.issues.base import Acceptance, Claims, IssueArea, Term
from sim.issues.menu import red_lines_held
from sim.issues.trade.acceptance import coefficient, pair_term
from sim.issues.trade.surface import gains_of_cuts

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from sim.agreements import Commitment, Effect, Proposal
    from sim.charter import DocketItem
    from sim.economy import Outlook
    from sim.memo import Reading
    from sim.setting import Setting

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

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

    def offered(self, item: DocketItem) -> dict[str, tuple[float, ...]]:
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
        """As estimated on who had a trade agreement with whom."""
        has_effects = setting.is_on("state_effects")
        return Acceptance(
            gain=coefficient(setting, "gain"),
            half_gain=setting["acceptance_half_gain"],
            constant=coefficient(setting, "constant") + setting["acceptance_opened_table"],
            state=setting.state_effects if has_effects else None,
        )

    def partner_term(self, setting: Setting, partners: Bools) -> Floats:
        """(S,) mean over partners of what democracy, alliance and (if set) distance add."""
        total = (pair_term(setting, None) * partners).sum(axis=1)
        mean: Floats = total / partners.sum(axis=1).clip(min=1)
        return mean

    def covers(self, setting: Setting, matter: str, proposal: Proposal) -> bool:
        """Matters of the border are covered by any tariff cut, the others from their depth on."""
        from_depth = setting.world.matters[matter].from_depth
        return proposal["tariff_cut"] > 0 if from_depth == 0 else proposal["depth"] >= from_depth

    def exemptions(
        self, setting: Setting, year: int, proposal: Proposal, members: Bools
    ) -> Sequence[tuple[str, ...]]:
        """No exemption, each single one, and the most protected matters one after another."""
        if not setting.is_on("exemptions") or not setting.is_on("red_lines"):
            return [()]
        held = {
            matter: int((strength[members] > 0).sum())
            for matter, strength in red_lines_held(setting, year).items()
            if self.covers(setting, matter, proposal)
        }
        order = sorted((m for m in held if held[m]), key=lambda m: (-held[m], m))
        nested = [tuple(sorted(order[:n])) for n in range(len(order) + 1)]
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
