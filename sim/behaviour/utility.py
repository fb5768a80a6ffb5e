"""What a state thinks of a proposal: the acceptance utility in parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.kernels.acceptance import gain_utility

if TYPE_CHECKING:
    from sim.issues.menu import Acceptance, Menu, Valuation
    from sim.setting import Setting
    from sim.state import State

__all__ = ["standing_utility", "systematic_utility", "utility_of_gain", "utility_parts"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def utility_of_gain(area: Acceptance, gain: Floats, reached: Floats) -> Floats:
    """What a gain is worth in logits, on top of what is in place already.

    Parameters
    ----------
    gain
        Percent of annual income (any shape).
    reached
        What is in place, as a multiple of what the proposal adds: its gain counts as having been
        that multiple of the proposal's. 0 where nothing is in place.

    Examples
    --------
    More of what is there already is worth less:

    >>> from sim.issues.menu import Acceptance
    >>> area, gain = Acceptance(gain=0.42, half_gain=0.03), np.array([0.1, 0.1])
    >>> utility_of_gain(area, gain, np.array([0.0, 2.0])).round(2).tolist()
    [0.81, 0.17]
    """
    weighed = area.weight * gain
    before = gain_utility(weighed * reached, area.gain, area.half_gain)
    return gain_utility(weighed * (1.0 + reached), area.gain, area.half_gain) - before


def utility_parts(setting: Setting, state: State, value: Valuation) -> dict[str, Floats]:
    """The utility in logits without taste, in parts that add up to it.

    Of the shape of the gains (…, S) or (S,): ``constant``, ``gain``, those of the issue area (in
    trade ``democracy``, ``history``, ``depth``), ``state`` where estimated, ``leader``,
    ``red_lines``. `docs/odd.md`, section on acceptance. The constant alone in the null model in
    which states have no interests.
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
