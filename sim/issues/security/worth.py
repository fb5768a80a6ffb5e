"""What a rule on security saves: chance × loss, by the hazards that the mechanisms draw from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import HAZARDS, HazardEffect, accumulate
from sim.hazards import dispute_chances, durations, nuclear_chances, prices, traits
from sim.kernels.conflict.costs import expected_income_loss
from sim.kernels.conflict.nuclear import NuclearStatus
from sim.types import Floats

if TYPE_CHECKING:
    from sim.memo import Reading
    from sim.setting import Setting

__all__ = ["income_saved_by"]

DAYS_A_YEAR = 365.25
QUARTERS = 4


def income_saved_by(
    setting: Setting, state: Reading, shifts: tuple[tuple[str, float], ...]
) -> Floats:
    """What a rule that binds all states would save each of them by each of the others.

    Parameters
    ----------
    shifts
        Hazards, and the logits that the rule adds to them.

    Returns
    -------
    (S, S) percent of its annual income that state i saves by the rule's binding it and j. Nothing
    where the mechanism concerned is off.
    """
    signed = [one.committed() for one in state.agreements]
    before = accumulate(HazardEffect, signed, size=len(setting.axes.states))
    after = before.copy()
    for hazard, logits in shifts:
        after[HAZARDS.index(hazard)] += logits
    saved = np.zeros(before.shape[1:])
    if any(hazard.startswith("dispute") for hazard, _ in shifts) and setting.is_on("disputes"):
        saved += _by_disputes(setting, state, before) - _by_disputes(setting, state, after)
    if any(hazard == "nuclear" for hazard, _ in shifts) and setting.is_on("nuclear"):
        saved += _by_arsenals(setting, state, before) - _by_arsenals(setting, state, after)
    return saved


def _by_disputes(setting: Setting, state: Reading, shift: Floats) -> Floats:
    """(S, S) percent of annual income that i expects to lose a year by disputes with j."""
    if not setting.is_on("dispute_costs"):
        return np.zeros(shift.shape[1:])
    pairs, block = traits(setting, None), state.disputes
    at = pairs.i, pairs.j
    chance, shares = dispute_chances(
        setting,
        block.years_since[at],
        block.calm[at] > 0,
        shift[HAZARDS.index("dispute_onset")][at],
        shift[HAZARDS.index("dispute_force")][at],
    )
    burden, loss = (each[1:] for each in prices(setting))
    years = np.array(durations(setting).mean) / DAYS_A_YEAR
    income = QUARTERS * expected_income_loss(chance, shares, years, loss)
    # What is left of the rise of trade costs goes by half, so that it holds on for half-life/ln 2.
    after = setting["conflict_trade_recovery"] / np.log(2.0)
    trade = QUARTERS * expected_income_loss(chance, shares, years + after, burden)
    share = _trade_share(setting)
    found = np.zeros(shift.shape[1:])
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
    world, inspected = setting.world, setting.world.security.parties("inspection")
    status = state.nuclear.status
    ratio = np.diagonal(shift[HAZARDS.index("nuclear")])
    quarters = round(QUARTERS * setting["security_horizon"])
    chance = np.linalg.matrix_power(nuclear_chances(setting, status, inspected, ratio), quarters)
    seeks = chance[np.arange(status.size), status, NuclearStatus.PURSUE :].sum(axis=1)
    return np.asarray(setting["security_rival_arsenal_loss"] * world.is_rival * seeks[None, :])
