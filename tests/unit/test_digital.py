"""Digital rules: who trades cheaper by whose text, and what that is worth to whom."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sim.agreements import VERSIONS, Commitment, Interoperability, accumulate
from sim.dataset import parquet_bytes
from sim.economy import committed_outlook, committed_terms
from sim.economy.digital import DigitalRules
from sim.engine import simulate
from sim.errors import ConfigError
from sim.issues import areas
from sim.issues.digital import LETS_DATA_GO
from sim.issues.menu import Deal
from sim.kernels.interoperability import bind, interoperable_cut
from sim.load import scenario_from
from sim.model import initial_state
from sim.setting import Setting
from sim.state import State

DIGITAL = areas()["digital"]
LEVELS = arrays(np.float64, (2, 4), elements=st.floats(0, 0.2))
SHARES = st.floats(0, 1)


@pytest.fixture
def start(setting: Setting) -> tuple[Setting, State]:
    return setting, initial_state(setting)


def rule(setting: Setting, codes: str, version: str = "open", share: float = 0.02) -> Commitment:
    return Commitment((Interoperability(version, share),), setting.axes.mask(codes.split()))


def gains(setting: Setting, state: State, *changes: Commitment) -> np.ndarray:
    return committed_outlook(setting, state).gains(changes)


class TestKernel:
    @given(LEVELS, SHARES, SHARES)
    def test_it_is_symmetric_and_within_the_lower_of_two_levels(self, levels, same, other):
        held = np.stack([bind(np.zeros((4, 4)), level) for level in levels])
        cut = interoperable_cut(held, same, other)
        most = levels.max(axis=0)
        assert np.array_equal(cut, cut.T)
        assert not cut.diagonal().any()
        assert (cut <= np.minimum.outer(most, most) + 1e-15).all()

    @given(LEVELS, LEVELS)
    def test_one_more_text_never_takes_anything_away(self, first, second):
        before = np.stack([bind(np.zeros((4, 4)), level) for level in first])
        after = np.stack([bind(held, level) for held, level in zip(before, second, strict=True)])
        assert (interoperable_cut(after, 0.5, 0.1) >= interoperable_cut(before, 0.5, 0.1)).all()

    def test_an_unknown_version_is_refused_with_the_nearest(self):
        with pytest.raises(ConfigError, match=r"'opn'.*'open'"):
            Interoperability("opn", 0.1)


def test_what_is_in_force_on_the_first_day_is_in_the_data(start) -> None:
    setting, state = start
    assert sum(one.area == "digital" for one in state.agreements) >= 7
    rules = committed_terms(setting, state).digital
    assert rules is not None
    assert rules.held.any()
    assert rules.is_as_before
    assert (rules.ratio == 1.0).all()


def test_the_same_text_again_is_worth_nothing_and_a_deeper_one_the_rest(start) -> None:
    setting, state = start
    same, deeper = (rule(setting, "CAN USA MEX", share=share) for share in (0.012, 0.02))
    found = gains(setting, state, same, deeper)
    assert not found[0].any()
    assert (found[1][deeper.inside] > 0).all()


def test_a_larger_network_is_worth_more_to_each_and_nothing_says_so(start) -> None:
    """The externality follows from trade: the effect itself knows no numbers."""
    setting, state = start
    small, large = rule(setting, "BRA ARG"), rule(setting, "BRA ARG IND ZAF TUR EGY")
    few, many = gains(setting, state, small, large)
    assert (many[small.inside] > few[small.inside]).all()
    assert small.effects == large.effects


@pytest.mark.parametrize(("share", "gain"), [(0.0, False), (1.0, True)])
def test_who_has_the_version_gains_when_others_take_it_up(setting_of, share, gain) -> None:
    shares = f"parameters.digital_same_version={share}", "parameters.digital_other_version=0"
    setting = setting_of("baseline", 1, *shares)
    state = initial_state(setting)
    (found,) = gains(setting, state, rule(setting, "BRA ARG"))
    chile = setting.axes.state("CHL")  # bound by the open rules of three texts
    assert (found[chile] > 1e-4) == gain
    assert found[setting.axes.state("NGA")] < 1e-4  # bound by none


def test_a_rule_that_cannot_be_enforced_does_as_much_as_a_soft_one(start) -> None:
    setting, state = start
    texts = [(0.0, False), (1.0, True), (1.0, False)]
    does = []
    for stringency, soft in texts:
        text = DIGITAL.propose({"interoperability": 1.0, "stringency": stringency}, is_soft=soft)
        (effect,) = DIGITAL.effects(setting, state, "open", text, DIGITAL.scale(setting, text))
        does.append(effect.share)
    assert does[0] == does[1] == setting["soft_effect"] * setting["digital_cut"]
    assert does[2] == setting["digital_cut"]


@pytest.mark.parametrize("version", VERSIONS)
def test_red_lines_on_data_are_crossed_by_texts_that_let_data_go(version, start) -> None:
    setting, state = start
    size = len(setting.axes.states)
    text = DIGITAL.propose({"interoperability": 1.0, "stringency": 1.0})
    (effect,) = DIGITAL.effects(setting, state, version, text, 1.0)
    partners = ~np.eye(size, dtype=bool)
    deal = Deal("X", "x", version, 2024, committed_terms(setting, state), partners)
    offered = [text], [Commitment((effect,), np.ones(size, dtype=bool))]
    value = DIGITAL.valued(setting, 0, deal, offered, np.zeros((1, size)))
    assert bool(value.red_lines.any()) == (version in LETS_DATA_GO)
    assert (value.parts["sovereignty"] < 0).all()


def test_principles_are_soft_whoever_adopts_them(start) -> None:
    assert DIGITAL.forms("principles") == ("soft",)
    assert DIGITAL.forms("open") == ("binding", "soft")


def test_without_the_switch_nothing_is_left_of_them(composed) -> None:
    """The same bytes as in a world whose charters have never heard of digital rules."""
    mapping = composed("baseline", quarters=6)
    kept = ("MERCOSUR", "PACIFIC_ALLIANCE")
    mapping["organisation"] = {code: mapping["organisation"][code] for code in kept}
    off = {**mapping, "switches": {**mapping["switches"], "digital_rules": False}}
    without = {
        code: {
            **charter,
            **{
                key: {n: one for n, one in charter[key].items() if one.get("area") != "digital"}
                for key in ("docket", "agreements")
                if charter.get(key)
            },
        }
        for code, charter in mapping["organisation"].items()
    }
    one, other, on = (
        simulate(scenario_from(each), 1).tables()
        for each in (off, {**mapping, "organisation": without}, mapping)
    )
    for name in one:
        assert parquet_bytes(one[name]) == parquet_bytes(other[name]), name
    assert on["agreements"].num_rows > one["agreements"].num_rows


def test_a_run_counts_them(run_of, only) -> None:
    summary = run_of("baseline", 1, *only("DEPA"), "quarters=2")["summary"].to_pandas()
    assert summary["digital_states"].tolist() == [3, 3]
    assert 0 < summary["digital_cut"].iloc[0] < summary["digital_trade"].iloc[0] < 1


def _slow_cut(held: np.ndarray, same: float, other: float) -> np.ndarray:
    """What the three ways give a pair, looked at pair by pair."""
    versions, size = len(held), held.shape[1]
    cut = np.zeros((size, size))
    for i, j in np.argwhere(~np.eye(size, dtype=bool)):
        ways = [held[v, i, j] for v in range(versions)]
        ways += [same * min(held[v, i, i], held[v, j, j]) for v in range(versions)]
        ways.append(other * min(held[:, i, i].max(), held[:, j, j].max()))
        cut[i, j] = max(ways)
    return cut


@pytest.mark.parametrize("bound", [0, 3, 9])
@pytest.mark.parametrize("shares", [(0.5, 0.25), (0.0, 0.3), (0.6, 0.0), (0.0, 0.0)])
def test_the_cut_of_each_pair_is_the_most_of_three_ways(bound: int, shares) -> None:
    """Also of pairs within one side, who hold nothing by a text that binds both."""
    draw = np.random.default_rng(bound)
    held = np.zeros((3, 9, 9))
    for version in range(3):
        level = np.where(draw.permutation(9) < bound, draw.uniform(0.01, 0.03, 9), 0.0)
        held[version] = np.minimum.outer(level, level)
    held[0, 1, 1] = 0.0
    assert np.array_equal(interoperable_cut(held, *shares), _slow_cut(held, *shares))


@pytest.mark.parametrize("inside", [(0, 1), (2, 5, 7), tuple(range(9))])
def test_a_text_more_leaves_the_same_rules_as_all_texts_at_once(inside: tuple[int, ...]) -> None:
    """What it changes is worked out for the pairs of those whom it binds alone."""
    bound = np.isin(np.arange(9), inside)
    first = Commitment((Interoperability("open", 0.02),), np.arange(9) % 2 == 0)
    more = Commitment((Interoperability("control", 0.03), Interoperability("open", 0.01)), bound)
    start, across = np.zeros((9, 9)), (0.5, 0.25)
    held = accumulate(Interoperability, [first], size=9)
    after = DigitalRules.of(held, start, across).after(more)
    both = DigitalRules.of(accumulate(Interoperability, [first, more], size=9), start, across)
    assert np.array_equal(after.ratio, both.ratio)
    assert not np.array_equal(after.ratio, DigitalRules.of(held, start, across).ratio)
