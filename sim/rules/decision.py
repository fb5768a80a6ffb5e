"""How an organisation turns votes into a decision: every rule that a charter may name.

`DECISION_RULES` is the registry. A new rule is one decorated function in one of the modules below;
the contract tests then hold it to what all rules promise.
"""

from __future__ import annotations

from sim.rules.decision_common import DECISION_RULES
from sim.rules.decision_consensus import (
    asean_way,
    consensus,
    consensus_minus,
    single_undertaking,
    unanimity,
)
from sim.rules.decision_majority import (
    double_majority,
    majority_with_vetoes,
    qualified_majority,
    simple_majority,
    weighted_majority,
)
from sim.rules.decision_partial import enhanced_cooperation, partial_adoption

__all__ = [
    "DECISION_RULES",
    "asean_way",
    "consensus",
    "consensus_minus",
    "double_majority",
    "enhanced_cooperation",
    "majority_with_vetoes",
    "partial_adoption",
    "qualified_majority",
    "simple_majority",
    "single_undertaking",
    "unanimity",
    "weighted_majority",
]
