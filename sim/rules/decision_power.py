"""The voting game behind a decision rule: how much power each party has under it.

A rule answers one ballot; its game says who wins over all ballots without abstentions, which is
what the voting-power indices are defined on (`sim.kernels.voting_power`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from sim.errors import ConfigError, nearest
from sim.kernels.voting_game import VotingGame, double_majority_game, in_units
from sim.rules.ballot import Ballot
from sim.rules.decision import DECISION_RULES
from sim.rules.decision.common import count_needed
from sim.types import Floats, Ints

__all__ = ["RULES_WITH_A_GAME", "voting_game"]


# Parts that weights and populations are divided into: 0.01 % of the total, the precision at which
# the Council of the EU publishes its populations (Rules of Procedure, Annex III).
_UNITS = 10_000


def voting_game(
    rule: str, parameters: Mapping[str, Any], ballot: Ballot, where: str = ""
) -> VotingGame:
    """Which sets of accepting parties adopt, when everybody else votes against.

    Parameters
    ----------
    rule
        Name of a registered rule whose outcome is decided by votes alone.
    parameters
        Its parameters, as in a charter.
    ballot
        Any ballot of the body: only its weights, populations and vetoes are used. Unless they are
        whole numbers with a small sum, they are rounded to 0.01 % of their total.
    where
        Place named in an error message.

    Returns
    -------
    VotingGame

    Raises
    ------
    ConfigError
        For an unknown rule, parameters out of range, or a rule that also asks for margins (ASEAN
        Way, partial adoption, enhanced cooperation) or for several votes (single undertaking).

    Examples
    --------
    A permanent member of the Security Council is worth a hundred others:

    >>> from sim.kernels.voting_power import voting_power
    >>> council = Ballot.of([1] * 15, has_veto=np.arange(15) < 5)
    >>> power = voting_power(voting_game("majority_with_vetoes", {}, council)).shapley_shubik
    >>> round(float(power[0] / power[14]))
    105
    """
    bound: Any = DECISION_RULES.bind(rule, parameters, where)
    if rule not in _GAMES:
        raise ConfigError(
            f"decision rule {rule!r} is not decided by one vote of yes and no alone",
            where=where,
            expected=nearest(rule, _GAMES),
        )
    return _GAMES[rule](ballot, **bound.keywords)


def _count(ballot: Ballot, needed: int) -> VotingGame:
    return VotingGame.of(np.ones(ballot.n, dtype=np.int64), max(1, needed))


def _everybody(ballot: Ballot) -> VotingGame:
    return _count(ballot, ballot.n)


def _all_but(ballot: Ballot, *, x: int, are_objectors_bound: bool) -> VotingGame:
    return _count(ballot, ballot.n - x)


def _more_than_half(ballot: Ballot, *, quorum: float) -> VotingGame:
    return _count(ballot, max(ballot.n // 2 + 1, count_needed(quorum, ballot.n)))


def _at_least(ballot: Ballot, *, threshold: float, of: str) -> VotingGame:
    return _count(ballot, count_needed(threshold, ballot.n))


def _weights(ballot: Ballot, *, threshold: float) -> VotingGame:
    weights = _whole(ballot.weight)
    return VotingGame.of(weights, count_needed(threshold, int(weights.sum())))


def _double(ballot: Ballot, **shares: Any) -> VotingGame:
    return double_majority_game(_whole(ballot.population), **shares)


def _vetoes(ballot: Ballot, *, share: float, number: int) -> VotingGame:
    needed = min(number, ballot.n) or max(1, count_needed(share, ballot.n))
    holders = ballot.has_veto.astype(np.int64)
    weights = np.vstack([np.ones(ballot.n, dtype=np.int64), holders])
    return VotingGame(weights, np.array([[needed, int(holders.sum())]]))


def _whole(amount: Floats) -> Ints:
    is_whole = bool(np.isfinite(amount).all() and (amount == np.rint(amount)).all())
    if is_whole and 0 < amount.sum() <= _UNITS:
        return amount.astype(np.int64)
    return in_units(amount, _UNITS)


_GAMES: Mapping[str, Callable[..., VotingGame]] = {
    "unanimity": _everybody,
    "consensus": _everybody,
    "consensus_minus": _all_but,
    "simple_majority": _more_than_half,
    "qualified_majority": _at_least,
    "weighted_majority": _weights,
    "double_majority": _double,
    "majority_with_vetoes": _vetoes,
}

#: Rules for which `voting_game` is defined.
RULES_WITH_A_GAME: tuple[str, ...] = tuple(_GAMES)
