"""How an organisation turns votes into a decision: every rule that a charter may name.

`DECISION_RULES` is the registry. A new rule is one decorated function in any module of this
package, an old one or a new one, which is found by itself; the contract tests then hold it to what
all rules promise.
"""

from __future__ import annotations

from sim.registry import import_modules
from sim.rules.decision.common import DECISION_RULES

__all__ = ["DECISION_RULES"]

import_modules(__name__, __path__)
