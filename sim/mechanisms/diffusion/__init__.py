"""Rules in force spread to bodies nearby, and one that covers enough goes to the global body."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sim.columns import COUNT, NUMBER, WORD, Column, Measure, QuarterlyTable
from sim.events import EventKind
from sim.mechanism import Mechanism
from sim.mechanisms.diffusion.measures import by_area, in_trade, multilateral, taken_up
from sim.mechanisms.diffusion.phase import DIFFUSION
from sim.mechanisms.diffusion.versions import Spread
from sim.records import Record
from sim.switches import Switch

if TYPE_CHECKING:
    from sim.setting import Setting
    from sim.state import State

__all__ = ["DIFFUSION", "MECHANISM"]


def _measure(setting: Setting, state: State, *, name: str) -> Any:
    return in_trade(setting, state, name)


MECHANISM = Mechanism(
    name="diffusion",
    meaning="rules in force spread along shared members and links; wide ones go to the WTO",
    source="Strang & Tuma 1993; own table of digital rules 2012-2025; WTO joint statements",
    records=(Record("spreads", Spread, "rules taken up from others, and submitted"),),
    switches=(
        Switch("diffusion", "bodies take up rules that are in force nearby", default=False),
        Switch(
            "multilateralisation",
            "rules that cover enough members and trade are put before the global body",
            default=False,
        ),
    ),
    parameters=(
        "diffusion_shared",
        "diffusion_linked",
        "diffusion_alone",
        "diffusion_distance",
        "diffusion_deadline",
        "link_meetings",
        "submission_members",
        "submission_trade",
    ),
    columns={
        "summary": (
            Measure("rules_taken_up", COUNT, "items", "rules of others put on a table so far",
                    lambda _, s: taken_up(s)),
            Measure("multilateral_rules", COUNT, "agreements",
                    "rules submitted to a global body that are in force",
                    lambda _, s: multilateral(s)),
            Measure("rule_convergence", NUMBER, "share",
                    "chance that two states bound by a rule on trade are bound by the same one",
                    partial(_measure, name="convergence")),
            Measure("rule_trade", NUMBER, "%",
                    "trade of the baseline between states bound by one rule on trade of the run",
                    partial(_measure, name="trade")),
        ),
    },
    tables=(
        QuarterlyTable(
            "rules",
            "issue area with a rule of the run in force, and quarter",
            (
                Column("area", WORD, "", "issue area"),
                Column("families", COUNT, "rules", "rules of different origin that bind somebody"),
                Column("states", COUNT, "states", "states bound by one of them"),
                Column("level", NUMBER, "unit of the area", "mean level by which they are bound"),
                Column("trade", NUMBER, "%", "trade of the baseline between states bound together"),
                Column("convergence", NUMBER, "share",
                       "chance that two of these states are bound by a rule of the same origin"),
                Column("fragmentation", NUMBER, "modularity",
                       "modularity of the network of states bound together"),
                Column("taken_up", COUNT, "items", "rules of others put on a table so far"),
                Column("multilateral", COUNT, "agreements",
                       "rules submitted to a global body that are in force"),
            ),
            by_area,
        ),
    ),
    events=(
        EventKind("rule_taken_up", "body", "a rule in force elsewhere was put on a table",
                  "level of the rule"),
        EventKind("rule_submitted", "", "a rule was put before a global body",
                  "% of its members' trade covered"),
    ),
    phases=(DIFFUSION,),
)  # fmt: skip
