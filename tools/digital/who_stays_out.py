"""Who is least willing to join the WTO text on electronic commerce, by what is known of all.

What comes of the talks is played by ``concord hindcast episodes tools/digital/episodes``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from experiments.case_files import read_cases
from experiments.compose import compose
from experiments.episodes import Episode
from sim.behaviour.parties import seat_parties
from sim.behaviour.utility import systematic_utility
from sim.engine import open_model
from sim.forum import body
from sim.issues import areas

CASE = Path(__file__).parent / "episodes" / "wto_joint_statement.yaml"


def main() -> None:
    """Print the least willing parties, and how far those who stayed out are among them."""
    (case,) = read_cases(Episode, [str(CASE)])
    model = open_model(case.scenario(compose([])), 1)
    model.step()
    setting, state = model.setting, model.state
    forum = body(setting, case.body, "digital")
    members = forum.members(setting, state)
    (item,) = setting.charter(case.body).docket.values()
    menu = areas()["digital"].menu(setting, state, forum, item, members)
    parties = seat_parties(setting, state, forum, members)
    whole = max(range(len(menu.proposals)), key=lambda m: menu.effects[m][0].share)
    value = parties.mean(systematic_utility(setting, state, menu)[whole], setting.income)
    gain = parties.mean(menu.value.gain[whole], setting.income)
    out = np.isin(parties.codes, case.history.stayed_out)
    order = np.argsort(value)
    print("least willing:", " ".join(parties.codes[n] for n in order[:12]))
    print("stayed out, rank:", {parties.codes[n]: int(np.flatnonzero(order == n)[0]) + 1
                                for n in np.flatnonzero(out)}, "of", len(order))  # fmt: skip
    for name, score in (("utility", value), ("gain", gain), ("size", -parties.income)):
        below = (score[out][:, None] < score[~out]).mean()
        ties = (score[out][:, None] == score[~out]).mean()
        print(
            f"chance that one who stayed out ranks below another, by {name}: {below + ties / 2:.2f}"
        )


if __name__ == "__main__":
    main()
