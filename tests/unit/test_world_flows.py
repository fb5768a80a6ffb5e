"""Published flows and the estimate of the rest, on small worlds."""

from __future__ import annotations

import numpy as np
import pytest

from sim.errors import DataError
from sim.world.flows import THRESHOLD, KnownFlows, completed, known_flows
from sim.world.tables import parse_table
from sim.world.trade import within_ceilings

PATTERN = np.ones((4, 4)) - np.eye(4)
EXPORTS, IMPORTS = np.array([10.0, 5, 0.03, 2]), np.array([6.0, 9, 0.04, 1])


def _known(outside: bool = True) -> KnownFlows:
    """Two large states and a small one that the source covers, and a fourth that it does not."""
    flows = np.zeros((4, 4))
    flows[0, 1], flows[1, 0] = 9.0, 4.98
    is_known = flows > 0
    if outside:
        flows[3, 0], is_known[3, 0] = 1.5, True
    return KnownFlows(flows, is_known, np.array([True, True, True, False]))


def test_what_is_published_stands_and_the_rest_is_below_the_threshold():
    known = _known()
    flows = completed(known, (EXPORTS, IMPORTS), PATTERN)
    assert (flows[known.is_known] == known.flows[known.is_known]).all()
    assert known.is_small.sum() == 4
    assert (flows[known.is_small] <= THRESHOLD).all()
    assert flows[2, 0] == pytest.approx(0.03)
    assert flows[2, 1] == 0  # what it imports is published
    assert flows[:2, 2].sum() == pytest.approx(0.04)


def test_trade_with_states_outside_the_source_comes_on_top():
    """Their totals are met; those of their partners, which do not contain it, are exceeded."""
    flows = completed(_known(), (EXPORTS, IMPORTS), PATTERN)
    assert flows[3].sum() == pytest.approx(2)
    assert flows[:, 3].sum() == pytest.approx(1)
    assert flows[3, 1] == flows[3, 2] == 0.25
    assert flows[:, 0].sum() == pytest.approx(4.98 + 0.03 + 1.5)


def test_the_pattern_shapes_unknown_pairs_alone():
    near = PATTERN.copy()
    near[3, 1], near[0, 1] = 3.0, 7.0
    one, other = (completed(_known(), (EXPORTS, IMPORTS), p) for p in (PATTERN, near))
    assert other[3, 1] > one[3, 1]
    assert other[0, 1] == one[0, 1]


def test_more_published_than_recorded_is_kept():
    known = _known()
    flows = completed(known, (0.1 * EXPORTS, 0.1 * IMPORTS), PATTERN)
    assert (flows[known.is_known] == known.flows[known.is_known]).all()
    assert not flows[known.is_small].any()


def test_a_zero_can_be_published():
    known = _known()
    barred = known.is_known.copy()
    barred[3, 2] = True
    flows = completed(
        KnownFlows(known.flows, barred, known.is_covered), (EXPORTS, IMPORTS), PATTERN
    )
    assert flows[3, 2] == 0
    assert flows[3].sum() == pytest.approx(2)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"FRA,DEX,5", "line 2: unknown state 'DEX'.*'DEU'"),
        (b"FRA,DEU,much", "line 2: column musd"),
    ],
)
def test_a_bad_cell_is_named(line, message):
    head = b"exporter,importer,musd\n"
    good = parse_table("o.csv", head, ["musd"])
    with pytest.raises(DataError, match=message):
        known_flows(parse_table("f.csv", head + line, ["musd"]), good, {"DEU": 0, "FRA": 1})


def test_a_cut_may_push_a_partner_over_its_ceiling():
    """The port's imports are its neighbour's exports."""
    flows = np.array([[0.0, 0.1, 0], [9, 0, 1], [0, 15, 0]])
    ceilings = {"export_ceiling": 1.0, "deficit_ceiling": 0.5}
    gdp = np.array([1.0, 20, 100])
    sane, is_capped = within_ceilings(flows, gdp, ceilings)
    assert is_capped.tolist() == [True, True, False]
    deficit = sane.sum(axis=0) - sane.sum(axis=1)
    assert (deficit <= 0.5 * gdp * (1 + 1e-9)).all()
