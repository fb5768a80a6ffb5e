"""Parties breach agreements, are answered as their bodies allow, and return."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sim.agreements import Agreement, Status
from sim.behaviour.worth import worth_today
from sim.kernels.compliance import FORMS, Keeping, breach_chance, return_chance
from sim.phase import Phase
from sim.streams import stream
from sim.types import Bools, Floats

if TYPE_CHECKING:
    from sim.log import Log
    from sim.setting import Setting
    from sim.state import State

__all__ = ["COMPLIANCE", "Breach", "form_of"]

ANSWERS = ("retaliation", "suspension", "adjudication")


@dataclass(frozen=True)
class Breach:
    """A party does not keep an agreement.

    Attributes
    ----------
    agreement, state
        Which, and who (row of the state).
    since
        Quarter in which it began.
    is_answered
        Whether the others have withdrawn as much from it.
    """

    agreement: str
    state: int
    since: int
    is_answered: bool = False


def form_of(setting: Setting, code: str, step: int) -> str:
    """How a body answers breaches in a quarter; ``none`` for one that the table does not have."""
    return setting.world.politics.enforcement_of(code, setting.calendar.first_day(step))


def run(setting: Setting, state: State, log: Log) -> None:
    """Who breaches, who returns, what is answered, and what it costs in trade."""
    block = state.compliance
    uniform = stream(setting.seed, "compliance", state.step).random((4, state.orientation.size))
    returns = {form: setting[f"breach_returns_{form}"] for form in FORMS}
    terms = ("rate", "deterrence", "leader", "reputation", "gain")
    model = Keeping(*(setting[f"breach_{term}"] for term in terms))
    wait, cost = setting["breach_answer_years"], setting["breach_tariff"]
    loss, gain = setting["trust_loss"], setting["trust_recovery"]
    if not setting.is_on("compliance"):
        block.tariff[:] = 0.0
        return
    known = {one.code: one for one in state.agreements}
    worth = _worth(setting, state)
    block.tariff[:] = 0.0
    live = [one for one in block.breaches if _lasts(known.get(one.agreement), one)]
    forms = {code: form_of(setting, one.organisation, state.step) for code, one in known.items()}
    state.trust[:] += gain * (1.0 - state.trust)
    kept = _still(setting, state, log, live, {c: returns[f] for c, f in forms.items()}, uniform[2:])
    kept = [_answered(state, one, forms[one.agreement], wait) for one in kept]
    chances = {code: returns[form] for code, form in forms.items()}
    new = _new(setting, state, log, kept, chances, worth, model, uniform)
    for one in new:
        state.trust[one.state] *= 1.0 - loss
    block.breaches = (*kept, *new)
    _suspend(setting, state, log, forms)
    _charge(state, known, cost)


def _worth(setting: Setting, state: State) -> dict[str, Floats]:
    """(S,) logits of what each agreement in force is worth to its parties today."""
    return {
        one.code: worth_today(setting, state, one)
        for one in state.agreements
        if one.status is Status.IN_FORCE
    }


def _lasts(agreement: Agreement | None, breach: Breach) -> bool:
    """Whether there is still something that the party could keep."""
    if agreement is None or agreement.status not in {Status.IN_FORCE, Status.SUSPENDED}:
        return False
    return bool(agreement.signatories[breach.state])


def _tell(setting: Setting, state: State, log: Log, kind: str, one: Breach, share: float) -> None:
    day = setting.calendar.day_at(state.step, share)
    organisation = one.agreement.partition("/")[0]
    log.event(state.step, day, kind, actor=setting.axes.states[one.state],
              organisation=organisation, agreement=one.agreement,
              value=(state.step - one.since) / 4.0)  # fmt: skip


def _still(
    setting: Setting, state: State, log: Log, breaches: list[Breach],
    returns: dict[str, float], uniform: Floats,
) -> list[Breach]:  # fmt: skip
    """Breaches that go on: a government returns to all that it breaches by one draw."""
    kept = []
    for one in breaches:
        if uniform[0, one.state] < return_chance(returns[one.agreement]):
            _tell(setting, state, log, "compliance_restored", one, float(uniform[1, one.state]))
        else:
            kept.append(one)
    return kept


def _answered(state: State, one: Breach, form: str, wait: float) -> Breach:
    if form in ANSWERS and (state.step - one.since) / 4.0 >= wait:
        return replace(one, is_answered=True)
    return one


def _new(
    setting: Setting, state: State, log: Log, kept: list[Breach],
    returns: dict[str, float], worth: dict[str, Floats], model: Keeping, uniform: Floats,
) -> list[Breach]:  # fmt: skip
    """Breaches that begin: at most one a state and quarter, among its agreements by chance."""
    taken = {(one.agreement, one.state) for one in kept}
    running = [one for one in state.agreements if one.status is Status.IN_FORCE]
    if not running:
        return []
    rows = []
    for one in running:
        free = np.array([(one.code, s) not in taken for s in range(state.orientation.size)])
        bound = one.is_bound & (one.bound_at <= state.step) & free
        chance = breach_chance(
            returns[one.code], state.orientation, state.trust, worth[one.code], model
        )
        rows.append(np.where(bound, chance, 0.0))
    chances = np.stack(rows)
    total = 1.0 - np.prod(1.0 - chances, axis=0)
    found = []
    for state_row in np.flatnonzero(uniform[0] < total):
        share = np.cumsum(chances[:, state_row]) / chances[:, state_row].sum()
        which = running[int(np.searchsorted(share, uniform[1, state_row]))]
        found.append(Breach(which.code, int(state_row), state.step))
        _tell(setting, state, log, "breach", found[-1], float(uniform[3, state_row]))
    return found


def _suspend(setting: Setting, state: State, log: Log, forms: dict[str, str]) -> None:
    """An agreement rests while fewer than two sides keep it, where benefits may be suspended."""
    changed = []
    day = setting.calendar.day_at(state.step, 1.0)
    for one in state.agreements:
        answered = [b.state for b in state.compliance.breaches
                    if b.agreement == one.code and b.is_answered]  # fmt: skip
        rests = bool(answered) and _sides_left(one, answered) < 2
        now = one
        if one.status is Status.IN_FORCE and rests and forms.get(one.code) in ANSWERS:
            now = one.advance(Status.SUSPENDED)
        elif one.status is Status.SUSPENDED and not rests:
            now = one.advance(Status.IN_FORCE)
        if now is not one:
            kind = "agreement_suspended" if rests else "agreement_resumed"
            log.event(state.step, day, kind, organisation=one.organisation, agreement=one.code)
        changed.append(now)
    if any(now is not one for now, one in zip(changed, state.agreements, strict=True)):
        state.agreements = tuple(changed)


def _parties(one: Agreement) -> Bools:
    return np.asarray(one.bound_at >= 0)


def _sides_left(one: Agreement, answered: list[int]) -> int:
    keeps = _parties(one)
    keeps[answered] = False
    if one.sides.size:
        return len(np.unique(one.sides[keeps]))
    return int(keeps.sum())


def _charge(state: State, known: dict[str, Agreement], cost: float) -> None:
    """A breach in trade withdraws access from the others; an answer withdraws as much."""
    tariff = state.compliance.tariff
    for breach in state.compliance.breaches:
        one = known[breach.agreement]
        if one.area != "trade":
            continue
        others = _parties(one)
        others[breach.state] = False
        if one.sides.size:
            others &= one.sides != one.sides[breach.state]
        tariff[others, breach.state] += cost
        if breach.is_answered:
            tariff[breach.state, others] += cost


COMPLIANCE = Phase(
    name="compliance",
    meaning="parties breach agreements, are answered as their bodies allow, and return",
    source="Guzman 2008 (reciprocity, retaliation, reputation); sizes assumed",
    reads=("agreements", "orientation", "forums", "trust", "compliance.breaches",
           "compliance.tariff", "assessments"),
    writes=("agreements", "trust", "compliance.breaches", "compliance.tariff"),
    run=run,
)  # fmt: skip
