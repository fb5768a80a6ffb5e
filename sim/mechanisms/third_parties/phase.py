"""Bodies and courts take up disputes of states, if their charters and their members let them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.kernels.bargaining import logistic
from sim.kernels.conflict.third_parties import (
    ArbitrationTerms,
    Crisis,
    Mediated,
    accept_arbitration,
)
from sim.mechanisms.third_parties.attempts import (
    COUNTS,
    OUTSIDE,
    Attempt,
    attempt_of,
    from_outside,
    tell,
)
from sim.phase import Phase
from sim.security import hazard_shift, rates
from sim.security.councils import Case, Manner, bodies_for, exposure, good_offices, manner, vote
from sim.streams import stream
from sim.types import Floats

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State


__all__ = ["THIRD_PARTIES"]

FORCE, WAR = 3, 4
STYLES = ("facilitation", "formulation", "manipulation")
STAGES = ("none", "threat", "display", "force", "war")


@dataclass(frozen=True, eq=False)
class _Effects:
    """What taking up a dispute is worth and does, from the parameters."""

    styles: dict[str, float]
    outside: float
    from_outside: float
    accepted: float
    mediated: Mediated
    terms: ArbitrationTerms
    hold_out: float
    optimism: float
    court: float
    saved: tuple[float, ...]
    resistance: float
    consent: float
    offer: float
    manner: Manner


def run(setting: Setting, state: State, log: Log) -> None:
    """Look for third parties to the disputes that have none yet."""
    effects = _effects(setting)
    bound = hazard_shift(setting, state, "third_party")
    refused = {
        (one.i, one.j, one.body) for one in state.third_parties.attempts if one.outcome == "refused"
    }
    attempts: list[Attempt] = []
    for dispute in sorted(state.disputes.open, key=lambda one: (one.i, one.j)):
        pair = dispute.i, dispute.j
        if not state.dispute_stage[pair] or state.mediation[pair]:
            continue
        tried = _tried(setting, state, (dispute, float(bound[pair])), effects, refused)
        for one in tried:
            tell(setting, state, log, one)
            if one.outcome == "accepted":
                gain = _gain(setting, state, effects, one)
                state.mediation[pair] = state.mediation[pair[::-1]] = gain
        attempts += tried
    state.third_parties.attempts = tuple(attempts)


def _tried(
    setting: Setting,
    state: State,
    what: tuple[Any, float],
    effects: _Effects,
    refused: set[tuple[int, int, str]],
) -> list[Attempt]:
    """Who was to take a dispute up: a court, and where there is none to be had a mediator."""
    dispute, bound = what
    pair, stage = (dispute.i, dispute.j), int(state.dispute_stage[dispute.i, dispute.j])
    uniform, beliefs = _draws(setting, dispute)
    first, last = dispute.days(setting.calendar, state.step)
    day = first + timedelta(days=int((last - first).days * uniform[2]))
    tried: list[Attempt] = []
    court = stage < WAR and _is_new(setting, state, dispute)
    if setting.is_on("arbitration") and court and uniform[0] < _offered(effects, bound):
        tried = _to_court(setting, state, (pair, day), effects, beliefs)
    outside = uniform[3] < effects.from_outside
    ready = _ready(setting, effects.mediated, pair, stage, bound) * dispute.is_crisis
    if dispute.offered:  # bodies ask the parties themselves
        ready = max(ready, effects.accepted if outside else 1.0)
    if not setting.is_on("mediation") or uniform[1] >= ready or _accepted(tried):
        return tried
    if outside:
        return [*tried, from_outside(pair, day)]
    return tried + _to_bodies(setting, state, (pair, day, stage, bound), effects, refused)


def _draws(setting: Setting, dispute: Any) -> tuple[Floats, Floats]:
    """(4,) uniform numbers and (2,) normal ones of a dispute, the same while it lasts.

    Crises are counted by whether they found a mediator at all, however long they took.
    """
    rng = stream(setting.seed, f"third_parties/{dispute.code(setting.axes.states)}")
    return rng.random(4), rng.standard_normal(2)


def _is_new(setting: Setting, state: State, dispute: Any) -> bool:
    """Whether this is its first quarter in the run: a court is thought of once a dispute."""
    return state.step == 0 or dispute.began >= setting.calendar.first_day(state.step)


def _gain(setting: Setting, state: State, effects: _Effects, one: Attempt) -> float:
    """Logits that a third party adds to a settlement."""
    if one.instrument == "arbitration":
        return effects.court
    if one.body == OUTSIDE:
        return effects.outside
    return effects.styles[_style(setting, state, one.body)]


def _effects(setting: Setting) -> _Effects:
    """Read once a quarter."""
    mean = setting["crisis_agreement_mediated"]
    fall = [setting[f"conflict_trade_fall_{name}"] for name in STAGES[1:]]
    per_trade = setting["conflict_neutral_trade_fall"] / setting["trade_elasticity"]
    return _Effects(
        styles={style: mean + setting[f"mediation_{style}"] for style in STYLES},
        outside=mean,
        from_outside=setting["mediator_outside"],
        accepted=setting["mediation_accepted"],
        mediated=rates(setting, Mediated),
        terms=rates(setting, ArbitrationTerms),
        hold_out=setting["arbitration_hold_out"],
        optimism=setting["arbitration_optimism"],
        court=setting["arbitration_effect"],
        saved=(0.0, *(per_trade * one / fall[-1] for one in fall)),
        resistance=setting["council_resistance"],
        consent=setting["council_party_readiness"],
        offer=float(np.log(setting["arbitration_offer"] / (1.0 - setting["arbitration_offer"]))),
        manner=manner(setting),
    )


def _ready(
    setting: Setting, model: Mediated, pair: tuple[int, int], stage: int, bound: float
) -> float:
    """Chance that somebody is ready to mediate (ICB), with what rules on settlement add."""
    one = np.ones(1)
    crisis = Crisis(
        clashes=one * (stage == FORCE),
        serious=one * (stage == WAR),
        protracted=one * setting.world.is_rival[pair],
        actors=setting["crisis_actors"] * one,
        war=one * (stage == WAR),
    )
    return float(logistic(model.index(crisis) + bound)[0])


def _offered(effects: _Effects, bound: float) -> float:
    """Chance that a court is thought of, with what rules on settlement add."""
    return float(logistic(np.array(effects.offer + bound)))


def _accepted(tried: list[Attempt]) -> bool:
    return any(one.outcome == "accepted" for one in tried)


def _strength(setting: Setting, pair: tuple[int, int]) -> Floats:
    """(2,) share of each side in the capabilities of both."""
    own = np.maximum(setting.world.cinc[list(pair)], 1e-6)
    return np.asarray(own / own.sum())


def _to_court(
    setting: Setting,
    state: State,
    what: tuple[tuple[int, int], date],
    effects: _Effects,
    beliefs: Floats,
) -> list[Attempt]:
    """A court of which both are members, if both would rather have its award than hold out."""
    pair, day = what
    courts = bodies_for(setting, state, "arbitration", pair)
    if not courts:
        return []
    believed = _strength(setting, pair) + effects.optimism * beliefs
    even, cost = np.full((1, 1), 0.5), np.full((1, 1), effects.hold_out)
    sides = [
        bool(accept_arbitration(even, believed[None, [k]], cost, effects.terms)[0]) for k in (0, 1)
    ]
    refusing = tuple(
        setting.axes.states[row] for row, ok in zip(pair, sides, strict=True) if not ok
    )
    outcome = "refused" if refusing else "accepted"
    return [
        Attempt(
            *pair, day, "arbitration", courts[0], "consent", outcome,
            text="judgment, by consent of both",
            n_accept=sum(sides), n_reject=len(refusing), rejecting=refusing, blockers=refusing,
        )
    ]  # fmt: skip


def _to_bodies(
    setting: Setting,
    state: State,
    what: tuple[tuple[int, int], date, int, float],
    effects: _Effects,
    refused: set[tuple[int, int, str]],
) -> list[Attempt]:
    """Bodies one after the other, regional ones first, until one takes the dispute up.

    Those that refused it in the quarter before are not asked again.
    """
    pair, day, stage, bound = what
    reluctance = effects.resistance * (2.0 * _strength(setting, pair) - 1.0)
    reluctance = reluctance - effects.consent - bound
    tried: list[Attempt] = []
    bodies = _bodies(setting, state, pair)
    for body, instrument in bodies:
        if (*pair, body) in refused:
            continue
        style = _style(setting, state, body)
        asks_chair = instrument == "good_offices"
        case = Case(
            name="-".join(setting.axes.states[row] for row in pair),
            text="good offices of the chair" if asks_chair else f"mediation by {style}",
            parties=pair,
            reluctance=(float(reluctance[0]), float(reluctance[1])),
            gain=effects.saved[stage] * exposure(setting, pair),
        )
        put = good_offices if asks_chair else vote
        verdict = put(setting, state, body, case, effects.manner)
        tried.append(attempt_of(pair, day, instrument, verdict))
        if verdict.is_adopted:
            break
    return tried if bodies else [Attempt(*pair, day, "mediation", "", "", "no_body")]


def _bodies(setting: Setting, state: State, pair: tuple[int, int]) -> list[tuple[str, str]]:
    """Who may be asked for what: of one body its chair's good offices before a vote."""
    chairs = bodies_for(setting, state, "good_offices", pair)
    mediates = bodies_for(setting, state, "mediation", pair)
    order = sorted({*chairs, *mediates}, key=(*mediates, *chairs).index)
    return [
        (body, what)
        for body in order
        for what, able in (("good_offices", chairs), ("mediation", mediates))
        if body in able
    ]


def _style(setting: Setting, state: State, body: str) -> str:
    mandate = setting.charter(body, state.step).security
    return mandate.style if mandate else STYLES[0]


THIRD_PARTIES = Phase(
    name="third_parties",
    meaning="bodies and courts take up disputes, as charters and votes let them",
    source="International Crisis Behavior 13; Fearon 1995; charters",
    reads=(
        "agreements",
        "is_member",
        "has_no_vote",
        "dispute_stage",
        "mediation",
        "disputes.open",
        "third_parties.attempts",
        *COUNTS,
    ),
    writes=("mediation", "third_parties.attempts", *COUNTS),
    run=run,
)
