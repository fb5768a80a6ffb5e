"""The game of a rule must say what the rule does, coalition by coalition."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import ConfigError
from sim.rules.ballot import Ballot
from sim.rules.decision import DECISION_RULES
from sim.rules.decision_power import RULES_WITH_A_GAME, voting_game

PARAMETERS = {
    "consensus_minus": [{}, {"x": 2}, {"x": 9}],
    "simple_majority": [{}, {"quorum": 0.75}],
    "qualified_majority": [{}, {"threshold": 0.51}, {"of": "voting", "threshold": 0.05}],
    "weighted_majority": [{}, {"threshold": 0.5}],
    "double_majority": [{}, {"blocking_minority": 2}, {"member_share": 0.72}],
    "majority_with_vetoes": [{}, {"number": 3}, {"number": 30}],
}


@pytest.mark.parametrize("name", RULES_WITH_A_GAME)
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_the_game_is_the_rule(name: str, data: st.DataObject) -> None:
    parameters = data.draw(st.sampled_from(PARAMETERS.get(name, [{}])))
    n = data.draw(st.integers(1, 7))
    # Never all zero: a body without any weight has no game.
    amounts = st.lists(st.integers(0, 30), min_size=n, max_size=n).filter(any)
    given_ = {
        "weight": data.draw(amounts),
        "population": data.draw(amounts),
        "has_veto": data.draw(st.lists(st.booleans(), min_size=n, max_size=n)),
    }
    game = voting_game(name, parameters, Ballot.of([1] * n, **given_))
    rule = DECISION_RULES.bind(name, parameters)
    for mask in itertools.product([False, True], repeat=n):
        ballot = Ballot.of(np.where(mask, 1, -1), **given_)
        assert rule(ballot).is_adopted == bool(game.wins(np.array(mask))), (mask, given_)


def test_large_weights_are_rounded_to_a_hundredth_of_a_percent() -> None:
    game = voting_game("weighted_majority", {}, Ballot.of([1] * 3, weight=[5e6, 3e6, 2e6]))
    assert game.weights.tolist() == [[5000, 3000, 2000]]
    assert game.quotas.tolist() == [[8500]]


@pytest.mark.parametrize("name", sorted(set(DECISION_RULES) - set(RULES_WITH_A_GAME)))
def test_rules_of_more_than_one_vote_have_no_game(name: str) -> None:
    with pytest.raises(ConfigError, match=rf"charter.yaml: decision rule '{name}' is not decided"):
        voting_game(name, {}, Ballot.of([1, 1]), "charter.yaml")


def test_parameters_are_checked_as_in_a_charter() -> None:
    with pytest.raises(ConfigError, match="threshold"):
        voting_game("qualified_majority", {"threshold": 2.0}, Ballot.of([1, 1]))
