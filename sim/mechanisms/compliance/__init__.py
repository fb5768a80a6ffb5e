"""Whether parties keep agreements: breach, answer by the body's means, return, trust."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.columns import COUNT, NUMBER, Measure
from sim.events import EventKind
from sim.fields import Field
from sim.kernels.compliance import FORMS
from sim.mechanism import Mechanism
from sim.mechanisms.compliance.phase import COMPLIANCE, Breach
from sim.records import Record
from sim.switches import Switch

if TYPE_CHECKING:
    from sim.setting import Setting
    from sim.state import State

__all__ = ["COMPLIANCE", "MECHANISM"]


def _by_state(_: Setting, state: State) -> Any:
    where = [one.state for one in state.compliance.breaches]
    return np.bincount(np.array(where, dtype=np.int64), minlength=state.orientation.size)


MECHANISM = Mechanism(
    name="compliance",
    meaning="parties breach agreements, are answered as their bodies allow, and return",
    source="Guzman 2008; charters for the form of enforcement; sizes assumed",
    fields=(
        Field("tariff", ("S", "S"), "fraction", "tariffs of breaches and answers to them",
              low=0, part_of="extra_tariff"),
    ),
    records=(Record("breaches", Breach, "agreements that a party does not keep"),),
    switches=(
        Switch("compliance", "parties may breach agreements, and are answered", default=False),
        Switch("trust_in_votes", "who has breached is a partner less liked", default=False),
    ),
    parameters=(
        *(f"breach_returns_{form}" for form in FORMS),
        *(f"breach_{n}" for n in ("rate", "deterrence", "leader", "reputation", "gain")),
        "breach_answer_years", "breach_tariff", "trust_loss", "trust_recovery",
    ),
    columns={
        "states": (
            Measure("breaches", COUNT, "agreements", "agreements that it breaches", _by_state),
            Measure("trust", NUMBER, "share", "trust that it keeps agreements",
                    lambda _, s: s.trust),
        ),
        "summary": (
            Measure("breaches", COUNT, "breaches", "breaches that go on",
                    lambda _, s: len(s.compliance.breaches)),
            Measure("answered_breaches", COUNT, "breaches", "those that others have answered",
                    lambda _, s: sum(one.is_answered for one in s.compliance.breaches)),
        ),
    },
    events=(
        EventKind("breach", "state", "a party stopped keeping an agreement"),
        EventKind("compliance_restored", "state", "it keeps it again", "years of breach"),
        EventKind("agreement_suspended", "", "an agreement rests: too few keep it"),
        EventKind("agreement_resumed", "", "it is in force again"),
    ),
    phases=(COMPLIANCE,),
)  # fmt: skip
