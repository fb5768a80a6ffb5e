"""What happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

__all__ = ["Event"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened on a day, with who did it and why."""

    step: int
    date: date
    kind: str
    actor: str = ""
    target: str = ""
    organisation: str = ""
    agreement: str = ""
    item: str = ""
    value: float = float("nan")
    reason: str = ""
