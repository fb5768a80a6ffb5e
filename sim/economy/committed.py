"""Terms as they will be once all that is signed binds: what negotiators look to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import OUTSIDE, Assessment, TariffCut, TradeCostCut, accumulate, replaced
from sim.economy.terms import EXPECTED, Terms, both, summed_terms, sums, treaties
from sim.memo import remembered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.agreements import Agreement, Commitment
    from sim.setting import Setting
    from sim.state import State

__all__ = ["World", "committed_reads", "committed_terms", "expected_terms"]


@dataclass(frozen=True, eq=False)
class World:
    """What negotiators look to.

    Attributes
    ----------
    terms
        Committed.
    known
        Agreements and what else they follow from.
    """

    terms: Terms
    known: State | Assessment

    @classmethod
    def of_year(cls, setting: Setting, state: State) -> World:
        """That of the last assessment, today's where there has been none."""
        known = state.assessments[0] if state.assessments else state
        return cls(committed_terms(setting, known), known)

    def without(self, setting: Setting, agreement: Agreement) -> Terms:
        """Terms without an agreement; these where it came later."""
        known = any(one.code == agreement.code for one in self.known.agreements)
        if not known:
            return self.terms
        return committed_terms(setting, self.known, without=agreement.code)

    def has(self, agreement: Agreement) -> bool:
        """Whether it has an agreement with the same parties as now."""
        return not isinstance(self.known, Assessment) or self.known.knows(agreement)


def expected_terms(
    setting: Setting, state: State, organisation: str, *, without: str = ""
) -> Terms:
    """Terms that a forum looks to: of the last assessment, with what it made itself since.

    Parameters
    ----------
    without
        Code of an agreement to leave out, since what is negotiated is to take its place.
    """
    world = World.of_year(setting, state)
    if without:
        return committed_terms(setting, world.known, without=without)
    if not isinstance(world.known, Assessment):
        return world.terms
    known = world.known.by_code
    own = tuple(
        a for a in state.agreements if a.organisation == organisation and a.code not in known
    )
    if not _binding(own):
        return world.terms
    every = (*world.known.agreements, *own)
    start = tuple(a.initial() for a in every if not a.is_of_the_run)
    return _terms_of(setting, world.known, _binding(every), start)


def _without(setting: Setting, known: State | Assessment, terms: Terms, code: str) -> Terms:
    """Terms without an agreement that acts on pairs of its parties alone.

    Added up anew for those pairs, in the same order: the same as from all that is left.
    """
    every = known.agreements
    rows = np.flatnonzero(np.any([a.is_committed for a in every if a.code == code], axis=0))
    those = [a for a in every if a.signatories[rows].any() or not a.is_of_the_run]
    gone = {code, *replaced(every)}
    kept = tuple(a.committed().of(rows) for a in those if a.code not in gone)
    start = tuple(a.initial().of(rows) for a in those if not a.is_of_the_run)
    keep, keep_start = both(TariffCut, kept, start, rows.size)
    at = np.ix_(rows, rows)
    depth = np.where(known.has_treaty[at], treaties(setting, None)[2][at], 0.0)
    found = replace(terms, keep=terms.keep.copy(), depth=terms.depth.copy())
    found.keep[at] = keep / keep_start
    found.depth[at] = accumulate(TradeCostCut, kept, depth)
    for array in (found.keep, found.depth):
        array.flags.writeable = False
    return found


def committed_terms(setting: Setting, state: State | Assessment, *, without: str = "") -> Terms:
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
    return ("agreements", *OUTSIDE)


@remembered(reads=committed_reads)
def _committed_terms(setting: Setting, state: State, without: str) -> Terms:
    left = [a for a in state.agreements if a.code == without]
    if left and all(e.is_on_pairs and e.reach == "parties" for a in left for e in a.effects):
        return _without(setting, state, committed_terms(setting, state), without)
    at_start = tuple(a.initial() for a in state.agreements if not a.is_of_the_run)
    binding = _binding(state.agreements, without)
    return _terms_of(setting, state, binding, at_start)


def _binding(agreements: Sequence[Agreement], without: str = "") -> tuple[Commitment, ...]:
    """What agreements bind whom to, of those that do anything and whose place nothing takes."""
    gone = {without, *replaced(agreements)}
    signed = (a.committed() for a in agreements if a.effects and a.code not in gone)
    return tuple(one for one in signed if one.inside.any())


@remembered(reads=OUTSIDE)
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
