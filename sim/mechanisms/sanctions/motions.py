"""Sanctions put to the vote of bodies whose charters have them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sim.kernels.conflict.costs import trade_cost_factor
from sim.mechanisms.sanctions.records import NOBODY
from sim.security.councils import Case, Manner, exposure, manner, vote
from sim.security.verdicts import Verdict
from sim.types import Bools, Floats

if TYPE_CHECKING:
    from sim.mandates import SanctionMandate
    from sim.mechanisms.sanctions.records import Occasion
    from sim.setting import Setting
    from sim.state import State

__all__ = ["SCOPES", "Effects", "bodies_that_may", "effects_of", "mandate_of", "put"]

SCOPES = ("trade", "targeted")
"""In the order in which they are tabled: the most first."""


@dataclass(frozen=True)
class Effects:
    """What sanctions do and are worth, from the parameters; by scope in the order of `SCOPES`.

    Attributes
    ----------
    fall
        Fall of trade between sender and target, shares.
    end
        Logs on the hazard of the end of what they answer.
    readiness
        Utility for a member without a stake, logits.
    tabled
        Chance that a body that looks beyond its members tables them.
    ties
        Logits for an alliance or a rivalry.
    spill
        Share of trade with a state at war that others expect to lose.
    arsenal
        What a rival's programme is worth, percent of annual income.
    resistance
        Logits by which a target resists beside what it loses.
    elasticity
        Of trade to trade costs.
    after
        Years that they last after what they answer is over.
    manner
        What counts in votes of bodies.
    """

    fall: tuple[float, float]
    end: tuple[float, float]
    readiness: tuple[float, float]
    tabled: float
    ties: float
    spill: float
    arsenal: float
    resistance: float
    elasticity: float
    after: float
    manner: Manner

    def rise(self, fall: float) -> float:
        """Rise of trade costs, fraction, by which trade falls by a share.

        Times the mean of exports and imports it is what income loses, to first order.
        """
        return float(trade_cost_factor(np.array(fall), self.elasticity) - 1.0)


def effects_of(setting: Setting) -> Effects:
    """Read once a quarter."""
    by = manner(setting)
    return Effects(
        fall=(setting["sanction_trade_fall"], 0.0),  # arms and persons are no part of trade to see
        end=(setting["sanction_end"], setting["sanction_targeted_end"]),
        readiness=(setting["sanction_readiness"], by.readiness),
        tabled=setting["sanction_tabled"],
        ties=setting["sanction_ties"],
        spill=setting["conflict_neutral_trade_fall"],
        arsenal=setting["security_rival_arsenal_loss"],
        resistance=setting["council_resistance"],
        elasticity=setting["trade_elasticity"],
        after=setting["sanction_years_after"],
        manner=by,
    )


def mandate_of(setting: Setting, body: str, step: int) -> SanctionMandate | None:
    """What the charter of a body says of sanctions in a quarter; None where it has none."""
    mandate = setting.charter(body, max(step, 0)).security
    return mandate.sanctions if mandate else None


def bodies_that_may(
    setting: Setting, state: State, what: Occasion, *, beyond_members: bool
) -> Iterator[str]:
    """Bodies that may sanction the target for it, regional ones first, and of them the smallest.

    Parameters
    ----------
    what
        The occasion.
    beyond_members
        Whether those that look beyond their own members are among them.
    """
    found = []
    for row, code in enumerate(setting.axes.organisations):
        allowed = mandate_of(setting, code, state.step)
        if allowed is None or what.kind not in allowed.occasions:
            continue
        if allowed.target != "member" and not beyond_members:
            continue
        inside = bool(state.is_member[row, what.target])
        if allowed.target != "any" and inside != (allowed.target == "member"):
            continue
        members = int(state.is_member[row].sum())
        if members > inside:  # somebody besides the target
            found.append((setting.charter(code, state.step).level == "global", members, code))
    return (code for _, _, code in sorted(found))


def put(
    setting: Setting,
    state: State,
    where: tuple[str, Occasion, str],
    by: Effects,
    drawn_at: int | None = None,
) -> Verdict:
    """Put sanctions to the vote of a body.

    Parameters
    ----------
    where
        Body, occasion and scope.
    by
        What sanctions do and are worth.
    drawn_at
        Quarter whose draws count, for sanctions that are to be kept; None for new ones.
    """
    body, what, scope = where
    n, allowed = SCOPES.index(scope), mandate_of(setting, body, state.step)
    names, row = setting.axes.states, setting.axes.organisation(body)
    gain, loss = _gain(setting, what, by, n), _loss_of_target(setting, state, (row, what), by, n)
    resists = by.readiness[n] + by.resistance + by.manner.income * loss
    parties = (what.target,) if what.other == NOBODY else (what.target, what.other)
    has_vote = allowed is None or allowed.target_votes or not state.is_member[row, what.target]
    target = names[what.target]
    case = Case(
        name=f"sanction/{what.kind}/{target}/{scope}",
        text=f"{scope} sanctions on {target}, {_WORDS[what.kind]}",
        parties=parties,
        reluctance=(resists, -resists)[: len(parties)],
        gain=gain,
        leaning=by.ties * _leaning(setting, what, state.is_member[row]),
        without=() if has_vote else (what.target,),
        rule=allowed.rule if allowed else None,
        drawn_at=drawn_at,
    )
    return vote(setting, state, body, case, replace(by.manner, readiness=by.readiness[n]))


_WORDS = {
    "war": "war",
    "force": "use of force",
    "civil": "civil conflict",
    "coup": "coup",
    "nuclear": "nuclear programme",
}


def _gain(setting: Setting, what: Occasion, by: Effects, scope: int) -> Floats:
    """(S,) percent of annual income: what an earlier end saves less the trade that is lost."""
    trade = 0.5 * exposure(setting, (what.target,))
    sooner = -np.expm1(-by.end[scope])
    saved = 0.0 * trade
    if what.kind in ("war", "force", "civil"):
        saved = by.rise(by.spill) * trade
    elif what.kind == "nuclear":
        saved = by.arsenal * setting.world.is_rival[what.target]
    return np.asarray(sooner * saved - by.rise(by.fall[scope]) * trade)


def _loss_of_target(
    setting: Setting, state: State, where: tuple[int, Occasion], by: Effects, scope: int
) -> float:
    """Percent of its annual income that the target loses by the trade of a body's members."""
    row, what = where
    senders = state.is_member[row].copy()
    senders[what.target] = False
    flows, t = setting.economy.flows, what.target
    trade = 0.5 * (flows[t, senders].sum() + flows[senders, t].sum())
    share = 100.0 * trade / max(float(setting.income[t]), 1e-12)
    return float(by.rise(by.fall[scope]) * share)


def _leaning(setting: Setting, what: Occasion, members: Bools) -> Floats:
    """(S,) 1 for rivals of the target and allies of whom it fights, −1 for its allies.

    An alliance of all members with the target does not set one of them apart: it binds them to each
    other as much. So what counts is being an ally beyond the mean of the members.
    """
    world, others = setting.world, members.copy()
    others[what.target] = False
    friends = world.has_defence_pact[what.target].astype(float)
    friends = np.maximum(friends - friends[others].mean(), 0.0)
    against = world.is_rival[what.target].astype(float)
    if what.other != NOBODY:
        against = np.maximum(against, world.has_defence_pact[what.other])
    return np.asarray(against - friends)
