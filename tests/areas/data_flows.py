"""An area as a stranger would write it: rules on data lower trade costs among those bound."""

from __future__ import annotations

from sim.economy import trade_cost_cut
from sim.issues.base import Claims, IssueArea, Term


class DataFlows(IssueArea):
    """Data may flow, and electronic documents are taken: trade among the parties is cheaper."""

    name = "data_flows"
    kinds = ("partnership",)
    terms = (
        Term("openness", "%", "trade-cost cut among the parties", high=10, scale=100),
        Term("paperless", "share", "share of documents taken in electronic form", high=1),
    )
    claims = Claims(is_club_good=frozenset({"partnership"}))

    def effects(self, setting, state, kind, proposal, scale):
        """Trade costs fall among the parties."""
        share = proposal["openness"] + 0.01 * proposal["paperless"]
        return (trade_cost_cut(setting, share * scale),)

    def covers(self, setting, matter, proposal):
        """Data is what it is about."""
        return matter == "data" and proposal["openness"] >= 0.02


AREA = DataFlows()
