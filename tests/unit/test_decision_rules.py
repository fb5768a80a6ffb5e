"""Each decision rule at its edges: thresholds, ties, abstentions, who is named."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from sim.rules.ballot import Ballot
from sim.rules.decision import DECISION_RULES

rules = SimpleNamespace(**{name: DECISION_RULES[name].function for name in DECISION_RULES})


def who(mask: np.ndarray) -> list[int]:
    return np.flatnonzero(mask).tolist()


def council(for_it: int, against: int = 0, abstaining: int = 0, **given: object) -> Ballot:
    return Ballot.of([1] * for_it + [-1] * against + [0] * abstaining, **given)


class TestUnanimityAndConsensus:
    def test_an_abstention_is_assent_only_under_consensus(self) -> None:
        ballot = Ballot.of([1, 0, 1])
        assert who(rules.unanimity(ballot).blockers) == [1]
        assert who(rules.consensus(ballot).adopters) == [0, 1, 2]

    def test_silence_of_everybody_is_consensus(self) -> None:
        assert rules.consensus(council(0, 0, 3)).is_adopted
        assert not rules.unanimity(council(0, 0, 3)).is_adopted

    def test_only_objectors_are_named_under_consensus(self) -> None:
        assert who(rules.consensus(Ballot.of([1, 0, -1])).blockers) == [2]
        assert who(rules.unanimity(Ballot.of([1, 0, -1])).blockers) == [1, 2]

    @pytest.mark.parametrize("rule", [rules.unanimity, rules.consensus])
    def test_one_party_decides_for_itself(self, rule) -> None:
        assert rule(Ballot.of([1])).is_adopted
        assert not rule(Ballot.of([-1])).is_adopted


class TestAseanWay:
    def test_a_loss_at_the_tolerance_is_swallowed_and_one_beyond_is_not(self) -> None:
        ballot = Ballot.of([1, -1, -1], margin=[1.0, -0.5, -0.75])
        assert rules.asean_way(ballot, tolerance=0.75).adopters.all()
        decision = rules.asean_way(ballot, tolerance=0.5)
        assert who(decision.blockers) == [2]

    def test_soft_with_the_chair_statement_either_way(self) -> None:
        for vote in ([1, 1], [1, -1]):
            decision = rules.asean_way(Ballot.of(vote))
            assert decision.is_soft
            assert decision.fallback == "statement"

    def test_what_everybody_objects_to_is_nobodys_consensus(self) -> None:
        ballot = Ballot.of([-1, -1], margin=[-0.1, -0.1])
        assert who(rules.asean_way(ballot, tolerance=5.0).blockers) == [0, 1]

    def test_an_unknown_loss_is_not_swallowed(self) -> None:
        ballot = Ballot.of([1, -1], margin=[1.0, np.nan])
        assert not rules.asean_way(ballot, tolerance=5.0).is_adopted

    def test_a_bad_margin_without_an_objection_does_not_block(self) -> None:
        assert rules.asean_way(Ballot.of([1, 0], margin=[1.0, -9.0])).is_adopted


class TestConferenceConsensus:
    @staticmethod
    def decide(weights: list[float], **given: float) -> bool:
        """Ten of much trade are for it, the others against."""
        votes = [1] * 10 + [-1] * len(weights)
        trade = np.array([10.0] * 10 + weights)
        ballot = Ballot.of(votes, trade_share=trade / trade.sum())
        decision = rules.conference_consensus(ballot, **given)
        assert decision.adopters.all() == decision.is_adopted  # who is gone over is bound
        return bool(decision.is_adopted)

    def test_few_and_small_are_gone_over_but_not_many_or_large(self) -> None:
        assert self.decide([1.0, 1.0, 1.0])
        assert not self.decide([0.1] * 4)
        assert not self.decide([5.0])

    def test_trade_is_counted_together(self) -> None:
        assert self.decide([2.0], trade_share=0.025)
        assert not self.decide([2.0, 2.0], trade_share=0.025)

    def test_with_nobody_to_go_over_it_is_consensus(self) -> None:
        assert not self.decide([0.1], objectors=0, trade_share=1.0)
        assert self.decide([], objectors=0, trade_share=0.0)

    def test_without_known_trade_an_objection_stands(self) -> None:
        ballot = Ballot.of([1, 1, -1], trade_share=[0.0, 0.0, 0.0])
        assert not rules.conference_consensus(ballot).is_adopted

    def test_everybody_cannot_be_gone_over(self) -> None:
        ballot = Ballot.of([-1, -1])
        decision = rules.conference_consensus(ballot, objectors=5, trade_share=1.0)
        assert who(decision.blockers) == [0, 1]


class TestConsensusMinus:
    def test_objectors_stay_out_unless_bound(self) -> None:
        ballot = Ballot.of([1, 0, -1, -1])
        assert who(rules.consensus_minus(ballot, x=1).blockers) == [2, 3]
        assert who(rules.consensus_minus(ballot, x=2).adopters) == [0, 1]
        assert rules.consensus_minus(ballot, x=2, are_objectors_bound=True).adopters.all()

    def test_without_exceptions_it_is_consensus(self) -> None:
        assert not rules.consensus_minus(Ballot.of([1, 1, -1]), x=0).is_adopted

    def test_everybody_cannot_be_overridden(self) -> None:
        for bound in (True, False):
            decision = rules.consensus_minus(council(0, 2), x=5, are_objectors_bound=bound)
            assert not decision.is_adopted


class TestMajorities:
    def test_a_tie_fails_and_one_vote_decides(self) -> None:
        assert not rules.simple_majority(council(2, 2, 5)).is_adopted
        assert rules.simple_majority(council(3, 2, 5)).adopters.all()
        assert not rules.simple_majority(council(0, 0, 5)).is_adopted

    def test_quorum_is_of_approval(self) -> None:
        assert rules.simple_majority(council(3, 1, 6), quorum=0.3).is_adopted
        assert not rules.simple_majority(council(3, 1, 6), quorum=0.31).is_adopted

    def test_two_thirds_exactly_is_enough(self) -> None:
        assert rules.qualified_majority(council(10, 5)).is_adopted
        assert not rules.qualified_majority(council(9, 6)).is_adopted

    def test_abstentions_count_among_members_and_not_among_voting(self) -> None:
        ballot = council(4, 2, 9)
        assert not rules.qualified_majority(ballot).is_adopted
        assert rules.qualified_majority(ballot, of="voting").is_adopted
        assert not rules.qualified_majority(council(0, 0, 3), of="voting").is_adopted

    @pytest.mark.parametrize(("n", "needed"), [(15, 9), (27, 15), (28, 16), (100, 55)])
    def test_decimal_thresholds_are_exact(self, n: int, needed: int) -> None:
        # 9 of 15 in the Security Council (60 %); 55 % of 27, 28 and 100, of which 0.55 * 100 > 55.
        share = 0.6 if n == 15 else 0.55
        for_it = [
            k
            for k in range(n + 1)
            if rules.qualified_majority(council(k, n - k), threshold=share).is_adopted
        ]
        assert min(for_it) == needed

    def test_weights_decide_and_weightless_refusals_are_not_named(self) -> None:
        ballot = Ballot.of([1, 0, -1, -1], weight=[70, 10, 20, 0])
        assert rules.weighted_majority(ballot, threshold=0.7).adopters.all()
        assert who(rules.weighted_majority(ballot, threshold=0.71).blockers) == [1, 2]

    def test_nine_tenths_are_nine_tenths_in_any_unit(self) -> None:
        # 18.9 < 0.9 * (18.9 + 2.1) in floating point.
        ballot = Ballot.of([1, -1], weight=[18.9, 2.1])
        assert rules.weighted_majority(ballot, threshold=0.9).is_adopted

    def test_without_any_weight_only_everybody_carries(self) -> None:
        none = np.zeros(3)
        assert rules.weighted_majority(Ballot.of([1, 1, 1], weight=none)).is_adopted
        assert who(rules.weighted_majority(Ballot.of([1, 1, 0], weight=none)).blockers) == [2]


class TestDoubleMajority:
    people = np.array([80, 70, 60] + [10] * 24)

    def vote(self, refusing: list[int], what: int = -1) -> Ballot:
        votes = np.ones(27, dtype=np.int8)
        votes[refusing] = what
        return Ballot.of(votes, population=self.people)

    def test_three_large_states_do_not_block_and_four_do(self) -> None:
        # 210 of 450 million refuse: 53 % of the people are left.
        assert rules.double_majority(self.vote([0, 1, 2])).is_adopted
        decision = rules.double_majority(self.vote([0, 1, 2, 26]))
        assert who(decision.blockers) == [0, 1, 2, 26]
        assert not rules.double_majority(self.vote([0, 1, 2]), blocking_minority=3).is_adopted

    def test_fifteen_of_twenty_seven(self) -> None:
        small = list(range(15, 27))
        assert rules.double_majority(self.vote(small)).is_adopted
        assert not rules.double_majority(self.vote([14, *small])).is_adopted

    def test_an_abstention_counts_as_a_refusal(self) -> None:
        assert not rules.double_majority(self.vote(list(range(14, 27)), what=0)).is_adopted

    def test_sixty_five_percent_exactly(self) -> None:
        people = [65] + [0] * 4 + [10, 10, 10, 5]
        ballot = Ballot.of([1] * 5 + [-1] * 4, population=people)
        assert rules.double_majority(ballot).is_adopted
        assert not rules.double_majority(ballot, population_share=0.651).is_adopted

    def test_in_a_small_body_the_clause_does_not_carry_on_its_own(self) -> None:
        assert not rules.double_majority(council(1, 2)).is_adopted
        assert not rules.double_majority(council(0, 1)).is_adopted


class TestVetoes:
    holds = np.arange(15) < 5

    def vote(self, vote: list[int]) -> Ballot:
        return Ballot.of(vote, has_veto=self.holds)

    def test_nine_of_fifteen_with_abstaining_veto_holders(self) -> None:
        # Resolution 678 (1990) passed with an abstention of China.
        assert rules.majority_with_vetoes(self.vote([0] * 5 + [1] * 9 + [-1])).is_adopted
        assert not rules.majority_with_vetoes(self.vote([0] * 5 + [1] * 8 + [-1] * 2)).is_adopted

    def test_a_veto_alone_is_named(self) -> None:
        decision = rules.majority_with_vetoes(self.vote([1, -1] + [1] * 12 + [-1]))
        assert who(decision.blockers) == [1]

    def test_without_a_veto_all_who_withhold_are_named(self) -> None:
        decision = rules.majority_with_vetoes(self.vote([1, 0] + [1] * 6 + [-1] * 7))
        assert who(decision.blockers) == [1, *range(8, 15)]

    def test_a_number_replaces_the_share_and_is_capped_by_the_body(self) -> None:
        assert rules.majority_with_vetoes(council(2, 3), number=2).is_adopted
        assert not rules.majority_with_vetoes(council(2, 3), number=3).is_adopted
        assert rules.majority_with_vetoes(council(3), number=9).is_adopted


class TestSingleUndertaking:
    def test_an_objection_to_one_part_stops_all(self) -> None:
        ballot = Ballot.of([1, 1, 1], parts=[[1, 1, 1], [1, 1, -1], [-1, 1, 1]])
        assert who(rules.single_undertaking(ballot).blockers) == [0, 2]

    def test_and_so_does_one_to_the_whole(self) -> None:
        ballot = Ballot.of([1, -1], parts=[[1, 1], [1, 0]])
        assert who(rules.single_undertaking(ballot).blockers) == [1]

    def test_one_part_is_consensus(self) -> None:
        assert rules.single_undertaking(Ballot.of([1, 0])).is_adopted
        assert not rules.single_undertaking(Ballot.of([1, -1])).is_adopted


class TestPartialAdoption:
    def test_without_reassessment_joining_takes_a_signature(self) -> None:
        decision = rules.partial_adoption(Ballot.of([1, 1, 0, -1], margin=[1, 0, 2, -1]))
        assert who(decision.adopters) == [0, 1]
        alone = rules.partial_adoption(Ballot.of([1, -1, 0]))
        assert not alone.is_adopted
        assert who(alone.blockers) == [1, 2]

    def test_one_may_be_a_coalition_if_the_charter_says_so(self) -> None:
        assert rules.partial_adoption(Ballot.of([1, -1]), minimum_members=1).is_adopted
        assert rules.partial_adoption(Ballot.of([1])).is_adopted

    def test_who_votes_against_may_still_join_what_goes_ahead(self) -> None:
        # Party 2 dislikes the agreement more than none, and being left out of it most.
        ballot = Ballot.of(
            [1, 1, -1], margin=[1.0, 1.0, -0.5], reassess=lambda mask: np.array([1.0, 1.0, 0.3])
        )
        assert rules.partial_adoption(ballot).adopters.all()
        assert not rules.consensus(ballot).is_adopted

    def test_an_unravelling_names_who_began_it(self) -> None:
        def chain(mask: np.ndarray) -> np.ndarray:
            return np.array([mask[1] - 0.5, mask[2] - 0.5, mask[3] - 0.5, -1.0])

        decision = rules.partial_adoption(Ballot.of([1, 1, 1, -1], reassess=chain))
        assert not decision.is_adopted
        assert who(decision.blockers) == [3]

    def test_critical_mass_in_members(self) -> None:
        ballot = council(3, 2)
        assert rules.partial_adoption(ballot, critical_mass_members=0.6).is_adopted
        assert not rules.partial_adoption(ballot, critical_mass_members=0.61).is_adopted

    def test_critical_mass_is_in_the_parties_own_trade(self) -> None:
        # The parties are a fifth of the world; those who join are nine tenths of that fifth.
        ballot = Ballot.of([1, 1, -1], trade_share=[0.10, 0.08, 0.02])
        assert rules.partial_adoption(ballot, critical_mass_trade=0.9).is_adopted
        decision = rules.partial_adoption(ballot, critical_mass_trade=0.91)
        assert who(decision.blockers) == [2]

    def test_no_critical_mass_is_asked_for_by_default(self) -> None:
        ballot = Ballot.of([1, 1, -1], trade_share=[0.0, 0.0, 0.3])
        assert who(rules.partial_adoption(ballot).adopters) == [0, 1]

    def test_the_way_of_withdrawal_is_passed_on(self) -> None:
        def crowd(mask: np.ndarray) -> np.ndarray:
            return np.array([0.4, 0.3, 0.2]) - 0.25 * (mask.sum() - 1)

        ballot = Ballot.of([1, 1, 1], reassess=crowd)
        assert who(rules.partial_adoption(ballot).adopters) == [0, 1]
        assert not rules.partial_adoption(ballot, withdrawal="all").is_adopted


class TestEnhancedCooperation:
    def test_only_as_a_last_resort_and_only_enough_of_them(self) -> None:
        assert not rules.enhanced_cooperation(council(26, 1)).is_adopted
        late = rules.enhanced_cooperation(council(9, 10, 8, is_last_resort=True))
        assert who(late.adopters) == list(range(9))
        few = rules.enhanced_cooperation(council(8, 11, 8, is_last_resort=True))
        assert who(few.blockers) == list(range(8, 27))

    def test_all_together_need_no_last_resort(self) -> None:
        assert rules.enhanced_cooperation(council(4)).adopters.all()

    def test_acceptors_are_asked_again_about_going_alone(self) -> None:
        margin = np.ones(12)
        margin[0] = -1.0
        ballot = council(10, 2, is_last_resort=True, reassess=lambda mask: margin)
        assert who(rules.enhanced_cooperation(ballot).adopters) == list(range(1, 10))
        decision = rules.enhanced_cooperation(ballot, minimum_members=10)
        assert who(decision.blockers) == [0, 10, 11]


@pytest.mark.parametrize("name", list(DECISION_RULES))
def test_rules_are_cheap(name: str) -> None:
    """A chair tries many proposals; a bound far above the time they take, against loops."""
    import timeit

    ballot = council(150, 10, 4)
    rule = DECISION_RULES.bind(name, {})
    best = min(timeit.repeat(lambda: rule(ballot), number=50, repeat=5)) / 50
    assert best < 200e-6
