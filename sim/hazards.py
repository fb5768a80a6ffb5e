"""Hazards of conflict, for the mechanisms that draw and for negotiators who value rules.

Mechanisms and negotiators ask the same functions, so that a rule is worth what it changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from sim.kernels.bargaining import logistic
from sim.kernels.conflict import disputes, ladder
from sim.kernels.conflict.civil import Society
from sim.kernels.conflict.costs import trade_cost_factor
from sim.kernels.conflict.disputes import pair_traits
from sim.kernels.conflict.ladder import LEVELS, Durations
from sim.kernels.conflict.nuclear import (
    NuclearRates,
    NuclearStatus,
    Restraint,
    nuclear_transitions,
)
from sim.kernels.conflict.rates import coefficients
from sim.kernels.conflict.third_parties import Crisis, Mediated
from sim.memo import remembered
from sim.types import Bools, Floats, Ints

if TYPE_CHECKING:
    from sim.kernels.conflict.disputes import PairTraits
    from sim.setting import Setting

__all__ = [
    "NAMES",
    "YEARS_OF_CALM",
    "crisis_shares",
    "dispute_chances",
    "durations",
    "mediated_share",
    "nuclear_chances",
    "prices",
    "rates",
    "society",
    "traits",
]

C = TypeVar("C", bound=Any)

NAMES = ("none", *(level.name.lower() for level in LEVELS))
"""Names of the stages of a dispute, from 0 on."""
YEARS_OF_CALM = 5.0
"""For which a mediator adds to quiet (ICB: no new crisis within five years)."""


@remembered(keep=1)
def traits(setting: Setting, _: None) -> PairTraits:
    """The politically relevant pairs of the world and their traits."""
    world = setting.world
    return pair_traits(
        world.contiguity,
        world.is_rival,
        world.has_defence_pact,
        is_major_power=world.is_major_power,
        polyarchy=world.polyarchy,
        capability=world.cinc,
    )


@remembered(keep=1)
def society(setting: Setting, _: None) -> Society:
    """Income, population and democracy of all states at the start."""
    world = setting.world
    return Society(
        log_income=np.log(world.security.facts.gdp_per_head),
        log_population=np.log(world.population * 1000.0),
        polyarchy=world.polyarchy,
    )


def rates(setting: Setting, kind: type[C]) -> C:
    """The coefficients of a model, from the parameters of the run."""
    return coefficients(kind, setting)


def durations(setting: Setting) -> Durations:
    """Lengths by highest level, from the parameters."""
    median, mean = (
        tuple(setting[f"dispute_duration_{kind}_{name}"] for name in NAMES[1:])
        for kind in ("median", "mean")
    )
    return Durations(median, mean)  # type: ignore[arg-type]


def prices(setting: Setting) -> tuple[Floats, Floats]:
    """(5,) rise of trade costs and (5,) percent of income lost a year, by stage."""
    fall = np.array([0.0, *(setting[f"conflict_trade_fall_{name}"] for name in NAMES[1:])])
    loss = np.array([0.0, *(setting[f"conflict_income_loss_{name}"] for name in NAMES[1:])])
    return trade_cost_factor(fall, setting["trade_elasticity"]) - 1.0, loss


def dispute_chances(
    setting: Setting,
    years: Floats,
    calm: Bools | Floats,
    shift_onset: Floats,
    shift_force: Floats,
) -> tuple[Floats, Floats]:
    """What relevant pairs are about to fall into.

    Parameters
    ----------
    years
        (P,) years since the last dispute, negative without one.
    calm
        (P,) whether a mediator's work still holds, or the chance that it does.
    shift_onset, shift_force
        (P,) logits that rules add to a new dispute, and to its coming to force.

    Returns
    -------
    (P,) chance of a new dispute in the quarter, and (P, 4) shares of its highest level.
    """
    pairs, onset, force = traits(setting, None), rates(setting, disputes.Onset), disputes.Force
    chance = disputes.onset_per_quarter(
        onset.index(pairs),
        disputes.memory_of(np.where(years < 0, np.inf, years)),
        weight=onset.memory,
        shift=shift_onset - _quiet(setting, years, calm),
    )
    shares = ladder.level_shares(
        rates(setting, force).chance(pairs, shift_force),
        threat_below_force=setting["dispute_threat_below_force"],
        war_of_force=setting["dispute_war_of_force"],
    )
    return chance, shares


def crisis_shares(setting: Setting) -> Floats:
    """(5,) share of disputes that are crises, by highest stage."""
    below = setting["dispute_crisis_below_force"]
    return np.array([0.0, below, below, setting["dispute_crisis_force"], 1.0])


def mediated_share(setting: Setting, shift: Floats | float = 0.0) -> Floats:
    """(P,) share of relevant pairs' disputes that find a mediator, with logits that rules add."""
    pairs = traits(setting, None)
    one = np.ones(pairs.i.size)
    actors = setting["crisis_actors"] * one
    crisis = Crisis(clashes=one, serious=0 * one, protracted=pairs.rivalry, actors=actors)
    chance = logistic(rates(setting, Mediated).index(crisis) + shift)
    return np.asarray(setting["dispute_crisis_force"] * chance)


def _quiet(setting: Setting, years: Floats, calm: Bools | Floats) -> Floats:
    """(P,) logits that mediation takes from a new dispute within five years of the last.

    The estimate of onset is a mean over disputes with and without a mediator, so that those without
    are likelier to fall out again by as much as their share makes up for.
    """
    share = mediated_share(setting) * ((years >= 0) & (years < YEARS_OF_CALM))
    return np.asarray(setting["crisis_quiet_mediated"] * (calm - share))


def nuclear_chances(setting: Setting, status: Ints, shift: Floats | float = 0.0) -> Floats:
    """(S, 4, 4) chances of each nuclear status after the quarter, from the status before.

    Parameters
    ----------
    status
        (S,) values of `NuclearStatus`, from which follows who has a nuclear rival.
    shift
        (S,) logs of the ratio that rules put on the steps up beside those of the first day.
    """
    world, facts = setting.world, setting.world.security.facts
    return nuclear_transitions(
        Restraint(
            has_nuclear_rival=(world.is_rival @ (status >= NuclearStatus.PURSUE)) > 0,
            proficiency=facts.proficiency,
            has_umbrella=facts.has_umbrella,
            in_zone=facts.in_zone,
            is_inspected=world.security.parties("inspection"),
            further=shift,
        ),
        rates(setting, NuclearRates),
    )
