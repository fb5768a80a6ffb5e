"""The step: what happens in a quarter, in which order, and who may write what.

The order is a modelling decision, stated once here; `concord timeline` prints it.
"""

from __future__ import annotations

from sim.phases.accession import ACCESSION
from sim.phases.base import Phase
from sim.phases.economy import ECONOMY
from sim.phases.membership import MEMBERSHIP
from sim.phases.negotiation import NEGOTIATION
from sim.phases.ratification import RATIFICATION
from sim.phases.record import RECORD
from sim.phases.shocks import SHOCKS
from sim.phases.vitality import VITALITY

__all__ = ["PHASES", "Phase"]

PHASES: tuple[Phase, ...] = (
    SHOCKS,
    MEMBERSHIP,
    ECONOMY,
    NEGOTIATION,
    RATIFICATION,
    ACCESSION,
    VITALITY,
    RECORD,
)
"""One quarter."""
