"""Emissions, pledges and what cutting is worth, for the mechanism and for negotiators alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import AbatementPlan, Depth, EmissionCut, accumulate
from sim.kernels.abatement import (
    best_cut,
    cost_slope,
    damage_shares,
    fading_trend,
    fuel_gain,
    percent_of_income,
    voters_worth,
)
from sim.memo import remembered
from sim.types import Floats
from sim.world.climate import DATA_YEAR
from sim.world.sectors import SECTORS

if TYPE_CHECKING:
    from sim.memo import Reading
    from sim.setting import Setting
    from sim.state import State

__all__ = [
    "AIM_YEAR",
    "PARAMETERS",
    "READS",
    "abatement_plan",
    "baseline",
    "carried_out",
    "damage_avoided",
    "first_pledges",
    "in_own_interest",
    "pledges_kept",
    "slope",
]

PARAMETERS = (
    "climate_carbon_cost",
    "climate_abatement_price",
    "climate_side_benefit",
    "climate_poverty_elasticity",
    "climate_fuel_response",
    "climate_voters_share",
    "climate_trend_half_life",
)
"""Parameters that these functions read."""
READS = ("agreements", "is_member")
"""What cuts in place follow from."""
AGREEMENT = "PARIS"
"""Those who leave it have no pledge."""
PRICED_CUT = 0.3
"""Share of emissions that is cut at ``climate_abatement_price`` (IPCC AR6)."""
AIM_YEAR = 2030
"""Year whose emissions without cuts are what shares are taken of: that of the pledges."""


def slope(setting: Setting) -> float:
    """Marginal cost of the last tonne of a complete cut, USD per tonne."""
    return cost_slope(setting["climate_abatement_price"], PRICED_CUT)


@remembered(keep=256)
def baseline(setting: Setting, _: None, year: float) -> Floats:
    """(S,) million tonnes that would be emitted in a year without pledges or agreements."""
    facts = setting.world.climate
    years, half_life = year - DATA_YEAR, setting["climate_trend_half_life"]
    return np.asarray(facts.emissions * fading_trend(facts.trend, years, half_life))


@remembered(keep=1)
def _damage(setting: Setting, _: None) -> Floats:
    """(S,) USD that a state loses for each tonne that anybody emits."""
    share = damage_shares(
        setting.income, setting.world.population, setting["climate_poverty_elasticity"]
    )
    return np.asarray(setting["climate_carbon_cost"] * share)


@remembered(keep=1)
def _fuel(setting: Setting, _: None) -> Floats:
    """(S,) USD that a state gains by cheaper fuels for each tonne that anybody cuts."""
    sectors, trade = setting.world.sectors, setting.world.flows.copy()
    if sectors.exports.shape[1] != len(trade):
        return np.zeros(len(setting.axes.states))
    np.fill_diagonal(trade, 0.0)
    row = SECTORS.index("fuels")
    net = sectors.exports[row] * trade.sum(axis=1) - sectors.imports[row] * trade.sum(axis=0)
    total = float(baseline(setting, None, float(AIM_YEAR)).sum())
    return fuel_gain(net, setting["climate_fuel_response"], total)


@remembered(keep=1)
def _voters(setting: Setting, _: None) -> Floats:
    """(S,) USD that a tonne cut at home is worth to voters."""
    emitted = baseline(setting, None, float(AIM_YEAR))
    share = setting["climate_voters_share"] / 100.0
    return voters_worth(share, setting.world.polyarchy, setting.income, emitted)


@remembered(keep=1)
def _acts_for(setting: Setting, _: None) -> Floats:
    """(S,) USD that a tonne cut is worth to those for whom a state acts: itself, or its bloc."""
    own = _damage(setting, None) + _fuel(setting, None)
    found = own.copy()
    for members in setting.unions("climate").values():
        found[members] = own[members].sum()
    return found


@remembered(keep=1)
def in_own_interest(setting: Setting, _: None) -> Floats:
    """(S,) share of its emissions that each would cut whatever the others do."""
    at_home = setting["climate_side_benefit"] + _voters(setting, None)
    worth = at_home + _acts_for(setting, None)
    return best_cut(worth, slope(setting))


@remembered(keep=1)
def first_pledges(setting: Setting, _: None) -> Floats:
    """(S,) share that pledges take from the baseline of their year.

    Of those who are party to the Paris Agreement on the first day, and have pledged by then.
    """
    world, found = setting.world, np.zeros(len(setting.axes.states))
    if AGREEMENT not in setting.axes.organisations or not setting.is_on("climate_pledges"):
        return found
    for pledge in world.climate.pledges:
        found[pledge.states] = pledge.cut(baseline(setting, None, float(pledge.until)))
    return np.where(world.members(AGREEMENT, world.start), found, 0.0)


def pledges_kept(setting: Setting, state: State | Reading) -> Floats:
    """(S,) the same of those who still are."""
    pledged = first_pledges(setting, None)
    if not pledged.any():
        return np.asarray(pledged)
    is_party = state.is_member[setting.axes.organisation(AGREEMENT)]
    return np.where(is_party, pledged, 0.0)


def carried_out(setting: Setting, state: State | Reading) -> Floats:
    """(S,) what of them is carried out in the end: as far as that is in the state's own interest.

    Nobody is made to (Paris Agreement Art. 15).
    """
    own = in_own_interest(setting, None)
    return np.asarray(np.minimum(pledges_kept(setting, state), own))


def damage_avoided(setting: Setting, tonnes: Floats) -> Floats:
    """(S,) percent of annual income that cuts of (S,) million tonnes spare, in present value."""
    avoided = _damage(setting, None) * tonnes.sum() + setting["climate_side_benefit"] * tonnes
    return percent_of_income(avoided, setting.income)


def abatement_plan(setting: Setting, state: Reading, depth: Depth, most: float) -> AbatementPlan:
    """What a text on emissions does: cuts beyond pledges carried out and what is signed already.

    Parameters
    ----------
    depth, most
        See `sim.agreements.AbatementPlan`.
    """
    size = len(setting.axes.states)
    signed = [one.committed() for one in state.agreements]
    in_place = accumulate(EmissionCut, signed, carried_out(setting, state).copy(), size=size)
    return AbatementPlan(
        emissions=baseline(setting, None, float(AIM_YEAR)).copy(),
        in_place=np.minimum(in_place, 1.0),
        income=setting.income.copy(),
        damage=_damage(setting, None).copy(),
        side_benefit=np.full(size, setting["climate_side_benefit"]),
        acts_for=_acts_for(setting, None).copy(),
        slope=slope(setting),
        most=most,
        depth=depth,
        fuel=_fuel(setting, None).copy(),
        voters=_voters(setting, None).copy(),
    )
