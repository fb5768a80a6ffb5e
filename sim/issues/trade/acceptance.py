"""What states make of a trade agreement beside its gain, as estimated on the agreements of 2020."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.memo import remembered

if TYPE_CHECKING:
    from sim.setting import Setting

__all__ = ["coefficient", "pair_term"]

Floats = NDArray[np.float64]


def coefficient(setting: Setting, name: str) -> float:
    """The coefficient of the variant in use: with or without state effects."""
    kind = "acceptance_re_" if setting.is_on("state_effects") else "acceptance_"
    return setting[kind + name]


@remembered(keep=1)
def pair_term(setting: Setting, _: None) -> Floats:
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
        total += coefficient(setting, name) * covariate
    return total
