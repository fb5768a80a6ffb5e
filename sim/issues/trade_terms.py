"""From agreements to tariffs and trade costs: the terms on which states trade."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.events import Agreement
    from sim.setting import Setting
    from sim.state import State

__all__ = ["Terms", "committed_terms", "current_terms"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Terms:
    """Terms of trade policy between all pairs, exporter i to importer j.

    Attributes
    ----------
    base
        (S, S) tariff before the agreements of the run (fraction).
    keep
        (S, S) share of it that preferential agreements leave.
    keep_mfn
        (S,) share of its tariffs that importer j keeps after cuts towards everybody.
    depth
        (S, S) trade-cost cut agreed so far between the pair, that of the start included.
    depth_start
        (S, S) the part of it that the baseline trade already reflects.
    facilitation
        (S,) trade-cost cut of importer j towards everybody.
    extra
        (S, S) tariffs added outside agreements (fraction).
    """

    base: Floats
    keep: Floats
    keep_mfn: Floats
    depth: Floats
    depth_start: Floats
    facilitation: Floats
    extra: Floats

    @property
    def tariff(self) -> Floats:
        """(S, S) applied tariff, 0 on the diagonal."""
        rate = self.base * self.keep * self.keep_mfn[None, :] + self.extra
        np.fill_diagonal(rate, 0.0)
        return rate

    @property
    def cost(self) -> Floats:
        """(S, S) trade cost relative to the baseline, 1 on the diagonal."""
        ratio = (1.0 - self.depth) / (1.0 - self.depth_start) * (1.0 - self.facilitation[None, :])
        np.fill_diagonal(ratio, 1.0)
        return ratio

    @property
    def key(self) -> bytes:
        """Digest of everything, so that what follows from the terms can be remembered."""
        digest = hashlib.blake2b(digest_size=16)
        for array in (self.base, self.keep, self.keep_mfn, self.depth, self.facilitation):
            digest.update(np.ascontiguousarray(array).tobytes())
        digest.update(np.ascontiguousarray(self.extra).tobytes())
        return digest.digest()

    def with_preference(self, bound: Floats, cut: float, depth: float) -> Terms:
        """The terms after a cut among pairs bound to a share (S, S) of it."""
        return replace(
            self,
            keep=self.keep * (1.0 - cut * bound),
            depth=np.maximum(self.depth, depth * bound),
        )

    def with_mfn(self, bound: Floats, cut: float, depth: float) -> Terms:
        """The terms after importers, bound to a share (S,), cut towards everybody."""
        return replace(
            self,
            keep_mfn=self.keep_mfn * (1.0 - cut * bound),
            facilitation=np.maximum(self.facilitation, depth * bound),
        )


def _start(setting: Setting, state: State, treaty_share: Floats) -> Terms:
    world = setting.world
    size = len(setting.axes.states)
    mfn = np.repeat(world.mfn[None, :], size, axis=0)
    inside = np.where(world.has_agreement, world.tariffs, mfn * setting["residual_preferential_tariff"])
    base = np.where(state.has_treaty, mfn + treaty_share * (inside - mfn), mfn)
    held = np.where(world.has_agreement, world.agreement_depth, setting["existing_agreement_depth"])
    np.fill_diagonal(base, 0.0)
    return Terms(
        base=base,
        keep=np.ones((size, size)),
        keep_mfn=np.ones(size),
        depth=np.where(state.has_treaty, held * treaty_share, 0.0),
        depth_start=np.where(world.has_agreement, world.agreement_depth, 0.0),
        facilitation=np.zeros(size),
        extra=state.extra_tariff,
    )


def committed_terms(
    setting: Setting, state: State, *, without: str = "", accept: Iterable[Agreement] = ()
) -> Terms:
    """Terms once all that is signed is bound and phased in: what negotiators look to.

    Parameters
    ----------
    without
        Code of an agreement to leave out.
    accept
        Agreements to count besides those of the state.
    """
    terms = _start(setting, state, np.ones_like(state.extra_tariff))
    for agreement in (*state.agreements, *accept):
        if agreement.area == "trade" and agreement.code != without:
            bound = agreement.is_committed.astype(float)
            terms = add_agreement(terms, agreement, bound, np.outer(bound, bound))
    return terms


def current_terms(setting: Setting, state: State) -> Terms:
    """Terms of the present quarter: agreements in force, as far as they are phased in."""
    length = setting["phase_in_years"] * 4.0 if setting.is_on("phase_in") else 0.0
    since = state.step - np.maximum(state.treaty_since, 0) + 1.0
    fresh = (state.treaty_since >= 0) & (length > 0)
    share = np.where(fresh, np.clip(since / max(length, 1.0), 0.0, 1.0), 1.0)
    terms = _start(setting, state, share)
    for agreement in state.agreements:
        if agreement.area != "trade" or not agreement.is_bound.any():
            continue
        done = _phased(agreement, state.step, length)
        terms = add_agreement(terms, agreement, done, np.minimum.outer(done, done))
    return terms


def _phased(agreement: Agreement, step: int, length: float) -> Floats:
    """(S,) share of the cuts done by each bound state, 0 for the others."""
    quarters = step - agreement.bound_at + 1.0
    share = np.clip(quarters / length, 0.0, 1.0) if length else np.ones_like(quarters)
    return np.where(agreement.is_bound & (quarters > 0), share, 0.0)


def add_agreement(terms: Terms, agreement: Agreement, single: Floats, pair: Floats) -> Terms:
    """The terms with an agreement whose states (S,) and pairs (S, S) are bound to a share."""
    cut = agreement.proposal.tariff_cut * agreement.scale
    depth = agreement.proposal.depth * agreement.scale
    if agreement.kind == "mfn":
        return terms.with_mfn(single, cut, depth)
    return terms.with_preference(pair, cut, depth)
