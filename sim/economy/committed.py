"""Terms as they will be once all that is signed binds: what negotiators look to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import Agreement, TariffCut, TradeCostCut, accumulate
from sim.economy.terms import EXPECTED, Terms, both, summed_terms, sums, treaties
from sim.memo import remembered
from sim.types import Bools

if TYPE_CHECKING:
    from sim.agreements import Commitment
    from sim.setting import Setting
    from sim.state import State

__all__ = ["WORLD_OF_THE_YEAR", "World", "committed_reads", "committed_terms"]

WORLD_OF_THE_YEAR = "forum_choice.world"
"""Record of the `World` of the first quarter of the year; empty where nobody keeps it."""
_OUTSIDE = ("has_treaty", "extra_tariff", "extra_trade_cost", "extra_income")
"""What terms follow from besides agreements."""


@dataclass(frozen=True, eq=False)
class World:
    """What negotiators look to on some day.

    Attributes
    ----------
    terms
        Committed.
    agreements
        Of which they are.
    has_treaty
        (S, S) pairs that a treaty binds.
    """

    terms: Terms
    agreements: tuple[Agreement, ...]
    has_treaty: Bools

    @classmethod
    def today(cls, setting: Setting, state: State) -> World:
        """That of the day."""
        has_treaty = state.has_treaty.copy()
        has_treaty.flags.writeable = False
        return cls(committed_terms(setting, state), state.agreements, has_treaty)

    @classmethod
    def of_year(cls, setting: Setting, state: State, agreement: Agreement | None = None) -> World:
        """That of the first quarter of the year, or today's where it has not this agreement."""
        kept: tuple[World, ...] = state[WORLD_OF_THE_YEAR]
        is_known = agreement is None or any(
            one.code == agreement.code and (one.signatories == agreement.signatories).all()
            for world in kept
            for one in world.agreements
        )
        return kept[0] if kept and is_known else cls.today(setting, state)

    def without(self, setting: Setting, code: str) -> Terms:
        """Terms without an agreement that acts on pairs of its parties alone.

        Added up anew for those pairs, in the same order: the same as from all that is left.
        """
        every = self.agreements
        rows = np.flatnonzero(np.any([a.is_committed for a in every if a.code == code], axis=0))
        those = [a for a in every if a.signatories[rows].any() or not a.is_of_the_run]
        kept = tuple(a.committed().of(rows) for a in those if a.code != code)
        start = tuple(a.initial().of(rows) for a in those if not a.is_of_the_run)
        keep, keep_start = both(TariffCut, kept, start, rows.size)
        at = np.ix_(rows, rows)
        depth = np.where(self.has_treaty[at], treaties(setting, None)[2][at], 0.0)
        found = replace(self.terms, keep=self.terms.keep.copy(), depth=self.terms.depth.copy())
        found.keep[at] = keep / keep_start
        found.depth[at] = accumulate(TradeCostCut, kept, depth)
        for array in (found.keep, found.depth):
            array.flags.writeable = False
        return found


def committed_terms(setting: Setting, state: State, *, without: str = "") -> Terms:
    """Terms once all that is signed is bound and phased in.

    The same object is returned as long as nothing that it follows from has changed.

    Parameters
    ----------
    without
        Code of an agreement to leave out.
    """
    return _committed_terms(setting, state, without)


def committed_reads(*_: object) -> tuple[str, ...]:
    """Fields and records that committed terms follow from."""
    return ("agreements", *_OUTSIDE)


@remembered(reads=committed_reads)
def _committed_terms(setting: Setting, state: State, without: str) -> Terms:
    left = [a for a in state.agreements if a.code == without]
    if left and all(e.is_on_pairs and e.reach == "parties" for a in left for e in a.effects):
        return World.today(setting, state).without(setting, without)
    at_start = tuple(a.initial() for a in state.agreements if not a.is_of_the_run)
    signed = [a.committed() for a in state.agreements if a.code != without]
    binding = tuple(c for c in signed if c.effects and c.inside.any())
    return _terms_of(setting, state, binding, at_start)


@remembered(reads=_OUTSIDE)
def _terms_of(
    setting: Setting,
    state: State,
    commitments: tuple[Commitment, ...],
    at_start: tuple[Commitment, ...],
) -> Terms:
    """Terms with all treaties wholly phased in, and what agreements are expected to save."""
    terms = summed_terms(setting, state, 1.0, (commitments, at_start))
    saved, before = sums(EXPECTED, commitments, at_start, len(terms.income))
    return replace(terms, income=terms.income + saved - before) if saved.any() else terms
