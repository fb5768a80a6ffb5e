"""Terms as they will be once all that is signed binds: what negotiators look to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import IncomeSaved, TariffCut, TradeCostCut, accumulate
from sim.economy.terms import ON_PAIRS, both, summed_terms, treaties
from sim.memo import remembered

if TYPE_CHECKING:
    from sim.agreements import Commitment
    from sim.economy.terms import Terms
    from sim.setting import Setting
    from sim.state import State
    from sim.types import Bools

__all__ = [
    "WORLD_OF_THE_YEAR",
    "assessed_terms",
    "committed_reads",
    "committed_terms",
    "leaving_out",
    "standing_terms",
]

WORLD_OF_THE_YEAR = "forum_choice.world"
"""Record of the committed terms of the first quarter of the year; empty where nobody keeps it."""
_OUTSIDE = ("has_treaty", "extra_tariff", "extra_trade_cost", "extra_income")
"""What terms follow from besides agreements."""


def committed_terms(setting: Setting, state: State, *, without: str = "") -> Terms:
    """Terms once all that is signed is bound and phased in.

    The same object is returned as long as nothing that it follows from has changed.

    Parameters
    ----------
    without
        Code of an agreement to leave out.
    """
    return _committed_terms(setting, state, without)


def assessed_terms(setting: Setting, state: State) -> Terms:
    """Committed terms of the first quarter of the year, in which texts are assessed once a year."""
    kept = state[WORLD_OF_THE_YEAR]
    found: Terms = kept[0] if kept else committed_terms(setting, state)
    return found


def standing_terms(setting: Setting, state: State, inside: Bools) -> Terms:
    """Terms in which an agreement among some states (S,) stands: those of the year.

    Today's, once the terms among those states are no longer those of the year.
    """
    today, of_year = committed_terms(setting, state), assessed_terms(setting, state)
    return of_year if _is_alike(setting, None, of_year, today, inside) else today


def committed_reads(*_: object) -> tuple[str, ...]:
    """Fields and records that committed terms follow from."""
    return ("agreements", *_OUTSIDE)


@remembered(reads=committed_reads)
def _committed_terms(setting: Setting, state: State, without: str) -> Terms:
    left = [a for a in state.agreements if a.code == without]
    if left and all(e.is_on_pairs and e.reach == "parties" for a in left for e in a.effects):
        return leaving_out(setting, state, committed_terms(setting, state), without)
    at_start = tuple(a.initial() for a in state.agreements if not a.is_of_the_run)
    signed = [a.committed() for a in state.agreements if a.code != without]
    binding = tuple(c for c in signed if c.effects and c.inside.any())
    return _terms_of(setting, state, binding, at_start)


def leaving_out(setting: Setting, state: State, whole: Terms, code: str) -> Terms:
    """Terms without an agreement that acts on pairs of its parties alone.

    Added up anew for those pairs, in the same order: the same as from all that is left.
    """
    left = np.any([a.is_committed for a in state.agreements if a.code == code], axis=0)
    rows = np.flatnonzero(left)
    those = [a for a in state.agreements if a.signatories[rows].any() or not a.is_of_the_run]
    kept = tuple(a.committed().of(rows) for a in those if a.code != code)
    start = tuple(a.initial().of(rows) for a in those if not a.is_of_the_run)
    keep, keep_start = both(TariffCut, kept, start, rows.size)
    at = np.ix_(rows, rows)
    depth = np.where(state.has_treaty[at], treaties(setting, None)[2][at], 0.0)
    found = replace(whole, keep=whole.keep.copy(), depth=whole.depth.copy())
    found.keep[at] = keep / keep_start
    found.depth[at] = accumulate(TradeCostCut, kept, depth)
    for array in (found.keep, found.depth):
        array.flags.writeable = False
    return found


@remembered(keep=256)
def _is_alike(setting: Setting, _: None, one: Terms, two: Terms, inside: Bools) -> bool:
    """Whether some states have the same terms among them, and the same added to their income."""
    rows = np.flatnonzero(inside)
    at = np.ix_(rows, rows)
    pairs = ((getattr(one, name)[at], getattr(two, name)[at]) for name in ON_PAIRS)
    return all((a == b).all() for a, b in (*pairs, (one.income[rows], two.income[rows])))


@remembered(reads=_OUTSIDE)
def _terms_of(
    setting: Setting,
    state: State,
    commitments: tuple[Commitment, ...],
    at_start: tuple[Commitment, ...],
) -> Terms:
    """Terms with all treaties wholly phased in, and what rules on security are expected to save."""
    terms = summed_terms(setting, state, 1.0, (commitments, at_start))
    saved, before = both(IncomeSaved, commitments, at_start, len(terms.income))
    return replace(terms, income=terms.income + saved - before) if saved.any() else terms
