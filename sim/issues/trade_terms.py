"""From agreements to tariffs and trade costs: the terms on which states trade."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.events import Agreement
    from sim.setting import Setting
    from sim.state import State

__all__ = ["Level", "Terms", "committed_terms", "current_terms", "level_of"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Level:
    """A cut among states, or of the states towards everybody.

    Attributes
    ----------
    kind
        ``preferential`` or ``mfn``.
    inside
        (S,) bool: who is bound.
    cut, depth
        Share of the applied tariff that goes; trade-cost cut (fractions).
    """

    kind: str
    inside: Bools
    cut: float
    depth: float

    @property
    def block(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Index of the pairs [exporter, importer] that the cut touches."""
        rows = np.flatnonzero(self.inside)
        everybody = np.arange(self.inside.size)
        exporters = everybody if self.kind == "mfn" else rows
        return exporters[:, None], rows[None, :]


@dataclass(frozen=True)
class Terms:
    """Terms of trade policy between all pairs, exporter i to importer j.

    Attributes
    ----------
    base
        (S, S) tariff before the agreements of the run (fraction).
    keep
        (S, S) share of it that the agreements of the run leave.
    depth
        (S, S) trade-cost cut reached between the pair by agreements, those of the start included.
    depth_start
        (S, S) the part of it that the baseline trade already reflects.
    facilitation
        (S, S) trade-cost cut of importer j towards everybody.
    extra
        (S, S) tariffs added outside agreements (fraction).
    depth_ceiling, facilitation_ceiling
        The most that agreements, and facilitation towards everybody, can take off trade costs.
    """

    base: Floats
    keep: Floats
    depth: Floats
    depth_start: Floats
    facilitation: Floats
    extra: Floats
    depth_ceiling: float
    facilitation_ceiling: float

    @property
    def tariff(self) -> Floats:
        """(S, S) applied tariff, 0 on the diagonal."""
        rate = self.base * self.keep + self.extra
        np.fill_diagonal(rate, 0.0)
        return rate

    @property
    def cost(self) -> Floats:
        """(S, S) trade cost relative to the baseline, 1 on the diagonal."""
        ratio = (1.0 - self.depth) / (1.0 - self.depth_start) * (1.0 - self.facilitation)
        np.fill_diagonal(ratio, 1.0)
        return ratio

    def block_after(self, level: Level) -> tuple[Floats, Floats]:
        """Tariffs, and trade costs relative to these terms, of the pairs that a level touches."""
        at = level.block
        tariff = self.base[at] * self.keep[at] * (1.0 - level.cut) + self.extra[at]
        old, ceiling = self._reached(level)
        cost = (1.0 - _deepened(old, level.depth, ceiling)) / (1.0 - old)
        own = at[0] == at[1]
        return np.where(own, 0.0, tariff), np.where(own, 1.0, cost)

    def hits_ceiling(self, level: Level) -> bool:
        """Whether a level would take a pair's trade-cost cut from below its ceiling beyond it."""
        old, ceiling = self._reached(level)
        beyond = 1.0 - (1.0 - old) * (1.0 - level.depth) > ceiling
        is_pair = level.block[0] != level.block[1]
        return bool((beyond & (old < ceiling) & is_pair).any())

    def _reached(self, level: Level) -> tuple[Floats, float]:
        """The trade-cost cut reached by the pairs of a level, of its kind, and its ceiling."""
        if level.kind == "mfn":
            return self.facilitation[level.block], self.facilitation_ceiling
        return self.depth[level.block], self.depth_ceiling


def _deepened(old: Floats, cut: float | Floats, ceiling: float) -> Floats:
    """A trade-cost cut on top of an older one, up to a ceiling and never below the older one.

    Examples
    --------
    >>> _deepened(np.array([0.05, 0.17]), 0.05, 0.18).round(4).tolist()
    [0.0975, 0.18]
    """
    return np.maximum(old, np.minimum(1.0 - (1.0 - old) * (1.0 - cut), ceiling))


def _start(setting: Setting, state: State, treaty_share: Floats | float) -> Terms:
    world = setting.world
    size = len(setting.axes.states)
    mfn = np.repeat(world.mfn[None, :], size, axis=0)
    residual = mfn * setting["residual_preferential_tariff"]
    inside = np.where(world.has_agreement, world.tariffs, residual)
    base = np.where(state.has_treaty, mfn + treaty_share * (inside - mfn), mfn)
    held = np.where(world.has_agreement, world.agreement_depth, setting["existing_agreement_depth"])
    return Terms(
        base=base,
        keep=np.ones((size, size)),
        depth=np.where(state.has_treaty, held * treaty_share, 0.0),
        depth_start=np.where(world.has_agreement, world.agreement_depth, 0.0),
        facilitation=np.zeros((size, size)),
        extra=state.extra_tariff.copy(),
        depth_ceiling=setting["depth_ceiling"],
        facilitation_ceiling=setting["facilitation_ceiling"],
    )


def committed_terms(setting: Setting, state: State, *, without: str = "") -> Terms:
    """Terms once all that is signed is bound and phased in: what negotiators look to.

    The same object is returned as long as nothing that it follows from has changed.

    Parameters
    ----------
    without
        Code of an agreement to leave out.
    """
    signed = tuple(
        (a.code, a.kind, a.proposal, a.scale, a.is_committed.tobytes())
        for a in state.agreements
        if a.area == "trade" and a.code != without and a.is_committed.any()
    )
    key = (signed, _outside(setting, state))
    store = setting.memo.setdefault("terms", {})
    if key not in store:
        while len(store) >= 24:
            store.pop(next(iter(store)))
        signers = [
            (a, a.is_committed, np.ones(a.signatories.size))
            for a in state.agreements
            if a.code != without
        ]
        terms = _with_agreements(_start(setting, state, 1.0), signers)
        store[key] = terms
    kept: Terms = store[key]
    return kept


def _outside(setting: Setting, state: State) -> bytes:
    """Digest of what terms follow from besides agreements, worked out anew when it changes."""
    now = (state.has_treaty, state.extra_tariff)
    last = setting.memo.get("outside")
    if last is None or not all(np.array_equal(a, b) for a, b in zip(now, last[0], strict=True)):
        digest = hashlib.blake2b(now[0].tobytes(), digest_size=16)
        digest.update(now[1].tobytes())
        last = setting.memo["outside"] = ([a.copy() for a in now], digest.digest())
    found: bytes = last[1]
    return found


def current_terms(setting: Setting, state: State) -> Terms:
    """Terms of the present quarter: agreements in force, as far as they are phased in."""
    length = setting["phase_in_years"] * 4.0 if setting.is_on("phase_in") else 0.0
    terms = _start(setting, state, _done(state.treaty_since, state.step, length))
    bound = [
        (a, a.is_bound & (a.bound_at <= state.step), _done(a.bound_at, state.step, length))
        for a in state.agreements
    ]
    return _with_agreements(terms, bound)


def _done(since: NDArray[np.int64], step: int, length: float) -> Floats:
    """Share of a phase-in done; all of it where `since` is negative (bound from the start)."""
    share = np.clip((step - since + 1.0) / length, 0.0, 1.0) if length else np.ones(since.shape)
    return np.where(since >= 0, share, 1.0)


def _with_agreements(terms: Terms, bound: Sequence[tuple[Agreement, Bools, Floats]]) -> Terms:
    """The terms with agreements whose states (S,) are bound and have each done a share (S,)."""
    keep, depth, facilitation = terms.keep.copy(), terms.depth.copy(), terms.facilitation.copy()
    for agreement, inside, share in bound:
        if agreement.area != "trade" or not inside.any():
            continue
        level, done = level_of(agreement, inside), share[inside]
        at = level.block
        if agreement.kind == "mfn":
            facilitation[at] = _deepened(
                facilitation[at], level.depth * done, terms.facilitation_ceiling
            )
        else:
            done = np.minimum.outer(done, done)
            depth[at] = _deepened(depth[at], level.depth * done, terms.depth_ceiling)
        keep[at] *= 1.0 - level.cut * done
    return replace(terms, keep=keep, depth=depth, facilitation=facilitation)


def level_of(agreement: Agreement, inside: Bools) -> Level:
    """What an agreement cuts among some states, after exemptions and form."""
    proposal, scale = agreement.proposal, agreement.scale
    return Level(agreement.kind, inside, proposal.tariff_cut * scale, proposal.depth * scale)
