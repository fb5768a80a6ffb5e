"""The registry of agenda rules, what such a rule sees and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sim.registry import Registry
from sim.types import Floats

__all__ = ["AGENDA_RULES", "Agenda", "AgendaRule", "Chair"]


@dataclass(frozen=True)
class Agenda:
    """What an agenda rule sees.

    Attributes
    ----------
    codes
        (P,) codes of the parties, in their fixed order.
    income
        (P,) bn USD a year.
    utility
        (M, P) utilities of M proposals in logits over no agreement, without taste.
    n_accepting
        (M,) parties expected to accept.
    turn
        Quarters since the start of the run (a chair sits for `chair_quarters`).
    """

    codes: tuple[str, ...]
    income: Floats
    utility: Floats
    n_accepting: Floats
    turn: int


@dataclass(frozen=True)
class Chair:
    """Who chairs and how the chair ranks the proposals: (M,) scores, larger is better."""

    code: str
    score: Floats


AgendaRule = Callable[[Agenda], Chair]
AGENDA_RULES: Registry[Callable[..., Chair]] = Registry("agenda rule")
