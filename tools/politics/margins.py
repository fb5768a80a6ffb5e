"""Named negotiations on their opening day: who is least willing, and what margins are made of.

The world of a case is that of its opening day, as far as tables have it: trade and tariffs are of
2023 and 2019. What comes of talks is played by `concord hindcast episodes`.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import date

import numpy as np
from decisions import AMERICAS, ASEAN, CPTPP

from experiments.compose import compose
from sim.agreements import Item
from sim.behaviour.parties import Parties, seat_parties
from sim.behaviour.taste import state_effect, taste_of
from sim.behaviour.utility import utility_parts
from sim.charter import DocketItem
from sim.forum import body
from sim.issues import areas
from sim.issues.menu import Menu
from sim.load import scenario_from, setting_for
from sim.log import Log
from sim.model import initial_state
from sim.phases.membership import MEMBERSHIP
from sim.setting import Setting
from sim.state import State

HOST = "CPTPP"
EU = "@EU"


@dataclass(frozen=True)
class Setup:
    """A case: opening day, parties (`@EU` its members of the day), a leader's orientation."""

    name: str
    opened: date
    parties: str
    leader: tuple[str, float] = ("USA", 0.0)


SETUPS = (
    Setup("RCEP-16", date(2012, 10, 1), f"{ASEAN} AUS CHN IND JPN KOR NZL"),
    Setup("RCEP-15", date(2012, 10, 1), f"{ASEAN} AUS CHN JPN KOR NZL"),
    Setup("FTAA", date(1995, 1, 1), AMERICAS),
    Setup("TTIP", date(2013, 7, 1), f"{EU} USA"),
    Setup("TPP-12", date(2010, 1, 1), f"{CPTPP} USA"),
    Setup("TPP-12, US +2 sd", date(2010, 1, 1), f"{CPTPP} USA", ("USA", 2.0)),
    Setup("CPTPP-11", date(2017, 4, 1), CPTPP),
    Setup("NAFTA", date(1991, 4, 1), "CAN MEX USA"),
    Setup("AFTA", date(1991, 10, 1), "BRN IDN MYS PHL SGP THA"),
    Setup("SAFTA", date(2004, 1, 1), "BGD BTN IND MDV NPL PAK LKA"),
)


def setting_of(setup: Setup, seed: int) -> Setting:
    """The world of the day, with the host and the European Union for organisations."""
    mapping = compose([f"start={setup.opened}", "quarters=40"]).mapping
    kept = {code: mapping["organisation"][code] for code in (HOST, "EU")}
    kept[HOST] = {**kept[HOST], "agenda": {"rule": "secretariat"}}
    kept[HOST]["decision"] = {"trade": {"rule": "unanimity"}}
    return setting_for(scenario_from({**mapping, "organisation": kept}), seed)


def open_table(setup: Setup, setting: Setting) -> tuple[State, Menu, Parties, Item]:
    """The state of the first day, and what is on the table between whom."""
    axes, state = setting.axes, initial_state(setting)
    state.step = 0
    names = setup.parties.split()
    members = axes.mask([n for n in names if not n.startswith("@")])
    if EU in names:
        members |= setting.world.members("EU", setting.scenario.start)
    with state.opened(["is_member", "orientation"]):
        state.is_member[axes.organisation(HOST)] = members
        state.is_member[axes.organisation("EU")] = setting.world.members("EU", setup.opened)
        state.orientation[axes.state(setup.leader[0])] = setup.leader[1]
    MEMBERSHIP(setting, state, Log(setting))  # treaties of the day
    spec = DocketItem(
        opens=setup.opened, deadline_quarters=40, levels=(2.5, 5, 10), tariff_cuts=(50, 100)
    )
    forum = body(setting, HOST, "trade")
    menu = areas()["trade"].menu(setting, state, forum, spec, members, name=setup.name)
    parties = seat_parties(setting, state, forum, members)
    item = Item(HOST, setup.name, 0, spec, opened_at=0, belief=np.zeros(members.size))
    return state, menu, parties, item


def parts_of(setup: Setup, setting: Setting) -> tuple[list[str], dict[str, np.ndarray]]:
    """Parties, and by source what they make of a middling text, before what they insist on."""
    state, menu, parties, item = open_table(setup, setting)
    whole = [m for m, p in enumerate(menu.proposals) if not p.is_soft and not p.exemptions]
    row = min(whole, key=lambda m: (abs(menu.proposals[m]["depth"] - 0.05),
                                    1.0 - menu.proposals[m]["tariff_cut"]))  # fmt: skip
    value, size = menu.value.row(row), menu.has_obligation.size
    found = {n: np.broadcast_to(p, size) for n, p in utility_parts(setting, state, value).items()}
    taste = taste_of(setting, body(setting, HOST, "trade"), item.name)
    effect = state_effect(setting, "trade")
    found |= {"state effect": effect, "item noise": taste.lasting - effect}
    found["noise per meeting"] = taste.at(setting, item.code, 0, 0) - taste.lasting
    asked = (parties.states & menu.has_obligation).any(axis=1)
    codes = [code for code, is_asked in zip(parties.codes, asked, strict=True) if is_asked]
    return codes, {n: parties.mean(p, setting.income)[asked] for n, p in found.items()}


def least_willing(setup: Setup) -> str:
    """Who is least willing to sign the middling text, by what is known of all."""
    setting = setting_of(setup, 1)
    codes, parts = parts_of(setup, setting)
    drawn = {"state effect", "item noise", "noise per meeting"}
    value = np.sum([part for name, part in parts.items() if name not in drawn], axis=0)
    order = np.argsort(value)[:7]
    return ", ".join(f"{codes[n]} {1 / (1 + np.exp(-value[n])):.2f}" for n in order)


def variance(seeds: int) -> str:
    """Shares of the variance of margins between parties, over all cases and seeds."""
    rows: dict[str, list[np.ndarray]] = {}
    for setup in SETUPS:
        for seed in range(1, seeds + 1):
            for name, part in parts_of(setup, setting_of(setup, seed))[1].items():
                rows.setdefault(name, []).append(part)
    parts = {name: np.concatenate(values) for name, values in rows.items()}
    total = np.sum(list(parts.values()), axis=0)
    # covariance with the total: shares that add up to one
    share = {n: float(np.mean((p - p.mean()) * (total - total.mean())) / total.var())
             for n, p in parts.items()}  # fmt: skip
    lines = [f"{total.size} margins, variance {total.var():.2f}"]
    return "\n".join(lines + [f"  {name:18} {value:6.3f}" for name, value in share.items()])


def main() -> None:
    """Print a line a case, or where the variance of margins comes from."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seeds", type=int, default=50, help="draws for --variance")
    asked.add_argument("--variance", action="store_true", help="where margins come from")
    options = asked.parse_args()
    if options.variance:
        print(variance(options.seeds))
        return
    for setup in SETUPS:
        print(f"{setup.name:17} {least_willing(setup)}", flush=True)


if __name__ == "__main__":
    main()
