"""What a state thinks of a proposal: the acceptance utility in parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.issues.menu import utility_of_gain
from sim.kernels.compliance import distrust

if TYPE_CHECKING:
    from sim.issues.menu import Menu, Valuation
    from sim.setting import Setting
    from sim.state import State

__all__ = ["standing_utility", "systematic_utility", "utility_of_gain", "utility_parts"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def utility_parts(setting: Setting, state: State, value: Valuation) -> dict[str, Floats]:
    """The utility in logits without taste, in parts that add up to it.

    Of the shape of the gains (…, S) or (S,): ``constant``, ``gain``, those of the issue area (in
    trade ``democracy``, ``history``, ``depth``), ``state`` where estimated, ``leader``,
    ``red_lines``, and ``trust`` in the partners, which tables of votes add to the area's.
    `docs/odd.md`, section on acceptance. The constant alone in the null model in which states have
    no interests.
    """
    area = value.acceptance
    constant = np.full(value.gain.shape[-1], area.constant)
    if not setting.is_on("interests"):
        return {"constant": constant}
    parts = {
        "constant": constant,
        "gain": utility_of_gain(area, value.gain, value.reached),
        **value.parts,
    }
    if area.state is not None:
        parts["state"] = area.state
    if setting.is_on("orientation"):
        parts["leader"] = setting["acceptance_orientation"] * state.orientation
    if setting.is_on("red_lines"):
        parts["red_lines"] = -setting["red_line_penalty"] * value.red_lines
    if setting.is_on("trust_in_votes"):
        little = distrust(value.partners, setting.income, state.trust)
        parts["trust"] = -setting["acceptance_distrust"] * little
    return parts


def standing_utility(setting: Setting, state: State, value: Valuation) -> Floats:
    """Utility in logits without taste, of the shape of the gains (…, S): the sum of its parts."""
    utility = np.zeros(value.gain.shape)
    for part in utility_parts(setting, state, value).values():
        utility = utility + part
    return utility


def systematic_utility(setting: Setting, state: State, menu: Menu) -> Floats:
    """(M, S) logits: `standing_utility` of each proposal; 0 where nothing is asked of a state."""
    return np.where(menu.has_obligation, standing_utility(setting, state, menu.value), 0.0)
