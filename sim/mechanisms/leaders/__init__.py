"""Leaders leave by regime and years in office, and successors stand elsewhere."""

from __future__ import annotations

import numpy as np

from sim.columns import COUNT, NUMBER, WORD, Measure
from sim.fields import Field
from sim.kernels.leaders import EXITS
from sim.mechanism import Mechanism
from sim.mechanisms.leaders.dues import LEADER_DUES
from sim.mechanisms.leaders.exits import LEADER_WITHDRAWALS
from sim.mechanisms.leaders.facts import first_tenure
from sim.mechanisms.leaders.phase import IRREGULAR, LEADERS
from sim.mechanisms.leaders.shocks import LeaderShock
from sim.switches import Switch

__all__ = ["LEADERS", "LEADER_DUES", "LEADER_WITHDRAWALS", "MECHANISM"]

MECHANISM = Mechanism(
    name="leaders",
    meaning="leaders leave by regime and years in office, and successors stand elsewhere",
    source="Archigos 4.1, 1960-2000 (Goemans, Gleditsch & Chiozza 2009); V-Party 2",
    fields=(
        Field("tenure", ("S",), "years", "years that the leader has been in office", low=0,
              initial=first_tenure),
        Field("since", ("S",), "step", "quarter of the last leader by a dated event, -1 if none",
              np.int64, -1, initial=-1),
        Field("secure_until", ("S",), "step",
              "quarter to which a dated event keeps the leader in office, -1 if none",
              np.int64, initial=-1),
        Field("left", ("S",), "code",
              "how a leader left in the quarter: 0 none, 1 regular, 2 irregular, 3 death",
              np.int64, 0, 3),
        Field("withheld", ("O", "S"), "share", "dues that a member's leader withholds",
              low=0, high=1, part_of="arrears"),
    ),
    switches=(
        Switch("leaders", "leaders leave by what is known and by chance, successors differ"),
        Switch("leader_withdrawals", "nationalist leaders leave organisations", default=False),
        Switch("leader_dues", "nationalist leaders withhold dues", default=False),
    ),
    parameters=(
        "leader_exit_factor", "leader_persistence", "leader_spread", "leader_discontent",
        "leader_irregular_by_coup", "leader_withdrawal", "leader_withdrawal_base",
        "leader_dues",
    ),
    columns={
        "states": (
            Measure("leader_tenure", NUMBER, "years", "years that the leader has been in office",
                    lambda _, s: s.leaders.tenure),
            Measure("leader_exit", WORD, "", "how a leader left in the quarter",
                    lambda _, s: [EXITS[code] for code in s.leaders.left]),
        ),
        "summary": (
            Measure("leader_exits", COUNT, "leaders", "leaders who left in the quarter",
                    lambda _, s: int((s.leaders.left > 0).sum())),
            Measure("irregular_exits", COUNT, "leaders", "the irregular ones among them",
                    lambda _, s: int((s.leaders.left == IRREGULAR).sum())),
            Measure("mean_orientation", NUMBER, "sd", "mean orientation of leaders, by income",
                    lambda setting, s: float(np.average(s.orientation, weights=setting.income))),
        ),
    },
    shocks=(LeaderShock,),
    phases=(LEADERS, LEADER_WITHDRAWALS, LEADER_DUES),
)  # fmt: skip
