"""What hazards of conflict follow from: fixed traits, estimates, and rules in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from sim.agreements import HAZARDS, HazardEffect, accumulate
from sim.kernels.conflict.civil import Society
from sim.kernels.conflict.disputes import pair_traits
from sim.kernels.conflict.rates import coefficients
from sim.memo import remembered
from sim.types import Floats

if TYPE_CHECKING:
    from sim.kernels.conflict.disputes import PairTraits
    from sim.setting import Setting
    from sim.state import State

__all__ = ["hazard_shift", "rates", "society", "traits"]

C = TypeVar("C", bound=Any)


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


def hazard_shift(setting: Setting, state: State, hazard: str) -> Floats:
    """(S, S) logits that agreements in force add to a hazard."""
    bound = [one.current(state.step, 0.0) for one in state.agreements]
    total = accumulate(HazardEffect, bound, size=len(setting.axes.states))
    return np.asarray(total[HAZARDS.index(hazard)])
