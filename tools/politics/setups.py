"""Named negotiations played many times: who signs, who refuses, how deep, how long.

The world of a case is that of its opening day, as far as tables have it: trade and tariffs are of
2023 and 2019. All parties must accept; four meetings a year, ten years. `--seeds N`.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from decisions import AMERICAS, ASEAN, CPTPP

from experiments.compose import compose
from sim.agreements import Item
from sim.behaviour.bargaining import Round, Table, hold_round
from sim.behaviour.parties import Parties, seat_parties
from sim.behaviour.taste import state_effect, taste_of
from sim.behaviour.utility import utility_parts
from sim.charter import DocketItem
from sim.issues import areas
from sim.issues.menu import Menu
from sim.load import scenario_from, setting_for
from sim.log import Log
from sim.model import initial_state
from sim.phases.membership import MEMBERSHIP
from sim.setting import Setting
from sim.state import State

HOST, MEETINGS = "CPTPP", 40
EU = "@EU"


@dataclass(frozen=True)
class Setup:
    """A case: opening day, parties (`@EU` its members of the day), a leader's orientation."""

    name: str
    opened: date
    parties: str
    leader: tuple[str, float] = ("USA", 0.0)
    said: str = ""


SETUPS = (
    Setup("RCEP-16", date(2012, 10, 1), f"{ASEAN} AUS CHN IND JPN KOR NZL", said="< .3"),
    Setup("RCEP-15", date(2012, 10, 1), f"{ASEAN} AUS CHN JPN KOR NZL", said="> .5"),
    Setup("FTAA", date(1995, 1, 1), AMERICAS, said="< .15"),
    Setup("TTIP", date(2013, 7, 1), f"{EU} USA", said="< .75"),
    Setup("TPP-12", date(2010, 1, 1), f"{CPTPP} USA", said="< .45"),
    Setup("TPP-12, US +2 sd", date(2010, 1, 1), f"{CPTPP} USA", ("USA", 2.0), "< .12"),
    Setup("CPTPP-11", date(2017, 4, 1), CPTPP, said=".36-.43 in the prototype"),
    Setup("CPTPP + China", date(2021, 10, 1), f"{CPTPP} CHN", said="< .25"),
    Setup("NAFTA", date(1991, 4, 1), "CAN MEX USA", said="> .55"),
    Setup("AFTA", date(1991, 10, 1), "BRN IDN MYS PHL SGP THA", said="> .55"),
    Setup("SAFTA", date(2004, 1, 1), "BGD BTN IND MDV NPL PAK LKA", said="> .55"),
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
    menu = areas()["trade"].menu(setting, state, HOST, spec, members, name=setup.name)
    parties = seat_parties(setting, state, HOST, "trade", members)
    item = Item(HOST, setup.name, 0, opened_at=0, belief=np.zeros(members.size))
    return state, menu, parties, item


def play(setup: Setup, setting: Setting) -> tuple[Round | None, int, list[Counter[str]]]:
    """The last round, meetings held, and who refused in each."""
    state, menu, parties, item = open_table(setup, setting)
    taste, refused = taste_of(setting, "trade", item), []
    for meeting in range(MEETINGS):
        noise = taste.at(setting, item.code, meeting, 0)
        elapsed, is_last = (meeting + 1) / MEETINGS, meeting == MEETINGS - 1
        table = Table(HOST, "trade", item, menu, parties, elapsed, is_last, noise)
        seen = hold_round(setting, state, table)
        if seen is None:
            break
        refused.append(Counter(np.array(parties.codes)[seen.vote < 0].tolist()))
        if seen.decision.is_adopted:
            return seen, meeting + 1, refused
        item = replace(item, round=meeting + 1, tabled=seen.proposal, belief=seen.belief)
    return None, MEETINGS, refused


def parts_of(setup: Setup, setting: Setting) -> tuple[list[str], dict[str, np.ndarray]]:
    """Parties, and by source what they make of a middling text, before what they insist on."""
    state, menu, parties, item = open_table(setup, setting)
    row = next(
        m for m, p in enumerate(menu.proposals)
        if p["depth"] == 0.05 and p["tariff_cut"] == 1.0 and not p.is_soft and not p.exemptions
    )  # fmt: skip
    value, size = menu.value.row(row), menu.has_obligation.size
    found = {n: np.broadcast_to(p, size) for n, p in utility_parts(setting, state, value).items()}
    taste = taste_of(setting, "trade", item)
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
    asked.add_argument("--seeds", type=int, default=50)
    asked.add_argument("--case", default="", help="only cases whose name begins so")
    asked.add_argument("--variance", action="store_true", help="where margins come from")
    asked.add_argument("--least-willing", action="store_true", help="by what is known of all")
    options = asked.parse_args()
    if options.least_willing:
        for setup in SETUPS:
            print(f"{setup.name:17} {least_willing(setup)}", flush=True)
        return
    if options.variance:
        print(variance(options.seeds))
        return
    print(
        f"{'case':17} {'all sign':>8} {'months':>6} {'depth %':>7}  expected; refusing at the end"
    )
    for setup in SETUPS:
        if setup.name.startswith(options.case):
            print(_line(setup, options.seeds), flush=True)


def _line(setup: Setup, seeds: int) -> str:
    """What became of a case over seeds."""
    found = [play(setup, setting_of(setup, seed)) for seed in range(1, seeds + 1)]
    signed = [(seen, held) for seen, held, _ in found if seen is not None]
    last: Counter[str] = Counter()
    for seen, _, refused in found:
        last += refused[-1] if seen is None and refused else Counter()
    who = ", ".join(f"{code} {n / seeds:.2f}" for code, n in last.most_common(6))
    months = np.median([held for _, held in signed]) * 3 if signed else float("nan")
    depth = np.mean([100 * seen.proposal["depth"] for seen, _ in signed]) if signed else np.nan
    share = len(signed) / seeds
    return f"{setup.name:17} {share:8.2f} {months:6.0f} {depth:7.1f}  {setup.said}; {who}"


if __name__ == "__main__":
    main()
