"""What is wanted in each area, by whom, and what bodies have to offer there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.clauses import Specification
from sim.issues import areas
from sim.issues.menu import red_lines_held
from sim.issues.trade.history import Units, known_units
from sim.kernels.acceptance import gain_utility
from sim.kernels.bargaining import logistic
from sim.memo import remembered
from sim.mitigation import carried_out, pledges_kept
from sim.types import Bools, Floats

if TYPE_CHECKING:
    from sim.charter import DocketItem
    from sim.setting import Setting
    from sim.state import State

__all__ = [
    "AREAS", "TALKS", "TALKS_A_YEAR", "Pairs", "active", "ambition", "bodies_of", "codes_of",
    "hazards", "lacking", "of_pairs", "offer_of", "pairs_of", "units_of",
]  # fmt: skip

FULL_DEPTH = 5.0
"""Percent: the agreement of which the gains of pairs are those (`sim.issues.trade.history`)."""
TALKS = {
    "trade": Specification(
        area="trade", deadline_quarters=40, levels=(2.5, 5.0, 10.0), tariff_cuts=(50.0, 100.0)
    ),
    "digital": Specification(
        area="digital", kind="open", deadline_quarters=24, levels=(60.0, 80.0, 100.0),
        terms={"stringency": (50.0, 100.0)},
    ),
    "health": Specification(
        area="health", kind="preparedness", deadline_quarters=12, levels=(25.0, 50.0, 100.0)
    ),
    "climate": Specification(
        area="climate", kind="common_cut", deadline_quarters=12, levels=(10.0, 20.0, 30.0)
    ),
}  # fmt: skip
"""Area → what talks are about that no charter words: in trade and on digital rules as in the
negotiations of `docs/hindcasts.md`, otherwise as the items of charters are."""
TALKS_A_YEAR = 4.0
PERCENT = 100.0
_SWITCH = {"digital": "digital_rules", "health": "health_talks", "climate": "climate_talks"}
AREAS = tuple(TALKS)


def of_pairs(area: str) -> bool:
    """Whether two can settle it between themselves."""
    return area in ("trade", "digital")


def active(setting: Setting) -> tuple[str, ...]:
    """Areas in which the scenario has anything negotiated."""
    return tuple(one for one in AREAS if one not in _SWITCH or setting.is_on(_SWITCH[one]))


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of units: states, and customs unions as one.

    Attributes
    ----------
    units
        Their states.
    codes
        (U,) of a state or a union.
    own
        (U, U) chance that a unit would have an agreement with another; 0 for pairs that have one.
    need
        (U, U) how often a pair comes to want one, before the rate of the area: in trade the chance
        that both would, on digital rules that times what both gain together, bn USD a year.
    income
        (U,) bn USD.
    gain
        (U, U) percent of income that a unit gains by an agreement with another; None where that is
        worked out for each pair when it is asked for.
    """

    units: Units
    codes: tuple[str, ...]
    own: Floats
    need: Floats
    income: Floats
    gain: Floats | None = None

    def gains(self, setting: Setting, row: int, partners: Bools) -> Floats:
        """(U,) of a unit by each of some partners, 0 by others."""
        found = None if self.gain is None else self.gain[row]
        if found is None:
            found = self.units.gains_of(setting, row, partners)
        return np.where(partners, np.nan_to_num(found), 0.0)

    def gains_by(self, setting: Setting, row: int, partners: Bools) -> Floats:
        """(U,) of each of some partners by a unit, 0 of others."""
        found = None if self.gain is None else self.gain[:, row]
        if found is None:
            found = self.units.gains_by(setting, row, partners)
        return np.where(partners, np.nan_to_num(found), 0.0)


def pairs_of(
    setting: Setting, state: State, area: str = "trade", asked: Bools | None = None
) -> Pairs:
    """Units and what they want in the quarter: gains of the first day, wishes of their leaders.

    Parameters
    ----------
    asked
        (U, U) pairs of which chances are wanted; all if not given.
    """
    units = units_of(setting, None, area)
    if area == "trade":
        gain, utility = None, units.every_utility(setting, asked)
    else:
        gain = _digital_gain(setting, units)
        utility = _digital_utility(setting, units, gain, state.step // 4)
    if setting.is_on("orientation"):
        leader = setting["acceptance_orientation"] * (units.weight @ state.orientation)
        utility = utility + leader[:, None]
    own = np.nan_to_num(logistic(utility))
    income = units.states @ setting.income
    need = own * own.T
    if gain is not None:
        joint = gain * income[:, None] / PERCENT
        need = need * (joint + joint.T)
    return Pairs(units, codes_of(setting, None, area), own, need, income, gain)


def _digital_gain(setting: Setting, units: Units) -> Floats:
    """(U, U) percent of income by the whole of an open rule: to first order, what trade costs take.

    Mean of exports to and imports from the other over income, times the cut.
    """
    flows = units.states @ setting.economy.flows @ units.states.T
    income = np.maximum(units.states @ setting.income, 1e-12)
    return np.asarray(PERCENT * setting["digital_cut"] * 0.5 * (flows + flows.T) / income[:, None])


def _digital_utility(setting: Setting, units: Units, gain: Floats, year: int) -> Floats:
    """(U, U) logits, as in the area's votes on the whole of an open rule, without taste."""
    area = areas()["digital"].acceptance(setting)
    data = red_lines_held(setting, year).get("data", np.zeros(len(setting.axes.states)))
    against = np.full((len(units.states), 1), setting["digital_sovereignty_cost"])
    if setting.is_on("red_lines"):
        against = against + setting["red_line_penalty"] * (units.weight @ data)[:, None]
    return np.asarray(gain_utility(gain, area.gain, area.half_gain) + area.constant - against)


def unions_of(setting: Setting, area: str) -> dict[str, Bools]:
    """Customs union → (S,) its members, of those that have a rule for an area as well."""
    unions = setting.unions("trade")
    return {code: one for code, one in unions.items() if area in setting.charter(code).decision}


@remembered(keep=4)
def units_of(setting: Setting, _: None, area: str) -> Units:
    """Who negotiates in an area: customs unions that have a rule for it, and single states."""
    unions = unions_of(setting, area)
    if area == "trade" or unions.keys() == setting.unions("trade").keys():
        return known_units(setting)
    left = ~np.any([*unions.values(), np.zeros(len(setting.axes.states), dtype=bool)], axis=0)
    single = [np.arange(left.size) == n for n in np.flatnonzero(left)]
    return Units.of_units(setting, np.array([*single, *unions.values()], dtype=bool))


@remembered(keep=4)
def codes_of(setting: Setting, _: None, area: str) -> tuple[str, ...]:
    """Of states, and of customs unions."""
    names, states = setting.axes.states, units_of(setting, None, area).states
    union = {mask.tobytes(): code for code, mask in unions_of(setting, area).items()}
    return tuple(union.get(mask.tobytes(), names[int(np.argmax(mask))]) for mask in states)


def lacking(state: State, units: Units, area: str, kind: str = "") -> Bools:
    """(U, U) pairs without an agreement of an area, signed or in force.

    Parameters
    ----------
    kind
        Of the agreement; that of talks of two if not given.
    """
    states = units.states
    has = np.zeros((len(states),) * 2, dtype=bool)
    if area == "trade":
        lead = np.argmax(states, axis=1)
        has |= state.has_agreement[np.ix_(lead, lead)]
    kind = kind or ("preferential" if area == "trade" else TALKS[area].kind)
    for one in state.agreements:
        if (one.is_of_the_run or area != "trade") and (one.area, one.kind) == (area, kind):
            inside = (states & one.signatories).any(axis=1)
            has |= np.outer(inside, inside)
    return np.asarray(~has & ~np.eye(len(states), dtype=bool))


def hazards(setting: Setting, state: State, area: str, rate: float) -> Floats:
    """(S,) needs a year of states, in an area that is not a matter of two."""
    if area == "health":  # what outbreaks take at present, percent of annual income
        return np.asarray(-rate * state.epidemics.income)
    pledged, kept = pledges_kept(setting, state), carried_out(setting, state)
    emitted = setting.world.climate.emissions
    promised = float(emitted @ pledged)
    gap = 1.0 - float(emitted @ kept) / promised if promised > 0 else 0.0
    return np.full(pledged.size, rate * gap)


def bodies_of(setting: Setting, state: State, area: str = "trade") -> tuple[str, ...]:
    """Organisations that have members and a rule for an area, and are no customs union of trade."""
    unions = unions_of(setting, area) if of_pairs(area) else {}
    return tuple(
        code
        for row, code in enumerate(setting.axes.organisations)
        if area in setting.charter(code, max(state.step, 0)).decision
        and code not in unions
        and state.is_member[row].sum() >= 2
    )


def offer_of(
    setting: Setting, state: State, code: str, area: str = "trade"
) -> DocketItem | Specification | None:
    """What a body negotiates in an area: the item of its charter that offers most.

    Beside trade, what such talks are usually about where its charter has no item.
    """
    docket = setting.charter(code, max(state.step, 0)).docket
    those = [one for _, one in sorted(docket.items()) if one.area == area]
    usual = None if area == "trade" else TALKS[area]
    return max(those, key=lambda one: ambition(setting, one), default=usual)


def ambition(setting: Setting, item: Specification) -> float:
    """Share of the gain of a pair that an item offers.

    In trade half of it tariffs, half trade costs; of digital rules as much as works together and
    can be enforced; otherwise the term that goes farthest towards its bound.
    """
    if item.area == "trade":
        depth, cut = max(item.levels) / FULL_DEPTH, max(item.tariff_cuts) / 100.0
        return 0.5 * min(depth, 1.0) + 0.5 * cut
    if item.area != "digital":
        offered, area = areas()[item.area].offered(item), areas()[item.area]
        return max(max(offered[term.name]) / term.high for term in area.terms)
    level = max(item.levels) / PERCENT
    soft = setting["soft_effect"]
    holds = soft + (1.0 - soft) * max(item.terms["stringency"]) / 100.0
    is_soft = areas()["digital"].forms(item.kind) == ("soft",)
    return level * holds * (soft if is_soft else 1.0)
