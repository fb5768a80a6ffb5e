"""What a state thinks of a proposal: the acceptance utility, and the taste around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.streams import stream

if TYPE_CHECKING:
    from sim.issues.menu import Acceptance, Menu, Valuation
    from sim.setting import Setting
    from sim.state import State

__all__ = [
    "Taste",
    "acceptance_utility",
    "draw_taste",
    "gain_utility",
    "standing_utility",
    "systematic_utility",
]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def acceptance_utility(gain: Floats, coefficient: float, half_gain: float) -> Floats:
    """The part of the utility that follows from the gain alone.

    Parameters
    ----------
    gain
        Gain in percent of annual income relative to no agreement (any shape).
    coefficient
        Logits per unit of asinh(gain / half_gain).
    half_gain
        Percent of income at which the scale turns from linear to logarithmic.

    Returns
    -------
    Logits, of the same shape.

    Examples
    --------
    Gains and losses of one size weigh the same:

    >>> v = acceptance_utility(np.array([-0.1, 0.0, 0.1]), 0.61, 0.003)
    >>> bool(abs(v[0] + v[2]) < 1e-12), round(float(v[2]), 2)
    (True, 2.56)
    """
    return coefficient * np.arcsinh(gain / half_gain)


def gain_utility(acceptance: Acceptance, gain: Floats) -> Floats:
    """`acceptance_utility` with the coefficients of an area."""
    weighed = acceptance.weight * gain
    return acceptance_utility(weighed, acceptance.gain, acceptance.half_gain)


def standing_utility(setting: Setting, state: State, value: Valuation) -> Floats:
    """Utility in logits without noise, of the shape of the gains (…, S).

    V = coefficient · asinh(weight · gain / k) + constant + partner term + state effect
    + leader orientation − red lines (`docs/odd.md`, section on acceptance), with the coefficients
    of the issue area.
    """
    area = value.acceptance
    fixed = area.constant + value.partner_term
    if area.state is not None:
        fixed = fixed + area.state
    if setting.is_on("orientation"):
        fixed = fixed + setting["acceptance_orientation"] * state.orientation
    utility = gain_utility(area, value.gain) + fixed
    if setting.is_on("red_lines"):
        utility = utility - setting["red_line_penalty"] * value.red_lines
    return utility


def systematic_utility(setting: Setting, state: State, menu: Menu) -> Floats:
    """(M, S) logits: `standing_utility` of each proposal; 0 where nothing is asked of a state."""
    return np.where(menu.has_obligation, standing_utility(setting, state, menu.value), 0.0)


@dataclass(frozen=True)
class Taste:
    """Noise in logits: what stays with state and item (S,), and what each meeting draws anew."""

    lasting: Floats
    passing_scale: Floats

    def at(self, setting: Setting, name: str, step: int, meeting: int) -> Floats:
        """(S,) taste at one meeting of a quarter.

        Parameters
        ----------
        name
            Code of the item, which names the stream.
        """
        draws = stream(setting.seed, f"vote/{name}/{meeting}", step).logistic(
            size=self.lasting.size
        )
        return self.lasting + self.passing_scale * draws


def draw_taste(setting: Setting, name: str, is_global: bool) -> Taste:
    """The taste of all states for one item.

    The logistic noise of the estimates is split into a lasting and a passing part that add up to
    its variance; it is wider in a distant forum (H2).
    """
    size = len(setting.axes.states)
    scale = setting["noise_scale"] * (setting["noise_global_factor"] if is_global else 1.0)
    share = setting["noise_lasting_share"] if setting.is_on("persistent_taste") else 0.0
    draws = stream(setting.seed, f"taste/{name}").logistic(size=size)
    return Taste(
        lasting=scale * np.sqrt(share) * draws,
        passing_scale=np.full(size, scale * np.sqrt(1.0 - share)),
    )
