"""What a state thinks of a proposal: the acceptance utility estimated on the agreements of 2020."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.streams import stream

if TYPE_CHECKING:
    from sim.issues.menu import Menu
    from sim.setting import Setting
    from sim.state import State

__all__ = [
    "Taste",
    "acceptance_utility",
    "draw_taste",
    "gain_utility",
    "partner_term",
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


def gain_utility(setting: Setting, gain: Floats) -> Floats:
    """`acceptance_utility` with the parameters in use: with or without state effects."""
    return acceptance_utility(gain, _coefficient(setting, "gain"), setting["acceptance_half_gain"])


def partner_term(setting: Setting, partners: Bools) -> Floats:
    """Mean over new partners of what democracy, alliance and (if set) distance add.

    Parameters
    ----------
    partners
        (S, S) bool, [i, j] when j would be a new partner of i.

    Returns
    -------
    (S,) logits, 0 for states without new partners.
    """
    if "pair term" not in setting.memo:
        setting.memo["pair term"] = _pair_term(setting)
    pair: Floats = setting.memo["pair term"]
    total = np.asarray((pair * partners).sum(axis=1))
    return np.asarray(total / np.maximum(partners.sum(axis=1), 1))


def _pair_term(setting: Setting) -> Floats:
    """(S, S) logits that partner j adds to the utility of i."""
    world = setting.world
    covariates = {
        "lower_polyarchy": np.minimum.outer(world.polyarchy, world.polyarchy),
        "defence_pact": world.has_defence_pact.astype(float),
        "ideal_distance": np.abs(np.subtract.outer(world.ideal_point, world.ideal_point)),
        "rivalry": world.is_rival.astype(float),
        "own_tariff": np.repeat(world.mfn[:, None] * 100.0, world.mfn.size, axis=1),
    }
    total: Floats = np.zeros(world.has_agreement.shape)
    for name, covariate in covariates.items():
        total += _coefficient(setting, name) * covariate
    return total


def standing_utility(
    setting: Setting, state: State, gain: Floats, partners: Floats, red_lines: Floats
) -> Floats:
    """Utility in logits without noise, for gains (…, S) in percent of annual income.

    V = coefficient · asinh(gain / k) + constant + partner term + opened-table shift
    + state effect + leader orientation − red lines (`docs/odd.md`, section on acceptance).

    Parameters
    ----------
    gain, red_lines
        (…, S) gains over no agreement, and strength of the red lines crossed.
    partners
        (S,) from `partner_term`.
    """
    value = gain_utility(setting, gain)
    fixed = _coefficient(setting, "constant") + setting["acceptance_opened_table"] + partners
    if setting.is_on("state_effects"):
        fixed = fixed + setting.state_effects
    if setting.is_on("orientation"):
        fixed = fixed + setting["acceptance_orientation"] * state.orientation
    value = value + fixed
    if setting.is_on("red_lines"):
        value = value - setting["red_line_penalty"] * red_lines
    return value


def systematic_utility(setting: Setting, state: State, menu: Menu) -> Floats:
    """(M, S) logits: `standing_utility` of each proposal; 0 where nothing is asked of a state."""
    value = standing_utility(setting, state, menu.gain, menu.partner_term, menu.red_lines)
    return np.where(menu.has_obligation, value, 0.0)


def _coefficient(setting: Setting, name: str) -> float:
    """The coefficient of the variant in use: with or without state effects."""
    kind = "acceptance_re_" if setting.is_on("state_effects") else "acceptance_"
    return setting[kind + name]


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
