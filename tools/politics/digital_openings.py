"""How often talks on digital rules open, and between whom (see README.md here).

Calibrates `need_digital` on talks of two opened from 2019 to 2024, and tries who opens them, which
the rate says nothing about.
"""

from __future__ import annotations

import numpy as np
from estimate import area_under_curve
from items import Bools

from experiments.compose import compose
from sim.load import scenario_from, setting_for
from sim.mechanisms.forum_choice.areas import (
    Pairs,
    lacking,
    pairs_of,
    units_of,
)
from sim.model import initial_state
from sim.setting import Setting

YEARS = 6
# Agreements on digital trade alone, opened 2019-2024 by two units (public record, recalled).
OPENED = (
    "AUS SGP", "USA JPN", "KOR SGP", "GBR SGP", "GBR UKR", "DEU JPN", "DEU SGP", "DEU KOR",
)  # fmt: skip


def opened(setting: Setting, pairs: Pairs) -> Bools:
    """(U, U) pairs that opened talks, each once."""
    found = np.zeros(pairs.need.shape, dtype=bool)
    for names in OPENED:
        one, two = (pairs.units.unit[setting.axes.state(code)] for code in names.split())
        found[one, two] = found[two, one] = True
    return np.triu(found, 1)


def main() -> None:
    """Print the rate, and how well it is told who opens talks."""
    setting = setting_for(scenario_from(compose(["scenario=forum_choice"]).mapping), 1)
    state = initial_state(setting)
    state.step = 0
    pairs = pairs_of(setting, state, "digital")
    gain = pairs.gain if pairs.gain is not None else np.zeros(pairs.need.shape)
    those = opened(setting, pairs)
    # who has a text today because of these talks could have opened them
    pool = np.triu(lacking(state, units_of(setting, None, "digital"), "digital"), 1) | those
    print(f"pairs {pool.sum()}, opened {those.sum()} in {YEARS} years")
    print(f"need_digital {those.sum() / YEARS / pairs.need[pool].sum():.4f}")
    both, flows = pairs.own * pairs.own.T, gain * pairs.income[:, None]
    for name, score in (
        ("in use: chance that both would, times what both gain", pairs.need),
        ("chance that both would", both),
        ("what both gain", flows + flows.T),
        ("all alike", np.ones_like(both)),
    ):
        share = np.maximum(score[pool], 1e-300) / score[pool].sum()
        likely = float(np.log(share[those[pool]]).sum())
        area = area_under_curve(score[pool], those[pool])
        print(f"  {name}: area under the curve {area:.3f}, log likelihood {likely:.1f}")


if __name__ == "__main__":
    main()
