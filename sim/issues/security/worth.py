"""What a rule on security saves: chance × loss, by the hazards that the mechanisms draw from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import HAZARDS
from sim.hazards import (
    YEARS_OF_CALM,
    dispute_chances,
    durations,
    mediated_share,
    nuclear_chances,
    prices,
    traits,
)
from sim.kernels.conflict.arms import rival_weights
from sim.kernels.conflict.costs import expected_income_loss
from sim.kernels.conflict.nuclear import NuclearStatus
from sim.restraints import shift_if_signed
from sim.types import Floats, Ints

if TYPE_CHECKING:
    from sim.memo import Reading
    from sim.setting import Setting

__all__ = ["income_saved_by"]

DAYS_A_YEAR = 365.25
QUARTERS = 4
MILLIONS_PER_BILLION = 1000.0


def income_saved_by(setting: Setting, state: Reading, rule: str, level: float) -> Floats:
    """What a rule that binds all states would save each of them by each of the others.

    Parameters
    ----------
    rule, level
        Kind of rule, and how far it goes (1 = the whole of it).

    Returns
    -------
    (S, S) percent of its annual income that state i saves by the rule's binding it and j. Nothing
    where the mechanism concerned is off, or where as much is in force already.
    """
    before, after = shift_if_signed(setting, state), shift_if_signed(setting, state, rule, level)
    saved = np.zeros(before.shape[1:])
    acts = {hazard for n, hazard in enumerate(HAZARDS) if (after[n] != before[n]).any()}
    of_disputes = setting.is_on("disputes") and setting.is_on("dispute_costs")
    if acts & {"dispute_onset", "dispute_force"} and of_disputes:
        saved += _by_disputes(setting, state, before) - _by_disputes(setting, state, after)
    if "third_party" in acts and of_disputes and setting.is_on("mediation"):
        saved += _by_relapses(setting, state, before) - _by_relapses(setting, state, after)
    if "nuclear" in acts and setting.is_on("nuclear"):
        saved += _by_arsenals(setting, state, before) - _by_arsenals(setting, state, after)
    if "arms" in acts and setting.is_on("arms"):
        saved += _by_rivals_spending(setting, before) - _by_rivals_spending(setting, after)
    return saved


def _by_disputes(setting: Setting, state: Reading, shift: Floats) -> Floats:
    """(S, S) percent of annual income that i expects to lose a year by disputes with j."""
    block, at = state.disputes, _pairs(setting)
    chance, shares = dispute_chances(
        setting, block.years_since[at], block.calm[at] > 0, *_shifts_of_disputes(shift, at)
    )
    return _between(setting, _yearly_loss(setting, chance, shares))


def _by_relapses(setting: Setting, state: Reading, shift: Floats) -> Floats:
    """(S, S) percent of annual income that i expects to lose by disputes that follow on one with j.

    A mediator makes the five years after a dispute quieter. Valued at the middle of such years, by
    the chance that the pair is in one.
    """
    block, at = state.disputes, _pairs(setting)
    by = _shifts_of_disputes(shift, at)
    first, _ = dispute_chances(setting, block.years_since[at], block.calm[at] > 0, *by)
    mediated = mediated_share(setting, shift[HAZARDS.index("third_party")][at])
    since = np.full(first.size, 0.5 * YEARS_OF_CALM)
    again, shares = dispute_chances(setting, since, mediated, *by)
    loss = _yearly_loss(setting, again, shares)
    is_after = 1.0 - (1.0 - first) ** (QUARTERS * YEARS_OF_CALM)
    return _between(setting, tuple(is_after * part for part in loss))


def _pairs(setting: Setting) -> tuple[Ints, Ints]:
    pairs = traits(setting, None)
    return pairs.i, pairs.j


def _shifts_of_disputes(shift: Floats, at: tuple[Ints, Ints]) -> tuple[Floats, Floats]:
    """(P,) logits that rules add to a new dispute, and to its coming to force."""
    onset, force = (shift[HAZARDS.index(name)][at] for name in ("dispute_onset", "dispute_force"))
    return onset, force


def _yearly_loss(setting: Setting, chance: Floats, shares: Floats) -> tuple[Floats, Floats]:
    """(P,) percent of income lost a year, and of the trade of the two."""
    burden, loss = (each[1:] for each in prices(setting))
    years = np.array(durations(setting).mean) / DAYS_A_YEAR
    income = QUARTERS * expected_income_loss(chance, shares, years, loss)
    # What is left of the rise of trade costs goes by half, so that it holds on for half-life/ln 2.
    after = setting["conflict_trade_recovery"] / np.log(2.0)
    return income, QUARTERS * expected_income_loss(chance, shares, years + after, burden)


def _between(setting: Setting, loss: tuple[Floats, ...]) -> Floats:
    """(S, S) what i loses by j, from the losses of income and of trade of each pair."""
    income, trade = loss
    at, share = _pairs(setting), _trade_share(setting)
    found = np.zeros(share.shape)
    found[at] = income + trade * share[at]
    found[at[::-1]] = income + trade * share[at[::-1]]
    return found


def _trade_share(setting: Setting) -> Floats:
    """(S, S) mean of exports to and imports from j, in percent of the income of i.

    To first order, what a rise of the pair's trade costs takes from its income.
    """
    flows = setting.economy.flows
    both = 0.5 * (flows + flows.T)
    return np.asarray(100.0 * both / np.maximum(setting.income, 1e-12)[:, None])


def _by_arsenals(setting: Setting, state: Reading, shift: Floats) -> Floats:
    """(S, S) percent of annual income that i is ready to give for j's having sought no weapons.

    The chance that a rival has or seeks weapons after some years, by the transitions of the run,
    times what a state would pay not to face it. No mechanism takes that from income.
    """
    world, status = setting.world, state.nuclear.status
    ratio = np.diagonal(shift[HAZARDS.index("nuclear")])
    quarters = round(QUARTERS * setting["security_horizon"])
    chance = np.linalg.matrix_power(nuclear_chances(setting, status, ratio), quarters)
    seeks = chance[np.arange(status.size), status, NuclearStatus.PURSUE :].sum(axis=1)
    return np.asarray(setting["security_rival_arsenal_loss"] * world.is_rival * seeks[None, :])


def _by_rivals_spending(setting: Setting, shift: Floats) -> Floats:
    """(S, S) percent of annual income that i spends more, at rest, because its rival j does.

    By Richardson's reaction: nothing where spending does not react to rivals.
    """
    world = setting.world
    milex = np.nan_to_num(world.milex)
    burden = 100.0 * milex / MILLIONS_PER_BILLION / np.maximum(setting.income, 1e-12)
    answer = setting["arms_reaction"] / setting["arms_fatigue"]
    at_rest = np.diagonal(shift[HAZARDS.index("arms")])
    weights = rival_weights(world.is_rival, milex)
    return np.asarray(burden[:, None] * answer * weights * np.expm1(at_rest)[None, :])
