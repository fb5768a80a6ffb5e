"""What a phase is."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["EVERYTHING", "Phase"]

EVERYTHING = "*"
"""Stands among what a phase reads for all fields and records, those of mechanisms included."""


@dataclass(frozen=True)
class Phase:
    """One part of the step.

    Attributes
    ----------
    name, meaning, source
        Shown when the plan is printed.
    reads
        Fields and records that what it does follows from, a mechanism's as ``name.field``.
    writes
        Fields and records that it may change; any other write stops the run.
    run
        ``run(setting, state, log)``.
    """

    name: str
    meaning: str
    source: str
    reads: Collection[str]
    writes: Collection[str]
    run: Callable[[Setting, State, Log], None]

    def __call__(self, setting: Setting, state: State, log: Log) -> None:
        """Run with exactly the declared fields open."""
        with state.opened(self.writes):
            self.run(setting, state, log)
