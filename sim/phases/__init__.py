"""The step: what happens in a quarter, in which order, and who may read and write what.

The order is a modelling decision, stated once here; ``concord show phases`` prints it. A mechanism
brings its phases, and their place is given here.
"""

from __future__ import annotations

from sim.mechanisms.civil import CIVIL, COUPS
from sim.mechanisms.compliance import COMPLIANCE
from sim.mechanisms.diffusion import DIFFUSION
from sim.mechanisms.discontent import DISCONTENT
from sim.mechanisms.disputes import ONSET, SETTLEMENT
from sim.mechanisms.emissions import EMISSIONS
from sim.mechanisms.epidemics import EPIDEMICS
from sim.mechanisms.forum_choice import FORUM_CHOICE
from sim.mechanisms.leaders import LEADER_DUES, LEADER_WITHDRAWALS, LEADERS
from sim.mechanisms.membership import ENLARGEMENT, STANDING, WITHDRAWAL
from sim.mechanisms.missions import MISSIONS
from sim.mechanisms.nuclear import ARMS, NUCLEAR
from sim.mechanisms.renegotiation import RENEGOTIATION, REVISION
from sim.mechanisms.sanctions import SANCTIONS
from sim.mechanisms.scrutiny import SCRUTINY
from sim.mechanisms.third_parties import CIVIL_MEDIATION, THIRD_PARTIES
from sim.mechanisms.vitality import VITALITY
from sim.phase import Phase
from sim.phases.accession import ACCESSION
from sim.phases.assessment import ASSESSMENT
from sim.phases.economy import ECONOMY
from sim.phases.membership import MEMBERSHIP
from sim.phases.negotiation import NEGOTIATION
from sim.phases.ratification import RATIFICATION
from sim.phases.record import RECORD
from sim.phases.shocks import SHOCKS

__all__ = ["PHASES", "Phase"]

PHASES: tuple[Phase, ...] = (
    SHOCKS,
    # Who joins and who announces to leave, before membership carries it out and treaties follow.
    ENLARGEMENT,
    WITHDRAWAL,
    MEMBERSHIP,
    # Conflict before the economy, so that it is felt in the quarter: missions and mediators first,
    # to whom civil conflict looks; third parties between a dispute's rise and its end.
    MISSIONS,
    CIVIL_MEDIATION,
    CIVIL,
    COUPS,
    # After coups, which remove leaders, before anybody votes; imports are last quarter's.
    DISCONTENT,
    LEADERS,
    LEADER_WITHDRAWALS,
    LEADER_DUES,
    STANDING,
    NUCLEAR,
    ARMS,
    ONSET,
    THIRD_PARTIES,
    SETTLEMENT,
    # When it is known what of the quarter's conflict lasts; felt in the same quarter's trade.
    SANCTIONS,
    # By the bodies and agreements of the day, and felt in the quarter.
    EPIDEMICS,
    # On the conflicts and coups of the quarter, by those who may vote in it.
    SCRUTINY,
    # Before anybody looks at what binds in the quarter.
    REVISION,
    # Before anybody asks what a text is worth, and when it is known what has changed beside texts.
    ASSESSMENT,
    # Breaches are felt in the quarter in which they begin.
    COMPLIANCE,
    # By the pledges and agreements of the day; what they cost is felt in the quarter.
    EMISSIONS,
    ECONOMY,
    # By the agreements of the day; what is brought is taken up in the same quarter.
    FORUM_CHOICE,
    NEGOTIATION,
    # Before those who would leave do.
    RENEGOTIATION,
    RATIFICATION,
    ACCESSION,
    # After accession, so that a rule is seen with all who are bound by it; talks open next quarter.
    DIFFUSION,
    VITALITY,
    RECORD,
)
"""One quarter."""
