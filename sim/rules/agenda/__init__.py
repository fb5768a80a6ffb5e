"""Who chairs a negotiation, and by what criterion the chair chooses what to table.

`AGENDA_RULES` is the registry. A new rule is one decorated function in any module of this package,
which is found by itself.
"""

from __future__ import annotations

from sim.registry import import_modules
from sim.rules.agenda.common import AGENDA_RULES, Agenda, AgendaRule, Chair

__all__ = ["AGENDA_RULES", "Agenda", "AgendaRule", "Chair"]

import_modules(__name__, __path__)
